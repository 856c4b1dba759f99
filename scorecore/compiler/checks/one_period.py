"""What is asked of the current period alone, beside a row of periods of which it may be meant to hold in each."""

from collections.abc import Iterator

from scorecore.compiler.checks.guarded_walk import Steps
from scorecore.language.expressions import Apply, Expression, Read, Streak, walk
from scorecore.program.schema import Schema
from scorecore.program.steps import step_expressions


def find_asked_once(schema: Schema, steps: Steps) -> Iterator[Read]:
    """Facts of the subject that are joined to a condition on a streak with `&&`, as in `normal && streak(…) >= 3`.

    Only a fact that is true or false is noted, and only one that may differ from period to period: `fixed` says that it
    does not.
    """
    facts = {column.name for column in schema.columns if not column.fixed}
    for step in steps.values():
        for expression in step_expressions(step):
            operands = list(_list_joined(expression))
            if any(isinstance(part, Streak) for operand in operands for part in walk(operand)):
                yield from (fact for operand in operands for fact in _find_fact(operand, facts))


def _list_joined(expression: Expression) -> Iterator[Expression]:
    """The conditions that all have to hold."""
    match expression:
        case Apply(operator="and", operands=operands):
            for operand in operands:
                yield from _list_joined(operand)
        case _:
            yield expression


def _find_fact(operand: Expression, facts: set[str]) -> Iterator[Read]:
    match operand:
        case Read(name=name) if name in facts:
            yield operand
        case Apply(operator="not", operands=(Read(name=name) as negated,)) if name in facts:
            yield negated
        case _:
            return
