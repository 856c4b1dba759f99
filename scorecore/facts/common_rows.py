"""Tables whose rows belong to nobody, such as rates and prices: taken in once, and put beside every subject.

So each subject is decided, recorded and decided again with what it could read, and nothing after the intake knows
that others read the same.
"""

from typing import Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.facts.event_intake import ingest_events
from scorecore.facts.headings import is_heading
from scorecore.facts.model import SUBJECT, RowsBySubject
from scorecore.facts.raw import RawTable
from scorecore.facts.subject_index import SubjectIndex
from scorecore.facts.table_intake import TableIntake
from scorecore.program.schema import EventTable

MAX_ROWS: Final = 50_000_000
"""Rows of one table beside all subjects together."""
_EVERYBODY: Final = "*"


def ingest_common(intake: TableIntake, events: EventTable, table: RawTable, subject_count: int) -> RowsBySubject | None:
    """The rows of the period beside each subject; None if the table cannot be read, with the reason."""
    own = {name for column in events.columns for name in (column.name, column.label)}
    for heading in table.frame.columns:
        if is_heading(heading, intake.id_headings - own):
            place = table.locate(table.first_row - 1, heading)
            intake.diagnostics.add(catalogue.COMMON_WITH_IDS, place, table=events.name, heading=heading)
            return None
    ids = pl.Series(intake.program.schema.subject, [_EVERYBODY]).new_from_index(0, len(table.frame))
    rows = ingest_events(
        intake,
        events,
        evolve(table, frame=table.frame.with_columns(ids), memory=None),
        SubjectIndex(pl.Series([_EVERYBODY])),
    )
    if rows is None:
        return None
    if len(rows.frame) * subject_count > MAX_ROWS:
        params = {"table": events.name, "rows": len(rows.frame), "count": subject_count, "limit": MAX_ROWS}
        intake.diagnostics.add(catalogue.COMMON_TOO_LARGE, table.locate(0), **params)
        return None
    return _repeat(rows, subject_count)


def _repeat(rows: RowsBySubject, count: int) -> RowsBySubject:
    """The rows of one subject as those of each of so many."""
    size = len(rows.frame)
    numbers = pl.int_range(size * count, dtype=pl.UInt32, eager=True)
    frame = rows.frame
    if size:
        frame = rows.frame[numbers % size].with_columns((numbers // size).cast(pl.UInt32).alias(SUBJECT))
    bad = {
        name: {subject * size + row: fault for subject in range(count) for row, fault in faults.items()}
        for name, faults in rows.bad.items()
    }
    ends = pl.int_range(1, count + 1, dtype=pl.UInt32, eager=True) * size
    distrusted = {subject: cause for cause in rows.distrusted.values() for subject in range(count)}
    return evolve(rows, frame=frame, ends=ends.cast(pl.UInt32), bad=bad, distrusted=distrusted)
