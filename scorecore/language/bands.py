"""Band tables: what they give, and what may be wrong with them."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, localcontext
from itertools import accumulate, pairwise
from math import lcm
from typing import Any, Final, TypeAlias

from attrs import evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.source import Location
from scorecore.language.operators import UndefinedResult
from scorecore.language.operators.arithmetic import cut, divide, settle
from scorecore.language.operators.exact_types import (
    infer_product_type,
    infer_quotient_type,
    split_divisor,
)
from scorecore.values.ratio import EXACT, Ratio
from scorecore.values.types import (
    PLACES,
    UNIT,
    Type,
    TypeKind,
    count_places,
    string_type,
    to_units,
    type_of_constant,
    widest,
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


def find_band(table: BandTable, bands: Sequence[Band], key: Decimal | int | Ratio | str) -> int | None:
    """The position of the band of a version of a table that covers a key; None where no band does."""
    return compile_band_finder(table.kind, table.edge, bands)(key)


def compile_band_lookup(
    kind: str, edge: str, bands: Sequence[Band], *, cuts: bool = False
) -> Callable[[Any], Decimal | Ratio | str]:
    """What a table gives at a key; the function raises UndefinedResult where no band covers it. Runs inside EXACT.

    One that `cuts` rounds at the 12th place, as in programs of level 1.
    """
    find = compile_band_finder(kind, edge, bands)

    def position_of(key: Decimal | str) -> int:
        position = find(key)
        if position is None:
            raise UndefinedResult(catalogue.NO_BAND, value=key)
        return position

    if kind in {"whole", "exact"}:
        return lambda key: bands[position_of(key)].value
    held: Callable[[Any], Any] = cut if cuts else _as_it_is
    above_edge = (_compile_slices if kind == "marginal" else _compile_lines)(bands, held)
    return lambda key: above_edge(position_of(key), key)


_AboveEdge: TypeAlias = Callable[[int, Any], Decimal | Ratio]
"""(the position of the band that covers a key, the key) -> what the table gives."""


def _compile_slices(bands: Sequence[Band], held: Callable[[Any], Any]) -> _AboveEdge:
    """The bands below are full, and the one that covers the key is filled up to it."""
    starts, values = [Decimal(band.start) for band in bands], band_numbers(bands)
    slices = ((end - start) * value for start, end, value in zip(starts, starts[1:], values, strict=False))
    with localcontext(EXACT):
        sums = list(accumulate(map(held, slices), initial=Decimal(0)))
    return lambda position, key: sums[position] + held((key - starts[position]) * values[position])


def _compile_lines(bands: Sequence[Band], held: Callable[[Any], Any]) -> _AboveEdge:
    """A share of the rise between two points."""
    starts, values = [Decimal(band.start) for band in bands], band_numbers(bands)
    runs = [end - start for start, end in pairwise(starts)]
    rises = [after - value for value, after in pairwise(values)]
    is_decimal = [not rise or split_divisor(to_units(run))[0] == 1 for rise, run in zip(rises, runs, strict=True)]

    def interpolate(position: int, key: Decimal) -> Decimal | Ratio:
        if position == len(runs):
            return values[position]
        share = divide((key - starts[position]) * rises[position], runs[position])
        return values[position] + held(settle(share) if is_decimal[position] else share)  # type: ignore[no-any-return]

    return interpolate


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  a number of any kind
    return value


def band_numbers(bands: Sequence[Band]) -> list[Decimal]:
    """The values of bands that give numbers."""
    return [Decimal(band.value) for band in bands]


def lookup_type(table: BandTable, key: Type) -> Type:
    """What a table gives for keys of a type: between what bounds, or which texts."""
    if table.text:
        return string_type(dict.fromkeys(str(band.value) for _, bands in table.versions for band in bands))
    versions = [_version_type(table.kind, bands, key) for _, bands in table.versions if bands]
    if not versions:
        return Type(TypeKind.DECIMAL)
    low, high = min(version.low for version in versions), max(version.high for version in versions)
    return widest(TypeKind.DECIMAL, low, high, *versions)


def _version_type(kind: str, bands: Sequence[Band], key: Type) -> Type:
    """What the bands of a table that are in force together give."""
    values = [to_units(value) for value in band_numbers(bands)]
    finest = max(map(count_places, band_numbers(bands)))
    whole = Type(TypeKind.DECIMAL, min(values), max(values), finest)
    if kind in {"whole", "exact"}:
        return whole
    starts = [Decimal(band.start) for band in bands]
    places = max(key.places, *map(count_places, starts))
    if kind == "marginal":
        low, high = _marginal_bounds(bands, key)
        fine = finest + places
        return Type(TypeKind.DECIMAL, low, high, fine, divisor=key.divisor, varying=key.varying)
    distance = evolve(key, kind=TypeKind.DECIMAL, low=0, high=UNIT, places=places)
    lines = [
        infer_quotient_type(infer_product_type(distance, type_of_constant(last - first)), type_of_constant(end - start))
        for (start, end), (first, last) in zip(pairwise(starts), pairwise(band_numbers(bands)), strict=True)
    ]
    if lcm(*(line.divisor for line in lines)) > _LARGEST_DIVISOR:
        lines = [evolve(line, divisor=1, varying=line.varying * line.divisor) for line in lines]
    return widest(TypeKind.DECIMAL, min(values), max(values), whole, *lines)


_LARGEST_DIVISOR: Final = 10**6
"""Of all lines of an interpolated table together; with a larger one each has its own."""


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
        # rounded outwards
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
