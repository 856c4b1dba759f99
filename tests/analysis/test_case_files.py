"""Mistakes in files of cases: each has its place, and the other cases are run."""

import pytest

from laws import HEAD
from scorecore.analysis.cases.read import prepare_cases
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from strategies.cases import compiled

POLICY = (
    HEAD
    + """
[facts.person]
income = { type = "int", min = 0, max = 1000 }
[carry.income]
opens = 0
closes = "carry.income + income"
[groups.all]
held = "wait"
ties = "first"
[[pay]]
id = "p"
kind = "earning"
amount = "carry.income + income + rank(income, 'all')"
"""
)
GOOD = """
[[case]]
name = "good"
period = "2024-05"
person = { income = 1 }
history = [ { ago = 1, "carry.income" = 1 } ]
groups = { "rank(income, 'all')" = 1 }
expect = { net = 3 }
"""


@pytest.mark.parametrize(
    ("before", "after", "code", "marked"),
    [
        ("ago = 1, ", "", "SC102", "{"),
        ("ago = 1", 'ago = "x"', "SC247", '"x"'),
        ("ago = 1", "ago = 0", "SC247", "0"),
        ("ago = 1", "ago = true", "SC247", "true"),
        ("ago = 1", "ago = 1.0", "SC247", "1.0"),
        ('"carry.income" = 1', '"carry.income" = "1"', "SC106", '"1"'),
        ('"carry.income" = 1', '"carry.income" = "x"', "SC106", '"x"'),
        ('"carry.income" = 1', '"carry.income" = true', "SC512", "true"),
        ('"carry.income" = 1', '"carry.income" = [1]', "SC110", "["),
        ('"carry.income" = 1', '"carry.incom" = 1', "SC101", "carry.incom"),
        ("= 1 } ]", "= 1 }, { ago = 1 } ]", "SC115", "1 } ]"),
        ("= 1 } ]", "= 1 }, 5 ]", "SC103", "5"),
        ("rank(income, 'all')", "rank(incom, 'all')", "SC101", "rank"),
        ("'all')\" = 1", "'all')\" = 0", "SC513", "rank"),
        ('period = "2024-05"', 'period = "2024-05"\nmissing = ["histori"]', "SC101", '"histori"'),
        ('period = "2024-05"', 'period = "2024-13"', "SC411", "[[case]]"),
        ("expect =", "expects =", "SC102", "[[case]]"),
        ("income = 1 }", "income = 1，}", "SC005", "，"),
    ],
)
def test_a_mistake_in_a_case_is_marked(before: str, after: str, code: str, marked: str) -> None:
    """A row of history says of which period it is, and what was decided then; groups have the values that are read."""
    program, _ = compiled(POLICY)
    assert program is not None
    assert GOOD.count(before) == 1
    text = GOOD + GOOD.replace(before, after).replace('"good"', '"bad"')
    name = next(step.text for step in program.grouped if step.text.startswith("rank"))
    text, marked = (part.replace("rank(income, 'all')", name.replace('"', '\\"')) for part in (text, marked))
    diagnostics = Diagnostics()
    prepared = prepare_cases(Source("p.cases.toml", text), program, diagnostics)
    assert [case.case.name for case in prepared] == ["good"]
    problem = next(problem for problem in diagnostics if problem.kind.code == code)
    line = text.splitlines()[problem.location.line - 1]
    assert marked in {line[problem.location.column - 1 :][: len(marked)], line}
