"""Arithmetic: exact sums, and products and quotients that are rounded half-even at the 12th place."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.language.operators.operator import (
    LAST,
    STICKY,
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
    same_source,
)
from scorecore.language.operators.rounding import exact_product, quotient_type
from scorecore.language.operators.scaled import (
    MAX_128,
    at,
    common,
    constant_column,
    from_wide,
    narrow,
    number,
    physical,
    product_width,
    scaled,
    whole_division,
    wide,
    width,
)
from scorecore.values.types import (
    PLACES,
    UNIT,
    Type,
    TypeKind,
    to_units,
)

Number = Decimal | int


def _numbers(operator: str, *types: Type) -> TypeKind:
    if not all(one.is_number for one in types):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=operator, types=", ".join(map(str, types)))
    return TypeKind.DECIMAL if any(one.is_decimal for one in types) else TypeKind.INT


def _add_type(left: Type, right: Type) -> Type:
    kind = _numbers("+", left, right)
    return Type(kind, left.low + right.low, left.high + right.high, max(left.places, right.places))


def _subtract_type(left: Type, right: Type) -> Type:
    kind = _numbers("-", left, right)
    return Type(kind, left.low - right.high, left.high - right.low, max(left.places, right.places))


def _sum_column(combine: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    def column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
        (one, other), _, dtype = common(left, right)
        return narrow(combine(one, other), dtype, result)

    return column


def _multiply_type(left: Type, right: Type) -> Type:
    _numbers("*", left, right)
    return exact_product(left, right)


def multiply(left: Any, right: Any) -> Any:  # noqa: ANN401  two integers give an integer, else a decimal
    """The product, rounded half-even at the 12th place."""
    product = left * right
    return product if isinstance(product, int) else _cut(product)


def _cut(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return value.quantize(LAST) if isinstance(exponent, int) and exponent < -PLACES else value


def _multiply_source(left: Type, right: Type) -> str:
    return "{0} * {1}" if left.places + right.places <= PLACES else "({0} * {1}).quantize(E12)"


def _multiply_column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
    places = left.type.places + right.type.places
    largest = scaled(left.type.magnitude, left.type.places) * scaled(right.type.magnitude, right.type.places)
    by = 10 ** max(0, places - PLACES)
    if 2 * largest + by > MAX_128:
        return from_wide(wide(left) * wide(right), result)
    dtype = product_width(2 * largest + by, left, right)
    product = at(left, left.type.places, dtype) * at(right, right.type.places, dtype)
    if by > 1:
        product = whole_division(product, number(by, dtype), "half_even", dtype)
    return narrow(product, dtype, result)


def _divide_type(left: Type, right: Type) -> Type:
    if _numbers("/", left, right) is TypeKind.INT:
        raise OperandTypeError(catalogue.INT_DIVISION)
    return quotient_type(left, right)


def divide(left: Number, right: Number) -> Decimal:
    """The quotient, rounded half-even at the 12th place."""
    if not right:
        raise UndefinedResult(catalogue.DIVISOR_IS_ZERO)
    return STICKY.divide(Decimal(left), Decimal(right)).quantize(LAST)


def _divide_column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
    divisor = wide(right)
    return from_wide(wide(left) / pl.when(divisor != 0).then(divisor), result)


def _negate_type(of: Type) -> Type:
    _numbers("-", of)
    return evolve(of, low=-of.high, high=-of.low)


def _negate_column(result: Type, of: ColumnExpression) -> pl.Expr:
    return number(0, physical(result)) - of.expr


def _absolute_type(of: Type) -> Type:
    _numbers("abs", of)
    return evolve(of, low=max(0, of.low, -of.high), high=of.magnitude)


def _extreme_type(name: str, choose: Callable[..., int]) -> Callable[..., Type]:
    def type_(*types: Type) -> Type:
        kind = _numbers(name, *types)
        low, high = choose(one.low for one in types), choose(one.high for one in types)
        return Type(kind, low, high, max(one.places for one in types))

    return type_


def _extreme_column(choose: Callable[..., pl.Expr]) -> Callable[..., pl.Expr]:
    def column(result: Type, *columns: ColumnExpression) -> pl.Expr:
        numbers, _, dtype = common(*columns)
        # Polars skips nulls; here one unknown makes the result unknown
        known = pl.all_horizontal(*(one.is_not_null() for one in numbers))
        return narrow(pl.when(known).then(choose(*numbers)), dtype, result)

    return column


def _truncated_type(left: Type, right: Type) -> Type:
    if not left.kind is right.kind is TypeKind.INT:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="quotient", types=f"{left}, {right}")
    exact = quotient_type(left, right)
    low, high = (truncated(end, UNIT) * UNIT for end in (exact.low, exact.high))
    return Type(TypeKind.INT, low, high)


def truncated(left: int, right: int) -> int:
    """The whole quotient, cut towards zero, as CEL divides integers."""
    if not right:
        raise UndefinedResult(catalogue.DIVISOR_IS_ZERO)
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def _truncated_column(result: Type, left: ColumnExpression, right: ColumnExpression) -> pl.Expr:
    (over, under), _, dtype = common(left, right)
    under = pl.when(under != 0).then(under)
    sign = pl.when(under < 0).then(number(-1, dtype)).otherwise(number(1, dtype))
    return narrow(whole_division(over * sign, under * sign, "down", dtype), dtype, result)


def _decimal_type(of: Type) -> Type:
    _numbers("decimal", of)
    return evolve(of, kind=TypeKind.DECIMAL)


def _int_type(of: Type) -> Type:
    _numbers("int", of)
    low, high = (truncated(end, UNIT) * UNIT for end in (of.low, of.high))
    return Type(TypeKind.INT, low, high)


def _int_column(result: Type, of: ColumnExpression) -> pl.Expr:
    dtype = width(2 * scaled(of.type.magnitude, of.type.places) + 10**of.type.places)
    by = number(10**of.type.places, dtype)
    return narrow(whole_division(at(of, of.type.places, dtype), by, "down", dtype), dtype, result)


def _not_negative_type(of: Type) -> Type:
    _numbers("not_negative", of)
    return evolve(of, low=max(0, of.low), high=max(0, of.high))


def not_negative(of: Number) -> Number:
    if of < 0:
        raise UndefinedResult(catalogue.NEGATIVE, value=of)
    return of


def _within_type(of: Type, low: Decimal, high: Decimal) -> Type:
    _numbers("within", of)
    return evolve(of, low=to_units(low), high=to_units(high))


def within(of: Number, low: Decimal, high: Decimal) -> Number:
    if not low <= of <= high:
        raise UndefinedResult(catalogue.OUT_OF_BOUNDS, value=of, low=low, high=high)
    return of


def _within_column(result: Type, of: ColumnExpression, low: Decimal, high: Decimal) -> pl.Expr:
    (value, least, most), _, _ = common(of, constant_column(low), constant_column(high))
    return narrow(pl.when((value >= least) & (value <= most)).then(of.expr), physical(of.type), result)


def _same(_result: Type, of: ColumnExpression) -> pl.Expr:
    return of.expr


OPERATORS: Final = (
    CoreOperator(
        "+",
        "the exact sum",
        "a + b",
        _add_type,
        lambda a, b: a + b,
        same_source("{0} + {1}"),
        _sum_column(lambda a, b: a + b),
        repeats=False,
    ),
    CoreOperator(
        "-",
        "the exact difference",
        "a - b",
        _subtract_type,
        lambda a, b: a - b,
        same_source("{0} - {1}"),
        _sum_column(lambda a, b: a - b),
        repeats=False,
    ),
    CoreOperator(
        "*",
        "the product, rounded half-even to 12 decimal places",
        "a * b",
        _multiply_type,
        multiply,
        _multiply_source,
        _multiply_column,
    ),
    CoreOperator(
        "/",
        "the quotient of decimals, rounded half-even to 12 decimal places; no value if the divisor is zero",
        "a / b",
        _divide_type,
        divide,
        same_source("divide({0}, {1}).quantize(E12)"),
        _divide_column,
    ),
    CoreOperator(
        "negate",
        "the number with the other sign",
        "-a",
        _negate_type,
        lambda a: -a,
        same_source("-{0}"),
        _negate_column,
        repeats=False,
    ),
    CoreOperator(
        "abs",
        "the number without its sign",
        "abs(a)",
        _absolute_type,
        abs,
        same_source("abs({0})"),
        lambda _result, of: of.expr.abs(),
        repeats=False,
    ),
    CoreOperator(
        "least",
        "the least of two or more numbers",
        "least(a, b, …)",
        _extreme_type("least", min),
        lambda *several: min(several),
        lambda *types: _extreme_source("min", "<=", len(types)),
        _extreme_column(pl.min_horizontal),
    ),
    CoreOperator(
        "greatest",
        "the greatest of two or more numbers",
        "greatest(a, b, …)",
        _extreme_type("greatest", max),
        lambda *several: max(several),
        lambda *types: _extreme_source("max", ">=", len(types)),
        _extreme_column(pl.max_horizontal),
    ),
    CoreOperator(
        "quotient",
        "the whole quotient of two integers, truncated towards zero",
        "quotient(a, b)",
        _truncated_type,
        truncated,
        same_source("truncated({0}, {1})"),
        _truncated_column,
    ),
    CoreOperator(
        "decimal",
        "an integer as a decimal",
        "decimal(a)",
        _decimal_type,
        Decimal,
        same_source("Decimal({0})"),
        _same,
        repeats=False,
    ),
    CoreOperator(
        "int",
        "a decimal without its decimal places",
        "int(a)",
        _int_type,
        int,
        same_source("int({0})"),
        _int_column,
    ),
    CoreOperator(
        "not_negative",
        "an amount; no value if it is negative",
        "",
        _not_negative_type,
        not_negative,
        same_source("not_negative({0})"),
        lambda result, of: narrow(pl.when(of.expr >= 0).then(of.expr), physical(of.type), result),
    ),
    CoreOperator(
        "within",
        "a balance; no value if it is outside its bounds",
        "",
        _within_type,
        within,
        same_source("within({0}, *{options})"),
        _within_column,
    ),
)


def _extreme_source(function: str, sign: str, operands: int) -> str:
    if operands == 2:  # noqa: PLR2004  a comparison is three times as quick as the function
        return f"{{left}} if ({{left}} := {{0}}) {sign} ({{right}} := {{1}}) else {{right}}"
    slots = ", ".join(f"{{{at}}}" for at in range(operands))
    return f"{function}({slots})" if operands > 1 else slots
