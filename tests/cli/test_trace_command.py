"""`scorecore trace`: what carries a written rule, what is missing, and which text was read."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from scorecore_cli.main import scorecore

RULE: Final = """考勤办法

第一条 为了规范考勤。
第二条 下列行为,罚款:
(一)迟到的,每次20元,每月最多200元;
(二)旷工的,由总经理在500元以内决定。
第三条 全勤的,奖100元。
"""
POLICY: Final = """[policy]
id        = "attendance"
version   = "1"
title     = "考勤"
subject   = "person"
period    = "month"
currency  = "CNY"
text      = "办法.txt"
effective = { from = 2024-01-01 }

[facts.person]
times = { type = "int", min = 0, max = 100 }

[values.fine]
is = "least(times * 20, 200)"

[[pay]]
id        = "late"
kind      = "fine"
amount    = "fine"
authority = "第二条(一)"
"""
SILENT: Final = """
[[text.silent]]
authority = "第一条"
kind      = "purpose"

[[text.silent]]
authority = "第二条(二)"
kind      = "discretion"
refer     = "总经理"
"""
BONUS: Final = """
[[pay]]
id        = "bonus"
kind      = "reward"
amount    = "times == 0 ? 100 : 0"
authority = "第三条"
"""
CASES: Final = """[defaults]
period = "2024-05"

[[case]]
name   = "late twice"
person = { times = 2 }
expect = { net = -40 }

[[case]]
name   = "never late"
person = { times = 0 }
expect = { net = 0 }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "办法.txt").write_text(RULE, encoding="utf-8")
    return tmp_path


def write(folder: Path, policy: str, name: str = "policy.toml") -> Path:
    path = folder / name
    path.write_text(policy, encoding="utf-8")
    cases = CASES.replace("{ net = 0 }", "{ net = 100 }") if BONUS in policy else CASES
    path.with_suffix(".cases.toml").write_text(cases, encoding="utf-8")
    return path


def run(*arguments: object, code: int) -> dict[str, Any]:
    result = CliRunner().invoke(scorecore, ["trace", *map(str, arguments), "--json", "--lang", "en"])
    assert result.exit_code == code, result.output
    (text,) = json.loads(result.stdout)["texts"]
    return {**text, "status": {clause["clause"]: clause["status"] for clause in text["clauses"]}}


def test_what_nobody_has_dealt_with_is_open(folder: Path) -> None:
    traced = run(write(folder, POLICY), code=1)
    assert traced["status"] == {"第一条": "open", "第二条(一)": "carried", "第二条(二)": "open", "第三条": "open"}


def test_a_complete_policy_is_pinned_and_a_changed_text_noticed(folder: Path) -> None:
    """The figure 200 stands in a value that the part reads; a changed text is noticed until it is pinned again."""
    path = write(folder, POLICY + BONUS + SILENT)
    assert run(path, code=1)["open"] == 0  # nothing says which text was read
    traced = run(path, "--pin", code=0)
    assert [traced[key] for key in ("carried", "silent_without_figures", "silent_with_figures")] == [2, 1, 1]
    assert f'text_digest = "{traced["digest"]}"' in path.read_text(encoding="utf-8")
    (folder / "办法.txt").write_text(RULE.replace("总经理在", "总经理可在"), encoding="utf-8")
    run(path, code=1)
    run(path, "--pin", code=0)


@pytest.mark.parametrize(
    ("old", "new", "clause"),
    [
        ('refer     = "总经理"\n', "", "第二条(二)"),  # figures, and nobody who decides
        ("100 : 0", "90 : 0", "第三条"),
        (", 200)", ", 300)", "第二条(一)"),
    ],
)
def test_figures_must_be_carried_or_decided(folder: Path, old: str, new: str, clause: str) -> None:
    policy = POLICY + BONUS + SILENT
    assert old in policy
    assert run(write(folder, policy.replace(old, new)), code=1)["status"][clause] == "open"


@pytest.mark.parametrize(
    ("cases", "carried"),
    [
        (CASES.replace("net = 0", "net = 100"), {"第二条(一)": ["late twice"], "第三条": ["never late"]}),
        (CASES, {"第二条(一)": ["late twice"], "第三条": []}),  # the second case fails
        (CASES.partition('[[case]]\nname   = "never')[0], {"第二条(一)": ["late twice"], "第三条": []}),
        (CASES.replace("{ net = -40 }", "{ pay = { bonus = 0 } }"), {"第二条(一)": [], "第三条": []}),
        ("", {"第二条(一)": [], "第三条": []}),
    ],
)
def test_a_clause_is_carried_where_a_case_shows_it(folder: Path, cases: str, carried: dict[str, list[str]]) -> None:
    """A case that does not expect the line, or whose line is nothing, does not show it."""
    path = write(folder, POLICY + BONUS + SILENT)
    path.with_suffix(".cases.toml").write_text(cases, encoding="utf-8")
    traced = run(path, code=1)  # nothing says which text was read
    assert {clause["clause"]: clause["cases"] for clause in traced["clauses"] if clause["parts"]} == carried
    assert traced["shown_by_no_case"] == sum(not names for names in carried.values()) == traced["open"]


@pytest.mark.parametrize(("days", "status", "missing"), [(5, "carried", []), (7, "open", ["5日"])])
def test_how_people_object_needs_no_case(folder: Path, days: int, status: str, missing: list[str]) -> None:
    """The record decides with it, but its figures are looked at like any other."""
    (folder / "办法.txt").write_text(RULE + "第四条 有异议的,3日内申诉,5日内答复。\n", encoding="utf-8")
    objections = f'\n[objections]\nwithin = 3\nanswered_within = {days}\nunanswered = "refused"\nauthority = "第四条"\n'
    traced = run(write(folder, POLICY + SILENT + BONUS + objections), "--pin", code=int(status == "open"))
    (clause,) = [clause for clause in traced["clauses"] if clause["clause"] == "第四条"]
    assert (clause["status"], clause["missing"]) == (status, missing)


def test_an_exception_is_shown_where_it_holds(folder: Path) -> None:
    """A case of the rule without the exception shows nothing of it; one that is held shows what holds it."""
    value = """[values.fine]
is         = "least(times * 20, 200)"
exceptions = [{ when = "times == 9", is = "100", label = "全勤", authority = "第三条" }]
"""
    hold = """
[[holds]]
id        = "absent"
when      = "times > 90"
reason    = "旷工"
of        = ["pay.late"]
authority = "第二条(二)"
"""
    policy = POLICY.partition("[values.fine]")[0] + value + POLICY.partition('200)"\n')[2] + hold
    path = write(folder, policy)
    assert [run(path, code=1)["status"][clause] for clause in ("第二条(一)", "第二条(二)", "第三条")] == [
        "carried",
        "open",
        "open",
    ]
    nine = '[[case]]\nname = "nine"\nperson = { times = 9 }\nexpect = { net = -100 }\n'
    held = '[[case]]\nname = "held"\nperson = { times = 91 }\nexpect = { held = ["pay.late"] }\n'
    path.with_suffix(".cases.toml").write_text(CASES + nine + held, encoding="utf-8")
    traced = run(path, code=1)
    shown = {clause["clause"]: clause["cases"] for clause in traced["clauses"] if clause["parts"]}
    assert shown["第三条"] == ["nine"]
    assert shown["第二条(二)"] == ["held"]


def test_a_figure_without_a_source_is_listed_unless_an_assumption_has_it(folder: Path) -> None:
    policy = POLICY.replace("times * 20", "times * 20 + 7")
    assert [foreign["figure"] for foreign in run(write(folder, policy), code=1)["figures_without_source"]] == ["7"]
    assumed = policy.replace("effective =", 'assumptions = ["手续费7元"]\neffective =')
    assert run(write(folder, assumed), code=1)["figures_without_source"] == []


def test_policies_of_one_text_are_traced_together(folder: Path) -> None:
    """One is named, the other lies beside it."""
    bonus = POLICY.replace('id        = "attendance"', 'id        = "bonus"').partition("[values.fine]")[0] + BONUS
    write(folder, bonus, "bonus.toml")
    traced = run(write(folder, POLICY), code=1)
    assert traced["policies"] == ["bonus@1", "attendance@1"]
    assert traced["status"]["第三条"] == "carried"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_has_text_and_policy_side_by_side(folder: Path, language: str) -> None:
    """What an author wrote is text on the page, with the cases that show it."""
    path = write(folder, POLICY.replace("least(times", "times < 0 ? 0 : least(times"))
    page = folder / "trace.html"
    result = CliRunner().invoke(scorecore, ["trace", str(path), "--html", str(page), "--lang", language])
    assert result.exit_code == 1
    html = page.read_text(encoding="utf-8")
    assert "迟到的,每次20元" in html
    assert "authority = &quot;第二条(一)&quot;" in html
    assert "<mark>100元</mark>" in html
    assert "<li>late twice</li>" in html
    assert "<script" not in html
    assert "第三条" in result.output
