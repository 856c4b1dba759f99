"""Parquet files, and folders of them that are one table each, as `run --parts`, Spark and other engines write them."""

from __future__ import annotations  # nothing loads Polars when a command starts

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import RawTable

NO_PARQUET: Final = "it is not a Parquet file, or it is damaged"
"""What is said instead of what another library says: that is in English, and about its own insides."""
_UNLIKE_PIECES: Final = "its files do not have the same columns"
_PIECE: Final = re.compile(r"(part-|[0-9]).*\.parquet")
_BESIDE_PIECES: Final = re.compile(r"[._].*")
"""Marks and checksums of the engines that write folders."""


def list_pieces(path: Path) -> list[Path]:
    """The files of a folder that is one table, in the order of their names; none where it is no such folder."""
    if not path.is_dir():
        return []
    try:
        files = sorted(file for file in path.iterdir() if not _BESIDE_PIECES.fullmatch(file.name))
    except OSError:
        return []
    return files if all(_PIECE.fullmatch(file.name) and file.is_file() for file in files) else []


def count_parquet_rows(path: Path) -> int:
    """How many rows the table of a file or folder has; raises what Polars raises."""
    return int(_scan(path).select(pl.len()).collect().item())


def read_parquet(path: Path, diagnostics: Diagnostics) -> RawTable | None:
    """The table of a file or folder, whose rows are numbered from 1; None with a diagnostic if it cannot be read."""
    with _reporting(path, diagnostics):
        return RawTable(_with_single_cells(_scan(path).collect()), str(path), first_row=1)
    return None


def read_parquet_chunks(path: Path, rows: int, diagnostics: Diagnostics) -> Iterator[RawTable]:
    """The same in pieces of at most so many rows; one without rows if it is empty."""
    with _reporting(path, diagnostics):
        for start in range(0, max(1, count_parquet_rows(path)), rows):
            frame = _scan(path).slice(start, rows).collect()
            yield RawTable(_with_single_cells(frame), str(path), first_row=1 + start)


def _scan(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(list_pieces(path) or path, hive_partitioning=False)


@contextmanager
def _reporting(path: Path, diagnostics: Diagnostics) -> Iterator[None]:
    """Report why a table cannot be read."""
    try:
        yield
    except (pl.exceptions.SchemaError, pl.exceptions.ColumnNotFoundError):
        reason = _UNLIKE_PIECES
    except OSError as error:
        reason = error.strerror or NO_PARQUET
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        reason = NO_PARQUET
    else:
        return
    diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason=reason)


def _with_single_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of lists, bytes and the like, which no fact is, as text."""
    unfit = {pl.Binary, pl.Duration, pl.Object}
    foreign = [name for name, dtype in frame.schema.items() if dtype.is_nested() or dtype.base_type() in unfit]
    return frame.with_columns(
        pl.Series(name, [None if cell is None else str(cell) for cell in frame[name].to_list()], dtype=pl.String)
        for name in foreign
    )
