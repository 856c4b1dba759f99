"""The last day of a deadline, by the calendar of a policy."""

from bisect import bisect_right
from datetime import date, timedelta

from scorecore.program.model import Program


def find_deadline(program: Program, calendar: str, begin: date, days: int) -> date | None:
    """The last of so many days after one: working days of a calendar, or all days where none is named.

    None where the calendar does not say.
    """
    if not calendar:
        return begin + timedelta(days=days)
    named = next((known for known in program.calendars if known.name == calendar), None)
    if named is None or not named.first <= begin <= named.last:
        return None
    place = bisect_right(named.open, begin) + days - 1
    return named.open[place] if place < len(named.open) else None
