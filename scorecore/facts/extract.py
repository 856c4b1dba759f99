"""Single subjects out of the facts of everyone, as Python values: what the evaluators of one subject read."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.facts.convert import CellFaults
from scorecore.facts.model import ROW, SUBJECT, Facts, RowsBySubject, SubjectFacts, SubjectRow, SubjectRows
from scorecore.facts.notations import CellFault
from scorecore.facts.readable import read_rows
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.values.types import Type, TypeKind, Value
from scorecore.values.unknown import Maybe, Unknown


def extract_subject_facts(program: Program, facts: Facts, subjects: Sequence[int]) -> Iterator[SubjectFacts]:
    """The facts of some subjects, by their ascending numbers, as Python values."""
    schema = program.schema
    group_values = list_unknown_groups(program)
    rows = read_rows(facts.subjects[list(subjects)], schema.columns)
    row_numbers = facts.subjects[ROW]
    tables = {
        table.name: _rows_by_subject(table.name, table.columns, facts.rows.get(table.name), subjects)
        for table in schema.events
    }
    if schema.history:
        columns = (*schema.history, FactColumn(AGO, Type(TypeKind.INT)))
        tables[HISTORY] = _rows_by_subject(HISTORY, columns, facts.rows.get(HISTORY), subjects)
    for subject, row in zip(subjects, rows, strict=True):
        place = Location(facts.source, int(row_numbers[subject]), 0, in_sheet=bool(facts.columns))
        values, complete = _name_values(schema.columns, row, subject, facts.bad, place, facts.columns)
        their_rows = {name: of_subject.get(subject, ((), True)) for name, of_subject in tables.items()}
        yield join_subject_facts(
            facts.ids[subject], values | group_values, their_rows, complete=complete and not group_values
        )


def list_unknown_groups(program: Program) -> dict[str, Unknown]:
    """The group values of a subject as long as nothing is known of the others."""
    return {
        step.name: Unknown((Diagnostic(catalogue.ABSENT, step.place, {"name": step.text}),)) for step in program.grouped
    }


def join_subject_facts(
    subject: str,
    values: Mapping[str, Maybe | None],
    tables: Mapping[str, tuple[SubjectRows, bool]],
    *,
    complete: bool,
) -> SubjectFacts:
    """A subject's facts out of their parts: values, and tables with whether all in them is known."""
    unknown = [] if complete else [name for name, value in values.items() if isinstance(value, Unknown)]
    unknown += [name for name, (_, is_known) in tables.items() if not is_known]
    return SubjectFacts(subject, dict(values), {name: rows for name, (rows, _) in tables.items()}, frozenset(unknown))


def _name_values(
    columns: Sequence[FactColumn],
    row: Sequence[Value | None],
    row_number: int,
    bad: Mapping[str, CellFaults],
    place: Location,
    column_numbers: Mapping[str, int],
) -> tuple[dict[str, Maybe | None], bool]:
    """A row by column, with the reason wherever a value is missing; and whether none is."""
    complete = True
    values: dict[str, Maybe | None] = {}
    for column, cell in zip(columns, row, strict=True):
        value: Maybe | None = cell
        if cell is None:
            value = explain_missing(column, row_number, bad.get(column.name), place, column_numbers)
            complete &= value is None
        values[column.name] = value
    return values, complete


def explain_missing(
    column: FactColumn, row: int, faults: CellFaults | None, place: Location, column_numbers: Mapping[str, int]
) -> Unknown | None:
    """Why a cell has no value; None if it may be absent. Of a sheet the cell is named that is to be corrected."""
    fault = faults.get(row) if faults else None
    if fault is None and column.optional:
        return None
    kind, params = fault or CellFault(catalogue.FACT_MISSING, {})
    params = {"name": column.name, **params}
    cell = evolve(place, column=column_numbers.get(params["name"], 0)) if column_numbers else place
    return Unknown((Diagnostic(kind, cell, params),))


def _rows_by_subject(
    name: str, columns: Sequence[FactColumn], rows: RowsBySubject | None, subjects: Sequence[int]
) -> dict[int, tuple[SubjectRows, bool]]:
    """The rows of each of some subjects, or why there are none; subjects without rows are left out."""
    if rows is None:
        kind = catalogue.HISTORY_MISSING if name == HISTORY else catalogue.TABLE_MISSING
        not_given = Unknown((Diagnostic(kind, Location(name, 0, 0), {"table": name}),))
        return dict.fromkeys(subjects, (not_given, False))
    starts = rows.ends.shift(1, fill_value=0)
    slices = pl.DataFrame([starts[list(subjects)].alias("start"), rows.ends[list(subjects)].alias("end")])
    positions = slices.select(pl.int_ranges("start", "end").explode(empty_as_null=False)).to_series()
    part = rows.frame[positions]
    lists: dict[int, list[SubjectRow]] = {}
    incomplete: set[int] = set()
    numbered = zip(part[SUBJECT], positions, part[ROW], read_rows(part, columns), strict=True)
    for subject, position, row_number, row in numbered:
        if name == HISTORY:  # what was not decided then is not missing
            values = dict(zip((column.name for column in columns), row, strict=True))
            complete = None not in row
        else:
            place = Location(rows.source, row_number, 0, in_sheet=bool(rows.columns))
            values, complete = _name_values(columns, row, position, rows.bad, place, rows.columns)
        lists.setdefault(subject, []).append(values)
        if not complete:
            incomplete.add(subject)
    known: dict[int, tuple[SubjectRows, bool]] = {
        subject: (their_rows, subject not in incomplete) for subject, their_rows in lists.items()
    }
    for subject, (kind, params, row_number) in rows.distrusted.items():
        known[subject] = Unknown((Diagnostic(kind, Location(rows.source, row_number, 0), params),)), False
    return known
