"""Numbers of events, by hand-computed figures; the laws try all that a generator can write."""

from typing import Any, Final

import polars as pl
import pytest

from laws import HEAD, taken
from scorecore.evaluate.batch.evaluator import evaluate_batch, evaluate_each
from scorecore.facts.raw import RawTable
from strategies.cases import Case, compiled, period_of
from strategies.drafts import Draft

SENT: Final = """
[facts.person]
name = {{ type = "string" }}
[facts.sent]
key = ["id"]
[facts.sent.fields]
id = {{ type = "string" }}
of = {{ type = "string", optional = true }}
at = {{ type = "date" }}
bad = {{ type = "bool" }}
[[items]]
id = "it"
points = "open"
scorer = "formula"
each = "sent"
as = "s"
where = "{where}"
is = "{nth}"
[score]
"""
Row = tuple[str, str | None, str, bool]
"""Id, what it is of, when it was sent, whether it was bad."""
SIX: Final[list[Row]] = [
    ("a", "x", "2024-05-03", True),
    ("b", "x", "2024-05-02", False),
    ("c", "y", "2024-05-01", True),
    ("d", "x", "2024-05-09", True),
    ("e", "x", "2024-05-20", True),
    ("f", "y", "2024-05-09", False),
]


def numbers(nth: str, events: list[Row], where: str = "true") -> list[Any]:
    """The entries in the order of the events, by both evaluators; what is held says why in both alike."""
    program, diagnostics = compiled(HEAD + SENT.format(nth=nth, where=where))
    assert program is not None, list(map(str, diagnostics))
    case = Case(Draft(()), program, period_of(program))
    person = pl.DataFrame({"person": ["P1", "P2"], "name": ["n", "n"]})
    rows = [("P1", *row) for row in events] + [("P2", "z", "x", "2024-05-01", True)]
    sent = pl.DataFrame(rows, schema=["person", "id", "of", "at", "bad"], orient="row").cast(pl.String)
    facts = taken(case, {"person": RawTable(person, "person.csv"), "sent": RawTable(sent, "sent.csv")})
    columns, walked = evaluate_batch(program, facts), evaluate_each(program, facts)
    by = ["subject", "rule", "event"]
    assert columns.entries.sort(by).equals(walked.entries.sort(by))
    assert columns.held == walked.held
    of_first = columns.entries.filter(pl.col("subject") == 0).sort("event")
    return of_first["points"].to_list() or [cause.kind.code for cause in columns.held[0]["items.it"]]


@pytest.mark.parametrize(
    ("nth", "where", "meant"),
    [
        ("nth(s.at)", "s.id in ['a', 'b', 'c', 'e']", [3, 2, 1, 6]),  # what is left out of the item still counts
        ("nth(s.of, s.at)", "true", [2, 1, 1, 3, 4, 2]),
        ("nth(s.of, s.at, s.bad)", "s.bad", [1, 1, 2, 3]),
        ("nth(s.of, s.at, s.bad)", "true", [1, 1, 1, 2, 3, 2]),  # one that does not count: which it would have been
        ("nth(s.of, -days(period.start, s.at))", "true", [3, 4, 2, 2, 1, 1]),
        ("nth(s.bad, s.at)", "s.id != 'c'", [2, 1, 3, 4, 2]),
    ],
)
def test_events_are_numbered(nth: str, where: str, meant: list[int]) -> None:
    assert numbers(nth, SIX, where) == meant


def test_ties_have_no_number() -> None:
    """A tied order is unknown, but only for those who share it."""
    assert numbers("nth(s.at)", SIX) == ["SC546"]
    assert numbers("nth(s.at)", SIX, "s.id in ['a', 'e']") == [3, 6]


def test_an_unknown_one_may_come_first() -> None:
    """While nobody knows what an event is of, no other one has a number; unless it does not count."""
    events = [*SIX[:3], ("g", None, "2024-05-02", False)]
    assert numbers("nth(s.of, s.at)", events, "s.id != 'g'") == ["SC508"]
    assert numbers("nth(s.of, s.at, s.bad)", events, "s.id != 'g'") == [1, 1, 1]
