"""Cells that say for which period a row is, however people write a period."""

from __future__ import annotations  # nothing loads Polars when a command starts

import re
from collections.abc import Collection, Mapping
from typing import Final

import polars as pl
from attrs import frozen

from scorecore.facts.headings import PERIOD_HEADINGS, list_period_headings
from scorecore.facts.notations import compose
from scorecore.facts.raw import RawTable, convert_to_text
from scorecore.values.period import HALF_MONTH, WEEK, PeriodKind

_YEAR: Final = r"(?P<year>[0-9]{4})"
_MONTH: Final = (
    rf"{_YEAR}(?:[-/年](?P<month>0?[1-9]|1[0-2])|\.(?P<second>0[1-9]|1[0-2])|(?P<third>0[1-9]|1[0-2]))月?份?"
)
"""Not 2024.1, which is what a spreadsheet makes of 2024.10."""
_NOTATIONS: Final = {
    "week": re.compile(rf"{_YEAR}(?:[-/年]?第?(?:[Ww](?P<number>[0-9]{{1,2}})|(?P<second>[0-9]{{1,2}})周))"),
    "half-month": re.compile(rf"(?:{_MONTH})(?:-?[Hh](?P<half>[12])|(?P<part>[上下])半月?)"),
    "month": re.compile(_MONTH),
    "quarter": re.compile(rf"{_YEAR}(?:[-/年]?第?(?:[Qq](?P<number>[1-4])|(?P<second>[1-4一二三四])季度?))"),
    "half-year": re.compile(rf"{_YEAR}(?:[-/]?[Hh](?P<number>[12])|[-/年]?(?P<second>[上下])半年度?)"),
    "year": re.compile(rf"{_YEAR}年?度?"),
}
_DATE: Final = re.compile(
    r"(?P<year>[0-9]{4})[-/.年](?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?(?:[ T]0?0:00(?::00)?)?"
)
_NUMBERS: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}


def find_period_heading(frame: pl.DataFrame, kind: PeriodKind, fact_names: Collection[str] = ()) -> str | None:
    """The heading of the column that says for which period a row is; None if there is none.

    `fact_names` are the names and labels of facts, which are never taken for it.
    """
    headings = list_period_headings(frame.columns, kind.every, fact_names)
    plain = {heading.strip(): heading for heading in reversed(headings)}
    return next((plain[name] for name in PERIOD_HEADINGS if name in plain), next(iter(headings), None))


def list_periods(table: RawTable, kind: PeriodKind, fact_names: Collection[str] = ()) -> list[str]:
    """The labels of the periods of a kind that a table has rows for; of a part those of the whole."""
    if table.whole is not None:
        return list(table.whole.labels)
    heading = find_period_heading(table.frame, kind, fact_names)
    if not heading:
        return []
    cells = table.frame[heading]
    return table.read_once(
        table.frame,
        ("labels", heading, kind),
        lambda: sorted(read_periods(cells, kind).labels.drop_nulls().unique()),
    )


@frozen
class PeriodColumn:
    """The periods that a column of cells names."""

    labels: pl.Series
    """As the policy writes them; null where a cell is empty, or names none."""
    texts: pl.Series
    """As they are in the file; null where a cell is empty."""
    readings: Mapping[str, str | None]
    """By text what it is read as."""


def read_periods(cells: pl.Series, kind: PeriodKind) -> PeriodColumn:
    """What the cells of a column say about periods of a kind."""
    texts = _convert_few(cells) if cells.dtype == pl.String else convert_to_text(cells)
    readings = {text: read_period(text, kind) for text in texts.unique(maintain_order=True).drop_nulls()}
    if all(text == label for text, label in readings.items()):
        return PeriodColumn(texts, texts, readings)
    labels = texts.replace_strict(list(readings), list(readings.values()), return_dtype=pl.String, default=None)
    return PeriodColumn(labels, texts, readings)


def _convert_few(cells: pl.Series) -> pl.Series:
    """`convert_to_text` of a column in which few texts stand many times: each of them is converted once."""
    written = cells.unique(maintain_order=True).drop_nulls()
    texts = convert_to_text(written)
    if (texts == written).fill_null(value=False).all():
        return cells
    return cells.replace_strict(written, texts, return_dtype=pl.String, default=None)


def read_period(text: str, kind: PeriodKind) -> str | None:
    """The label of the period that a text names, such as `2024年5月`; None if it names none."""
    if kind.period(text):
        return text
    plain = "".join(compose(text).split())
    matched = _NOTATIONS[kind.every].fullmatch(plain)
    if matched:
        label = _write_label(kind, matched)
        return label if kind.period(label) else None
    dated = _DATE.fullmatch(compose(text))
    return _find_period_of_day(dated, kind) if dated else None


def _write_label(kind: PeriodKind, matched: re.Match[str]) -> str:
    """The label of what a notation says."""
    year, parts = matched["year"], [part for name, part in matched.groupdict().items() if part and name != "year"]
    if not parts:
        return year
    number, half = (_NUMBERS.get(part) or int(part) for part in (parts[0], parts[-1]))
    written = {"month": f"{number:02}", "quarter": f"Q{number}", "half-year": f"H{number}"}
    written |= {"week": f"W{number:02}", "half-month": f"{number:02}-H{half}"}
    return f"{year}-{written[kind.every]}"


def _find_period_of_day(dated: re.Match[str], kind: PeriodKind) -> str | None:
    """The period that a spreadsheet keeps as a date: its month, or the period that begins on that day.

    Where the months of a policy do not end with those of the calendar, a day names a month if both mean the same.
    """
    year, month, day = (int(dated[name]) for name in ("year", "month", "day"))
    label = f"{year:04}-{month:02}"
    calendar = PeriodKind("month").period(label)
    if calendar is None or not 1 <= day <= calendar.days:
        return None
    moment = calendar.start.replace(day=day)
    if kind.every == "month":
        period = kind.period(label)
        return label if period and (not kind.closes or period.start <= moment <= period.end) else None
    if moment != calendar.start or kind.every in {WEEK, HALF_MONTH}:  # a day may be what a spreadsheet made of a month
        return None
    position = {"quarter": f"{year:04}-Q{(month + 2) // 3}", "half-year": f"{year:04}-H{(month + 5) // 6}"}
    period = PeriodKind(kind.every).period(position.get(kind.every, f"{year:04}"))
    return period.label if period and period.start == moment else None
