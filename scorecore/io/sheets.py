"""A sheet of a workbook as a raw table; what is unusual about it is noted with its place."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import RawTable
from scorecore.io.layout import list_cells, list_ranges, report_rows_above, report_stray_cells
from scorecore.io.xlsx.rows import CellRange

_MAX_LISTED: Final = 5


@frozen(eq=False, kw_only=True)
class ExtractedSheet:
    """A sheet as the process hands it over that opens workbooks."""

    name: str
    is_hidden: bool
    heading_row: int
    """0 if the sheet is empty."""
    headings: Mapping[int, str]
    """By column, from 1."""
    above: Mapping[int, Mapping[int, str]]
    """The rows above the headings, by row and column."""
    cells: pl.DataFrame
    """Below the headings, the columns named by their numbers."""
    row_numbers: pl.Series
    hidden_rows: Sequence[int]
    hidden_row_count: int
    hidden_columns: Sequence[tuple[int, int]]
    """First and last."""
    stray_cells: Sequence[tuple[int, int]]
    """The first cells, by row and column, of columns that are empty at and above the headings."""
    stray_count: int
    comments: Sequence[tuple[int, int]]
    """The first cells below the headings that have one, by row and column."""
    comment_count: int
    struck_cells: Sequence[tuple[int, int]]
    """The first cells below the headings whose content is struck through, by row and column."""
    struck_count: int
    merged: Sequence[CellRange]


def make_table(sheet: ExtractedSheet, source: str, diagnostics: Diagnostics) -> RawTable | None:
    """The table of a sheet; None with a problem if two columns have one heading."""
    if not sheet.heading_row:
        return RawTable(pl.DataFrame(), source)
    headings = _find_headings(sheet)
    if not _check_distinct(headings, sheet, source, diagnostics):
        return None
    cells, filled = _fill_merged(sheet, headings)
    _note_unusual(sheet, headings, filled, source, diagnostics)
    frame = pl.DataFrame([cells[str(column)].alias(heading) for column, heading in headings.items()])
    first_row, numbers = sheet.heading_row + 1, sheet.row_numbers
    is_dense = not len(frame) or (numbers[0] == first_row and numbers[-1] == first_row + len(frame) - 1)
    lines = () if is_dense and numbers.is_unique().all() else tuple(numbers)
    columns = {heading: column for column, heading in headings.items()}
    return RawTable(frame, source, first_row, lines, columns)


def _find_headings(sheet: ExtractedSheet) -> dict[int, str]:
    """By column its heading, which may be merged with cells above."""
    headings = {column: text.strip() for column, text in sheet.headings.items()}
    for merged in sheet.merged:
        column = merged.first_column
        if merged.first_row < sheet.heading_row <= merged.last_row and column not in headings:
            text = sheet.above.get(merged.first_row, {}).get(column, "").strip()
            headings |= {column: text} if text else {}
    return {column: headings[column] for column in sorted(headings) if str(column) in sheet.cells.columns}


def _check_distinct(headings: Mapping[int, str], sheet: ExtractedSheet, source: str, diagnostics: Diagnostics) -> bool:
    columns: dict[str, int] = {}
    for column, heading in headings.items():
        if heading in columns:
            place = Location(source, sheet.heading_row, column, in_sheet=True)
            other = Location(source, sheet.heading_row, columns[heading], in_sheet=True).cell
            diagnostics.add(catalogue.COLUMN_TWICE, place, heading=heading, place=other)
            return False
        columns[heading] = column
    return True


def _fill_merged(sheet: ExtractedSheet, headings: Mapping[int, str]) -> tuple[pl.DataFrame, list[CellRange]]:
    """The cells, each of a merged range with what the range shows; and the ranges of which this is so.

    A row that is otherwise empty stays empty.
    """
    fills: dict[int, dict[int, str]] = {}
    filled_ranges = []
    numbers = sheet.row_numbers
    for merged in sheet.merged:
        if merged.last_row <= sheet.heading_row:
            continue
        first, last = numbers.search_sorted(merged.first_row), numbers.search_sorted(merged.last_row, "right")
        columns = [column for column in headings if merged.first_column <= column <= merged.last_column]
        text = None
        if (
            first < len(numbers)
            and numbers[first] == merged.first_row
            and str(merged.first_column) in sheet.cells.columns
        ):
            text = sheet.cells[str(merged.first_column)][first]
        if text is None or not columns or (last - first) * len(columns) <= 1:
            continue
        filled_ranges.append(merged)
        for column in columns:
            fills.setdefault(column, {}).update(dict.fromkeys(range(first, last), text))
    filled = [
        sheet.cells[str(column)].clone().scatter(list(texts), list(texts.values())) for column, texts in fills.items()
    ]
    return sheet.cells.with_columns(filled), filled_ranges


def _note_unusual(
    sheet: ExtractedSheet,
    headings: Mapping[int, str],
    filled: Sequence[CellRange],
    source: str,
    diagnostics: Diagnostics,
) -> None:
    whole = Location(source, 0, 0)
    if sheet.is_hidden:
        diagnostics.add(catalogue.HIDDEN_SHEET, whole)
    report_rows_above({row: list(cells.values()) for row, cells in sheet.above.items()}, source, diagnostics)
    if sheet.hidden_rows:
        rows = list_ranges(sheet.hidden_rows, sheet.hidden_row_count)
        place = Location(source, sheet.hidden_rows[0], 0)
        diagnostics.add(catalogue.HIDDEN_ROWS, place, count=sheet.hidden_row_count, rows=rows)
    hidden = [column for column in headings if any(first <= column <= last for first, last in sheet.hidden_columns)]
    if hidden:
        listed = ", ".join(headings[column] for column in hidden)
        place = Location(source, sheet.heading_row, hidden[0], in_sheet=True)
        diagnostics.add(catalogue.HIDDEN_COLUMNS, place, count=len(hidden), columns=listed)
    if filled:
        place = Location(source, filled[0].first_row, filled[0].first_column, in_sheet=True)
        diagnostics.add(catalogue.MERGED_CELLS, place, count=len(filled), ranges=_list_cells(filled))
    strays = [*_find_cells_without_heading(sheet, headings), *sheet.stray_cells]
    count = len(strays) - len(sheet.stray_cells) + sheet.stray_count
    report_stray_cells(strays, count, source, diagnostics, in_sheet=True)
    if sheet.comments:
        first, cells = list_cells(sheet.comments, sheet.comment_count, source)
        diagnostics.add(catalogue.COMMENTED_CELLS, first, count=sheet.comment_count, cells=cells)
    if sheet.struck_cells:
        first, cells = list_cells(sheet.struck_cells, sheet.struck_count, source)
        diagnostics.add(catalogue.STRUCK_CELLS, first, count=sheet.struck_count, cells=cells)


def _find_cells_without_heading(sheet: ExtractedSheet, headings: Mapping[int, str]) -> Iterator[tuple[int, int]]:
    """The cells of columns that have a text above the headings, and no heading."""
    for name in sheet.cells.columns:
        if int(name) not in headings:
            for position in (sheet.cells[name].str.strip_chars() != "").arg_true():
                yield int(sheet.row_numbers[position]), int(name)


def _list_cells(ranges: Sequence[CellRange]) -> str:
    texts = [
        f"{Location('', merged.first_row, merged.first_column, in_sheet=True).cell}:"
        f"{Location('', merged.last_row, merged.last_column, in_sheet=True).cell}"
        for merged in ranges[:_MAX_LISTED]
    ]
    return ", ".join(texts) + (", …" if len(ranges) > _MAX_LISTED else "")
