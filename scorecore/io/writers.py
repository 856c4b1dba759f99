"""Decisions as files: a folder of CSV, Parquet or JSON lines, or one workbook.

Files for programs keep the names of the language as headings, so that decisions can be read back as history; a
workbook is for people and has the labels. Nothing that is written can be taken for a formula.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl
import xlsxwriter
from attrs import define, field

from scorecore.io.csv_files import FORMULA, GUARD
from scorecore.io.own_files import AUTHOR, write_beside, write_tables_beside
from scorecore.values.canonical_json import format_decimal

FORMATS: Final = ("csv", "parquet", "jsonl")
WORKBOOK: Final = ".xlsx"
_WIDEST: Final = 60
_WIDE_HEADING: Final = 12
_LINE_HEIGHT: Final = 15
_MOST_LINES: Final = 20
_WIDE: Final = "\u2e80"
"""The first of the letters that are two cells wide."""
_A4: Final = 9
_LONGEST_HEADER: Final = 200
_EXACT_DIGITS: Final = 15
"""Digits that a spreadsheet keeps; a number with more is written as text."""
Label = Callable[[str], str]


def write_folder(
    folder: Path, tables: Mapping[str, pl.DataFrame], file_format: str, *, is_listed: bool = False
) -> list[Path]:
    """One file for each table; raises OSError where the disk refuses. `is_listed`: they may be written over later."""
    folder.mkdir(parents=True, exist_ok=True)
    write = _WRITERS[file_format]
    writers = {f"{name}.{file_format}": partial(write, frame) for name, frame in tables.items()}
    write_tables_beside(folder, writers, is_listed=is_listed)
    return [folder / name for name in writers]


def _csv(frame: pl.DataFrame, path: Path) -> None:
    text = [
        pl.when(pl.col(name).str.contains(f"^{GUARD}*{FORMULA}"))
        .then(GUARD + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name, dtype in frame.schema.items()
        if dtype == pl.String
    ]
    _trimmed(frame).with_columns(text).write_csv(path, include_bom=True)


def _trimmed(frame: pl.DataFrame) -> pl.DataFrame:
    """Decimals as text without trailing zeros."""
    names = [name for name, dtype in frame.schema.items() if dtype.is_decimal()]
    text = [
        pl.when(pl.col(name).str.contains(".", literal=True))
        .then(pl.col(name).str.strip_chars_end("0").str.strip_chars_end("."))
        .otherwise(pl.col(name))
        .alias(name)
        for name in names
    ]
    return frame.with_columns(pl.col(names).cast(pl.String)).with_columns(text) if names else frame


def _parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def _json_lines(frame: pl.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in frame.iter_rows(named=True):
            # null too: a column of what was held is there all the same
            cells = {name: _json(value) for name, value in row.items()}
            file.write(json.dumps(cells, ensure_ascii=False) + "\n")


def _json(value: object) -> object:
    """Decimals as text, which every reader keeps exactly."""
    match value:
        case Decimal():
            return format_decimal(value)
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case _:
            return value


_WRITERS: Final = {"csv": _csv, "parquet": _parquet, "jsonl": _json_lines}


def write_workbook(
    path: Path, tables: Mapping[str, pl.DataFrame], label: Label, add_front: Callable[[Any], None] | None = None
) -> None:
    """One sheet for each table, with labels as headings; raises OSError where the disk refuses.

    `add_front` puts sheets of its own before them.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()  # its own errors of the disk are not OSError
    with xlsxwriter.Workbook(content, options) as book:
        # the same decisions give the same file; programs for sheets set another date of change
        book.set_properties({"author": AUTHOR, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        look = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        heading, number_heading = book.add_format(look), book.add_format({**look, "align": "right"})
        later_heading = book.add_format({**look, "align": "left", "indent": 1})
        formats = _Formats(book)
        if add_front is not None:
            add_front(book)
        for name, frame in tables.items():
            sheet = book.add_worksheet(label(name)[:31])
            sheet.freeze_panes(1, 1)
            headings = label_columns(frame.columns, label)
            widths: list[tuple[object, int]] = []
            for position, (column, dtype) in enumerate(frame.schema.items()):
                title = headings[column]
                values = frame[column].to_list()
                text_heading = later_heading if position else heading
                sheet.write_string(0, position, title, number_heading if dtype.is_numeric() else text_heading)
                widths.append((title, _width(title, values)))
                sheet.set_column(position, position, widths[-1][1])
                for row, value in enumerate(values, 1):
                    _cell(sheet, (row, position), value, dtype, formats)
            sheet.set_row(0, fit_height(widths))
            set_up_page(sheet, label(name), (len(frame), max(0, frame.width - 1)))
            if len(frame):
                sheet.autofilter(0, 0, len(frame), max(0, frame.width - 1))
    write_beside(path, content.getvalue())


def set_up_page(sheet: Any, title: str, last: tuple[int, int], *, heading_row: int = 0) -> None:  # noqa: ANN401  of xlsxwriter
    """Prints across the page, as wide as the page, with the headings and a title on each; `last` is the last cell."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.print_area(0, 0, *last)
    sheet.repeat_rows(heading_row)
    sheet.set_header(f"&L{title.replace('&', '&&')[:_LONGEST_HEADER]}")
    sheet.set_footer("&R&P / &N")


def label_columns(columns: Sequence[str], label: Label) -> dict[str, str]:
    """The heading of each column: its label where no other column could be meant by it, so that it can be read back."""
    labels = {name: label(name) for name in columns}
    count = Counter(labels.values())
    return {
        name: text if count[text] == 1 and text not in labels.keys() - {name} else name for name, text in labels.items()
    }


@define
class _Formats:
    """The number formats of a workbook, each added once."""

    book: Any
    formats: dict[str, Any] = field(factory=dict)

    def get_or_add(self, pattern: str) -> Any:  # noqa: ANN401  a format of xlsxwriter
        if pattern not in self.formats:
            look = {"num_format": pattern} if pattern else {"indent": 1}  # of a text: a number may be before it
            self.formats[pattern] = self.book.add_format(look)
        return self.formats[pattern]


def _cell(sheet: Any, place: tuple[int, int], value: object, dtype: pl.DataType, formats: _Formats) -> None:  # noqa: ANN401
    row, column = place
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, Decimal | int):
        text = format_decimal(Decimal(value))
        if len(text.strip("-").replace(".", "").strip("0")) > _EXACT_DIGITS:
            sheet.write_string(row, column, text)
            return
        places = min(dtype.scale, 2) if isinstance(dtype, pl.Decimal) else 0
        shown = max(places, len(text.partition(".")[2]))
        pattern = "#,##0" + ("." + "0" * shown if shown else "")
        sheet.write_number(row, column, value, formats.get_or_add(pattern))
    else:
        sheet.write_string(row, column, str(value)[:32767], formats.get_or_add("") if column else None)


def _width(title: str, values: Sequence[object]) -> int:
    """How many letters wide a column is: as its values; a heading goes over lines."""
    texts = [str(value) for value in values[:200] if value is not None]
    widest = max(min(_WIDE_HEADING, count_cells(title)), *map(count_cells, texts)) if texts else count_cells(title)
    return min(_WIDEST, 2 + widest)


def count_cells(text: str) -> int:
    """How many letters wide a text is; a Chinese character is two."""
    return sum(1 + (letter >= _WIDE) for letter in text)


def fit_height(cells: Iterable[tuple[object, int]]) -> int:
    """How high a row is, in points, in which texts go over lines: each with the width of its column."""
    lines = (-(-count_cells(str(value)) // max(1, width - 2)) for value, width in cells if value)
    return _LINE_HEIGHT * min(_MOST_LINES, max(lines, default=1))
