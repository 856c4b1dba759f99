"""Periods: what a policy decides about at a time."""

import re
from calendar import monthrange
from datetime import MAXYEAR, date, timedelta
from typing import Final

from attrs import frozen

_MONTHS: Final = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_LABEL: Final = {
    "month": re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"),
    "quarter": re.compile(r"([0-9]{4})-Q([1-4])"),
    "half-year": re.compile(r"([0-9]{4})-H([12])"),
    "year": re.compile(r"([0-9]{4})()"),
}
EXAMPLES: Final = {
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
        """The period with a label such as `2024-05`, `2024-Q2`, `2024-H1`, `2024`; None if it is none."""
        matched = _LABEL[self.every].fullmatch(label)
        if not matched or matched[1] == "0000":
            return None
        months = _MONTHS[self.every]
        first = int(matched[1]) * 12 + (int(matched[2] or 1) - 1) * months
        return self._at(first, label)

    def _at(self, first: int, label: str) -> Period:
        """The period whose first month is `first`, counted from the year 0."""
        last = first + _MONTHS[self.every] - 1
        return Period(self._end(first - 1) + timedelta(days=1) if first > _FIRST else date.min, self._end(last), label)

    def _end(self, month: int) -> date:
        year, number = divmod(month, 12)
        return date(year, number + 1, self.closes or monthrange(year, number + 1)[1])

    def ago(self, period: Period, count: int) -> Period | None:
        """The period `count` before another one, or after it; None before the calendar begins and after its end."""
        months = _MONTHS[self.every]
        last = period.end.year * 12 + period.end.month - 1 - count * months
        first = last - months + 1
        return self._at(first, self._label(first)) if first >= _FIRST and last <= _LAST else None

    def _label(self, first: int) -> str:
        year, month = divmod(first, 12)
        match self.every:
            case "month":
                return f"{year:04d}-{month + 1:02d}"
            case "quarter":
                return f"{year:04d}-Q{month // 3 + 1}"
            case "half-year":
                return f"{year:04d}-H{month // 6 + 1}"
            case _:
                return f"{year:04d}"

    def within(self, period: Period) -> list[str]:
        """The labels of the periods of this kind that end within another one, in order."""
        months = _MONTHS[self.every]
        last = period.end.year * 12 + period.end.month - 1
        labels = []
        for first in range(last - last % months, _FIRST - 1, -months):
            shorter = self._at(first, self._label(first))
            if shorter.end < period.start:
                break
            if shorter.end <= period.end:
                labels.append(shorter.label)
        return labels[::-1]

    def between(self, earlier: Period, later: Period) -> int:
        """How many periods `earlier` lies before `later`."""
        months = (later.end.year - earlier.end.year) * 12 + later.end.month - earlier.end.month
        return months // _MONTHS[self.every]


_FIRST: Final = 12
"""January of the year 1, counted in months from the year 0."""
_LAST: Final = MAXYEAR * 12 + 11
"""December of the last year that dates have."""
