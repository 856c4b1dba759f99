"""Days and complete months between two dates, against their definitions."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scorecore.language.operators import UndefinedResult
from scorecore.language.operators.dates import add_days, count_days, count_months

MONTH_ENDS: Final = [date(year, month, 1) - timedelta(days=1) for year in (2023, 2024, 2025) for month in range(1, 13)]


@st.composite
def dates(draw: st.DrawFn) -> date:
    """A day: half of the time the last or the first of a month, or beside it."""
    if draw(st.booleans()):
        return draw(st.sampled_from(MONTH_ENDS)) + timedelta(days=draw(st.integers(-3, 3)))
    return draw(st.dates(date(2019, 1, 1), date(2029, 12, 31)))


def month_later(start: date, count: int) -> date:
    """The day with the same number so many months later, or the last day of a month that has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


@given(start=dates(), end=dates())
@example(start=date(2024, 1, 31), end=date(2024, 2, 28))
@example(start=date(2024, 1, 31), end=date(2024, 2, 29))
@example(start=date(2023, 1, 29), end=date(2023, 2, 28))
@example(start=date(2024, 2, 29), end=date(2025, 2, 28))
@example(start=date(2024, 2, 29), end=date(2024, 3, 28))
@example(start=date(2024, 4, 30), end=date(2024, 5, 30))
@example(start=date(2024, 5, 15), end=date(2024, 6, 14))
@example(start=date(2024, 5, 15), end=date(2024, 6, 15))
@example(start=date(2024, 5, 15), end=date(2024, 5, 15))
@example(start=date(2023, 12, 31), end=date(2024, 1, 1))
def test_complete_months_are_those_whose_last_day_is_reached(start: date, end: date) -> None:
    first, last = sorted((start, end))
    complete = sum(month_later(first, count) <= last for count in range(1, 12 * 12))
    assert count_months(start, end) == (complete if start <= end else -complete)


@given(start=dates(), count=st.integers(-800, 800))
@example(start=date(2024, 2, 28), count=1)
@example(start=date(2023, 2, 28), count=1)
@example(start=date(2024, 1, 1), count=-1)
@example(start=date(2024, 1, 1), count=366)
@example(start=date(2024, 1, 1), count=0)
def test_days_are_counted_without_the_first(start: date, count: int) -> None:
    end = start
    for _ in range(abs(count)):
        end += timedelta(days=1 if count > 0 else -1)
    assert (count_days(start, end), add_days(start, count)) == (count, end)


@pytest.mark.parametrize(("day", "count"), [(date.max, 1), (date.min, -1), (date.min, 3_652_059), (date.max, 10**17)])
def test_there_is_no_day_beyond_the_calendar(day: date, count: int) -> None:
    with pytest.raises(UndefinedResult):
        add_days(day, count)


def test_the_calendar_has_its_first_and_its_last_day() -> None:
    assert add_days(date.min, count_days(date.min, date.max)) == date.max
    assert add_days(date.max, count_days(date.max, date.min)) == date.min
