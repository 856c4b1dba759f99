"""A condition beside a streak that is asked of one period: noted where it may be meant for each, and nowhere else."""

import pytest

from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.plugins import installed, load_scorers

POLICY = """
[policy]
id = "p"
version = "1"
title = "解聘"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }
[facts.person]
normal = { type = "bool" }
resident = { type = "bool", fixed = true }
points = { type = "decimal", min = 0, max = 100 }
[values.settled]
is = "normal"
[[items]]
id = "task"
points = 100
scorer = "formula"
is = "points"
[[actions]]
id = "below"
label = "低于最低要求"
reason = "低于最低要求"
when = "normal && items.task < 40"
[[actions]]
id = "dismiss"
label = "解聘"
reason = "连续三个月"
when = "CONDITION"
"""


@pytest.mark.parametrize(
    ("condition", "notes"),
    [
        ("normal && streak(items.task < 40) >= 3", 1),
        ("streak(items.task < 40) >= 3 && points < 50 && !normal", 1),
        ("streak(actions.below) >= 3", 0),
        ("settled && streak(items.task < 40) >= 3", 0),  # said on purpose
        ("resident && streak(items.task < 40) >= 3", 0),  # the same in every period
        ("normal || streak(items.task < 40) >= 3", 0),
    ],
)
def test_a_fact_beside_a_streak_is_noted(condition: str, notes: int) -> None:
    source = Source("p.toml", POLICY.replace("CONDITION", condition))
    program, diagnostics = check_policy(source, {}, load_scorers(installed(), Diagnostics()))
    assert program
    assert [diagnostic.kind.code for diagnostic in diagnostics].count("SC366") == notes
