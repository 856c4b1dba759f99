"""Which rows of a table are for the period that is decided."""

import re
from collections.abc import Collection
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.facts.convert import CellNote
from scorecore.facts.headings import PERIOD_HEADINGS, is_heading, list_period_headings
from scorecore.facts.model import ROW
from scorecore.facts.notations import compose
from scorecore.facts.period_cells import PeriodColumn, read_period, read_periods
from scorecore.facts.raw import RawTable
from scorecore.facts.table_intake import TableIntake, list_rows
from scorecore.values.period import Period, PeriodKind

_PERIODS_A_YEAR: Final = {"week": 53, "half-month": 24, "month": 12, "quarter": 4, "half-year": 2, "year": 1}
_PERIOD_WORDS: Final = ("期", "周", "月", "季", "年", "period", "week", "month", "quarter", "year")
_DATE_OF: Final = re.compile(r".+日期?|.+(?: date|_date)|date of .+")
"""Headings that say which day it is, such as 入职日期: it is not the period."""
_OF_PERIODS: Final = ("考核", "统计", "所属", "归属", "核算", "会计", "业务", "数据", "绩效", "工资", "薪资", "period")
_BARE_HEADINGS: Final = frozenset(("时间", "所属", "批次", "time", "date", "batch"))
"""Headings that may mean the period where they say no more: the time of an entry is another."""


def keep_period(
    intake: TableIntake, table: RawTable, frame: pl.DataFrame, headings: Collection[str]
) -> pl.DataFrame | None:
    """The rows that are for the period; all where no column says for which. A row for none is a problem.

    `headings` are those of the columns that are read. None if the period of the rows is not clear.
    """
    found_headings = list_period_headings(frame.columns, intake.program.period.every, headings)
    if not found_headings:
        return None if _has_unclear_column(intake, table, frame, headings) else frame
    heading = found_headings[0]
    if len(found_headings) > 1:
        place = table.locate(table.first_row - 1, found_headings[1])
        intake.diagnostics.add(catalogue.COLUMN_TWICE, place, heading=found_headings[1])
        return None
    if heading.strip() not in PERIOD_HEADINGS:
        place = table.locate(table.first_row - 1, heading)
        intake.diagnostics.add(catalogue.HEADING_READ_AS, place, heading=heading, meaning=PERIOD_HEADINGS[0])
    kind = intake.program.period
    periods = table.read_once(frame, ("periods", heading, kind), lambda: read_periods(frame[heading], kind))
    report_periods(intake, table, periods, frame[ROW], heading)
    return frame.filter(periods.labels == intake.period.label)


def report_periods(intake: TableIntake, table: RawTable, periods: PeriodColumn, rows: pl.Series, heading: str) -> None:
    """Note periods that are written otherwise than policies do; what names none, or is empty, is a problem."""
    kind = intake.program.period
    for row in rows.filter(periods.texts.is_null()):
        intake.diagnostics.add(catalogue.ROW_WITHOUT_PERIOD, table.locate(row, heading), name=heading)
    for text, label in periods.readings.items():
        if label == text or (label is None and any(other.period(text) for other in intake.other_kinds)):
            continue
        positions = (periods.texts == text).fill_null(value=False).arg_true().to_list()
        if label is not None:
            note = CellNote(text, label)
            intake.note_readings(table, heading, rows, dict.fromkeys(positions, note), {"name": heading})
            continue
        place = table.locate(rows[positions[0]], heading)
        more = list_rows([rows[position] for position in positions[1:]])
        intake.diagnostics.add(catalogue.NOT_A_PERIOD, place, text=text, example=kind.example, **more)


def _has_unclear_column(intake: TableIntake, table: RawTable, frame: pl.DataFrame, headings: Collection[str]) -> bool:
    """Whether a column that is not read looks as if it said that rows are for other periods, which is a problem."""
    unread = [name for name in table.frame.columns if name not in headings and not is_heading(name, intake.id_headings)]
    for heading in unread:
        if may_be_periods(frame[heading]) and _is_unclear(intake, table, frame[heading]):
            place = table.locate(table.first_row - 1, heading)
            params = {"heading": heading, "period": PERIOD_HEADINGS[0], "example": "入职日期, date of joining"}
            intake.diagnostics.add(catalogue.PERIOD_COLUMN_UNCLEAR, place, **params)
            return True
    return False


def may_be_periods(cells: pl.Series) -> bool:
    """Whether cells are of a type in which people write periods."""
    return cells.dtype in {pl.String, pl.Date}


def _is_unclear(intake: TableIntake, table: RawTable, cells: pl.Series) -> bool:
    if table.whole is not None:
        return cells.name in table.whole.unclear
    return name_other_periods(cells, intake.program.period, intake.period)


def name_other_periods(cells: pl.Series, kind: PeriodKind, decided: Period) -> bool:
    """Whether all cells are periods within a year of the one decided, other than this, and one or headed like periods.

    The month in which each person joined is many months, mostly of other years.
    """
    filled = cells.drop_nulls()
    first = filled.first()
    if first is None or read_period(str(first), kind) is None:
        return False
    labels = read_periods(filled, kind).labels
    near = {
        label
        for label in labels.unique().drop_nulls()
        if (period := kind.period(label)) and abs(kind.between(period, decided)) <= _PERIODS_A_YEAR[kind.every]
    }
    if labels.null_count() or not near >= set(labels.unique()) or near == {decided.label}:
        return False
    heading = compose(cells.name).casefold()
    if _DATE_OF.fullmatch(heading) and not any(word in heading for word in _OF_PERIODS):
        return False
    return len(near) == 1 or heading in _BARE_HEADINGS or any(word in heading for word in _PERIOD_WORDS)
