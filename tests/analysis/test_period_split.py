"""Why net pay is not what it was: parts that add up to the change, whatever has changed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from laws import HEAD, company, facts_of
from scorecore.analysis.period_split import PeriodSplit
from scorecore.evaluate.period_context import period_context
from scorecore.evaluate.reference.evaluator import decide
from scorecore.facts.model import SubjectFacts
from scorecore.program.model import Program
from scorecore.values.unknown import Unknown
from strategies.cases import Case, cases, compiled
from strategies.facts import Situation, situations

POLICY = f"""{HEAD}
[parameters]
rate.type = "decimal"
rate.values = [ {{ from = 2020-01-01, is = 0.1 }}, {{ from = 2024-05-01, is = 0.2 }} ]
[facts.person]
sales = {{ type = "decimal", min = 0, max = 10000, places = 2 }}
bonus = {{ type = "int", min = 0, max = 100, optional = true }}
[facts.visits]
key = ["id"]
dated_by = "date"
fields = {{ id = {{ type = "string" }}, date = {{ type = "date" }} }}
[[pay]]
id = "commission"
kind = "earning"
amount = "round(sales * parameters.rate, 2)"
[[pay]]
id = "visits"
kind = "earning"
amount = "visits.size() * 10.0"
[[pay]]
id = "kept"
kind = "deduction"
amount = "has(history[1].pay.commission) && history[1].pay.commission > 50.0 ? 1.0 : 0.0"
"""


def compile_policy(*changes: tuple[str, str]) -> Program:
    text = POLICY
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    program, problems = compiled(text)
    assert program, list(map(str, problems))
    return program


def make_facts(sales: str, visits: int, past: str = "0", **values: Any) -> SubjectFacts:
    rows = [{"id": str(number), "date": None} for number in range(visits)]
    history = [{"ago": 1, "pay.commission": Decimal(past)}]
    return SubjectFacts(
        "x", {"sales": Decimal(sales), "bonus": None, **values}, {"visits": rows, "history": history}, frozenset()
    )


def split(before: Program, then: SubjectFacts, after: Program, now: SubjectFacts) -> list[tuple[tuple[str, ...], str]]:
    april, may = (after.period.period(label) for label in ("2024-04", "2024-05"))
    assert april
    assert may
    change = PeriodSplit.of(before, april, after, may).split(then, now)
    assert change
    assert sum(part.effect for part in change.parts) == change.after - change.before
    return [
        (
            tuple(change.kind + "".join(f" {name}" for name in change.names) for change in part.changes),
            f"{part.effect:f}",
        )
        for part in change.parts
    ]


def test_each_thing_that_has_changed_has_its_part() -> None:
    program = compile_policy()
    parts = split(program, make_facts("100", 1), program, make_facts("200", 3, "60"))
    assert parts == [
        (("figures",), "10.00"),
        (("fact sales",), "20.00"),
        (("events visits",), "20.00"),
        (("earlier periods",), "-1.00"),
    ]


def test_what_is_the_same_has_none() -> None:
    program = compile_policy(("0.2 }", "0.1 }"))
    assert split(program, make_facts("100", 1), program, make_facts("100", 1)) == []


def test_another_version_is_the_rules_and_so_is_a_fact_that_it_alone_reads() -> None:
    before = compile_policy(("0.2 }", "0.1 }"))
    after = compile_policy(
        ("0.2 }", "0.1 }"),
        ("visits.size() * 10.0", "visits.size() * 12.0 + grant"),
        ("[facts.visits]", 'grant = { type = "decimal", min = 0, max = 100 }\n[facts.visits]'),
    )
    now = make_facts("100", 2, grant=Decimal(5))
    assert split(before, make_facts("100", 2), after, now) == [(("rules",), "9.00")]


def test_what_is_held_on_the_way_is_a_part_with_what_comes_next() -> None:
    """A version that cannot decide without a bonus, which April did not have."""
    before = compile_policy(("0.2 }", "0.1 }"))
    after = compile_policy(("0.2 }", "0.1 }"), ("* 10.0", "* 10.0 + require(has(bonus), 7.0, 'no bonus')"))
    parts = split(before, make_facts("100", 2), after, make_facts("100", 2, bonus=7))
    assert parts == [(("rules", "figures", "fact bonus"), "7.00")]


@pytest.mark.parametrize("is_now", [False, True])
def test_what_is_held_has_no_parts(*, is_now: bool) -> None:
    program = compile_policy()
    april, may = (program.period.period(label) for label in ("2024-04", "2024-05"))
    assert april
    assert may
    facts = make_facts("100", 1)
    held = make_facts("100", 1)
    held.values["sales"], held.unknown = Unknown(()), frozenset({"sales"})
    pair = (facts, held) if is_now else (held, facts)
    assert PeriodSplit.of(program, april, program, may).split(*pair) is None


@settings(max_examples=4)
@given(cases(), situations(), st.data())
def test_parts_add_up_to_what_two_periods_differ_in(case: Case, situation: Situation, data: st.DataObject) -> None:
    """Whatever the policy and the facts: from what was decided to what is decided, no cent is left over."""
    program, period = case.program, case.period
    period_before = program.period.ago(period, 1)
    assume(program.pay and period_before)
    assert period_before
    second_situation = data.draw(situations())
    people = company(program, facts_of(case, situation))
    before = company(program, facts_of(case, second_situation))
    split = PeriodSplit.of(program, period_before, program, period)
    for now, then in zip(people, before, strict=False):
        outcomes = [
            decide(program, period_context(program, number), facts)
            for number, facts in ((period_before, then), (period, now))
        ]
        change = split.split(then, now)
        assert (change is None) is any(outcome.partial for outcome in outcomes)
        if change:
            assert (change.before, change.after) == tuple(outcome.net for outcome in outcomes)
            assert sum(part.effect for part in change.parts) == change.after - change.before
