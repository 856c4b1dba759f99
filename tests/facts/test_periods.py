"""A row whose period cannot be told is a problem, and so is a table that is given twice."""

from typing import Final

import polars as pl
import pytest

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.ingest import ingest
from scorecore.facts.raw import PERIOD_HEADINGS, RawTable
from scorecore.values.period import EXAMPLES, PeriodKind
from strategies.cases import compiled, period_of

PROGRAM, _ = compiled(
    HEAD
    + """
[facts.person]
sales = { type = "int" }

[facts.visits]
key = ["id"]
label = "走访"
fields = { id = { type = "string" } }

[[pay]]
id = "sales"
kind = "earning"
amount = "decimal(sales)"
"""
)
assert PROGRAM is not None
PERIOD: Final = period_of(PROGRAM)
NOW: Final = PERIOD.label
VISITS: Final = pl.DataFrame({"person": ["1001", "1001"], "period": [NOW, ""], "id": ["a", "b"]})


def ingested(**tables: pl.DataFrame) -> tuple[list[str], list[tuple[str, int]]]:
    """Who is decided about, and of each problem its code and line."""
    diagnostics = Diagnostics()
    raw = {name: RawTable(frame, name, first_row=2) for name, frame in tables.items()}
    facts = ingest(PROGRAM, PERIOD, raw, diagnostics)
    problems = [(diagnostic.kind.code, diagnostic.location.line) for diagnostic in diagnostics]
    return [] if facts is None else facts.ids.to_list(), problems


def people(labels: list[str | None], heading: str = "period") -> pl.DataFrame:
    ids = [f"{1001 + number}" for number in range(len(labels))]
    return pl.DataFrame({"person": ids, heading: labels, "sales": ["1"] * len(labels)})


@pytest.mark.parametrize("heading", [f"{before}{name}{before}" for name in PERIOD_HEADINGS for before in ("", " ")])
def test_blanks_around_the_heading_of_the_period_mean_nothing(heading: str) -> None:
    """As around any other heading: another month's row would be decided as this month's."""
    assert ingested(person=people([NOW, "2024-04"], heading)) == (["1001"], [])


@pytest.mark.parametrize("label", ["2024-5", "2024-13", "May", "２０２４-05", "2024"])
def test_a_row_with_no_period_of_the_policy_is_named(label: str) -> None:
    assert ingested(person=people([NOW, label, label])) == (["1001"], [("SC411", 3)])


def test_a_row_with_an_empty_period_is_named() -> None:
    assert ingested(person=people([NOW, None, ""])) == (["1001"], [("SC420", 3), ("SC420", 4)])
    assert ingested(person=people([NOW]), visits=VISITS) == (["1001"], [("SC420", 3)])


def test_a_table_by_its_name_and_by_its_label_is_given_twice() -> None:
    assert ingested(person=people([NOW]), visits=VISITS[:1], 走访=VISITS[:1]) == (["1001"], [("SC412", 0)])


@pytest.mark.parametrize(("every", "label"), EXAMPLES.items())
def test_a_period_has_one_label(every: str, label: str) -> None:
    """Digits of other scripts would be another period with the same days, which no table has a row for."""
    kind = PeriodKind(every)
    assert kind.period(label)
    assert kind.period(label.translate({ord("2"): "２"})) is None
