"""The policies that come with scorecore: without problems, proven by their cases, decided alike by both evaluators."""

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from click.testing import CliRunner

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.result_tables import tables
from scorecore.evaluate.runner import PeriodRunner
from scorecore.io.policy_files import find_policy_files, locate_cases
from scorecore.io.readers import read_facts
from scorecore_cli.main import scorecore
from scorecore_cli.workspace import Workspace

ROOT: Final = Path(__file__).parent.parent / "policies"
POLICIES: Final = sorted(str(path.relative_to(ROOT)) for path in find_policy_files([ROOT]))
SAMPLES: Final = [
    ("galaxy/branch.toml", "galaxy/facts", "2024-04"),
    ("galaxy/branch.toml", "galaxy/facts", "2024-05"),
    ("galaxy/ranking.toml", "galaxy/facts", "2024-05"),
    ("galaxy/hiring_branch.toml", "galaxy/hiring_facts", "2024-05"),
    ("galaxy/procedure.toml", "galaxy/procedure_facts", "2024-05"),
    ("credit_union/points.toml", "credit_union/facts", "2024-04"),
    ("credit_union/points.toml", "credit_union/facts", "2024-05"),
    ("credit_union/branch.toml", "credit_union/yearly_facts", "2024"),
    ("tender/fee.toml", "tender/facts", "2024-05"),
    ("tender/contract.toml", "tender/facts", "2024-05"),
    ("tender/claims.toml", "tender/claim_facts", "2024-05"),
    ("mall/branch.toml", "mall/facts", "2024-05"),
    ("marketing_plan/branch.toml", "marketing_plan/facts", "2024-05"),
    ("securities_team/team.toml", "securities_team/facts", "2024-06"),
    ("securities_team/quarter.toml", "securities_team/facts", "2024-Q2"),
    ("securities_team/year.toml", "securities_team/facts", "2024"),
    ("road_bridge/branch.toml", "road_bridge/facts", "2024-05"),
    ("road_bridge/year.toml", "road_bridge/facts", "2024"),
    ("retail/branch.toml", "retail/facts", "2024-05"),
    ("retail/manager.toml", "retail/facts", "2024"),
    ("retail/staff.toml", "retail/facts", "2024-05"),
    ("tobacco/inspection.toml", "tobacco/facts", "2024-05"),
    ("bank_ladders/communications_branch.toml", "bank_ladders/facts", "2024-Q2"),
    ("bank_ladders/communications_year.toml", "bank_ladders/facts", "2024"),
    ("bank_ladders/industrial_branch.toml", "bank_ladders/industrial_facts", "2024-Q2"),
    ("bank_ladders/unnamed.toml", "bank_ladders/unnamed_facts", "2024"),
    ("taxi/county.toml", "taxi/facts", "2012-Q3"),
    ("taxi/guizhou.toml", "taxi/facts", "2012-Q3"),
    ("hospital/trial.toml", "hospital/facts", "2014-03"),
    ("hospital/formal.toml", "hospital/facts", "2014-04"),
    ("performance_salary/branch.toml", "performance_salary/facts", "2024-05"),
    ("performance_salary/review.toml", "performance_salary/facts_review", "2024-06"),
    ("performance_salary/review_year.toml", "performance_salary/facts_review_year", "2024"),
    ("work_plan/rule_c.toml", "work_plan/facts", "2024-05"),
    ("cofco/promotion.toml", "cofco/facts", "2024-Q2"),
    ("fund/documents.toml", "fund/facts", "2024-05"),
    ("fund/service.toml", "fund/facts", "2024-05"),
    ("fund/secrecy.toml", "fund/facts", "2024-05"),
    ("fund/clients.toml", "fund/facts", "2024"),
    ("company_appraisal/branch.toml", "company_appraisal/facts", "2024-05"),
    ("account_executive/appraisal.toml", "account_executive/facts", "2024-05"),
    ("work_plan/rule_a_example.toml", "work_plan/facts_a", "2024-05"),
    ("work_plan/rule_b_example.toml", "work_plan/facts_b", "2024"),
    ("maintenance/dispatch.toml", "maintenance/facts", "2024-05"),
    ("car_service/follow_up.toml", "car_service/facts", "2024-05"),
    ("outing/register.toml", "outing/facts", "2024-05"),
    ("outing/slip.toml", "outing/facts_slips", "2024-05"),
    ("after_sales/charges.toml", "after_sales/facts", "2024-05"),
    ("training/course.toml", "training/facts", "2024-05"),
    ("training/refund.toml", "training/facts_refund", "2024-05"),
    ("training/sharing_example.toml", "training/facts_departments", "2024-05"),
    ("property/example.toml", "property/facts", "2024-05"),
    ("power/meetings.toml", "power/facts", "2024-Q2"),
    ("security/example.toml", "security/facts", "2024-05"),
    ("bank_complaints/example.toml", "bank_complaints/facts", "2024-05"),
    ("insurance/team.toml", "insurance/facts", "2024-Q2"),
    ("insurance_complaints/example.toml", "insurance_complaints/facts", "2024-05"),
    ("vip_clients/rating.toml", "vip_clients/facts", "2024-Q2"),
    ("school/attendance.toml", "school/facts", "2024-05"),
    ("sales_firm/commission.toml", "sales_firm/facts", "2024-05"),
    ("hospital_conduct/conduct.toml", "hospital_conduct/facts", "2024-05"),
]


def asked(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(scorecore, [*arguments, "--json"], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def made(policy: str, facts: str, period: str, evaluator: str) -> Decisions:
    checked = Workspace.open().check(ROOT / policy)
    assert checked.program is not None
    period_decided = checked.program.period.period(period)
    assert period_decided is not None
    diagnostics = Diagnostics()
    raw = read_facts(ROOT / facts, diagnostics)
    decisions = PeriodRunner(checked.program, checked.used, evaluator).decide(period_decided, raw, diagnostics)
    assert decisions is not None
    return decisions


MEANT: Final[Mapping[str, Collection[str]]] = {
    "cofco/promotion.toml": {"SC395"},  # equals are promoted together
    "credit_union/branch.toml": {"SC392"},  # a person decides above what the table has
    "galaxy/ranking.toml": {"SC395"},
    "marketing_plan/branch.toml": {"SC395"},
    "marketing_plan/plan.toml": {"SC395"},
    "sales_firm/commission.toml": {"SC392"},  # the firm decides below its lowest price
    "taxi/county.toml": {"SC395"},
    "tender/fee.toml": {"SC392"},  # a person decides above what the table has
    "tobacco/inspection.toml": {"SC395"},
    "worked_examples/tiers.toml": {"SC392"},
    "worked_examples/true_up.toml": {"SC392"},
}
"""What is noted of a policy and stays, for it is so in the written rule."""


@pytest.mark.sampled(6, 2)
@pytest.mark.parametrize("policy", POLICIES)
def test_policy_has_no_diagnostics(policy: str) -> None:
    """A policy has no problems; what it leaves to a branch, and what is meant, is all that may be noted."""
    code, data = asked("check", str(ROOT / policy))
    assert code == 0
    assert data["files"] == 1
    expected = {"SC342", *MEANT.get(policy, ())}
    assert {problem["code"] for problem in data["problems"]} <= expected


@pytest.mark.sampled(8, 4)  # `.ci/run` has a part that runs all cases
@pytest.mark.parametrize("policy", [name for name in POLICIES if locate_cases(ROOT / name).exists()])
def test_cases_pass(policy: str) -> None:
    """All cases beside a policy pass, and there are some: five at least for a firm's, which no worked example is."""
    code, data = asked("test", str(ROOT / policy))
    assert [(case["name"], case["differences"]) for case in data["cases"] if case["differences"]] == []
    assert data["run"] == len(data["cases"]) >= (1 if policy.startswith("worked_examples/") else 5)
    assert (code, data["failed"], data["problems"]) == (0, 0, [])


@pytest.mark.slow
def test_every_policy_that_decides_has_cases() -> None:
    """A policy that leaves nothing to a branch is proven by cases."""
    workspace = Workspace.open()
    deciding = {name for name in POLICIES if workspace.check(ROOT / name).program is not None}
    assert deciding == {name for name in POLICIES if locate_cases(ROOT / name).exists()}
    assert len(deciding) >= 3


@pytest.mark.slow
def test_policies_that_pay_are_tried_in_a_second_period() -> None:
    """A line that is paid twice is seen only in the period after; published computations have one period each."""
    workspace = Workspace.open()
    for name in POLICIES:
        program = workspace.check(ROOT / name).program
        if program is None or not program.pay or name.startswith("worked_examples/"):
            continue
        cases = tomllib.loads(locate_cases(ROOT / name).read_text("utf-8"))
        usual = cases.get("defaults", {}).get("period")
        assert len({case.get("period", usual) for case in cases["case"]}) >= 2, name


def test_policies_cite_the_measures() -> None:
    """No policy rests on a row of a digest, whose conditions had been dropped."""
    cited = {path.name: re.findall(r"S00\d-\d\d", path.read_text("utf-8")) for path in ROOT.rglob("*.toml")}
    assert {name: rows for name, rows in cited.items() if rows} == {}


@pytest.mark.sampled(12, 2)
@pytest.mark.parametrize(("policy", "facts", "period"), SAMPLES)
def test_evaluators_agree_on_the_sample(policy: str, facts: str, period: str) -> None:
    """Rows and columns give the same tables: decisions, entries, pay, and what is held and why."""
    rows = tables(made(policy, facts, period, "rows"), str)
    columns = tables(made(policy, facts, period, "columns"), str)
    assert len(rows["decisions"]) >= 10
    for name, table in rows.items():
        assert table.schema == columns[name].schema, name
        assert table.rows() == columns[name].rows(), name


# the samples of tender: months that follow each other pay once


def paid_by_line(policy: str, facts: str, period: str) -> dict[tuple[str, str], Decimal]:
    """Amounts above or below zero, by subject and pay line."""
    pay = tables(made(f"tender/{policy}.toml", f"tender/{facts}", period, "rows"), str)["pay"]
    subject = pay.columns[0]
    return {(row[subject], row["line"]): row["amount"] for row in pay.iter_rows(named=True) if row["amount"]}


def test_a_tender_fee_is_paid_in_the_month_of_the_award() -> None:
    """A tender that has a row in June for its breach is not paid the fee of May again."""
    may = paid_by_line("fee", "facts", "2024-05")
    june = paid_by_line("fee", "facts", "2024-06")
    assert may["Z24007", "pay.fee"] == 52_400
    assert june == {("Z24007", "pay.penalty"): Decimal(2_620)}


def test_a_tender_claim_is_paid_in_the_month_of_its_acceptance() -> None:
    """A claim that was agreed in May is not paid in June, and one that was agreed in June is."""
    may = paid_by_line("claims", "claim_facts", "2024-05")
    june = paid_by_line("claims", "claim_facts", "2024-06")
    assert may["S24001", "pay.claim"] == 15_000
    assert june == {("S24008", "pay.claim"): Decimal(50_000)}


# the sample of galaxy: whom it must have


@cache
def galaxy() -> dict[str, pl.DataFrame]:
    return dict(tables(made("galaxy/branch.toml", "galaxy/facts", "2024-05", "rows"), str))


@cache
def facts(name: str, period: str = "") -> pl.DataFrame:
    frame = pl.read_csv(ROOT / "galaxy" / "facts" / f"{name}.csv", infer_schema=False)
    return frame.filter(pl.col("period") == period) if period else frame


def people(table: pl.DataFrame) -> set[str]:
    return set(table["person"])


def test_sample_is_a_branch() -> None:
    """Forty people, brokers and managers."""
    assert len(people(facts("person", "2024-05"))) == len(galaxy()["decisions"]) == 40
    assert set(facts("person", "2024-05")["role"]) == {"broker", "manager"}


def test_sample_has_a_veto() -> None:
    """Somebody is vetoed: the total is 0 whatever was earned."""
    vetoed = people(galaxy()["entries"].filter(pl.col("reason") == "veto"))
    assert vetoed
    totals = galaxy()["decisions"].filter(pl.col("person").is_in(vetoed))["score.total"]
    assert set(totals) == {Decimal(0)}


@pytest.mark.parametrize("code", ["SC521", "SC520", "SC510", "SC508", "SC512"])
def test_sample_has_people_who_are_held(code: str) -> None:
    """Somebody waits for an authority, is on leave, has a fact missing, an unjudged complaint, a fact mistyped."""
    assert people(galaxy()["holds"].filter(pl.col("code") == code))


def test_sample_has_somebody_on_leave() -> None:
    """Who is on leave all month is not assessed."""
    away = people(facts("person", "2024-05").filter(pl.col("status") == "leave"))
    assert away
    assert galaxy()["decisions"].filter(pl.col("person").is_in(away))["score.total"].is_null().all()


@pytest.mark.parametrize(("edge", "column"), [(90, "score.total"), (100, "score.total")])
def test_sample_has_a_total_on_an_edge(edge: int, column: str) -> None:
    """Somebody's total is exactly where a grade begins, or at the most."""
    on_edge = galaxy()["decisions"].filter(pl.col(column) == edge)
    assert len(on_edge)
    assert set(on_edge["grade"]) == {"A"}


def test_sample_has_a_volume_on_an_edge() -> None:
    """Somebody's volume is exactly where a band of the commission begins."""
    volumes = facts("volumes").filter(pl.col("date").str.starts_with("2024-05"))
    sums = volumes.group_by("person").agg(pl.col("amount").cast(pl.Decimal(38, 2)).sum())
    assert not {Decimal(1_000_000), Decimal(5_000_000), Decimal(20_000_000)}.isdisjoint(sums["amount"])


def test_sample_has_newcomers() -> None:
    """Somebody is there for the first time, and is decided without earlier periods."""
    new = people(facts("person", "2024-05")) - people(facts("person", "2024-04")) - people(facts("history"))
    assert new
    assert galaxy()["decisions"].filter(pl.col("person").is_in(new))["score.total"].is_not_null().any()


def test_sample_has_leavers_and_losses() -> None:
    """Somebody has left and gets the fund back, somebody makes up for a loss, somebody is to be dismissed."""
    assert people(galaxy()["pay"].filter(pl.col("line") == "pay.fund_release"))
    assert people(galaxy()["pay"].filter(pl.col("line") == "pay.loss"))
    assert galaxy()["decisions"]["actions.dismiss"].any()


def test_each_measure_is_the_text_of_a_policy() -> None:
    """`scorecore trace policies`, which CI runs, finds nothing open in the texts that are named."""
    named = {
        path.parent / policy["policy"]["text"]
        for path in find_policy_files([ROOT])
        if "text" in (policy := tomllib.loads(path.read_text(encoding="utf-8")))["policy"]
    }
    assert named == set(ROOT.rglob("办法*.txt"))


def test_announced_working_days_are_the_same_in_all_policies() -> None:
    """Policies about other subjects cannot extend each other, so each has the announced days: the same ones."""
    kinds = set[str]()
    for path in find_policy_files([ROOT]):
        calendars = tomllib.loads(path.read_text(encoding="utf-8")).get("calendars", {})
        announced = (calendar for calendar in calendars.values() if "国务院" in calendar.get("label", ""))
        kinds |= {str([calendar[key] for key in ("covers", "holidays", "workdays")]) for calendar in announced}
    assert len(kinds) == 1
