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
from scorecore.values.ratio import Ratio, make_ratio
from scorecore.values.types import (
    PLACES,
    UNIT,
    Type,
    TypeKind,
    to_units,
    widest,
)


def _numbers(operator: str, *types: Type) -> TypeKind:
    if not all(operand.is_number for operand in types):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=operator, types=", ".join(map(str, types)))
    return TypeKind.DECIMAL if any(operand.is_decimal for operand in types) else TypeKind.INT


def _add_type(left: Type, right: Type) -> Type:
    kind = _numbers("+", left, right)
    return infer_sum_type(kind, left.low + right.low, left.high + right.high, left, right)


def _subtract_type(left: Type, right: Type) -> Type:
    kind = _numbers("-", left, right)
    return infer_sum_type(kind, left.low - right.high, left.high - right.low, left, right)


def _sum_column(combine: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    def column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
        (left_number, right_number), _, dtype = align_numbers(left, right)
        return narrow(combine(left_number, right_number), dtype, result)

    return column


def _multiply_type(left: Type, right: Type) -> Type:
    _numbers("*", left, right)
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
    if _numbers("/", left, right) is TypeKind.INT:
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
    _numbers("-", operand)
    return evolve(operand, low=-operand.high, high=-operand.low)


def _negate_column(result: Type, operand: ColumnExpression) -> pl.Expr:
    return make_literal(0, get_physical_dtype(result)) - operand.expr


def _absolute_type(operand: Type) -> Type:
    _numbers("abs", operand)
    return evolve(operand, low=max(0, operand.low, -operand.high), high=operand.magnitude)


def _extreme_type(name: str, choose: Callable[..., int]) -> Callable[..., Type]:
    def type_(*types: Type) -> Type:
        kind = _numbers(name, *types)
        low, high = choose(operand.low for operand in types), choose(operand.high for operand in types)
        return widest(kind, low, high, *types)

    return type_


def _extreme_column(function: str) -> Callable[..., pl.Expr]:
    """A function of Polars by its name: Polars need not be loaded yet."""

    def column(result: Type, *columns: ColumnExpression) -> pl.Expr:
        numbers, _, dtype = align_numbers(*columns)
        # Polars skips nulls; here one unknown makes the result unknown
        is_known = pl.all_horizontal(*(operand.is_not_null() for operand in numbers))
        return narrow(pl.when(is_known).then(getattr(pl, function)(*numbers)), dtype, result)

    return column


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
    _numbers("decimal", operand)
    return evolve(operand, kind=TypeKind.DECIMAL)


def _int_type(operand: Type) -> Type:
    _numbers("int", operand)
    low, high = (truncate_quotient(end, UNIT) * UNIT for end in (operand.low, operand.high))
    return Type(TypeKind.INT, low, high)


def _int_column(result: Type, operand: ColumnExpression) -> pl.Expr:
    dtype = get_integer_dtype(
        2 * scale_magnitude(operand.type.magnitude, operand.type.places) + 10**operand.type.places
    )
    by = make_literal(10**operand.type.places, dtype)
    return narrow(divide_to_integer(rescale(operand, operand.type.places, dtype), by, "down", dtype), dtype, result)


def _not_negative_type(operand: Type) -> Type:
    _numbers("not_negative", operand)
    return evolve(operand, low=max(0, operand.low), high=max(0, operand.high))


def check_not_negative(amount: Number) -> Number:
    if amount < 0:
        raise UndefinedResult(catalogue.NEGATIVE, value=amount)
    return amount


def _within_type(operand: Type, low: Decimal, high: Decimal) -> Type:
    _numbers("within", operand)
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
        "the exact sum",
        "a + b",
        _add_type,
        lambda a, b: a + b,
        make_constant_source("{0} + {1}"),
        _sum_column(lambda a, b: a + b),
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
        "least",
        "the least of two or more numbers",
        "least(a, b, …)",
        _extreme_type("least", min),
        lambda *numbers: min(numbers),
        lambda *types: _extreme_source("min", "<=", len(types)),
        _extreme_column("min_horizontal"),
    ),
    CoreOperator(
        "greatest",
        "the greatest of two or more numbers",
        "greatest(a, b, …)",
        _extreme_type("greatest", max),
        lambda *numbers: max(numbers),
        lambda *types: _extreme_source("max", ">=", len(types)),
        _extreme_column("max_horizontal"),
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


def _extreme_source(function: str, sign: str, operands: int) -> str:
    if operands == 2:  # noqa: PLR2004  a comparison is three times as quick as the function
        return f"{{left}} if ({{left}} := {{0}}) {sign} ({{right}} := {{1}}) else {{right}}"
    slots = ", ".join(f"{{{position}}}" for position in range(operands))
    return f"{function}({slots})" if operands > 1 else slots
