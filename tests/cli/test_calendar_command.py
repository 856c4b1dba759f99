"""`scorecore calendar` writes what the library knows, and the policy then knows the same without the library."""

from datetime import date, timedelta
from typing import Any, Final

import holidays
import pytest
from click.testing import CliRunner

from scorecore.compiler.calendars import declare_calendar as built
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.policy.model import CalendarDeclaration
from scorecore.policy.structure import structure
from scorecore.policy.toml import read_toml
from scorecore_cli.main import scorecore

HEAD: Final = "[calendars.work]"


def printed(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(scorecore, ["calendar", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def days_of(text: str) -> tuple[date, tuple[bool, ...]]:
    """The first day of a calendar as a policy has it, and whether each day from then on is worked."""
    diagnostics = Diagnostics()
    tree = read_toml(Source("calendar.toml", text[text.index(HEAD) :].removeprefix(HEAD)), diagnostics)
    assert tree
    part = structure(tree, CalendarDeclaration, diagnostics)
    assert part, list(map(str, diagnostics))
    calendar_text = built("work", part, diagnostics)
    assert calendar_text, list(map(str, diagnostics))
    return calendar_text.first, calendar_text.worked


@pytest.mark.parametrize(("place", "first", "last"), [("CN", 2010, 2026), ("US", 2024, 2025), ("SA", 2024, 2024)])
def test_the_policy_knows_what_the_library_knows(place: str, first: int, last: int) -> None:
    """Of every day the table says what the library says, exchanged working days and other weekends included."""
    holidays_by_library: Any = holidays.country_holidays(place, years=range(first, last + 1))
    start, worked = days_of(printed(place, str(first), str(last)))
    assert start == date(first, 1, 1)
    assert len(worked) == (date(last, 12, 31) - start).days + 1
    differ = [
        day
        for number, is_worked in enumerate(worked)
        if is_worked != holidays_by_library.is_working_day(day := start + timedelta(number))
    ]
    assert differ == []


def test_exchanged_working_days_of_2024() -> None:
    """The eight days of the State Council's announcement for 2024 are worked, and none of them on an exchange."""
    announced = ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"]
    days = [date.fromisoformat(f"2024-{written_day}") for written_day in announced]
    for arguments, expected in ((["CN", "2024"], True), (["CN", "2024", "--free-weekends"], False)):
        first, worked = days_of(printed(*arguments))
        assert {worked[(day - first).days] for day in days} == {expected}


def test_hours_and_name() -> None:
    """The name and the hours of a working day are written down as well."""
    text = printed("CN", "2024", "--name", "office", "--hours", "08:30-12:00", "--hours", "13:30-17:30")
    assert "[calendars.office]" in text
    assert 'hours    = ["08:30-12:00", "13:30-17:30"]' in text


def test_a_year_that_is_not_announced() -> None:
    """That no exchanged working days are known is said, for they are announced a year at a time."""
    assert "2090" in printed("CN", "2090").partition(HEAD)[0]


@pytest.mark.parametrize("arguments", [["XX", "2024"], ["CN", "2024", "--hours", "25:00"], ["CN", "20"], ["CN"]])
def test_what_is_wrong(arguments: list[str]) -> None:
    """A place that nobody knows, and hours and years that are none, are wrong uses."""
    printed(*arguments, code=2)
