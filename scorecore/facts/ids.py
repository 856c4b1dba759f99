"""Ids of subjects: two texts that look alike, and mean the same person, are one id."""

from __future__ import annotations  # nothing loads Polars when a command starts

from typing import Final

import polars as pl

from scorecore.facts.convert import CellNote, ConvertedColumn, is_printable_ascii, read_column
from scorecore.facts.notations import compose
from scorecore.values.types import STRING

_COMPOSED: Final = r"^[ -~\x{3001}-\x{3004}\x{3041}-\x{3096}\x{30A1}-\x{30FA}\x{4E00}-\x{9FFF}]*$"
"""Texts that NFKC leaves as they are."""


def read_ids(cells: pl.Series) -> ConvertedColumn:
    """Cells as ids: NFKC, without invisible characters and blanks around; whatever this changes is noted."""
    texts, faults, notes = read_column(cells, STRING)
    composed = texts
    if not is_printable_ascii(texts) and (doubtful := _find_doubtful(texts)).any():
        rows = doubtful.arg_true()
        new = pl.Series(values=[compose(text) or None for text in texts.gather(rows)], dtype=pl.String)
        composed = texts.clone().scatter(rows, new)
    if cells.dtype == pl.String:
        changed = (cells != composed).fill_null(value=False).arg_true().to_list()
        notes = {row: CellNote(cells[row], composed[row]) for row in changed}
    return ConvertedColumn(composed, faults, notes)


def _find_doubtful(texts: pl.Series) -> pl.Series:
    """Where NFKC may change a text."""
    return (~texts.str.contains(_COMPOSED)).fill_null(value=False)


def fold_case(ids: pl.Series) -> pl.Series:
    """Ids without the difference between capital and small letters."""
    return ids.str.to_lowercase()
