"""The smallest change of one fact with which a result would have come out otherwise.

Each fact of the subject, and each of its events, is changed alone: a number or a day to the nearest that does, found by
trying; a truth value or a text of a closed list to another; an event left out, added, or changed in one field. Nothing
is derived from the program but which facts it reads and at which numbers it turns, so what is found was decided.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice, product
from typing import Any, Final

from attrs import evolve, field, frozen

from scorecore.facts.subject_facts import SubjectFacts
from scorecore.program.model import EventTable, FactColumn, Program, program_constants, step_inputs
from scorecore.values.period import Period
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    Value,
    from_units,
    to_units,
)
from scorecore.values.unknown import Unknown

MAX_EXHAUSTIVE: Final = 512
"""So many values on each side of a fact are tried one by one; those farther away are found by halving."""
MAX_EXHAUSTIVE_OF_EVENTS: Final = 32
"""The same of a field of an event, of which there are many, and where each trial decides others as well."""
_MAX_EVENTS: Final = 200
"""Events of a table that are changed, each alone."""
_MAX_NEW: Final = 48
"""Kinds of events that are added, by the values of their fields of few values."""
_FARTHEST_DAY: Final = 14_610
"""Days that a date is moved at most: forty years."""
_SECONDS: Final = 86_400
_ONE: Final = Decimal(1)
Reached = Callable[[SubjectFacts], bool]
"""Whether a subject with these facts has what is asked for."""


@frozen
class FactChange:
    """One fact, or one event, that is otherwise."""

    table: str
    """The table of the event; empty: a fact of the subject."""
    event: Mapping[str, Any]
    """The event before, or the one that is added; empty for a fact of the subject."""
    name: str
    """The fact or the field; empty: the event itself is left out or added."""
    before: Any
    """None: not there, or not there yet."""
    after: Any
    """None: not there any more."""
    size: Decimal = field(eq=False)
    """How much is changed: a share of a number, else 1."""


def find_smallest_changes(
    program: Program, step: str, record: SubjectFacts, period: Period, reached: Reached
) -> list[FactChange]:
    """For each fact that the step depends on the smallest change that reaches it, the smallest first."""
    search = _ChangeSearch(program, record, period, reached, _read_by(program, step))
    return sorted(search.changes(), key=lambda one: one.size)


def _read_by(program: Program, step: str) -> frozenset[str]:
    """The facts and tables of events that a step depends on."""
    found, wanted = set[str](), [step]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += step_inputs(program.step(name)) if program.has_step(name) else ()
    return frozenset(found)


@frozen
class _ChangeSearch:
    program: Program
    record: SubjectFacts
    period: Period
    reached: Reached
    read: frozenset[str]
    known: tuple[Value, ...] = field(init=False)
    """What the program compares with."""

    @known.default
    def _known(self) -> tuple[Value, ...]:
        return tuple(program_constants(self.program))

    def changes(self) -> Iterator[FactChange]:
        values = self.record.values
        for column in self.program.schema.columns:
            if column.name in self.read and not column.fixed:
                near = MAX_EXHAUSTIVE_OF_EVENTS if self.program.grouped else MAX_EXHAUSTIVE
                found = self.nearest(column, values[column.name], self.with_fact(column.name), near)
                yield from (FactChange("", {}, column.name, values[column.name], *one) for one in found)
        for table in self.program.schema.events:
            rows = self.record.rows.get(table.name)
            if table.name in self.read and table.use is None and not table.fixed and not isinstance(rows, Unknown):
                yield from self.events(table, rows or ())

    def with_fact(self, name: str) -> Callable[[Any], bool]:
        """Whether another value of a fact reaches it."""
        return lambda value: self.reached(evolve(self.record, values=self.record.values | {name: value}))

    def with_rows(self, table: EventTable, rows: Iterable[Mapping[str, Any]]) -> bool:
        ordered = sorted(rows, key=lambda row: tuple(str(row[name]) for name in table.key))
        return self.reached(evolve(self.record, rows=self.record.rows | {table.name: ordered}))

    # one value

    def nearest(
        self,
        column: FactColumn,
        before: Any,  # noqa: ANN401  a value of any type
        does: Callable[[Any], bool],
        near: int = MAX_EXHAUSTIVE_OF_EVENTS,
    ) -> Iterator[tuple[Any, Decimal]]:
        """The nearest other value of a column that does, with how far it is; none if none was found."""
        if isinstance(before, Unknown):
            return
        if column.optional and before is not None and does(None):
            yield None, _ONE
            return
        of = column.type
        if of.kind is TypeKind.BOOL or of.kind is TypeKind.STRING:
            texts = of.among or sorted({one for one in self.known if isinstance(one, str)})
            others: Sequence[Any] = (False, True) if of.kind is TypeKind.BOOL else texts
            found = next((one for one in others if one != before and does(one)), None)
            yield from [] if found is None else [(found, _ONE)]
            return
        line = _line(of, self.period)
        start = line.number(line.origin if before is None else before)
        if before is None and does(line.value(start)):
            yield line.value(start), _ONE
            return
        edges = [line.number(one) for one in self.known if line.holds(one)]
        distance = _nearest(start, line.low, line.high, edges, lambda number: does(line.value(number)), near)
        if distance is not None:
            whole = max(abs(start), line.one)
            yield line.value(start + distance), _ONE if before is None else Decimal(abs(distance)) / whole

    # events

    def events(self, table: EventTable, rows: Sequence[Mapping[str, Any]]) -> Iterator[FactChange]:
        for row in rows[:_MAX_EVENTS]:
            if self.with_rows(table, (one for one in rows if one is not row)):
                yield FactChange(table.name, row, "", row, None, _ONE)
        for column in table.columns:
            if not column.fixed and column.name != table.dated_by:
                found = list(islice(self.other_fields(table, rows, column), _MAX_EVENTS))
                yield from [min(found, key=lambda one: one.size)] if found else []
        yield from self.another(table, rows)

    def other_fields(
        self, table: EventTable, rows: Sequence[Mapping[str, Any]], column: FactColumn
    ) -> Iterator[FactChange]:
        """Each event with another value of one field, as far as that makes no two events of one key."""
        keys = {_key(table, one) for one in rows}
        if column.name in table.key and column.type.among is None:
            return  # its number says which event it is, not what happened
        for row in rows[:_MAX_EVENTS]:
            others = [one for one in rows if one is not row]

            def does(value: Any, row: Mapping[str, Any] = row, others: Sequence[Any] = others) -> bool:  # noqa: ANN401
                changed = {**row, column.name: value}
                taken = column.name in table.key and _key(table, changed) in keys
                return not taken and self.with_rows(table, [*others, changed])

            for after, size in self.nearest(column, row[column.name], does):
                yield FactChange(table.name, row, column.name, row[column.name], after, size)

    def another(self, table: EventTable, rows: Sequence[Mapping[str, Any]]) -> Iterator[FactChange]:
        """One more event: the first of its kinds that reaches it, with the least number."""
        keys = {_key(table, one) for one in rows}
        for row in islice(self.kinds_of_events(table, rows), _MAX_NEW):
            if _key(table, row) in keys:
                continue
            if self.with_rows(table, [*rows, row]):
                yield FactChange(table.name, row, "", None, row, _ONE)
                return
            numbers = [one for one in table.columns if one.type.is_number and one.name not in table.key]
            for column in numbers:
                found = self.nearest(
                    column,
                    row[column.name],
                    lambda value, name=column.name: self.with_rows(table, [*rows, {**row, name: value}]),  # type: ignore[misc]  # noqa: B023  called in this turn
                )
                for after, _ in found:
                    added = {**row, column.name: after}
                    yield FactChange(table.name, added, "", None, added, _ONE)
                    return

    def kinds_of_events(self, table: EventTable, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Events that differ in their fields of few values; numbers are the least from 0 on."""
        several: list[Sequence[Any]] = []
        for column in table.columns:
            of = column.type
            if column.name == table.dated_by:
                several.append([self.new_day(table, column, rows)])
            elif of.kind is TypeKind.BOOL:
                several.append((True, False))
            elif of.among is not None:
                several.append(of.among)
            elif of.kind is TypeKind.STRING:
                texts = [one for one in self.known if isinstance(one, str)] if column.name not in table.key else []
                several.append(sorted(set(texts)) or [self.new_text(column, rows)])
            elif column.optional:
                several.append([None])
            else:
                line = _line(of, self.period)
                several.append([line.value(line.number(line.origin))])
        names = [one.name for one in table.columns]
        return (dict(zip(names, values, strict=True)) for values in product(*several))

    def new_day(self, table: EventTable, column: FactColumn, rows: Sequence[Mapping[str, Any]]) -> date:
        """The first day of the period on which there is none yet, where the day tells events apart."""
        taken = {row[column.name] for row in rows} if column.name in table.key else set()
        days = (self.period.start + timedelta(days=number) for number in range(self.period.days))
        moments = (
            datetime(day.year, day.month, day.day, 9) if column.type.kind is TypeKind.TIMESTAMP else day for day in days
        )
        return next((one for one in moments if one not in taken), self.period.end)

    def new_text(self, column: FactColumn, rows: Sequence[Mapping[str, Any]]) -> str:
        taken = {row[column.name] for row in rows}
        return next(text for text in (f"+{number}" for number in range(1, len(rows) + 2)) if text not in taken)


def _key(table: EventTable, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in table.key)


@frozen
class _NumberLine:
    """The values of a type that have an order, as whole numbers."""

    low: int
    high: int
    origin: Any
    """Where a value begins that is not there yet."""
    one: int
    """How many steps are one; of days and seconds a day."""
    number: Callable[[Any], int]
    value: Callable[[int], Any]
    holds: Callable[[Any], bool]
    """Whether a constant of the program is such a value."""


def _line(of: Type, period: Period) -> _NumberLine:
    if of.is_number:
        step: int = 10 ** (PLACES - of.places)
        low, high = -(-of.low // step), of.high // step

        def number(value: Decimal | int) -> int:
            return min(high, max(low, int(to_units(value) // step)))

        def value(number: int) -> Decimal | int:
            return from_units(number * step) if of.is_decimal else number

        return _NumberLine(low, high, 0, 10**of.places, number, value, _is_number)
    if of.kind is TypeKind.DATE:
        middle = period.end.toordinal()
        low, high = max(1, middle - _FARTHEST_DAY), min(date.max.toordinal(), middle + _FARTHEST_DAY)
        return _NumberLine(low, high, period.end, 1, date.toordinal, date.fromordinal, _is_day)
    first = datetime(1, 1, 1)
    end = datetime(period.end.year, period.end.month, period.end.day)
    middle = _seconds(end - first)
    most = _FARTHEST_DAY * _SECONDS
    latest = _seconds(datetime(9999, 12, 31, 23, 59, 59) - first)
    return _NumberLine(
        max(0, middle - most),
        min(latest, middle + most),
        end,
        _SECONDS,
        lambda value: _seconds(value - first),
        lambda number: first + timedelta(seconds=number),
        lambda one: isinstance(one, datetime),
    )


def _seconds(of: timedelta) -> int:
    return of.days * _SECONDS + of.seconds


def _is_number(one: object) -> bool:
    return isinstance(one, int | Decimal) and not isinstance(one, bool)


def _is_day(one: object) -> bool:
    return isinstance(one, date) and not isinstance(one, datetime)


def _nearest(
    start: int, low: int, high: int, edges: Sequence[int], does: Callable[[int], bool], near: int = MAX_EXHAUSTIVE
) -> int | None:
    """How far the nearest number that does lies from the start; None if none was found.

    Near the start every number is tried. Farther away those at growing distances and beside the edges are, and between
    the last that does not and the first that does the turn is found by halving: exact where there is one turn.
    """
    found: list[int] = []
    for sign, room in ((1, high - start), (-1, start - low)):
        distances = {sign * (edge - start) + by for edge in edges for by in (-1, 0, 1)}
        growing = {part << power for power in range(room.bit_length()) for part in (2, 3)} if room > 0 else set()
        beside = range(1, min(room, near) + 1)
        tried = sorted(one for one in {*beside, *distances, *growing, room} if 0 < one <= room)
        last = 0
        for distance in tried:
            if found and distance >= abs(found[0]):
                break
            if does(start + sign * distance):
                found.append(sign * _turn(last, distance, lambda one, sign=sign: does(start + sign * one)))  # type: ignore[misc]
                break
            last = distance
    return min(found, key=abs) if found else None


def _turn(without: int, with_it: int, does: Callable[[int], bool]) -> int:
    """The least distance that does, between one that does not and one that does."""
    while with_it - without > 1:
        middle = (without + with_it) // 2
        without, with_it = (without, middle) if does(middle) else (middle, with_it)
    return with_it
