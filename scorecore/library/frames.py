"""Frames of other libraries as Polars frames, without touching a digit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program

FIRST_ROW = 1
"""Rows of frames count from 1: they have no line with headings."""


def read_frames(program: Program, frames: Mapping[str, Any], diagnostics: Diagnostics) -> dict[str, RawTable]:
    """Tables of facts by name or label; what is not a frame, or means nothing, becomes a diagnostic."""
    schema = program.schema
    labels = {table.label: table.name for table in schema.events if table.label}
    names = [schema.subject, *(table.name for table in schema.events), HISTORY]
    used_subjects = [table.use.subject for table in schema.events if table.use]
    tables: dict[str, RawTable] = {}
    for key, given in frames.items():
        name = labels.get(key, key)
        if not used_subjects and name not in names:  # a used policy has tables of its own
            params = {"key": key, "keys": ", ".join(names), **suggest(str(key), names)}
            diagnostics.add(catalogue.UNKNOWN_KEY, Location(str(key), 0, 0), **params)
            continue
        frame = as_polars(given)
        if frame is None:
            diagnostics.add(catalogue.NOT_A_FRAME, Location(str(key), 0, 0), table=key, type=type(given).__name__)
        else:
            tables[name] = RawTable(frame, str(key), FIRST_ROW)
    return tables


def as_polars(given: object) -> pl.DataFrame | None:
    """A table of Polars, Arrow or pandas as a Polars frame; None if it is none of these."""
    if isinstance(given, pl.DataFrame):
        return given
    if isinstance(given, pl.LazyFrame):
        return given.collect()
    if hasattr(given, "iloc") and hasattr(given, "columns"):
        return _from_pandas(given)
    if hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__"):
        table: Any = given
        return pl.DataFrame(table)
    return None


def _from_pandas(frame: Any) -> pl.DataFrame:  # noqa: ANN401  pandas is not required
    """Columns of binary floats stay floats, which are refused where a number is wanted; all else keeps its values."""
    columns = []
    for position, name in enumerate(map(str, frame.columns)):
        column = frame.iloc[:, position]
        missing = column.isna().tolist()
        is_float = str(column.dtype).startswith("float")
        cells = [None if is_missing else cell for cell, is_missing in zip(column.tolist(), missing, strict=True)]
        columns.append(pl.Series(name, cells, dtype=pl.Float64) if is_float else _object_series(name, cells))
    return pl.DataFrame(columns)


def _object_series(name: str, cells: list[Any]) -> pl.Series:
    types = {type(cell) for cell in cells} - {type(None)}
    if len(types) <= 1 and Decimal not in types:
        return pl.Series(name, cells)
    # decimals with all their places, and columns of different types: what each cell shows
    if float not in types:
        return pl.Series(name, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)
    return pl.Series(name, [None if cell is None else float(cell) for cell in cells], dtype=pl.Float64)
