"""Conditions and comparisons. `and` and `or` absorb an unknown operand where the other one decides."""

from __future__ import annotations  # nothing loads Polars when a command starts

import operator
from collections.abc import Callable
from string import Formatter
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
    make_constant_source,
)
from scorecore.language.operators.scaled import align_numbers, get_physical_dtype, make_constant_column
from scorecore.values.types import (
    BOOL,
    Type,
    TypeKind,
    Value,
    union_type,
)
from scorecore.values.unknown import Maybe, Unknown


def _bools(name: str, *types: Type) -> Type:
    if any(operand.kind is not TypeKind.BOOL for operand in types):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=name, types=", ".join(map(str, types)))
    return BOOL


def _and(left: Maybe, right: Maybe) -> Maybe:
    if left is False or right is False:
        return False
    return Unknown.of(left, right) or True


def _or(left: Maybe, right: Maybe) -> Maybe:
    if left is True or right is True:
        return True
    return Unknown.of(left, right) or False


def _if_type(condition: Type, then: Type, otherwise: Type) -> Type:
    result = union_type(then, otherwise)
    if condition.kind is not TypeKind.BOOL or result is None:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="? :", types=f"{condition}, {then}, {otherwise}")
    return result


def _if(condition: Maybe, then: Maybe, otherwise: Maybe) -> Maybe:
    if isinstance(condition, Unknown):
        return condition
    return then if condition else otherwise


def hold_as_type(column: ColumnExpression, result: Type) -> pl.Expr:
    """A column held as `result` is held."""
    if result.is_number:
        (expr, *_), places, dtype = align_numbers(column, ColumnExpression(column.expr, result))
        assert places == result.places  # noqa: S101  a union is at least as fine as its parts
        return expr if dtype == get_physical_dtype(result) else expr.cast(get_physical_dtype(result))
    return (
        column.expr
        if get_physical_dtype(column.type) == get_physical_dtype(result)
        else column.expr.cast(get_physical_dtype(result))
    )


def _if_column(
    result: Type, condition: ColumnExpression, then: ColumnExpression, otherwise: ColumnExpression
) -> pl.Expr:
    # `when` takes the other branch on null, so the other branch has its own condition
    return (
        pl.when(condition.expr)
        .then(hold_as_type(then, result))
        .when(~condition.expr)
        .then(hold_as_type(otherwise, result))
    )


def _comparable(name: str, left: Type, right: Type) -> Type:
    comparable = (left.is_number and right.is_number) or left.kind is right.kind
    if not comparable or (left.kind is TypeKind.BOOL and name not in {"==", "!="}):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=name, types=f"{left}, {right}")
    return BOOL


def _compare_type(name: str) -> Callable[..., Type]:
    return lambda left, right: _comparable(name, left, right)


def _texts(name: str, left: ColumnExpression, right: ColumnExpression) -> tuple[pl.Expr, pl.Expr]:
    """Two columns of text that can be compared: equality of one closed list by number, all else as text."""
    closed = get_physical_dtype(left.type)
    if name in {"==", "!="} and right.type.among is not None and isinstance(closed, pl.Enum):
        if len(right.type.among) == 1 and right.type.among[0] in closed.categories:
            return left.expr, right.expr.cast(pl.String).cast(closed)
        if closed == get_physical_dtype(right.type):
            return left.expr, right.expr
    return left.expr.cast(pl.String), right.expr.cast(pl.String)


def _compare_column(name: str, compare: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    def column(_result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
        if left.type.is_number:
            (left_value, right_value), _, _ = align_numbers(left, right)
        elif left.type.kind is TypeKind.STRING:
            left_value, right_value = _texts(name, left, right)
        else:
            left_value, right_value = left.expr, right.expr
        return compare(left_value, right_value)

    return column


def _in_type(operand: Type, *_items: Value) -> Type:
    if operand.kind is TypeKind.BOOL:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="in", types=str(operand))
    return BOOL


def _in_column(_result: Type, value: ColumnExpression, *items: Value) -> pl.Expr:
    equal = COMPARE["=="].column
    equalities = [equal(BOOL, value, make_constant_column(item)) for item in items]
    return pl.any_horizontal(*equalities) if equalities else pl.when(value.expr.is_not_null()).then(pl.lit(value=False))


GUARDS: Final = {
    kind.code: kind
    for kind in (
        *(catalogue.HELD, catalogue.COLLIDE, catalogue.UNRATED, catalogue.TOO_FEW_RATINGS),
        *(catalogue.BEFORE_FIRST, catalogue.NO_ROWS_FOR, catalogue.NO_ROW_HOLDS),
    )
}
"""Why a value that a condition guards is unknown where the condition does not hold, by code."""


def _require_type(condition: Type, guarded: Type, _code: str, *_blanks: str) -> Type:
    if condition.kind is not TypeKind.BOOL:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="require", types=f"{condition}, {guarded}")
    return guarded


def require(condition: Maybe, value: Maybe | None, code: str, *params: str) -> Maybe | None:
    """`value`, which may be absent, where the condition holds.

    `params` are in the order of the placeholders in the reason's sentence.
    """
    if isinstance(condition, Unknown):
        return condition
    if not condition:
        names = [name for _, name, _, _ in Formatter().parse(GUARDS[code].message) if name]
        raise UndefinedResult(GUARDS[code], **dict(zip(names, params, strict=True)))
    return value


COMPARE: Final = {
    comparison.name: comparison
    for comparison in (
        CoreOperator(
            name,
            summary,
            f"a {name} b",
            _compare_type(name),
            compare,
            make_constant_source(f"{{0}} {name} {{1}}"),
            _compare_column(name, compare),
            repeats=False,
        )
        for name, summary, compare in (
            ("==", "whether two values are the same", operator.eq),
            ("!=", "whether two values differ", operator.ne),
            ("<", "whether a number, date or text comes before another", operator.lt),
            ("<=", "whether a number, date or text does not come after another", operator.le),
            (">", "whether a number, date or text comes after another", operator.gt),
            (">=", "whether a number, date or text does not come before another", operator.ge),
        )
    )
}

OPERATORS: Final = (
    *COMPARE.values(),
    CoreOperator(
        "and",
        "true if both hold; false as soon as one does not, even if the other is unknown",
        "a && b",
        lambda left, right: _bools("&&", left, right),
        _and,
        make_constant_source("{0} and {1}"),
        lambda _result, left, right: left.expr & right.expr,
        strict=False,
        repeats=False,
    ),
    CoreOperator(
        "or",
        "true as soon as one holds, even if the other is unknown; false if neither does",
        "a || b",
        lambda left, right: _bools("||", left, right),
        _or,
        make_constant_source("{0} or {1}"),
        lambda _result, left, right: left.expr | right.expr,
        strict=False,
        repeats=False,
    ),
    CoreOperator(
        "not",
        "true if the condition does not hold",
        "!a",
        lambda operand: _bools("!", operand),
        operator.not_,
        make_constant_source("not {0}"),
        lambda _result, operand: ~operand.expr,
        repeats=False,
    ),
    CoreOperator(
        "if",
        "one of two values; the other may be unknown",
        "condition ? a : b",
        _if_type,
        _if,
        make_constant_source("{1} if {0} else {2}"),
        _if_column,
        strict=False,
    ),
    CoreOperator(
        "in",
        "whether a value is one of a list of constants",
        "a in [1, 2]",
        _in_type,
        lambda operand, *items: operand in items,
        make_constant_source("{0} in {options}"),
        _in_column,
    ),
    CoreOperator(
        "require",
        "the value if the condition holds; otherwise it is unknown, for the given reason",
        'require(condition, a, "reason")',
        _require_type,
        require,
        make_constant_source("require({0}, {1}, *{options})"),
        lambda _result, condition, operand, *_reason: pl.when(condition.expr).then(operand.expr),
        strict=False,
        repeats=False,
    ),
)
