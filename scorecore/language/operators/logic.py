"""Conditions and comparisons. `and` and `or` absorb an unknown operand where the other one decides."""

import operator
from collections.abc import Callable
from string import Formatter
from typing import Any, Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
    same_source,
)
from scorecore.language.operators.scaled import common, constant_column, physical
from scorecore.values.types import (
    BOOL,
    Type,
    TypeKind,
    union_type,
)
from scorecore.values.unknown import Unknown


def _bools(name: str, *types: Type) -> Type:
    if any(one.kind is not TypeKind.BOOL for one in types):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=name, types=", ".join(map(str, types)))
    return BOOL


def _and(left: Any, right: Any) -> Any:  # noqa: ANN401  true, false or Unknown
    if left is False or right is False:
        return False
    return Unknown.of(left, right) or True


def _or(left: Any, right: Any) -> Any:  # noqa: ANN401  true, false or Unknown
    if left is True or right is True:
        return True
    return Unknown.of(left, right) or False


def _if_type(condition: Type, then: Type, otherwise: Type) -> Type:
    both = union_type(then, otherwise)
    if condition.kind is not TypeKind.BOOL or both is None:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="? :", types=f"{condition}, {then}, {otherwise}")
    return both


def _if(condition: Any, then: Any, otherwise: Any) -> Any:  # noqa: ANN401  a value of any type
    if isinstance(condition, Unknown):
        return condition
    return then if condition else otherwise


def as_type(column: ColumnExpression, result: Type) -> pl.Expr:
    """A column held as `result` is held."""
    if result.is_number:
        (expr, *_), places, dtype = common(column, ColumnExpression(column.expr, result))
        assert places == result.places  # noqa: S101  a union is at least as fine as its parts
        return expr if dtype == physical(result) else expr.cast(physical(result))
    return column.expr if physical(column.type) == physical(result) else column.expr.cast(physical(result))


def _if_column(
    result: Type, condition: ColumnExpression, then: ColumnExpression, otherwise: ColumnExpression
) -> pl.Expr:
    # `when` takes the other branch on null, so the other branch has its own condition
    return pl.when(condition.expr).then(as_type(then, result)).when(~condition.expr).then(as_type(otherwise, result))


def _comparable(name: str, left: Type, right: Type) -> Type:
    same = (left.is_number and right.is_number) or left.kind is right.kind
    if not same or (left.kind is TypeKind.BOOL and name not in {"==", "!="}):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=name, types=f"{left}, {right}")
    return BOOL


def _compare_type(name: str) -> Callable[..., Type]:
    return lambda left, right: _comparable(name, left, right)


def _texts(name: str, left: ColumnExpression, right: ColumnExpression) -> tuple[pl.Expr, pl.Expr]:
    """Two columns of text that can be compared: equality of one closed list by number, all else as text."""
    closed = physical(left.type)
    if name in {"==", "!="} and right.type.among is not None and isinstance(closed, pl.Enum):
        if len(right.type.among) == 1 and right.type.among[0] in closed.categories:
            return left.expr, right.expr.cast(pl.String).cast(closed)
        if closed == physical(right.type):
            return left.expr, right.expr
    return left.expr.cast(pl.String), right.expr.cast(pl.String)


def _compare_column(name: str, compare: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    def column(_result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
        if left.type.is_number:
            (one, other), _, _ = common(left, right)
        elif left.type.kind is TypeKind.STRING:
            one, other = _texts(name, left, right)
        else:
            one, other = left.expr, right.expr
        return compare(one, other)

    return column


def _in_type(of: Type, *_items: Any) -> Type:  # noqa: ANN401  constants of any type
    if of.kind is TypeKind.BOOL:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="in", types=str(of))
    return BOOL


def _in_column(_result: Type, of: ColumnExpression, *items: Any) -> pl.Expr:  # noqa: ANN401  constants of any type
    equal = COMPARE["=="].column
    found = [equal(BOOL, of, constant_column(item)) for item in items]
    return pl.any_horizontal(*found) if found else pl.when(of.expr.is_not_null()).then(pl.lit(value=False))


GUARDS: Final = {
    one.code: one for one in (catalogue.HELD, catalogue.COLLIDE, catalogue.UNRATED, catalogue.TOO_FEW_RATINGS)
}
"""Why a value that a condition guards is unknown where the condition does not hold, by code."""


def _require_type(condition: Type, of: Type, _code: str, *_blanks: str) -> Type:
    if condition.kind is not TypeKind.BOOL:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="require", types=f"{condition}, {of}")
    return of


def require(condition: Any, of: Any, code: str, *params: str) -> Any:  # noqa: ANN401  values of any type, or Unknown
    """`of`, where the condition holds; `params` are in the order of the placeholders in the reason's sentence."""
    if isinstance(condition, Unknown):
        return condition
    if not condition:
        names = [name for _, name, _, _ in Formatter().parse(GUARDS[code].message) if name]
        raise UndefinedResult(GUARDS[code], **dict(zip(names, params, strict=True)))
    return of


COMPARE: Final = {
    one.name: one
    for one in (
        CoreOperator(
            name,
            summary,
            f"a {name} b",
            _compare_type(name),
            compare,
            same_source(f"{{0}} {name} {{1}}"),
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
        same_source("{0} and {1}"),
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
        same_source("{0} or {1}"),
        lambda _result, left, right: left.expr | right.expr,
        strict=False,
        repeats=False,
    ),
    CoreOperator(
        "not",
        "true if the condition does not hold",
        "!a",
        lambda of: _bools("!", of),
        operator.not_,
        same_source("not {0}"),
        lambda _result, of: ~of.expr,
        repeats=False,
    ),
    CoreOperator(
        "if",
        "one of two values; the other may be unknown",
        "condition ? a : b",
        _if_type,
        _if,
        same_source("{1} if {0} else {2}"),
        _if_column,
        strict=False,
    ),
    CoreOperator(
        "in",
        "whether a value is one of a list of constants",
        "a in [1, 2]",
        _in_type,
        lambda of, *items: of in items,
        same_source("{0} in {options}"),
        _in_column,
    ),
    CoreOperator(
        "require",
        "the value if the condition holds; otherwise it is unknown, for the given reason",
        'require(condition, a, "reason")',
        _require_type,
        require,
        same_source("require({0}, {1}, *{options})"),
        lambda _result, condition, of, *_reason: pl.when(condition.expr).then(of.expr),
        strict=False,
        repeats=False,
    ),
)
