"""What is still possible while something is held: sound bounds of the total, and no grade left out."""

from decimal import Decimal, localcontext
from typing import Any

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from laws import company, facts_of
from scorecore.analysis.bounds import StepBounds
from scorecore.analysis.explain import Explanation, explain
from scorecore.compiler.compile import compile_policy
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location, Source
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.facts.subject_facts import subject_facts
from scorecore.language.abstract import Possible
from scorecore.language.operators import EXACT
from scorecore.plugins import installed, load_scorers
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore.values.types import Type, from_units
from scorecore.values.unknown import Unknown
from strategies.cases import Case, cases
from strategies.facts import Situation, situations

MISSING = Unknown((Diagnostic(catalogue.FACT_MISSING, Location("facts", 1, 1), {"name": "x"}),))


def hidden(facts: SubjectFacts, names: set[str]) -> SubjectFacts:
    """A record of which some facts and tables are not known."""
    values = {name: MISSING if name in names else value for name, value in facts.values.items()}
    rows: dict[str, Any] = {name: MISSING if name in names else value for name, value in facts.rows.items()}
    return evolve(facts, values=values, rows=rows, unknown=facts.unknown | names)


@given(case=cases(), situation=situations(), data=st.data())
def test_what_turns_out_was_possible(case: Case, situation: Situation, data: st.DataObject) -> None:
    """Whatever facts are hidden, the total lies within the range, and the grade is among those still possible."""
    program, decider = case.program, SubjectEvaluator.of(case.program, case.period)
    if not program.has_step("score.total"):
        return
    everybody = company(program, facts_of(case, situation))
    for facts in everybody[:8]:
        names = data.draw(st.sets(st.sampled_from(sorted({*facts.values, *facts.rows}))))
        full, part = explain(program, decider, facts), explain(program, decider, hidden(facts, names))
        if decider.decide(facts).is_excluded:
            continue
        assert full.score is not None
        total = full.score.result
        if part.possible is not None and not total.held:
            assert part.possible.least <= total.value <= part.possible.most
        if part.possible_grades and full.grade is not None and not full.grade.held:
            assert full.grade.value in part.possible_grades


def environment_of(evaluator: SubjectEvaluator, facts: SubjectFacts) -> Environment:
    """What is known of a subject once all steps are decided."""
    everything = {**evaluator.context.values, **facts.values, **evaluator.decide(facts).by_name}
    return Environment(everything, facts.rows, evaluator.context.tables)


def is_among(value: Any, possible: Possible) -> bool:
    if not isinstance(possible, Type):
        return value in possible
    return not possible.is_number or from_units(possible.low) <= value <= from_units(possible.high)


@given(case=cases(), situation=situations(), data=st.data())
def test_every_step_turns_out_as_was_possible(case: Case, situation: Situation, data: st.DataObject) -> None:
    """Whatever facts are hidden, the abstract interpretation leaves out no value that a step can have."""
    program, evaluator = case.program, SubjectEvaluator.of(case.program, case.period)
    for facts in company(program, facts_of(case, situation))[:4]:
        names = data.draw(st.sets(st.sampled_from(sorted({*facts.values, *facts.rows}))))
        environment = environment_of(evaluator, facts)
        with localcontext(EXACT):
            bounds = StepBounds(program, environment_of(evaluator, hidden(facts, names)))
            for step in program.steps:
                value = environment.values[step.name]
                if not isinstance(value, Unknown):
                    assert is_among(value, bounds.find_step(step.name)), (step.name, value)


TENTHS = st.integers(0, 600).map(lambda tenths: Decimal(tenths) / 10)


@given(service=TENTHS, sales=TENTHS, hides=st.sampled_from([{"service"}, {"sales"}, {"service", "sales"}]))
@example(service=Decimal(60), sales=Decimal(75), hides={"sales"})
@example(service=Decimal(50), sales=Decimal(100), hides={"sales"})
@example(service=Decimal(20), sales=Decimal(100), hides={"service"})
@example(service=Decimal(60), sales=Decimal(0), hides={"service", "sales"})
def test_filling_in_what_was_unknown_gives_what_was_possible(service: Decimal, sales: Decimal, hides: set[str]) -> None:
    """At the edges of grades too: 90 and 60 points exactly are among the examples."""
    sales = min(sales, Decimal(100))
    full = decided(service=service, sales=sales)
    held = decided(**{name: value for name, value in (("service", service), ("sales", sales)) if name not in hides})
    assert held.possible is not None
    if full.score is not None and not full.score.result.held:
        assert held.possible.least <= full.score.result.value <= held.possible.most
    if full.grade is not None and not full.grade.held:
        assert full.grade.value in held.possible_grades


POLICY = """
[policy]
id = "p"
version = "1"
title = "考核"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }

[facts.person]
service = { type = "decimal", min = 0, max = 60, places = 1 }
sales = { type = "decimal", min = 0, max = 100 }

[[items]]
id = "service"
points = 60
scorer = "formula"
is = "service"

[[items]]
id = "sales"
points = 40
scorer = "formula"
is = "sales * 0.4"

[[holds]]
id = "inquiry"
when = "service < 20"
of = ["items.service"]
reason = "待查"

[score]
out_of = 100

[[grades]]
id = "A"
from = 90
[[grades]]
id = "B"
from = 60
[[grades]]
id = "C"
from = "lowest"
"""


def decided(**values: object) -> Explanation:
    program: Program = compile_policy(Source("p.toml", POLICY), {}, load_scorers(installed(), Diagnostics()))
    period = program.period.period("2024-05")
    assert isinstance(period, Period)
    facts = subject_facts(program, period, "B1", values, {})
    return explain(program, SubjectEvaluator.of(program, period), facts)


def possible(**values: object) -> tuple[Decimal, Decimal, tuple[str, ...]]:
    outcome = decided(**values)
    assert outcome.possible is not None
    return outcome.possible.least, outcome.possible.most, outcome.possible_grades


def test_a_missing_fact_leaves_its_item_open() -> None:
    """48 of 60 points of service, and sales that are not known: 48 to 88, so an A is out of reach."""
    assert possible(service=Decimal(48)) == (48, 88, ("B", "C"))


def test_an_item_that_waits_for_a_person_can_be_anything() -> None:
    """What a person decides about 10 points under inquiry lies within the item's 60."""
    assert possible(service=Decimal(10), sales=Decimal(100)) == (40, 100, ("A", "B", "C"))


def test_a_grade_that_is_certain_is_the_only_one() -> None:
    """60 points of service are a B at least, whatever the sales."""
    assert possible(service=Decimal(60)) == (60, 100, ("A", "B"))


def test_a_grade_whose_edge_can_just_be_reached_is_possible() -> None:
    """50 points of service and at most 40 of sales are 90, which is an A; one tenth less is not."""
    assert possible(service=Decimal(50)) == (50, 90, ("A", "B", "C"))
    assert possible(service=Decimal("49.9")) == (Decimal("49.9"), Decimal("89.9"), ("B", "C"))


def test_a_grade_whose_edge_is_the_least_total_is_certain() -> None:
    """59.9 points may stay a C; 60 may not."""
    assert possible(service=Decimal("59.9"))[2] == ("A", "B", "C")
    assert possible(service=Decimal(60))[2] == ("A", "B")
