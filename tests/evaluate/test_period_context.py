"""What is in force in a period: the last day decides, or each day counts."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scorecore.evaluate.period_context import in_force, prorate
from scorecore.program.model import Parameter
from scorecore.values.period import Period
from scorecore.values.types import PLACES, decimal_type

MAY: Final = Period(date(2024, 5, 1), date(2024, 5, 31), "2024-05")
START: Final = date(2024, 5, 10)
LATER: Final = date(2024, 5, 20)
DATED: Final = ((START, Decimal(310)), (LATER, Decimal(620)))


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (date.min, 310),  # before the first value the first one holds
        (START - timedelta(days=1), 310),
        (START, 310),
        (LATER - timedelta(days=1), 310),
        (LATER, 620),
        (LATER + timedelta(days=1), 620),
        (date.max, 620),
    ],
)
def test_the_latest_value_that_has_begun_is_in_force(day: date, value: int) -> None:
    assert in_force(DATED, day) == value


def mean_by_day(parameter: Parameter, period: Period) -> Fraction:
    """The definition: the value in force on each day, and of these the mean."""
    days = [period.start + timedelta(days=number) for number in range(period.days)]
    return sum((Fraction(in_force(parameter.values, day)) for day in days), Fraction(0)) / period.days


DAYS: Final = st.integers(-40, 70).map(lambda number: MAY.start + timedelta(days=number))


@given(starts=st.lists(DAYS, min_size=1, max_size=4, unique=True).map(sorted))
@example(starts=[START])  # the days before the first value have the first value
@example(starts=[START, LATER])
@example(starts=[MAY.start])
@example(starts=[MAY.start, MAY.start + timedelta(days=1)])
@example(starts=[MAY.start - timedelta(days=1), MAY.start])
@example(starts=[MAY.start, MAY.end])
@example(starts=[MAY.start, MAY.end + timedelta(days=1)])
@example(starts=[MAY.end + timedelta(days=1), MAY.end + timedelta(days=2)])
def test_a_prorated_value_is_the_mean_of_the_days(starts: list[date]) -> None:
    values = tuple((start, Decimal(31 * 7**number)) for number, start in enumerate(starts))
    parameter = Parameter("a", decimal_type(0, 10**6, PLACES), values, prorate=True)
    assert prorate(parameter, MAY) == mean_by_day(parameter, MAY)
