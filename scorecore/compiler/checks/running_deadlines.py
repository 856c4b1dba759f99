"""Conditions that take what is still running for missed: `!has(done) || done > due`, before `due` has passed."""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from scorecore.compiler.checks.guarded_walk import Guard, GuardedPart, Steps, open_guards, walk_step
from scorecore.language.expressions import Apply, Constant, Expression, Field, Has, Read, walk
from scorecore.language.printer import print_formula
from scorecore.program.schema import Schema
from scorecore.program.steps import Step, step_expressions
from scorecore.values.step_id import StepId
from scorecore.values.types import BOOL, DATE, Type, TypeKind

_PERIOD: Final = "period."
_MOMENTS: Final = frozenset({TypeKind.DATE, TypeKind.TIMESTAMP})
_SPANS: Final = frozenset(
    {"days", "hours_between", "minutes_between", "months_between", "workdays", "workhours", "workminutes"}
)
"""What grows with its second operand, and shrinks with its first."""


@frozen
class RunningDeadline:
    """A condition that holds while something has not been done, although it may still be done in time."""

    has: Has
    due: Expression | None
    """The deadline, where it is by itself in the comparison."""
    is_written: bool
    """Whether `!has(done)` is there in just these words."""

    @property
    def done(self) -> str:
        return print_formula(self.has.operand)

    @property
    def passed(self) -> str:
        """Whether the deadline has passed, as a policy asks it; empty where it is not by itself."""
        match self.due:
            case None:
                return ""
            case Apply(operator="at", operands=(day,)):
                return f"{print_formula(day)} < period.end"
            case Expression(type=Type(kind=TypeKind.TIMESTAMP)):
                return f"date({print_formula(self.due)}) < period.end"
        return f"{print_formula(self.due)} < period.end"


def find_running_deadlines(schema: Schema, steps: Steps) -> Iterator[RunningDeadline]:
    """Every such condition; none where the deadline is compared with the period, or lies in it."""
    search = _Search(schema, steps)
    for name, step in steps.items():
        if not any(isinstance(part, Has) for expression in step_expressions(step) for part in walk(expression)):
            continue
        inner: list[Expression] = []  # the alternatives of what has been looked at as a whole
        for guarded in walk_step(step):
            if any(part is guarded.part for part in inner):
                continue
            inner += _list_links(guarded.part, is_negated=guarded.is_negated)
            for deadline in search.find(guarded):
                if not search.is_used_after(name, deadline):
                    yield deadline


@frozen
class _Search:
    schema: Schema
    steps: Steps

    def find(self, guarded: GuardedPart) -> Iterator[RunningDeadline]:
        """What a condition asks that holds while one of its alternatives, `!has(done)`, does."""
        alternatives = list(_list_alternatives(guarded.part, is_negated=guarded.is_negated))
        for alternative in alternatives if len(alternatives) > 1 else ():
            has = alternative.condition
            if not isinstance(has, Has) or alternative.is_true or has.operand.type.kind not in _MOMENTS:
                continue
            late = [late for other in alternatives for late in _find_late(other, has.operand)]
            guards = list(open_guards(guarded.guards, self.steps))
            if late and not any(self.is_over(comparison, guards) for comparison in late):
                is_written = any(_is_negation_of(has, part) for part in walk(guarded.part))
                yield RunningDeadline(has, late[0].due, is_written)

    def is_over(self, late: "_Late", guards: list[Guard]) -> bool:
        """Whether a deadline has passed by the end of the period wherever the condition matters."""
        if self.lies_in_period(late.due) or self.lies_in_period(late.limit):
            return True
        if any(guard.is_true and guard.condition == _has(late.due) for guard in guards):
            return True  # what was to be done on the day of something that has happened
        due_reads = _reads(late.comparison) - _reads(late.done)
        return any(
            self.reads_period(guard.condition) and due_reads & _reads(guard.condition)
            for guard in guards
            if isinstance(guard.condition, Apply)
        )

    def lies_in_period(self, due: Expression | None) -> bool:
        """Whether a deadline comes from the period itself, or is the day that puts its event into the period."""
        if due is None:
            return False
        match due:
            case Field(table=table, name=name):
                return any(events.name == table and events.dated_by == name for events in self.schema.events)
            case Apply(operator="at" | "date", operands=operands):
                return self.lies_in_period(operands[0])
            case Apply(operator="add_days" | "add_workdays", operands=(day, Constant(value=int(count)))) if count <= 0:
                return self.lies_in_period(day)
        return self.reads_period(due)

    def reads_period(self, expression: Expression) -> bool:
        """Whether an expression reads the period, itself or through named values."""
        return any(
            part.name.startswith(_PERIOD) or self.step_reads_period(part.name)
            for part in walk(expression)
            if isinstance(part, Read)
        )

    def step_reads_period(self, name: str) -> bool:
        step = self.steps.get(name) if isinstance(name, StepId) else None
        return isinstance(step, Step) and self.reads_period(step.expression)

    def is_used_after(self, name: StepId, deadline: RunningDeadline) -> bool:
        """Whether a named condition is read only where its deadline is compared with the period as well."""
        if name.section != "values" or deadline.due is None:
            return False
        uses = [
            list(open_guards(guarded.guards, self.steps))
            for step in self.steps.values()
            for guarded in walk_step(step)
            if isinstance(guarded.part, Read) and guarded.part.name == name
        ]
        late = _Late(deadline.due, deadline.due, None, deadline.has.operand)
        return bool(uses) and all(self.is_over(late, guards) for guards in uses)


@frozen
class _Late:
    """A comparison that says that something was done too late."""

    comparison: Expression
    due: Expression | None
    """What it was compared with, where that is a day or a moment."""
    limit: Expression | None
    """Where it is a span, the day that ends the span."""
    done: Expression


def _list_alternatives(condition: Expression, *, is_negated: bool) -> Iterator[Guard]:
    """The conditions of which one is enough."""
    match condition:
        case Apply(operator="not", operands=(operand,)):
            yield from _list_alternatives(operand, is_negated=not is_negated)
        case Apply(operator="or" | "and" as operator, operands=operands) if (operator == "and") is is_negated:
            for operand in operands:
                yield from _list_alternatives(operand, is_negated=is_negated)
        case Apply(operator="if", operands=(Has() as has, late, Constant(value=bool(otherwise)))) if (
            otherwise is not is_negated
        ):
            yield Guard(has, is_true=False)
            yield from _list_alternatives(late, is_negated=is_negated)
        case _:
            yield Guard(condition, is_true=not is_negated)


_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _find_late(alternative: Guard, done: Expression) -> Iterator[_Late]:
    """The comparisons in an alternative that hold the sooner, the later something is done."""
    for part in walk(alternative.condition):
        match part:
            case Apply(operator=operator, operands=(left, right)) if operator in _OPPOSITE:
                pass
            case _:
                continue
        is_greater = (operator if alternative.is_true else _OPPOSITE[operator]) in {">", ">="}
        larger, smaller = (left, right) if is_greater else (right, left)
        if _growth(larger, done) > 0 or _growth(smaller, done) < 0:
            due = smaller if larger in {done, _day_of(done)} else None
            yield _Late(part, due, None if due is not None else _find_limit(part, done), done)


def _is_negation_of(has: Has, part: Expression) -> bool:
    return isinstance(part, Apply) and part.operator == "not" and part.operands[0] is has


def _day_of(done: Expression) -> Expression:
    return Apply(DATE, done.place, "date", (done,))


def _find_limit(comparison: Expression, done: Expression) -> Expression | None:
    """The day before which, by some span, something was to be done: `b` of `days(done, b) < 14`."""
    for part in walk(comparison):
        if isinstance(part, Apply) and part.operator in _SPANS and part.operands[0] == done:
            return part.operands[1]
    return None


def _growth(expression: Expression, done: Expression) -> int:
    """1 where a value grows with the day on which something is done, -1 where it shrinks, 0 where it does neither."""
    if expression == done:
        return 1
    match expression:
        case Apply(operator=operator, operands=(first, second, *_)) if operator in _SPANS or operator == "-":
            sign = -1 if operator == "-" else 1
            return (_growth(second, done) - _growth(first, done)) * sign
        case Apply(operands=(first, *_)):
            return _growth(first, done)
    return 0


def _list_links(condition: Expression, *, is_negated: bool) -> Iterator[Expression]:
    """The parts of a condition that are looked at together with it: it lists their alternatives as its own."""
    match condition:
        case Apply(operator="not", operands=operands):
            is_negated = not is_negated
        case Apply(operator="or" | "and" as operator, operands=operands) if (operator == "and") is is_negated:
            pass
        case _:
            return
    for operand in operands:
        yield operand
        yield from _list_links(operand, is_negated=is_negated)


def _has(value: Expression | None) -> Has | None:
    return Has(BOOL, value.place, value) if isinstance(value, Read | Field) else None


def _reads(expression: Expression) -> set[Expression]:
    return {part for part in walk(expression) if isinstance(part, Read | Field)}
