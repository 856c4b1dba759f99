"""Periods of every kind: their ends, their labels, and how many lie between two of them."""

from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scorecore.values.period import Period, PeriodKind

MONTHS: Final = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
SHORT: Final = {"half-month": 0.5, "week": 12 / 53}
KINDS: Final = st.builds(PeriodKind, st.sampled_from(list(MONTHS)), st.sampled_from([0, 1, 25, 28])) | st.builds(
    PeriodKind, st.sampled_from(list(SHORT))
)


@pytest.mark.parametrize(
    ("every", "closes", "label", "start", "end"),
    [
        ("month", 0, "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("month", 0, "2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("month", 0, "2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("month", 25, "2024-01", date(2023, 12, 26), date(2024, 1, 25)),
        ("month", 28, "2024-03", date(2024, 2, 29), date(2024, 3, 28)),
        ("month", 1, "2024-03", date(2024, 2, 2), date(2024, 3, 1)),
        ("quarter", 0, "2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        ("quarter", 25, "2024-Q1", date(2023, 12, 26), date(2024, 3, 25)),
        ("quarter", 0, "2024-Q4", date(2024, 10, 1), date(2024, 12, 31)),
        ("half-year", 0, "2024-H2", date(2024, 7, 1), date(2024, 12, 31)),
        ("year", 0, "2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("half-month", 0, "2024-02-H1", date(2024, 2, 1), date(2024, 2, 15)),
        ("half-month", 0, "2024-02-H2", date(2024, 2, 16), date(2024, 2, 29)),
        ("half-month", 0, "9999-12-H2", date(9999, 12, 16), date.max),
        ("week", 0, "2024-W01", date(2024, 1, 1), date(2024, 1, 7)),
        ("week", 0, "2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
        ("month", 0, "0001-01", date.min, date(1, 1, 31)),
        ("month", 25, "0001-01", date.min, date(1, 1, 25)),
        ("year", 0, "9999", date(9999, 1, 1), date.max),
    ],
)
def test_a_period_has_its_days(every: str, closes: int, label: str, start: date, end: date) -> None:
    assert PeriodKind(every, closes).period(label) == Period(start, end, label)


@pytest.mark.parametrize(
    ("every", "label"),
    [
        *(
            ("month", label)
            for label in ("2024-00", "2024-13", "2024-1", "0000-01", "2024-05 ", "2024", "12024-05", "")
        ),
        *(("quarter", label) for label in ("2024-Q0", "2024-Q5", "2024-05", "0000-Q1")),
        *(("half-year", label) for label in ("2024-H0", "2024-H3", "2024-Q1")),
        *(("year", label) for label in ("0000", "24", "2024-01")),
        *(("half-month", label) for label in ("2024-05-H3", "2024-05", "2024-H1", "2024-13-H1", "0000-01-H1")),
        *(("week", label) for label in ("2024-W53", "2024-W00", "2024-W5", "2024-20", "0000-W01", "9999-W52")),
    ],
)
def test_another_label_names_no_period(every: str, label: str) -> None:
    assert PeriodKind(every).period(label) is None


def period_at(kind: PeriodKind, number: int) -> Period:
    """A period by its number since January of the year 1."""
    if kind.every == "week":
        year, week, _ = date.fromordinal(1 + 7 * number).isocalendar()
        label = f"{year:04d}-W{week:02d}"
    elif kind.every == "half-month":
        label = f"{1 + number // 24:04d}-{number % 24 // 2 + 1:02d}-H{number % 2 + 1}"
    else:
        label = _label_of_months(kind, number)
    period = kind.period(label)
    assert period is not None
    return period


def _label_of_months(kind: PeriodKind, number: int) -> str:
    start = number * MONTHS[kind.every]
    year, month = 1 + start // 12, start % 12
    labels = {
        "month": f"{year:04d}-{month + 1:02d}",
        "quarter": f"{year:04d}-Q{month // 3 + 1}",
        "half-year": f"{year:04d}-H{month // 6 + 1}",
        "year": f"{year:04d}",
    }
    return labels[kind.every]


@given(kind=KINDS, number=st.integers(0, 800), count=st.integers(-60, 900))
@example(kind=PeriodKind("month"), number=11, count=1)
@example(kind=PeriodKind("month"), number=12, count=1)
@example(kind=PeriodKind("month"), number=12, count=12)
@example(kind=PeriodKind("month"), number=12, count=13)
@example(kind=PeriodKind("quarter"), number=4, count=1)
@example(kind=PeriodKind("half-year"), number=2, count=2)
@example(kind=PeriodKind("year"), number=0, count=0)
@example(kind=PeriodKind("year"), number=0, count=1)
@example(kind=PeriodKind("month", 25), number=1, count=1)
def test_an_earlier_period_is_as_many_before(kind: PeriodKind, number: int, count: int) -> None:
    """Going back and counting agree, and periods follow each other without a gap or a day that is in two."""
    period = period_at(kind, number)
    earlier = kind.ago(period, count)
    if count > number:
        assert earlier is None
        return
    assert earlier == period_at(kind, number - count)
    assert kind.between(earlier, period) == count
    following = kind.ago(period, -1)
    assert following is not None
    assert following.start == period.end + timedelta(days=1)
    assert kind.containing(period.start) == kind.containing(period.end) == period


@given(kind=KINDS, outer=KINDS, number=st.integers(1, 100))
@example(kind=PeriodKind("month"), outer=PeriodKind("year"), number=0)
@example(kind=PeriodKind("month", 25), outer=PeriodKind("quarter"), number=7)
@example(kind=PeriodKind("quarter"), outer=PeriodKind("year", 25), number=7)
@example(kind=PeriodKind("year"), outer=PeriodKind("month"), number=11)
@example(kind=PeriodKind("year"), outer=PeriodKind("month"), number=12)
def test_within_a_period_are_those_that_end_in_it(kind: PeriodKind, outer: PeriodKind, number: int) -> None:
    period = period_at(outer, number)
    periods = (period_at(kind, count) for count in range(int(1400 // (MONTHS | SHORT)[kind.every])))
    assert kind.within(period) == [inner.label for inner in periods if period.start <= inner.end <= period.end]


@given(KINDS, st.dates(date(1, 3, 1), date(9998, 12, 1)))
def test_a_day_is_in_the_period_that_contains_it(kind: PeriodKind, day: date) -> None:
    period = kind.containing(day)
    assert period
    assert period.start <= day <= period.end
    assert kind.period(period.label) == period
