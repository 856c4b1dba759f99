"""From the cells of a file to a table: what CSV files and the sheets of workbooks have in common."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.cells import shorten
from scorecore.io.heading_row import find_heading_row

__all__ = [
    "find_heading_row",
    "list_cells",
    "list_ranges",
    "report_cells_without_heading",
    "report_rows_above",
    "report_stray_cells",
]
_MAX_LISTED: Final = 5


def report_rows_above(rows: Mapping[int, Sequence[str]], source: str, diagnostics: Diagnostics) -> None:
    """Note the rows above the headings, which have the texts by their numbers."""
    filled = {number: [text for text in texts if text.strip()] for number, texts in rows.items() if any(texts)}
    if filled:
        first = next(iter(filled))
        text = shorten(" ".join(" ".join(texts) for texts in filled.values()))
        diagnostics.add(catalogue.ROWS_ABOVE_HEADINGS, Location(source, first, 0), count=len(filled), text=text)


def report_cells_without_heading(
    columns: Mapping[int, pl.Series], row_numbers: pl.Series, source: str, diagnostics: Diagnostics, *, in_sheet: bool
) -> None:
    """Note the cells of columns that have no heading; `columns` has them by their numbers, from 1."""
    cells: list[tuple[int, int]] = []
    count = 0
    for number, column in columns.items():
        filled = (column.str.strip_chars() != "").arg_true()
        count += len(filled)
        cells += [(row_numbers[position], number) for position in filled.head(_MAX_LISTED)]
    report_stray_cells(cells, count, source, diagnostics, in_sheet=in_sheet)


def report_stray_cells(
    cells: Sequence[tuple[int, int]], count: int, source: str, diagnostics: Diagnostics, *, in_sheet: bool
) -> None:
    """Note cells without a heading, which are known by row and column; there may be more of them than are listed."""
    if not cells:
        return
    first, listed = list_cells(cells, count, source)
    first = first if in_sheet else Location(source, first.line, 0)
    diagnostics.add(catalogue.CELLS_WITHOUT_HEADING, first, count=count, cells=listed)


def list_cells(cells: Sequence[tuple[int, int]], count: int, source: str) -> tuple[Location, str]:
    """The first of some cells, and the first few as people write them, of `count`."""
    places = [Location(source, row, column, in_sheet=True) for row, column in sorted(cells)[:_MAX_LISTED]]
    return places[0], ", ".join(place.cell for place in places) + (", …" if count > _MAX_LISTED else "")


def list_ranges(numbers: Iterable[int], count: int) -> str:
    """Numbers of rows as people write them: `3, 5-8`; the first of them, where there are many."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        elif len(ranges) == _MAX_LISTED:
            break
        else:
            ranges.append([number, number])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in ranges[:_MAX_LISTED]]
    shown = sum(last - first + 1 for first, last in ranges[:_MAX_LISTED])
    return ", ".join(texts) + (", …" if shown < count else "")
