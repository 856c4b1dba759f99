"""`scorecore cases suggest`: what is suggested passes, and shows what no case has shown."""

from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from scorecore.analysis.cases.read import PreparedCase, prepare_cases
from scorecore.analysis.cases.verdict import judge_case
from scorecore.analysis.mutation import run_mutation
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.program.model import Program
from scorecore_cli.main import scorecore
from scorecore_cli.workspace import Workspace

POLICY: Final = """[policy]
id        = "tender"
version   = "1"
title     = "费用"
subject   = "project"
period    = "month"
currency  = "CNY"
effective = { from = 2024-01-01 }

[facts.project]
price  = { type = "decimal", unit = "CNY", min = 0, max = 1_000_000, label = "价格" }
awarded = { type = "date", label = "中标日" }
bonus  = { type = "bool", optional = true, label = "奖励" }

[facts.replies]
label    = "答复"
key      = ["id"]
fields   = { id = { type = "string" }, asked = { type = "date" }, answered = { type = "date", optional = true } }

[[items]]
id     = "late"
points = "open"
scorer = "deduction"
each   = "replies"
as     = "r"
where  = "!has(r.answered) || r.answered > add_days(r.asked, 3)"
take   = 5
reason = "late"

[score]
max = 0

[[pay]]
id     = "fee"
kind   = "earning"
when   = "true"
amount = "price > 10000 ? 500 : 100"
"""
CASES: Final = """[[case]]
name    = "a small price"
period  = "2024-05"
project = { price = 8_000, awarded = 2024-05-10, bonus = true }
replies = [ { id = "1", asked = 2024-05-02, answered = 2024-05-03 } ]
expect  = { pay = { fee = 100 }, items = { late = 0 } }
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, encoding="utf-8")
    path.with_name("policy.cases.toml").write_text(CASES, encoding="utf-8")
    return path


def suggest(policy: Path, language: str = "en") -> str:
    result = CliRunner().invoke(scorecore, ["cases", "suggest", str(policy), "--lang", language])
    assert result.exit_code == 0, result.output
    return result.stdout


def read(policy: Path, text: str) -> tuple[Program, list[PreparedCase]]:
    program = Workspace.open().check(policy).program
    assert program
    diagnostics = Diagnostics()
    cases = prepare_cases(Source("cases", text), program, diagnostics)
    assert not list(diagnostics)
    return program, cases


def test_every_suggestion_passes_and_the_cases_notice_more(policy: Path) -> None:
    program, cases = read(policy, f"{CASES}\n{suggest(policy)}")
    assert len(cases) > 4
    assert [case.case.name for case in cases if judge_case(case, program).differences] == []
    before, after = run_mutation(program, cases[:1]), run_mutation(program, cases)
    assert (before.killed, after.killed) == (before.killed, after.tried)
    assert before.killed < before.tried


def test_a_second_period_and_a_running_deadline_are_asked_about(policy: Path) -> None:
    """The fee is paid again in June, and what was asked on the last day counts as late: the author sees both."""
    program, cases = read(policy, f"{CASES}\n{suggest(policy)}")
    following = next(case for case in cases if case.case.name.startswith("the period after"))
    assert following.case.period == "2024-06"
    assert following.case.expect.pay == {"fee": 100}
    running = next(case for case in cases if "on the last day of the period" in case.case.name)
    assert running.case.expect.items == {"late": -5}
    assert program.id == "tender"


def test_an_edge_is_found_from_both_sides(policy: Path) -> None:
    _, cases = read(policy, suggest(policy))
    prices = {case.facts.values["price"] for case in cases}
    assert 10_000 in prices
    assert any(isinstance(price, Decimal) and price > 10_000 for price in prices)


def test_it_speaks_chinese(policy: Path) -> None:
    text = suggest(policy, "zh")
    assert "是否又付了一次？" in text
    assert "期限是否还没有到" in text


def test_cases_that_somebody_has_written_are_not_written_over(policy: Path) -> None:
    cases = policy.with_name("policy.cases.toml")
    line = ["cases", "suggest", str(policy), "--out", str(cases), "--lang", "en"]
    refused = CliRunner().invoke(scorecore, line)
    assert (refused.exit_code, cases.read_text(encoding="utf-8")) == (2, CASES)
    assert CliRunner().invoke(scorecore, [*line, "--force"]).exit_code == 0
    assert cases.read_text(encoding="utf-8").startswith("# Each case expects what policy.toml decides now")


def test_without_cases_there_is_nothing_to_begin_from(policy: Path) -> None:
    policy.with_name("policy.cases.toml").unlink()
    result = CliRunner().invoke(scorecore, ["cases", "suggest", str(policy), "--lang", "en"])
    assert result.exit_code == 1
    assert "there are no cases" in result.output


def test_a_file_that_would_be_taken_for_a_policy_is_not_written(policy: Path) -> None:
    out = policy.with_name("more.toml")
    result = CliRunner().invoke(scorecore, ["cases", "suggest", str(policy), "--out", str(out), "--lang", "en"])
    assert (result.exit_code, out.exists()) == (2, False)
    assert "ends with .cases.toml" in result.output
