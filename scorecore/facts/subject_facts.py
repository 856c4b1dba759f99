"""Facts, typed and sorted: what both evaluators read.

Subjects are numbered densely in the order of their ids. Events lie sorted by subject and key, with an end offset for
each subject, so that a subject's events are a slice. Numbers are held as `operators.scaled` says.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl
from attrs import define, evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Location
from scorecore.facts.convert import EVERY_YEAR, FACT_YEARS, find_misfit
from scorecore.language.expressions import AGO, HISTORY
from scorecore.language.operators.scaled import physical
from scorecore.program.model import EventTable, FactColumn, Program
from scorecore.values.period import Period
from scorecore.values.types import Type, TypeKind
from scorecore.values.unknown import Unknown

SUBJECT: Final = "#subject"
"""The number of the subject of an event, or of a row of history."""
ROW: Final = "#row"
"""Where in its file a row stands."""
PRESENT: Final = "?"
"""Before the name of an optional fact: whether it is there; null where it is bad."""


@define
class SubjectFacts:
    """The facts of one subject and period as Python values."""

    subject: str
    values: dict[str, Any]
    """Facts by name; None for an absent optional one, Unknown for a missing or bad one. Group values as well."""
    rows: dict[str, Sequence[Mapping[str, Any]] | Unknown]
    """Events and history by table; Unknown for a table that was not given or cannot be trusted."""
    unknown: frozenset[str]
    """The facts that are Unknown, and the tables that are, or of which a value is."""


@frozen(eq=False)
class Cells:
    """Bad cells of a column: for each row its number, what is wrong, and what stands there."""

    rows: Mapping[int, tuple[DiagnosticKind, dict[str, str]]]


@frozen(eq=False)
class EventRows:
    """Events of one table, or the history: sorted by subject and key."""

    frame: pl.DataFrame
    """SUBJECT, ROW and the columns of the table."""
    ends: pl.Series
    """For each subject, where its rows end; they begin where those of the subject before end."""
    bad: Mapping[str, Cells] = field(factory=dict)
    distrusted: Mapping[int, tuple[DiagnosticKind, dict[str, str], int]] = field(factory=dict)
    """Subjects whose rows cannot be trusted as a whole: what is wrong, and in which row of the file."""
    source: str = ""
    columns: Mapping[str, int] = field(factory=dict)
    """Of a sheet: by name the number of the column."""
    unplaced: tuple[Diagnostic, ...] = ()
    """Why rows could not be placed, cell by cell."""


@frozen(eq=False)
class Facts:
    """Everything that is known of a period."""

    period: Period
    ids: pl.Series
    """The subjects' ids, ascending."""
    subjects: pl.DataFrame
    """ROW and the facts of each subject."""
    rows: Mapping[str, EventRows]
    """Events by table, and `history`; a table that was not given is missing."""
    bad: Mapping[str, Cells] = field(factory=dict)
    source: str = ""
    columns: Mapping[str, int] = field(factory=dict)
    """Of a sheet: by fact the number of its column; that of the ids as SUBJECT."""

    def __len__(self) -> int:
        return len(self.ids)


def readable(frame: pl.DataFrame, columns: Sequence[FactColumn]) -> pl.DataFrame:
    """Numbers as decimals and closed lists as text, for Python to read."""
    return frame.select(readable_column(pl.col(one.name), one.type) for one in columns)


def readable_column(expr: pl.Expr, of: Type) -> pl.Expr:
    """A column as people and other programs hold it: decimals with their places, text."""
    if of.is_decimal:
        return expr.cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, of.places))
    return expr.cast(pl.String) if of.kind is TypeKind.STRING else expr


def readable_dtype(of: Type) -> pl.DataType:
    """The type of a readable column."""
    if of.is_decimal:
        return pl.Decimal(38, of.places)
    return pl.String() if of.kind is TypeKind.STRING else physical(of)


def iter_subject_facts(program: Program, facts: Facts, subjects: Sequence[int]) -> Iterator[SubjectFacts]:
    """The facts of some subjects, by their ascending numbers, as Python values."""
    schema = program.schema
    alone = _alone(program)
    plain = readable(facts.subjects[list(subjects)], schema.columns).rows()
    lines = facts.subjects[ROW]
    tables = {
        table.name: _rows(table.name, table.columns, facts.rows.get(table.name), subjects) for table in schema.events
    }
    if schema.history:
        columns = (*schema.history, FactColumn(AGO, Type(TypeKind.INT)))
        tables[HISTORY] = _rows(HISTORY, columns, facts.rows.get(HISTORY), subjects)
    for number, row in zip(subjects, plain, strict=True):
        place = Location(facts.source, int(lines[number]), 0, in_sheet=bool(facts.columns))
        values, complete = _values(schema.columns, row, number, facts.bad, place, facts.columns)
        found = {name: of.get(number, ((), True)) for name, of in tables.items()}
        yield _record(facts.ids[number], values | alone, found, complete=complete and not alone)


def _alone(program: Program) -> dict[str, Any]:
    """The group values of a subject as long as nothing is known of the others."""
    return {
        one.name: Unknown((Diagnostic(catalogue.ABSENT, one.place, {"name": one.text}),)) for one in program.grouped
    }


def _record(
    subject: str,
    values: dict[str, Any],
    tables: Mapping[str, tuple[Sequence[Mapping[str, Any]] | Unknown, bool]],
    *,
    complete: bool,
) -> SubjectFacts:
    """A record out of its parts: facts, and tables with whether all in them is known."""
    unknown = [] if complete else [name for name, value in values.items() if isinstance(value, Unknown)]
    unknown += [name for name, (_, known) in tables.items() if not known]
    return SubjectFacts(subject, values, {name: rows for name, (rows, _) in tables.items()}, frozenset(unknown))


def _values(
    columns: Sequence[FactColumn],
    row: Sequence[Any],
    number: int,
    bad: Mapping[str, Cells],
    place: Location,
    numbers: Mapping[str, int],
) -> tuple[dict[str, Any], bool]:
    """A row by column, with the reason wherever a value is missing; and whether none is."""
    complete = True
    values: dict[str, Any] = {}
    for column, value in zip(columns, row, strict=True):
        if value is None:
            value = missing(column, number, bad.get(column.name), place, numbers)  # noqa: PLW2901  what stands in its place
        values[column.name] = value
        complete &= not isinstance(values[column.name], Unknown)
    return values, complete


def missing(
    column: FactColumn, row: int, bad: Cells | None, place: Location, numbers: Mapping[str, int]
) -> Unknown | None:
    """Why a cell has no value; None if it may be absent. Of a sheet the cell is named that is to be mended."""
    if (bad is None or row not in bad.rows) and column.optional:
        return None
    kind, blanks = bad.rows.get(row, (catalogue.FACT_MISSING, {})) if bad else (catalogue.FACT_MISSING, {})
    blanks = {"name": column.name, **blanks}
    cell = evolve(place, column=numbers.get(blanks["name"], 0)) if numbers else place
    return Unknown((Diagnostic(kind, cell, blanks),))


_Found = dict[int, tuple[Sequence[Mapping[str, Any]] | Unknown, bool]]


def _rows(name: str, columns: Sequence[FactColumn], rows: EventRows | None, subjects: Sequence[int]) -> _Found:
    """The rows of each of some subjects, or why there are none; subjects without rows are left out."""
    if rows is None:
        kind = catalogue.HISTORY_MISSING if name == HISTORY else catalogue.TABLE_MISSING
        missing = Unknown((Diagnostic(kind, Location(name, 0, 0), {"table": name}),))
        return dict.fromkeys(subjects, (missing, False))
    starts = rows.ends.shift(1, fill_value=0)
    slices = pl.DataFrame([starts[list(subjects)].alias("start"), rows.ends[list(subjects)].alias("end")])
    at = slices.select(pl.int_ranges("start", "end").explode(empty_as_null=False)).to_series()
    part = rows.frame[at]
    found: dict[int, tuple[list[Mapping[str, Any]], bool]] = {}
    numbers = zip(part[SUBJECT], at, part[ROW], readable(part, columns).rows(), strict=True)
    for subject, position, line, row in numbers:
        place = Location(rows.source, line, 0, in_sheet=bool(rows.columns))
        if name == HISTORY:  # what was not decided then is not missing
            values = dict(zip((one.name for one in columns), row, strict=True))
            complete = None not in row
        else:
            values, complete = _values(columns, row, position, rows.bad, place, rows.columns)
        several, known = found.get(subject, ([], True))
        several.append(values)
        found[subject] = several, known and complete
    result: _Found = dict(found)
    for subject, (kind, blanks, line) in rows.distrusted.items():
        result[subject] = Unknown((Diagnostic(kind, Location(rows.source, line, 0), blanks),)), False
    return result


def subject_facts(  # noqa: PLR0913  all that is known of a subject
    program: Program,
    period: Period,
    subject: str,
    values: Mapping[str, Any],
    events: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    history: Sequence[Mapping[str, Any]] | None = None,
    groups: Mapping[str, Any] | None = None,
    source: str = "",
) -> SubjectFacts:
    """A subject's facts as given by a program, checked as those from files are.

    A row of `history` has `ago` and the values by name. Events of other periods are left out. A table of events
    that is not in `events` counts as not given. `groups` gives what depends on others, by the names of its steps, as a
    recorded decision has it.
    """
    place = Location(source or subject, 0, 0)
    checked, complete = _checked(program.schema.columns, values, place)
    for step in program.grouped:
        value = (groups or {}).get(step.text)
        column = FactColumn(step.name, step.type)
        found = _checked((column,), {step.name: value}, place, EVERY_YEAR)[0] if value is not None else {}
        checked |= found or {step.name: _alone(program)[step.name]}
        complete &= not isinstance(checked[step.name], Unknown)
    tables = {table.name: _events(table, events.get(table.name), period, place) for table in program.schema.events}
    if program.schema.history:
        tables[HISTORY] = _past(program.schema.history, history, place)
    return _record(subject, checked, tables, complete=complete)


def _checked(
    columns: Sequence[FactColumn], row: Mapping[str, Any], place: Location, years: range = FACT_YEARS
) -> tuple[dict[str, Any], bool]:
    values: dict[str, Any] = {}
    complete = True
    for column in columns:
        value = row.get(column.name)
        if value is None:
            value = missing(column, 0, None, place, {})
        elif unfit := find_misfit(value, column.type, years):
            kind, blanks = unfit
            value = Unknown((Diagnostic(kind, place, {"name": column.name, **blanks}),))
        elif column.type.is_decimal:
            value = Decimal(value)
        values[column.name] = value
        complete &= not isinstance(value, Unknown)
    return values, complete


def _events(
    table: EventTable, given: Sequence[Mapping[str, Any]] | None, period: Period, place: Location
) -> tuple[Sequence[Mapping[str, Any]] | Unknown, bool]:
    if given is None:
        return Unknown((Diagnostic(catalogue.TABLE_MISSING, place, {"table": table.name}),)), False
    complete = True
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in given:
        values, known = _checked(table.columns, row, place, EVERY_YEAR if table.use else FACT_YEARS)
        dated = values[table.dated_by] if table.dated_by else period.end
        key = tuple(values[name] for name in table.key)
        unknown = Unknown.of(dated, *key)
        if unknown:
            return unknown, False
        day = dated.date() if isinstance(dated, datetime) else dated
        if not period.start <= day <= period.end:
            continue
        if key in found:
            blanks = {"table": table.name, "key": ", ".join(map(str, key))}
            return Unknown((Diagnostic(catalogue.KEY_REPEATED, place, blanks),)), False
        found[key] = values
        complete &= known
    return [found[key] for key in sorted(found)], complete


def _past(
    columns: Sequence[FactColumn], given: Sequence[Mapping[str, Any]] | None, place: Location
) -> tuple[Sequence[Mapping[str, Any]] | Unknown, bool]:
    if given is None:
        return Unknown((Diagnostic(catalogue.HISTORY_MISSING, place, {"table": HISTORY}),)), False
    rows = []
    for row in sorted(given, key=lambda one: int(one[AGO])):
        values: dict[str, Any] = {AGO: row[AGO]}
        for column in columns:
            value = row.get(column.name)
            values[column.name] = None if value is None or find_misfit(value, column.type, EVERY_YEAR) else value
        rows.append(values)
    return rows, not any(None in row.values() for row in rows)
