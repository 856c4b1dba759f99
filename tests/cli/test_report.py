"""What the head of a branch gets: a workbook and a page with names, labels of grades, ranks, totals and charts."""

import io
import re
import shlex
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import openpyxl
import pytest
from click.testing import CliRunner, Result
from openpyxl.utils import range_boundaries

from scorecore_cli.main import scorecore

LONG: Final = "a" * 300
POLICY: Final = """
[policy]
id = "shop"
version = "1"
title = "<i>Shop & Co</i>"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }
currency = "CNY"

[facts.person]
name = { type = "string" }
branch = { type = "string" }
sales = { type = "decimal", min = 0, max = 1000, places = 2 }

[[items]]
id = "sales"
label = "=cmd|sales"
points = 80
scorer = "target"
actual = "sales"
target = "100"
round = 2

[score]
out_of = 80
round = 2

[[grades]]
id = "A"
label = "good"
from = 60

[[grades]]
id = "B"
label = "poor"
from = "lowest"

[[pay]]
id = "bonus"
kind = "reward"
amount = "round(has(history[1].grade) && history[1].grade == 'A' ? sales : sales / 2, 2)"
"""
PEOPLE: Final = f"""person,period,name,branch,sales
E1,2024-04,Ann,north,100
E2,2024-04,=1+1,south,10
E1,2024-05,Ann,north,90
E2,2024-05,=1+1,south,50.5
E3,2024-05,\u202e<script>{LONG},south,
"""


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, shlex.split(line), catch_exceptions=False)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop in May, written as a workbook and as a page."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.toml").write_text(POLICY, encoding="utf-8")
    (folder / "facts").mkdir()
    (folder / "facts" / "person.csv").write_text(PEOPLE, encoding="utf-8")
    run = f"run {folder}/shop.toml --facts {folder}/facts --no-history"
    assert "written" in call(f"{run} --period 2024-05 --out {folder}/may.xlsx --html {folder}/may.html").output
    return folder


def read(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))


def test_everybody_is_listed_with_name_rank_branch_and_label_of_grade(shop: Path) -> None:
    rows = read(shop / "may.xlsx", "people")
    assert rows[0] == ("rank", "person", "name", "branch", "=cmd|sales", "total", "grade", "net pay", "held, and why")
    assert rows[1] == (1, "E1", "Ann", "north", 72, 72, "good", 90, None)
    assert rows[2] == (2, "E2", "=1+1", "south", 40.4, 40.4, "poor", 25.25, None)
    assert rows[3][:4] == (None, "E3", f"<script>{LONG}", "south")
    assert "is missing" in rows[3][-1]
    assert rows[4] == (None, "total of all", None, None, None, None, None, 115.25, None)
    headings, *decisions = read(shop / "may.xlsx", "decisions")
    assert [row[headings.index("grade")] for row in decisions] == ["good", "poor", None]


def test_the_overview_says_what_it_costs_and_who_moved(shop: Path) -> None:
    rows = [tuple(cell for cell in row if cell is not None) for row in read(shop / "may.xlsx", "overview")]
    assert ("people with something held", 1) in rows
    assert ("total net pay (CNY)", 115.25) in rows
    assert ("change since 2024-04 (CNY)", 60.25) in rows
    assert ("E1", "Ann", "north", 50, 90, 40) in rows
    held = next(row for row in rows if row[:1] == ("E3",))
    assert held[2:] == ("south", "“sales” is missing; net pay is of the other lines only")
    assert ("in 2024-05 the net pay of 1 person is of the other lines only: a pay line is held",) in rows
    assert ("2024-04", 2, 44, 55) in rows
    assert not [row for row in rows if "grade that has changed" in row]
    assert ("north", 1, 1, 0, 72, 90) in rows
    assert ("total of all", 3, 1, 1, 56.2, 115.25) in rows
    assert ("=cmd|sales", 47.6, 23.8, 2) in rows


def test_the_sheets_print_on_the_width_of_a_page_with_headings_on_each(shop: Path) -> None:
    book = openpyxl.load_workbook(shop / "may.xlsx")
    for sheet in book.worksheets:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0  # as many pages as it takes
        assert sheet.print_area
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.freeze_panes
    with ZipFile(io.BytesIO((shop / "may.xlsx").read_bytes())) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    drawn = {reference for chart in charts for reference in re.findall(r"<c:val><c:numRef><c:f>(.*?)</c:f>", chart)}
    assert len(charts) == 4
    assert all(len(re.findall(r"<c:(?:cat|val)Ax>.*?<c:title>", chart)) == 2 for chart in charts)
    columns = [range_boundaries(reference.split("!")[1]) for reference in drawn]  # left, top, right, bottom
    sheet = book["overview"]
    values = [[sheet.cell(row, left).value for row in range(top, last + 1)] for left, top, _right, last in columns]
    assert [55, 115.25] in values  # month on month
    assert [1, 0] in values  # the grade `good`, by branch


def test_no_text_of_the_facts_or_the_policy_acts(shop: Path) -> None:
    for sheet in openpyxl.load_workbook(shop / "may.xlsx").worksheets:
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    page = (shop / "may.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<i>Shop" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "default-src 'none'" in page


def test_the_page_has_what_the_workbook_has(shop: Path) -> None:
    page = (shop / "may.html").read_text(encoding="utf-8")
    for text in ("Ann", "good", "115.25", "60.25", "is missing", "points lost by item"):
        assert text in page
    assert page.count("<svg") == 4


def test_a_total_row_is_empty_where_nothing_adds_up_and_no_range_exceeds_full_marks(shop: Path) -> None:
    page = (shop / "may.html").read_text(encoding="utf-8")
    *_, total = re.findall(r'<tr class="total">(.*?)</tr>', page, re.DOTALL)
    assert "—" not in total
    ranges = re.findall(r"<td[^>]*>(\d+) – (\d+)</td>", page)
    assert ranges
    assert max(int(high) for _low, high in ranges) <= 80


def test_a_sweep_has_a_page_with_plots_and_says_what_is_refused(shop: Path) -> None:
    policy = shop / "sweep.toml"
    figure = '[parameters.share]\nlabel = "<b>share"\ntype = "decimal"\nbounds = { max = 0.6 }\n'
    values = "values = [ { from = 2024-01-01, is = 0.5 } ]\n\n[facts.person]"
    text = POLICY.replace("[facts.person]", figure + values).replace("sales / 2", "sales * parameters.share")
    policy.write_text(text, encoding="utf-8")
    vary = "--vary parameters.share=0.4..0.7:0.1"
    call(f"sweep {policy} --facts {shop}/facts --no-plugins --period 2024-05 {vary} --html {shop}/sweep.html")
    page = (shop / "sweep.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "&lt;b&gt;share is 0.5 in the policy" in page
    assert "the policy refuses 0.7" in page
    assert "<b>share" not in page


def test_the_workbook_is_read_back_as_history(shop: Path) -> None:
    """Grades have labels there, and the overview is no table."""
    run = f"run {shop}/shop.toml --facts {shop}/facts"
    call(f"{run} --no-history --period 2024-04 --out {shop}/april.xlsx")
    result = call(f"{run} --period 2024-05 --history {shop}/april.xlsx --json")
    assert '"SC431"' not in result.output
    assert [Decimal(net) for net in re.findall(r'"pay.net": "(.*?)"', result.output)] == [90, Decimal("25.25"), 0]


def test_results_that_wait_for_earlier_decisions_say_so(shop: Path) -> None:
    """As on the screen: the cause is what nobody supplied, not that the period before has no result."""
    rest_line = '\n[[pay]]\nid = "rest"\nkind = "adjustment"\namount = "history[2].pay.bonus"\n'
    (shop / "waits.toml").write_text(POLICY + rest_line, encoding="utf-8")
    call(f"run {shop}/waits.toml --facts {shop}/facts --period 2024-05 --out {shop}/waits.xlsx")
    assert read(shop / "waits.xlsx", "people")[1][-1].startswith("the decisions of earlier periods are not known")


def test_the_overview_names_whose_grade_has_changed_those_first_who_moved_most(tmp_path: Path) -> None:
    lowest = 'label = "poor"\nfrom = "lowest"'
    policy = POLICY.replace(lowest, 'label = "poor"\nfrom = 40\n\n[[grades]]\nid = "C"\nlabel = "bad"\nfrom = "lowest"')
    (tmp_path / "shop.toml").write_text(policy, encoding="utf-8")
    april, may = [100, *[60] * 13], [1, *[90] * 11, 65, ""]  # of the last two one is as before, and one is held
    rows = [f"E{n:02},2024-04,P{n},north,{sales}" for n, sales in enumerate(april)]
    rows += [f"E{n:02},2024-05,P{n},south,{sales}" for n, sales in enumerate(may)]
    (tmp_path / "person.csv").write_text("person,period,name,branch,sales\n" + "\n".join(rows), encoding="utf-8")
    run = f"run {tmp_path}/shop.toml --facts {tmp_path}/person.csv --no-history --period 2024-05"
    assert "written" in call(f"{run} --out {tmp_path}/may.xlsx").output
    sheet = [tuple(cell for cell in row[3:] if cell) for row in read(tmp_path / "may.xlsx", "overview")]
    start = sheet.index(("grade that has changed (10 / 12)",))
    assert sheet[start + 1][0] == "person"
    assert sheet[start + 2][0] == "E00"
    assert sheet[start + 2][-2:] == ("good", "bad")
    assert [row[0] for row in sheet[start + 3 : start + 12]] == [f"E{n:02}" for n in range(1, 10)]
    assert not sheet[start + 12]
