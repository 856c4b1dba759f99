"""Columns as people and other programs hold them: decimals with their places, closed lists as text."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.program.schema import FactColumn
from scorecore.values.types import Type, TypeKind


def select_readable(frame: pl.DataFrame, columns: Sequence[FactColumn]) -> pl.DataFrame:
    """Some columns of a table of facts, for Python to read."""
    return frame.select(make_readable(pl.col(column.name), column.type) for column in columns)


def read_rows(frame: pl.DataFrame, columns: Sequence[FactColumn]) -> list[tuple[Any, ...]]:
    """The values of some columns, a tuple for each row of a table: empty ones where there are no columns."""
    return select_readable(frame, columns).rows() if columns else [()] * len(frame)


def make_readable(column: pl.Expr, fact_type: Type) -> pl.Expr:
    """One column of a table of facts, for Python to read."""
    if fact_type.is_decimal:
        return column.cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, fact_type.places))
    return column.cast(pl.String) if fact_type.kind is TypeKind.STRING else column


def get_readable_dtype(fact_type: Type) -> pl.DataType:
    """The type of a readable column."""
    if fact_type.is_decimal:
        return pl.Decimal(38, fact_type.places)
    return pl.String() if fact_type.kind is TypeKind.STRING else get_physical_dtype(fact_type)
