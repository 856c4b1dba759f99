"""Workbooks as people have them: titles, gaps, hidden and merged cells, totals, errors, numbers in every format."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import xlsxwriter
from hypothesis import strategies as st

HEADINGS: Final = ("工号", "金额", "说明")
"""The id, an amount and a text."""
SHEET: Final = "xl/worksheets/sheet1.xml"
"""The part of a workbook that is its first sheet."""


class TypedCell(NamedTuple):
    """What a person enters into a cell, and the text that it stands for."""

    write: Callable[[Any, int, int, Any], None]
    """From a sheet of xlsxwriter, a row, a column, and a function that adds a format."""
    text: str


def text_cell(text: str) -> TypedCell:
    return TypedCell(lambda sheet, row, column, add: sheet.write_string(row, column, text, add("General")), text)


def number_cell(value: float, pattern: str, text: str) -> TypedCell:
    return TypedCell(lambda sheet, row, column, add: sheet.write_number(row, column, value, add(pattern)), text)


def day_cell(day: date, pattern: str) -> TypedCell:
    return TypedCell(lambda sheet, row, column, add: sheet.write_datetime(row, column, day, add(pattern)), str(day))


def moment_cell(moment: datetime) -> TypedCell:
    pattern = "yyyy-mm-dd hh:mm"
    return TypedCell(
        lambda sheet, row, column, add: sheet.write_datetime(row, column, moment, add(pattern)), str(moment)
    )


def error_cell(error: str) -> TypedCell:
    return TypedCell(
        lambda sheet, row, column, add: sheet.write_formula(row, column, "=A1", add("General"), error), error
    )


def without_result(formula: str) -> TypedCell:
    def write(sheet: Any, row: int, column: int, add: Any) -> None:
        sheet.write_formula(row, column, formula, add("General"), "")

    return TypedCell(write, "#FORMULA?")


hundredths = st.integers(-(10**9), 10**9)
days = st.dates(date(1900, 3, 1), date(2200, 12, 31))
moments = st.builds(
    lambda day, second: datetime(day.year, day.month, day.day) + timedelta(seconds=second),
    days,
    st.sampled_from([0, 1, 86_399]) | st.integers(0, 86_399),
)


def plain(hundredth: int) -> str:
    integer, fraction = divmod(abs(hundredth), 100)
    sign = "-" if hundredth < 0 else ""
    return f"{sign}{integer}" + (f".{fraction:02}".rstrip("0") if fraction else "")


values = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=8)
    .filter(lambda text: bool(text.strip()) and "_x" not in text)
    .map(text_cell),
    hundredths.map(lambda number: number_cell(number / 100, "#,##0.00", plain(number))),
    hundredths.map(lambda number: number_cell(number / 100, "General", plain(number))),
    hundredths.map(lambda number: number_cell(number / 100, "0.0%", f"{number}%")),
    st.integers(0, 9999).map(lambda number: number_cell(number, "00000", f"{number:05}")),
    # xlsxwriter writes 16 digits: with 15 that are not zero, it does not round what is to be rounded here
    st.integers(10**14, 10**15 - 1).map(lambda number: number_cell(number * 1000, "0", f"{number * 1000.0:.15g}")),
    days.map(lambda day: day_cell(day, "yyyy/m/d")),
    days.map(lambda day: day_cell(day, 'yyyy"年"m"月"')),
    moments.map(moment_cell),
)
cells = st.one_of(
    values,
    st.sampled_from(["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"]).map(error_cell),
    st.just(without_result("=SUM(B2:B3)")),
)
ids = st.integers(1, 10**6).map(lambda number: f"E{number}")


class MessySheet(NamedTuple):
    """A sheet, cell by cell: rows and columns from 0, blanks left out."""

    titles: list[str]
    heading_row: int
    columns: dict[int, str]
    """By column the heading."""
    cells: dict[tuple[int, int], TypedCell]
    """Below the headings, also where there is none."""
    hidden_rows: set[int]
    hidden_columns: set[int]
    merged: list[tuple[int, int, int]]
    """A column, and its first and last row."""
    is_hidden: bool
    comments: set[tuple[int, int]]
    """Below the headings."""
    struck: set[tuple[int, int]]
    """Cells with a text that is struck through."""

    def write(self, path: Path) -> Path:
        """The workbook with this sheet."""
        with xlsxwriter.Workbook(path, {"strings_to_urls": False}) as book:
            formats: dict[tuple[str, bool], Any] = {}

            def add(pattern: str, *, is_struck: bool) -> Any:
                properties = {"num_format": pattern, "font_strikeout": is_struck}
                return formats.setdefault((pattern, is_struck), book.add_format(properties))

            sheet = book.add_worksheet("person")
            for row, title in enumerate(self.titles):
                sheet.write_string(row, 0, title)
            for column, heading in self.columns.items():
                sheet.write_string(self.heading_row, column, heading)
            for column, first, last in self.merged:
                sheet.merge_range(first, column, last, column, "")
            for (row, column), cell in self.cells.items():
                cell.write(sheet, row, column, partial(add, is_struck=(row, column) in self.struck))
            for row, column in (*self.comments, (self.heading_row, min(self.columns))):
                sheet.write_comment(row, column, "应为 500")
            for row in self.hidden_rows:
                sheet.set_row(row, None, None, {"hidden": True})
            for column in self.hidden_columns:
                sheet.set_column(column, column, None, None, {"hidden": True})
            if self.is_hidden:
                book.add_worksheet("说明").activate()
                sheet.hide()
        return path


@st.composite
def messy_sheets(draw: st.DrawFn, cells: st.SearchStrategy[TypedCell] = cells) -> MessySheet:
    """A sheet that is read, whatever is in it."""
    titles = draw(st.lists(st.sampled_from(["五月考核表", "单位：元", "制表：人力资源部"]), max_size=3))
    heading_row = len(titles) + draw(st.integers(0, 2))
    start = draw(st.integers(0, 2))
    places = draw(st.permutations(range(start, start + 4)))
    columns = dict(zip(places[:3], HEADINGS, strict=True))
    id_column = places[0]
    sheet_cells: dict[tuple[int, int], TypedCell] = {}
    first = heading_row + 1
    rows = [first + offset for offset in range(draw(st.integers(1, 6))) if draw(st.integers(0, 4))]
    for row in rows:
        sheet_cells[row, id_column] = text_cell(draw(ids)) if draw(st.integers(0, 5)) else draw(cells)
        for column in (*places[1:], start + 5):  # the last two have no heading
            if draw(st.integers(0, 2)):
                sheet_cells[row, column] = draw(cells)
    if draw(st.integers(0, 4)) == 0:
        sheet_cells[draw(st.sampled_from([40, 10**6])), draw(st.sampled_from([20, 16_383]))] = draw(cells)
    merged = []
    if len(rows) > 1 and draw(st.booleans()):
        column = places[draw(st.integers(0, 2))]
        merged.append((column, rows[0], rows[-1]))
        for row in rows[1:]:
            sheet_cells.pop((row, column), None)
    filled = sorted({row for row, _ in sheet_cells if row < 100})
    hidden_rows = set(draw(st.lists(st.sampled_from(filled), max_size=2))) if filled else set()
    hidden_columns = set(draw(st.lists(st.sampled_from(sorted(columns)), max_size=1)))
    comments = (
        draw(st.sets(st.sampled_from(sorted(sheet_cells)), max_size=2))
        if sheet_cells and draw(st.booleans())
        else set()
    )
    struck = (
        draw(st.sets(st.sampled_from(sorted(sheet_cells)), max_size=3))
        if sheet_cells and draw(st.booleans())
        else set()
    )
    is_hidden = draw(st.integers(0, 5)) == 0
    return MessySheet(
        titles, heading_row, columns, sheet_cells, hidden_rows, hidden_columns, merged, is_hidden, comments, struck
    )


def rewrite(path: Path, part: str, old: str, new: str) -> Path:
    """A workbook of which a part is written in another way."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as rewritten:
        for name in archive.namelist():
            text = archive.read(name)
            rewritten.writestr(name, text.replace(old.encode(), new.encode()) if name == part else text)
    path.write_bytes(content.getvalue())
    return path
