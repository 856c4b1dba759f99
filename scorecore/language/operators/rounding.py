"""Rounding by name, to declared places, and never twice.

A rounding directly around `*` or `/` is one operator with it: it rounds the exact product or quotient,
not one that has been cut to 12 places before.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any, Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.language.operators.exact_types import infer_product_type, infer_quotient_type
from scorecore.language.operators.operator import (
    ROUNDING,
    STICKY,
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
)
from scorecore.language.operators.scaled import (
    MAX_128,
    divide_to_integer,
    get_integer_dtype,
    get_physical_dtype,
    get_product_dtype,
    make_literal,
    narrow,
    rescale,
    scale_magnitude,
)
from scorecore.values.ratio import Ratio, make_ratio
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
)

Number = Decimal | int | Ratio

MODES: Final = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "ceiling": ROUND_CEILING,
    "floor": ROUND_FLOOR,
}
"""`half_up` is half away from zero, 四舍五入; `up` is away from zero, `down` towards zero."""


def infer_rounded_type(operand: Type, places: int) -> Type:
    """A number rounded to `places`: at most one last place further out than before."""
    step = 10 ** (PLACES - places)
    low, high = operand.low // step * step, -(-operand.high // step) * step
    return Type(operand.kind, low, high, places if operand.is_ratio else min(operand.places, places))


def _round_type(operand: Type, places: int, mode: str) -> Type:
    if not operand.is_number:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="round", types=str(operand))
    _check(places, mode)
    return infer_rounded_type(operand, places)


def _check(places: int, mode: str) -> None:
    if not 0 <= places <= PLACES:
        raise OperandTypeError(catalogue.BAD_PLACES, places=places)
    if mode not in MODES:
        raise OperandTypeError(catalogue.BAD_MODE, mode=mode, modes=", ".join(MODES))


def _round(value: Number, places: int, mode: str) -> Decimal | int:
    return value if isinstance(value, int) else value.quantize(Decimal(1).scaleb(-places), MODES[mode], ROUNDING)


def _round_source(operand: Type, places: int, mode: str) -> str:
    if operand.kind is TypeKind.INT or (operand.places <= places and not operand.is_ratio):
        return "{0}"
    return f"{{0}}.quantize(E{places}, {MODES[mode]}, ROUNDING)"


def _round_column(result: Type, operand: ColumnExpression, places: int, mode: str) -> pl.Expr:
    if operand.type.places <= places:
        return narrow(operand.expr, get_physical_dtype(operand.type), result)
    by = 10 ** (operand.type.places - places)
    # room for what is added before the division
    dtype = get_integer_dtype(2 * scale_magnitude(operand.type.magnitude, operand.type.places) + 2 * by)
    signed = operand.type.low < 0
    return narrow(
        divide_to_integer(
            rescale(operand, operand.type.places, dtype), make_literal(by, dtype), mode, dtype, signed=signed
        ),
        dtype,
        result,
    )


def _product_type(left: Type, right: Type, places: int, mode: str) -> Type:
    if not (left.is_number and right.is_number):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="*", types=f"{left}, {right}")
    _check(places, mode)
    return infer_rounded_type(infer_product_type(left, right), places)


def _round_product(left: Number, right: Number, places: int, mode: str) -> Decimal | int:
    product: Any = left * right
    return _round(product, places, mode)


def _product_source(left: Type, right: Type, places: int, mode: str) -> str:
    is_ratio = left.is_ratio or right.is_ratio
    if left.kind is right.kind is TypeKind.INT or (left.places + right.places <= places and not is_ratio):
        return "{0} * {1}"
    return f"({{0}} * {{1}}).quantize(E{places}, {MODES[mode]}, ROUNDING)"


def _product_column(result: Type, left: ColumnExpression, right: ColumnExpression, places: int, mode: str) -> pl.Expr:
    exact = left.type.places + right.type.places
    largest = scale_magnitude(left.type.magnitude, left.type.places) * scale_magnitude(
        right.type.magnitude, right.type.places
    )
    by = 10 ** max(0, exact - places)
    if 2 * largest + 2 * by > MAX_128:
        return pl.lit(None, dtype=get_physical_dtype(result))  # rows decide: exact where 128 bits are not
    dtype = get_product_dtype(2 * largest + 2 * by, left, right)
    product = rescale(left, left.type.places, dtype) * rescale(right, right.type.places, dtype)
    if by == 1:
        return narrow(product, dtype, result)
    signed = left.type.low < 0 or right.type.low < 0
    return narrow(divide_to_integer(product, make_literal(by, dtype), mode, dtype, signed=signed), dtype, result)


def _quotient_type(left: Type, right: Type, places: int, mode: str) -> Type:
    _check(places, mode)
    return evolve(infer_rounded_type(infer_quotient_type(left, right), places), places=places)


def _round_quotient(left: Number, right: Number, places: int, mode: str) -> Decimal:
    return divide_sticky(left, right).quantize(Decimal(1).scaleb(-places), MODES[mode], ROUNDING)


def divide_sticky(left: Number, right: Number) -> Decimal | Ratio:
    """A quotient that a rounding by name rounds right; it is not the quotient itself."""
    if not right:
        raise UndefinedResult(catalogue.DIVISOR_IS_ZERO)
    try:
        return STICKY.divide(left, right)  # type: ignore[arg-type]
    except TypeError:  # one is a ratio, be it of a type whose values are all decimals
        return make_ratio(left, right)


def _quotient_source(_left: Type, _right: Type, places: int, mode: str) -> str:
    return f"divide({{0}}, {{1}}).quantize(E{places}, {MODES[mode]}, ROUNDING)"


def _quotient_column(result: Type, left: ColumnExpression, right: ColumnExpression, places: int, mode: str) -> pl.Expr:
    """`left * 10**shift // right` on whole numbers is exact; its remainder decides the rounding."""
    shift = places + right.type.places - left.type.places
    dividend = scale_magnitude(left.type.magnitude, left.type.places) * 10 ** max(0, shift)
    divisor = scale_magnitude(right.type.magnitude, right.type.places) * 10 ** max(0, -shift)
    largest = max(2 * dividend + 2 * divisor, 10 ** abs(shift))  # the factor itself must fit, be it beside zeros
    if largest > MAX_128:
        return pl.lit(None, dtype=get_physical_dtype(result))  # rows decide: exact where 128 bits are not
    dtype = get_integer_dtype(largest)
    over = rescale(left, left.type.places, dtype) * make_literal(10 ** max(0, shift), dtype)
    under = rescale(right, right.type.places, dtype) * make_literal(10 ** max(0, -shift), dtype)
    under = pl.when(under != 0).then(under)
    if right.type.low < 0:  # a positive divisor makes the remainder positive
        sign = pl.when(under < 0).then(make_literal(-1, dtype)).otherwise(make_literal(1, dtype))
        over, under = over * sign, under * sign
    negative = left.type.low < 0 or right.type.low < 0
    return narrow(divide_to_integer(over, under, mode, dtype, signed=negative), dtype, result)


OPERATORS: Final = (
    CoreOperator(
        "round",
        "a number rounded to so many decimal places; half away from zero unless a mode is named",
        'round(x, places) or round(x, places, "mode")',
        _round_type,
        _round,
        _round_source,
        _round_column,
    ),
    CoreOperator(
        "round_product",
        "the exact product, rounded once: what `round(a * b, places)` means",
        "round(a * b, places)",
        _product_type,
        _round_product,
        _product_source,
        _product_column,
    ),
    CoreOperator(
        "round_quotient",
        "the exact quotient, rounded once: what `round(a / b, places)` means",
        "round(a / b, places)",
        _quotient_type,
        _round_quotient,
        _quotient_source,
        _quotient_column,
    ),
)
