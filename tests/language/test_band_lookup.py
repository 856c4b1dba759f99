"""Band tables against their definition in the language reference, at every edge and a unit beside it."""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import example, given

from scorecore.diagnostics.source import Location
from scorecore.language.bands import Band, BandTable, compile_band_lookup, lookup_type
from scorecore.language.operators import EXACT, UndefinedResult
from scorecore.values.types import decimal_type, from_units
from strategies.edges import near

STARTS: Final = (Decimal(0), Decimal(10), Decimal(100))
RATES: Final = (Decimal("0.1"), Decimal("0.25"), Decimal("0.5"))
END: Final = Decimal(1000)
EDGES: Final = (*STARTS, END)


def bands(*, ends: bool) -> list[Band]:
    last = END if ends else None
    return [Band(*pair, last if pair[0] == STARTS[-1] else None) for pair in zip(STARTS, RATES, strict=True)]


def defined(kind: str, edge: str, key: Decimal, end: Decimal | None) -> Fraction | None:
    """The value at a key, band by band; None where no band covers it."""
    if kind == "interpolated" and end is None:
        end = STARTS[-1]  # there is no line beyond the last point
    belongs_above = kind != "whole" or edge == "lower"
    closed_above = kind != "whole" or edge == "upper"
    limits = [*STARTS[1:], end]
    total = Fraction(0)
    for number, (start, limit, rate) in enumerate(zip(STARTS, limits, RATES, strict=True)):
        begun = key >= start if belongs_above else key > start
        over = limit is not None and (key > limit or (key == limit and not closed_above))
        if kind == "marginal" and begun:
            total += Fraction(rate) * (Fraction(min(key, limit) if limit is not None else key) - Fraction(start))
        if begun and not over:
            if kind == "marginal":
                return total
            if kind == "whole" or number + 1 == len(STARTS):
                return Fraction(rate)
            share = Fraction(key - start) / Fraction(STARTS[number + 1] - start)
            return Fraction(rate) + share * (Fraction(RATES[number + 1]) - Fraction(rate))
    return None


def every_edge(test: object) -> object:
    """The law of a table, at least at each of its edges and a cent on either side."""
    for edge in EDGES:
        for cents in (-1, 0, 1):
            test = example(key=edge + Decimal(cents).scaleb(-2))(test)  # type: ignore[arg-type]
    return test


@pytest.mark.parametrize("ends", [False, True], ids=["open", "ends"])
@pytest.mark.parametrize("edge", ["lower", "upper"])
@pytest.mark.parametrize("kind", ["whole", "marginal", "interpolated"])
@every_edge  # type: ignore[misc]
@given(key=near(EDGES, -5, 1100, 2))
def test_a_table_gives_what_its_definition_says(kind: str, edge: str, ends: bool, key: Decimal) -> None:  # noqa: FBT001  a parameter
    expected = defined(kind, edge, key, END if ends else None)
    with localcontext(EXACT):
        lookup = compile_band_lookup(kind, edge, bands(ends=ends))
        try:
            value = lookup(key)
        except UndefinedResult:
            assert expected is None
        else:
            assert expected is not None
            assert value == expected if isinstance(value, Decimal) else Fraction(value.over, value.under) == expected


def test_a_table_without_a_row_for_a_text_gives_nothing() -> None:
    lookup = compile_band_lookup("exact", "lower", [Band("a", Decimal(1)), Band("b", "c")])
    assert (lookup("a"), lookup("b")) == (1, "c")
    for key in ("", "A", "ab"):
        with pytest.raises(UndefinedResult):
            lookup(key)


def test_where_a_band_is_written_is_no_part_of_it() -> None:
    here, there = (Band(Decimal(0), Decimal(1), place=Location("policy.toml", line, 1)) for line in (1, 2))
    assert here == there
    assert here != Band(Decimal(0), Decimal(2), place=here.place)


@pytest.mark.parametrize("key", [(-5, 5), (0, 10), (50, 99), (-5, 5000), (1000, 5000)])
@pytest.mark.parametrize("ends", [False, True], ids=["open", "ends"])
@pytest.mark.parametrize("kind", ["whole", "marginal", "interpolated"])
def test_what_a_table_gives_lies_within_its_type(kind: str, ends: bool, key: tuple[int, int]) -> None:  # noqa: FBT001  a parameter
    """At both ends of the key and at every edge between them."""
    table = BandTable("t", kind, "lower", ((date.min, tuple(bands(ends=ends))),))
    with localcontext(EXACT):
        result = lookup_type(table, decimal_type(*key, 2))
        lookup = compile_band_lookup(kind, "lower", bands(ends=ends))
        for number in (*key, *(edge for edge in EDGES if key[0] <= edge <= key[1])):
            expected = defined(kind, "lower", Decimal(number), END if ends else None)
            if expected is not None:
                assert from_units(result.low) <= lookup(Decimal(number)) <= from_units(result.high)
