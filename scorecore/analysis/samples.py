"""Draws facts of subjects by arithmetic from a seed, with the edges of the policy among them.

The same seed gives the same facts, always: what is tried with them does not depend on luck.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeVar

from attrs import define, field, frozen

from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program, program_constants
from scorecore.program.schema import EventTable, FactColumn
from scorecore.values.period import Period
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    Value,
    from_units,
    to_units,
)

MAX_EVENTS: Final = 4
"""Of each table in one sample."""
MAX_PERIODS: Final = 4
"""One more than the earlier periods that a sample can have."""
_DAYS_BEFORE: Final = 400
_DAYS_AFTER: Final = 60
"""How far a day lies from the beginning of the period at most."""
Choice = TypeVar("Choice")
SampleRow = dict[str, Value | None]


@frozen
class FactSample:
    """Facts of one subject; None for an optional one that is absent."""

    values: Mapping[str, Value | None]
    events: Mapping[str, Sequence[SampleRow]]
    history: Sequence[SampleRow]
    period: Period
    others: Sequence["FactSample"] = ()
    """Further subjects, where some are compared."""


def draw_samples(program: Program, seeds: Sequence[int]) -> list[FactSample]:
    """Facts of subjects, each drawn from a seed of its own."""
    return [FactSampler(program, RandomNumbers(seed)).draw_sample() for seed in seeds]


@define
class RandomNumbers:
    """Numbers without a pattern, the same for the same seed: splitmix64."""

    state: int = 20240501

    def below(self, count: int) -> int:
        """A number from 0 to `count` - 1."""
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        mixed = self.state
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> shift)) * factor % 2**64
        return (mixed ^ (mixed >> 31)) % count

    def pick(self, choices: Sequence[Choice]) -> Choice:
        return choices[self.below(len(choices))]


@define
class FactSampler:
    """Draws facts that a program can read."""

    program: Program
    random: RandomNumbers = field(factory=RandomNumbers)
    period: Period = field(init=False)
    edges: list[int] = field(init=False)
    """Numbers that the program compares with, in units."""
    texts: list[str] = field(init=False)
    """Texts that it compares with."""

    def __attrs_post_init__(self) -> None:
        period_kind = self.program.period
        period = period_kind.period(period_kind.example)
        assert period is not None  # noqa: S101  an example is one
        self.period = period
        constants = list(program_constants(self.program))
        numbers = [value for value in constants if isinstance(value, int | Decimal) and not isinstance(value, bool)]
        self.edges = sorted(set(map(to_units, numbers)))
        self.texts = sorted({value for value in constants if isinstance(value, str)}) or ["a", "b"]

    def draw_sample(self) -> FactSample:
        schema = self.program.schema
        values = {column.name: self.draw_value(column) for column in schema.columns}
        events = {table.name: list(self.draw_events(table)) for table in schema.events}
        history = [self.draw_period(ago) for ago in range(1, 1 + self.random.below(MAX_PERIODS))]
        return FactSample(values, events, history, self.period)

    def draw_period(self, ago: int) -> SampleRow:
        """What was decided in an earlier period."""
        values = {column.name: self.draw_value(column) for column in self.program.schema.history}
        return {AGO: ago, **values}

    def draw_events(self, table: EventTable) -> Iterator[SampleRow]:
        """Some events of a table, no two with the same key; of one without a key, what another policy decided."""
        keys = set()
        for _ in range(self.random.below(MAX_EVENTS + 1) if table.key else 1):
            event = self.draw_event(table)
            if event_key(table, event) not in keys:
                keys.add(event_key(table, event))
                yield event

    def draw_event(self, table: EventTable, period: Period | None = None) -> SampleRow:
        """An event, of a table with dates in a period."""
        period = period or self.period
        event = {column.name: self.draw_value(column) for column in table.columns}
        if table.dated_by:
            day = period.start + timedelta(days=self.random.below(period.days))
            has_time = isinstance(event[table.dated_by], datetime)
            event[table.dated_by] = datetime.combine(day, time(9)) if has_time else day
        for column in table.columns:
            if column.name in table.key and column.type.kind is TypeKind.STRING and column.type.among is None:
                event[column.name] = f"N{self.random.below(1000)}"
        _put_in_order(event, table)
        return event

    def draw_value(self, column: FactColumn) -> Value | None:
        if column.optional and not self.random.below(4):
            return None
        match column.type.kind:
            case TypeKind.BOOL:
                return bool(self.random.below(2))
            case TypeKind.STRING:
                return self.random.pick(column.type.among or self.texts)
            case TypeKind.INT | TypeKind.DECIMAL:
                return self.draw_number(column.type)
        day = self.period.start + timedelta(days=self.random.below(_DAYS_BEFORE + _DAYS_AFTER) - _DAYS_BEFORE)
        if column.type.kind is TypeKind.DATE:
            return day
        return datetime.combine(day, time(self.random.below(24), self.random.below(60)))

    def draw_number(self, number_type: Type) -> Decimal | int:
        """A number of a type: in half of the draws one at or beside an edge, else any."""
        step = 10 ** (PLACES - number_type.places)
        near_edges = [edge + distance for edge in self.edges for distance in (-step, 0, step)]
        farthest = max([10 * 10**PLACES, *map(abs, self.edges)]) * 2
        low, high = max(number_type.low, -farthest), min(number_type.high, farthest)
        candidates = [
            units for units in (number_type.low, 0, *near_edges) if number_type.low <= units <= number_type.high
        ] or [number_type.low]
        if low < high and self.random.below(2):
            candidates = [low + self.random.below(high - low + 1)]
        units = max(-(-number_type.low // step), self.random.pick(candidates) // step) * step
        return from_units(units) if number_type.is_decimal else units // 10**PLACES


def _put_in_order(event: SampleRow, table: EventTable) -> None:
    """Give an event only stages that it can have reached, none before one that leads to it."""
    for stage in table.stages:
        before = [moment for name in stage.after if isinstance(moment := event[name], date)]
        reached = event[stage.name]
        if stage.after and not before:
            event[stage.name] = None
        elif isinstance(reached, date):
            latest = max(before, key=_as_moment, default=reached)
            if _as_moment(reached) < _as_moment(latest):
                is_day = not isinstance(reached, datetime)
                event[stage.name] = _as_moment(latest).date() if is_day else _as_moment(latest)


def _as_moment(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time())


def event_key(table: EventTable, event: Mapping[str, Value | None]) -> tuple[Value | None, ...]:
    """What distinguishes an event from the others of its table."""
    return tuple(event[column] for column in table.key)


def describe_sample(sample: FactSample, program: Program) -> Iterator[tuple[str, str]]:
    """The facts of a sample as text, each with the label that the policy gives it."""
    for column in program.schema.columns:
        value = sample.values[column.name]
        if value is not None:
            yield column.label or column.name, _format(value)
    for table in program.schema.events:
        for event in sample.events[table.name]:
            cells = ((column.label or column.name, event[column.name]) for column in table.columns)
            yield table.label or table.name, _format_cells(cells)
    for row in sample.history:
        yield HISTORY, _format_cells(row.items())


def _format_cells(cells: Iterable[tuple[str, Value | None]]) -> str:
    return ", ".join(f"{label} {_format(value)}" for label, value in cells if value is not None)


def _format(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value).lower() if isinstance(value, bool) else str(value)
