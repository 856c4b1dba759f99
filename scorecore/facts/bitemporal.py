"""Two clocks of facts: when a row is valid, and when it became known. Which rows of a table count by them.

A row that became known later replaces the row with the same key that was known before, or takes it back. Of the rows of
a subject the one counts that is in force on the last day of the period.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.facts.cells import EVERY_YEAR
from scorecore.facts.convert import convert_column
from scorecore.facts.headings import is_heading
from scorecore.facts.ids import read_ids
from scorecore.facts.model import ROW
from scorecore.facts.notations import CellFault
from scorecore.facts.period_cells import find_period_heading, read_periods
from scorecore.facts.raw import RawTable
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.program.model import Program
from scorecore.values.period import Period, PeriodKind
from scorecore.values.types import Type, TypeKind

KNOWN: Final = "#known"
WITHDRAWN: Final = "#withdrawn"
FROM: Final = "#from"
UNTIL: Final = "#until"
EVENT_CLOCKS: Final = {
    "known": KNOWN,
    "获知日": KNOWN,
    "withdrawn": WITHDRAWN,
    "撤销": WITHDRAWN,
    "撤消": WITHDRAWN,  # the same word, and too short for a hint at the other
}
SUBJECT_CLOCKS: Final = EVENT_CLOCKS | {"valid_from": FROM, "生效日": FROM, "valid_until": UNTIL, "失效日": UNTIL}
"""The headings under which files have clocks, unless the policy has a fact of that name or label."""

ClockFaults = dict[int, CellFault]
"""By row of the file what is wrong with its clocks."""

_TYPES: Final = {
    KNOWN: Type(TypeKind.DATE),
    WITHDRAWN: Type(TypeKind.BOOL),
    FROM: Type(TypeKind.DATE),
    UNTIL: Type(TypeKind.DATE),
}
_ID: Final = "#whom"
_LABEL: Final = "#of"
_DAY: Final = "#day"
_ALWAYS: Final = pl.lit(value=True)


def read_clocks(
    frame: pl.DataFrame, headings: Mapping[str, str], known_at: date | None
) -> tuple[pl.DataFrame, ClockFaults]:
    """The rows that were known on a day, their clocks beside them, and what is wrong with these.

    `headings` has those of the clocks by KNOWN and so on; where it has none, the frame stays as it is.
    """
    clock_headings = {clock: headings[clock] for clock in _TYPES if clock in headings}
    if not clock_headings:
        return frame, {}
    numbers, faults = frame[ROW], ClockFaults()
    clocks = [pl.lit(None, dtype=get_physical_dtype(clock_type)).alias(clock) for clock, clock_type in _TYPES.items()]
    frame = frame.with_columns(clocks)
    for clock, heading in clock_headings.items():
        written = _ended(frame[heading]) if clock == UNTIL else frame[heading]
        cells, cell_faults = convert_column(written, _TYPES[clock])
        frame = frame.with_columns(cells.alias(clock))
        for position, (kind, params) in cell_faults.items():
            faults.setdefault(numbers[position], CellFault(kind, {"name": heading, **params}))
    for row, start, end in frame.filter(pl.col(UNTIL) < pl.col(FROM)).select(ROW, FROM, UNTIL).rows():
        params = {"name": clock_headings[UNTIL], "value": str(end), "start": str(start)}
        faults.setdefault(row, CellFault(catalogue.VALID_BACKWARDS, params))
    frame = frame.with_columns(pl.col(WITHDRAWN).fill_null(value=False))
    if known_at is not None and KNOWN in clock_headings:
        frame = frame.filter(pl.col(KNOWN).is_null() | (pl.col(KNOWN) <= known_at))
        faults = {row: faults[row] for row in _rows_of(frame, faults)[ROW]}
    return frame, faults


def _ended(cells: pl.Series) -> pl.Series:
    """Last days of validity, empty for 9999-12-31, which many personnel systems write for no end."""
    days, _ = convert_column(cells, _TYPES[UNTIL], EVERY_YEAR)
    endless = (days == date.max).fill_null(value=False)
    return cells.clone().scatter(endless.arg_true(), None) if endless.any() else cells


def keep_latest(frame: pl.DataFrame, key: Sequence[str], keyed: pl.Expr = _ALWAYS) -> pl.DataFrame:
    """Without rows that are replaced or withdrawn. Rows that are not `keyed` stay, and so do duplicates."""
    last = pl.col(KNOWN).eq_missing(pl.col(KNOWN).max().over(key))
    return drop_withdrawals(frame.filter(last | ~keyed), key, keyed)


def drop_withdrawals(frame: pl.DataFrame, key: Sequence[str], keyed: pl.Expr = _ALWAYS) -> pl.DataFrame:
    """Without the rows that only take something back; beside an equal one such a row stays."""
    return frame.filter(~pl.col(WITHDRAWN) | ~keyed | (pl.len().over(key) > 1))


def find_needless_withdrawals(frame: pl.DataFrame, key: Sequence[str], keyed: pl.Expr = _ALWAYS) -> pl.Series:
    """The rows of the file that are to take something back, and are the only ones of their key."""
    return frame.filter(pl.col(WITHDRAWN) & keyed & (pl.len().over(key) == 1))[ROW]


def find_moved_events(
    frame: pl.DataFrame, kept: pl.DataFrame, key: Sequence[str], dated_by: str, period: Period
) -> list[tuple[int, date, date]]:
    """The events of a period in whose place one of another period was kept: row of the file, and both dates."""
    day = pl.col(dated_by).cast(pl.Date)
    inside = day.is_between(period.start, period.end)
    gone = frame.filter(inside).join(kept.select(ROW), on=ROW, how="anti", maintain_order="left")
    replacing = kept.filter(~inside).select(*key, day.alias(_DAY))
    return gone.join(replacing, on=key, maintain_order="left").select(pl.col(ROW), day, pl.col(_DAY)).rows()


def keep_in_force(frame: pl.DataFrame, faults: Collection[int], whom: Sequence[str], day: pl.Expr) -> pl.DataFrame:
    """Of the rows of each subject the one that is in force on a day; where something is wrong, the first that is."""
    broken = _rows_of(frame, faults).sort(ROW).unique(whom, keep="first", maintain_order=True)
    right = frame.join(broken, on=whom, how="anti", maintain_order="left") if faults else frame
    key = [*whom, FROM]
    right = keep_latest(right, key)
    holds = (pl.col(FROM).is_null() | (pl.col(FROM) <= day)) & (pl.col(UNTIL).is_null() | (pl.col(UNTIL) >= day))
    right = right.filter(holds.any().over(key))  # of two that are equal but for their end, neither is believed
    right = right.filter(pl.col(FROM).eq_missing(pl.col(FROM).max().over(whom)))
    return pl.concat([right, broken])


def find_leavers(frame: pl.DataFrame, kept: pl.DataFrame, whom: str, start: date) -> list[tuple[int, str, date]]:
    """Whose row ends within a period, with no other row in force on its last day: row of the file, id, last day."""
    left = keep_latest(frame, (whom, FROM)).filter(pl.col(UNTIL) >= start)
    gone = left.join(kept.select(whom), on=whom, how="anti", maintain_order="left")
    last = gone.sort(UNTIL, ROW).unique(whom, keep="last", maintain_order=True).sort(ROW)
    return last.select(ROW, whom, UNTIL).rows()


def _rows_of(frame: pl.DataFrame, rows: Collection[int]) -> pl.DataFrame:
    return frame.filter(pl.col(ROW).is_in(list(rows)))


def is_dated(frame: pl.DataFrame, kind: PeriodKind, fact_names: Collection[str]) -> bool:
    """Whether the rows of a table say for which period, or since when, they are."""
    since = [heading for heading in frame.columns if SUBJECT_CLOCKS.get(heading.strip()) == FROM]
    return bool(find_period_heading(frame, kind, fact_names) or [name for name in since if name not in fact_names])


def keep_rows_in_force(table: RawTable, program: Program, period: Period, known_at: date | None) -> RawTable:
    """A table of subjects with the rows that count in their periods, for a caller that divides it before intake.

    Rows without a period are for `period`.
    """
    schema, frame = program.schema, table.frame
    fact_names = {name for column in schema.columns for name in (column.name, column.label)}
    headings = {heading: heading.strip() for heading in frame.columns}
    clock_headings = {
        SUBJECT_CLOCKS[name]: heading
        for heading, name in headings.items()
        if name in SUBJECT_CLOCKS and name not in fact_names
    }
    id_names = {schema.subject, schema.label} - {""}
    id_heading = next((heading for heading in headings if is_heading(heading, id_names)), None)
    if not clock_headings or id_heading is None:
        return table
    heading = find_period_heading(frame, program.period, fact_names)
    labels = (
        read_periods(frame[heading], program.period).labels
        if heading
        else pl.Series([period.label]).new_from_index(0, len(frame))
    )
    periods = {label: program.period.period(label) for label in labels.drop_nulls().unique()}
    ends = {label: row_period.end for label, row_period in periods.items() if row_period}
    days = labels.replace_strict(list(ends), list(ends.values()), default=None, return_dtype=pl.Date)
    clocks = [
        table.row_numbers.alias(ROW),
        read_ids(frame[id_heading]).values.alias(_ID),
        labels.alias(_LABEL),
        days.alias(_DAY),
    ]
    rows, faults = read_clocks(frame.with_columns(clocks).filter(pl.col(_ID).is_not_null()), clock_headings, known_at)
    kept = keep_in_force(rows, faults, (_ID, _LABEL), pl.col(_DAY)).sort(ROW)
    return RawTable(kept.select(frame.columns), table.source, table.first_row, tuple(kept[ROW]), table.columns)
