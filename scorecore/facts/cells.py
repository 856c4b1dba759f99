"""Cells of fact files as typed columns: everything that does not fit is kept out, with the reason."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl

from scorecore import kinds
from scorecore.operators.scaled import physical
from scorecore.operators.text import LONGEST
from scorecore.problems import Kind as ProblemKind
from scorecore.problems import hint
from scorecore.types import PLACES, Kind, Type, from_units, places_of, units, unusable

Bad = dict[int, tuple[ProblemKind, dict[str, str]]]
"""Rows whose cell does not fit: what is wrong, and what stands there."""

_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DATE: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?( 00:00(:00(\.0+)?)?)?")
_TIMESTAMP: Final = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?[T ]\s*([0-9]{1,2})[:：]([0-9]{2})([:：]([0-9]{2})(\.0+)?)?"
)
_TRUE: Final = frozenset({"true", "1", "yes", "y", "是", "√"})
_FALSE: Final = frozenset({"false", "0", "no", "n", "否", "×"})
_SHOWN: Final = 40


def misfit(value: object, of: Type) -> tuple[ProblemKind, dict[str, str]] | None:
    """Why a Python value is not of a type, or beyond its bounds; None if it is all right."""
    match of.kind:
        case Kind.BOOL if isinstance(value, bool):
            return None
        case Kind.DATE if type(value) is date:
            return None
        case Kind.TIMESTAMP if isinstance(value, datetime) and not value.microsecond and value.tzinfo is None:
            return None
        case Kind.STRING if isinstance(value, str):
            return _text_misfit(value, of)
        case Kind.INT | Kind.DECIMAL if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return _number_misfit(Decimal(value), of)
        case _:
            return kinds.FACT_UNFIT, {"value": _short(str(value)), "type": str(of)}


def _text_misfit(value: str, of: Type) -> tuple[ProblemKind, dict[str, str]] | None:
    if len(value) > LONGEST:
        return kinds.FACT_TOO_LONG, {"length": str(len(value)), "limit": str(LONGEST)}
    if of.among is not None and value not in of.among:
        return kinds.FACT_NOT_AMONG, {
            "value": _short(value),
            "among": ", ".join(of.among),
            **hint(value, of.among),
        }
    return None


def _number_misfit(value: Decimal, of: Type) -> tuple[ProblemKind, dict[str, str]] | None:
    shown = {"value": _short(f"{value:f}" if abs(value.adjusted()) < _SHOWN else str(value))}
    unfit = unusable(value)
    if unfit is kinds.NOT_FINITE:
        return kinds.FACT_UNFIT, shown | {"type": str(of)}
    if unfit is kinds.TOO_MANY_PLACES or (not unfit and places_of(value) > of.places):
        return kinds.FACT_TOO_FINE, shown | {"places": str(of.places)}
    if unfit or not of.low <= units(value) <= of.high:
        bounds = {"low": f"{from_units(of.low):f}", "high": f"{from_units(of.high):f}"}
        return kinds.FACT_OUTSIDE, shown | bounds
    return None


def parsed(text: str, of: Type) -> Any:  # noqa: ANN401  a value of the type; the text itself if it cannot be one
    """What a text says, as a value of a type."""
    match of.kind:
        case Kind.STRING:
            return text
        case Kind.BOOL:
            low = text.lower()
            return low in _TRUE if low in _TRUE | _FALSE else text
        case Kind.DATE:
            found = _DATE.fullmatch(text)
            try:
                return date(int(found[1]), int(found[2]), int(found[3])) if found else text
            except ValueError:
                return text
        case Kind.TIMESTAMP:
            found = _TIMESTAMP.fullmatch(text)
            try:
                return _timestamp(*(int(found[at] or 0) for at in (1, 2, 3, 4, 5, 7))) if found else text
            except ValueError:
                return text
        case Kind.INT:
            number = Decimal(text) if _NUMBER.fullmatch(text) else None
            if number is None or unusable(number) or places_of(number):
                return text if number is None else number
            return int(number)
        case _:
            return Decimal(text) if _NUMBER.fullmatch(text) else text


def _timestamp(*parts: int) -> datetime:
    year, month, day, hour, minute, second = parts
    return datetime(year, month, day, hour, minute, second)


def convert(cells: pl.Series, of: Type) -> tuple[pl.Series, Bad]:
    """A column of cells as it is held in columns; null where a cell is empty or bad."""
    if cells.dtype == pl.Null:
        return pl.Series(cells.name, [None] * len(cells), dtype=physical(of)), {}
    if cells.dtype in {pl.Categorical, pl.Enum}:
        cells = cells.cast(pl.String)
    if of.kind is Kind.STRING and (
        cells.dtype.is_numeric() or cells.dtype in {pl.Boolean, pl.Date, pl.Datetime, pl.Time}
    ):
        cells = cells.cast(pl.String)
    if cells.dtype == pl.String:
        return _from_text(_stripped(cells), of)
    if of.is_number and (cells.dtype.is_integer() or cells.dtype.is_decimal()):
        return _from_numbers(cells, of)
    if (of.kind is Kind.BOOL and cells.dtype == pl.Boolean) or (of.kind is Kind.DATE and cells.dtype == pl.Date):
        return cells, {}
    if of.kind is Kind.DATE and cells.dtype == pl.Datetime:
        midnight = cells == cells.dt.truncate("1d")
        return _masked(cells.dt.date(), cells, _rows(~midnight), of)
    if of.kind is Kind.TIMESTAMP and cells.dtype == pl.Datetime and cells.dtype.time_zone is None:  # type: ignore[attr-defined]
        return _masked(cells.cast(physical(of)), cells, _rows(cells != cells.dt.truncate("1s")), of)
    if cells.dtype.is_float() and of.is_number:  # 15 digits are what a spreadsheet keeps and shows
        return _from_text(_texts(cells, lambda value: f"{value:.15g}"), of)
    return _from_text(_texts(cells, str), of)


def _texts(cells: pl.Series, text: Callable[[Any], str]) -> pl.Series:
    return pl.Series(cells.name, [None if value is None else text(value) for value in cells], dtype=pl.String)


def _stripped(cells: pl.Series) -> pl.Series:
    text = cells.str.strip_chars()
    return text.to_frame().select(pl.when(text != "").then(pl.first())).to_series() if (text == "").any() else text


def _rows(mask: pl.Series) -> list[int]:
    return mask.fill_null(value=False).arg_true().to_list()


def _masked(values: pl.Series, cells: pl.Series, rows: list[int], of: Type) -> tuple[pl.Series, Bad]:
    """Take out the rows that do not fit, each with its reason."""
    bad: Bad = {}
    for row in rows:
        cell = cells[row]
        value = parsed(cell, of) if isinstance(cell, str) else cell
        bad[row] = misfit(value, of) or (kinds.FACT_UNFIT, {"value": _short(str(cell)), "type": str(of)})
    return (values.clone().scatter(rows, None) if rows else values), bad


def _from_text(text: pl.Series, of: Type) -> tuple[pl.Series, Bad]:
    if of.is_number:
        return _numbers_from_text(text, of)
    if of.kind is Kind.STRING:
        long = text.str.len_chars() > LONGEST
        unknown = ~text.is_in(list(of.among)) if of.among is not None else long
        rows = _rows(long | unknown)
        kept, bad = _masked(text, text, rows, of)
        return (kept if of.among is None else kept.cast(pl.Enum(list(of.among)))), bad
    if of.kind is Kind.BOOL:
        low = text.str.to_lowercase()
        found = low.is_in(list(_TRUE))
        rows = _rows(~(found | low.is_in(list(_FALSE))))
        return _masked(found, text, rows, of)
    return _slowly(_timestamps(text) if of.kind is Kind.TIMESTAMP else _dates(text), text, of)


def _dates(text: pl.Series) -> pl.Series:
    """Dates as ISO writes them; Polars knows a year 0, we do not."""
    plain = text.to_frame("text").select(pl.when(~pl.col("text").str.starts_with("0000")).then(pl.col("text")))
    return plain["text"].str.to_date("%Y-%m-%d", strict=False, exact=True).alias(text.name)


def _timestamps(text: pl.Series) -> pl.Series:
    """Timestamps as ISO writes them; a second 60, which Polars takes for the next minute, is left out."""
    iso = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-5][0-9](:[0-5][0-9])?$"
    right = pl.col("text").str.contains(iso) & ~pl.col("text").str.starts_with("0000")
    plain = text.to_frame("text").select(pl.when(right).then(pl.col("text").str.replace("T", " ", literal=True)))
    found = [
        plain["text"].str.to_datetime(form, time_unit="us", strict=False, exact=True)
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
    ]
    return pl.select(pl.coalesce(found)).to_series().alias(text.name)


def _slowly(fast: pl.Series, text: pl.Series, of: Type) -> tuple[pl.Series, Bad]:
    """Cells that the fast way could not read, one by one."""
    rows = _rows(fast.is_null() & text.is_not_null())
    values = [parsed(text[row], of) for row in rows]
    wrong = [row for row, value in zip(rows, values, strict=True) if misfit(value, of)]
    right = [(row, value) for row, value in zip(rows, values, strict=True) if not misfit(value, of)]
    if right:
        held = pl.Series(values=[_held(value, of) for _, value in right], dtype=fast.dtype)
        fast = fast.clone().scatter([row for row, _ in right], held)
    return _masked(fast, text, wrong, of)


def _held(value: Any, of: Type) -> Any:  # noqa: ANN401  a value of any type
    return units(value) // 10 ** (PLACES - of.places) if of.is_number else value


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
