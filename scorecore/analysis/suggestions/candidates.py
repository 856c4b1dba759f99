"""Facts that may be worth a case: those of a case with one thing otherwise, small changes first."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Final

from attrs import evolve, field, frozen

from scorecore.analysis.number_lines import build_number_line
from scorecore.analysis.samples import FactSampler, RandomNumbers, event_key
from scorecore.facts.model import SubjectFacts, SubjectRow
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program, program_constants, result_name
from scorecore.program.schema import EventTable, FactColumn
from scorecore.values.period import Period
from scorecore.values.types import TypeKind, Value
from scorecore.values.unknown import Maybe, Unknown

_MAX_ROWS: Final = 3
"""Events of a table that are changed, each alone."""
_MAX_VALUES: Final = 60
"""Values of one fact that are tried, the nearest first."""
_DRAWN: Final = 6
"""Events that are added to a table, each alone."""
_MAX_DAYS: Final = 400


class Reason(StrEnum):
    """What a case is suggested for, beside what it reaches."""

    CHANGE = "change"
    ABSENCE = "absence"
    SECOND_PERIOD = "second period"
    STILL_RUNNING = "still running"


@frozen(eq=False)
class CandidateCase:
    """Facts of one subject in a period, and how they differ from those of a case."""

    reason: Reason
    what: str
    """The fact, field or table that is otherwise."""
    base: str
    """The name of the case."""
    facts: SubjectFacts
    period: Period


@frozen(eq=False)
class CandidateSource:
    """Draws candidates from the facts of a case."""

    program: Program
    base: str
    facts: SubjectFacts
    period: Period
    constants: tuple[Value, ...] = field(init=False)

    @constants.default
    def _constants(self) -> tuple[Value, ...]:
        return tuple(program_constants(self.program))

    def list_changes(self) -> Iterator[CandidateCase]:
        """One fact, or one field of one event, otherwise; one event less, one more."""
        for column in self.program.schema.columns:
            for value in self._list_values(column, self.facts.values[column.name]):
                yield self._change(_name_reason(value), column.name, self._with_fact(column.name, value))
        for table, rows in self._list_tables():
            for row in rows[:_MAX_ROWS]:
                kept = [other for other in rows if other is not row]
                yield self._change(Reason.CHANGE, table.name, self._with_rows(table, kept))
                for column in table.columns:
                    if column.name not in table.key or column.type.among or column.type.kind is TypeKind.BOOL:
                        yield from self._change_field(table, kept, row, column)
            yield from self._add_events(table, rows)

    def _change_field(
        self, table: EventTable, kept: Sequence[SubjectRow], row: SubjectRow, column: FactColumn
    ) -> Iterator[CandidateCase]:
        keys = {event_key(table, other) for other in kept}  # type: ignore[arg-type]  # their values are known
        for value in self._list_values(column, row[column.name]):
            changed = {**row, column.name: value}
            if event_key(table, changed) not in keys and self._is_of_period(table, changed):  # type: ignore[arg-type]
                name = f"{table.name}.{column.name}"
                yield self._change(_name_reason(value), name, self._with_rows(table, [*kept, changed]))

    def _add_events(self, table: EventTable, rows: Sequence[SubjectRow]) -> Iterator[CandidateCase]:
        sampler = FactSampler(self.program, RandomNumbers(len(rows) + 1))
        sampler.period = self.period
        keys = {event_key(table, row) for row in rows}  # type: ignore[arg-type]  # their values are known
        for _ in range(_DRAWN):
            event = sampler.draw_event(table)
            if event_key(table, event) not in keys:
                yield self._change(Reason.CHANGE, table.name, self._with_rows(table, [*rows, event]))

    def list_running(self) -> Iterator[CandidateCase]:
        """Events of the last day of the period, after which nothing has happened yet."""
        for table, rows in self._list_tables():
            days = [column for column in table.columns if _is_time(column)]
            if not any(column.optional for column in days) or all(column.optional for column in days):
                continue
            for row in rows[:1]:
                moved: dict[str, Value | None] = {column.name: self._last_moment(column) for column in days}
                moved |= {column.name: None for column in table.columns if column.optional}
                kept = [other for other in rows if other is not row]
                yield self._change(Reason.STILL_RUNNING, table.name, self._with_rows(table, [*kept, {**row, **moved}]))

    def follow(self, results: dict[str, Maybe]) -> CandidateCase | None:
        """The same facts in the next period, with what was decided in this one as its history."""
        period = self.program.period.ago(self.period, -1)
        until = self.program.effective_to
        if period is None or (until is not None and period.end > until):
            return None
        rows = dict(self.facts.rows)
        for table, of_table in self._list_tables():
            if table.dated_by:
                rows[table.name] = [row for row in of_table if _lies_in(row[table.dated_by], period)]
        earlier = self.facts.rows.get(HISTORY)
        if self.program.schema.history and not isinstance(earlier, Unknown):
            decided = {result_name(name): value for name, value in results.items()}
            row = {AGO: 1, **{column.name: decided.get(column.name) for column in self.program.schema.history}}
            if any(isinstance(value, Unknown) for value in row.values()):
                return None
            older = [{**known, AGO: known[AGO] + 1} for known in earlier or ()]  # type: ignore[operator]  # a number
            rows[HISTORY] = [row, *older]
        facts = evolve(self.facts, rows=rows)
        return CandidateCase(Reason.SECOND_PERIOD, "", self.base, facts, period)

    # parts

    def _list_tables(self) -> Iterator[tuple[EventTable, Sequence[SubjectRow]]]:
        for table in self.program.schema.events:
            rows = self.facts.rows.get(table.name)
            if table.use is None and rows is not None and not isinstance(rows, Unknown):
                yield table, rows

    def _change(self, reason: Reason, what: str, facts: SubjectFacts) -> CandidateCase:
        return CandidateCase(reason, what, self.base, facts, self.period)

    def _with_fact(self, name: str, value: Value | None) -> SubjectFacts:
        return evolve(self.facts, values={**self.facts.values, name: value})

    def _with_rows(self, table: EventTable, rows: Iterable[SubjectRow]) -> SubjectFacts:
        ordered = sorted(rows, key=lambda row: tuple(str(row[name]) for name in table.key))
        return evolve(self.facts, rows={**self.facts.rows, table.name: ordered})

    def _is_of_period(self, table: EventTable, row: SubjectRow) -> bool:
        return not table.dated_by or _lies_in(row[table.dated_by], self.period)

    def _last_moment(self, column: FactColumn) -> date:
        last = self.period.end
        return datetime.combine(last, time(16)) if column.type.kind is TypeKind.TIMESTAMP else last

    def _list_values(self, column: FactColumn, before: Maybe | None) -> Iterator[Value | None]:
        """Other values of a fact: none, the other truth values and texts, and numbers and days at which it may turn."""
        if isinstance(before, Unknown):
            return
        if column.optional and before is not None:
            yield None
        match column.type.kind:
            case TypeKind.BOOL:
                yield from (value for value in (True, False) if value is not before)
            case TypeKind.STRING:
                texts = column.type.among or sorted({value for value in self.constants if isinstance(value, str)})
                yield from (text for text in texts if text != before)
            case TypeKind.DATE | TypeKind.TIMESTAMP:
                yield from self._list_days(column, before)
            case _:
                yield from self._list_numbers(column, before)

    def _list_numbers(self, column: FactColumn, before: Value | None) -> Iterator[Value]:
        line = build_number_line(column.type, self.period)
        start = line.to_number(line.origin if before is None else before)
        edges = [line.to_number(value) for value in self.constants if line.holds(value)]
        tried = {number + beside for number in (0, *edges) for beside in (-1, 0, 1)}
        tried |= {start + line.one, start - line.one}
        numbers = sorted((number for number in tried if line.low <= number <= line.high), key=lambda n: abs(n - start))
        values = (line.to_value(number) for number in numbers)
        yield from (value for value in islice(values, _MAX_VALUES) if value != before)

    def _list_days(self, column: FactColumn, before: Value | None) -> Iterator[Value]:
        spans = {
            int(value)
            for value in self.constants
            if isinstance(value, int | Decimal) and not isinstance(value, bool) and 0 < value <= _MAX_DAYS
        }
        known = [day for day in (before, *self.facts.values.values()) if isinstance(day, date)]
        starts = [*known, self.period.start, self.period.end]
        signed = {sign * span for span in (0, *spans) for sign in (1, -1)}
        moves = sorted({move + beside for move in signed for beside in (-1, 0, 1)}, key=abs)
        tried: dict[Value, None] = {}
        for start in starts:
            day = start.date() if isinstance(start, datetime) else start
            for move in moves[:_MAX_VALUES]:
                moved = day + timedelta(days=move)
                if column.type.kind is TypeKind.TIMESTAMP:
                    tried |= dict.fromkeys(datetime.combine(moved, clock) for clock in (_NOON, time.min, _LAST))
                else:
                    tried[moved] = None
        yield from (value for value in islice(tried, _MAX_VALUES) if value != before)


_NOON: Final = time(12)
_LAST: Final = time(23, 59, 59)


def _name_reason(value: Value | None) -> Reason:
    return Reason.ABSENCE if value is None else Reason.CHANGE


def _is_time(column: FactColumn) -> bool:
    return column.type.kind in {TypeKind.DATE, TypeKind.TIMESTAMP}


def _lies_in(day: Maybe | None, period: Period) -> bool:
    if isinstance(day, datetime):
        day = day.date()
    return isinstance(day, date) and period.start <= day <= period.end
