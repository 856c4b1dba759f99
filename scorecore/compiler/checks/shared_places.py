"""Ranks that are compared with a number of places, in groups in which equals share a place."""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from scorecore.compiler.checks.guarded_walk import Steps
from scorecore.language.expressions import Apply, Expression, GroupValue, Read, Widened, walk
from scorecore.language.groups import GroupFold
from scorecore.policy import model as policy
from scorecore.program.steps import step_expressions
from scorecore.values.step_id import StepId

_OVERRUN_AT_THE_TOP: Final = frozenset({"first", "dense", "mean"})
_OVERRUN_AT_THE_BOTTOM: Final = frozenset({"last", "mean"})
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


@frozen
class SharedPlaces:
    """A comparison that more people can meet than there are places."""

    comparison: Expression
    group: str
    ties: str
    better: str
    """How ties are ranked so that there are never too many."""


def find_shared_places(declared: policy.Policy, steps: Steps) -> Iterator[SharedPlaces]:
    for step in steps.values():
        for expression in step_expressions(step):
            for part in walk(expression):
                yield from _find(part, declared, steps)


def _find(part: Expression, declared: policy.Policy, steps: Steps) -> Iterator[SharedPlaces]:
    match part:
        case Apply(operator=operator, operands=(left, right)) if operator in _MIRRORED:
            pass
        case _:
            return
    for rank, places, sign in ((left, right, operator), (right, left, _MIRRORED[operator])):
        group = _ranked_group(rank, steps)
        ties = declared.groups[group].ties if group in declared.groups else None
        if not group or not ties or _ranked_group(places, steps):
            continue
        if sign in {"<", "<=", "=="} and ties in _OVERRUN_AT_THE_TOP:
            yield SharedPlaces(part, group, ties, "last")
        elif sign in {">", ">="} and ties in _OVERRUN_AT_THE_BOTTOM and _counts_members(places, steps):
            yield SharedPlaces(part, group, ties, "first")


def _ranked_group(expression: Expression, steps: Steps) -> str:
    """The group in which an expression is a rank, itself or by its name; empty if it is none."""
    match _without_name(expression, steps):
        case GroupValue(function=GroupFold.RANK.value, group=group):
            return group
    return ""


def _counts_members(expression: Expression, steps: Steps) -> bool:
    """Whether a number is counted back from the size of a group: the last places."""
    counts = (GroupFold.COUNT.value, GroupFold.SUM.value)
    return any(
        isinstance(part, GroupValue) and part.function in counts for part in walk(_without_name(expression, steps))
    )


def _without_name(expression: Expression, steps: Steps) -> Expression:
    """What a named value is, instead of its name."""
    match expression:
        case Widened(operand=operand):
            return _without_name(operand, steps)
        case Read(name=StepId(section="values") as name) if name in steps:
            return next(step_expressions(steps[name]))
    return expression
