"""What types tables have: bounds that are reached, as many places as are needed, and the divisors of sloping lines."""

from datetime import date
from decimal import Decimal, localcontext
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecore.diagnostics.source import Location
from scorecore.language.bands import Band, BandTable, compile_band_lookup, lookup_type, rate_bounds
from scorecore.language.operators import EXACT
from scorecore.values.types import UNIT, Type, decimal_type, integer_type

LARGEST_KEPT: Final = 999_999
"""A run without a factor of 2 or 5, by which a whole table may divide."""
SMALLEST_DIVIDED: Final = 1_000_001
"""One by which each line divides for itself."""
KEY: Final = decimal_type(0, 2_000_000, 1)


def make_table(kind: str, *bands: tuple[str, str], end: str = "") -> BandTable:
    """A table of bands that each begin somewhere and have a value."""
    *below, last = [Band(Decimal(start), Decimal(value)) for start, value in bands]
    top = Band(last.start, last.value, Decimal(end) if end else None)
    return BandTable("t", kind, "lower", ((date(2020, 1, 1), (*below, top)),))


@st.composite
def tables_and_keys(draw: st.DrawFn) -> tuple[BandTable, list[Decimal]]:
    """A table, and numbers that it covers, from the least on: its edges, the last end, and the hundredths beside."""
    kind = draw(st.sampled_from(["whole", "marginal", "interpolated"]))
    starts = sorted(draw(st.sets(st.integers(-500, 4000), min_size=2, max_size=5)))
    values = draw(st.lists(st.integers(-90, 90), min_size=len(starts), max_size=len(starts)))
    bands = [(f"{start / 100:.2f}", f"{value / 10:.1f}") for start, value in zip(starts, values, strict=True)]
    end = starts[-1] + draw(st.integers(1, 900)) if kind != "interpolated" else starts[-1]
    table = make_table(kind, *bands, end="" if kind == "interpolated" else f"{end / 100:.2f}")
    keys = {edge + beside for edge in (*starts, end) for beside in (-1, 0, 1)}
    highest = end - 1 if kind == "whole" else end
    return table, [Decimal(key) / 100 for key in sorted(keys) if starts[0] <= key <= highest]


@given(table_and_keys=tables_and_keys())
def test_the_bounds_of_a_table_are_those_of_what_it_gives(table_and_keys: tuple[BandTable, list[Decimal]]) -> None:
    """They are the least and the greatest value; of a sum of slices, a unit for each band beyond these and zero."""
    table, keys = table_and_keys
    ((_, bands),) = table.versions
    lookup = compile_band_lookup(table.kind, table.edge, bands)
    with localcontext(EXACT):
        units = [lookup(key) * UNIT for key in keys]
        table_type = lookup_type(table, decimal_type(keys[0], keys[-1], 2))
        if table.kind == "marginal":
            beyond = len(bands)
            assert (table_type.low, table_type.high) == (min(units) - beyond, max(units) + beyond)
        else:
            assert (table_type.low, table_type.high) == (min(units), max(units))


@pytest.mark.parametrize(
    ("kind", "bands", "key_places", "places"),
    [
        ("whole", [("0", "1.25"), ("10.125", "2")], 4, 2),
        ("marginal", [("0", "0.25"), ("10", "0.5")], 0, 2),
        ("marginal", [("0", "0.25"), ("10", "0.5")], 1, 3),
        ("marginal", [("0", "0.25"), ("10.125", "0.5")], 1, 5),
        ("interpolated", [("0", "1"), ("10", "2")], 0, 1),
        ("interpolated", [("0", "1.25"), ("10", "1.25")], 4, 2),
        ("interpolated", [("0", "0.25"), ("1000", "0.75")], 0, 4),
    ],
)
def test_a_table_has_as_many_places_as_its_values_need(
    kind: str, bands: list[tuple[str, str]], key_places: int, places: int
) -> None:
    key = integer_type(0, 10) if key_places == 0 else decimal_type(0, 10, key_places)
    assert lookup_type(make_table(kind, *bands), key).places == places


@pytest.mark.parametrize(
    ("bands", "divisor", "varying"),
    [
        ([("0", "0"), ("3", "1")], 3, 1),
        ([("0", "0"), ("3", "1"), ("10", "2")], 21, 1),
        ([("0", "1"), ("3", "1"), ("10", "2")], 7, 1),
        ([("0", "0"), ("10", "1")], 1, 1),
        ([("0", "0"), (str(LARGEST_KEPT), "1")], LARGEST_KEPT, 1),
        ([("0", "0"), (str(SMALLEST_DIVIDED), "1")], 1, SMALLEST_DIVIDED),
    ],
)
def test_a_table_divides_by_the_runs_of_its_sloping_lines(
    bands: list[tuple[str, str]], divisor: int, varying: int
) -> None:
    """Up to a million they have a divisor together; beyond it each line has its own."""
    table_type = lookup_type(make_table("interpolated", *bands), KEY)
    assert (table_type.divisor, table_type.varying) == (divisor, varying)


def test_a_line_that_ends_as_a_decimal_gives_decimals() -> None:
    """Not fractions, which take longer: a flat one, too, whatever its length."""
    ((_, bands),) = make_table("interpolated", ("0", "0"), ("8", "1"), ("11", "2"), ("14", "2")).versions
    with localcontext(EXACT):
        lookup = compile_band_lookup("interpolated", "lower", bands)
        assert [type(lookup(Decimal(key))) is Decimal for key in (1, 9, 12)] == [True, False, True]


def test_a_sum_of_slices_is_bounded_by_where_the_last_band_ends() -> None:
    key = integer_type(0, 1000)
    assert lookup_type(make_table("marginal", ("0", "2"), end="10"), key).high == 20 * UNIT + 1


def test_the_versions_of_a_table_have_one_type() -> None:
    """From the least of all to the greatest of all; a version that a branch will fill in has nothing to say."""
    (first,), (second,), (texts,) = (
        make_table("whole", (start, value)).versions for start, value in (("-1", "3"), ("2", "5"), ("0", "7"))
    )
    empty: tuple[date, tuple[Band, ...]] = (date(2021, 1, 1), ())
    table = BandTable("t", "whole", "lower", (first, empty, second))
    table_type = lookup_type(table, KEY)
    assert (table_type.low, table_type.high) == (3 * UNIT, 5 * UNIT)
    assert rate_bounds(table) is None
    assert rate_bounds(BandTable("t", "marginal", "lower", (empty, second))) == (0, 5)
    assert lookup_type(BandTable("t", "whole", "lower", (texts,), text=True), KEY).among == ("7",)


def test_a_band_knows_where_it_is_written() -> None:
    here = Location("policy.toml", 7, 3)
    assert Band(Decimal(0), Decimal(1), place=here).place == here


def test_an_empty_table_gives_zero() -> None:
    assert lookup_type(BandTable("t", "whole", "lower", ()), KEY) == Type(KEY.kind)


@pytest.mark.parametrize(
    ("bands", "bounds"),
    [
        ([("0", "0.1"), ("5", "0.3")], (0, Decimal("0.3"))),
        ([("0", "-0.1"), ("5", "-0.3")], (Decimal("-0.3"), 0)),
        ([("2", "0.1"), ("5", "-0.3")], (Decimal("-0.3"), Decimal("0.1"))),
        ([("-1", "0.1"), ("5", "0.3")], None),
    ],
)
def test_a_rate_lies_between_those_of_the_bands_and_zero(
    bands: list[tuple[str, str]], bounds: tuple[Decimal, Decimal] | None
) -> None:
    """Unless the table begins below zero, where nothing bounds it."""
    assert rate_bounds(make_table("marginal", *bands)) == bounds
