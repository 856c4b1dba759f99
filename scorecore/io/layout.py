"""From the cells of a file to a table: what CSV files and the sheets of workbooks have in common."""

from __future__ import annotations  # nothing loads Polars when a command starts

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location

MAX_ROWS_ABOVE: Final = 30
"""Rows in which headings are looked for, empty ones not counted."""
_MAX_LISTED: Final = 5


def find_heading_row(rows: Iterable[Sequence[str | None]], headings: Collection[str]) -> int | None:
    """The position of the row with the headings: the one with most of those that a policy knows.

    Without any that is known, it is the first row that is not empty; None if all are empty.
    """
    expected = {normalize_heading(heading) for heading in headings}
    best, best_score, filled_rows = None, (0, 0), 0
    for position, row in enumerate(rows):
        texts = {normalize_heading(cell) for cell in row if cell} - {""}
        if not texts:
            continue
        known = len(texts & expected)
        score = (known, len(texts) if known else 0)
        if best is None or score > best_score:
            best, best_score = position, score
        filled_rows += 1
        if filled_rows == MAX_ROWS_ABOVE:
            break
    return best


def normalize_heading(text: str) -> str:
    """A heading without what people do not see: blanks, full-width letters, capitals."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def report_cells_without_heading(
    columns: dict[int, pl.Series], row_numbers: pl.Series, source: str, diagnostics: Diagnostics, *, in_sheet: bool
) -> None:
    """Note the cells of columns that have no heading; `columns` has them by their numbers, from 1."""
    cells = [
        (row_numbers[position], number)
        for number, column in sorted(columns.items())
        for position in (column.str.strip_chars() != "").arg_true()
    ]
    if cells:
        places = [Location(source, row, number, in_sheet=True) for row, number in cells[:_MAX_LISTED]]
        listed = ", ".join(place.cell for place in places) + (", …" if len(cells) > _MAX_LISTED else "")
        first = places[0] if in_sheet else Location(source, places[0].line, 0)
        diagnostics.add(catalogue.CELLS_WITHOUT_HEADING, first, count=len(cells), cells=listed)
