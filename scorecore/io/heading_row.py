"""Which row of a file or sheet has the headings. It is imported where Polars is not."""

import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

MAX_ROWS_ABOVE: Final = 30
"""Rows in which headings are looked for, empty ones not counted."""


def find_heading_row(rows: Iterable[Iterable[str | None]], headings: Collection[str]) -> int | None:
    """The position of the row with the headings: the one with most of those that a policy knows.

    Where none has two, it is a row with one below titles, rows of a single text, or the first that is not empty.
    None if all are empty.
    """
    expected = {normalize_heading(heading) for heading in headings}
    best, best_score, filled_rows, only_titles = None, (0, 0), 0, True
    for position, row in enumerate(rows):
        texts = {normalize_heading(cell) for cell in row if cell} - {""}
        if not texts:
            continue
        known = len(texts & expected)
        score = (known, len(texts)) if known > 1 or (known and only_titles) else (0, 0)
        if best is None or score > best_score:
            best, best_score = position, score
        only_titles &= len(texts) == 1
        filled_rows += 1
        if filled_rows == MAX_ROWS_ABOVE:
            break
    return best


def normalize_heading(text: str) -> str:
    """A heading without what people do not see: blanks, full-width letters, capitals."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
