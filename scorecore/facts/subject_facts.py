"""One subject's facts from Python values: dicts in, the same facts out as from files.

What a value may be is decided by `cells`, for files and for dicts alike; so are the rules of keys and places. A key
that means nothing is rejected, because a misspelled fact would otherwise be a missing one.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, cast

from attrs import field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.facts.cells import EVERY_YEAR, FACT_YEARS, CellCheck, compile_cell_check, shorten
from scorecore.facts.extract import join_subject_facts, list_unknown_groups
from scorecore.facts.model import SubjectFacts, SubjectRow, SubjectRows
from scorecore.facts.notations import CellFault
from scorecore.facts.stages import clear_misplaced_stages
from scorecore.facts.table_intake import list_placing_columns
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn, Schema
from scorecore.values.period import Period
from scorecore.values.types import MAX_EVENTS, MAX_INT, Value, integer_type
from scorecore.values.unknown import Maybe, Unknown

Row = Mapping[str, object]
"""Cells by the names of their columns: values, or texts as a file would have them."""
SortKey = Callable[[SubjectRow], Any]
"""From a row to what it is sorted by: values, or tuples of values, that can be compared with each other."""


def subject_facts(  # noqa: PLR0913  all that is known of a subject
    program: Program,
    period: Period,
    subject: str,
    values: Row,
    events: Mapping[str, Sequence[Row]],
    *,
    history: Sequence[Row] | None = None,
    groups: Mapping[str, object] | None = None,
    source: str = "",
) -> SubjectFacts:
    """A subject's facts as a program hands them over, checked as those from files are.

    Values are of the type of their fact, or texts that a file could have; None, like a key that is left out, means
    that there is no value. Numbers are int, Decimal or text; a float is not exact and does not fit. What does not fit
    becomes Unknown, with the reason.

    A row of `history` has `ago` and the values by name. Events of other periods are left out. A table of events
    that is not in `events` counts as not given. `groups` gives what depends on others, by the texts of its steps, as a
    recorded decision has it. `source` says in diagnostics where the facts are from; without it the subject's id does.

    Raises Rejected with a diagnostic for each key that is not the name of a fact or table, and for what should be a
    mapping or a sequence and is not. The rows of earlier decisions and of used policies may have more results than
    are read.
    """
    return _compile_subject_check(_SameProgram(program)).check(
        period, subject, values, events, history=history, groups=groups or {}, source=source or subject
    )


@frozen(eq=False)
class _SameProgram:
    """A program as a key of a cache: equal to itself only, for comparing programs takes long."""

    program: Program

    def __hash__(self) -> int:
        return id(self.program)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SameProgram) and self.program is other.program


@lru_cache(maxsize=64)
def _compile_subject_check(same: _SameProgram) -> "_SubjectCheck":
    schema = same.program.schema
    return _SubjectCheck(
        same.program,
        _compile_row_check(schema.columns),
        {table.name: _compile_table_check(table) for table in schema.events},
        _compile_history_check(schema),
        {step.name: (step.text, compile_cell_check(step.type, EVERY_YEAR)) for step in same.program.grouped},
    )


@frozen(eq=False)
class _RowCheck:
    """Checks the cells of a row."""

    checks: tuple[tuple[str, CellCheck, bool], ...]
    """The name of each column, its check, and whether it is optional."""
    names: frozenset[str] = field(init=False)
    has_other_keys: bool = False
    """Whether rows may have keys that are not columns."""
    is_lenient: bool = False
    """Whether what does not fit counts as missing: nobody wrote it, so it was not decided."""

    @names.default
    def _names(self) -> frozenset[str]:
        return frozenset(name for name, _, _ in self.checks)

    def check(
        self, row: Row, source: str, diagnostics: Diagnostics, table: str = "", number: int = 0
    ) -> tuple[dict[str, Maybe | None], bool]:
        """The values of a row by column, and whether all of them are known.

        `source` is where the facts are from; `number` counts the rows of a table of events, from 1.
        """
        complete = True
        values: dict[str, Maybe | None] = {}
        if row.__class__ is not dict and not isinstance(row, Mapping):
            place = Location(f"{source}[{table}]" if table else source, number, 0)
            diagnostics.add(catalogue.EXPECTED_OBJECT, place, found=shorten(str(row)))
            row = {}
        for name, check, is_optional in self.checks:
            value = check(row.get(name))
            if value is None or value.__class__ is CellFault:
                fault = None if self.is_lenient else value
                if fault is None and is_optional:
                    values[name] = None
                    continue
                kind, params = fault or (catalogue.FACT_MISSING, {})
                values[name] = Unknown((Diagnostic(kind, Location(source, 0, 0), {"name": name, **params}),))
                complete = False
            else:
                values[name] = cast("Value", value)
        if not self.has_other_keys and not row.keys() <= self.names:
            place = Location(f"{source}[{table}]" if table else source, number, 0)
            _reject_keys(row, self.names, place, diagnostics)
        return values, complete


def _reject_keys(keys: Iterable[str], names: Collection[str], location: Location, diagnostics: Diagnostics) -> None:
    for key in keys:
        if key not in names:
            nearest = suggest(str(key), names)
            diagnostics.add(catalogue.UNKNOWN_KEY, location, key=key, keys=", ".join(sorted(names)), **nearest)


def _compile_row_check(
    columns: Iterable[FactColumn], years: range = FACT_YEARS, *, is_decided: bool = False
) -> _RowCheck:
    """The check of rows with some columns; `is_decided` says that they are decisions, which nobody wrote."""
    checks = tuple((column.name, compile_cell_check(column.type, years), column.optional) for column in columns)
    return _RowCheck(checks, has_other_keys=is_decided, is_lenient=is_decided)


@frozen(eq=False)
class _TableCheck:
    """Checks the rows of a table of events, or of the decisions of another policy."""

    table: EventTable
    row_check: _RowCheck
    placing: tuple[str, ...]
    """The columns without which a row has no place."""
    key: SortKey
    """The key of a row, which is hashable."""
    order: SortKey
    """By what rows are sorted: the key, where a closed list counts by the places in it."""

    def check(
        self, rows: Sequence[Row], period: Period, source: str, diagnostics: Diagnostics
    ) -> tuple[SubjectRows, bool]:
        """The rows of a period in the order of their keys, or why they cannot be trusted; and whether all is known."""
        complete = True
        kept: dict[object, SubjectRow] = {}
        repeated: list[SubjectRow] = []
        unplaced: set[str] = set()
        check_row, dated_by, start, end = self.row_check.check, self.table.dated_by, period.start, period.end
        for number, row in enumerate(rows, 1):
            values, is_known = check_row(row, source, diagnostics, self.table.name, number)
            if self.table.stages:
                is_known &= clear_misplaced_stages(self.table, values, source)
            if not is_known and (broken := [name for name in self.placing if isinstance(values[name], Unknown)]):
                unplaced.update(broken)
                continue
            if dated_by:
                day = cast("date", values[dated_by])
                if not start <= (day.date() if isinstance(day, datetime) else day) <= end:
                    continue
            key = self.key(values)
            if key in kept:
                repeated.append(values)
            kept[key] = values
            complete &= is_known
        if repeated or unplaced or len(kept) > MAX_EVENTS:
            return Unknown((self._explain_distrust(len(kept) + len(repeated), repeated, unplaced, source),)), False
        return sorted(kept.values(), key=self.order), complete

    def _explain_distrust(
        self, count: int, repeated: Sequence[SubjectRow], unplaced: Collection[str], source: str
    ) -> Diagnostic:
        """Why the rows cannot be trusted as a whole."""
        place, params = Location(source, 0, 0), {"table": self.table.name}
        if count > MAX_EVENTS:
            return Diagnostic(catalogue.TOO_MANY_ROWS, place, {**params, "count": str(count), "limit": str(MAX_EVENTS)})
        if repeated:
            first = min(repeated, key=self.order)
            key = ", ".join(str(first[name]) for name in self.table.key)
            return Diagnostic(catalogue.KEY_REPEATED, place, {**params, "key": key})
        name = next(name for name in self.placing if name in unplaced)
        return Diagnostic(catalogue.KEY_BROKEN, place, {**params, "name": name})


def _compile_table_check(table: EventTable) -> _TableCheck:
    years = EVERY_YEAR if table.use else FACT_YEARS
    needed = set(list_placing_columns(table))  # a row without them has no place, even where they are optional
    columns = [
        FactColumn(column.name, column.type, optional=column.optional and column.name not in needed)
        for column in table.columns
    ]
    row_check = _compile_row_check(columns, years, is_decided=table.use is not None)
    key: SortKey = itemgetter(*table.key) if table.key else lambda _row: ()
    return _TableCheck(table, row_check, list_placing_columns(table), key, _compile_order(table, key))


def _compile_order(table: EventTable, key: SortKey) -> SortKey:
    types = {column.name: column.type for column in table.columns}
    if all(types[name].among is None for name in table.key):
        return key
    places = {name: {text: place for place, text in enumerate(types[name].among or ())} for name in table.key}
    return lambda row: tuple(places[name][cast("str", row[name])] if places[name] else row[name] for name in table.key)


_AGO_CHECK: Final = compile_cell_check(integer_type(-MAX_INT, MAX_INT))


@frozen(eq=False)
class _HistoryCheck:
    """Checks the decisions of earlier periods."""

    row_check: _RowCheck

    def check(self, rows: Sequence[Row], source: str, diagnostics: Diagnostics) -> tuple[SubjectRows, bool]:
        """The rows, the latest first, or why they cannot be trusted; and whether all in them was decided."""
        kept: dict[int, SubjectRow] = {}
        repeated: list[int] = []
        place = Location(source, 0, 0)
        for number, row in enumerate(rows, 1):
            ago = _AGO_CHECK(row.get(AGO))
            if not isinstance(ago, int):
                broken = Diagnostic(catalogue.KEY_BROKEN, place, {"table": HISTORY, "name": AGO})
                return Unknown((broken,)), False
            if ago < 1:
                continue
            values, _ = self.row_check.check(row, source, diagnostics, HISTORY, number)
            if ago in kept:
                repeated.append(ago)
            kept[ago] = {AGO: ago, **values}
        if repeated:
            params = {"table": HISTORY, "key": str(min(repeated))}
            return Unknown((Diagnostic(catalogue.KEY_REPEATED, place, params),)), False
        latest_first = [kept[ago] for ago in sorted(kept)]
        return latest_first, not any(None in row.values() for row in latest_first)


def _compile_history_check(schema: Schema) -> _HistoryCheck | None:
    if not schema.history:
        return None
    columns = [FactColumn(column.name, column.type, optional=True) for column in schema.history]
    return _HistoryCheck(_compile_row_check(columns, EVERY_YEAR, is_decided=True))


@frozen(eq=False)
class _SubjectCheck:
    """Checks the facts of subjects of one program."""

    program: Program
    row_check: _RowCheck
    table_checks: Mapping[str, _TableCheck]
    history_check: _HistoryCheck | None
    group_checks: Mapping[str, tuple[str, CellCheck]]
    """For each step that depends on others, the text by which a recorded decision has it, and its check."""

    def check(
        self,
        period: Period,
        subject: str,
        values: Row,
        events: Mapping[str, Sequence[Row]],
        *,
        history: Sequence[Row] | None,
        groups: Mapping[str, object],
        source: str,
    ) -> SubjectFacts:
        """See `subject_facts`."""
        diagnostics = Diagnostics()
        checked, complete = self.row_check.check(values, source, diagnostics)
        if not events.keys() <= self.table_checks.keys():
            _reject_keys(events, self.table_checks.keys(), Location(source, 0, 0), diagnostics)
        tables: dict[str, tuple[SubjectRows, bool]] = {}
        for name, table_check in self.table_checks.items():
            rows = events.get(name)
            if rows is None:
                tables[name] = _report_not_given(catalogue.TABLE_MISSING, name, source), False
            elif not isinstance(rows, Sequence):
                diagnostics.add(catalogue.EXPECTED_ROWS, Location(f"{source}[{name}]", 0, 0), found=shorten(str(rows)))
            else:
                tables[name] = table_check.check(rows, period, source, diagnostics)
        if self.history_check and history is None:
            tables[HISTORY] = _report_not_given(catalogue.HISTORY_MISSING, HISTORY, source), False
        elif self.history_check and history is not None:
            tables[HISTORY] = self.history_check.check(history, source, diagnostics)
        if len(diagnostics):
            diagnostics.refuse()
        if self.group_checks:
            group_values = self._check_groups(groups, source)
            checked |= group_values
            complete &= not any(isinstance(value, Unknown) for value in group_values.values())
        return join_subject_facts(subject, checked, tables, complete=complete)

    def _check_groups(self, groups: Mapping[str, object], source: str) -> dict[str, Maybe]:
        """The values that depend on others; Unknown where none is given, or it does not fit."""
        checked: dict[str, Maybe] = dict(list_unknown_groups(self.program))
        for name, (text, check) in self.group_checks.items():
            value = check(groups.get(text))
            if isinstance(value, CellFault):
                params = {"name": name, **value.params}
                checked[name] = Unknown((Diagnostic(value.kind, Location(source, 0, 0), params),))
            elif value is not None:
                checked[name] = value
        return checked


def _report_not_given(kind: DiagnosticKind, name: str, source: str) -> Unknown:
    return Unknown((Diagnostic(kind, Location(source, 0, 0), {"table": name}),))
