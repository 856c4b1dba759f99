"""A record over the months, as a page: what is in force, and sums that are those of the record's own tables."""

import csv
import re
import shlex
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from scorecore_cli.main import scorecore

POLICY: Final = """
[policy]
id = "shop"
version = "{version}"
title = "<i>Shop & Co</i>"
subject = "person"
period = "month"
effective = {{ {effective} }}
currency = "CNY"

[facts.person]
name = {{ type = "string" }}
branch = {{ type = "string" }}
sales = {{ type = "decimal", min = 0, max = 1000, places = 2 }}

[[items]]
id = "sales"
points = 80
scorer = "target"
actual = "sales"
target = "100"
round = 2

[score]
out_of = 80
round = 2

[[grades]]
id = "{grade}"
from = 60

[[grades]]
id = "low"
from = "lowest"

[[pay]]
id = "bonus"
kind = "reward"
amount = "round(sales / 2, 2)"
"""
PEOPLE: Final = """person,period,name,branch,sales
E1,2024-04,Ann,north,100
E2,2024-04,=1+1,south,10
E1,2024-05,Ann,north,90
E2,2024-05,=1+1,south,50.5
E1,2024-06,Ann,south,80
E3,2024-06,<script>,south,
"""


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, shlex.split(line), catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three months of a shop, May corrected, June by a version with other grades."""
    path = tmp_path_factory.mktemp("shop")
    for version, effective, grade in (
        ("1", "from = 2024-01-01, to = 2024-05-31", "high"),
        ("2", "from = 2024-06-01", "fine"),
    ):
        text = POLICY.format(version=version, effective=effective, grade=grade)
        (path / f"shop-{version}.toml").write_text(text, encoding="utf-8")
    (path / "person.csv").write_text(PEOPLE, encoding="utf-8")
    assert call(f"record begin {path}/r --single-operator").exit_code == 0
    for period, version in (("2024-04", "1"), ("2024-05", "1"), ("2024-06", "2")):
        run = f"run {path}/shop-{version}.toml --facts {path}/person.csv --period {period} --record {path}/r"
        assert call(run).exit_code in {0, 1}
    (path / "late").mkdir()
    corrected = PEOPLE.replace("2024-05,=1+1,south,50.5", "2024-05,=1+1,south,60.5")
    (path / "late" / "person.csv").write_text(corrected, encoding="utf-8")
    request = f"--policy {path}/shop-1.toml --period 2024-05 --facts {path}/late/person.csv --reason late"
    correction = call(f"record correct {path}/r {request}")
    assert correction.exit_code == 0, correction.output
    return path


def read_cells(page: str, heading: str) -> list[list[str]]:
    """The rows of the table under a heading."""
    section = next(part for part in page.split("<section>") if f"<h2>{heading}</h2>" in part)
    rows = re.findall(r"<tr.*?</tr>", section, re.DOTALL)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in rows]


def test_the_page_has_what_is_in_force_month_by_month(folder: Path) -> None:
    written = call(f"record dashboard {folder}/r --html {folder}/all.html")
    assert (written.exit_code, written.output) == (0, f"3 periods, written to {folder}/all.html\n")
    page = (folder / "all.html").read_text(encoding="utf-8")
    assert read_cells(page, "period by period")[1:] == [
        ["2024-04", "2", "0", "44", "55.00"],
        ["2024-05", "2", "0", "60.20", "75.25"],
        ["2024-06", "2", "1", "64", "40.00"],
    ]
    assert read_cells(page, "grades, period by period") == [
        ["period", "people", "fine", "low", "high"],
        ["2024-04", "2", "0", "1", "1"],
        ["2024-05", "2", "0", "1", "1"],
        ["2024-06", "2", "1", "0", "0"],
    ]
    assert read_cells(page, "points reached of those that can be had, in %")[1] == ["sales", "55", "75.25", "80"]
    assert read_cells(page, "corrections")[1][1:3] == ["2", "2024-05"]
    assert "in 2024-06 the net pay of 1 person is of the other lines only" in page


def test_everybody_stands_with_each_month_and_the_sums_are_those_of_the_record(folder: Path) -> None:
    """The pay of all is what the record's own table of valid decisions sums up to."""
    assert call(f"record dashboard {folder}/r --html {folder}/sums.html --to 2024-05").exit_code == 0
    page = (folder / "sums.html").read_text(encoding="utf-8")
    everybody = read_cells(page, "net pay of everybody")
    assert everybody[1:] == [
        ["E1", "Ann", "north", "50.00", "45.00", "95.00"],
        ["E2", "=1+1", "south", "5.00", "30.25", "35.25"],
        ["total of all", "", "", "55.00", "75.25", "130.25"],
    ]
    assert call(f"record log {folder}/r --valid --out {folder}/audit").exit_code == 0
    with (folder / "audit" / "decisions.csv").open(encoding="utf-8-sig", newline="") as file:
        valid = [row for row in csv.DictReader(file) if row["period"] <= "2024-05"]
    assert sum(Decimal(row["net"]) for row in valid) == Decimal("130.25")


def test_no_text_of_the_facts_or_the_policy_acts(folder: Path) -> None:
    assert call(f"record dashboard {folder}/r --html {folder}/inert.html").exit_code == 0
    page = (folder / "inert.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<i>Shop" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--id shops", "did you mean `shop`?"),
        ("--from 2024-07", "there are 2024-04, 2024-05, 2024-06"),
    ],
)
def test_what_a_record_has_not_is_said(folder: Path, options: str, said: str) -> None:
    refused = call(f"record dashboard {folder}/r --html {folder}/none.html {options}")
    assert refused.exit_code == 2
    assert said in " ".join(refused.output.replace("│", "").split())
    assert not (folder / "none.html").exists()
