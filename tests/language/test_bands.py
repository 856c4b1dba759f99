"""Which band of a table covers a key: the finder, the lookup, and what the language says agree at every edge."""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import HEAD, rational, walked
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.batch.evaluator import evaluate_batch
from scorecore.facts.ingest import ingest
from scorecore.facts.raw import RawTable
from scorecore.language.bands import Band, BandTable, compile_band_lookup, find_band
from scorecore.language.operators import EXACT, UndefinedResult
from scorecore.values.types import from_units
from scorecore.values.unknown import Unknown
from strategies.cases import compiled, period_of

KINDS: Final = [("whole", "lower"), ("whole", "upper"), ("marginal", "lower"), ("interpolated", "lower")]
NEAR: Final = (Decimal("-0.01"), Decimal(0), Decimal("0.01"))
"""Below an edge, at it, and above it."""


def find_by_the_words(kind: str, edge: str, bands: tuple[Band, ...], key: Decimal) -> int | None:
    """The band that covers a key, looked for from the first to the last, as the page about tables explains it."""
    last = bands[-1]
    for position, (band, next_band) in enumerate(pairwise((*bands, None))):
        assert band is not None
        start = Decimal(band.start)
        end = next_band and Decimal(next_band.start)
        if next_band is None:
            end = Decimal(last.start) if kind == "interpolated" and band.end is None else band.end
        is_last = next_band is None
        if kind == "whole" and edge == "upper":
            covers = start < key and (end is None or key <= end)
        elif is_last and kind != "whole":
            covers = start <= key and (end is None or key <= end)
        else:
            covers = start <= key and (end is None or key < end)
        if covers:
            return position
    return None


@st.composite
def numeric_tables(draw: st.DrawFn) -> BandTable:
    kind, edge = draw(st.sampled_from(KINDS))
    starts = sorted(draw(st.sets(st.integers(-5, 40), min_size=1, max_size=5)))
    values = draw(st.lists(st.integers(-9, 9), min_size=len(starts), max_size=len(starts)))
    end = draw(st.none() | st.integers(1, 9).map(lambda width: Decimal(starts[-1] + width)))
    bands = [Band(Decimal(start), Decimal(value)) for start, value in zip(starts, values, strict=True)]
    bands[-1] = Band(bands[-1].start, bands[-1].value, end)
    return BandTable("t", kind, edge, ((date(2020, 1, 1), tuple(bands)),))


@given(table=numeric_tables())
def test_the_band_that_is_found_is_the_one_that_is_read(table: BandTable) -> None:
    """At, below and above each edge the lookup gives what the found band says, and nothing where none is found."""
    ((_, bands),) = table.versions
    lookup = compile_band_lookup(table.kind, table.edge, bands)
    edges = [Decimal(band.start) for band in bands] + [band.end for band in bands if band.end is not None]
    for key in {edge + distance for edge in edges for distance in NEAR}:
        position = find_band(table, bands, key)
        assert position == find_by_the_words(table.kind, table.edge, bands, key), key
        with localcontext(EXACT):
            if position is None:
                with pytest.raises(UndefinedResult):
                    lookup(key)
            else:
                assert lookup(key) == value_by_the_words(table.kind, bands, position, key)


def value_by_the_words(kind: str, bands: tuple[Band, ...], position: int, key: Decimal) -> Decimal:
    """What a table gives at a key that one of its bands covers."""
    band, above = bands[position], bands[position + 1 : position + 2]
    value, start = Decimal(band.value), Decimal(band.start)
    if kind == "whole":
        return value
    if kind == "marginal":
        full = sum(
            (Decimal(below.value) * (Decimal(following.start) - Decimal(below.start)))
            for below, following in pairwise(bands[: position + 1])
        )
        return full + value * (key - start)
    if not above:
        return value
    rise, run = Decimal(above[0].value) - value, Decimal(above[0].start) - start
    smallest = from_units(1)
    return (value + (key - start) * rise / run).quantize(smallest, "ROUND_HALF_UP")


def test_an_exact_table_has_a_band_for_its_texts_alone() -> None:
    bands = (Band("a", Decimal(1)), Band("b", Decimal(2)))
    table = BandTable("t", "exact", "lower", ())
    lookup = compile_band_lookup("exact", "lower", bands)
    assert [find_band(table, bands, text) for text in ("a", "b", "c")] == [0, 1, None]
    assert (lookup("a"), lookup("b")) == (1, 2)
    with pytest.raises(UndefinedResult):
        lookup("c")


@given(starts=st.sets(st.integers(-50, 0), min_size=1, max_size=4), data=st.data())
def test_the_rate_of_a_table_that_begins_below_zero_is_its_amount_over_the_number(
    starts: set[int], data: st.DataObject
) -> None:
    """What lies below zero counts in the amount, so that the rate near zero is none of the table's."""
    rates = {start: data.draw(st.integers(-9, 9)) for start in sorted(starts)}
    bands = ", ".join(f"{{ from = {start}, is = {rate / 100:.2f} }}" for start, rate in rates.items())
    text = f"""{HEAD}
[tables.c]
kind = "marginal"
edge = "lower"
bands = [ {bands} ]
[facts.person]
v = {{ type = "decimal", min = -60, max = 60, places = 1 }}
[values.rate]
is = "round(tables.c.rate(v), 6)"
"""
    program, diagnostics = compiled(text)
    assert program is not None, list(map(str, diagnostics))
    numbers = sorted({Decimal(start + beside) / 10 for start in (0, min(starts) * 10, 37) for beside in (-1, 0, 1)})
    raw = pl.DataFrame({"person": [f"P{index}" for index in range(len(numbers))], "v": list(map(str, numbers))})
    facts = ingest(program, period_of(program), {"person": RawTable(raw, "person.csv")}, Diagnostics())
    assert facts is not None
    column_rates = evaluate_batch(program, facts, steps=("values.rate",)).frame["values.rate"].to_list()
    for number, outcome, column in zip(numbers, walked(program, facts), column_rates, strict=True):
        ends = [*sorted(starts)[1:], None]
        slices = [
            max(0, (number if end is None else min(number, Decimal(end))) - start) * rate
            for (start, rate), end in zip(rates.items(), ends, strict=True)
        ]
        value = outcome.value("values.rate")
        if number < min(starts):
            assert isinstance(value, Unknown)
            assert column is None
        else:
            meant = Fraction(sum(slices)) / 100 / Fraction(number) if number else Fraction(0)
            assert value == column == rational(meant, 6, "half_up")
