"""Whether a line is paid once: over two periods in a row, with the same facts, it has no amount in both.

The proof looks for what must hold where there is an amount: that a day, which depends on nothing but facts, lies in
the period. No day lies in two periods. Each event is a payment of its own, so the day may be that of an event.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, cast

from attrs import define, evolve, field, frozen

from scorecore.analysis.claim_search import ClaimSearch
from scorecore.analysis.samples import FactSample, SampleRow
from scorecore.language.expressions import (
    AGO,
    Apply,
    Constant,
    Count,
    EventFold,
    Exists,
    Expression,
    Field,
    Has,
    Read,
    SumOver,
    constant_value,
)
from scorecore.language.rows import GreatestOver, LeastOver
from scorecore.language.sugar import walk_core
from scorecore.program.model import Program, result_name
from scorecore.program.schema import EventTable
from scorecore.program.steps import Account, GroupStep, Step
from scorecore.values.ratio import Ratio
from scorecore.values.types import TypeKind
from scorecore.values.unknown import Maybe, Unknown

FROM_START: Final = "from"
TO_END: Final = "to"
WITHIN: Final = "within"
Limit = tuple[str, object]
"""That a day is not before the period, or not after it; or that events of a table lie in the period."""
Limits = frozenset[Limit] | None
"""What holds wherever there is an amount; None where there never is one."""
_SAME_SIGN: Final = {"<=": (0, 1), "<": (0, 1), ">=": (1, 0), ">": (1, 0)}
"""Of a comparison the places of the earlier and of the later side."""
_EITHER: Final = frozenset({"+", "-", "least", "greatest"})
_AROUND: Final = frozenset({"negate", "decimal", "int", "abs", "not_negative", "within", "round", "not"})


def is_paid_once(program: Program, line: str) -> bool:
    """Whether an amount implies that some day, or event, lies in the period."""
    limits = _Limits(program).of_step(line)
    if limits is None:
        return True
    return any(kind == WITHIN or {(FROM_START, day), (TO_END, day)} <= limits for kind, day in limits)


def _all_of(limits: Iterable[Limits]) -> Limits:
    """Of conditions that hold together."""
    known: list[frozenset[Limit]] = []
    for each in limits:
        if each is None:
            return None
        known.append(each)
    return frozenset[Limit]().union(*known)


def _any_of(limits: Iterable[Limits]) -> Limits:
    """Of conditions of which one holds."""
    possible = [each for each in limits if each is not None]
    return frozenset.intersection(*possible) if possible else None


@define
class _Limits:
    """What an amount that is not zero, or a condition that holds, implies about days."""

    program: Program
    steps: dict[str, Limits] = field(factory=dict)
    unchanging: frozenset[str] = field(init=False)
    """Facts, and the parameters that have one value for all time."""

    @unchanging.default
    def _list_unchanging(self) -> frozenset[str]:
        constant = [each.name for each in self.program.parameters if len(each.values) == 1 and not each.prorate]
        facts = [column.name for column in self.program.schema.columns]
        return frozenset([*facts, *(f"parameters.{name}" for name in constant)])

    def of_step(self, name: str) -> Limits:
        if name not in self.steps:
            self.steps[name] = self._analyse(name)
        return self.steps[name]

    def _analyse(self, name: str) -> Limits:
        match self.program.step(name):
            case Step(expression=expression):
                return self.find(expression)
            case GroupStep(weight=weight, of=of) if weight:  # a share of nothing is nothing
                return _all_of([self.of_step(of), self.of_step(weight)])
            case Account(opening=opening, entries=entries):
                ways = [self.find(opening)]
                for rule in entries:
                    condition = self.find(rule.when) if rule.when is not None else frozenset()
                    amount = next(part for part in (rule.to, rule.points) if part is not None)
                    events = self._of_table(rule.each) if rule.each else frozenset()
                    ways.append(_all_of([_leave_event(_all_of([condition, self.find(amount)])), events]))
                return _any_of(ways)
        return frozenset()

    def find(self, expression: Expression) -> Limits:
        core = next(walk_core(expression))
        match core:
            case Constant():
                return frozenset() if constant_value(core) else None
            case Read(name=name):
                return self.of_step(name) if self.program.has_step(name) else frozenset()
            case Apply():
                return self._find_applied(core)
            case EventFold():
                return self._find_fold(core)
        return frozenset()

    def _of_table(self, name: str) -> frozenset[Limit]:
        """An event of a table with dates is in one period only."""
        table = next((table for table in self.program.schema.events if table.name == name), None)
        return frozenset({(WITHIN, name)}) if table and table.dated_by else frozenset()

    def _find_fold(self, fold: EventFold) -> Limits:
        """What has an amount has an event that counts; that all events are something is true of none."""
        where = self.find(fold.where) if fold.where is not None else frozenset()
        match fold:
            case Count():
                counted = where
            case SumOver(body=body) | Exists(body=body) | GreatestOver(body=body) | LeastOver(body=body):
                counted = _all_of([where, self.find(body)])
            case _:
                return frozenset()
        return _all_of([_leave_event(counted), self._of_table(fold.table)])

    def _find_applied(self, applied: Apply) -> Limits:
        operator, operands = applied.operator, applied.operands
        match operator, operands:
            case "if", (condition, then, otherwise):
                return _any_of([_all_of([self.find(condition), self.find(then)]), self.find(otherwise)])
            case "and" | "*" | "round_product", (left, right):
                return _all_of([self.find(left), self.find(right)])
            case "/" | "quotient" | "round_quotient", (dividend, _):
                return self.find(dividend)
            case "require", (condition, value):
                return _all_of([self.find(condition), self.find(value)])
            case "least", _ if all(operand.type.is_number and operand.type.low >= 0 for operand in operands):
                return _all_of(map(self.find, operands))  # none of them is zero
            case "<" | "<=" | ">" | ">=", _:
                return self._find_comparison(applied)
        if operator == "or" or (operator in _EITHER and applied.type.is_number):
            return _any_of(map(self.find, operands))
        return self.find(operands[0]) if operator in _AROUND and operator != "not" else frozenset()

    def _find_comparison(self, applied: Apply) -> Limits:
        """A day beside an end of the period, or a number above one that is not negative."""
        earlier, later = (applied.operands[place] for place in _SAME_SIGN[applied.operator])
        if earlier.type.is_number:
            exceeds_zero = applied.operator in {"<", ">"} or earlier.type.low > 0
            return self.find(later) if earlier.type.low >= 0 and exceeds_zero else frozenset()
        if isinstance(earlier, Read) and earlier.name == "period.start" and self._is_same(later):
            return frozenset({(FROM_START, later)})
        if isinstance(later, Read) and later.name == "period.end" and self._is_same(earlier):
            return frozenset({(TO_END, earlier)})
        return frozenset()

    def _is_same(self, day: Expression) -> bool:
        """Whether a day is the same in every period: it is made of facts, and of figures that never change."""
        return all(map(self._is_same_part, walk_core(day)))

    def _is_same_part(self, part: Expression) -> bool:
        if isinstance(part, Read):
            if self.program.has_step(part.name):
                step = self.program.step(part.name)
                return isinstance(step, Step) and self._is_same(step.expression)
            return part.name in self.unchanging
        return isinstance(part, Field | Constant | Apply | Has)


def _leave_event(limits: Limits) -> Limits:
    """What is known of the day of an event, outside: only that this event lies in the period."""
    if limits is None:
        return None
    inside = {day for kind, day in limits if kind == FROM_START and (TO_END, day) in limits}
    of_subject = {(kind, day) for kind, day in limits if not _is_of_event(day)}
    return frozenset(of_subject | {(WITHIN, day) for day in inside})


def _is_of_event(day: object) -> bool:
    return isinstance(day, Expression) and any(isinstance(part, Field) for part in walk_core(day))


# search


@frozen
class SecondPayment:
    """A line that has an amount in two periods in a row, with the same facts."""

    line: str
    facts: FactSample
    first: Decimal | int | Ratio
    again: FactSample
    """The same in the next period, with what the first decided as its history."""
    second: Decimal | int | Ratio


def find_second_payment(search: ClaimSearch, lines: Sequence[str], facts: FactSample) -> SecondPayment | None:
    """Whether one of some lines is paid again in the next period. The events of a table all have the days of one."""
    facts = evolve(facts, events={table.name: _align(table, facts) for table in search.program.schema.events})
    following = search.program.period.ago(facts.period, -1)
    if following is None:
        return None
    values = search.decide(facts)
    history = [{**row, AGO: cast("int", row[AGO]) + 1} for row in facts.history]
    again = evolve(facts, period=following, history=[_keep(search.program, values), *history])
    values_again = search.decide(again)
    for line in lines:
        first, second = values[line], values_again[line]
        if isinstance(first, int | Decimal | Ratio) and isinstance(second, int | Decimal | Ratio) and first and second:
            return SecondPayment(line, facts, first, again, second)
    return None


def _align(table: EventTable, facts: FactSample) -> list[SampleRow]:
    """The events of a table on the days of the first; what distinguishes them stays."""
    rows = facts.events[table.name]
    moments = [
        column.name
        for column in table.columns
        if column.type.kind in {TypeKind.DATE, TypeKind.TIMESTAMP} and (column.name not in table.key)
    ]
    return [{**row, **{name: rows[0][name] for name in moments}} for row in rows]


def _keep(program: Program, values: Mapping[str, Maybe]) -> SampleRow:
    """What the following period reads of this one."""
    results = {result_name(name): values[name] for name in program.results()}
    known = {name: None if isinstance(value, Unknown) else value for name, value in results.items()}
    return {AGO: 1, **{column.name: known.get(column.name) for column in program.schema.history}}
