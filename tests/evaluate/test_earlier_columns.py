"""Columns that another program computed are taken only where nothing that they depend on has changed."""

from typing import Any, Final

import polars as pl
import pytest

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.batch.earlier_columns import ColumnsInTurn
from scorecore.evaluate.batch.evaluator import evaluate_batch
from scorecore.evaluate.decisions import Decisions
from scorecore.facts.ingest import ingest
from scorecore.facts.raw import RawTable
from scorecore.program.model import Program
from strategies.cases import compiled

POLICY: Final = f"""{HEAD}
[parameters]
rate.type = "decimal"
rate.values = [ {{ from = 2020-01-01, is = 0.1 }}, {{ from = 2024-05-10, is = 0.2 }} ]
[facts.person]
team = {{ type = "string" }}
sales = {{ type = "decimal", min = 0, max = 1000, places = 2 }}
left = {{ type = "date" }}
[facts.visits]
key = ["id"]
dated_by = "day"
fields = {{ id = {{ type = "string" }}, day = {{ type = "date" }}, hours = {{ type = "int", min = 0, max = 9 }} }}
[groups.team]
by = "team"
held = "exclude"
ties = "first"
[calendars.work]
covers = {{ from = 2024-01-01, to = 2024-12-31 }}
holidays = [2024-05-01]
[values.place]
is = 'rank(sales, "team")'
[values.days]
is = 'workdays(period.start, left, "work")'
[values.share]
is = "sales * parameters.rate.on(left)"
[values.hours]
is = "visits.map(v, v.hours).sum()"
[[pay]]
id = "p"
kind = "earning"
amount = "round(share, 2) + place * 1.0 + days * 100.0 + hours * 10000.0"
"""
PEOPLE: Final = pl.DataFrame(
    {
        "person": ["A", "B", "C"],
        "team": ["north", "north", "south"],
        "sales": ["5", "5", "7"],
        "left": ["2024-05-08", "2024-05-15", "2024-05-02"],
    }
)
VISITS: Final = pl.DataFrame(
    {
        "person": ["A", "A", "B"],
        "id": ["1", "2", "3"],
        "day": ["2024-05-01", "2024-05-09", "2024-05-03"],
        "hours": ["1", "2", "3"],
    }
)


def compile_policy(text: str) -> Program:
    program, problems = compiled(text)
    assert program, list(map(str, problems))
    return program


def list_results(decisions: Decisions) -> list[tuple[Any, ...]]:
    return decisions.frame.select(pl.exclude("subject")).rows()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('ties = "first"', 'ties = "last"'),
        ('by = "team"\n', ""),
        ("holidays = [2024-05-01]", "holidays = [2024-05-02]"),
        ("from = 2024-05-10", "from = 2024-05-20"),
        ("is = 0.2", "is = 0.3"),
        ("v.hours)", "v.hours * 2)"),
    ],
)
def test_what_a_group_a_calendar_or_a_dated_figure_changes_is_computed_again(before: str, after: str) -> None:
    assert before in POLICY
    old, new = compile_policy(POLICY), compile_policy(POLICY.replace(before, after))
    period = old.period.period("2024-05")
    assert period
    raw = {"person": RawTable(PEOPLE, "person.csv"), "visits": RawTable(VISITS, "visits.csv")}
    facts = ingest(old, period, raw, Diagnostics())
    assert facts
    columns_in_turn = ColumnsInTurn()
    old_results = list_results(evaluate_batch(old, facts, in_turn=columns_in_turn))
    alone = list_results(evaluate_batch(new, facts))
    assert list_results(evaluate_batch(new, facts, in_turn=columns_in_turn)) == alone
    assert alone != old_results
