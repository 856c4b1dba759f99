"""Arithmetic: exact. In programs of level 1 products and quotients are rounded half-even at the 12th place."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.language.operators.exact_types import (
    infer_product_type,
    infer_quotient_type,
    infer_sum_type,
    split_divisor,
)
from scorecore.language.operators.operator import (
    LAST,
    ROUNDING,
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
    make_constant_source,
)
from scorecore.language.operators.rounding import Number, divide_sticky
from scorecore.language.operators.scaled import (
    MAX_128,
    align_numbers,
    divide_to_integer,
    get_integer_dtype,
    get_physical_dtype,
    get_product_dtype,
    make_constant_column,
    make_literal,
    narrow,
    narrow_from_wide,
    rescale,
    scale_magnitude,
    widen,
)
from scorecore.language.operators.text import join_columns, join_texts, joined_type
from scorecore.values.ratio import Ratio, make_ratio
from scorecore.values.types import (
    PLACES,
    UNIT,
    Type,
    TypeKind,
    to_units,
)


def require_numbers(operator: str, *types: Type) -> TypeKind:
    if not all(operand.is_number for operand in types):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=operator, types=", ".join(map(str, types)))
    return TypeKind.DECIMAL if any(operand.is_decimal for operand in types) else TypeKind.INT


def _add_type(left: Type, right: Type) -> Type:
    if left.kind is right.kind is TypeKind.STRING:
        return joined_type(left, right)
    kind = require_numbers("+", left, right)
    return infer_sum_type(kind, left.low + right.low, left.high + right.high, left, right)


def _subtract_type(left: Type, right: Type) -> Type:
    kind = require_numbers("-", left, right)
    return infer_sum_type(kind, left.low - right.high, left.high - right.low, left, right)


def add(left: Any, right: Any) -> Any:  # noqa: ANN401  two numbers, or two texts
    """The exact sum; of texts the one behind the other."""
    return join_texts(left, right) if isinstance(left, str) else left + right


def _add_source(left: Type, _right: Type) -> str:
    return "join_texts({0}, {1})" if left.kind is TypeKind.STRING else "{0} + {1}"


def _add_column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
    if result.kind is TypeKind.STRING:
        return join_columns(result, left, right)
    return _sum_column(lambda a, b: a + b)(result, left, right)


def _sum_column(combine: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    def column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
        (left_number, right_number), _, dtype = align_numbers(left, right)
        return narrow(combine(left_number, right_number), dtype, result)

    return column


def _multiply_type(left: Type, right: Type) -> Type:
    require_numbers("*", left, right)
    return infer_product_type(left, right)


def multiply(left: Any, right: Any) -> Any:  # noqa: ANN401  two integers give an integer, else a decimal or a ratio
    """The exact product."""
    return left * right


def cut(value: Any) -> Any:  # noqa: ANN401  a number of any kind
    """A number that its type says to be a decimal of at most 12 places.

    In programs of level 1 a product or quotient is rounded to be one, half-even.
    """
    if isinstance(value, int) or (isinstance(value, Decimal) and -value.as_tuple().exponent <= PLACES):  # type: ignore[operator]
        return value
    return value.quantize(LAST, ROUND_HALF_EVEN, ROUNDING)


def _multiply_column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
    places = left.type.places + right.type.places
    largest = scale_magnitude(left.type.magnitude, left.type.places) * scale_magnitude(
        right.type.magnitude, right.type.places
    )
    by = 10 ** (places - result.places)  # of level 1, if there are more than 12
    if 2 * largest + by > MAX_128:
        return narrow_from_wide(widen(left) * widen(right), result)
    dtype = get_product_dtype(2 * largest + by, left, right)
    product = rescale(left, left.type.places, dtype) * rescale(right, right.type.places, dtype)
    if by > 1:
        product = divide_to_integer(product, make_literal(by, dtype), "half_even", dtype)
    return narrow(product, dtype, result)


def _divide_type(left: Type, right: Type) -> Type:
    if require_numbers("/", left, right) is TypeKind.INT:
        raise OperandTypeError(catalogue.INT_DIVISION)
    return infer_quotient_type(left, right)


def divide(left: Number, right: Number) -> Ratio:
    """The exact quotient."""
    if not right:
        raise UndefinedResult(catalogue.DIVISOR_IS_ZERO)
    return make_ratio(left, right)


def settle(ratio: Ratio) -> Decimal | Ratio:
    """A quotient as a decimal, if it is one; runs inside EXACT."""
    is_decimal = split_divisor(ratio.under)[0] == 1
    return Decimal(ratio.over) / Decimal(ratio.under) if is_decimal else ratio


def divide_to_decimal(left: Number, right: Number) -> Decimal:
    """The quotient, rounded half-even at the 12th place."""
    return divide_sticky(left, right).quantize(LAST, ROUND_HALF_EVEN, ROUNDING)


def _divide_column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
    divisor = widen(right)
    return narrow_from_wide(widen(left) / pl.when(divisor != 0).then(divisor), result)


def _negate_type(operand: Type) -> Type:
    require_numbers("-", operand)
    return evolve(operand, low=-operand.high, high=-operand.low)


def _negate_column(result: Type, operand: ColumnExpression) -> pl.Expr:
    return make_literal(0, get_physical_dtype(result)) - operand.expr


def _absolute_type(operand: Type) -> Type:
    require_numbers("abs", operand)
    return evolve(operand, low=max(0, operand.low, -operand.high), high=operand.magnitude)


def _truncated_type(left: Type, right: Type) -> Type:
    if not left.kind is right.kind is TypeKind.INT:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="quotient", types=f"{left}, {right}")
    exact = infer_quotient_type(left, right)
    low, high = (truncate_quotient(end, UNIT) * UNIT for end in (exact.low, exact.high))
    return Type(TypeKind.INT, low, high)


def truncate_quotient(left: int, right: int) -> int:
    """The whole quotient, cut towards zero, as CEL divides integers."""
    if not right:
        raise UndefinedResult(catalogue.DIVISOR_IS_ZERO)
    magnitude = abs(left) // abs(right)
    return magnitude if (left < 0) == (right < 0) else -magnitude


def _truncated_column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
    (over, under), _, dtype = align_numbers(left, right)
    under = pl.when(under != 0).then(under)
    sign = pl.when(under < 0).then(make_literal(-1, dtype)).otherwise(make_literal(1, dtype))
    return narrow(divide_to_integer(over * sign, under * sign, "down", dtype), dtype, result)


def _decimal_type(operand: Type) -> Type:
    require_numbers("decimal", operand)
    return evolve(operand, kind=TypeKind.DECIMAL)


def _int_type(operand: Type) -> Type:
    require_numbers("int", operand)
    low, high = (truncate_quotient(end, UNIT) * UNIT for end in (operand.low, operand.high))
    return Type(TypeKind.INT, low, high)


def _int_column(result: Type, operand: ColumnExpression) -> pl.Expr:
    dtype = get_integer_dtype(
        2 * scale_magnitude(operand.type.magnitude, operand.type.places) + 10**operand.type.places
    )
    by = make_literal(10**operand.type.places, dtype)
    return narrow(divide_to_integer(rescale(operand, operand.type.places, dtype), by, "down", dtype), dtype, result)


def _not_negative_type(operand: Type) -> Type:
    require_numbers("not_negative", operand)
    return evolve(operand, low=max(0, operand.low), high=max(0, operand.high))


def check_not_negative(amount: Number) -> Number:
    if amount < 0:
        raise UndefinedResult(catalogue.NEGATIVE, value=amount)
    return amount


def _within_type(operand: Type, low: Decimal, high: Decimal) -> Type:
    require_numbers("within", operand)
    return evolve(operand, low=to_units(low), high=to_units(high))


def check_within(balance: Number, low: Decimal, high: Decimal) -> Number:
    if not low <= balance <= high:
        raise UndefinedResult(catalogue.OUT_OF_BOUNDS, value=balance, low=low, high=high)
    return balance


def _within_column(result: Type, operand: ColumnExpression, low: Decimal, high: Decimal) -> pl.Expr:
    (value, least, most), _, _ = align_numbers(operand, make_constant_column(low), make_constant_column(high))
    return narrow(
        pl.when((value >= least) & (value <= most)).then(operand.expr), get_physical_dtype(operand.type), result
    )


def _same(_result: Type, operand: ColumnExpression) -> pl.Expr:
    return operand.expr


OPERATORS: Final = (
    CoreOperator(
        "+",
        "the exact sum; of two texts the first followed by the second",
        "a + b",
        _add_type,
        add,
        _add_source,
        _add_column,
        repeats=False,
    ),
    CoreOperator(
        "-",
        "the exact difference",
        "a - b",
        _subtract_type,
        lambda a, b: a - b,
        make_constant_source("{0} - {1}"),
        _sum_column(lambda a, b: a - b),
        repeats=False,
    ),
    CoreOperator(
        "*",
        "the exact product",
        "a * b",
        _multiply_type,
        multiply,
        make_constant_source("{0} * {1}"),
        _multiply_column,
        cuts=True,
    ),
    CoreOperator(
        "/",
        "the exact quotient of decimals; no value if the divisor is zero",
        "a / b",
        _divide_type,
        divide,
        make_constant_source("ratio({0}, {1})"),
        _divide_column,
        cuts=True,
    ),
    CoreOperator(
        "negate",
        "the number with the other sign",
        "-a",
        _negate_type,
        lambda a: -a,
        make_constant_source("-{0}"),
        _negate_column,
        repeats=False,
    ),
    CoreOperator(
        "abs",
        "the number without its sign",
        "abs(a)",
        _absolute_type,
        abs,
        make_constant_source("abs({0})"),
        lambda _result, operand: operand.expr.abs(),
        repeats=False,
    ),
    CoreOperator(
        "quotient",
        "the whole quotient of two integers, truncated towards zero",
        "quotient(a, b)",
        _truncated_type,
        truncate_quotient,
        make_constant_source("truncated({0}, {1})"),
        _truncated_column,
    ),
    CoreOperator(
        "decimal",
        "an integer as a decimal",
        "decimal(a)",
        _decimal_type,
        lambda a: Decimal(a) if isinstance(a, int) else a,
        lambda operand: "{0}" if operand.is_decimal else "Decimal({0})",
        _same,
        repeats=False,
    ),
    CoreOperator(
        "int",
        "a decimal without its decimal places",
        "int(a)",
        _int_type,
        int,
        make_constant_source("int({0})"),
        _int_column,
    ),
    CoreOperator(
        "not_negative",
        "an amount; no value if it is negative",
        "",
        _not_negative_type,
        check_not_negative,
        make_constant_source("not_negative({0})"),
        lambda result, operand: narrow(
            pl.when(operand.expr >= 0).then(operand.expr), get_physical_dtype(operand.type), result
        ),
    ),
    CoreOperator(
        "within",
        "a balance; no value if it is outside its bounds",
        "",
        _within_type,
        check_within,
        make_constant_source("within({0}, *{options})"),
        _within_column,
    ),
)
