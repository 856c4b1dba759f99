"""What a message says to write instead of a cell that cannot be read: the value that is meant, or none."""

import pytest

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.facts.advice import add_advice


def advise(kind: str, text: str, unit: str = "") -> str:
    """The advice for a text in a cell of some type."""
    problem = Diagnostic(catalogue.FACT_UNFIT, Location("f.csv", 2, 0), {"name": "n", "value": text, "type": kind})
    return add_advice(problem, unit).advice()


@pytest.mark.parametrize(
    ("kind", "text", "unit", "proposal"),
    [
        ("decimal", "(1,234.50)", "", "-1234.50"),
        ("decimal", "（500）", "", "-500"),
        ("decimal", "约9.5万", "", "95000"),
        ("decimal", "9.5万", "万元", "9.5"),
        ("decimal", "2千", "", "2000"),
        ("decimal", "1:30", "", "1.5"),
        ("decimal", "1 234", "", "1234"),
        ("decimal", "一万二千三百零五", "", "12305"),
        ("int", "约3次", "", "3"),
        ("int", "22天", "", "22"),
        ("int", "十五", "", "15"),
        ("int", "一百一十", "", "110"),
        ("date", "20/5/2024", "", "2024-05-20"),
        ("date", "5/20/2024", "", "2024-05-20"),
        ("date", "45432", "", "2024-05-20"),
        ("date", "二〇二四年五月二十一日", "", "2024-05-21"),
    ],
)
def test_the_value_that_is_meant_is_proposed(kind: str, text: str, unit: str, proposal: str) -> None:
    assert advise(kind, text, unit) == f"write {proposal} if that is meant"


@pytest.mark.parametrize(
    ("kind", "text", "unit"),
    [
        ("decimal", "约9.5万", "亿元"),
        ("decimal", "100-200", ""),
        ("decimal", "95%左右", ""),
        ("decimal", "5k", ""),
        ("decimal", "3千万", ""),
        ("decimal", "1:20", ""),
        ("decimal", "很多", ""),
        ("date", "5/6/2024", ""),
        ("date", "31/31/2024", ""),
        ("date", "下月", ""),
        ("bool", "大概", ""),
    ],
)
def test_nothing_is_guessed_where_it_could_mean_two_things(kind: str, text: str, unit: str) -> None:
    assert advise(kind, text, unit).startswith("write it like")


@pytest.mark.parametrize("text", ["无", "/", "N/A", "-"])
def test_a_cell_that_says_that_there_is_nothing_is_to_be_left_empty(text: str) -> None:
    assert advise("date", text).startswith("leave the cell empty")
