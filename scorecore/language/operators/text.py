"""Text: questions about it, and two texts joined, as the key of a table is."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    UndefinedResult,
    make_constant_source,
    require_operands,
)
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.values.types import (
    BOOL,
    STRING,
    Type,
    TypeKind,
    integer_type,
    string_type,
)

MAX_TEXT_LENGTH: Final = 10_000
"""Characters of a text fact; longer ones are bad facts."""


MAX_JOINED: Final = 64
"""So many joined texts of closed lists are listed, so that a text that cannot be is known to be misspelt."""


def joined_type(left: Type, right: Type) -> Type:
    """What two texts can be together."""
    if left.among is None or right.among is None or len(left.among) * len(right.among) > MAX_JOINED:
        return STRING
    texts = dict.fromkeys(before + after for before in left.among for after in right.among)
    return STRING if any(len(text) > MAX_TEXT_LENGTH for text in texts) else string_type(texts)


def join_texts(left: str, right: str) -> str:
    """One text followed by another; no value if it is longer than a text can be."""
    if len(left) + len(right) > MAX_TEXT_LENGTH:
        raise UndefinedResult(catalogue.TEXT_TOO_LONG, length=len(left) + len(right), limit=MAX_TEXT_LENGTH)
    return left + right


def join_columns(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
    """Two columns of texts joined; null where one is, or where the text is too long."""
    joined = pl.concat_str(left.expr.cast(pl.String), right.expr.cast(pl.String))
    if result.among is not None:
        return joined.cast(get_physical_dtype(result))
    return pl.when(joined.str.len_chars() <= MAX_TEXT_LENGTH).then(joined)


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
