"""The least and the greatest: of numbers, dates or timestamps."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable
from typing import Final

import polars as pl

from scorecore.language.operators.arithmetic import require_numbers
from scorecore.language.operators.operator import ColumnExpression, CoreOperator
from scorecore.language.operators.scaled import align_numbers, get_physical_dtype, narrow
from scorecore.values.types import Type, TypeKind, widest


def _extreme_type(name: str, choose: Callable[..., int]) -> Callable[..., Type]:
    def type_(*types: Type) -> Type:
        if types[0].kind in _TIMES and all(operand.kind is types[0].kind for operand in types):
            return types[0]
        kind = require_numbers(name, *types)
        low, high = choose(operand.low for operand in types), choose(operand.high for operand in types)
        return widest(kind, low, high, *types)

    return type_


_TIMES: Final = frozenset({TypeKind.DATE, TypeKind.TIMESTAMP})
"""What is earlier or later; the least of them is the earliest."""


def _extreme_column(function: str) -> Callable[..., pl.Expr]:
    """A function of Polars by its name: Polars need not be loaded yet."""

    def column(result: Type, *columns: ColumnExpression) -> pl.Expr:
        if result.is_number:
            values, _, dtype = align_numbers(*columns)
        else:
            values, dtype = [operand.expr for operand in columns], get_physical_dtype(result)
        # Polars skips nulls; here one unknown makes the result unknown
        is_known = pl.all_horizontal(*(operand.is_not_null() for operand in values))
        return narrow(pl.when(is_known).then(getattr(pl, function)(*values)), dtype, result)

    return column


def _extreme_source(function: str, sign: str, operands: int) -> str:
    if operands == 2:  # noqa: PLR2004  a comparison is three times as quick as the function
        return f"{{left}} if ({{left}} := {{0}}) {sign} ({{right}} := {{1}}) else {{right}}"
    slots = ", ".join(f"{{{position}}}" for position in range(operands))
    return f"{function}({slots})" if operands > 1 else slots


OPERATORS: Final = (
    CoreOperator(
        "least",
        "the least of two or more numbers; of dates or timestamps the earliest",
        "least(a, b, …)",
        _extreme_type("least", min),
        lambda *numbers: min(numbers),
        lambda *types: _extreme_source("min", "<=", len(types)),
        _extreme_column("min_horizontal"),
    ),
    CoreOperator(
        "greatest",
        "the greatest of two or more numbers; of dates or timestamps the latest",
        "greatest(a, b, …)",
        _extreme_type("greatest", max),
        lambda *numbers: max(numbers),
        lambda *types: _extreme_source("max", ">=", len(types)),
        _extreme_column("max_horizontal"),
    ),
)
