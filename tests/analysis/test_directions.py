"""What is proved of directions: never broken by any pair of facts, and of a policy's own claims nearly all."""

from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import HEAD
from scorecore.analysis.claims import ClaimSearch
from scorecore.analysis.direction_rules import EITHER, FALLS, RISES, RULES, STILL, UNRULED, Direction
from scorecore.analysis.directions import DirectionAnalysis, is_proved, prove_claim
from scorecore.analysis.samples import RandomNumbers
from scorecore.language.expressions import HISTORY
from scorecore.language.operators import OPERATORS
from scorecore.program.model import MonotoneClaim, Program
from scorecore.values.ratio import Ratio
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases, compiled

POLICIES: Final = Path(__file__).parents[2] / "policies"
PAIRS: Final = 6


def list_growing(program: Program) -> list[str]:
    """The facts that a claim can be about: numbers, and tables of events."""
    numbers = [column.name for column in program.schema.columns if column.type.is_number]
    return numbers + [table.name for table in program.schema.events if table.name != HISTORY and not table.use]


@given(case=cases(), seed=st.integers(0, 2**32), which=st.integers(0, 100))
def test_what_is_proved_is_never_broken(case: Case, seed: int, which: int) -> None:
    """No pair of facts, of which the second has more of something, moves a step in a direction that is excluded."""
    growing = list_growing(case.program)
    if not growing:
        return
    fact = growing[which % len(growing)]
    search = ClaimSearch(case.program)
    search.sampler.random = RandomNumbers(seed)
    analysis = DirectionAnalysis(case.program, fact)
    for _ in range(PAIRS):
        less = search.sampler.draw_sample()
        more = search.draw_more(fact, less)
        if more is None:
            continue
        before, after = search.decide(less), search.decide(more)
        for step in case.program.steps:
            one, other = before[step.name], after[step.name]
            if isinstance(one, int | Decimal | Ratio) and isinstance(other, int | Decimal | Ratio):
                direction = analysis.find_step(step.name)
                assert direction.rises or not other > one, (step.name, fact, one, other)
                assert direction.falls or not other < one, (step.name, fact, one, other)


def test_every_operator_has_a_rule_or_a_reason() -> None:
    """An operator without a rule is named, and why."""
    assert {"if", *RULES, *UNRULED} == set(OPERATORS)
    assert RULES.keys().isdisjoint(UNRULED)


def test_the_claims_of_our_policies_are_proved() -> None:
    """Of 19 pairs of a claim and a result 18 need no search."""
    workspace, proved, open_pairs = Workspace.open(()), 0, []
    for path in sorted(POLICIES.rglob("*.toml")):
        if "[[monotone]]" not in path.read_text("utf-8"):
            continue
        program = workspace.check(path).program
        assert program is not None
        for claim in program.monotone:
            for proof in prove_claim(program, claim):
                proved += is_proved(claim, proof)
                open_pairs += [] if is_proved(claim, proof) else [(path.name, claim.more, proof.result, proof.stop)]
    assert (proved, open_pairs) == (18, [("documents.toml", "submissions", "score.total", "items.documents")])


SMALL: Final = f"""{HEAD}
[facts.person]
sales = {{ type = "decimal", min = 0, max = 100000, places = 2 }}
other = {{ type = "decimal", min = -5, max = 5, places = 2 }}
[facts.faults]
key = ["id"]
fields = {{ id = {{ type = "int" }}, points = {{ type = "int", min = 0, max = 9 }}, on = {{ type = "date" }} }}
[tables.tier]
kind = "marginal"
bands = [ {{ from = 0, is = 0.01 }}, {{ from = 1000, is = 0.02 }} ]
edge = "lower"
[tables.fall]
kind = "whole"
bands = [ {{ from = 0, is = 3 }}, {{ from = 1000, is = 2 }}, {{ from = 5000, is = 7 }} ]
edge = "lower"
[[actions]]
id = "a"
when = "values_read"
reason = "r"
[values.values_read]
is = "(TEXT) >= 0"
[values.x]
is = "TEXT"
"""


@pytest.mark.parametrize(
    ("text", "fact", "direction"),
    [
        ("sales * 2.0 - 5", "sales", RISES),
        ("-sales + other", "sales", FALLS),
        ("sales * other", "sales", EITHER),
        ("sales > 100 ? 100.0 : sales", "sales", RISES),
        ("sales > 100 ? sales : 100.0", "sales", RISES),
        ("sales > 100 ? 50.0 : sales", "sales", EITHER),
        ("sales >= 5000 ? sales * 0.02 : sales * 0.01", "sales", RISES),
        ("tables.tier(sales)", "sales", RISES),
        ("tables.tier.rate(sales)", "sales", RISES),
        ("tables.fall(sales)", "sales", EITHER),
        ("tables.fall(least(sales, 4000.0))", "sales", FALLS),
        ("10.0 / (sales + 1)", "sales", FALLS),
        ("10.0 / (other + 1)", "other", EITHER),
        ("decimal(faults.map(f, f.points).sum())", "faults", RISES),
        ("faults.all(f, f.points < 5) ? 10.0 : 0.0", "faults", FALLS),
        ("decimal(faults.size())", "sales", STILL),
        ("sales == 0 ? 10.0 : 0.0", "sales", FALLS),
        ("sales == 5 ? 10.0 : 0.0", "sales", EITHER),
        ("abs(other)", "other", EITHER),
        ("abs(sales)", "sales", RISES),
    ],
)
def test_rules(text: str, fact: str, direction: Direction) -> None:
    """Each rule at work, and what has none."""
    program, diagnostics = compiled(SMALL.replace("TEXT", text))
    assert program is not None, list(map(str, diagnostics))
    assert DirectionAnalysis(program, fact).find_step("values.x") == direction


def test_a_proof_says_through_what_it_goes_and_where_it_stops() -> None:
    """The path has the steps that move; the stop is the first whose own formula is not decided."""
    program, _ = compiled(SMALL.replace("TEXT", "tables.fall(sales)"))
    assert program is not None
    (proof,) = prove_claim(program, MonotoneClaim("sales", ("values.x",), "lowers"))
    assert (proof.path, proof.stop) == ((("values.x", EITHER),), "values.x")
