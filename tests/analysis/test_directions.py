"""What is proved of directions: never broken by any pair of facts, and of a policy's own claims nearly all."""

from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import HEAD
from scorecore.analysis.claim_search import ClaimSearch
from scorecore.analysis.direction_rules import EITHER, FALLS, RISES, RULES, STILL, UNRULED, Direction
from scorecore.analysis.directions import DirectionAnalysis
from scorecore.analysis.proofs import is_proved, prove_claim
from scorecore.analysis.samples import RandomNumbers
from scorecore.language.expressions import HISTORY
from scorecore.language.operators import OPERATORS
from scorecore.program.model import MonotoneClaim, Program
from scorecore.values.ratio import Ratio
from scorecore.values.unknown import Maybe
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases, compiled

POLICIES: Final = Path(__file__).parents[2] / "policies"
PAIRS: Final = 6


def list_growing(program: Program) -> list[str]:
    """The facts that a claim can be about: numbers, and tables of events."""
    numbers = [column.name for column in program.schema.columns if column.type.is_number]
    return numbers + [table.name for table in program.schema.events if table.name != HISTORY and not table.use]


def rank(analysis: DirectionAnalysis, value: Maybe) -> Maybe:
    """A grade by its place among the grades."""
    return analysis.grades.get(value, value) if isinstance(value, str) else value


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
    for number in range(PAIRS):
        pair = search.draw_pair(fact, number)
        if pair is None:
            continue
        before, after = map(search.decide, pair)
        for step in case.program.steps:
            left, right = (rank(analysis, values[step.name]) for values in (before, after))
            if isinstance(left, int | Decimal | Ratio) and isinstance(right, int | Decimal | Ratio):
                direction = analysis.find_step(step.name)
                assert direction.rises or not right > left, (step.name, fact, left, right)
                assert direction.falls or not right < left, (step.name, fact, left, right)


def test_every_operator_has_a_rule_or_a_reason() -> None:
    """An operator without a rule is named, and why."""
    assert {"if", *RULES, *UNRULED} == set(OPERATORS)
    assert RULES.keys().isdisjoint(UNRULED)


def test_the_claims_of_our_policies_are_proved() -> None:
    """Of 21 pairs of a claim and a result 20 need no search."""
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
    assert (proved, open_pairs) == (20, [("documents.toml", "submissions", "score.total", "items.documents")])


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
        ("sales - least(sales, 500.0)", "sales", RISES),
        ("sales * 0.7 - sales * 0.8", "sales", FALLS),
        ("sales - least(other * 2.0, sales * 3.0)", "sales", EITHER),
        ("sales / (sales + 5)", "sales", RISES),
        ("5.0 / (sales + 5) * sales", "sales", EITHER),
        ("(sales + 1) / (sales + other + 5)", "sales", EITHER),
        ("least(sales, 500.0) / (sales + 1)", "sales", EITHER),
        ("least(7.5, sales + 1) * 30 / (sales + 1)", "sales", FALLS),
        ("least(greatest(sales, 0), 500.0) * 30 / 500", "sales", RISES),
    ],
)
def test_rules(text: str, fact: str, direction: Direction) -> None:
    """Each rule at work, and what has none."""
    program, diagnostics = compiled(SMALL.replace("TEXT", text))
    assert program is not None, list(map(str, diagnostics))
    assert DirectionAnalysis(program, fact).find_step("values.x") == direction


GRADED: Final = (
    SMALL.replace("[values.x]", "[values.unread]").replace("TEXT", "sales")
    + """
[[items]]
id = "care"
points = 100
scorer = "formula"
is = "least(sales, 100.0)"
[[grades]]
id = "B"
from = 80
[[grades]]
id = "C"
when = "sales < 50000"
from = 60
[[grades]]
id = "A"
from = "lowest"
[tables.share]
kind = "exact"
bands = [ { of = "A", is = 1 }, { of = "C", is = 2 }, { of = "B", is = 2 } ]
[values.x]
is = 'TEXT'
"""
)


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("tables.share(grade)", RISES),
        ('grade == "B" ? 3.0 : 1.0', RISES),
        ('grade == "A" ? 3.0 : 1.0', FALLS),
        ('grade == "C" ? 3.0 : 1.0', EITHER),
        ('grade in ["A", "C"] ? 3.0 : 1.0', FALLS),
        ('grade in ["A", "B"] ? 3.0 : 1.0', EITHER),
        ('grade >= "B" ? 3.0 : 1.0', EITHER),
    ],
)
def test_grades_have_an_order_of_their_own(text: str, direction: Direction) -> None:
    """From the best to the worst as the policy lists them, whatever their names are."""
    program, diagnostics = compiled(GRADED.replace('when = "sales < 50000"\n', "").replace("TEXT", text))
    assert program is not None, list(map(str, diagnostics))
    analysis = DirectionAnalysis(program, "sales")
    assert (analysis.find_step("grade"), analysis.find_step("values.x")) == (RISES, direction)
    conditional, _ = compiled(GRADED.replace("TEXT", "1.0"))
    assert conditional is not None
    assert DirectionAnalysis(conditional, "sales").find_step("grade") == EITHER


POOLED: Final = f"""{HEAD}
[facts.person]
team = {{ type = "string" }}
fund = {{ type = "decimal", unit = "CNY", min = 0, max = 100000 }}
debt = {{ type = "decimal", unit = "CNY", min = -5, max = 100000 }}
weight = {{ type = "int", min = 0, max = 100 }}
[groups.team]
by = "team"
held = "wait"
[[pay]]
id = "share"
kind = "adjustment"
amount = 'pool(AMOUNT, weight, "team", 2)'
"""


@pytest.mark.parametrize(
    ("amount", "fact", "direction"),
    [
        ("fund", "weight", RISES),  # by largest remainders: whoever weighs more never gets less
        ("debt", "weight", EITHER),
        ("fund", "fund", RISES),  # who alone has another amount is held, or alone
        ("fund * weight", "weight", EITHER),
    ],
)
def test_a_share_of_a_pool_moves_with_what_divides_it(amount: str, fact: str, direction: Direction) -> None:
    """A share follows its weight where there is something to divide."""
    program, diagnostics = compiled(POOLED.replace("AMOUNT", amount))
    assert program is not None, list(map(str, diagnostics))
    assert DirectionAnalysis(program, fact).find_step("pay.share") == direction


def test_a_proof_says_through_what_it_goes_and_where_it_stops() -> None:
    """The path has the steps that move; the stop is the first whose own formula is not decided."""
    program, _ = compiled(SMALL.replace("TEXT", "tables.fall(sales)"))
    assert program is not None
    (proof,) = prove_claim(program, MonotoneClaim("sales", ("values.x",), "lowers"))
    assert (proof.path, proof.stop) == ((("values.x", EITHER),), "values.x")
