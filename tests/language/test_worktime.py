"""Working days and hours: what the operators give is what counting on one's fingers gives."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import localcontext

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from scorecore.language.operators import EXACT, UndefinedResult
from scorecore.language.operators.worktime import (
    add_workdays,
    count_workdays,
    is_workday,
    measure_worktime,
)
from scorecore.values.calendar import Calendar, parse_hours
from scorecore.values.ratio import Ratio

MAY = Calendar(
    "work",
    date(2024, 4, 22),
    date(2024, 5, 31),
    ("mon", "tue", "wed", "thu", "fri"),
    holidays=tuple(date(2024, 5, day) for day in range(1, 6)),
    workdays=(date(2024, 4, 28), date(2024, 5, 11)),  # Labour Day of 2024: two Sundays and Saturdays are worked
    hours=("08:30-12:00", "13:30-17:30"),
)
days = st.integers(0, 39).map(lambda number: MAY.first + timedelta(days=number))
moments = st.datetimes(datetime(2024, 4, 22), datetime(2024, 5, 31, 23, 59)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)


def counted(start: date, end: date) -> int:
    between = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(is_workday(day, MAY) for day in between)


@given(start=days, end=days)
@example(start=MAY.first, end=MAY.last)
@example(start=MAY.first, end=MAY.first)
@example(start=date(2024, 4, 30), end=date(2024, 5, 6))  # the last day before a holiday, and the first after it
@example(start=date(2024, 5, 6), end=date(2024, 4, 30))
def test_workdays_are_counted_after_the_first_day_up_to_the_last(start: date, end: date) -> None:
    assert count_workdays(start, end, MAY) == (counted(start, end) if start <= end else -counted(end, start))


@given(day=days, count=st.integers(-30, 30))
@example(day=date(2024, 5, 1), count=0)  # no working day
@example(day=date(2024, 4, 30), count=0)
@example(day=date(2024, 4, 30), count=1)
@example(day=date(2024, 5, 6), count=-1)
@example(day=MAY.last, count=1)
@example(day=MAY.first, count=-1)
def test_the_nth_working_day_is_found_by_walking(day: date, count: int) -> None:
    day_reached, left, step = day, abs(count), 1 if count >= 0 else -1
    try:
        while left or (not count and not is_workday(day_reached, MAY)):
            day_reached += timedelta(days=step)
            left -= is_workday(day_reached, MAY) if count else 0
    except UndefinedResult:
        with pytest.raises(UndefinedResult):
            add_workdays(day, count, MAY)
        return
    assert add_workdays(day, count, MAY) == day_reached


@given(start=moments, end=moments)
@example(start=datetime(2024, 5, 6, 8, 30), end=datetime(2024, 5, 6, 12, 0))
@example(start=datetime(2024, 5, 6, 12, 0), end=datetime(2024, 5, 6, 13, 30))  # a break
@example(start=datetime(2024, 5, 6, 17, 30), end=datetime(2024, 5, 7, 8, 30))  # a night
@example(start=datetime(2024, 5, 6, 8, 29), end=datetime(2024, 5, 6, 8, 31))
@example(start=datetime(2024, 5, 6, 17, 31), end=datetime(2024, 5, 6, 17, 29))
def test_working_minutes_are_those_in_which_somebody_works(start: datetime, end: datetime) -> None:
    def works(minute: datetime) -> bool:
        clock = f"{minute:%H:%M}"
        return is_workday(minute.date(), MAY) and ("08:30" <= clock < "12:00" or "13:30" <= clock < "17:30")

    first, last = sorted((start, end))
    minutes = sum(
        works(first + timedelta(minutes=number)) for number in range(int((last - first).total_seconds()) // 60)
    )
    with localcontext(EXACT):
        assert measure_worktime(start, end, MAY, 60) == (minutes if start <= end else -minutes)


def test_hours_go_on_where_they_stopped() -> None:
    """Reported at 16:30 before a holiday of five days: the first hour is that evening, the rest is on 6 May."""
    with localcontext(EXACT):
        assert measure_worktime(datetime(2024, 4, 30, 16, 30), datetime(2024, 5, 6, 14, 0), MAY, 3600) == 5
        assert measure_worktime(datetime(2024, 4, 30, 16, 30), datetime(2024, 5, 6, 14, 1), MAY, 3600) == Ratio(301, 60)


BORDERED = evolve(MAY, is_bordered=True)
SUNDAY, JUNE = date(2024, 4, 21), date(2024, 6, 1)


def test_days_beside_a_calendar_can_be_counted_from() -> None:
    """Neither is counted itself: not the first of `workdays`, nor the day that `add_workdays` begins at."""
    assert count_workdays(SUNDAY, date(2024, 4, 24), BORDERED) == 3
    assert count_workdays(date(2024, 4, 24), SUNDAY, BORDERED) == -3
    assert add_workdays(SUNDAY, 5, BORDERED) == date(2024, 4, 26)
    assert add_workdays(JUNE, -1, BORDERED) == date(2024, 5, 31)
    with localcontext(EXACT):
        assert measure_worktime(datetime(2024, 4, 21, 17, 30), datetime(2024, 4, 22, 9, 0), BORDERED, 60) == 30
        assert measure_worktime(datetime(2024, 5, 31, 17, 0), datetime(2024, 6, 1, 8, 30), BORDERED, 60) == 30


@pytest.mark.parametrize(
    "count",
    [
        lambda: count_workdays(SUNDAY - timedelta(days=1), MAY.first, BORDERED),
        lambda: count_workdays(MAY.first, JUNE, BORDERED),  # whether that day is worked is not known
        lambda: add_workdays(SUNDAY, 0, BORDERED),
        lambda: add_workdays(SUNDAY, -1, BORDERED),
        lambda: add_workdays(JUNE, 0, BORDERED),
        lambda: add_workdays(JUNE, 1, BORDERED),
        lambda: add_workdays(JUNE + timedelta(days=1), -1, BORDERED),
        lambda: is_workday(SUNDAY, BORDERED),
        lambda: measure_worktime(datetime(2024, 4, 21, 17, 29), datetime(2024, 4, 22, 9, 0), BORDERED, 60),
        lambda: measure_worktime(datetime(2024, 5, 31, 17, 0), datetime(2024, 6, 1, 8, 31), BORDERED, 60),
        lambda: count_workdays(SUNDAY, MAY.first, MAY),  # as recorded programs have it
        lambda: add_workdays(JUNE, -1, MAY),
    ],
)
def test_days_beside_a_calendar_are_not_known(count: Callable[[], object]) -> None:
    with pytest.raises(UndefinedResult):
        count()


def test_days_that_are_not_covered_are_unknown() -> None:
    with pytest.raises(UndefinedResult):
        count_workdays(date(2024, 4, 21), date(2024, 5, 2), MAY)
    with pytest.raises(UndefinedResult):
        add_workdays(date(2024, 5, 31), 1, MAY)
    assert add_workdays(date(2024, 5, 30), 1, MAY) == date(2024, 5, 31)


@pytest.mark.parametrize(
    "text",
    [
        *("", "8:30-12:00", "08:30", "12:00-08:30", "08:30-08:30", "08:60-09:00", "24:00-25:00"),
        *("123:4-200:5", "1:599-24:00", "08:30-17:0", "08:30-123:4", "0830--17:00", "０８:30-12:00"),
    ],
)
def test_what_is_no_span(text: str) -> None:
    assert parse_hours(text) is None


def test_a_day_may_end_at_midnight() -> None:
    assert parse_hours("22:00-24:00") == (79_200, 86_400)
