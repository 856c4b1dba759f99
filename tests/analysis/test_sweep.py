"""A figure at several values: at its own it changes nothing, and every value is as if it had been written."""

import json
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

from laws import FEW
from scorecore.analysis.sweep import (
    list_figures,
    measure_outcome,
    parse_variation,
    with_figures,
)
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.evaluate.decisions import NET, Decisions
from scorecore.evaluate.runner import PeriodRunner, SharedFacts
from scorecore.facts.raw import RawTable
from scorecore.io.readers import read_facts
from scorecore.policy.model import Policy
from scorecore.program.model import Program
from scorecore_cli.main import scorecore
from strategies.cases import scorers

GALAXY: Final = Path(__file__).parents[2] / "policies" / "galaxy"
PERIODS: Final = ("2024-04", "2024-05")
START: Final = "2024-04-01"
WRITTEN: Final[Mapping[str, tuple[str, str]]] = {
    "parameters.base_salary": (
        "{ from = 2024-01-01, is = 500 }, { from = 2024-05-01, is = 600 }",
        "{ from = 2024-01-01, is = 500 }, { from = 2024-04-01, is = VALUE }",
    ),
    "parameters.complaint_points": ("is = 5 } ]", "is = 5 }, { from = 2024-04-01, is = VALUE } ]"),
    "tables.coefficient.2": ("{ from = 0.5, is = 1.0 }", "{ from = 0.5, is = VALUE }"),
    "tables.violation_points.second-job": ('{ of = "second-job", is = 10 }', '{ of = "second-job", is = VALUE }'),
}
"""The same values, written into the policy."""


@cache
def tables() -> Mapping[str, RawTable]:
    return read_facts(GALAXY / "facts", Diagnostics(), "utf-8")


def compiled(text: str, **adjusting: Any) -> Program:
    parent = Source("policy.toml", (GALAXY / "policy.toml").read_text("utf-8"))
    program, diagnostics = check_policy(
        Source("branch.toml", text), {"galaxy.broker@2024.1": parent}, scorers(), **adjusting
    )
    assert program is not None, diagnostics
    return program


def decided(program: Program, shared: SharedFacts | None = None) -> list[Decisions]:
    periods = [period for period in map(program.period.period, PERIODS) if period]
    return list(PeriodRunner(program, shared=shared).decide_each(periods, tables(), Diagnostics()))


def text() -> str:
    return (GALAXY / "branch.toml").read_text("utf-8")


@pytest.mark.slow
@FEW
@given(name=st.sampled_from(sorted(WRITTEN)), number=st.integers(1, 9))
def test_a_value_is_as_if_it_had_been_written(name: str, number: int) -> None:
    """Everyone's decisions at a value are those with the value in the text, whoever shares the facts."""
    value = Decimal(number) / 10 if name.startswith("tables.coefficient") else Decimal(number)
    start = decided_on()
    swept = compiled(text(), adjust=lambda policy: with_figures(policy, {name: value}, start))
    before, after = WRITTEN[name]
    assert before in text()
    written = compiled(text().replace(before, after.replace("VALUE", str(value))))
    shared = SharedFacts()
    decided(compiled(text()), shared)
    for swept_decisions, written_decisions in zip(decided(swept, shared), decided(written), strict=True):
        assert_frame_equal(swept_decisions.frame, written_decisions.frame)


def decided_on() -> Any:
    period = compiled(text()).period.period(PERIODS[0])
    assert period is not None
    return period.start


@pytest.mark.slow
def test_every_figure_at_its_own_value_is_the_policy() -> None:
    """Whatever can be varied: at the value that is in force the decisions of that period are those of the policy."""
    figures: dict[str, Decimal] = {}

    def look(policy: Policy) -> Policy:
        figures.update(list_figures(policy, decided_on()))
        return policy

    own_decisions = decided(compiled(text(), adjust=look))[:1]
    assert {*WRITTEN} <= {*figures}
    for name, value in figures.items():
        program = compiled(
            text(), adjust=lambda draft, name=name, value=value: with_figures(draft, {name: value}, decided_on())
        )
        assert_frame_equal(decided(program)[0].frame, own_decisions[0].frame)


def test_what_is_measured_is_what_was_decided() -> None:
    """Cost, spread, grades and what is held are those of the decisions."""
    decisions = decided(compiled(text()))
    measures = measure_outcome(decisions)
    net = sorted(amount for month in decisions for amount in month.frame[NET])
    assert measures.net == sum(net)
    assert measures.decisions == len(net)
    assert measures.held == sum(len(month.held) for month in decisions)
    assert sum(measures.grades.values()) == sum(len(month.frame["grade"].drop_nulls()) for month in decisions)
    assert measures.tenths is not None
    for tenth, amount in zip((1, 5, 9), measures.tenths, strict=True):
        assert sum(net_amount <= amount for net_amount in net) * 10 >= tenth * len(net)
        assert sum(net_amount < amount for net_amount in net) * 10 < tenth * len(net)


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("parameters.x=1..3:1", ["1", "2", "3"]),
        ("parameters.x=0.1..0.35:0.1", ["0.1", "0.2", "0.3"]),
        ("tables.x.2 = 1_000, 5", ["1000", "5"]),
        ("parameters.x=3..1:1", None),
        ("parameters.x=1..3:0", None),
        ("parameters.x=1..3", None),
        ("parameters.x=1..1e9:1", None),
        ("parameters.x=nan", None),
        ("parameters.x", None),
        ("=1", None),
    ],
)
def test_what_is_varied_is_read(written: str, values: list[str] | None) -> None:
    """A span has both ends and a step, a list has commas; anything else is nothing."""
    variation = parse_variation(written)
    assert (variation and [str(value) for value in variation.values]) == values


def run(*arguments: object) -> Any:
    given_ = ("sweep", GALAXY / "branch.toml", "--facts", GALAXY / "facts", "--period", "2024-05", "--lang", "en")
    return CliRunner().invoke(scorecore, [str(argument) for argument in (*given_, *arguments)], catch_exceptions=False)


@pytest.mark.slow
def test_the_present_value_costs_what_run_says(tmp_path: Path) -> None:
    """The point with the value of the policy has the net pay of `scorecore run`, and changes nothing."""
    answer = json.loads(run("--vary", "parameters.base_salary=500,600", "--json").stdout)
    given_ = ("run", GALAXY / "branch.toml", "--facts", GALAXY / "facts", "--period", "2024-05", "--json")
    ran = json.loads(CliRunner().invoke(scorecore, list(map(str, given_))).stdout)
    present = answer["points"][1]
    assert present["values"] == answer["now"] == {"parameters.base_salary": "600"}
    assert Decimal(present["net"]) == sum(Decimal(decision["pay.net"]) for decision in ran["decisions"])
    assert present["change"] == "0"
    out = tmp_path / "sweep"
    assert run("--vary", "parameters.base_salary=500,600", "--out", out).exit_code == 0
    assert pl.read_csv(out / "sweep.csv")["parameters.base_salary"].to_list() == [500, 600]


def test_what_the_policy_refuses_is_reported() -> None:
    """A value beyond head office's bounds has no figures, but the problem that the policy would have."""
    result = run("--vary", "tables.commission.3=0.4,0.5")
    assert result.exit_code == 1
    assert "the policy refuses tables.commission.3 = 0.5:" in result.stdout
    assert "SC340" in result.stdout


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("parameters.base_salry=1,2", "has no figure parameters.base_salry; did you mean `parameters.base_salary`?"),
        ("parameters.base_salary", "does not say what to vary over which values"),
        ("parameters.base_salary=" + ",".join(map(str, range(300))), "300 combinations are too many"),
    ],
)
def test_wrong_usage_is_reported(vary: str, said: str) -> None:
    """Exit code 2, and the sentence."""
    result = run("--vary", vary)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", "").split())


def sweep_posts(rates: str) -> Any:
    """The sweep of the month of people whose posts other policies decide."""
    folder = GALAXY.parent / "assignments"
    arguments = [
        "sweep",
        str(folder / "person.toml"),
        "--facts",
        str(folder / "facts"),
        "--period",
        "2024-05",
        "--json",
    ]
    return json.loads(
        CliRunner().invoke(scorecore, [*arguments, "--vary", f"uses.posts.parameters.rate={rates}"]).stdout
    )


def test_figures_of_used_policies_are_varied_within_their_bounds() -> None:
    """What a used policy pays by changes what its user pays; a bound of its own refuses it."""
    low, high, beyond = sweep_posts("0.05,0.1,0.3")["points"]
    assert Decimal(low["net"]) < Decimal(high["net"])
    assert {problem["code"] for problem in beyond["problems"]} == {"SC340", "SC125"}
