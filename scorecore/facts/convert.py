"""Cells of fact files as typed columns: everything that does not fit is kept out, with the reason."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import polars as pl
from attrs import frozen

from scorecore.facts.cells import (
    EVERY_YEAR,
    FACT_YEARS,
    CellReading,
    read_cell,
    report_year,
    to_scaled_integer,
    write_value,
)
from scorecore.facts.error_cells import ERROR_TEXTS
from scorecore.facts.notations import FALSE_TEXTS, PLAIN_TEXT, QUESTIONABLE, TRUE_TEXTS, CellFault
from scorecore.language.operators.dates import EPOCH
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.language.operators.text import MAX_TEXT_LENGTH
from scorecore.values.types import PLACES, Type, TypeKind, Value

CellFaults = dict[int, CellFault]
"""By row, what is wrong with the cells of a column that do not fit."""


class CellNote(NamedTuple):
    """A cell that means something, and is not written as one would expect."""

    written: str
    meaning: str


class ConvertedColumn(NamedTuple):
    """A column of cells as it is held in columns."""

    values: pl.Series
    """Null where a cell is empty or bad."""
    faults: CellFaults
    notes: dict[int, CellNote]
    """By row, the cells for which people should know how they were read."""


_DAY_LENGTHS: Final = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_CALENDAR_END: Final = 90_000_000
"""Days from 1970 up to which Polars can write a date; years have up to six digits there."""


def convert_column(cells: pl.Series, fact_type: Type, years: range = FACT_YEARS) -> tuple[pl.Series, CellFaults]:
    """A column of cells as it is held in columns, null where a cell is empty or bad; and what is wrong with these.

    `years` are those that a date or timestamp may have.
    """
    values, faults, _ = read_column(cells, fact_type, years)
    return values, faults


def read_column(cells: pl.Series, fact_type: Type, years: range = FACT_YEARS, unit: str = "") -> ConvertedColumn:
    """`convert_column` with what should be noted; `unit` is what the fact counts in, which a text may repeat."""
    if cells.dtype == pl.Null:
        nothing = pl.Series(cells.name, [None] * len(cells), dtype=get_physical_dtype(fact_type))
        return ConvertedColumn(nothing, {}, {})
    reader = _ColumnReader(fact_type, years, unit)
    if isinstance(cells.dtype, pl.Date | pl.Datetime):  # first of all: Python cannot hold every date that Polars can
        allowed = EVERY_YEAR if fact_type.kind is TypeKind.STRING else years
        cells, faults = _without_other_years(cells, fact_type, allowed)
        values, other_faults, notes = reader.read(cells)
        return ConvertedColumn(values, faults | other_faults, notes)
    return reader.read(cells)


@frozen
class _ColumnReader:
    """Reads columns of cells as values of one type."""

    type: Type
    years: range
    unit: str

    def read(self, cells: pl.Series) -> ConvertedColumn:
        """What the cells say, whatever their own type is."""
        kind = self.type.kind
        if cells.dtype.base_type() in {pl.Categorical, pl.Enum}:
            cells = cells.cast(pl.String)
        if kind is TypeKind.STRING and (
            cells.dtype.is_numeric() or cells.dtype.base_type() in {pl.Boolean, pl.Date, pl.Datetime, pl.Time}
        ):
            cells = cells.cast(pl.String)
        if cells.dtype == pl.String:
            return self._read_texts(_stripped(cells))
        if self.type.is_number and (cells.dtype.is_integer() or cells.dtype.is_decimal()):
            return self._read_rest(_numbers(cells, self.type), cells)
        if (kind is TypeKind.BOOL and cells.dtype == pl.Boolean) or (kind is TypeKind.DATE and cells.dtype == pl.Date):
            return ConvertedColumn(cells, {}, {})
        if cells.dtype == pl.Datetime and kind in {TypeKind.DATE, TypeKind.TIMESTAMP}:
            return self._read_instants(cells)
        if cells.dtype.is_float() and self.type.is_number:  # 15 digits are what a spreadsheet keeps and shows
            return self._read_texts(_texts(cells, lambda value: f"{value:.15g}"))
        return self._read_texts(_texts(cells, str))

    def _read_instants(self, cells: pl.Series) -> ConvertedColumn:
        is_date = self.type.kind is TypeKind.DATE
        cut = cells.dt.truncate("1d" if is_date else "1s")
        if cells.dtype.time_zone is None:  # type: ignore[attr-defined]  # only dates with a time are here
            values = cells.dt.date() if is_date else cut.cast(get_physical_dtype(self.type))
            rows = _rows(cells != cut)
            notes = {row: CellNote(str(cells[row]), write_value(values[row])) for row in rows}
            return ConvertedColumn(values, {}, notes)
        # a zone may shift the day, once more beyond the years
        days = cells.dt.date() if is_date else cells.dt.date().clear(len(cells))
        fits = (cells == cut) & _in_years(days, self.years)
        return self._read_rest(days.to_frame("day").select(pl.when(fits).then(pl.col("day"))).to_series(), cells)

    def _read_texts(self, text: pl.Series) -> ConvertedColumn:
        match self.type.kind:
            case TypeKind.INT | TypeKind.DECIMAL:
                quick = _plain_numbers(text, self.type)
            case TypeKind.STRING:
                quick = self._plain_strings(text)
            case TypeKind.BOOL:
                low = text.str.to_lowercase()
                is_true = low.is_in(list(TRUE_TEXTS))
                quick = _where(is_true | low.is_in(list(FALSE_TEXTS)), is_true)
            case TypeKind.TIMESTAMP:
                moments = _timestamps(text)
                quick = _where(_in_years(moments, self.years), moments)
            case TypeKind.DATE:
                moments = _dates(text)
                quick = _where(_in_years(moments, self.years), moments)
        return self._read_rest(quick.alias(text.name), text)

    def _plain_strings(self, text: pl.Series) -> pl.Series:
        if self.type.among is not None:
            among = list(self.type.among)
            is_choice = text.is_in(among) & ~text.is_in(list(ERROR_TEXTS))
            return _where(is_choice, text).cast(pl.Enum(among))
        is_fine = ~text.str.contains(QUESTIONABLE) & (text.str.len_chars() <= MAX_TEXT_LENGTH)
        if not is_printable_ascii(text):
            is_fine &= text.str.contains(PLAIN_TEXT)
        return text if is_fine.all() else _where(is_fine, text)

    def _read_rest(self, values: pl.Series, cells: pl.Series) -> ConvertedColumn:
        """The values with those of the cells that are not read as a column, which are read one by one."""
        faults: CellFaults = {}
        notes: dict[int, CellNote] = {}
        fitting: dict[int, Value] = {}
        readings: dict[object, CellReading] = {}
        for row in _rows(values.is_null() & cells.is_not_null()):
            cell = cells[row]
            if cell not in readings:
                readings[cell] = read_cell(cell, self.type, self.years, self.unit)
            value, note = readings[cell]
            if isinstance(value, CellFault):
                faults[row] = value
            elif value is not None:
                fitting[row] = to_scaled_integer(value, self.type)
                if note:
                    notes[row] = CellNote(str(cell), note)
        if fitting:
            read = pl.Series(values=list(fitting.values()), dtype=values.dtype)
            values = values.clone().scatter(list(fitting), read)
        return ConvertedColumn(values, faults, notes)


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


def is_printable_ascii(texts: pl.Series) -> bool:
    """Whether a column has nothing but the letters, digits and signs of ASCII, which one look at all texts tells."""
    sizes = texts.str.len_bytes()
    if not sizes.eq_missing(texts.str.len_chars()).all() or (sizes.sum() or 0) > _MAX_JOINED:
        return False
    return not texts.str.join("").str.contains(r"[^ -~]").item()


_MAX_JOINED: Final = 10**9
"""Bytes of a column whose texts are put together: Polars cannot hold a text of many more."""


def _rows(mask: pl.Series) -> list[int]:
    return mask.fill_null(value=False).arg_true().to_list()


def _where(fits: pl.Series, values: pl.Series) -> pl.Series:
    """The values where they fit, else null."""
    return pl.DataFrame([fits.alias("fits"), values.alias("value")]).select(pl.when("fits").then("value")).to_series()


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


def _plain_numbers(text: pl.Series, fact_type: Type) -> pl.Series:
    """The numbers of texts of plain digits; null for all others. A database writes zeros behind the last place too."""
    digits = f"[0-9]{{1,{fact_type.places}}}0*" if fact_type.places else "0+"
    plain = rf"^-?[0-9]{{1,26}}(\.{digits})?$"
    simple = text.to_frame("text").select(pl.when(pl.col("text").str.contains(plain)).then(pl.col("text")))
    whole = simple.select(
        pl.col("text")
        .str.to_decimal(scale=fact_type.places)
        .cast(pl.Decimal(38, fact_type.places))
        .reinterpret(dtype=pl.Int128)
    ).to_series()
    return _bounded(whole, fact_type.places, fact_type)


def _bounded(whole: pl.Series, places: int, fact_type: Type) -> pl.Series:
    """Whole numbers at `places` as the type holds them; null outside its bounds."""
    cut = 10 ** (PLACES - places)
    low, high = -(-fact_type.low // cut), fact_type.high // cut
    kept = whole.to_frame("n").select(pl.when(_between(low, high)).then(pl.col("n")))
    return kept.select(pl.col("n").cast(get_physical_dtype(fact_type))).to_series().alias(whole.name)


def _between(low: int, high: int) -> pl.Expr:
    return pl.col("n").is_between(pl.lit(low, dtype=pl.Int128), pl.lit(high, dtype=pl.Int128))


def _numbers(cells: pl.Series, fact_type: Type) -> pl.Series:
    """Numbers as the type holds them; null for those that it cannot hold."""
    scale = cells.dtype.scale if isinstance(cells.dtype, pl.Decimal) else 0
    wide = cells.cast(pl.Decimal(38, scale)).reinterpret(dtype=pl.Int128) if scale else cells.cast(pl.Int128)
    column = pl.col("n")
    if scale > fact_type.places:
        step = 10 ** (scale - fact_type.places)
        wide = wide.to_frame("n").select(pl.when(column // step * step == column).then(column // step)).to_series()
        return _bounded(wide, fact_type.places, fact_type)
    by = 10 ** (fact_type.places - scale)
    small = wide.to_frame("n").select(
        pl.when(_between(-(10**38) // by, 10**38 // by)).then(column * pl.lit(by, dtype=pl.Int128))
    )
    return _bounded(small.to_series(), fact_type.places, fact_type)
