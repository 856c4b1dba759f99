"""Steps without sugar: what evaluators that translate a program, rather than walk it, begin with."""

from attrs import evolve

from scorecore.language.build import round_quantity
from scorecore.language.expressions import Expression
from scorecore.language.sugar import desugar
from scorecore.program.steps import Account, AnyStep, EntryRule, Step


def desugar_step(step: AnyStep) -> AnyStep:
    """The same step, in the core language."""
    match step:
        case Step(expression=expression):
            return evolve(step, expression=desugar(expression))
        case Account(opening=opening, entries=entries):
            return evolve(step, opening=desugar(opening), entries=tuple(map(_desugar_rule, entries)))
    return step


def _desugar_rule(rule: EntryRule) -> EntryRule:
    def core(expression: Expression | None) -> Expression | None:
        return None if expression is None else desugar(expression)

    quantity = None if rule.quantity is None else round_quantity(desugar(rule.quantity))
    return evolve(rule, points=core(rule.points), to=core(rule.to), when=core(rule.when), quantity=quantity)
