"""Cells of fact files as typed columns: everything that does not fit is kept out, with the reason."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.diagnostics.suggest import suggest
from scorecore.language.operators.dates import EPOCH
from scorecore.language.operators.scaled import physical
from scorecore.language.operators.text import LONGEST
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    find_number_fault,
    from_units,
    places_of,
    to_units,
)

Bad = dict[int, tuple[DiagnosticKind, dict[str, str]]]
"""Rows whose cell does not fit: what is wrong, and what stands there."""

FACT_YEARS: Final = range(1900, 2201)
"""The years that a date in facts may have; one beyond them is a slip of the pen, such as 0024 for 2024."""
EVERY_YEAR: Final = range(1, 10_000)
"""The years that a computed date may have: decisions of earlier periods and of other policies are read with these."""

_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DATE: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?( 00:00(:00(\.0+)?)?)?")
_TIMESTAMP: Final = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?[T ]\s*([0-9]{1,2})[:：]([0-9]{2})([:：]([0-9]{2})(\.0+)?)?"
)
_TRUE: Final = frozenset({"true", "1", "yes", "y", "是", "√"})
_FALSE: Final = frozenset({"false", "0", "no", "n", "否", "×"})
_SHOWN: Final = 40
_DAY_LENGTHS: Final = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_CALENDAR_END: Final = 90_000_000
"""Days from 1970 up to which Polars can write a date; years have up to six digits there."""


def find_misfit(value: object, of: Type, years: range = FACT_YEARS) -> tuple[DiagnosticKind, dict[str, str]] | None:
    """Why a Python value is not of a type, or beyond its bounds; None if it is all right.

    `years` are those that a date or timestamp may have.
    """
    match of.kind:
        case TypeKind.BOOL if isinstance(value, bool):
            return None
        case TypeKind.DATE if type(value) is date:
            return None if value.year in years else _outside_years(str(value), of, years)
        case TypeKind.TIMESTAMP if isinstance(value, datetime) and not value.microsecond and value.tzinfo is None:
            return None if value.year in years else _outside_years(str(value), of, years)
        case TypeKind.STRING if isinstance(value, str):
            return _text_misfit(value, of)
        case TypeKind.INT | TypeKind.DECIMAL if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return _number_misfit(Decimal(value), of)
        case _:
            return catalogue.FACT_UNFIT, {"value": _short(str(value)), "type": str(of)}


def _outside_years(text: str, of: Type, years: range) -> tuple[DiagnosticKind, dict[str, str]]:
    if of.kind not in {TypeKind.DATE, TypeKind.TIMESTAMP}:
        return catalogue.FACT_UNFIT, {"value": text, "type": str(of)}
    return catalogue.FACT_OUTSIDE, {"value": text, "low": f"{years[0]:04}-01-01", "high": f"{years[-1]:04}-12-31"}


def _text_misfit(value: str, of: Type) -> tuple[DiagnosticKind, dict[str, str]] | None:
    if len(value) > LONGEST:
        return catalogue.FACT_TOO_LONG, {"length": str(len(value)), "limit": str(LONGEST)}
    if of.among is not None and value not in of.among:
        return catalogue.FACT_NOT_AMONG, {
            "value": _short(value),
            "among": ", ".join(of.among),
            **suggest(value, of.among),
        }
    return None


def _number_misfit(value: Decimal, of: Type) -> tuple[DiagnosticKind, dict[str, str]] | None:
    shown = {"value": _short(f"{value:f}" if abs(value.adjusted()) < _SHOWN else str(value))}
    unfit = find_number_fault(value)
    if unfit is catalogue.NOT_FINITE:
        return catalogue.FACT_UNFIT, shown | {"type": str(of)}
    if unfit is catalogue.TOO_MANY_PLACES or (not unfit and places_of(value) > of.places):
        return catalogue.FACT_TOO_FINE, shown | {"places": str(of.places)}
    if unfit or not of.low <= to_units(value) <= of.high:
        bounds = {"low": f"{from_units(of.low):f}", "high": f"{from_units(of.high):f}"}
        return catalogue.FACT_OUTSIDE, shown | bounds
    return None


def parse_cell(text: str, of: Type) -> Any:  # noqa: ANN401  a value of the type; the text itself if it cannot be one
    """What a text says, as a value of a type."""
    match of.kind:
        case TypeKind.STRING:
            return text
        case TypeKind.BOOL:
            low = text.lower()
            return low in _TRUE if low in _TRUE | _FALSE else text
        case TypeKind.DATE:
            found = _DATE.fullmatch(text)
            try:
                return date(int(found[1]), int(found[2]), int(found[3])) if found else text
            except ValueError:
                return text
        case TypeKind.TIMESTAMP:
            found = _TIMESTAMP.fullmatch(text)
            try:
                return _timestamp(*(int(found[at] or 0) for at in (1, 2, 3, 4, 5, 7))) if found else text
            except ValueError:
                return text
        case TypeKind.INT:
            number = Decimal(text) if _NUMBER.fullmatch(text) else None
            if number is None or find_number_fault(number) or places_of(number):
                return text if number is None else number
            return int(number)
        case _:
            return Decimal(text) if _NUMBER.fullmatch(text) else text


def _timestamp(*parts: int) -> datetime:
    year, month, day, hour, minute, second = parts
    return datetime(year, month, day, hour, minute, second)


def convert_column(cells: pl.Series, of: Type, years: range = FACT_YEARS) -> tuple[pl.Series, Bad]:
    """A column of cells as it is held in columns; null where a cell is empty or bad.

    `years` are those that a date or timestamp may have.
    """
    if cells.dtype == pl.Null:
        return pl.Series(cells.name, [None] * len(cells), dtype=physical(of)), {}
    if isinstance(cells.dtype, pl.Date | pl.Datetime):  # first of all: Python cannot hold every date that Polars can
        cells, bad = _without_other_years(cells, of, EVERY_YEAR if of.kind is TypeKind.STRING else years)
        values, others = _converted(cells, of, years)
        return values, bad | others
    return _converted(cells, of, years)


def _converted(cells: pl.Series, of: Type, years: range) -> tuple[pl.Series, Bad]:
    if cells.dtype in {pl.Categorical, pl.Enum}:
        cells = cells.cast(pl.String)
    if of.kind is TypeKind.STRING and (
        cells.dtype.is_numeric() or cells.dtype in {pl.Boolean, pl.Date, pl.Datetime, pl.Time}
    ):
        cells = cells.cast(pl.String)
    if cells.dtype == pl.String:
        return _from_text(_stripped(cells), of, years)
    if of.is_number and (cells.dtype.is_integer() or cells.dtype.is_decimal()):
        return _from_numbers(cells, of)
    if (of.kind is TypeKind.BOOL and cells.dtype == pl.Boolean) or (
        of.kind is TypeKind.DATE and cells.dtype == pl.Date
    ):
        return cells, {}
    if of.kind is TypeKind.DATE and cells.dtype == pl.Datetime:
        days = cells.dt.date()
        fits = (cells == cells.dt.truncate("1d")) & _in_years(days, years)  # once more: a zone may shift the day
        return _masked(days, cells, _rows(~fits), of, years)
    if of.kind is TypeKind.TIMESTAMP and cells.dtype == pl.Datetime and cells.dtype.time_zone is None:  # type: ignore[attr-defined]
        return _masked(cells.cast(physical(of)), cells, _rows(cells != cells.dt.truncate("1s")), of, years)
    if cells.dtype.is_float() and of.is_number:  # 15 digits are what a spreadsheet keeps and shows
        return _from_text(_texts(cells, lambda value: f"{value:.15g}"), of, years)
    return _from_text(_texts(cells, str), of, years)


def _without_other_years(cells: pl.Series, of: Type, years: range) -> tuple[pl.Series, Bad]:
    """Dates or timestamps, null where the year is none of `years`, with the reason."""
    length = _DAY_LENGTHS[cells.dtype.time_unit] if isinstance(cells.dtype, pl.Datetime) else 1
    first, last = (date(years[0], 1, 1) - EPOCH).days, (date(years[-1], 12, 31) - EPOCH).days
    counts = cells.to_physical().cast(pl.Int64)
    outside = _rows(~(counts // length).is_between(first, last))
    if not outside:
        return cells, {}
    bad = {row: _outside_years(_day_text(counts[row] // length), of, years) for row in outside}
    return cells.clone().scatter(outside, None), bad


def _day_text(count: int) -> str:
    """The date so many days after 1970-01-01, in whatever year; the bare count where no calendar goes that far."""
    if abs(count) > _CALENDAR_END:
        return str(count)
    return str(pl.Series([count], dtype=pl.Int32).cast(pl.Date).cast(pl.String)[0])


def _in_years(moments: pl.Series, years: range) -> pl.Series:
    if moments.dtype == pl.Date:
        return moments.is_between(date(years[0], 1, 1), date(years[-1], 12, 31))
    return moments.is_between(datetime(years[0], 1, 1), datetime(years[-1], 12, 31, 23, 59, 59))


def _texts(cells: pl.Series, text: Callable[[Any], str]) -> pl.Series:
    return pl.Series(cells.name, [None if value is None else text(value) for value in cells], dtype=pl.String)


def _stripped(cells: pl.Series) -> pl.Series:
    text = cells.str.strip_chars()
    return text.to_frame().select(pl.when(text != "").then(pl.first())).to_series() if (text == "").any() else text


def _rows(mask: pl.Series) -> list[int]:
    return mask.fill_null(value=False).arg_true().to_list()


def _masked(
    values: pl.Series, cells: pl.Series, rows: list[int], of: Type, years: range = FACT_YEARS
) -> tuple[pl.Series, Bad]:
    """Take out the rows that do not fit, each with its reason."""
    bad: Bad = {}
    for row in rows:
        cell = cells[row]
        value = parse_cell(cell, of) if isinstance(cell, str) else cell
        bad[row] = find_misfit(value, of, years) or (
            catalogue.FACT_UNFIT,
            {"value": _short(str(cell)), "type": str(of)},
        )
    return (values.clone().scatter(rows, None) if rows else values), bad


def _from_text(text: pl.Series, of: Type, years: range = FACT_YEARS) -> tuple[pl.Series, Bad]:
    if of.is_number:
        return _numbers_from_text(text, of)
    if of.kind is TypeKind.STRING:
        long = text.str.len_chars() > LONGEST
        unknown = ~text.is_in(list(of.among)) if of.among is not None else long
        rows = _rows(long | unknown)
        kept, bad = _masked(text, text, rows, of)
        return (kept if of.among is None else kept.cast(pl.Enum(list(of.among)))), bad
    if of.kind is TypeKind.BOOL:
        low = text.str.to_lowercase()
        found = low.is_in(list(_TRUE))
        rows = _rows(~(found | low.is_in(list(_FALSE))))
        return _masked(found, text, rows, of)
    moments = _timestamps(text) if of.kind is TypeKind.TIMESTAMP else _dates(text)
    dated = moments.to_frame("moment").select(pl.when(_in_years(moments, years)).then(pl.col("moment")))
    return _slowly(dated["moment"].alias(text.name), text, of, years)


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
    found = [
        plain["text"].str.to_datetime(form, time_unit="us", strict=False, exact=True)
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
    ]
    return pl.select(pl.coalesce(found)).to_series().alias(text.name)


def _slowly(fast: pl.Series, text: pl.Series, of: Type, years: range = FACT_YEARS) -> tuple[pl.Series, Bad]:
    """Cells that the fast way could not read, one by one."""
    rows = _rows(fast.is_null() & text.is_not_null())
    values = [parse_cell(text[row], of) for row in rows]
    wrong = [row for row, value in zip(rows, values, strict=True) if find_misfit(value, of, years)]
    right = [(row, value) for row, value in zip(rows, values, strict=True) if not find_misfit(value, of, years)]
    if right:
        held = pl.Series(values=[_held(value, of) for _, value in right], dtype=fast.dtype)
        fast = fast.clone().scatter([row for row, _ in right], held)
    return _masked(fast, text, wrong, of, years)


def _held(value: Any, of: Type) -> Any:  # noqa: ANN401  a value of any type
    return to_units(value) // 10 ** (PLACES - of.places) if of.is_number else value


def _numbers_from_text(text: pl.Series, of: Type) -> tuple[pl.Series, Bad]:
    digits = f"[0-9]{{1,{of.places}}}" if of.places else ""
    plain = rf"^-?[0-9]{{1,26}}(\.{digits})?$" if digits else r"^-?[0-9]{1,26}$"
    simple = text.to_frame("text").select(pl.when(pl.col("text").str.contains(plain)).then(pl.col("text")))
    whole = simple.select(
        pl.col("text").str.to_decimal(scale=of.places).cast(pl.Decimal(38, of.places)).reinterpret(dtype=pl.Int128)
    ).to_series()
    return _slowly(_bounded(whole, of.places, of), text, of)


def _bounded(whole: pl.Series, places: int, of: Type) -> pl.Series:
    """Whole numbers at `places` as the type holds them; null outside its bounds."""
    cut = 10 ** (PLACES - places)
    low, high = -(-of.low // cut), of.high // cut
    kept = whole.to_frame("n").select(pl.when(_between(low, high)).then(pl.col("n")))
    return kept.select(pl.col("n").cast(physical(of))).to_series().alias(whole.name)


def _between(low: int, high: int) -> pl.Expr:
    return pl.col("n").is_between(pl.lit(low, dtype=pl.Int128), pl.lit(high, dtype=pl.Int128))


def _from_numbers(cells: pl.Series, of: Type) -> tuple[pl.Series, Bad]:
    scale = cells.dtype.scale if isinstance(cells.dtype, pl.Decimal) else 0
    wide = cells.cast(pl.Decimal(38, scale)).reinterpret(dtype=pl.Int128) if scale else cells.cast(pl.Int128)
    column = pl.col("n")
    if scale > of.places:
        step = 10 ** (scale - of.places)
        wide = wide.to_frame("n").select(pl.when(column // step * step == column).then(column // step)).to_series()
        return _slowly_numbers(_bounded(wide, of.places, of), cells, of)
    by = 10 ** (of.places - scale)
    small = wide.to_frame("n").select(
        pl.when(_between(-(10**38) // by, 10**38 // by)).then(column * pl.lit(by, dtype=pl.Int128))
    )
    return _slowly_numbers(_bounded(small.to_series(), of.places, of), cells, of)


def _slowly_numbers(values: pl.Series, cells: pl.Series, of: Type) -> tuple[pl.Series, Bad]:
    return _masked(values, cells, _rows(values.is_null() & cells.is_not_null()), of)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
