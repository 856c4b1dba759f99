"""Band tables: what they give, and what may be wrong with them."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from attrs import field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.source import Location
from scorecore.language.operators import UndefinedResult
from scorecore.language.operators.arithmetic import divide, multiply
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    count_places,
    string_type,
    to_units,
)


@frozen
class Band:
    """From `start` (a number, or the text itself) the value is `value`; `end` only where the last band ends."""

    start: Decimal | str
    value: Decimal | str
    end: Decimal | None = None
    _place: Location | None = field(default=None, kw_only=True, eq=False, repr=False)

    @property
    def place(self) -> Location | None:
        """Where it is written; no part of what the program is."""
        return self._place


@frozen
class BandTable:
    name: str
    kind: str
    """marginal | whole | interpolated | exact."""
    edge: str
    """lower: an edge belongs to the band that begins there; upper: to the one that ends there."""
    versions: tuple[tuple[date, tuple[Band, ...]], ...]
    text: bool = False
    """Whether its values are texts."""
    label: str = ""
    unit: str = ""
    authority: str = ""


def compile_band_finder(kind: str, edge: str, bands: Sequence[Band]) -> Callable[[Any], int | None]:
    """The function that gives the position of the band that covers a key; None where no band does.

    An edge belongs to one of two neighbours: of a `whole` table to the one that `edge` names, of `marginal` and
    `interpolated` ones to the upper, for there both give the same. Where the last band ends, the end itself is covered
    unless the table is `whole` and its edges belong to the band that begins there.
    """
    if kind == "exact":
        positions = {band.start: position for position, band in enumerate(bands)}
        return positions.get
    starts = [Decimal(band.start) for band in bands]
    is_upper = kind == "whole" and edge == "upper"
    bisect = bisect_left if is_upper else bisect_right
    covers_end = kind != "whole" or is_upper
    end = bands[-1].end if bands else None
    if kind == "interpolated" and end is None and bands:
        end = starts[-1]

    def find(key: Decimal) -> int | None:
        position = bisect(starts, key) - 1
        if position < 0 or (end is not None and (key > end or (key == end and not covers_end))):
            return None
        return position

    return find


def find_band(table: BandTable, bands: Sequence[Band], key: Decimal | int | str) -> int | None:
    """The position of the band of a version of a table that covers a key; None where no band does."""
    return compile_band_finder(table.kind, table.edge, bands)(key)


def compile_band_lookup(kind: str, edge: str, bands: Sequence[Band]) -> Callable[[Any], Decimal | str]:
    """What a table gives at a key; the function raises UndefinedResult where no band covers it. Runs inside EXACT."""
    find = compile_band_finder(kind, edge, bands)

    def position_of(key: Decimal | str) -> int:
        position = find(key)
        if position is None:
            raise UndefinedResult(catalogue.NO_BAND, value=key)
        return position

    if kind in {"whole", "exact"}:
        return lambda key: bands[position_of(key)].value
    starts = [Decimal(band.start) for band in bands]
    values = band_numbers(bands)
    sums: list[Decimal] = list(accumulate(_slices(starts, values), initial=Decimal(0)))

    def add_slices(key: Decimal) -> Decimal:
        position = position_of(key)
        return sums[position] + Decimal(multiply(key - starts[position], values[position]))

    def interpolate(key: Decimal) -> Decimal:
        position = position_of(key)
        if position + 1 == len(values):
            return values[position]
        rise, run = values[position + 1] - values[position], starts[position + 1] - starts[position]
        return values[position] + divide((key - starts[position]) * rise, run)

    return add_slices if kind == "marginal" else interpolate


def band_numbers(bands: Sequence[Band]) -> list[Decimal]:
    """The values of bands that give numbers."""
    return [Decimal(band.value) for band in bands]


def _slices(starts: Sequence[Decimal], values: Sequence[Decimal]) -> Iterator[Decimal]:
    """What each band but the last gives when it is full."""
    for start, end, value in zip(starts, starts[1:], values, strict=False):
        yield multiply(end - start, value)


def lookup_type(table: BandTable, key: Type) -> Type:
    """What a table gives for keys of a type: between what bounds, or which texts."""
    if table.text:
        return string_type(dict.fromkeys(str(band.value) for _, bands in table.versions for band in bands))
    lows, highs, places = [], [], 0
    for _, bands in table.versions:
        values = [to_units(value) for value in band_numbers(bands)] or [0]
        finest = max(map(count_places, band_numbers(bands)), default=0)
        if table.kind in {"whole", "exact"}:
            low, high = min(values), max(values)
        elif table.kind == "interpolated":
            low, high, finest = min(values), max(values), PLACES
        else:
            low, high = _marginal_bounds(bands, key)
            finest = min(PLACES, finest + max(key.places, *(count_places(Decimal(band.start)) for band in bands), 0))
        lows.append(low)
        highs.append(high)
        places = max(places, finest)
    return Type(TypeKind.DECIMAL, min(lows, default=0), max(highs, default=0), places)


def _marginal_bounds(bands: Sequence[Band], key: Type) -> tuple[int, int]:
    """The sum is monotone between edges, so it is largest and smallest at an edge or at the end of the key's range."""
    total, sums = 0, [0]
    starts = [to_units(Decimal(band.start)) for band in bands]
    scale = 10**PLACES
    for number, band in enumerate(bands):
        last = max(starts[number], key.high) if number + 1 == len(bands) else starts[number + 1]
        if band.end is not None:
            last = min(last, to_units(band.end))
        rate = to_units(Decimal(band.value))
        # rounded outwards; each slice may be rounded up by half a unit
        total += -(-abs((last - starts[number]) * rate) // scale) * (1 if rate >= 0 else -1)
        sums.append(total)
    return min(sums) - len(bands), max(sums) + len(bands)


def rate_bounds(table: BandTable) -> tuple[Decimal, Decimal] | None:
    """Between what the rate of a marginal table lies: a mean of its rates, and of 0 below its first band.

    None where the first band begins below zero: what lies below it counts at a number near zero as well.
    """
    if any(Decimal(bands[0].start) < 0 for _, bands in table.versions if bands):
        return None
    values = [value for _, bands in table.versions for value in band_numbers(bands)]
    return min(Decimal(0), *values), max(Decimal(0), *values)
