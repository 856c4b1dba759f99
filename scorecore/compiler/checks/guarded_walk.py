"""Every part of an expression with the conditions under which it matters."""

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from scorecore.language.expressions import (
    Apply,
    EventFold,
    Expression,
    Read,
    subexpressions,
)
from scorecore.language.sugar import desugar
from scorecore.program.steps import Account, AnyStep, GroupStep, Step
from scorecore.values.step_id import StepId
from scorecore.values.types import TypeKind

Steps = Mapping[StepId, AnyStep]


@frozen
class Guard:
    """A condition, and whether it holds where a part matters."""

    condition: Expression
    is_true: bool


@frozen
class GuardedPart:
    part: Expression
    guards: tuple[Guard, ...]
    is_negated: bool
    """Whether it is inside an odd number of negations."""


_OUTCOMES: Final = {"and": True, "or": False}
"""What the other side of an operator has to be, so that a side matters."""


def walk_guarded(
    expression: Expression, guards: tuple[Guard, ...] = (), *, is_negated: bool = False
) -> Iterator[GuardedPart]:
    """An expression without sugar and all that it is made of, outside first."""
    yield GuardedPart(expression, guards, is_negated)
    match expression:
        case Apply(operator="if", operands=(condition, then, otherwise)):
            yield from walk_guarded(condition, guards)
            yield from walk_guarded(then, (*guards, Guard(condition, is_true=True)), is_negated=is_negated)
            yield from walk_guarded(otherwise, (*guards, Guard(condition, is_true=False)), is_negated=is_negated)
        case Apply(operator="and" | "or" as operator, operands=(left, right)):
            for side, opposite in ((left, right), (right, left)):
                guard = Guard(opposite, is_true=_OUTCOMES[operator])
                yield from walk_guarded(side, (*guards, guard), is_negated=is_negated)
        case Apply(operator="not", operands=(operand,)):
            yield from walk_guarded(operand, guards, is_negated=not is_negated)
        case Apply(operator="require", operands=(condition, value)):
            yield from walk_guarded(condition, guards)
            yield from walk_guarded(value, (*guards, Guard(condition, is_true=True)), is_negated=is_negated)
        case EventFold(where=Expression() as where):
            yield from walk_guarded(where, guards)
            for body in subexpressions(expression):
                if body is not where:
                    yield from walk_guarded(body, (*guards, Guard(where, is_true=True)))
        case _:
            for part in subexpressions(expression):
                yield from walk_guarded(part, guards)


def walk_step(step: AnyStep) -> Iterator[GuardedPart]:
    """Every part of what a step evaluates; the points of an entry matter where its condition holds."""
    match step:
        case Step():
            yield from walk_guarded(desugar(step.expression))
        case Account():
            yield from walk_guarded(desugar(step.opening))
            for rule in step.entries:
                when = None if rule.when is None else desugar(rule.when)
                guards = () if when is None else (Guard(when, is_true=True),)
                yield from walk_guarded(when) if when is not None else ()
                for part in (rule.quantity, rule.points, rule.to):
                    yield from walk_guarded(desugar(part), guards) if part is not None else ()
        case GroupStep():
            return


def open_guards(guards: tuple[Guard, ...], steps: Steps) -> Iterator[Guard]:
    """The single conditions that guards amount to, named ones opened up."""
    for guard in guards:
        yield from _open(guard, steps)


def _open(guard: Guard, steps: Steps) -> Iterator[Guard]:
    match guard.condition:
        case Apply(operator="and" | "or" as operator, operands=operands) if _OUTCOMES[operator] is guard.is_true:
            for operand in operands:
                yield from _open(Guard(operand, guard.is_true), steps)
        case Apply(operator="not", operands=(operand,)):
            yield from _open(Guard(operand, not guard.is_true), steps)
        case Read(name=StepId() as name) if (
            isinstance(step := steps.get(name), Step) and step.type.kind is TypeKind.BOOL
        ):
            yield from _open(Guard(desugar(step.expression), guard.is_true), steps)
        case _:
            yield guard
