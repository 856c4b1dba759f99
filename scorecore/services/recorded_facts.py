"""The facts of recorded months as the tables that they once were, so that another policy can be tried on them."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import polars as pl

from scorecore.facts.headings import PERIOD_HEADINGS
from scorecore.facts.model import SubjectFacts, SubjectRow
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn
from scorecore.record.runs.recorded import Recorded
from scorecore.values.unknown import Unknown

Cells = dict[str, str | None]


def restore_tables(recorded: Recorded, policy: str, periods: Sequence[str]) -> dict[str, RawTable]:
    """The tables that the decisions in force of some ascending periods have read, with what was decided before.

    A value that was unknown is a cell that is empty. Who was erased is left out. The policy's own program reads the
    decisions of other policies: they are among the tables. Raises RecordRejected.
    """
    runs = [recorded.of(policy, period)[-1] for period in periods]
    last = recorded.program(runs[-1])
    rows: dict[str, list[Cells]] = {last.schema.subject: []}
    for period, run in zip(periods, runs, strict=True):
        program = recorded.program(run)
        standings = recorded.standing(policy, period).values()
        people = [standing.payload.facts for standing in standings if standing.payload]
        _add_period(rows, program, period, sorted(people, key=lambda person: person.subject))
    tables = {name: RawTable(_frame(cells), f"{recorded.log.path.name}[{name}]") for name, cells in rows.items()}
    past = recorded.history(last, periods[0]) if last.schema.history else None
    return tables if past is None else {**tables, HISTORY: RawTable(past, HISTORY)}


def _add_period(rows: dict[str, list[Cells]], program: Program, period: str, people: Sequence[SubjectFacts]) -> None:
    schema = program.schema
    label = PERIOD_HEADINGS[0]
    for person in people:
        about: Cells = {schema.subject: person.subject, label: period}
        rows[schema.subject].append(about | _cells(person.values, schema.columns))
    for table in schema.events:
        own_rows = rows.setdefault(table.name, [])
        for person, row in _list_rows(table, people):
            about = {label: period} if table.common else {schema.subject: person.subject, label: period}
            own_rows.append(about | _cells(row, table.columns))


def _list_rows(table: EventTable, people: Sequence[SubjectFacts]) -> Iterator[tuple[SubjectFacts, SubjectRow]]:
    """The rows of a table with whose they are; what belongs to nobody stands beside everybody, and counts once."""
    for person in people:
        rows = person.rows.get(table.name, ())
        if not isinstance(rows, Unknown):
            yield from ((person, row) for row in rows)
            if table.common:
                return


def _cells(values: Mapping[str, object], columns: Sequence[FactColumn]) -> Cells:
    return {column.name: _text(values.get(column.name)) for column in columns}


def _text(value: object) -> str | None:
    """A value as a cell of a file has it."""
    match value:
        case None | Unknown():
            return None
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _frame(rows: Sequence[Cells]) -> pl.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [pl.Series(name, [row.get(name) for row in rows], dtype=pl.String) for name in names]
    return pl.DataFrame(columns)
