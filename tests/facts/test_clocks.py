"""Two clocks: a row counts from when it is valid, and from when it became known."""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import event, given
from hypothesis import strategies as st

from laws import FEW, HEAD, told
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.runner import PeriodRunner, SharedFacts
from scorecore.facts.raw import RawTable
from scorecore.program.model import Program
from scorecore_cli.main import scorecore
from scorecore_cli.workspace import Workspace
from strategies.cases import compiled, period_of
from strategies.values import SEEDS

POLICIES: Final = Path(__file__).parents[2] / "policies"
D6: Final = POLICIES / "worked_examples"
TEXT: Final = f"""{HEAD}
[facts.person]
base = {{ type = "decimal" }}

[facts.complaints]
key      = ["id"]
dated_by = "date"
fields   = {{ id = {{ type = "string" }}, date = {{ type = "date" }}, cost = {{ type = "decimal", max = 1000 }} }}

[facts.duties]
key    = ["kind"]
fields = {{ kind = {{ type = "int" }}, done = {{ type = "decimal", max = 1000 }} }}

[carry.balance]
opens  = 0
min    = -10_000_000
max    = 10_000_000
closes = "carry.balance + greatest(least(base, 1000), -1000)"

[[pay]]
id     = "costs"
kind   = "adjustment"
amount = "complaints.map(c, c.cost).sum()"

[[pay]]
id     = "duties"
kind   = "adjustment"
amount = "duties.map(d, d.done).sum()"
"""
"""Reads each kind of table, and what was decided of earlier periods."""
COLUMNS: Final = {
    "person": ("person", "period", "base"),
    "complaints": ("person", "id", "date", "cost"),
    "duties": ("person", "period", "kind", "done"),
}
KEYS: Final = {
    "person": ("person", "period", "valid_from"),
    "complaints": ("person", "id"),
    "duties": ("person", "period", "kind"),
}
MONTHS: Final = {"2024-04": date(2024, 4, 30), "2024-05": date(2024, 5, 31)}

Row = dict[str, Any]
Tables = dict[str, list[Row]]


@cache
def program() -> Program:
    compiled_program, diagnostics = compiled(TEXT)
    assert compiled_program is not None, list(map(str, diagnostics))
    return compiled_program


def raw(tables: Tables) -> dict[str, RawTable]:
    """Tables as text, with the columns that some row has."""
    past = pl.DataFrame(schema=dict.fromkeys(("person", "period", "carry.balance"), pl.String))
    tables_by_name = {"history": RawTable(past, "history.csv")}
    for name, rows in tables.items():
        headings = dict.fromkeys((*COLUMNS[name], *(heading for row in rows for heading in row)))
        cells = {column: [None if row.get(column) is None else str(row[column]) for row in rows] for column in headings}
        tables_by_name[name] = RawTable(pl.DataFrame(cells, schema=dict.fromkeys(headings, pl.String)), f"{name}.csv")
    return tables_by_name


def decided(tables: Tables, known_at: date | None = None) -> Any:
    """What is decided of everyone, by both evaluators; nothing where there is nobody."""
    program_in_force = program()
    decisions_by_evaluator = [
        PeriodRunner(program_in_force, evaluator=column, known_at=known_at).decide(
            period_of(program_in_force), raw(tables), Diagnostics()
        )
        for column in ("rows", "columns")
    ]
    rows, columns = (None if decisions is None else told(decisions) for decisions in decisions_by_evaluator)
    assert rows == columns
    return rows


# the reference: lists of rows, and nothing but comparisons


def replaced(row: Row, rows: list[Row], key: tuple[str, ...]) -> bool:
    return any(alike(row, other_row, key) and since(other_row) > since(row) for other_row in rows)


def alike(row: Row, other_row: Row, key: tuple[str, ...]) -> bool:
    return all(row.get(name) == other_row.get(name) for name in key)


def since(row: Row) -> date:
    return row.get("known") or date.min


def left(name: str, rows: list[Row], known_at: date | None) -> list[Row]:
    """The rows that were known, and are neither replaced nor taken back."""
    rows = [row for row in rows if known_at is None or since(row) <= known_at]
    rows = [row for row in rows if not replaced(row, rows, KEYS[name])]
    return [row for row in rows if not row.get("withdrawn") or repeated(name, row, rows)]


def repeated(name: str, row: Row, rows: list[Row]) -> bool:
    """Whether another row says something about the same, so that neither can be believed."""
    other_rows = [other_row for other_row in rows if other_row is not row and alike(row, other_row, KEYS[name])]
    if name != "complaints" or row["date"] is None:
        return bool(other_rows)
    return any(other_row["date"] and month(other_row["date"]) == month(row["date"]) for other_row in other_rows)


def month(day: date) -> tuple[int, int]:
    return day.year, day.month


def in_force(rows: list[Row]) -> list[Row]:
    """Of the rows of each person and period those that are in force at its end."""
    rows_in_force = []
    for whom in {(row["person"], row["period"]) for row in rows}:
        own_rows = [row for row in rows if (row["person"], row["period"]) == whom]
        end = MONTHS[whom[1]]
        starts = {row.get("valid_from") or date.min for row in own_rows if holds(row, end)}
        rows_in_force += [row for row in own_rows if starts and (row.get("valid_from") or date.min) == max(starts)]
    return rows_in_force


def holds(row: Row, day: date) -> bool:
    return (row.get("valid_from") or date.min) <= day <= (row.get("valid_until") or date.max)


def reference(tables: Tables, known_at: date | None) -> Tables:
    """The tables that are left, without their clocks."""
    kept = {name: left(name, rows, known_at) for name, rows in tables.items()}
    kept["person"] = in_force(kept["person"])
    return {name: [{column: row[column] for column in COLUMNS[name]} for row in rows] for name, rows in kept.items()}


# what the law is tried on

days = st.sampled_from([date(2024, 4, 10), date(2024, 4, 30), date(2024, 5, 1), date(2024, 5, 31), date(2024, 6, 1)])
people = st.sampled_from(["P1", "P2", "P3"])
periods = st.sampled_from(["2024-05", "2024-05", "2024-05", "2024-04"])
knowns = st.one_of(st.none(), days)
withdrawals = st.sampled_from([None, False, False, True])
numbers = st.integers(0, 9)


@st.composite
def person_rows(draw: st.DrawFn) -> Row:
    row: Row = {"person": draw(people), "period": draw(periods), "base": draw(numbers)}
    start = draw(st.one_of(st.none(), days))
    length = draw(st.one_of(st.none(), st.sampled_from([0, 20, 40])))
    end = None if length is None else (start or date(2024, 4, 20)) + timedelta(days=length)
    return row | {"valid_from": start, "valid_until": end, "known": draw(knowns), "withdrawn": draw(withdrawals)}


@st.composite
def complaint_rows(draw: st.DrawFn) -> Row:
    known_on, withdrawn = draw(knowns), draw(withdrawals)
    day = None if withdrawn and draw(st.booleans()) else draw(days)
    row = {"person": draw(people), "id": draw(st.sampled_from("ABC")), "date": day, "cost": draw(numbers)}
    return row | {"known": known_on, "withdrawn": withdrawn}


@st.composite
def duty_rows(draw: st.DrawFn) -> Row:
    row = {"person": draw(people), "period": draw(periods), "kind": draw(numbers) % 3, "done": draw(numbers)}
    return row | {"known": draw(knowns), "withdrawn": draw(withdrawals)}


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    rows = {"person": person_rows(), "complaints": complaint_rows(), "duties": duty_rows()}
    return {name: draw(st.lists(row_strategy, min_size=2, max_size=9)) for name, row_strategy in rows.items()}


@FEW
@given(facts=tables(), known_at=knowns, seed=SEEDS)
def test_rows_that_do_not_count_might_as_well_not_be_there(facts: Tables, known_at: date | None, seed: int) -> None:
    """Deciding with what was known is deciding the facts that are left, in whatever order the rows stand."""
    meant = decided(reference(facts, known_at))
    event("somebody" if meant else "nobody")
    if meant:
        event("held" if any(reference_decision["held"] for reference_decision in meant.values()) else "all decided")
    assert decided(facts, known_at) == meant
    shuffled = {name: Random(seed).sample(rows, len(rows)) for name, rows in facts.items()}  # noqa: S311  no secret
    assert decided(shuffled, known_at) == meant


@FEW
@given(facts=tables(), days_known=st.lists(knowns, min_size=2, max_size=3))
def test_facts_are_not_shared_between_days(facts: Tables, days_known: list[date | None]) -> None:
    """Who shares facts gets those of the day that was asked for."""
    shared = SharedFacts()
    for known_at in days_known:
        decisions = PeriodRunner(program(), shared=shared, known_at=known_at).decide(
            period_of(program()), raw(facts), Diagnostics()
        )
        assert (None if decisions is None else told(decisions)) == decided(facts, known_at)


# one thing at a time

P: Final = {"person": "P1", "period": "2024-05", "base": 1}
C: Final = {"person": "P1", "id": "A", "date": date(2024, 5, 6), "cost": 5}


def costs(rows: list[Row], known_at: date | None = None) -> Any:
    """What is paid for the complaints of one person, or the codes of why that is not known."""
    return paid({"person": [P], "complaints": rows, "duties": []}, "costs", known_at)


def paid(facts: Tables, line: str, known_at: date | None = None) -> Any:
    outcome = decided(facts, known_at)["P1"]
    causes = outcome["held"].get(f"pay.{line}", ())
    return {code for code, *_ in causes} or outcome["results"][f"pay.{line}"]


def diagnostics_of(facts: Tables, known_at: date | None = None) -> list[tuple[str, str]]:
    """What `facts check` tells, with the row."""
    diagnostics = Diagnostics()
    PeriodRunner(program(), known_at=known_at).inspect(period_of(program()), raw(facts), diagnostics)
    return [
        (diagnostic.kind.code, f"{diagnostic.location.source}:{diagnostic.location.line}") for diagnostic in diagnostics
    ]


def test_a_late_complaint_counts_from_the_day_on_which_it_was_known() -> None:
    late = C | {"known": date(2024, 6, 12)}
    assert costs([late], date(2024, 6, 11)) == 0
    assert costs([late], date(2024, 6, 12)) == 5
    assert costs([late]) == 5


def test_a_complaint_can_be_corrected_and_withdrawn() -> None:
    rows = [C, C | {"cost": 3, "known": date(2024, 6, 1)}]
    rows.append({"person": "P1", "id": "A", "withdrawn": "是", "known": date(2024, 6, 20)})
    assert [costs(rows, date(2024, *day)) for day in ((5, 31), (6, 1), (6, 19), (6, 20))] == [5, 3, 3, 0]


def test_a_corrected_date_moves_an_event_into_another_period() -> None:
    """It is told, for two events may have got the same key."""
    assert costs([C, C | {"date": date(2024, 6, 6), "known": date(2024, 6, 1)}]) == 0
    assert costs([C | {"date": date(2024, 6, 6)}, C | {"known": date(2024, 6, 7)}]) == 5
    away = [C, C | {"date": date(2024, 6, 6), "known": date(2024, 6, 1)}]
    noted = diagnostics_of({"person": [P], "complaints": away, "duties": []})
    assert noted == [("SC419", "complaints.csv:2"), ("SC453", "complaints.csv:3")]
    back = [*away, C | {"known": date(2024, 6, 2)}, C | {"date": date(2024, 6, 6), "id": "B"}]
    assert diagnostics_of({"person": [P], "complaints": back, "duties": []}) == [("SC453", "complaints.csv:5")]


def test_a_date_that_could_not_be_read_is_corrected_by_a_later_row() -> None:
    assert costs([C | {"date": "6 May"}]) == {"SC518"}
    assert costs([C | {"date": "6 May"}, C | {"known": date(2024, 6, 1)}]) == 5


def test_two_rows_of_one_day_are_not_believed() -> None:
    known_row = {"known": date(2024, 6, 1)}
    assert costs([C, C]) == {"SC517"}
    assert costs([C | known_row, C | known_row | {"withdrawn": True}]) == {"SC517"}
    assert costs([C, C, C | known_row]) == 5


@pytest.mark.parametrize("column", ["known", "withdrawn"])
def test_a_clock_of_an_event_that_cannot_be_read_holds_whom_it_concerns(column: str) -> None:
    facts = {"person": [P, P | {"person": "P2"}], "complaints": [C, C | {"id": "B", column: "soon"}], "duties": []}
    assert paid(facts, "costs") == {"SC518"}
    assert decided(facts)["P2"]["results"]["pay.costs"] == 0
    assert diagnostics_of(facts) == [("SC512", "complaints.csv:3")]


@pytest.mark.parametrize("column", ["known", "withdrawn", "valid_from", "valid_until"])
def test_a_clock_of_a_person_that_cannot_be_read_holds_the_person(column: str) -> None:
    facts = {"person": [P, P | {column: "soon"}, P | {"person": "P2"}], "complaints": [], "duties": []}
    decisions = decided(facts)
    assert {code for code, *_ in decisions["P1"]["held"]["carry.balance.closes"]} == {"SC512"}
    assert not decisions["P2"]["held"]
    assert diagnostics_of(facts) == [("SC512", "person.csv:3")]


def test_rows_without_a_key_replace_nothing() -> None:
    nameless = C | {"id": None}
    facts = {"person": [P], "complaints": [nameless, nameless | {"known": date(2024, 6, 1)}], "duties": []}
    assert diagnostics_of(facts) == [("SC510", "complaints.csv:2"), ("SC510", "complaints.csv:3")]
    assert costs([C, nameless | {"withdrawn": True}]) == {"SC518"}


def test_a_row_that_was_not_known_is_not_complained_about() -> None:
    late = P | {"known": date(2024, 6, 1), "valid_until": "soon"}
    assert diagnostics_of({"person": [P, late], "complaints": [], "duties": []}, date(2024, 5, 31)) == []


def test_a_person_cannot_leave_before_coming() -> None:
    facts = {
        "person": [P | {"valid_from": date(2024, 5, 2), "valid_until": date(2024, 5, 1)}],
        "complaints": [],
        "duties": [],
    }
    assert diagnostics_of(facts) == [("SC525", "person.csv:2")]


def test_a_withdrawal_without_anything_to_withdraw_is_reported() -> None:
    facts = {"person": [P], "complaints": [C, C | {"id": "a", "withdrawn": True}], "duties": []}
    assert diagnostics_of(facts) == [("SC418", "complaints.csv:3")]
    assert paid(facts, "costs") == 5


def test_a_fact_of_the_policy_is_no_clock() -> None:
    """A column that the policy itself declares, by name or label, is the policy's."""
    text = f'{HEAD}[facts.person]\nknown = {{ type = "int" }}\nb = {{ type = "int", label = "撤销" }}\n'
    text += '[[pay]]\nid = "v"\nkind = "adjustment"\namount = "known + b"\n'
    program, _ = compiled(text)
    assert program is not None
    frame = pl.DataFrame({"person": ["P1"], "known": ["1"], "撤销": ["1"]})
    decisions = PeriodRunner(program, known_at=date(1, 1, 1)).decide(
        period_of(program), {"person": RawTable(frame, "person.csv")}, Diagnostics()
    )
    assert decisions is not None
    assert decisions.frame["pay.v"].to_list() == [2]


def test_who_moved_belongs_to_one_branch() -> None:
    """Of the rows of an assignment the last one says by whose rules it is decided."""
    checked = Workspace.open().check(POLICIES / "assignments" / "person.toml")
    assert checked.program is not None
    cells = {
        "assignment": ["A1", "A1", "A1"],
        "period": ["2024-05", "2024-05", "2024-04"],
        "person": ["P1", "P1", "P1"],
        "branch": ["beijing", "shanghai", "beijing"],
        "days": ["31", "31", "30"],
        "sales": ["5000", "5000", "1"],
        "task": ["10000", "10000", "10000"],
        "known": [None, "2024-06-03", "2024-06-05"],
    }
    people = pl.DataFrame({"person": ["P1"], "name": ["a"]})
    given_ = {"person": RawTable(people, "person"), "assignment": RawTable(pl.DataFrame(cells), "assignment")}
    period = checked.program.period.period("2024-05")
    assert period is not None
    for known_at, commission in ((date(2024, 6, 2), 400), (date(2024, 6, 3), 600), (None, 600)):
        decisions = PeriodRunner(checked.program, checked.used, known_at=known_at).decide(period, given_, Diagnostics())
        assert decisions is not None
        assert decisions.frame["pay.commission"].to_list() == [commission]


# the command line


def asked(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(scorecore, [*arguments, "--json"], catch_exceptions=False)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.mark.parametrize(
    ("known_at", "period", "facts", "salary"),
    [
        ("2026-09-30", "2026-09", "two_clocks_facts", "5500"),
        ("2026-02-01", "2026-06", "two_clocks_facts", "5000"),
        ("2026-02-01", "2026-09", "two_clocks_facts", "5000"),
        ("2026-09-30", "2026-06", "two_clocks_facts", "5500"),
        ("2026-10-31", "2026-10", "two_clocks_facts", "5500"),
        ("2026-10-31", "2026-10", "two_clocks_budget", "6000"),
        ("2026-12-31", "2026-12", "two_clocks_budget", "5500"),
    ],
)
def test_d6(known_at: str, period: str, facts: str, salary: str) -> None:
    """D6, all seven questions, as PayrollEngine answers them in Examples/TemporalPayroll."""
    policy = str(D6 / "two_clocks.toml")
    data = asked("run", policy, "--facts", str(D6 / facts), "--period", period, "--known-at", known_at)
    assert data["known_at"] == known_at
    assert data["problems"] == []
    assert [decision["pay.salary"] for decision in data["decisions"]] == [salary]
