"""Everything that is wrong with facts, cell by cell; a decision reports only what some result would have needed."""

from collections.abc import Iterator, Mapping

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.facts.advice import add_advice
from scorecore.facts.convert import CellFaults
from scorecore.facts.extract import explain_missing
from scorecore.facts.model import ROW, SUBJECT, Facts, RowsBySubject
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn


def find_fact_faults(program: Program, facts: Facts) -> Iterator[Diagnostic]:
    """What is wrong with the facts of a period, table by table; a table that is not there is one problem."""
    place = Location(facts.source, 0, 0, in_sheet=bool(facts.columns))
    yield from _cells(program.schema.columns, facts.subjects, facts.bad, place, facts.columns)
    for table in program.schema.events:
        rows = facts.rows.get(table.name)
        if rows is not None and table.use is None:
            yield from _rows(table, rows)
    for name, rows in facts.rows.items():
        if name == HISTORY:  # what else is wrong with its rows was reported when they were read, or its beginning is
            reported = {catalogue.KEY_BROKEN, catalogue.HISTORY_MISSING}
            yield from (diagnostic for diagnostic in _distrusted(rows) if diagnostic.kind not in reported)


def _rows(table: EventTable, rows: RowsBySubject) -> Iterator[Diagnostic]:
    place = Location(rows.source, 0, 0, in_sheet=bool(rows.columns))
    yield from rows.unplaced
    for diagnostic in _cells(table.columns, rows.frame, rows.bad, place, rows.columns):
        yield evolve(diagnostic, params={"table": table.name, **diagnostic.params})  # whose field it is
    matter = {"matter": table.name} if table.stages else {}
    repeats = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in (SUBJECT, *table.key))
    for row in rows.frame.filter(repeats).iter_rows(named=True):
        key = ", ".join(str(row[name]) for name in table.key)
        cell = evolve(place, line=row[ROW], column=rows.columns.get(table.key[0], 0))
        yield Diagnostic(catalogue.KEY_REPEATED, cell, {"table": table.name, "key": key, **matter})
    yield from (diagnostic for diagnostic in _distrusted(rows) if diagnostic.kind is catalogue.TOO_MANY_ROWS)


def _distrusted(rows: RowsBySubject) -> Iterator[Diagnostic]:
    for kind, params, line in rows.distrusted.values():
        yield Diagnostic(kind, Location(rows.source, line, 0, in_sheet=bool(rows.columns)), params)


def _cells(
    columns: tuple[FactColumn, ...],
    frame: pl.DataFrame,
    faults: Mapping[str, CellFaults],
    place: Location,
    column_numbers: Mapping[str, int],
) -> Iterator[Diagnostic]:
    """The cells without a value that should have one, and those whose value does not fit."""
    lines = frame[ROW]
    for column in columns:
        of_column = faults.get(column.name, {})
        # what is optional may be empty, and mostly is: nothing is asked about each of these cells
        rows = sorted(of_column) if column.optional else frame[column.name].is_null().arg_true().to_list()
        for row in rows:
            cell = evolve(place, line=int(lines[row]))
            unknown = explain_missing(column, row, of_column, cell, column_numbers)
            yield from (add_advice(cause, column.unit) for cause in unknown.causes) if unknown else ()
