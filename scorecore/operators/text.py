"""Text: only questions about it. Policies compare and look up text; they do not build it."""

from collections.abc import Callable
from typing import Final

import polars as pl

from scorecore import kinds
from scorecore.operators.operator import Column, Operator, Unfit, same_source
from scorecore.types import BOOL, Kind, Type, integer

LONGEST: Final = 10_000
"""Characters of a text fact; longer ones are bad facts."""


def _strings(name: str, result: Type) -> Callable[..., Type]:
    def type_(*types: Type) -> Type:
        if any(one.kind is not Kind.STRING for one in types):
            raise Unfit(kinds.WRONG_OPERANDS, operator=name, types=", ".join(map(str, types)))
        return result

    return type_


def _column(ask: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    return lambda _result, of, part: ask(of.expr.cast(pl.String), part.expr.cast(pl.String))


def _size(_result: Type, of: Column) -> pl.Expr:
    return of.expr.cast(pl.String).str.len_chars().cast(pl.Int64)


OPERATORS: Final = (
    Operator(
        "contains",
        "whether a text has another one in it",
        "a.contains(b)",
        _strings("contains", BOOL),
        lambda of, part: part in of,
        same_source("{1} in {0}"),
        _column(lambda of, part: of.str.contains(part, literal=True)),
    ),
    Operator(
        "startsWith",
        "whether a text begins with another one",
        "a.startsWith(b)",
        _strings("startsWith", BOOL),
        str.startswith,
        same_source("{0}.startswith({1})"),
        _column(lambda of, part: of.str.starts_with(part)),
    ),
    Operator(
        "endsWith",
        "whether a text ends with another one",
        "a.endsWith(b)",
        _strings("endsWith", BOOL),
        str.endswith,
        same_source("{0}.endswith({1})"),
        _column(lambda of, part: of.str.ends_with(part)),
    ),
    Operator(
        "size",
        "how many characters a text has",
        "size(a)",
        _strings("size", integer(0, LONGEST)),
        len,
        same_source("len({0})"),
        _size,
    ),
)
