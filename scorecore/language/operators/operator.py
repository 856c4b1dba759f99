"""What an operator is: one definition for its types, for one value and for a column of values."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

import polars as pl
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.values.ratio import EXACT, ROUNDING, STICKY
from scorecore.values.types import Type, TypeKind

__all__ = ["EXACT", "ROUNDING", "STICKY"]
LAST: Final = Decimal("1E-12")
"""The last place of a decimal."""


class UndefinedResult(Exception):  # noqa: N818  not an error: the value is unknown, and this says why
    """An operator has no value for these operands."""

    def __init__(self, kind: DiagnosticKind, **params: object) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.params = params


class OperandTypeError(Exception):
    """An operator does not take operands of these types."""

    def __init__(self, kind: DiagnosticKind, **params: object) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.params = params


@frozen
class ColumnExpression:
    """A column of values: how Polars computes it, and the type, which fixes how it is held (see `scaled`)."""

    expr: pl.Expr
    type: Type


@frozen
class CoreOperator:
    """One row of the table.

    `options` are constants that are not operands: the places of a rounding, the list after `in`.
    A `strict` operator has no value where an operand has none; the others see an unknown operand themselves.
    """

    name: str
    summary: str
    signature: str
    type: Callable[..., Type]
    """(types of the operands, then options) -> type of the result; raises OperandTypeError."""
    value: Callable[..., Any]
    """(operands, then options) -> the value; raises UndefinedResult. Runs inside EXACT."""
    source: Callable[..., str]
    """(types of the operands, then options) -> Python text with a placeholder {0}, {1} … for each operand.

    Other placeholders are {options}, and {left} and {right}: names for operands that are mentioned twice.
    """
    column: Callable[..., pl.Expr]
    """(type of the result, operands as Columns, then options) -> the column; null where there is no value."""
    strict: bool = True
    repeats: bool = True
    """Whether the column mentions an operand more than once, so that a large operand needs a column of its own."""
    cuts: bool = False
    """Whether a value is held to 12 places where the type of the result says so: always, in programs of level 1."""
    since: int = 1
    """Language level that brought it."""


def make_constant_source(text: str) -> Callable[..., str]:
    """Python text that does not depend on the types."""
    return lambda *_: text


def require_operands(name: str, kind: TypeKind, result: Type) -> Callable[..., Type]:
    """The result of an operator all of whose operands are of one kind."""

    def type_(*types: Type) -> Type:
        if any(operand.kind is not kind for operand in types):
            raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=name, types=", ".join(map(str, types)))
        return result

    return type_


def build_table(*families: Sequence[CoreOperator]) -> dict[str, CoreOperator]:
    return {operator.name: operator for family in families for operator in family}
