"""A subject whose optional fact is absent is in no group, and nobody waits for it."""

from decimal import Decimal
from typing import Final

import polars as pl
import pytest

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from strategies.cases import compiled, period_of

POLICY: Final = f"""{HEAD}
[groups.all]
held = "wait"
ties = "first"

[facts.person]
v = {{ type = "decimal", optional = true }}

[[pay]]
id = "place"
kind = "adjustment"
when = "has(v)"
amount = 'decimal(rank(v, "all")) + sum_in(v, "all")'
"""


@pytest.mark.parametrize("evaluator", ["rows", "columns"])
@pytest.mark.parametrize(("last", "held"), [("", set()), ("x", {"E1", "E2", "E3"})])
def test_an_absent_fact_keeps_nobody_waiting(evaluator: str, last: str, held: set[str]) -> None:
    program, _ = compiled(POLICY)
    assert program is not None
    frame = pl.DataFrame({"person": ["E1", "E2", "E3"], "v": ["90", "80", last]})
    runner = PeriodRunner(program, evaluator=evaluator)
    decisions = runner.decide(period_of(program), {"person": RawTable(frame, "person.csv")}, Diagnostics())
    assert decisions is not None
    assert {decisions.facts.ids[number] for number in decisions.held} == held
    if not held:
        assert decisions.frame["pay.net"].to_list() == [Decimal(171), Decimal(172), Decimal(0)]
