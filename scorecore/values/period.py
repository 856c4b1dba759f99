"""Periods: what a policy decides about at a time."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from attrs import frozen

_MONTHS: Final = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
WEEK: Final = "week"
HALF_MONTH: Final = "half-month"
_DAYS_OF_WEEK: Final = 7
_MIDDLE: Final = 15
"""The last day of the first half of a month."""
_LABEL: Final = {
    "week": re.compile(r"([0-9]{4})-W([0-9]{2})"),
    "half-month": re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-H([12])"),
    "month": re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"),
    "quarter": re.compile(r"([0-9]{4})-Q([1-4])"),
    "half-year": re.compile(r"([0-9]{4})-H([12])"),
    "year": re.compile(r"([0-9]{4})()"),
}
EXAMPLES: Final = {
    "week": "2024-W20",
    "half-month": "2024-05-H1",
    "month": "2024-05",
    "quarter": "2024-Q2",
    "half-year": "2024-H1",
    "year": "2024",
}


@frozen(order=True)
class Period:
    """From `start` to `end`, both days included."""

    start: date
    end: date
    label: str

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def __str__(self) -> str:
        return self.label


@frozen
class PeriodKind:
    """How a policy cuts time. `closes` is the last day of its months, 0 for the calendar's own."""

    every: str
    closes: int = 0

    @property
    def example(self) -> str:
        """How a period is written."""
        return EXAMPLES[self.every]

    def period(self, label: str) -> Period | None:
        """The period with a label such as `2024-05`, `2024-Q2`, `2024-05-H1`, `2024-W20`; None if it is none."""
        matched = _LABEL[self.every].fullmatch(label)
        if not matched or matched[1] == "0000":
            return None
        year, part = int(matched[1]), int(matched[2] or 1)
        if self.every == WEEK:
            try:
                return self._at(self._number(date.fromisocalendar(year, part, 1)))
            except ValueError:
                return None
        if self.every == HALF_MONTH:
            return self._at((year * 12 + part - 1) * 2 + int(matched[3]) - 1)
        return self._at(year * 12 // _MONTHS[self.every] + part - 1)

    def _number(self, day: date) -> int:
        """Which period a day is in, or ends, by the calendar: consecutive, and the same for the end of a period."""
        month = day.year * 12 + day.month - 1
        if self.every == WEEK:
            return (day.toordinal() - 1) // _DAYS_OF_WEEK  # the first day of the year 1 is a Monday
        if self.every == HALF_MONTH:
            return month * 2 + (day.day > _MIDDLE)
        return month // _MONTHS[self.every]

    def _at(self, number: int) -> Period | None:
        """The period of a number; None outside of the years that dates have."""
        if not self._number(date.min) <= number <= self._number(date.max) - (self.every == WEEK):
            return None
        if self.every == WEEK:
            start = date.fromordinal(number * _DAYS_OF_WEEK + 1)
            return Period(start, start + timedelta(days=_DAYS_OF_WEEK - 1), self._label(number))
        if self.every == HALF_MONTH:
            year, month = divmod(number // 2, 12)
            middle = date(year, month + 1, _MIDDLE)
            first, last = date(year, month + 1, 1), _last_day(number // 2)
            return Period(*((middle + timedelta(days=1), last) if number % 2 else (first, middle)), self._label(number))
        months = _MONTHS[self.every]
        first_month = number * months
        start = self._end(first_month - 1) + timedelta(days=1) if number > self._number(date.min) else date.min
        return Period(start, self._end(first_month + months - 1), self._label(number))

    def _end(self, month: int) -> date:
        return _last_day(month).replace(day=self.closes) if self.closes else _last_day(month)

    def ago(self, period: Period, count: int) -> Period | None:
        """The period `count` before another one, or after it; None before the calendar begins and after its end."""
        return self._at(self._number(period.end) - count)

    def _label(self, number: int) -> str:
        if self.every == WEEK:
            year, week, _ = date.fromordinal(number * _DAYS_OF_WEEK + 1).isocalendar()
            return f"{year:04d}-W{week:02d}"
        if self.every == HALF_MONTH:
            year, month = divmod(number // 2, 12)
            return f"{year:04d}-{month + 1:02d}-H{number % 2 + 1}"
        year, part = divmod(number, 12 // _MONTHS[self.every])
        parts = {"month": f"-{part + 1:02d}", "quarter": f"-Q{part + 1}", "half-year": f"-H{part + 1}"}
        return f"{year:04d}{parts.get(self.every, '')}"

    def containing(self, day: date) -> Period | None:
        """The period that a day is in; None where dates end before it does."""
        period = self._at(self._number(day))
        return self.ago(period, -1) if period is not None and period.end < day else period

    def within(self, period: Period) -> list[str]:
        """The labels of the periods of this kind that end within another one, in order."""
        labels = []
        number = self._number(period.end)
        while (shorter := self._at(number)) is None or shorter.end >= period.start:
            if shorter is not None and shorter.end <= period.end:
                labels.append(shorter.label)
            if number <= self._number(date.min):
                break
            number -= 1
        return labels[::-1]

    def last(self, period: Period, count: int) -> list[str]:
        """The labels of so many periods of this kind, the last of which ends within another one or before it."""
        latest = self.containing(period.end)
        if latest is not None and latest.end > period.end:
            latest = self.ago(latest, 1)
        earlier = (self.ago(latest, ago) for ago in range(count - 1, -1, -1)) if latest else ()
        return [each.label for each in earlier if each is not None]

    def between(self, earlier: Period, later: Period) -> int:
        """How many periods `earlier` lies before `later`."""
        return self._number(later.end) - self._number(earlier.end)


def _last_day(month: int) -> date:
    """The last day of a month, counted from the year 0."""
    year, number = divmod(month, 12)
    return date(year, number + 1, monthrange(year, number + 1)[1])
