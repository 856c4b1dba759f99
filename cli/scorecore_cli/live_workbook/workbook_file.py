"""The sheets of a decision as a file: texts are text cells, whatever they look like, and only we write formulas."""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import xlsxwriter

from scorecore.io.own_files import AUTHOR
from scorecore.io.writers import set_up_page
from scorecore.values.ratio import Ratio
from scorecore_cli.live_workbook.grid import CellFormula, CellStyle, GridBook, SheetGrid
from scorecore_cli.live_workbook.step_sheets import DIFFERENT

_STYLES: Final[Mapping[CellStyle, Mapping[str, Any]]] = {
    "plain": {},
    "heading": {"bold": True, "bottom": 1, "text_wrap": True},
    "title": {"bold": True, "font_size": 14},
    "note": {"font_color": "#555555"},
    "input": {"font_color": "#1F4E9E", "bg_color": "#EAF1FB", "align": "right", "indent": 1},
    "value": {"align": "right", "indent": 1},
    "marked": {"bg_color": "#FFF2CC", "align": "right", "indent": 1},
    "check": {"align": "center"},
    "helper": {"font_color": "#777777", "align": "right", "indent": 1},
    "recorded": {"font_color": "#555555", "align": "right", "indent": 1},
    "value_heading": {"bold": True, "bottom": 1, "text_wrap": True, "align": "right", "indent": 1},
}
_DAY: Final = "yyyy-mm-dd"
_MOMENT: Final = "yyyy-mm-dd hh:mm:ss"
_LONGEST_TEXT: Final = 32767
_UNCOMPUTED: Final = "\ue001"
"""The value of a formula whose value we do not have."""
_WITHOUT_VALUE: Final = re.compile(r' t="str"(><f>[^<]*</f>)<v>\ue001</v>')
"""A program for sheets believes the value that a cell has, and computes a cell that has none."""


def write_book(book: GridBook, title: str) -> bytes:
    """The file of a workbook."""
    content = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        workbook.set_properties({"author": AUTHOR, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        formats = _GridFormats(workbook)
        for grid in book.grids:
            _write_sheet(workbook.add_worksheet(grid.name), grid, formats, title)
        for name, place in book.names.items():
            workbook.define_name(name, f"={place}")
    return _without_uncomputed(content.getvalue())


def _without_uncomputed(content: bytes) -> bytes:
    """The file with no value at all in the cells whose value we do not have."""
    rewritten = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(rewritten, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename.startswith("xl/worksheets/sheet"):
                text = _WITHOUT_VALUE.sub(r"\1", text.decode()).encode()
            new.writestr(part, text)
    return rewritten.getvalue()


class _GridFormats:
    """The formats of a workbook, each added once."""

    def __init__(self, workbook: Any) -> None:  # noqa: ANN401  of xlsxwriter
        self._workbook = workbook
        self._formats: dict[tuple[CellStyle, str], Any] = {}

    def get_or_add(self, style: CellStyle, pattern: str = "") -> Any:  # noqa: ANN401  a format of xlsxwriter
        if (style, pattern) not in self._formats:
            number = {"num_format": pattern} if pattern else {}
            self._formats[style, pattern] = self._workbook.add_format({**_STYLES[style], **number, "valign": "top"})
        return self._formats[style, pattern]


def _write_sheet(sheet: Any, grid: SheetGrid, formats: _GridFormats, title: str) -> None:  # noqa: ANN401  of xlsxwriter
    for column, width in grid.widths.items():
        sheet.set_column(column, column, width)
    for (row, column), cell in grid.cells.items():
        content, style = cell.content, formats.get_or_add(cell.style, _pattern(cell.content))
        if isinstance(content, CellFormula):
            sheet.write_formula(row, column, f"={content.text}", style, _plain(content.value))
        elif isinstance(content, bool):
            sheet.write_boolean(row, column, content, style)
        elif isinstance(content, str):
            sheet.write_string(row, column, content[:_LONGEST_TEXT], style)
        elif isinstance(content, date):
            sheet.write_datetime(row, column, content, style)
        else:
            sheet.write_number(row, column, _plain(content), style)
    last = max(row for row, _ in grid.cells), max(column for _, column in grid.cells)
    differs = {"type": "cell", "criteria": "==", "value": f'"{DIFFERENT}"', "format": formats.get_or_add("marked")}
    for row, column in (place for place, cell in grid.cells.items() if cell.style == "check"):
        sheet.conditional_format(row, column, row, column, differs)  # over all cells LibreOffice fails to print
    sheet.freeze_panes(2, 0)
    set_up_page(sheet, title, last, heading_row=1)


def _pattern(content: Any) -> str:  # noqa: ANN401  of a cell
    value = content.value if isinstance(content, CellFormula) else content
    if isinstance(value, datetime):
        return _MOMENT
    return _DAY if isinstance(value, date) else ""


def _plain(value: Any) -> Any:  # noqa: ANN401  a value of any type
    """A value as a cell holds it; a formula without one is computed when the file is opened."""
    match value:
        case None | date():
            return _UNCOMPUTED
        case bool():
            return value
        case Ratio():
            return float(Fraction(value.over, value.under))
        case Decimal() | int():
            return float(value)
    return value
