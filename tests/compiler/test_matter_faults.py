"""What is wrong with matters is reported where it is written, and what a branch may change of them is said."""

from typing import Final

import pytest

from matter_policy import CLOCKS, TEXT
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.source import Source
from scorecore.language.printer import print_formula


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("within = 3", "within = 3.5", "SC225"),
        ('until = "has(c.promised) ? c.promised : add_days(date(c.announced), 5)"', 'until = "c.serious"', "SC225"),
        ('when = "c.serious"', 'when = "c.taken"', "SC225"),
        ('since = "answered", within = 3', 'since = "taken", to = ["filed"], within = "c.nothing"', "SC230"),
        ('calendar = "work" }\nwhole', 'calendar = "other" }\nwhole', "SC253"),
        ('in = "hours"', 'in = "hours", calendar = "work"', "SC304"),
        ('within = 24, in = "hours"', "within = 24", "SC387"),
        ('within = 24, in = "hours"', "", "SC386"),
        ('evidence = ["promised"]', 'evidence = ["promise"]', "SC307"),
        ('in = "workdays", calendar = "work"', 'in = "workdays"', "SC102"),
    ],
)
def test_a_fault_is_reported_once_where_it_is(before: str, after: str, code: str) -> None:
    """A clock that cannot be computed is reported at the clock, however often it is read."""
    assert before in TEXT
    reads = "".join(
        f'[[actions]]\nid = "a{number}"\nwhen = "complaints.exists(c, c.{clock}.late)"\nreason = "r"\n'
        for number, clock in enumerate((*CLOCKS, *CLOCKS))
    )
    text = TEXT.replace(before, after, 1)
    program, diagnostics = check_policy(Source("m.toml", text + reads), {}, {})
    errors = [diagnostic for diagnostic in diagnostics if not diagnostic.kind.warning]
    assert program is None
    assert [error.kind.code for error in errors] == [code]
    assert text.split("\n")[errors[0].location.line - 1] not in reads


TWO: Final = 'stages = { taken = { next = ["answered"] }, answered = {} }\n'
BRANCH: Final = """
[policy]
id        = "branch"
version   = "1"
title     = "branch"
extends   = "matters@1"
effective = { from = 2024-01-01 }
"""


@pytest.mark.parametrize(
    ("branch", "open_", "code"),
    [
        ("[matters.complaints.clocks.reply]\nwithin = 12", "", "SC122"),
        ("[matters.complaints.clocks.reply]\nwithin = 12", "open = true", ""),
        ('[matters.complaints.clocks.urgent]\nsince = "taken"\nwithin = 1\nin = "hours"', "open = true", ""),
        ("[matters.others.stages]\ntaken = {}", "", "SC123"),
    ],
)
def test_a_branch_changes_a_matter_that_is_open(branch: str, open_: str, code: str) -> None:
    """Its deadlines, or a further one; nothing of one that is not."""
    head = (
        TEXT.replace('as = "c"', f'as = "c"\n{open_}')
        + '[values.n]\nis = "complaints.filter(m, m.reply.late).size()"\n'
    )
    parents = {"matters@1": Source("head.toml", head)}
    program, diagnostics = check_policy(Source("branch.toml", BRANCH + branch), parents, {})
    assert [each.kind.code for each in diagnostics if not each.kind.warning] == ([code] if code else [])
    assert (program is None) is bool(code)
    if program:
        (clock,) = [clock for clock in program.schema.events[0].clocks if clock.name == "reply"]
        assert print_formula(clock.latest) == ("12" if "reply" in branch else "24")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        "stages = []",
        "stages = {}",
        "stages = { taken = 3 }",
        'stages = { taken = { next = "answered" } }',
        'stages = { taken = { next = ["taken"] } }',
        "stages = { id = {} }",
        'stages = { taken = {} }\nclocks = { a = { since = "taken", within = 1, in = "hours" } }',
        TWO + 'clocks = { "late" = { since = "taken" } }',
        TWO + 'clocks = { a = { since = "answered", to = ["taken"], until = "1 +" } }',
        TWO + 'clocks = { a = { since = "taken", within = "m.a.late ? 1 : 2", in = "days" } }\nas = "m"',
        TWO + 'as = "period"\nclocks = { a = { since = "taken", within = 1, in = "days" } }',
        TWO + 'as = "complaints"\nclocks = { a = { since = "taken", within = 1, in = "days" } }',
        'as = 3\nrequires = ["nothing"]',
    ],
)
def test_nonsense_is_a_problem_and_no_traceback(written: str) -> None:
    start, end = TEXT.index("[matters.complaints]"), len(TEXT)
    text = TEXT[:start] + f"[matters.complaints]\n{written}\n" + TEXT[end:]
    text += '[values.n]\nis = "complaints.filter(x, x.a.late).size()"\n'
    program, diagnostics = check_policy(Source("m.toml", text), {}, {})
    assert program is None
    assert [each for each in diagnostics if not each.kind.warning]


def test_a_deadline_that_nothing_reads_is_noted() -> None:
    """Unless it is escalated, for then an action reads it."""
    text = TEXT.replace('in = "hours" }', 'in = "hours", escalate = "报经理" }')
    reads = '[values.n]\nis = "complaints.filter(x, x.quick.late || x.filing.overdue).size()"\nresult = "int"\n'
    program, diagnostics = check_policy(Source("m.toml", text + reads), {}, {})
    assert program
    assert [action.step.name for action in program.actions] == ["complaints_reply"]
    noted = [each.params["name"] for each in diagnostics if each.kind.code == "SC350"]
    assert noted == ["matters.complaints.clocks.whole", "matters.complaints.clocks.promise"]
