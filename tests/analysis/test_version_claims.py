"""Two versions: proved equal where a condition holds, or broken; a branch that is laxer than its head office."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from laws import HEAD
from scorecore.analysis.claim_search import ClaimSearch
from scorecore.analysis.joined_programs import analyse_change
from scorecore.analysis.version_claims import compare_versions, find_laxer
from scorecore.program.model import Program
from scorecore_cli.main import scorecore
from strategies.cases import compiled

POLICY = f"""{HEAD}
[parameters]
rate.type = "decimal"
rate.values = [ {{ from = 2020-01-01, is = 0.1 }} ]
[facts.person]
volume = {{ type = "decimal", unit = "CNY", min = 0, max = 10000000 }}
faults = {{ type = "int", min = 0, max = 100 }}
[tables.tier]
kind = "whole"
edge = "lower"
bands = [ {{ from = 0, is = 1 }}, {{ from = 1000000, is = 2 }} ]
[tables.slice]
kind = "marginal"
edge = "lower"
bands = [ {{ from = 0, is = 0.01 }}, {{ from = 1000000, is = 0.02 }} ]
[values.is_big]
is = "volume >= 1000000"
[values.bonus]
is = "is_big ? 500.0 : 100.0"
[[items]]
id = "care"
points = 100
scorer = "deduction"
quantity = "faults"
per = "1"
partial = "up"
take = 2
[[grades]]
id = "A"
from = 90
[[grades]]
id = "B"
from = "lowest"

[[pay]]
id = "line"
kind = "earning"
amount = "volume * parameters.rate + tables.tier(volume) + tables.slice(volume) + bonus"
[[pay]]
id = "fine"
kind = "fine"
amount = "faults * 3.0"
"""
CONDITION = '[values.condition]\nis = "volume < 1000000"\n'


def program(*changes: tuple[str, str]) -> Program:
    text = POLICY.replace("[values.is_big]", f"{CONDITION}[values.is_big]")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    compiled_program, diagnostics = compiled(text)
    assert compiled_program is not None, list(map(str, diagnostics))
    return compiled_program


@pytest.mark.parametrize(
    ("change", "broken", "is_proved"),
    [
        (("from = 1000000, is = 2 }", "from = 1000000, is = 3 }"), [], True),
        (("from = 1000000, is = 0.02 }", "from = 1000000, is = 0.05 }"), [], True),
        (("from = 1000000, is = 2 }", "from = 999999.99, is = 2 }"), ["pay.line"], False),
        (("500.0 : 100.0", "700.0 : 100.0"), [], True),
        (("is_big ? 500.0 : 100.0", "volume >= 2000000 ? 900.0 : is_big ? 500.0 : 100.0"), [], True),
        (("500.0 : 100.0", "500.0 : 100.1"), ["pay.line"], False),
        (("is = 0.1 }", "is = 0.1 }, { from = 2030-01-01, is = 0.2 }"), [], False),
        (("from = 90", "from = 91"), ["grade"], False),
        (('partial = "up"\ntake = 2', 'partial = "up"\ntake = 3'), ["items.care", "score.total", "grade"], False),
    ],
)  # fmt: skip
def test_versions_are_equal_where_a_condition_holds(
    change: tuple[str, str],
    broken: list[str],
    is_proved: bool,  # noqa: FBT001
) -> None:
    """What only concerns others is proved to change nothing; what is broken is what both decide."""
    before, after = program(), program(change)
    results = compare_versions(before, after, "values.condition")
    assert [result.result for result in results if result.difference] == broken
    assert all(result.is_proved for result in results) is is_proved
    for result in results:
        if result.difference:
            facts = result.difference.facts
            sides = [ClaimSearch(side).decide(facts)[result.result] for side in (before, after)]
            assert sides == [result.difference.before, result.difference.after]


def test_two_versions_are_proved_equal_only_where_they_are() -> None:
    """Of many changes, what the analysis excludes between two programs, no facts show."""
    before = program()
    for old, new in (
        ("0.01 }, { from = 1000000, is = 0.02", "0.02 }, { from = 1000000, is = 0.01"),
        ('kind = "whole"\nedge = "lower"', 'kind = "whole"\nedge = "upper"'),
        ("volume * parameters.rate +", "volume * parameters.rate -"),
        ("is_big ? 500.0", "faults > 3 ? 500.0"),
        ("is = 0.1 }", "is = 0.05 }"),
        ("faults * 3.0", "least(faults * 3.0, 20.0)"),
        ('[[pay]]\nid = "fine"', '[[pay]]\nid = "other"\nkind = "fine"\namount = "1.0"\n[[pay]]\nid = "fine"'),
    ):
        after = program((old, new))
        analysis, first, second = analyse_change(before, after), ClaimSearch(before), ClaimSearch(after)
        for number in range(60):
            facts = second.draw_facts(number)
            low, high = first.decide(facts), second.decide(facts)
            for name in ("pay.line", "pay.fine", "score.total"):
                direction = analysis.find_step(name)
                assert direction.rises or not high[name] > low[name], (old, name)  # type: ignore[operator]
                assert direction.falls or not high[name] < low[name], (old, name)  # type: ignore[operator]


def test_a_branch_is_laxer_where_it_pays_more_or_takes_less() -> None:
    """A lower fine is laxer, and so is a higher rate; stricter ones are proved."""
    head_office = program()
    stricter = program(("is = 0.1 }", "is = 0.05 }"), ("take = 2", "take = 3"), ("faults * 3.0", "faults * 4.0"))
    assert all(result.is_proved for result in find_laxer(head_office, stricter))
    assert [result.result for result in find_laxer(stricter, head_office) if result.difference] == [
        "score.total",
        "grade",
        "pay.line",
        "pay.fine",
    ]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, list(map(str, arguments)))


BRANCH = """[policy]
id = "branch"
version = "1"
title = "b"
extends = "p@1"
effective = { from = 2024-01-01 }
[parameters]
rate.values = [ { from = 2020-01-01, is = RATE } ]
"""


@pytest.mark.parametrize(
    ("opened", "rate", "line", "exit_code"),
    [
        ("", "0.05", "  ✓ never laxer than p@1  proved", 0),
        ("", "0.2", "  ! laxer than p@1:", 0),
        ("laxer = false", "0.2", "  ✗ laxer than p@1:", 1),
        ("laxer = true", "0.2", None, 0),
    ],
)
def test_every_branch_is_compared_with_its_head_office(
    opened: str, rate: str, line: str | None, exit_code: int, tmp_path: Path
) -> None:
    """Without being claimed; that it is laxer is a note, unless the head office forbids or allows it."""
    Path(tmp_path, "p.toml").write_text(f"{POLICY}\n[open]\n{opened}\n", "utf-8")
    branch = tmp_path / "branch.toml"
    branch.write_text(BRANCH.replace("RATE", rate), "utf-8")
    result = run("test", branch)
    assert result.exit_code == exit_code, result.output
    shown = [each for each in result.output.splitlines() if "laxer" in each]
    assert shown == ([line] if line else [])
    if line:
        (data,) = json.loads(run("test", branch, "--json").output)["branches"]
        assert data["laxer"] == (["pay.line"] if rate == "0.2" else [])


def test_a_claim_about_two_versions_is_asked_on_the_command_line(tmp_path: Path) -> None:
    """Without facts; a condition that is none is a mistake at its place."""
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(POLICY, "utf-8")
    new.write_text(POLICY.replace('version = "1"', 'version = "2"').replace("500.0 :", "600.0 :"), "utf-8")
    proved = run("diff", old, new, "--claim", "volume < 1000000")
    assert proved.exit_code == 0
    assert "  ✓ pay.line  proved" in proved.output
    broken = run("diff", old, new, "--claim", "volume <= 1000000", "--json")
    assert broken.exit_code == 1
    results = {each["result"]: each for each in json.loads(broken.output)["results"]}
    assert (results["pay.line"]["proved"], results["pay.fine"]["proved"]) == (False, True)
    assert "volume: 1000000" in results["pay.line"]["facts"]
    assert "--claim:1:1: SC230" in run("diff", old, new, "--claim", "volumes < 3").output
    assert run("diff", old, new, "--claim", "volume * 2").exit_code == 2
    assert run("diff", old, new).exit_code == 2
