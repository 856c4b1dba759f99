"""Tables whose rows belong to nobody: the same rows beside everybody, and files that say whose a row is."""

import polars as pl
import pytest

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts import common_rows
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.ingest import ingest
from scorecore.facts.model import Facts
from scorecore.facts.raw import RawTable
from scorecore.values.unknown import Unknown
from strategies.cases import compiled, period_of

_POLICY = f"""{HEAD}
[facts.person]
name = {{ type = "string" }}
[facts.prices]
common = true
key = ["article"]
fields = {{ article = {{ type = "string" }}, price = {{ type = "decimal", places = 2 }} }}
[[pay]]
id = "p"
kind = "earning"
amount = "prices.row(name).price"
"""


def _taken(prices: pl.DataFrame) -> tuple[Facts, Diagnostics]:
    program, problems = compiled(_POLICY)
    assert program is not None, list(map(str, problems))
    people = pl.DataFrame({"person": ["A", "B", "C"], "name": ["x", "y", "z"]})
    raw = {"person": RawTable(people, "person.csv"), "prices": RawTable(prices, "prices.csv")}
    diagnostics = Diagnostics()
    facts = ingest(program, period_of(program), raw, diagnostics)
    assert facts is not None
    return facts, diagnostics


def test_everybody_has_every_row_in_the_order_of_the_key() -> None:
    facts, diagnostics = _taken(pl.DataFrame({"article": ["y", "x"], "price": ["2", "1.50"]}))
    program, _ = compiled(_POLICY)
    assert program is not None
    rows = [subject.rows["prices"] for subject in extract_subject_facts(program, facts, range(3))]
    assert not len(diagnostics)
    assert not isinstance(rows[0], Unknown)
    assert [row["article"] for row in rows[0]] == ["x", "y"]
    assert rows[0] == rows[1] == rows[2]


def test_a_bad_cell_is_one_problem_and_concerns_everybody() -> None:
    facts, _ = _taken(pl.DataFrame({"article": ["y", "x"], "price": ["2", "bad"]}))
    assert facts.rows["prices"].bad["price"].keys() == {0, 2, 4}


def test_no_rows_are_no_rows_for_everybody() -> None:
    facts, _ = _taken(pl.DataFrame({"article": [], "price": []}, schema={"article": str, "price": str}))
    assert facts.rows["prices"].ends.to_list() == [0, 0, 0]


def test_more_rows_than_can_be_beside_everybody_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common_rows, "MAX_ROWS", 5)
    facts, diagnostics = _taken(pl.DataFrame({"article": ["y", "x"], "price": ["2", "1"]}))
    assert {subject: kind.code for subject, (kind, _, _) in facts.rows["prices"].distrusted.items()} == dict.fromkeys(
        range(3), "SC555"
    )
    assert [problem.kind.code for problem in diagnostics] == ["SC444"]
