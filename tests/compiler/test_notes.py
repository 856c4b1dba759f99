"""What `check` notes, and when it is silent; the folders in `problems/` show what it says."""

from pathlib import Path

import pytest

from scorecore import (
    Diagnostics,
    Source,
    check_policy,
    installed,
    load_scorers,
)

FOLDERS = Path(__file__).parents[1] / "problems"
POLICIES = Path(__file__).parents[2] / "policies"


def notes(text: str) -> set[str]:
    program, found = check_policy(Source("policy.toml", text), {}, load_scorers(installed(), Diagnostics()))
    assert program is not None, list(map(str, found))
    return {one.kind.code for one in found}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("SC351", {"points = 100": "points = 80"}),
        ("SC352", {"from = 90": "from = 80", 'from = 0\n\n[[grades]]\nid   = "D"\n': ""}),
        ("SC353", {'key      = ["id"]': 'key      = ["id"]\nshared   = true'}),
    ],
)
def test_what_is_mended_is_not_noted(code: str, changes: dict[str, str]) -> None:
    """A note disappears with what it is about."""
    text = (FOLDERS / code / "policy.toml").read_text(encoding="utf-8")
    assert notes(text) == {code}
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after, 1)
    assert notes(text) == set()


def test_a_condition_that_has_no_value_leaves_the_others_to_be_checked() -> None:
    """Whom a condition holds has no points to add up; everybody else's are."""
    text = """
[policy]
id = "p"
version = "1"
title = "t"
subject = "person"
period = "month"
effective = { from = 2020-01-01 }
[facts.person]
temporary = { type = "bool" }
[calendars.work]
covers = { from = 2024-01-01, to = 2024-12-31 }
[score]
out_of = 10
[[items]]
id = "a"
points = 10
scorer = "formula"
is = "10.0"
when = 'temporary || is_workday(date("2030-01-01"), "work")'
[[items]]
id = "b"
points = 5
scorer = "formula"
is = "5.0"
when = "temporary"
"""
    program, found = check_policy(Source("policy.toml", text), {}, load_scorers(installed(), Diagnostics()))
    assert program is None
    assert [(one.kind.code, one.params.get("case")) for one in found] == [("SC331", "temporary = true")]


def test_nothing_is_out_of_reach_while_a_branch_has_yet_to_set_figures() -> None:
    """Points and grades that a table left to the branch may give are not noted."""
    source = Source("rating.toml", (POLICIES / "vip_clients" / "rating.toml").read_text(encoding="utf-8"))
    program, found = check_policy(source, {}, load_scorers(installed(), Diagnostics()))
    assert program is None
    assert {one.kind.code for one in found} == {"SC342"}
