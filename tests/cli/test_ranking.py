"""The ranking and the totals that `run` shows are computed in columns; here is what they mean, row by row."""

from decimal import Decimal, localcontext

import polars as pl
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from laws import HEAD
from scorecore.evaluate.decisions import decimal_series, no_decisions, sum_decimals
from scorecore.language.operators import EXACT
from scorecore_cli.decisions_view import TOTAL, rank_decisions
from strategies.cases import compiled

POINTS = f"""{HEAD}
[facts.person]
sales = {{ type = "decimal", label = "sales", min = 0, max = 100 }}

[[items]]
id     = "sales"
label  = "sales"
points = 100
scorer = "formula"
is     = "sales"

[score]
out_of = 100
"""
LARGEST = Decimal(10**26 - 1)


@given(
    totals=st.lists(st.none() | st.integers(0, 3).map(Decimal), max_size=12),
    most=st.none() | st.integers(0, 13),
)
def test_equal_totals_share_a_rank(totals: list[Decimal | None], most: int | None) -> None:
    """A rank is one more than the number of greater totals; equals stay in the order of ids, the held come last."""
    program, problems = compiled(POINTS)
    assert program is not None, problems
    period = program.period.period("2024-05")
    assert period is not None
    decisions = evolve(no_decisions(program, period), frame=pl.DataFrame([decimal_series(totals, 2).alias(TOTAL)]))
    order = sorted(range(len(totals)), key=lambda number: (totals[number] is None, -(totals[number] or 0), number))
    assessed = [total for total in totals if total is not None]
    expected = [
        (
            "—" if (total := totals[number]) is None else str(1 + sum(higher > total for higher in assessed)),
            number,
            total,
        )
        for number in order
    ]
    shown = [(rank, number, row[TOTAL]) for rank, number, row in rank_decisions(decisions, most)]
    assert shown == expected[:most]


@given(st.lists(st.none() | st.sampled_from([LARGEST, -LARGEST]) | st.decimals(-100, 100, places=12), max_size=20))
def test_the_sum_of_a_column_is_exact(numbers: list[Decimal | None]) -> None:
    with localcontext(EXACT):
        assert sum_decimals(decimal_series(numbers, 12)) == sum(filter(None, numbers), Decimal(0))
