"""A row whose period cannot be told is a problem, and so is a table that is given twice."""

from typing import Final

import polars as pl
import pytest

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.headings import PERIOD_HEADINGS
from scorecore.facts.ingest import ingest
from scorecore.facts.period_cells import read_period
from scorecore.facts.raw import RawTable
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


@pytest.mark.parametrize("label", ["2024-13", "May", "2024", "2024.5", "202413", "2024-05-32", "24-05", "2024-Q2"])
def test_a_row_with_no_period_of_the_policy_is_named(label: str) -> None:
    assert ingested(person=people([NOW, label, label])) == (["1001"], [("SC411", 3)])


@pytest.mark.parametrize(
    ("every", "label", "texts"),
    [
        (
            "month",
            "2024-05",
            ["2024-5", "2024/05", "2024/5", "2024.05", "2024年5月", "2024年05月份", "202405", "２０２４-05"],
        ),
        ("month", "2024-05", ["2024-05-01", "2024-05-31", "2024/5/1", "2024-05-01 00:00:00", "2024-0\u200b5"]),
        ("quarter", "2024-Q2", ["2024Q2", "2024q2", "2024年第2季度", "2024年二季度", "2024-04-01"]),
        ("half-year", "2024-H2", ["2024H2", "2024年下半年", "2024-07-01"]),
        ("half-month", "2024-05-H2", ["2024年5月下半月", "2024-05-h2", "2024/5下半", "202405H2"]),
        ("week", "2024-W05", ["2024年第5周", "2024w5", "2024W05"]),
        ("year", "2024", ["2024年", "2024年度", "２０２４", "2024-01-01"]),
    ],
)
def test_periods_are_read_as_people_write_them(every: str, label: str, texts: list[str]) -> None:
    assert [read_period(text, PeriodKind(every)) for text in texts] == [label] * len(texts)


def test_a_day_names_a_month_only_where_both_calendars_agree() -> None:
    """Where the month of a policy ends on the 25th, 2024-05-26 may mean May or the month that ends in June."""
    kind = PeriodKind("month", 25)
    assert [read_period(text, kind) for text in ("2024-05-01", "2024-05-25", "2024-05-26")] == ["2024-05"] * 2 + [None]


def test_how_a_period_was_read_is_noted() -> None:
    assert ingested(person=people([NOW, "2024/5", "2024年5月", "2024年5月", "2024/4"])) == (
        ["1001", "1002", "1003", "1004"],
        [("SC421", 3), ("SC421", 4), ("SC421", 6)],
    )


@pytest.mark.parametrize("heading", ["Period", "考核月份", "考核期间", "期 间", "年月", "Month", "月份\u200b"])
def test_usual_headings_of_the_period_are_read(heading: str) -> None:
    """A row of another month is not decided as this month's because its column has another usual name."""
    assert ingested(person=people([NOW, "2023-12"], heading)) == (["1001"], [("SC422", 1)])


def test_two_columns_with_periods_are_refused() -> None:
    frame = people([NOW]).with_columns(pl.lit("2023-12").alias("考核月份"))
    assert ingested(person=frame) == ([], [("SC404", 1)])


@pytest.mark.parametrize(
    ("heading", "labels"),
    [("发薪月", [NOW, "2023-12"]), ("时间", [NOW, "2023-12"]), (" Time ", ["2023-12", NOW]), ("表", ["2023-12"] * 2)],
)
def test_a_column_that_names_other_periods_is_not_passed_over(heading: str, labels: list[str]) -> None:
    assert ingested(person=people(labels, heading)) == ([], [("SC423", 1)])


@pytest.mark.parametrize("labels", [["2019-03", "2023-12"], [NOW, NOW], ["a", NOW]])
def test_a_column_that_cannot_be_the_period_is_passed_over(labels: list[str | None]) -> None:
    """The month in which somebody joined is not the month for which a row is."""
    assert ingested(person=people(labels, "入职月份")) == (["1001", "1002"], [])


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
