"""Workbooks: every cell is read, noted or refused; none vanishes, and none ends the process."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import ExpectedTables, RawTable
from scorecore.facts.readable import select_readable
from scorecore.io import workbooks
from scorecore.io.readers import read_facts
from scorecore.io.xlsx import package
from scorecore.io.xlsx.number_formats import compile_render, render_plain
from spreadsheets import convert
from strategies.cases import compiled, period_of
from strategies.workbooks import HEADINGS, SHEET, MessySheet, messy_sheets, rewrite, values

EXPECTED: Final = ExpectedTables(frozenset({"person"}), frozenset(HEADINGS))


@pytest.fixture
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are opened in this process, which takes a tenth of the time."""
    monkeypatch.setattr(workbooks, "ask_process", workbooks.ask_here)


def read(path: Path) -> tuple[RawTable, dict[str, Diagnostic]]:
    """The table, and what is noted by its code."""
    diagnostics = Diagnostics()
    table = read_facts(path, diagnostics, expected=EXPECTED)["person"]
    by_code = {diagnostic.kind.code: diagnostic for diagnostic in diagnostics}
    assert len(by_code) == len(diagnostics)
    return table, by_code


def cells_of(table: RawTable) -> dict[tuple[int, int], str]:
    """By row and column, from 0, what a table has."""
    return {
        (row - 1, table.columns[heading] - 1): text
        for heading in table.frame.columns
        for row, text in zip(table.row_numbers, table.frame[heading], strict=True)
        if text is not None
    }


def expect(sheet: MessySheet) -> tuple[dict[tuple[int, int], str], set[tuple[int, int]], bool]:
    """What is to be read of a sheet, the cells without a heading, and whether a merged cell counts more than once."""
    read_cells = {place: cell.text for place, cell in sheet.cells.items() if place[1] in sheet.columns}
    rows = {row for row, _ in sheet.cells if row in {place[0] for place in read_cells}}
    has_merged = False
    for column, first, last in sheet.merged:
        shown = read_cells.get((first, column))
        covered = [row for row in sorted(rows) if first <= row <= last]
        if shown is not None and len(covered) > 1:
            has_merged = True
            read_cells |= {(row, column): shown for row in covered}
    return read_cells, {place for place in sheet.cells if place[1] not in sheet.columns}, has_merged


@pytest.mark.usefixtures("_here")
@given(sheet=messy_sheets())
def test_every_cell_of_a_messy_sheet_is_read_or_noted(sheet: MessySheet) -> None:
    """A cell is in the table as it is shown, or it is noted; nothing is there that nobody wrote."""
    with TemporaryDirectory() as folder:
        check(sheet, sheet.write(Path(folder) / "facts.xlsx"))


def check(sheet: MessySheet, path: Path) -> None:
    """Hold to the law what is read of a sheet in a file."""
    table, noted = read(path)
    read_cells, strays, has_merged = expect(sheet)
    assert cells_of(table) == read_cells
    counts = {code: noted[code].params.get("count", "1") if code in noted else "0" for code in CODES}
    assert counts == {
        "SC430": str(len(sheet.titles)),
        "SC431": str(len(strays)),
        "SC433": str(len(sheet.hidden_rows)),
        "SC434": str(len(sheet.hidden_columns)),
        "SC435": str(int(sheet.is_hidden)),
        "SC436": str(int(has_merged)),
        "SC446": str(len(sheet.comments)),
        "SC449": str(len(sheet.struck)),
    }
    assert noted.keys() <= counts.keys()


@pytest.mark.workbooks
@pytest.mark.usefixtures("_here")
def test_every_cell_is_read_or_noted_of_what_libreoffice_saves(tmp_path: Path) -> None:
    """LibreOffice computes formulas itself when it opens a file, so there are none."""
    sheets: list[MessySheet] = []
    given(messy_sheets(values))(lambda sheet: sheets.append(sheet))()  # noqa: PLW0108  Hypothesis asks for a name
    for number, batch in enumerate(batched(sheets)):
        written = [sheet.write(tmp_path / f"{position}.xlsx") for position, sheet in enumerate(batch)]
        saved = convert(written, tmp_path / f"saved{number}", "xlsx", is_computed=False)
        for sheet, path in zip(batch, saved, strict=True):
            check(sheet, path)


def batched(sheets: list[MessySheet]) -> list[list[MessySheet]]:
    """As many as LibreOffice converts before the patience with it ends."""
    return [sheets[start : start + 40] for start in range(0, len(sheets), 40)]


POLICY: Final = """
[policy]
id = "messy.sheets"
version = "1"
title = "messy"
subject = "person"
subject_label = "工号"
period = "month"
effective = { from = 2020-01-01 }
currency = "CNY"
[facts.person]
amount = { type = "decimal", unit = "CNY", label = "金额", optional = true }
remark = { type = "string", label = "说明", optional = true }
[[pay]]
id = "paid"
kind = "earning"
amount = "has(amount) && amount > 0.0 ? amount : 0.0"
[[pay]]
id = "remarked"
kind = "earning"
amount = "has(remark) ? 1 : 0"
"""


@pytest.mark.usefixtures("_here")
@given(sheet=messy_sheets())
def test_every_row_of_a_messy_sheet_is_decided_noted_or_refused(sheet: MessySheet) -> None:
    """A row is a person with the amount that it shows, or a problem names the row or the cell."""
    program, _ = compiled(POLICY)
    assert program is not None
    diagnostics = Diagnostics()
    with TemporaryDirectory() as folder:
        raw = read_facts(sheet.write(Path(folder) / "facts.xlsx"), diagnostics, expected=EXPECTED)
    facts = PeriodRunner(program).inspect(period_of(program), raw, diagnostics)
    named = {diagnostic.location.line - 1 for diagnostic in diagnostics if diagnostic.location.line}
    twice = {diagnostic.params.get("id") for diagnostic in diagnostics}  # its problem names the first of its rows
    read_cells, _, _ = expect(sheet)
    id_column, amount_column = (min(place for place, text in sheet.columns.items() if text == name) for name in NAMED)
    readable = select_readable(facts.subjects, program.schema.columns)["amount"] if facts else ()
    amounts = dict(zip(facts.ids, readable, strict=True)) if facts else {}
    for row in {row for row, _ in read_cells} - named:
        subject, amount = read_cells[row, id_column].strip(), read_cells.get((row, amount_column))
        assert subject in amounts
        if subject not in twice:
            assert amounts[subject] == (None if amount is None else Decimal(amount.strip()))


NAMED: Final = ("工号", "金额")
CODES: Final = ("SC430", "SC431", "SC433", "SC434", "SC435", "SC436", "SC446", "SC449")


UNCOMMON: Final = (
    (SHEET, "<sheetData>", "<!-- as some write it --><sheetData>"),
    (SHEET, ' t="s"', " t='s'"),
    (SHEET, "<v>", '<v xml:space="preserve">'),
    (SHEET, "</row>", "\n</row>\n"),
    ("xl/sharedStrings.xml", "<si>", "<si ><!-- text -->"),
)


@pytest.mark.usefixtures("_here")
@given(sheet=messy_sheets(), way=st.sampled_from(UNCOMMON))
def test_a_workbook_is_the_same_in_whatever_way_it_is_written(sheet: MessySheet, way: tuple[str, str, str]) -> None:
    """What is not written as most write it is read by a parser of XML, as the same cells."""
    with TemporaryDirectory() as folder:
        path = sheet.write(Path(folder) / "facts.xlsx")
        table, noted = read(path)
        other_table, other_noted = read(rewrite(path, *way))
    assert cells_of(other_table) == cells_of(table)
    assert {code: diagnostic.params for code, diagnostic in other_noted.items()} == {
        code: diagnostic.params for code, diagnostic in noted.items()
    }


@pytest.mark.parametrize(
    ("pattern", "number", "text"),
    [
        ("General", "0.30000000000000004", "0.3"),
        ("General", "1E-3", "0.001"),
        ("General", "440305199001011234", "4.40305199001011e+17"),
        ("General", "007", "7"),
        ("0%", "0.95", "95%"),
        ("0.00%;[Red]-0.00%", "-0.12345", "-12.345%"),
        ("[Red]0.0%", "1.1500000000000001", "115%"),
        ('0.0"%"', "95", "95"),
        ("00000", "42", "00042"),
        ("000", "4.5", "4.5"),
        ("#,##0.00", "1234.5", "1234.5"),
        ('#,##0.0"万元"', "9.5", "9.5万"),
        ('0"亿"', "2", "2亿"),
        ('0.00"元"', "2", "2"),
        ("0.00E+00", "1200", "1200"),
        ("@", "1200", "1200"),
        ("yyyy-mm-dd", "45413", "2024-05-01"),
        ("yyyy-mm", "45413", "2024-05-01"),
        ('yyyy"年"m"月"', "45413", "2024-05-01"),
        ("[$-804]yyyy/m/d;@", "45413", "2024-05-01"),
        ("mmm", "45413", "2024-05-01"),
        ("yyyy-mm-dd", "45413.354166666664", "2024-05-01 08:30:00"),
        ("yyyy-mm-dd hh:mm", "45413", "2024-05-01 00:00:00"),
        ("m/d/yy h:mm AM/PM", "45413.5", "2024-05-01 12:00:00"),
        ("yyyy-mm-dd hh:mm:ss", "45443.999996527775", "2024-05-31 23:59:59"),
        ("yyyy-mm-dd hh:mm:ss", "45443.99999999999", "2024-06-01 00:00:00"),
        ("hh:mm", "0.354166666666667", "08:30:00"),
        ("hh:mm", "45413.5", "2024-05-01 12:00:00"),
        ("[h]:mm", "1.5", "36:00:00"),
        ("mm:ss", "0.001", "00:01:26"),
        ("yyyy-mm-dd", "1", "1900-01-01"),
        ("yyyy-mm-dd", "59", "1900-02-28"),
        ("yyyy-mm-dd", "60", "1900-02-29"),
        ("yyyy-mm-dd", "61", "1900-03-01"),
        ("yyyy-mm-dd", "0", "1900-01-00"),
        ("yyyy-mm-dd", "-1", "-1"),
        ("yyyy-mm-dd", "2958465", "9999-12-31"),
        ("yyyy-mm-dd", "2958466", "2958466"),
        ("General", "1E+400", "1E+400"),
        ("General", "seven", "seven"),
        ("General", "1" * 30_000 + "x", "1" * 30_000 + "x"),
    ],
)
def test_a_number_is_read_as_its_cell_shows_it(pattern: str, number: str, text: str) -> None:
    render = compile_render(200, pattern, is_1904=False) or render_plain
    assert render(number) == text


def test_dates_that_begin_in_1904() -> None:
    render = compile_render(14, None, is_1904=True)
    assert render
    assert render("0") == "1904-01-01"
    assert render("43951") == "2024-05-01"


def test_a_cell_far_away_costs_nothing(tmp_path: Path) -> None:
    """A sheet of 500 columns with a cell in its last row and column is read, and the cell is named."""
    with xlsxwriter.Workbook(tmp_path / "facts.xlsx") as book:
        sheet = book.add_worksheet("person")
        sheet.write_row(0, 0, ["工号", *(f"c{number}" for number in range(499))])
        sheet.write_row(1, 0, ["E1", *range(499)])
        sheet.write_string(1_048_575, 16_383, "x")
    table, noted = read(tmp_path / "facts.xlsx")
    assert table.frame.shape == (1, 500)
    assert noted["SC431"].params == {"count": "1", "cells": "XFD1048576"}


def test_headings_in_two_rows(tmp_path: Path) -> None:
    """A heading that is merged over both rows counts; the row above is noted."""
    with xlsxwriter.Workbook(tmp_path / "facts.xlsx") as book:
        sheet = book.add_worksheet("person")
        sheet.merge_range("A1:A2", "工号")
        sheet.merge_range("B1:C1", "业绩")
        sheet.write_row(1, 1, ["金额", "说明"])
        sheet.write_row(2, 0, ["E1", 1, "甲"])
    table, noted = read(tmp_path / "facts.xlsx")
    assert table.frame.to_dicts() == [{"工号": "E1", "金额": "1", "说明": "甲"}]
    assert table.row_numbers.to_list() == [3]
    assert noted.keys() == {"SC430"}


def test_workbooks_of_other_programs(tmp_path: Path) -> None:
    """Openpyxl writes what it reads in its own way, with texts in the cells where it writes row by row."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("person")
    sheet.append(["工号", "金额", "说明"])
    sheet.append(["E1", 1.5, "a_x0041_\n  b "])
    sheet.append(["E2", True, "=1+1"])
    book.save(tmp_path / "facts.xlsx")
    table, noted = read(tmp_path / "facts.xlsx")
    assert not noted
    assert table.frame.rows() == [("E1", "1.5", "aA\n  b "), ("E2", "true", "#FORMULA?")]


@pytest.mark.usefixtures("_here")
def test_a_long_sheet_is_read_in_pieces_as_it_is_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of one shape, pieces with a row of another, gaps, blanks, hidden rows: each cell is where it was."""
    monkeypatch.setattr(package, "CHUNK", 4096)
    with xlsxwriter.Workbook(tmp_path / "facts.xlsx") as book:
        sheet, share = book.add_worksheet("person"), book.add_format({"num_format": "0%"})
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, 2000):
            if row % 400 != 7:
                sheet.write_string(row, 0, " " if row % 500 == 3 else f"E{row}")
            if row % 3:
                sheet.write_number(row, 1, row / 8)
            sheet.write_number(row, 2, row / 100, share)
        sheet.write_string(1500, 7, "stray")
        sheet.set_row(1700, None, None, {"hidden": True})
    table, noted = read(tmp_path / "facts.xlsx")
    assert table.row_numbers.to_list() == list(range(2, 2001))
    assert table.frame["工号"].to_list() == [
        None if row % 400 == 7 else " " if row % 500 == 3 else f"E{row}" for row in range(1, 2000)
    ]
    assert table.frame["金额"].to_list() == [f"{row / 8:.15g}" if row % 3 else None for row in range(1, 2000)]
    assert table.frame["说明"].to_list() == [f"{row}%" for row in range(1, 2000)]
    assert {code: diagnostic.params["count"] for code, diagnostic in noted.items()} == {"SC431": "1", "SC433": "1"}
    other_table, _ = read(rewrite(tmp_path / "facts.xlsx", *UNCOMMON[0]))
    assert other_table.frame.equals(table.frame)
