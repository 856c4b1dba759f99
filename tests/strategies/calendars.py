"""Calendars: around the days on which facts happen, with holidays and worked weekends, some with hours."""

from datetime import date, timedelta
from typing import Final

from hypothesis import strategies as st

from scorecore.values.calendar import DAYS, Calendar

HOURS: Final = (
    ("08:30-12:00", "13:30-17:30"),
    ("00:00-24:00",),
    ("09:00-17:00",),
    ("00:00-06:00", "22:00-24:00"),
    (),
)
LONGEST: Final = 400


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    first = draw(st.sampled_from([date(2024, 5, 1), date(2024, 1, 1), date(2023, 11, 30), date.min, date(9999, 12, 1)]))
    count = min(draw(st.integers(1, LONGEST)), (date.max - first).days + 1)
    days = st.lists(st.integers(0, count - 1).map(lambda number: first + timedelta(days=number)), max_size=12)
    named = draw(st.lists(st.sampled_from(["holiday", "workday"]), max_size=12))
    special = list(zip(named, dict.fromkeys(draw(days)), strict=False))
    return Calendar(
        name="work",
        first=first,
        last=first + timedelta(days=count - 1),
        days=tuple(draw(st.lists(st.sampled_from(DAYS), unique=True, max_size=7))) if draw(st.booleans()) else DAYS[:5],
        holidays=tuple(day for name, day in special if name == "holiday"),
        workdays=tuple(day for name, day in special if name == "workday"),
        hours=draw(st.sampled_from(HOURS)),
        is_bordered=draw(st.booleans()),
    )
