"""What band tables give in columns."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any, TypeAlias

import polars as pl
from attrs import evolve

from scorecore.language.bands import Band, BandTable, band_numbers
from scorecore.language.operators import EXACT, OPERATORS, ColumnExpression
from scorecore.language.operators.ratio_columns import (
    RatioColumn,
    add,
    divide_by,
    find_ratio_column,
    hold_ratio,
    make_constant_ratio,
    multiply,
    read_ratio,
)
from scorecore.language.operators.scaled import (
    MAX_128,
    divide_to_integer,
    get_integer_dtype,
    get_physical_dtype,
    held_magnitude,
    make_constant_column,
    make_literal,
    narrow,
    rescale,
    scale_magnitude,
)
from scorecore.values.types import (
    BOOL,
    PLACES,
    Type,
    TypeKind,
    scale_units,
    to_units,
    type_of_constant,
)


def apply_column(operator: str, result: Type, *columns: ColumnExpression, options: tuple[Any, ...] = ()) -> pl.Expr:
    """An operator on columns, however they are held."""
    column = find_ratio_column(operator, result, columns) or OPERATORS[operator].column
    return column(result, *columns, *options)


def look_up(table: BandTable, bands: Sequence[Band], key: ColumnExpression, result: Type, *, level: int) -> pl.Expr:
    """What the bands of a table that are in force give at a key; programs of level 1 round at the 12th place."""
    match table.kind:
        case "exact":
            return _exact(bands, key, result)
        case "whole":
            return _whole(bands, key, result, table.edge)
        case "interpolated":
            return _interpolated(bands, key, result, _line if level == 1 else _exact_line)
    return _marginal(bands, key, result)


def _constant(value: Decimal | str, result: Type) -> pl.Expr:
    return make_constant_column(value, result).expr


def _exact(bands: Sequence[Band], key: ColumnExpression, result: Type) -> pl.Expr:
    equal = OPERATORS["=="].column
    lookup = pl.lit(None, dtype=get_physical_dtype(result))
    for band in reversed(bands):
        text = make_constant_column(str(band.start))
        lookup = pl.when(equal(result, key, text)).then(_constant(band.value, result)).otherwise(lookup)
    return lookup


def _from(key: ColumnExpression, start: Decimal | str, edge: str) -> pl.Expr:
    """Whether a key lies in or above the band that begins at `start`."""
    operator = ">" if edge == "upper" else ">="
    return apply_column(operator, BOOL, key, make_constant_column(Decimal(start)))


def _covered(bands: Sequence[Band], key: ColumnExpression, *, first: str, last: str, end: Decimal | None) -> pl.Expr:
    """Whether some band covers a key; `first` and `last` say to which side the outer edges belong."""
    inside = _from(key, bands[0].start, first)
    if end is None:
        return inside
    return inside & ~_from(key, end, last)


def _whole(bands: Sequence[Band], key: ColumnExpression, result: Type, edge: str) -> pl.Expr:
    lookup = _constant(bands[0].value, result)
    for band in bands[1:]:
        lookup = pl.when(_from(key, band.start, edge)).then(_constant(band.value, result)).otherwise(lookup)
    return pl.when(_covered(bands, key, first=edge, last=edge, end=bands[-1].end)).then(lookup)


_Line: TypeAlias = "Callable[[ColumnExpression, Band, Band, Type], pl.Expr]"


def _interpolated(bands: Sequence[Band], key: ColumnExpression, result: Type, line: _Line) -> pl.Expr:
    lookup = _constant(bands[-1].value, result)
    for band, after in reversed(list(pairwise(bands))):
        lookup = pl.when(_from(key, after.start, "lower")).then(lookup).otherwise(line(key, band, after, result))
    end = bands[-1].end if bands[-1].end is not None else Decimal(bands[-1].start)
    return pl.when(_covered(bands, key, first="lower", last="upper", end=end)).then(lookup)


def _exact_line(key: ColumnExpression, band: Band, after: Band, result: Type) -> pl.Expr:
    """Between two points: the value of the first and an exact share of the rise; null outside."""
    first, last = band_numbers((band, after))
    number = read_ratio(key).where(_from(key, band.start, "lower") & ~_from(key, after.start, "upper"))
    rise = multiply(_distance(number, band), make_constant_ratio(last - first))
    run = to_units(Decimal(after.start)) - to_units(Decimal(band.start))
    return hold_ratio(add(make_constant_ratio(first), divide_by(rise, run, PLACES)), result)


def _distance(number: RatioColumn, band: Band) -> RatioColumn:
    """How far a number lies above the edge of a band."""
    return add(number, make_constant_ratio(-Decimal(band.start)))


def _line(key: ColumnExpression, band: Band, after: Band, result: Type) -> pl.Expr:
    """Between two points: the value of the first and an exact share of the rise, rounded once."""
    start, end = Decimal(band.start), Decimal(after.start)
    first, last = band_numbers((band, after))
    run, rise = type_of_constant(end - start), type_of_constant(last - first)
    slice_ = _slice(key, start, end)
    shift = PLACES + run.places - slice_.type.places - rise.places
    whole_rise = to_units(last - first) // 10 ** (PLACES - rise.places) * 10 ** max(0, shift)
    whole_run = scale_magnitude(run.magnitude, run.places) * 10 ** max(0, -shift)
    largest = 2 * scale_magnitude(slice_.type.magnitude, slice_.type.places) * abs(whole_rise) + 2 * whole_run
    if max(largest, result.magnitude) > MAX_128:
        return pl.lit(None, dtype=get_physical_dtype(result))  # rows decide: exact where 128 bits are not
    wide = pl.Int128()
    over = slice_.expr.cast(wide) * make_literal(whole_rise, wide)
    share = divide_to_integer(over, make_literal(whole_run, wide), "half_even", wide)
    return narrow(share + make_literal(to_units(first), wide), wide, result)


def _same(column: ColumnExpression, result: Type) -> pl.Expr:
    """A value that is known to lie within the bounds of `result`, held as those are."""
    return rescale(column, result.places, get_physical_dtype(result))


def _marginal(bands: Sequence[Band], key: ColumnExpression, result: Type) -> pl.Expr:
    """The sum over the bands of the slice of the key in each, times its rate."""
    if result.is_ratio or max(result.places, key.type.places) > PLACES or 4 * held_magnitude(result) > MAX_128:
        return _exact_marginal(bands, key, result)
    total: pl.Expr | None = None
    ends = [Decimal(band.start) for band in bands[1:]]
    for band, end in zip(bands, [*ends, bands[-1].end], strict=True):
        factors = _slice(key, Decimal(band.start), end), make_constant_column(Decimal(band.value))
        product = OPERATORS["*"].type(*(factor.type for factor in factors))
        product = evolve(product, places=min(product.places, result.places))  # cut, in programs of level 1
        part = _same(ColumnExpression(OPERATORS["*"].column(product, *factors), product), result)
        total = part if total is None else total + part
    assert total is not None  # noqa: S101  a table has bands
    covered = _covered(bands, key, first="lower", last="upper", end=bands[-1].end)
    return pl.when(covered).then(total)


def _exact_marginal(bands: Sequence[Band], key: ColumnExpression, result: Type) -> pl.Expr:
    """In each band what those below it give, and the distance of the key from its edge times its rate."""
    lookup = pl.lit(None, dtype=get_physical_dtype(result))
    ends = [*(band.start for band in bands[1:]), None]
    for band, end, below in zip(bands, ends, _sums_below(bands), strict=True):
        begins = _from(key, band.start, "lower")
        inside = begins if end is None else begins & ~_from(key, end, "lower")
        amount = multiply(_distance(read_ratio(key).where(inside), band), make_constant_ratio(Decimal(band.value)))
        held = hold_ratio(add(make_constant_ratio(below), amount), result)
        lookup = pl.when(begins).then(held).otherwise(lookup)
    covered = _covered(bands, key, first="lower", last="upper", end=bands[-1].end)
    return pl.when(covered).then(lookup)


def _sums_below(bands: Sequence[Band]) -> Iterator[Decimal]:
    """For each band what those below it give together."""
    below = Decimal(0)
    yield below
    for band, after in pairwise(bands):
        with localcontext(EXACT):
            below += (Decimal(after.start) - Decimal(band.start)) * Decimal(band.value)
        yield below


def _slice(key: ColumnExpression, start: Decimal, end: Decimal | None) -> ColumnExpression:
    """How much of a key lies between two edges."""
    places = max(key.type.places, type_of_constant(start).places, 0 if end is None else type_of_constant(end).places)
    high = key.type.high if end is None else min(key.type.high, to_units(end))
    low_units = to_units(start)
    largest = scale_magnitude(key.type.magnitude + abs(low_units), places)
    dtype = get_integer_dtype(largest)
    value = rescale(key, places, dtype)
    if end is not None and to_units(end) < key.type.high:
        value = pl.min_horizontal(value, make_literal(scale_units(to_units(end), places), dtype))
    inside = value - make_literal(scale_units(low_units, places), dtype)
    held = pl.when(inside >= 0).then(inside).when(inside < 0).then(make_literal(0, dtype))
    slice_type = Type(TypeKind.DECIMAL, 0, max(0, high - low_units), places)
    return ColumnExpression(narrow(held, dtype, slice_type), slice_type)
