"""What an edit does to everyone: differences add up, have causes, and are none where nothing was edited."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from laws import FEW, HEAD, facts_of
from scorecore.analysis.causes import AND
from scorecore.analysis.impact import ImpactAnalysis, ImpactTables
from scorecore.analysis.impact_sums import count_grade_moves, sum_by_cause, sum_by_columns, sum_by_person
from scorecore.analysis.program_diff import EARLIER, diff_programs
from scorecore.analysis.thresholds import Thresholds
from scorecore.compiler.compile import compile_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.evaluate.batch.evaluator import evaluate_batch, evaluate_each
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.io.policy_files import find_parents, read_source
from scorecore.io.readers import read_facts
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore_cli.main import scorecore
from strategies.cases import Case, cases, scorers
from strategies.facts import Situation, situations

GALAXY: Final = Path(__file__).parents[2] / "policies" / "galaxy"
DATED: Final = "[ { from = 2024-01-01, is = "
COMPLAINT: Final = "complaint_points.values      ="
EDITS: Final[Mapping[str, tuple[str, str, str]]] = {
    "parameters.base_salary": ("branch.toml", "is = 600", "is = {}"),
    "parameters.complaint_points": ("branch.toml", f"{COMPLAINT} {DATED}5", f"{COMPLAINT} {DATED}{{}}"),
    "tables.commission": ("branch.toml", "{ from = 5_000_000, is = 0.30 }", "{ from = 5_000_000, is = 0.3{} }"),
    "tables.coefficient": ("branch.toml", "{ from = 2, is = 1.2 }", "{ from = {}, is = 1.1 }"),
    "grades": ("branch.toml", "from  = 90", "from  = 8{}"),
    "pay.direct_reward": ("policy.toml", 'kind      = "reward"', 'kind      = "fine"'),
    "pay.rebate": ("policy.toml", 'amount    = "rebate"', 'amount    = "rebate * {} / 10"'),
    "score.total": ("branch.toml", "total = 0, reason", "total = 1{}, reason"),
    "items.rules": ("policy.toml", "where     = \"v.state == 'proven'\"", "where     = \"v.state != 'dropped'\""),
    "values.net_fee": ("policy.toml", "exchange_fees - business_tax, 0)", "exchange_fees, {})"),
    "holds.leave": ("policy.toml", "when   = \"status == 'leave'\"", "when   = \"status != 'active'\""),
}  # fmt: skip
"""Edits of a policy by the part that they are of; `{}` is a whole number from 1 to 9."""
PERIODS: Final = ("2024-04", "2024-05")


def program_with(edits: Mapping[str, int]) -> Program:
    """The policy with some edits."""
    texts = {name: (GALAXY / name).read_text("utf-8") for name in ("policy.toml", "branch.toml")}
    for name, number in edits.items():
        file, before, after = EDITS[name]
        assert before in texts[file]
        texts[file] = texts[file].replace(before, after.replace("{}", str(number)), 1)
    parent = Source("policy.toml", texts["policy.toml"])
    return compile_policy(Source("branch.toml", texts["branch.toml"]), {"galaxy.broker@2024.1": parent}, scorers())


@cache
def tables() -> Mapping[str, RawTable]:
    return read_facts(GALAXY / "facts", Diagnostics(), "utf-8")


def periods_of(program: Program) -> list[Period]:
    return [period for period in map(program.period.period, PERIODS) if period]


def compared(old: Program, new: Program, by: tuple[str, ...] = ()) -> ImpactTables:
    comparing, periods = ImpactAnalysis(old, new, by), periods_of(old)
    watched = comparing.watched(periods)
    sides = [
        PeriodRunner(program, steps=steps).decide_each(periods, tables(), Diagnostics())
        for program, steps in zip((old, new), watched, strict=True)
    ]
    return ImpactTables.of(comparing.compare(before, after) for before, after in zip(*sides, strict=True))


several_edits = st.dictionaries(st.sampled_from(sorted(EDITS)), st.integers(1, 9), min_size=1, max_size=4)


@given(case=cases(), situation=situations())
def test_a_policy_does_not_differ_from_itself(case: Case, situation: Situation) -> None:
    """Whatever the policy and the facts, and whoever decides: no edit, nobody differs, no line, no entry."""
    facts = facts_of(case, situation)
    assert [changed_part.name for changed_part in diff_programs(case.program, case.program, case.period)] == [EARLIER]
    comparing = ImpactAnalysis(case.program, case.program)
    before, after = comparing.watched([case.period])
    impact = comparing.compare(
        evaluate_each(case.program, facts, steps=before), evaluate_batch(case.program, facts, steps=after)
    )
    assert not impact.people["differs"].any()
    assert (len(impact.lines), len(impact.entries), len(impact.edits)) == (0, 0, 0)


@given(case=cases(), situation=situations())
def test_steps_that_are_asked_for_are_what_rows_have(case: Case, situation: Situation) -> None:
    """Every step stands in the frame if it is asked for, with the same values in columns as one by one."""
    facts = facts_of(case, situation)
    steps = [step.name for step in case.program.steps if step.name not in {*case.program.results()}]
    evaluations = evaluate_each(case.program, facts, steps=steps), evaluate_batch(case.program, facts, steps=steps)
    assert_frame_equal(evaluations[0].frame, evaluations[1].frame)
    assert evaluate_batch(case.program, facts).frame.columns == [
        column for column in evaluations[1].frame.columns if column not in steps
    ]


@FEW
@given(edits=several_edits)
def test_differences_add_up_and_have_causes(edits: Mapping[str, int]) -> None:
    """Lines add up to the change of net pay, entries to that of the total; whatever differs has an edit as a cause."""
    impact = compared(program_with({}), program_with(edits))
    assert {*impact.edits["name"]} <= {*edits}
    keys = ("id", "period")
    lines = impact.lines.group_by(keys).agg(lines=pl.col("change").sum())
    entries = impact.entries.group_by(keys).agg(entries=pl.col("change").sum())
    people = impact.people.join(lines, on=keys, how="left").join(entries, on=keys, how="left").fill_null(0)
    assert (people["lines"] == people["change"].cast(pl.Decimal(38, 12))).all()
    totals = impact.people.join(entries, on=keys, how="left").drop_nulls(["score.total:before", "score.total:after"])
    totals = totals.with_columns(total=pl.col("score.total:after") - pl.col("score.total:before"))
    assert (totals["entries"].fill_null(0) == totals["total"].cast(pl.Decimal(38, 12))).all()
    for frame in (impact.lines, impact.people.filter("differs")):
        causes = frame["causes"].to_list()
        assert all(cause and {*cause.split(AND)} <= {*edits, EARLIER} for cause in causes)
    net = impact.people["change"].sum()
    for added in (
        sum_by_cause(impact),
        sum_by_person(impact),
        sum_by_columns(impact, ("period",)),
        count_grade_moves(impact),
    ):
        assert (added["change"].sum() or 0) == net


@pytest.mark.slow
@FEW
@given(edits=several_edits)
def test_the_way_back_is_the_opposite(edits: Mapping[str, int]) -> None:
    """Comparing the other way round turns every sign, and nothing else."""
    old, new = program_with({}), program_with(edits)
    there, back = compared(old, new).people, compared(new, old).people
    assert (there["change"] == -back["change"]).all()
    assert there["differs"].equals(back["differs"])
    assert there["causes"].equals(back["causes"])


def test_one_edit_is_the_only_cause() -> None:
    """A higher base salary changes the base of managers, and nothing else; the first month is before it."""
    impact = compared(program_with({}), program_with({"parameters.base_salary": 9}), ("role",))
    assert {*impact.lines["line"]} == {"pay.base"}
    assert {*impact.lines["causes"]} == {"parameters.base_salary"}
    assert {*impact.people.filter("differs")["role"]} == {"manager"}
    assert impact.edits.rows() == [("2024-05", "parameters.base_salary", "600", "9")]


def test_an_earlier_period_is_a_cause() -> None:
    """Whose reserve of April differs may have another one in May because of it."""
    impact = compared(program_with({}), program_with({"tables.commission": 2}))
    causes = impact.lines.filter(pl.col("period") == "2024-05")["causes"]
    assert causes.str.contains(EARLIER).any()
    assert not impact.lines.filter(pl.col("period") == "2024-04")["causes"].str.contains(EARLIER).any()


def near(decided: Decisions, cliffs: Thresholds, within: str) -> set[tuple[str, str, Decimal]]:
    near_edges = cliffs.near(decided, Decimal(within)).select("id", "edge_of", "distance").rows()
    return {(who, edge, distance) for who, edge, distance in near_edges}


def test_subjects_near_an_edge_are_listed() -> None:
    """Whoever's total is within the distance of a grade, and nobody else."""
    program = program_with({})
    period = periods_of(program)[1]
    cliffs = Thresholds.of(program, [period])
    decided = PeriodRunner(cliffs.program, steps=cliffs.steps).decide(period, tables(), Diagnostics())
    assert decided is not None
    totals = dict(zip(decided.facts.ids, decided.frame["score.total"], strict=True))
    expected = {
        (who, total - edge)
        for who, total in totals.items()
        if total is not None
        for edge in (60, 80, 90)
        if abs(total - edge) <= 2
    }
    near_edges = near(decided, cliffs, "2")
    assert {(who, distance) for who, edge_of, distance in near_edges if edge_of == "grades"} == expected
    assert {edge_of for _, edge_of, _ in near_edges} == {"grades", "tables.coefficient"}  # the commission has no jumps


EDGES: Final = (
    HEAD
    + """
[facts.person]
sales = { type = "decimal", places = 2, min = 0, max = 100 }
[tables.steps]
kind = "whole"
edge = "lower"
bands = [ { from = 0, is = 1 }, { from = 50, is = 2 } ]
[[items]]
id = "sales"
points = 100
scorer = "formula"
is = "sales"
[score]
out_of = 100
[[grades]]
id = "A"
from = 80
[[grades]]
id = "B"
from = "lowest"
[[pay]]
id = "bonus"
kind = "reward"
amount = "tables.steps(sales) * 1.0"
"""
)


def test_a_distance_includes_its_end() -> None:
    """Exactly two points from a grade, or exactly two per cent from a band, is near; a hundredth more is not."""
    program = compile_policy(Source("p.toml", EDGES), {}, scorers())
    period = periods_of(program)[1]
    cliffs = Thresholds.of(program, [period])
    sales = ("77.99", "78", "80", "82", "82.01", "48.99", "49", "50", "51", "51.01")
    frame = pl.DataFrame({"person": [f"P{text}" for text in sales], "sales": sales})
    decided = PeriodRunner(cliffs.program, steps=cliffs.steps).decide(
        period, {"person": RawTable(frame, "person")}, Diagnostics()
    )
    assert decided is not None
    assert near(decided, cliffs, "2") == {
        *((f"P{total}", "grades", Decimal(total) - 80) for total in ("78", "80", "82")),
        *((f"P{key}", "tables.steps", Decimal(key) - 50) for key in ("49", "50", "51")),
    }


@pytest.mark.parametrize("condition", ["sales >= 50", "50 <= sales", "parameters.least <= sales", "50.0 <= sales * 1"])
def test_either_side_of_a_comparison_may_be_the_edge(condition: str) -> None:
    """The condition of a grade has an edge, whichever side the author has written it on."""
    parameter = '[parameters.least]\ntype = "decimal"\nvalues = [ { from = 2020-01-01, is = 50 } ]\n'
    text = EDGES.replace("from = 80", f'when = "{condition}"\nfrom = 80') + parameter
    program = compile_policy(Source("p.toml", text), {}, scorers())
    thresholds = Thresholds.of(program, [periods_of(program)[1]])
    frame = pl.DataFrame({"person": ["P49"], "sales": ["49"]})
    decisions = PeriodRunner(thresholds.program, steps=thresholds.steps).decide(
        periods_of(program)[1], {"person": RawTable(frame, "person")}, Diagnostics()
    )
    assert decisions is not None
    assert ("P49", "grades", Decimal(-1)) in near(decisions, thresholds, "2")


CALENDAR: Final = """
[calendars.work]
covers = { from = 2024-01-01, to = 2024-12-31 }
days = ["mon", "tue"]
holidays = [2024-01-01, 2024-05-01]

[values.worked]
is = "workdays(period.start, period.end, 'work')"
"""


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ('days = ["mon', 'label = "Work"\ndays = ["mon', []),
        ("2024-01-01, 2024-05-01]", "2024-05-01, 2024-01-01]", []),
        ("2024-05-01]", "2024-05-02]", ["calendars.work"]),
    ],
)
def test_words_and_order_of_a_calendar_are_no_edit(before: str, after: str, parts: list[str]) -> None:
    """What amounts to the same is no edit, and so no cause of anything; another holiday is one."""
    texts = EDGES + CALENDAR, EDGES + CALENDAR.replace(before, after)
    assert texts[0] != texts[1]
    old, new = (compile_policy(Source("p.toml", text), {}, scorers()) for text in texts)
    edits = diff_programs(old, new, periods_of(old)[1])
    assert [edit.name for edit in edits if edit.name != EARLIER] == parts


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.toml"
    text = (GALAXY / "branch.toml").read_text("utf-8").replace("is = 600", "is = 700")
    path.write_text(re.sub('(title +=) "', r'\1 "<b>&', text), "utf-8")
    (tmp_path / "policy.toml").write_bytes((GALAXY / "policy.toml").read_bytes())
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(scorecore, [str(argument) for argument in ("diff", *arguments)], catch_exceptions=False)


GIVEN: Final = ("--facts", GALAXY / "facts", "--period", "2024-05", "--lang", "en")


def test_the_page_is_complete_in_itself(draft: Path, tmp_path: Path) -> None:
    """One file: no script, nothing fetched, what people wrote is text, and the plots are in it."""
    out = tmp_path / "impact.html"
    assert run(GALAXY / "branch.toml", draft, *GIVEN, "--html", out).exit_code == 0
    page = out.read_text("utf-8")
    assert not re.search(r"<script|src=|href=|url\(|@import|https?:", page)
    assert "<b>&示例" not in page
    assert "&lt;b&gt;&amp;示例" in page
    assert page.count("<svg") >= 3


@pytest.mark.slow
def test_the_workbook_has_everybody(draft: Path, tmp_path: Path) -> None:
    """All that differ are in the tables that are written, with the figures that are printed."""
    out = tmp_path / "impact"
    shown = run(GALAXY / "branch.toml", draft, *GIVEN, "--by", "role", "--out", out)
    assert "+1,400.00" in shown.stdout
    people = pl.read_csv(out / "people.csv")
    assert people["change"].sum() == 1400
    assert len(pl.read_csv(out / "by_role.csv")) == 2
    assert run(GALAXY / "branch.toml", draft, *GIVEN, "--out", tmp_path / "impact.xlsx").exit_code == 0
    book = read_facts(tmp_path / "impact.xlsx", Diagnostics(), "utf-8")
    assert len(book["by 工号"].frame) == len(people)


@pytest.mark.slow
def test_versions_are_found_by_name(draft: Path) -> None:
    """`id@version` names a policy in the folders of --parents."""
    named = run("galaxy.broker.example-branch@2024.1", draft, *GIVEN, "--parents", GALAXY)
    assert named.stdout == run(GALAXY / "branch.toml", draft, *GIVEN).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--period", "2024"), "2024 is not a period of this policy"),
        (("--periods", "2024-01..x"), "x is not a period of this policy"),
        (("--period", "2024-05", "--by", "rol"), "there is no fact rol that is a text; did you mean `role`?"),
        (("--period", "2024-05", "--near", "x"), "x is not a distance"),
        ((), "no period is given"),
    ],
)
def test_wrong_usage_is_reported(arguments: tuple[str, ...], said: str) -> None:
    """Exit code 2, and the sentence."""
    policy = GALAXY / "branch.toml"
    result = run(policy, policy, "--facts", GALAXY / "facts", "--lang", "en", *arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", "").split())


def test_policies_about_others_are_not_compared() -> None:
    """The subject must be the same."""
    tender_policy = GALAXY.parent / "tender" / "fee.toml"
    result = run(GALAXY / "branch.toml", tender_policy, *GIVEN)
    assert result.exit_code == 2
    assert "cannot be compared" in result.stderr


def test_sources_of_the_policies_are_there() -> None:
    """The texts that the edits are made in are those of the repository."""
    source = read_source(GALAXY / "branch.toml", Diagnostics())
    assert source is not None
    assert find_parents(source, [GALAXY])


def test_pay_has_the_causes_of_pay_alone() -> None:
    """An edit that touches only points is no cause of what somebody is paid more."""
    text = """
[facts.person]
sales = { type = "int", min = 0, max = 1000 }
absences = { type = "int", min = 0, max = 10 }
[parameters.rate]
type = "decimal"
values = [ { from = 2020-01-01, is = RATE } ]
[parameters.take]
type = "int"
values = [ { from = 2020-01-01, is = TAKE } ]
[[items]]
id = "a"
points = 100
scorer = "deduction"
quantity = "absences"
take = "parameters.take"
[[pay]]
id = "p"
kind = "earning"
amount = "sales * parameters.rate"
"""

    def compiled_with(rate: str, take: str) -> Program:
        return compile_policy(Source("p.toml", HEAD + text.replace("RATE", rate).replace("TAKE", take)), {}, scorers())

    old, new = compiled_with("0.01", "2"), compiled_with("0.02", "3")
    period = old.period.period("2024-05")
    assert period is not None
    frame = pl.DataFrame({"person": ["E1", "E2"], "sales": ["100", "0"], "absences": ["3", "3"]})
    raw = {"person": RawTable(frame, "person")}
    before, after = (PeriodRunner(program).decide(period, raw, Diagnostics()) for program in (old, new))
    assert before is not None
    assert after is not None
    impact = ImpactTables.of([ImpactAnalysis(old, new).compare(before, after)])
    people = {row["id"]: row["causes"] for row in sum_by_person(impact).iter_rows(named=True)}
    assert people == {"E1": "parameters.rate", "E2": "parameters.take"}
