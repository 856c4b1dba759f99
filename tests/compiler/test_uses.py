"""Policies that read decisions of other policies: a department's in its members', months in a year."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from laws import by_subject
from scorecore import Diagnostics, RawTable, evaluate_batch
from scorecore.evaluate.batch.evaluator import evaluate_each
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.period_context import period_context
from scorecore.evaluate.reference.evaluator import decide
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.extract import extract_subject_facts
from scorecore.values.period import PeriodKind
from scorecore_cli.main import scorecore
from scorecore_cli.workspace import CheckedPolicy, Workspace

HERE: Final = Path(__file__).parents[1] / "uses"

numbers = st.one_of(
    st.none(), st.sampled_from(["0", "59.99", "60", "100", "12.345", "101", "x", ""]), st.integers(0, 100).map(str)
)
grades = st.sampled_from(["A", "B", "C", None])
units = st.sampled_from(["D1", "D2", "D3", "", None])


def checked(name: str | Path) -> CheckedPolicy:
    check = Workspace.open().check(HERE / f"{name}.toml" if isinstance(name, str) else name)
    assert check.program is not None, list(map(str, check.diagnostics))
    return check


def frame(rows: list[Any], *names: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def agree(name: str | Path, label: str, raw: dict[str, pl.DataFrame]) -> Decisions | None:
    """Columns, source and walker say the same of a period."""
    policy = checked(name)
    program = policy.program
    assert program
    period = program.period.period(label)
    assert period
    tables = {table: RawTable(rows, table) for table, rows in raw.items()}
    facts = PeriodRunner(program, policy.used).facts(period, tables, Diagnostics())
    if facts is None:
        return None
    columns, rows = evaluate_batch(program, facts), evaluate_each(program, facts)
    assert columns.frame.equals(rows.frame)
    assert by_subject(columns.entries) == by_subject(rows.entries)
    assert by_subject(columns.pay) == by_subject(rows.pay)
    assert columns.held == rows.held
    decider, context = SubjectEvaluator.of(program, period), period_context(program, period)
    for record in extract_subject_facts(program, facts, range(len(facts))):
        assert decider.decide(record) == decide(program, context, record)
    return columns


@given(
    people=st.lists(st.tuples(units, numbers), min_size=1, max_size=6),
    units_of=st.lists(st.tuples(units, numbers, numbers), max_size=4),
)
def test_a_unit_in_its_members(people: list[Any], units_of: list[Any]) -> None:
    """Whatever is missing, bad or twice, rows and columns agree about members of a unit."""
    member_rows = frame(
        [(f"P{number}", *member) for number, member in enumerate(people)], "person", "department", "review"
    )
    agree("person", "2024-05", {"person": member_rows, "department": frame(units_of, "department", "revenue", "task")})


@given(
    people=st.lists(st.tuples(units, numbers), min_size=1, max_size=6),
    units_of=st.lists(st.tuples(units, numbers, numbers, numbers), min_size=1, max_size=4),
)
def test_members_gathered(people: list[Any], units_of: list[Any]) -> None:
    """Rows and columns agree about units that gather their members, whoever names them."""
    member_rows = frame(
        [(f"P{number}", *member) for number, member in enumerate(people)], "person", "department", "review"
    )
    heads = frame(units_of, "department", "revenue", "task", "bonus")
    agree("team", "2024-05", {"person": member_rows, "department": heads})


RATES: Final = {"beijing": Decimal("0.08"), "shanghai": Decimal("0.12")}
MOVES: Final = HERE.parents[1] / "policies" / "assignments" / "person.toml"


@given(
    posts=st.lists(
        st.tuples(
            st.sampled_from(["P1", "P2", "P3", "", None]),
            st.sampled_from(["beijing", "shanghai", "elsewhere", None]),
            st.integers(1, 31).map(str),
            numbers,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_people_who_move(posts: list[Any]) -> None:
    """Rows and columns agree about people whose assignments are decided under several policies."""
    rows = [(f"A{number}", *post, "100") for number, post in enumerate(posts)]
    assignments = frame(rows, "assignment", "person", "branch", "days", "sales", "task")
    people = frame([("P1", "a"), ("P2", "b")], "person", "name")
    past = frame([("P1", "2024-04", "4999.5"), ("P2", "2024-04", "0")], "person", "period", "carry.fund")
    results = agree(MOVES, "2024-05", {"person": people, "assignment": assignments, "history": past})
    assert results is not None
    own_posts = [post for post in posts if post[0] == "P1"]
    is_clear = all(one[0] for one in posts)  # a post of nobody may be anybody's
    if is_clear and all(one[1] in RATES and one[3] in {"0", "59.99", "60", "100"} for one in own_posts):
        due = sum((round(Decimal(post[3]) * RATES[post[1]], 2) for post in own_posts), Decimal(0))
        assert results.frame["pay.commission"][0] == due
    if not is_clear or any(one[1] not in RATES for one in own_posts):
        assert results.frame["pay.commission"][0] is None


@given(
    people=st.lists(st.tuples(units, numbers), min_size=1, max_size=6),
    recorded=st.lists(st.tuples(units, st.sampled_from(["2024-04", "2024-05", None]), numbers, grades), max_size=6),
)
def test_decisions_that_are_given(people: list[Any], recorded: list[Any]) -> None:
    """Decisions of the other policy may be among the facts; they are then not made again."""
    member_rows = frame(
        [(f"P{number}", *member) for number, member in enumerate(people)], "person", "department", "review"
    )
    given_ = frame(recorded, "department", "period", "score.total", "grade").with_columns(
        pl.col("score.total").alias("items.task")
    )
    agree("person", "2024-05", {"person": member_rows, "uses.unit": given_})


@given(
    amounts=st.lists(
        st.tuples(st.sampled_from(["P1", "P2"]), st.sampled_from(["2023-12", "2024-01", "2024-12"]), numbers),
        max_size=8,
    )
)
def test_months_in_a_year(amounts: list[Any]) -> None:
    """Rows and columns agree about a year whose months are given."""
    results = ["items.unit", "items.own", "pay.bonus"]
    months = frame(amounts, "person", "period", "score.total").with_columns(pl.lit("1").alias(name) for name in results)
    people = frame([("P1", "10000"), ("P2", "20000.50")], "person", "bonus")
    agree("year", "2024", {"person": people, "uses.months": months})


def test_the_order_follows_from_the_use() -> None:
    """The department is decided before its members, and their months before the year."""
    arguments = ["run", str(HERE / "year.toml"), "--facts", str(HERE / "facts"), "--period", "2024", "--json"]
    result = CliRunner().invoke(scorecore, arguments, catch_exceptions=False)
    assert result.exit_code == 1  # P2 has no department in February
    assert '"pay.net": "9100"' in result.stdout


@pytest.mark.parametrize("folder", [HERE, HERE.parent / "patterns"], ids=str)
def test_cases_of_the_examples(folder: Path) -> None:
    """The cases beside the policies of these tests, and of the patterns in the language page, pass."""
    result = CliRunner().invoke(scorecore, ["test", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.stdout


def test_a_program_pins_what_it_uses() -> None:
    """A change of the other policy changes the digest of the program."""
    policy = checked("person")
    assert policy.program
    (use,) = [table.use for table in policy.program.schema.events if table.use]
    assert use.policy == "group.department@2024.1"
    assert policy.used[use.policy].id == "group.department"


@pytest.mark.parametrize(
    ("every", "closes", "label", "labels"),
    [
        ("month", 0, "2024-Q1", ["2024-01", "2024-02", "2024-03"]),
        ("quarter", 0, "2024", ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]),
        ("month", 25, "2024-H2", [f"2024-{month:02}" for month in range(7, 13)]),
    ],
)
def test_periods_within_another(every: str, closes: int, label: str, labels: list[str]) -> None:
    """The shorter periods that end within a longer one, in order."""
    kind = {"2024-Q1": "quarter", "2024": "year", "2024-H2": "half-year"}[label]
    outer = PeriodKind(kind, closes).period(label)
    assert outer
    assert PeriodKind(every, closes).within(outer) == labels


@pytest.mark.parametrize(
    ("every", "closes", "outer", "count", "labels"),
    [
        ("month", 0, "2024-02", 3, ["2023-12", "2024-01", "2024-02"]),
        ("month", 25, "2024-02", 2, ["2024-01", "2024-02"]),
        ("week", 0, "2024-05", 2, ["2024-W20", "2024-W21"]),  # W22 ends in June
        ("quarter", 0, "2024-05", 1, ["2024-Q1"]),
        ("half-month", 0, "2024-05", 1, ["2024-05-H2"]),
    ],
)
def test_the_last_periods_up_to_another(every: str, closes: int, outer: str, count: int, labels: list[str]) -> None:
    """So many periods of a kind, in order, none of which ends after the other one."""
    period = PeriodKind("month").period(outer)
    assert period
    assert PeriodKind(every, closes).last(period, count) == labels


SEVERANCE: Final = HERE.parents[1] / "policies" / "worked_examples" / "severance.toml"


def test_a_mean_over_the_last_periods() -> None:
    """What is before the last twelve months, or after this one, is not read; what is missing is not there."""
    people = frame([("P1", "2026-03", "2024-03-31", "2026-03-30")], "employee", "period", "joined", "left")
    months = [("2025-03", "99999"), ("2025-04", "6000.01"), ("2026-03", "7000"), ("2026-04", "99999")]
    earned = frame([("P1", *month) for month in months], "employee", "period", "pay.wage")
    results = agree(SEVERANCE, "2026-03", {"employee": people, "uses.months": earned})
    assert results is not None
    assert results.frame["pay.severance"][0] == Decimal("13000.01")


@given(
    posts=st.lists(
        st.tuples(
            st.sampled_from(["A1", "A2"]),
            st.sampled_from(["P1", "P2"]),
            st.sampled_from(["beijing", "shanghai", "elsewhere", None]),
            st.sampled_from([None, "2024-05-31", "2024-06-03", "soon"]),
            st.sampled_from([None, "2024-05-16", "2024-06-01"]),
        ),
        min_size=1,
        max_size=6,
        unique_by=lambda post: (post[0], post[3], post[4]),
    )
)
def test_posts_that_are_corrected(posts: list[Any]) -> None:
    """Whatever rows of an assignment there are, it is one branch's: no assignment counts in two."""
    rows = [(*post, "31", "100", "100") for post in posts]
    assignments = frame(rows, "assignment", "person", "branch", "known", "valid_from", "days", "sales", "task")
    people = frame([("P1", "a"), ("P2", "b")], "person", "name")
    policy = checked(MOVES)
    assert policy.program is not None
    raw = {"person": RawTable(people, "person"), "assignment": RawTable(assignments, "assignment")}
    period = policy.program.period.period("2024-05")
    assert period is not None
    agree(MOVES, "2024-05", {"person": people, "assignment": assignments})
    facts = PeriodRunner(policy.program, policy.used).facts(period, raw, Diagnostics())
    assert facts is not None
    for name, table in facts.rows.items():
        assert name != "uses.posts" or table.frame["assignment"].is_unique().all()
