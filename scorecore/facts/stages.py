"""Rows of matters that do not follow their stages: one was jumped over, or a date goes back."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import date, datetime
from itertools import islice

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.facts.cells import write_value
from scorecore.facts.convert import CellFaults
from scorecore.facts.model import PRESENT, ROW, SUBJECT
from scorecore.facts.notations import CellFault
from scorecore.facts.raw import RawTable
from scorecore.facts.table_intake import POSITION, TableIntake
from scorecore.program.schema import EventTable, Stage
from scorecore.values.types import TypeKind
from scorecore.values.unknown import Maybe, Unknown


def find_stage_fault(events: EventTable, stage: Stage, row: Mapping[str, Maybe | None]) -> CellFault | None:
    """What is wrong with the day on which a row reached a stage; nothing while an earlier one is unknown."""
    reached = row[stage.name]
    earlier = [(name, row[name]) for name in stage.after]
    if not isinstance(reached, date) or not earlier or any(isinstance(value, Unknown) for _, value in earlier):
        return None
    params = {"value": write_value(reached)}
    known = [(name, value) for name, value in earlier if isinstance(value, date)]
    labels = {column.name: column.label or column.name for column in events.columns}
    if not known:
        return CellFault(catalogue.STAGE_JUMPED, {**params, "before": ", ".join(labels[name] for name in stage.after)})
    for name, value in known:
        if _is_before(reached, value):
            return CellFault(catalogue.STAGE_GOES_BACK, {**params, "before": labels[name], "other": write_value(value)})
    return None


def _is_before(reached: date, earlier: date) -> bool:
    """Whether one comes before the other; a day without a time may be any time of it."""
    if isinstance(reached, datetime) and isinstance(earlier, datetime):
        return reached < earlier
    days = [moment.date() if isinstance(moment, datetime) else moment for moment in (reached, earlier)]
    return days[0] < days[1]


def clear_misplaced_stages(events: EventTable, row: MutableMapping[str, Maybe | None], source: str) -> bool:
    """Make unknown what a row says of a stage that cannot have been reached so; whether all of it can."""
    found = [(stage.name, fault) for stage in events.stages if (fault := find_stage_fault(events, stage, row))]
    for name, (kind, params) in found:
        row[name] = Unknown((Diagnostic(kind, Location(source, 0, 0), {"name": name, **params}),))
    return not found


def check_stages(
    intake: TableIntake,
    events: EventTable,
    table: RawTable,
    headings: Mapping[str, str],
    typed: pl.DataFrame,
    faults: dict[str, CellFaults],
) -> pl.DataFrame:
    """The rows without the cells of stages that cannot have been reached so, which join the faults.

    Evidence that is missing is noted.
    """
    bad: dict[str, list[int]] = {}
    for stage in islice(events.stages, 1, None):
        suspects = typed.filter(_may_be_misplaced(events, stage))
        names = [stage.name, *stage.after]
        for position, *values in suspects.select(POSITION, *names).rows():
            fault = find_stage_fault(events, stage, dict(zip(names, values, strict=True)))
            if fault:
                faults.setdefault(stage.name, {})[position] = fault
                bad.setdefault(stage.name, []).append(position)
    _note_evidence(intake, events, table, headings, typed)
    return typed.with_columns(
        pl.when(pl.col(POSITION).is_in(positions)).then(None).otherwise(pl.col(column)).alias(column)
        for name, positions in bad.items()
        for column in (name, f"{PRESENT}{name}")
    )


def _may_be_misplaced(events: EventTable, stage: Stage) -> pl.Expr:
    """Rows in which a stage was reached without one before, or before one; those with bad cells are left out."""
    columns = {column.name: column for column in events.columns}
    known = [
        pl.col(f"{PRESENT}{name}") if columns[name].optional else pl.col(name).is_not_null() for name in stage.after
    ]
    jumped = pl.all_horizontal(~there for there in known)
    day = pl.col(stage.name).cast(pl.Date)
    back = []
    for name in stage.after:
        is_timed = all(columns[each].type.kind is TypeKind.TIMESTAMP for each in (name, stage.name))
        back.append(pl.col(stage.name) < pl.col(name) if is_timed else day < pl.col(name).cast(pl.Date))
    readable = pl.all_horizontal(there.is_not_null() for there in known)
    return pl.col(stage.name).is_not_null() & readable & (jumped | pl.any_horizontal(back).fill_null(value=False))


def _note_evidence(
    intake: TableIntake, events: EventTable, table: RawTable, headings: Mapping[str, str], typed: pl.DataFrame
) -> None:
    """Note the stages that were reached without what they need."""
    labels = {column.name: column.label or column.name for column in events.columns}
    for stage, name in _list_evidence(events):
        lacking = typed.filter(
            pl.col(SUBJECT).is_not_null() & pl.col(stage.name).is_not_null() & _is_lacking(events, name)
        )
        for row in lacking[ROW].sort():
            place = table.locate(row, headings.get(name, ""))
            intake.diagnostics.add(catalogue.EVIDENCE_MISSING, place, name=labels[stage.name], evidence=labels[name])


def _list_evidence(events: EventTable) -> Iterator[tuple[Stage, str]]:
    for stage in events.stages:
        yield from ((stage, name) for name in stage.evidence)


def _is_lacking(events: EventTable, name: str) -> pl.Expr:
    """Whether evidence is absent, not true or empty; a cell that cannot be read is no question of evidence."""
    column = next(column for column in events.columns if column.name == name)
    absent = ~pl.col(f"{PRESENT}{name}") if column.optional else pl.lit(value=False)
    if column.type.kind is TypeKind.BOOL:
        absent |= ~pl.col(name)
    elif column.type.kind is TypeKind.STRING:
        absent |= pl.col(name) == ""
    return absent.fill_null(value=False)
