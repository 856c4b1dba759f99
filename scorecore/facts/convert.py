"""Cells of fact files as typed columns: everything that does not fit is kept out, with the reason."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from scorecore.facts.cells import (
    EVERY_YEAR,
    FACT_YEARS,
    FALSE_TEXTS,
    TRUE_TEXTS,
    CellFault,
    check_cell,
    report_unfit,
    report_year,
    to_scaled_integer,
)
from scorecore.facts.error_cells import ERROR_TEXTS
from scorecore.language.operators.dates import EPOCH
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.language.operators.text import MAX_TEXT_LENGTH
from scorecore.values.types import PLACES, Type, TypeKind

CellFaults = dict[int, CellFault]
"""By row, what is wrong with the cells of a column that do not fit."""

_DAY_LENGTHS: Final = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_CALENDAR_END: Final = 90_000_000
"""Days from 1970 up to which Polars can write a date; years have up to six digits there."""


def convert_column(cells: pl.Series, fact_type: Type, years: range = FACT_YEARS) -> tuple[pl.Series, CellFaults]:
    """A column of cells as it is held in columns; null where a cell is empty or bad.

    `years` are those that a date or timestamp may have.
    """
    if cells.dtype == pl.Null:
        return pl.Series(cells.name, [None] * len(cells), dtype=get_physical_dtype(fact_type)), {}
    if isinstance(cells.dtype, pl.Date | pl.Datetime):  # first of all: Python cannot hold every date that Polars can
        allowed = EVERY_YEAR if fact_type.kind is TypeKind.STRING else years
        cells, faults = _without_other_years(cells, fact_type, allowed)
        values, other_faults = _converted(cells, fact_type, years)
        return values, faults | other_faults
    return _converted(cells, fact_type, years)


def _converted(cells: pl.Series, fact_type: Type, years: range) -> tuple[pl.Series, CellFaults]:
    if cells.dtype in {pl.Categorical, pl.Enum}:
        cells = cells.cast(pl.String)
    if fact_type.kind is TypeKind.STRING and (
        cells.dtype.is_numeric() or cells.dtype in {pl.Boolean, pl.Date, pl.Datetime, pl.Time}
    ):
        cells = cells.cast(pl.String)
    if cells.dtype == pl.String:
        return _from_text(_stripped(cells), fact_type, years)
    if fact_type.is_number and (cells.dtype.is_integer() or cells.dtype.is_decimal()):
        return _from_numbers(cells, fact_type)
    if (fact_type.kind is TypeKind.BOOL and cells.dtype == pl.Boolean) or (
        fact_type.kind is TypeKind.DATE and cells.dtype == pl.Date
    ):
        return cells, {}
    if fact_type.kind is TypeKind.DATE and cells.dtype == pl.Datetime:
        days = cells.dt.date()
        fits = (cells == cells.dt.truncate("1d")) & _in_years(days, years)  # once more: a zone may shift the day
        return _take_out(days, cells, _rows(~fits), fact_type, years)
    if fact_type.kind is TypeKind.TIMESTAMP and cells.dtype == pl.Datetime and cells.dtype.time_zone is None:  # type: ignore[attr-defined]
        return _take_out(
            cells.cast(get_physical_dtype(fact_type)), cells, _rows(cells != cells.dt.truncate("1s")), fact_type, years
        )
    if cells.dtype.is_float() and fact_type.is_number:  # 15 digits are what a spreadsheet keeps and shows
        return _from_text(_texts(cells, lambda value: f"{value:.15g}"), fact_type, years)
    return _from_text(_texts(cells, str), fact_type, years)


def _without_other_years(cells: pl.Series, fact_type: Type, years: range) -> tuple[pl.Series, CellFaults]:
    """Dates or timestamps, null where the year is none of `years`, with the reason."""
    length = _DAY_LENGTHS[cells.dtype.time_unit] if isinstance(cells.dtype, pl.Datetime) else 1
    first, last = (date(years[0], 1, 1) - EPOCH).days, (date(years[-1], 12, 31) - EPOCH).days
    counts = cells.to_physical().cast(pl.Int64)
    outside = _rows(~(counts // length).is_between(first, last))
    if not outside:
        return cells, {}
    faults = {row: report_year(_day_text(counts[row] // length), fact_type, years) for row in outside}
    return cells.clone().scatter(outside, None), faults


def _day_text(count: int) -> str:
    """The date so many days after 1970-01-01, in whatever year; the bare count where no calendar goes that far."""
    if abs(count) > _CALENDAR_END:
        return str(count)
    return str(pl.Series([count], dtype=pl.Int32).cast(pl.Date).cast(pl.String)[0])


def _in_years(moments: pl.Series, years: range) -> pl.Series:
    if moments.dtype == pl.Date:
        return moments.is_between(date(years[0], 1, 1), date(years[-1], 12, 31))
    return moments.is_between(datetime(years[0], 1, 1), datetime(years[-1], 12, 31, 23, 59, 59))


def _texts(cells: pl.Series, write: Callable[[Any], str]) -> pl.Series:
    return pl.Series(cells.name, [None if cell is None else write(cell) for cell in cells], dtype=pl.String)


def _stripped(cells: pl.Series) -> pl.Series:
    text = cells.str.strip_chars()
    return text.to_frame().select(pl.when(text != "").then(pl.first())).to_series() if (text == "").any() else text


def _rows(mask: pl.Series) -> list[int]:
    return mask.fill_null(value=False).arg_true().to_list()


def _take_out(
    values: pl.Series, cells: pl.Series, rows: Sequence[int], fact_type: Type, years: range = FACT_YEARS
) -> tuple[pl.Series, CellFaults]:
    """The values without the rows whose cells do not fit, and what is wrong with each of these."""
    faults = {}
    for row in rows:
        checked = check_cell(cells[row], fact_type, years)
        faults[row] = checked if isinstance(checked, CellFault) else report_unfit(cells[row], fact_type)
    return (values.clone().scatter(list(rows), None) if rows else values), faults


def _from_text(text: pl.Series, fact_type: Type, years: range = FACT_YEARS) -> tuple[pl.Series, CellFaults]:
    if fact_type.is_number:
        return _numbers_from_text(text, fact_type)
    if fact_type.kind is TypeKind.STRING:
        long = text.str.len_chars() > MAX_TEXT_LENGTH
        not_among = ~text.is_in(list(fact_type.among)) if fact_type.among is not None else long
        rows = _rows(long | not_among | text.is_in(list(ERROR_TEXTS)))
        kept, faults = _take_out(text, text, rows, fact_type)
        return (kept if fact_type.among is None else kept.cast(pl.Enum(list(fact_type.among)))), faults
    if fact_type.kind is TypeKind.BOOL:
        low = text.str.to_lowercase()
        is_true = low.is_in(list(TRUE_TEXTS))
        rows = _rows(~(is_true | low.is_in(list(FALSE_TEXTS))))
        return _take_out(is_true, text, rows, fact_type)
    moments = _timestamps(text) if fact_type.kind is TypeKind.TIMESTAMP else _dates(text)
    dated = moments.to_frame("moment").select(pl.when(_in_years(moments, years)).then(pl.col("moment")))
    return _check_unread(dated["moment"].alias(text.name), text, fact_type, years)


def _dates(text: pl.Series) -> pl.Series:
    """Dates as ISO writes them, with all digits of the year: Polars would also take 24 or -2024 for one."""
    iso = pl.col("text").str.contains(r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$")
    plain = text.to_frame("text").select(pl.when(iso).then(pl.col("text")))
    return plain["text"].str.to_date("%Y-%m-%d", strict=False, exact=True).alias(text.name)


def _timestamps(text: pl.Series) -> pl.Series:
    """Timestamps as ISO writes them; a second 60, which Polars takes for the next minute, is left out."""
    iso = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-5][0-9](:[0-5][0-9])?$"
    plain = text.to_frame("text").select(
        pl.when(pl.col("text").str.contains(iso)).then(pl.col("text").str.replace("T", " ", literal=True))
    )
    readings = [
        plain["text"].str.to_datetime(form, time_unit="us", strict=False, exact=True)
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
    ]
    return pl.select(pl.coalesce(readings)).to_series().alias(text.name)


def _check_unread(
    values: pl.Series, texts: pl.Series, fact_type: Type, years: range = FACT_YEARS
) -> tuple[pl.Series, CellFaults]:
    """Values with those of the texts that were not read as a column, which are checked cell by cell."""
    checked = {row: check_cell(texts[row], fact_type, years) for row in _rows(values.is_null() & texts.is_not_null())}
    faults = {row: outcome for row, outcome in checked.items() if isinstance(outcome, CellFault)}
    fitting = {
        row: to_scaled_integer(outcome, fact_type)
        for row, outcome in checked.items()
        if not isinstance(outcome, CellFault) and outcome is not None
    }
    if fitting:
        values = values.clone().scatter(list(fitting), pl.Series(values=list(fitting.values()), dtype=values.dtype))
    return values, faults


def _numbers_from_text(text: pl.Series, fact_type: Type) -> tuple[pl.Series, CellFaults]:
    digits = f"[0-9]{{1,{fact_type.places}}}" if fact_type.places else ""
    plain = rf"^-?[0-9]{{1,26}}(\.{digits})?$" if digits else r"^-?[0-9]{1,26}$"
    simple = text.to_frame("text").select(pl.when(pl.col("text").str.contains(plain)).then(pl.col("text")))
    whole = simple.select(
        pl.col("text")
        .str.to_decimal(scale=fact_type.places)
        .cast(pl.Decimal(38, fact_type.places))
        .reinterpret(dtype=pl.Int128)
    ).to_series()
    return _check_unread(_bounded(whole, fact_type.places, fact_type), text, fact_type)


def _bounded(whole: pl.Series, places: int, fact_type: Type) -> pl.Series:
    """Whole numbers at `places` as the type holds them; null outside its bounds."""
    cut = 10 ** (PLACES - places)
    low, high = -(-fact_type.low // cut), fact_type.high // cut
    kept = whole.to_frame("n").select(pl.when(_between(low, high)).then(pl.col("n")))
    return kept.select(pl.col("n").cast(get_physical_dtype(fact_type))).to_series().alias(whole.name)


def _between(low: int, high: int) -> pl.Expr:
    return pl.col("n").is_between(pl.lit(low, dtype=pl.Int128), pl.lit(high, dtype=pl.Int128))


def _from_numbers(cells: pl.Series, fact_type: Type) -> tuple[pl.Series, CellFaults]:
    scale = cells.dtype.scale if isinstance(cells.dtype, pl.Decimal) else 0
    wide = cells.cast(pl.Decimal(38, scale)).reinterpret(dtype=pl.Int128) if scale else cells.cast(pl.Int128)
    column = pl.col("n")
    if scale > fact_type.places:
        step = 10 ** (scale - fact_type.places)
        wide = wide.to_frame("n").select(pl.when(column // step * step == column).then(column // step)).to_series()
        return _take_out_unread(_bounded(wide, fact_type.places, fact_type), cells, fact_type)
    by = 10 ** (fact_type.places - scale)
    small = wide.to_frame("n").select(
        pl.when(_between(-(10**38) // by, 10**38 // by)).then(column * pl.lit(by, dtype=pl.Int128))
    )
    return _take_out_unread(_bounded(small.to_series(), fact_type.places, fact_type), cells, fact_type)


def _take_out_unread(values: pl.Series, cells: pl.Series, fact_type: Type) -> tuple[pl.Series, CellFaults]:
    return _take_out(values, cells, _rows(values.is_null() & cells.is_not_null()), fact_type)
