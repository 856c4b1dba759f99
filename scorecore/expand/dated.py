"""Calendars as a policy declares them."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from scorecore import kinds, policy
from scorecore.calendars import Calendar, span_of
from scorecore.problems import Problems

MOST_COVERED: Final = 36525
"""A hundred years of days."""


def calendar(name: str, part: policy.Calendar, problems: Problems) -> Calendar | None:
    """A calendar; None where a branch has yet to set it, or where it has a problem."""
    if part.covers is None:
        if not part.open:
            problems.add(kinds.NOT_COVERING, *part.at(), name=name)
        return None
    first, last = part.covers.from_, part.covers.to
    if last < first:
        problems.add(kinds.ENDS_BEFORE, *part.covers.at("to"), to=last, start=first)
        return None
    count = (last - first).days + 1
    if count > MOST_COVERED:
        problems.add(kinds.COVERS_TOO_MUCH, *part.covers.at("to"), limit=MOST_COVERED, count=count)
        return None
    named: set[date] = set()
    for place, day in _named(part):
        if not first <= day <= last:
            problems.add(kinds.DAY_UNCOVERED, *part.at(place), day=day)
        elif day in named:
            problems.add(kinds.DAY_TWICE, *part.at(place), day=day)
        named.add(day)
    end = 0
    for number, text in enumerate(part.hours):
        span = span_of(text)
        if span is None or span[0] < end:
            problems.add(kinds.BAD_HOURS, *part.at(f"hours.{number}"), text=text)
            return None
        end = span[1]
    return Calendar(name, first, last, part.days, part.holidays, part.workdays, part.hours, part.label, part.authority)


def _named(part: policy.Calendar) -> Iterator[tuple[str, date]]:
    for key, several in (("holidays", part.holidays), ("workdays", part.workdays)):
        yield from ((f"{key}.{number}", day) for number, day in enumerate(several))


def unset_calendar(name: str, part: policy.Calendar) -> Calendar:
    """A calendar that a branch has yet to set: one day stands for all."""
    return Calendar(name, date.min, date.min, part.days, hours=("00:00-24:00",))
