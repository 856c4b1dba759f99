"""Tables that are there but cannot be read: whoever needs their rows learns where the cause is, not that they lack."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Collection, Iterable

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.facts.model import ROW, SUBJECT, Distrust, RowsBySubject
from scorecore.facts.raw import RawTable
from scorecore.facts.table_intake import TableIntake, slice_by_subject
from scorecore.program.schema import EventTable


def find_refusal(diagnostics: Iterable[Diagnostic], names: Collection[str] | None = None) -> Diagnostic | None:
    """The first problem; with names, of a file or sheet that has one of them."""
    return next(
        (
            diagnostic
            for diagnostic in diagnostics
            if not diagnostic.kind.warning and (names is None or _name_table(diagnostic.location.source) in names)
        ),
        None,
    )


def _name_table(source: str) -> str:
    """What a table is called by its source, such as `facts/fines.csv` or `facts.xlsx[fines]`."""
    if source.endswith("]"):
        return source[:-1].rpartition("[")[2]
    name = source.replace("\\", "/").rpartition("/")[2]
    return name.rpartition(".")[0] or name


def refuse_rows(intake: TableIntake, events: EventTable, cause: Diagnostic, subject_count: int) -> RowsBySubject:
    """No rows, and why nobody knows those of any subject."""
    frame = pl.DataFrame([pl.Series(ROW, [], dtype=pl.UInt32)])
    series, _ = intake.convert_columns(RawTable(frame, events.name), frame, events.columns, {})
    typed = pl.DataFrame([frame[ROW], pl.Series(SUBJECT, [], dtype=pl.UInt32), *series])
    place = str(cause.location)
    refusal: Distrust = (catalogue.TABLE_REFUSED, {"table": events.name, "code": cause.kind.code, "place": place}, 0)
    distrusted = dict.fromkeys(range(subject_count), refusal)
    return slice_by_subject(typed, {}, distrusted, subject_count, events.name)
