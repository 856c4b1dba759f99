"""Calendars of working days and hours: dated tables, so that a decision never asks the world what was a holiday."""

from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Final

from attrs import field, frozen

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY: Final = 86400


@frozen(cache_hash=True)
class Calendar:
    """Which days of `first` to `last` are worked, and at what hours. It knows nothing of other days."""

    name: str
    first: date
    last: date
    days: tuple[str, ...]
    """The days of the week that are worked."""
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
    """Days that are worked although the week says otherwise."""
    hours: tuple[str, ...] = ()
    label: str = ""
    authority: str = ""
    is_bordered: bool = False
    """Whether it can be counted from the day before the first and from the day after the last, which are not counted
    themselves; not so in programs of language level 1."""
    _worked: tuple[bool, ...] = field(init=False, eq=False, repr=False)

    @_worked.default
    def _is_worked(self) -> tuple[bool, ...]:
        weekly = {DAYS.index(day) for day in self.days}
        free, extra = set(self.holidays), set(self.workdays)
        days = (self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))
        return tuple(day in extra or (day.weekday() in weekly and day not in free) for day in days)

    _through: tuple[int, ...] = field(init=False, eq=False, repr=False)

    @_through.default
    def _count_through(self) -> tuple[int, ...]:
        return tuple(accumulate(map(int, self._worked)))

    _open: tuple[date, ...] = field(init=False, eq=False, repr=False)

    @_open.default
    def _working_days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=number) for number, worked in enumerate(self._worked) if worked)

    spans: tuple[tuple[int, int], ...] = field(init=False, eq=False, repr=False)
    """The hours as seconds of the day."""

    @spans.default
    def _seconds(self) -> tuple[tuple[int, int], ...]:
        return tuple(span for span in map(parse_hours, self.hours) if span)

    @property
    def worked(self) -> tuple[bool, ...]:
        """Of each day from the first, whether it is worked."""
        return self._worked

    @property
    def through(self) -> tuple[int, ...]:
        """Of each day from the first, how many days up to it and including it are worked."""
        return self._through

    @property
    def open(self) -> tuple[date, ...]:
        """The working days, ascending."""
        return self._open

    @property
    def day_seconds(self) -> int:
        return sum(end - start for start, end in self.spans)

    def position(self, day: date) -> int | None:
        """The position of a day in the calendar; None if it is not in it."""
        number = (day - self.first).days
        return number if 0 <= number < len(self._worked) else None

    def count_through(self, day: date) -> int | None:
        """Working days up to a day and including it; None if the calendar does not say."""
        if self.is_bordered and (day - self.first).days == -1:
            return 0
        position = self.position(day)
        return None if position is None else self._through[position]

    def count_before(self, day: date) -> int | None:
        """Working days before a day; None if the calendar does not say."""
        if self.is_bordered and (day - self.last).days == 1:
            return len(self._open)
        position = self.position(day)
        return None if position is None else self._through[position] - self._worked[position]

    def seconds_until(self, moment: datetime) -> int | None:
        """Seconds of work from the first day's midnight until a moment; None if the calendar does not say.

        On the day before the first it is enough that the hours are over, on the day after the last that they have not
        begun: whether such a day is worked makes no difference.
        """
        day, clock = moment.date(), moment.hour * 3600 + moment.minute * 60 + moment.second
        position = self.position(day)
        if position is None:
            if self.is_bordered and (day - self.first).days == -1 and clock >= self.spans[-1][1]:
                return 0
            if self.is_bordered and (day - self.last).days == 1 and clock <= self.spans[0][0]:
                return len(self._open) * self.day_seconds
            return None
        today = sum(min(max(clock - start, 0), end - start) for start, end in self.spans)
        worked = self._worked[position]
        return (self._through[position] - worked) * self.day_seconds + worked * today


def parse_hours(text: str) -> tuple[int, int] | None:
    """`08:30-12:00` in seconds of the day; None for what is not a span. A day may end at 24:00."""
    start, dash, end = text.partition("-")
    seconds = _seconds_of(start.strip()), _seconds_of(end.strip())
    if not dash or seconds[0] is None or seconds[1] is None or seconds[0] >= seconds[1]:
        return None
    return seconds[0], seconds[1]


def _seconds_of(clock: str) -> int | None:
    if clock == "24:00":
        return DAY
    hours, _, minutes = clock.partition(":")
    has_digits = clock.isascii() and hours.isdigit() and minutes.isdigit() and len(hours) == len(minutes) == 2  # noqa: PLR2004
    return int(hours) * 3600 + int(minutes) * 60 if has_digits and hours < "24" and minutes < "60" else None
