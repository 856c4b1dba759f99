"""Text: only questions about it. Policies compare and look up text; they do not build it."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable
from typing import Final

import polars as pl

from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    make_constant_source,
    require_operands,
)
from scorecore.values.types import (
    BOOL,
    Type,
    TypeKind,
    integer_type,
)

MAX_TEXT_LENGTH: Final = 10_000
"""Characters of a text fact; longer ones are bad facts."""


def _column(ask: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    return lambda _result, text, part: ask(text.expr.cast(pl.String), part.expr.cast(pl.String))


def _size(_result: Type, text: ColumnExpression) -> pl.Expr:
    return text.expr.cast(pl.String).str.len_chars().cast(pl.Int64)


OPERATORS: Final = (
    CoreOperator(
        "contains",
        "whether a text contains another one",
        "a.contains(b)",
        require_operands("contains", TypeKind.STRING, BOOL),
        lambda text, part: part in text,
        make_constant_source("{1} in {0}"),
        _column(lambda text, part: text.str.contains(part, literal=True)),
    ),
    CoreOperator(
        "startsWith",
        "whether a text starts with another one",
        "a.startsWith(b)",
        require_operands("startsWith", TypeKind.STRING, BOOL),
        str.startswith,
        make_constant_source("{0}.startswith({1})"),
        _column(lambda text, part: text.str.starts_with(part)),
    ),
    CoreOperator(
        "endsWith",
        "whether a text ends with another one",
        "a.endsWith(b)",
        require_operands("endsWith", TypeKind.STRING, BOOL),
        str.endswith,
        make_constant_source("{0}.endswith({1})"),
        _column(lambda text, part: text.str.ends_with(part)),
    ),
    CoreOperator(
        "size",
        "the number of characters of a text",
        "size(a)",
        require_operands("size", TypeKind.STRING, integer_type(0, MAX_TEXT_LENGTH)),
        len,
        make_constant_source("len({0})"),
        _size,
    ),
)
