"""What a subject can be asked about that it did not get: a grade, a pay line, an action."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from attrs import field, frozen

from scorecore.diagnostics.suggest import suggest
from scorecore.language.expressions import (
    AppliesIf,
    Apply,
    Choice,
    Expression,
    Ladder,
    Read,
    RowsValue,
    Streak,
    subexpressions,
)
from scorecore.language.sugar import rung_condition
from scorecore.program.model import Program
from scorecore.program.steps import Step
from scorecore.values.step_id import GRADE
from scorecore.values.types import Value

Condition = tuple[Expression, bool]
"""A condition, and whether it must be true or false."""


@frozen
class Goal:
    """Something that a decision may have: a grade, a pay line, an action."""

    name: str
    """`grade.A`, `pay.bonus`, `actions.promote`."""
    id: str
    """The name without its section."""
    label: str
    step: str
    conditions: tuple[Condition, ...] = field(eq=False, repr=False)
    """What must hold."""
    has: Callable[[Value], bool] = field(eq=False, repr=False)
    """Whether a value of the step is what is meant."""


def list_goals(program: Program) -> list[Goal]:
    """Everything that can be asked for, in the order of the decision."""
    return [*_list_grades(program), *_list_lines(program), *_list_actions(program)]


def find_goal(program: Program, text: str) -> Goal | dict[str, str]:
    """What a person means by a name, an id or a label; else the nearest name, if there is one."""
    goals = list_goals(program)
    words = [(goal.name, goal.id, goal.label) for goal in goals]
    for names in zip(*words, strict=True):
        if text in names:
            return goals[names.index(text)]
    return suggest(text, [word for names in words for word in names if word])


def _step(program: Program, name: str) -> Step:
    step = program.step(name)
    assert isinstance(step, Step)  # noqa: S101  grades, pay lines and actions are
    return step


def _list_grades(program: Program) -> Iterator[Goal]:
    """A grade is reached with a better one too: one that precedes it, and asks for a total."""
    if not program.has_step(GRADE):
        return
    ladder = _step(program, GRADE).expression
    assert isinstance(ladder, Ladder)  # noqa: S101  so the compiler makes it
    conditions = [rung_condition(ladder.total, rung) for rung in ladder.rungs]
    for grade in {grade.id: grade for grade in program.grades}.values():
        last = max(number for number, rung in enumerate(ladder.rungs) if rung.grade == grade.id)
        above = list(zip(conditions[:last], ladder.rungs[:last], strict=True))
        better = {rung.grade for _, rung in above if rung.least is not None}
        unwanted = [(condition, False) for condition, rung in above if condition and rung.grade not in better]
        needed = [
            (condition, True)
            for condition, rung in zip(conditions, ladder.rungs, strict=True)
            if condition and rung.grade == grade.id
        ]
        enough = frozenset({grade.id, *better})
        name = f"{GRADE}.{grade.id}"
        yield Goal(name, grade.id, grade.label, GRADE, (*unwanted, *needed), enough.__contains__)


def _list_lines(program: Program) -> Iterator[Goal]:
    for line in program.pay:
        step = _step(program, line.step)
        needed = [_step(program, line.applies).expression] if line.applies else []
        needed += [condition for condition in _list_conditions(step.expression) if not isinstance(condition, Read)]
        conditions = tuple((condition, True) for condition in needed)
        yield Goal(line.step, step.name.name, step.label, line.step, conditions, _is_positive)


def _is_positive(amount: Value) -> bool:
    return isinstance(amount, int | Decimal) and amount > 0


def _list_conditions(expression: Expression) -> Iterator[Expression]:
    """The conditions that an amount depends on; what is asked of single events or past periods is not among them."""
    match expression:
        case Apply(operator="if", operands=(condition, *_)):
            yield condition
        case Streak(now=condition):
            yield condition
            yield from _list_conditions(condition)
            return
        case Choice(exceptions=exceptions):
            yield from (exception.when for exception in exceptions)
        case AppliesIf(value=value):
            yield from _list_conditions(value)
            return
    for part in () if isinstance(expression, RowsValue) else subexpressions(expression):
        yield from _list_conditions(part)


def _list_actions(program: Program) -> Iterator[Goal]:
    for action in program.actions:
        step = _step(program, action.step)
        label = step.label or action.reason
        yield Goal(action.step, step.name.name, label, action.step, ((step.expression, True),), _is_true)


def _is_true(proposed: Value) -> bool:
    return proposed is True
