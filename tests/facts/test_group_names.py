"""Names of groups that nearly match: slips of the pen are, names of different units are not."""

from itertools import combinations

import polars as pl
import pytest

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.group_names import find_odd_groups, nearly_match
from scorecore.facts.ingest import ingest
from scorecore.facts.raw import RawTable
from strategies.cases import compiled, period_of

PROGRAM, _ = compiled(
    HEAD
    + """
[facts.person]
branch = { type = "string" }
[groups.branch]
by = "branch"
ties = "first"
held = "wait"
[[pay]]
id = "a"
kind = "reward"
amount = 'rank(1, "branch") == 1 ? 1.0 : 0.0'
"""
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(
            ("城南营业部", "城南 营业部"),
            ("城南营业部", "城南营业"),
            ("城南营业部", "城南"),
            ("城南营业部", "城营南业部"),
        ),
        *(
            ("Sales", "sales"),
            ("Sales", "Slaes"),
            ("Sales", "Sale"),
            ("Northern Branch", "Northern"),
            ("North-2", "north 2"),
        ),
        *(("Salas team", "Sales team"), ("甲（北）", "甲(北)")),
    ],
)
def test_slips_nearly_match(first: str, second: str) -> None:
    """In either order."""
    assert nearly_match(first, second)
    assert nearly_match(second, first)


@pytest.mark.parametrize(
    "names",
    [
        ["城南营业部", "城北营业部", "城中营业部", "新城南营业部", "财务营业部"],
        ["销售部", "销售一部", "销售二部", "销售1部", "销售12部"],
        ["城南支行", "城南分行", "城东支行"],
        ["Team A", "Team B", "Team C", "Team 1", "Team 2", "Team 12", "Team 1-2"],
        ["NYCA", "NYCB", "NYC", "A", "B", "AB", "BA"],
        ["North", "South", "East", "West"],
    ],
)
def test_different_units_do_not(names: list[str]) -> None:
    """Numbers, directions, single characters and codes tell units apart."""
    assert [pair for pair in combinations(names, 2) if nearly_match(*pair)] == []


def test_each_odd_group_is_noted_once() -> None:
    """The smaller group beside the greatest that is like it; who is alone otherwise, in one note."""
    assert PROGRAM is not None
    branches = ["Sales", "Sales", "Slaes", "sales", "West", "East", "East"]
    frame = pl.DataFrame({"person": [f"P{number}" for number in range(7)], "branch": branches})
    diagnostics = Diagnostics()
    facts = ingest(PROGRAM, period_of(PROGRAM), {"person": RawTable(frame, "person.csv")}, diagnostics)
    assert facts is not None
    noted = [(each.kind.code, each.location.line, dict(each.params)) for each in find_odd_groups(PROGRAM, facts)]
    assert [(code, line) for code, line, _ in noted] == [("SC464", 4), ("SC464", 5), ("SC465", 6)]
    assert [params["other"] for _, _, params in noted[:2]] == ["Sales", "Sales"]
    assert noted[2][2]["groups"] == "West (P4)"
    assert list(diagnostics) == []
