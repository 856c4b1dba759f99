"""The smallest change of one fact with which a result would have come out otherwise.

Each fact of the subject, and each of its events, is changed alone: a number or a day to the nearest that is enough,
found by trying; a truth value or a text of a closed list to another; an event left out, added, or changed in one field.
Nothing is derived from the program but which facts it reads and at which numbers it turns, so whatever is found was
decided.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice, product
from typing import Any, Final

from attrs import evolve, field, frozen

from scorecore.analysis.number_lines import MAX_EXHAUSTIVE, build_number_line, find_nearest
from scorecore.analysis.samples import event_key
from scorecore.facts.model import SubjectFacts
from scorecore.program.model import Program, program_constants
from scorecore.program.schema import EventTable, FactColumn
from scorecore.program.steps import step_inputs
from scorecore.values.period import Period
from scorecore.values.types import UNIT, TypeKind, Value
from scorecore.values.unknown import Maybe, Unknown

MAX_EXHAUSTIVE_OF_EVENTS: Final = 32
"""The same where there is much to try: for a field of an event, or where each trial decides others as well."""
_MAX_EVENTS: Final = 200
"""Events of a table that are changed, each alone."""
_MAX_NEW: Final = 48
"""Kinds of events that are added, by the values of their fields of few values."""
_MORNING: Final = 9
"""The hour of an event that is added."""
_ONE: Final = Decimal(1)
Event = Mapping[str, Any]
"""A row of a table of events: values by field; None where an optional field is absent, Unknown where it is bad."""
Reaches = Callable[[SubjectFacts], bool]
"""Whether a subject with these facts has what is asked for."""


@frozen
class FactChange:
    """One fact, or one event, that is otherwise."""

    table: str
    """The table of the event; empty: a fact of the subject."""
    event: Event
    """The event before, or the one that is added; empty for a fact of the subject."""
    name: str
    """The fact or the field; empty: the event itself is left out or added."""
    before: Any
    """None: not there, or not there yet. A value, or the event itself."""
    after: Any
    """None: not there any more."""
    size: Decimal = field(eq=False)
    """How much is changed: a share of a number, else 1."""


def find_smallest_changes(
    program: Program, step: str, facts: SubjectFacts, period: Period, reaches: Reaches
) -> list[FactChange]:
    """For each fact that the step depends on the smallest change that is enough, the smallest first."""
    search = _ChangeSearch(program, facts, period, reaches, _find_inputs(program, step))
    return sorted(search.find_changes(), key=lambda change: change.size)


def _find_inputs(program: Program, step: str) -> frozenset[str]:
    """The facts, tables of events and steps that a step depends on."""
    inputs, to_visit = set[str](), [step]
    while to_visit:
        name = to_visit.pop()
        if name not in inputs:
            inputs.add(name)
            to_visit += step_inputs(program.step(name)) if program.has_step(name) else ()
    return frozenset(inputs)


@frozen
class _ChangeSearch:
    program: Program
    facts: SubjectFacts
    period: Period
    reaches: Reaches
    inputs: frozenset[str]
    constants: tuple[Value, ...] = field(init=False)
    """What the program compares with."""

    @constants.default
    def _constants(self) -> tuple[Value, ...]:
        return tuple(program_constants(self.program))

    def find_changes(self) -> Iterator[FactChange]:
        exhaustive = MAX_EXHAUSTIVE_OF_EVENTS if self.program.grouped else MAX_EXHAUSTIVE
        for column in self.program.schema.columns:
            if column.name in self.inputs and not column.fixed:
                before = self.facts.values[column.name]
                for after, size in self.find_nearest_value(column, before, self.with_fact(column.name), exhaustive):
                    yield FactChange("", {}, column.name, before, after, size)
        for table in self.program.schema.events:
            events = self.facts.rows.get(table.name)
            is_changeable = table.name in self.inputs and table.use is None and not table.fixed
            if is_changeable and not isinstance(events, Unknown):
                yield from self.find_event_changes(table, events or ())

    def with_fact(self, name: str) -> Callable[[Value | None], bool]:
        """Whether another value of a fact is enough."""
        return lambda value: self.reaches(evolve(self.facts, values=self.facts.values | {name: value}))

    def with_events(self, table: EventTable, events: Iterable[Event]) -> bool:
        """Whether other events of a table are enough."""
        ordered = sorted(events, key=lambda event: tuple(str(event[name]) for name in table.key))
        return self.reaches(evolve(self.facts, rows=self.facts.rows | {table.name: ordered}))

    # one value

    def find_nearest_value(
        self,
        column: FactColumn,
        before: Maybe | None,
        is_enough: Callable[[Value | None], bool],
        exhaustive: int = MAX_EXHAUSTIVE_OF_EVENTS,
    ) -> Iterator[tuple[Value | None, Decimal]]:
        """The nearest other value of a column that is enough, with how far it is; nothing if none was found."""
        if isinstance(before, Unknown):
            return
        if column.optional and before is not None and is_enough(None):
            yield None, _ONE
        elif column.type.kind in {TypeKind.BOOL, TypeKind.STRING}:
            candidates = (value for value in self.list_values(column) if value != before and is_enough(value))
            yield from ((value, _ONE) for value in islice(candidates, 1))
        else:
            yield from self.find_nearest_number(column, before, is_enough, exhaustive)

    def list_values(self, column: FactColumn) -> Sequence[Value]:
        """The values of a column of few values."""
        if column.type.kind is TypeKind.BOOL:
            return (False, True)
        return column.type.among or sorted({value for value in self.constants if isinstance(value, str)})

    def find_nearest_number(
        self,
        column: FactColumn,
        before: Value | None,
        is_enough: Callable[[Value | None], bool],
        exhaustive: int,
    ) -> Iterator[tuple[Value, Decimal]]:
        """The same of a number, a day or a moment."""
        line = build_number_line(column.type, self.period)
        start = line.to_number(line.origin if before is None else before)
        if before is None and is_enough(line.to_value(start)):
            yield line.to_value(start), _ONE
            return
        edges = [line.to_number(value) for value in self.constants if line.holds(value)]
        distance = find_nearest(start, line, edges, lambda number: is_enough(line.to_value(number)), exhaustive)
        if distance is not None:
            share = Decimal(abs(distance)) / max(abs(start), line.one)
            yield line.to_value(start + distance), _ONE if before is None else share

    # events

    def find_event_changes(self, table: EventTable, events: Sequence[Event]) -> Iterator[FactChange]:
        for event in events[:_MAX_EVENTS]:
            if self.with_events(table, (kept for kept in events if kept is not event)):
                yield FactChange(table.name, event, "", event, None, _ONE)
        for column in table.columns:
            if not column.fixed and column.name != table.dated_by:
                changes = list(islice(self.change_field(table, events, column), _MAX_EVENTS))
                yield from [min(changes, key=lambda change: change.size)] if changes else []
        yield from self.add_event(table, events)

    def change_field(self, table: EventTable, events: Sequence[Event], column: FactColumn) -> Iterator[FactChange]:
        """Each event with another value of one field, as far as that makes no two events of one key."""
        if column.name in table.key and column.type.among is None:
            return  # its number says which event it is, not what happened
        keys = {event_key(table, event) for event in events}
        for event in events[:_MAX_EVENTS]:

            def is_enough(value: Value | None, event: Event = event) -> bool:
                changed = {**event, column.name: value}
                if column.name in table.key and event_key(table, changed) in keys:
                    return False
                return self.with_events(table, [*(kept for kept in events if kept is not event), changed])

            for after, size in self.find_nearest_value(column, event[column.name], is_enough):
                yield FactChange(table.name, event, column.name, event[column.name], after, size)

    def add_event(self, table: EventTable, events: Sequence[Event]) -> Iterator[FactChange]:
        """One more event: the first of its kinds that is enough, with the least number."""
        keys = {event_key(table, event) for event in events}
        for event in islice(self.draft_events(table, events), _MAX_NEW):
            if event_key(table, event) in keys:
                continue
            added = event if self.with_events(table, [*events, event]) else self.find_number_of(table, events, event)
            if added is not None:
                yield FactChange(table.name, added, "", None, added, _ONE)
                return

    def find_number_of(self, table: EventTable, events: Sequence[Event], event: Event) -> Event | None:
        """An event that is not enough with the nearest number in one of its fields that is."""
        for column in table.columns:
            if column.type.is_number and column.name not in table.key:

                def is_enough(value: Value | None, name: str = column.name) -> bool:
                    return self.with_events(table, [*events, {**event, name: value}])

                for value, _ in self.find_nearest_value(column, event[column.name], is_enough):
                    return {**event, column.name: value}
        return None

    def draft_events(self, table: EventTable, events: Sequence[Event]) -> Iterator[dict[str, Value | None]]:
        """Events that differ in their fields of few values; numbers are the least from 0 on."""
        names = [column.name for column in table.columns]
        choices = [self.list_choices(table, column, events) for column in table.columns]
        return (dict(zip(names, values, strict=True)) for values in product(*choices))

    def list_choices(self, table: EventTable, column: FactColumn, events: Sequence[Event]) -> Sequence[Value | None]:
        """What a field of an event that is added may be."""
        if column.name == table.dated_by:
            return [self.find_free_day(table, column, events)]
        if column.type.kind is TypeKind.BOOL:
            return (True, False)
        if column.type.among is not None:
            return column.type.among
        if column.type.kind is TypeKind.STRING:
            texts = [] if column.name in table.key else self.list_values(column)
            return texts or [_find_free_text(column, events)]
        if column.optional:
            return [None]
        if column.name in table.key and column.type.kind is TypeKind.INT and events:
            return [_find_free_number(column, events)]
        line = build_number_line(column.type, self.period)
        return [line.to_value(line.to_number(line.origin))]

    def find_free_day(self, table: EventTable, column: FactColumn, events: Sequence[Event]) -> date:
        """The first day of the period on which there is none yet, where the day distinguishes events."""
        occupied = {event[column.name] for event in events} if column.name in table.key else set()
        days = (self.period.start + timedelta(days=number) for number in range(self.period.days))
        moments = (
            datetime(day.year, day.month, day.day, _MORNING) if column.type.kind is TypeKind.TIMESTAMP else day
            for day in days
        )
        return next((moment for moment in moments if moment not in occupied), self.period.end)


def _find_free_number(column: FactColumn, events: Sequence[Event]) -> int:
    """The number after the greatest that there is, or the least free one where that is the last."""
    occupied = {event[column.name] for event in events}
    following = max((number for number in occupied if isinstance(number, int)), default=0) + 1
    numbers = range(column.type.low // UNIT, column.type.high // UNIT + 1)
    return following if following in numbers else next((number for number in numbers if number not in occupied), 0)


def _find_free_text(column: FactColumn, events: Sequence[Event]) -> str:
    occupied = {event[column.name] for event in events}
    return next(text for text in (f"+{number}" for number in range(1, len(events) + 2)) if text not in occupied)
