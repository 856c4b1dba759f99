"""Claims of a policy: what breaks them is found, is real, and is found again."""

from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from laws import HEAD
from scorecore import (
    Diagnostics,
    Program,
    Source,
    compile_policy,
    installed,
    load_scorers,
)
from scorecore.analysis.claims import try_claims
from scorecore.analysis.samples import FactSample
from scorecore.compiler.compile import check_policy
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.subject_facts import subject_facts

POLICIES: Final = Path(__file__).parents[2] / "policies"
POLICY: Final = (
    HEAD
    + """
[facts.person]
sales = { type = "decimal", unit = "CNY", min = 0, max = 100000 }
bonus = { type = "decimal", unit = "CNY", min = 0, max = 100, optional = true }

[facts.faults]
key = ["id"]
fields = { id = { type = "string" }, points = { type = "int", min = -1, max = 9 } }

[[items]]
id = "care"
points = 100
scorer = "deduction"
each = "faults"
as = "f"
where = "f.points != 0"
take = "f.points"

[[pay]]
id = "share"
kind = "adjustment"
amount = "sales < 77777.77 ? sales : sales - 1000"
"""
)


def program(claim: str) -> Program:
    scorers = load_scorers(installed(), Diagnostics())
    return compile_policy(Source("policy.toml", f"{POLICY}\n[[monotone]]\n{claim}\n"), {}, scorers)


def result(policy: Program, facts: FactSample, name: str) -> Decimal:
    period = policy.period.period("2024-05")
    assert period
    outcome = SubjectEvaluator.of(policy, period).decide(
        subject_facts(policy, period, "", facts.values, facts.events, history=facts.history)
    )
    value = outcome.value(name)
    assert isinstance(value, Decimal)
    return value


@pytest.mark.parametrize(
    "claim",
    [
        'more = "sales"\nof = ["pay.share"]\nnever = "lowers"',
        'more = "sales"\nof = ["pay.share"]\nnever = "raises"',
        'more = "faults"\nof = ["items.care", "score.total"]\nnever = "lowers"',
    ],
)
def test_what_breaks_a_claim_is_found(claim: str) -> None:
    """A counterexample is what the program decides, and the same in every run; a cliff at one cent is found."""
    compiled_policy = program(claim)
    (tried,) = try_claims(compiled_policy)
    counterexample = tried.counterexample
    assert counterexample is not None
    assert (
        result(compiled_policy, counterexample.less, counterexample.result),
        result(compiled_policy, counterexample.more, counterexample.result),
    ) == (counterexample.before, counterexample.after)
    assert (counterexample.after > counterexample.before) is (tried.claim.never == "raises")
    assert try_claims(compiled_policy) == [tried]


@pytest.mark.parametrize("statement", ["pay.hidden", "score.total"])
def test_a_condition_that_only_two_facts_together_meet_is_found(statement: str) -> None:
    """What holds at one number among millions, which the policy does not name, breaks a claim all the same."""
    text = f"""{HEAD}
[facts.person]
late = {{ type = "int", min = 0, max = 1000000 }}
other = {{ type = "int", min = 0, max = 1000000 }}
[[items]]
id = "care"
points = 100
scorer = "formula"
is = "late * 13 + other * 7 == 5000003 ? 100 : 50"
[[pay]]
id = "hidden"
kind = "earning"
amount = "late * 13 + other * 7 == 5000003 ? 100.0 : 50.0"
[[monotone]]
more = "late"
of = ["{statement}"]
never = "raises"
"""
    scorers = load_scorers(installed(), Diagnostics())
    (tried,) = try_claims(compile_policy(Source("policy.toml", text), {}, scorers))
    assert not tried.is_proved
    assert tried.counterexample is not None
    assert result(compile_policy(Source("policy.toml", text), {}, scorers), tried.counterexample.more, statement) == 100


def test_a_counterexample_has_no_needless_events() -> None:
    """Only the event that is too much is left."""
    (tried,) = try_claims(program('more = "faults"\nof = ["score.total"]\nnever = "lowers"'))
    assert tried.counterexample
    assert [len(tried.counterexample.less.events["faults"]), len(tried.counterexample.more.events["faults"])] == [0, 1]


def test_what_holds_is_not_broken() -> None:
    """A claim that is true has no counterexample, and needs no search where directions prove it."""
    (tried,) = try_claims(program('more = "bonus"\nof = ["score.total", "pay.share"]\nnever = "lowers"'))
    assert (tried.counterexample, tried.is_proved, tried.pairs) == (None, True, 0)


def test_what_is_true_but_not_proved_is_tried() -> None:
    """A difference of two formulas that are the same does not move, which directions cannot see."""
    text = POLICY.replace("sales < 77777.77 ? sales : sales - 1000", "abs(sales - 5.0) - abs(5.0 - sales)")
    claim = '[[monotone]]\nmore = "sales"\nof = ["pay.share"]\nnever = "raises"\n'
    scorers = load_scorers(installed(), Diagnostics())
    (tried,) = try_claims(compile_policy(Source("policy.toml", f"{text}\n{claim}"), {}, scorers))
    assert (tried.counterexample, tried.is_proved, tried.pairs) == (None, False, 400)


def test_what_a_broken_part_would_have_been_is_not_asked_again() -> None:
    """A claim of an item with a mistake is no second mistake."""
    text = (
        HEAD
        + """
[facts.person]
x = { type = "int", min = 0, max = 10 }
[[items]]
id = "a"
points = 10
scorer = "formula"
is = "y"
[[monotone]]
more = "x"
of = ["items.a", "score.total"]
never = "lowers"
"""
    )
    _, diagnostics = check_policy(Source("policy.toml", text), {}, load_scorers(installed(), Diagnostics()))
    assert [diagnostic.kind.code for diagnostic in diagnostics if not diagnostic.kind.warning] == ["SC230"]
