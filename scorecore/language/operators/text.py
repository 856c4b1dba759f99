"""Text: only questions about it. Policies compare and look up text; they do not build it."""

from collections.abc import Callable
from typing import Final

import polars as pl

from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    same_source,
    takes,
)
from scorecore.values.types import (
    BOOL,
    Type,
    TypeKind,
    integer_type,
)

LONGEST: Final = 10_000
"""Characters of a text fact; longer ones are bad facts."""


def _column(ask: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    return lambda _result, of, part: ask(of.expr.cast(pl.String), part.expr.cast(pl.String))


def _size(_result: Type, of: ColumnExpression) -> pl.Expr:
    return of.expr.cast(pl.String).str.len_chars().cast(pl.Int64)


OPERATORS: Final = (
    CoreOperator(
        "contains",
        "whether a text contains another one",
        "a.contains(b)",
        takes("contains", TypeKind.STRING, BOOL),
        lambda of, part: part in of,
        same_source("{1} in {0}"),
        _column(lambda of, part: of.str.contains(part, literal=True)),
    ),
    CoreOperator(
        "startsWith",
        "whether a text starts with another one",
        "a.startsWith(b)",
        takes("startsWith", TypeKind.STRING, BOOL),
        str.startswith,
        same_source("{0}.startswith({1})"),
        _column(lambda of, part: of.str.starts_with(part)),
    ),
    CoreOperator(
        "endsWith",
        "whether a text ends with another one",
        "a.endsWith(b)",
        takes("endsWith", TypeKind.STRING, BOOL),
        str.endswith,
        same_source("{0}.endswith({1})"),
        _column(lambda of, part: of.str.ends_with(part)),
    ),
    CoreOperator(
        "size",
        "the number of characters of a text",
        "size(a)",
        takes("size", TypeKind.STRING, integer_type(0, LONGEST)),
        len,
        same_source("len({0})"),
        _size,
    ),
)
