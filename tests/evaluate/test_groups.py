"""Values that depend on all members of a group, by hand-computed figures."""

from decimal import Decimal, localcontext
from itertools import permutations
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import HEAD, taken
from scorecore.evaluate.batch.evaluator import evaluate_batch, evaluate_each
from scorecore.evaluate.groups import Member, group_values
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.raw import RawTable
from scorecore.facts.subject_facts import subject_facts
from scorecore.language.operators import EXACT
from scorecore.program.model import Program
from scorecore.values.unknown import Unknown
from strategies.cases import Case, compiled, period_of
from strategies.drafts import Draft

GROUPED: Final = """
[facts.person]
team = {{ type = "string", among = ["a", "b"], optional = {optional} }}
x = {{ type = "decimal", min = -1000, max = 1000000, places = 2 }}
[groups.team]
by = "team"
held = "{held}"
ties = "{ties}"
[[pay]]
id = "it"
kind = "adjustment"
amount = '{amount}'
"""
People = list[tuple[str, str | None]]
"""The team and the figure of each; their ids follow the alphabet."""


def program_of(amount: str, held: str = "wait", ties: str = "first", optional: str = "false") -> Program:
    program, diagnostics = compiled(HEAD + GROUPED.format(amount=amount, held=held, ties=ties, optional=optional))
    assert program is not None, list(map(str, diagnostics))
    return program


def paid(program: Program, people: People) -> list[Any]:
    """What each is paid; both evaluators say the same."""
    frame = pl.DataFrame(
        [(f"P{number:03d}", team, x) for number, (team, x) in enumerate(people)],
        schema={"person": pl.String, "team": pl.String, "x": pl.String},
        orient="row",
    )
    case = Case(Draft(()), program, period_of(program))
    facts = taken(case, {"person": RawTable(frame, "person.csv")})
    columns, rows = evaluate_batch(program, facts), evaluate_each(program, facts)
    assert columns.frame.equals(rows.frame)
    assert columns.held == rows.held
    return columns.frame["pay.it"].to_list()


FIVE: Final[People] = [("a", "10"), ("a", "30"), ("a", "30"), ("a", "5"), ("b", "7")]


@pytest.mark.parametrize(
    ("ties", "places"),
    [
        ("first", ["3", "1", "1", "4", "1"]),
        ("last", ["3", "2", "2", "4", "1"]),
        ("dense", ["2", "1", "1", "3", "1"]),
        ("mean", ["3", "1.5", "1.5", "4", "1"]),
        ("hold", ["3", None, None, "4", "1"]),
    ],
)
def test_ties(ties: str, places: list[str | None]) -> None:
    meant = [None if place is None else Decimal(place) for place in places]
    assert paid(program_of('decimal(rank(x, "team"))', ties=ties), FIVE) == meant


@pytest.mark.parametrize(
    ("amount", "of_a", "of_b"),
    [
        ('sum_in(x, "team")', "75", "7"),
        ('mean_in(x, "team")', "18.75", "7"),
        ('decimal(count_in(x > 5, "team"))', "3", "1"),
        ('greatest_in(x, "team") - least_in(x, "team")', "25", "0"),
        ('sum_in(decimal(rank(-x, "team")), "team")', "9", "1"),  # 2 + 3 + 3 + 1: the least first, then their sum
    ],
)
def test_what_all_members_come_to(amount: str, of_a: str, of_b: str) -> None:
    assert paid(program_of(amount), FIVE) == [Decimal(of_a)] * 4 + [Decimal(of_b)]


MISSING: Final[People] = [("a", "10"), ("a", None), ("a", "40"), ("b", "7")]


def test_readers_wait_for_a_member() -> None:
    """A group waits for its members, and for nobody else's."""
    assert paid(program_of('decimal(rank(x, "team"))'), MISSING) == [None, None, None, 1]


def test_members_without_a_value_are_left_out() -> None:
    assert paid(program_of('decimal(rank(x, "team"))', held="exclude"), MISSING) == [2, None, 1, 1]
    assert paid(program_of('sum_in(x, "team")', held="exclude"), MISSING) == [50, 50, 50, 7]


def test_who_may_belong_anywhere_keeps_all_waiting() -> None:
    astray: People = [*FIVE, ("c", "1")]
    assert paid(program_of('sum_in(x, "team")'), astray) == [None] * 6
    assert paid(program_of('sum_in(x, "team")', held="exclude"), astray) == [75] * 4 + [7, None]


def test_who_is_in_no_group_concerns_nobody() -> None:
    assert paid(program_of('sum_in(x, "team")', optional="true"), [*FIVE, ("", "1")]) == [75] * 4 + [7, None]


def test_a_pool_goes_to_the_largest_remainders_then_by_id() -> None:
    """100.00 by three equal weights leaves a cent, which goes to the first id."""
    pool = program_of('pool(100.0, x, "team", 2)')
    assert paid(pool, [("a", "1")] * 3) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert paid(pool, [("a", "1"), ("a", "1"), ("a", "0"), ("a", "4")]) == [
        Decimal("16.67"),
        Decimal("16.67"),
        Decimal(0),
        Decimal("66.66"),
    ]
    assert paid(pool, [("a", "0"), ("b", "2")]) == [None, 100]
    assert paid(pool, [("a", "-1"), ("a", "2")]) == [None, None]


@pytest.mark.parametrize("ids", list(permutations(["P1", "P2", "P10"])), ids="-".join)
def test_who_gets_the_last_cent_does_not_depend_on_the_order_of_the_facts(ids: tuple[str, ...]) -> None:
    """Equal remainders go by subject id, which is text: P1, P10, P2."""
    program = program_of('pool(100.0, x, "team", 2)')
    (pool,), group = program.grouped, program.group("team")
    members = [Member(subject, "a", Decimal(100), Decimal(1)) for subject in ids]
    with localcontext(EXACT):
        shares = dict(zip(ids, group_values(pool, group, members), strict=True))
    assert shares == {"P1": Decimal("33.34"), "P10": Decimal("33.33"), "P2": Decimal("33.33")}
    people = pl.DataFrame({"person": ids, "team": ["a"] * 3, "x": ["1"] * 3})
    facts = taken(Case(Draft(()), program, period_of(program)), {"person": RawTable(people, "person.csv")})
    for evaluate in (evaluate_batch, evaluate_each):
        decided = evaluate(program, facts)
        assert dict(zip(facts.ids, decided.frame["pay.it"], strict=True)) == shares


@given(
    amount=st.integers(-(10**7), 10**7),
    weights=st.lists(st.integers(0, 10**8), min_size=1, max_size=30).filter(any),
)
def test_a_pool_adds_up_to_the_cent(amount: int, weights: list[int]) -> None:
    """Shares add up to the amount, none is a cent or more from its exact part, and more weight gets no less."""
    written = Decimal(amount).scaleb(-2)
    program = program_of(f'pool({written:.2f}, x, "team", 2)')
    shares = paid(program, [("a", str(Decimal(place).scaleb(-2))) for place in weights])
    assert sum(shares) == written
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * 100 * sum(weights) - amount * weight) < sum(weights)
    if amount > 0:
        ordered = sorted(zip(weights, shares, strict=True))
        assert [share for _, share in ordered] == sorted(shares)


def test_one_decision_needs_nobody_else_once_its_group_values_are_known() -> None:
    program = program_of('decimal(rank(x, "team"))')
    decider = SubjectEvaluator.of(program, period_of(program))
    facts = {"team": "a", "x": Decimal(10)}

    def decide(groups: dict[str, Any]) -> Any:
        outcome = decider.decide(subject_facts(program, period_of(program), "P", facts, {}, groups=groups))
        return outcome.value("pay.it")

    assert decide({'rank(x, "team")': 3, 'size(x, "team")': 4}) == 3
    assert [cause.kind.code for cause in decide({}).causes] == ["SC505"]
    assert isinstance(decide({'rank(x, "team")': 0}), Unknown)  # no place is 0
