"""No name that an author can write is hidden, and none is captured by what the compiler makes."""

from decimal import Decimal
from typing import Final

import pytest

from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.subject_facts import subject_facts
from strategies.cases import compiled

POLICY: Final = """
[policy]
id = "v"
version = "1"
title = "v"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }
currency = "CNY"
[facts.person]
running = { type = "decimal", min = 0, max = 100, label = "trucks running" }
sales   = { type = "decimal", min = 0, max = 100 }
[[items]]
id = "sales"
points = 100
scorer = "formula"
is = "sales"
when = "running >= 0"
[score]
min = 5
[[score.veto]]
when = "running < 10"
total = 0
reason = "too few trucks running"
[[pay]]
id = "bonus"
kind = "reward"
amount = "score.total * 10"
when = "running >= 0"
"""


@pytest.mark.parametrize(("running", "total"), [(5, 0), (10, 80), (9, 0)])
def test_a_veto_reads_the_fact_that_its_author_names(running: int, total: int) -> None:
    """A fact named as the compiler might name the points so far is the fact."""
    program, diagnostics = compiled(POLICY)
    assert program is not None, diagnostics
    period = program.period.period("2024-05")
    assert period is not None
    facts = subject_facts(program, period, "A", {"running": Decimal(running), "sales": Decimal(80)}, {})
    outcome = SubjectEvaluator.of(program, period).decide(facts)
    values = dict(zip((step.name for step in program.steps), outcome.values, strict=True))
    assert (values["score.total"], values["pay.bonus"]) == (total, total * 10)


@pytest.mark.parametrize(
    "name", ["pay.bonus.applies", "items.sales.applies", "holds.x", "groups.x", "values.y", "running!"]
)
def test_steps_of_the_compiler_cannot_be_read(name: str) -> None:
    """What applies, what is held and what groups are compared by is no name of the language."""
    policy = POLICY.replace('"score.total * 10"', f'"{name} == {name} ? score.total : 0.0"')
    assert compiled(policy)[0] is None
