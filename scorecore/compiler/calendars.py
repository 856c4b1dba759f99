"""Calendars as a policy declares them."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.policy import model as policy
from scorecore.values.calendar import Calendar, parse_hours

MAX_COVERED: Final = 36525
"""A hundred years of days."""


def declare_calendar(name: str, part: policy.CalendarDeclaration, diagnostics: Diagnostics) -> Calendar | None:
    """A calendar; None where a branch has yet to set it, or where it has a problem."""
    if part.covers is None:
        if not part.open and not part.same_as:  # one that cannot be found has been reported
            diagnostics.add(catalogue.NOT_COVERING, *part.at(), name=name)
        return None
    first, last = part.covers.from_, part.covers.to
    if last < first:
        diagnostics.add(catalogue.ENDS_BEFORE, *part.covers.at("to"), to=last, start=first)
        return None
    count = (last - first).days + 1
    if count > MAX_COVERED:
        diagnostics.add(catalogue.COVERS_TOO_MUCH, *part.covers.at("to"), limit=MAX_COVERED, count=count)
        return None
    named: set[date] = set()
    for place, day in _named(part):
        if not first <= day <= last:
            diagnostics.add(catalogue.DAY_UNCOVERED, *part.at(place), day=day)
        elif day in named:
            diagnostics.add(catalogue.DAY_TWICE, *part.at(place), day=day)
        named.add(day)
    end = 0
    for number, text in enumerate(part.hours):
        span = parse_hours(text)
        if span is None or span[0] < end:
            diagnostics.add(catalogue.BAD_HOURS, *part.at(f"hours.{number}"), text=text)
            return None
        end = span[1]
    days = (part.days, part.holidays, part.workdays)
    return Calendar(name, first, last, *days, part.hours, part.label, part.authority, is_bordered=True)


def _named(part: policy.CalendarDeclaration) -> Iterator[tuple[str, date]]:
    for key, days in (("holidays", part.holidays), ("workdays", part.workdays)):
        yield from ((f"{key}.{number}", day) for number, day in enumerate(days))


def placeholder_calendar(name: str, part: policy.CalendarDeclaration) -> Calendar:
    """A calendar that a branch has yet to set: one day stands for all."""
    return Calendar(name, date.min, date.min, part.days, hours=("00:00-24:00",))
