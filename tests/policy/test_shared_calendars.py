"""A calendar that policies about different subjects share: the days are listed once, and each program has them."""

from typing import Final

import pytest

from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.plugins import installed, load_scorers
from scorecore.program.digest import program_digest
from scorecore.program.model import Program

DAYS: Final = """covers = { from = 2024-01-01, to = 2024-12-31 }
holidays = [2024-05-01, 2024-05-02, 2024-05-03]
workdays = [2024-05-11]"""
TAKEN: Final = 'same_as = "firm.jobs@1"'


def write(policy_id: str, subject: str, calendar: str, more: str = "", name: str = "work") -> Source:
    text = f"""
[policy]
id = "{policy_id}"
version = "1"
title = "期限"
{more}
subject = "{subject}"
period = "month"
effective = {{ from = 2024-01-01 }}
[calendars.{name}]
{calendar}
[facts.{subject}]
came = {{ type = "date" }}
[[actions]]
id = "late"
label = "催办"
reason = "逾期"
when = 'add_workdays(came, 5, "{name}") < period.end'
"""
    return Source(policy_id, text)


def compile_with(source: Source, *others: Source) -> tuple[Program | None, list[str]]:
    others_by_name = {f"{other.name}@1": other for other in others}
    program, diagnostics = check_policy(source, others_by_name, load_scorers(installed(), Diagnostics()))
    return program, [diagnostic.kind.code for diagnostic in diagnostics]


def test_a_taken_calendar_is_the_same_program_as_the_days_themselves() -> None:
    jobs = write("firm.jobs", "job", DAYS)
    written, _ = compile_with(write("firm.claims", "claim", DAYS))
    taken, codes = compile_with(write("firm.claims", "claim", TAKEN), jobs)
    assert written
    assert taken
    assert not codes
    assert program_digest(taken) == program_digest(written)
    assert [name for name, _ in taken.documents] == ["firm.claims@1", "firm.jobs@1"]  # an auditor needs both texts


def test_what_the_calendar_says_itself_holds() -> None:
    jobs = write("firm.jobs", "job", DAYS)
    taken, _ = compile_with(write("firm.claims", "claim", f'{TAKEN}\nhours = ["09:00-17:00"]\nworkdays = []'), jobs)
    assert taken
    assert (taken.calendars[0].hours, taken.calendars[0].workdays) == (("09:00-17:00",), ())
    assert len(taken.calendars[0].holidays) == 3


def test_a_branch_may_take_what_its_parent_leaves_open() -> None:
    jobs, parent = write("firm.jobs", "job", DAYS), write("head", "claim", "open = true")
    branch = Source(
        "branch",
        '[policy]\nid = "branch"\nversion = "1"\ntitle = "分部"\nextends = "head@1"\n'
        f"effective = {{ from = 2024-01-01 }}\n[calendars.work]\n{TAKEN}",
    )
    program, codes = compile_with(branch, parent, jobs)
    assert program
    assert not codes
    assert len(program.calendars[0].holidays) == 3


@pytest.mark.parametrize(
    ("lender", "codes"),
    [
        (None, ["SC120"]),
        (write("firm.jobs", "job", DAYS, name="trading"), ["SC365"]),
        (write("firm.jobs", "job", 'same_as = "firm.claims@1"'), ["SC365"]),  # each names the other
    ],
)
def test_a_calendar_that_nobody_lists_is_reported_once(lender: Source | None, codes: list[str]) -> None:
    program, reported = compile_with(write("firm.claims", "claim", TAKEN), *([lender] if lender else []))
    assert (program, reported) == (None, codes)
