"""Text: only questions about it. Policies compare and look up text; they do not build it."""

from collections.abc import Callable
from typing import Final

import polars as pl

from scorecore.operators.operator import Column, Operator, same_source, takes
from scorecore.types import BOOL, Kind, Type, integer

LONGEST: Final = 10_000
"""Characters of a text fact; longer ones are bad facts."""


def _column(ask: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    return lambda _result, of, part: ask(of.expr.cast(pl.String), part.expr.cast(pl.String))


def _size(_result: Type, of: Column) -> pl.Expr:
    return of.expr.cast(pl.String).str.len_chars().cast(pl.Int64)


OPERATORS: Final = (
    Operator(
        "contains",
        "whether a text has another one in it",
        "a.contains(b)",
        takes("contains", Kind.STRING, BOOL),
        lambda of, part: part in of,
        same_source("{1} in {0}"),
        _column(lambda of, part: of.str.contains(part, literal=True)),
    ),
    Operator(
        "startsWith",
        "whether a text begins with another one",
        "a.startsWith(b)",
        takes("startsWith", Kind.STRING, BOOL),
        str.startswith,
        same_source("{0}.startswith({1})"),
        _column(lambda of, part: of.str.starts_with(part)),
    ),
    Operator(
        "endsWith",
        "whether a text ends with another one",
        "a.endsWith(b)",
        takes("endsWith", Kind.STRING, BOOL),
        str.endswith,
        same_source("{0}.endswith({1})"),
        _column(lambda of, part: of.str.ends_with(part)),
    ),
    Operator(
        "size",
        "how many characters a text has",
        "size(a)",
        takes("size", Kind.STRING, integer(0, LONGEST)),
        len,
        same_source("len({0})"),
        _size,
    ),
)
