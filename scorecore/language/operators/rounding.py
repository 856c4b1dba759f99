"""Rounding by name, to declared places, and never twice.

A rounding that stands directly around `*` or `/` is one operator with it: it rounds the exact product or quotient,
not one that has been cut to 12 places before.
"""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.language.operators.operator import (
    STICKY,
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
)
from scorecore.language.operators.scaled import (
    MAX_128,
    at,
    narrow,
    number,
    physical,
    product_width,
    scaled,
    whole_division,
    width,
)
from scorecore.values.types import (
    PLACES,
    UNIT,
    Type,
    TypeKind,
)

MODES: Final = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "ceiling": ROUND_CEILING,
    "floor": ROUND_FLOOR,
}
"""`half_up` is half away from zero, 四舍五入; `up` is away from zero, `down` towards zero."""


def rounded_type(of: Type, places: int) -> Type:
    """A number rounded to `places`: at most one last place further out than before."""
    step = 10 ** (PLACES - places)
    low, high = of.low // step * step, -(-of.high // step) * step
    return Type(of.kind, low, high, min(of.places, places))


def _round_type(of: Type, places: int, mode: str) -> Type:
    if not of.is_number:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="round", types=str(of))
    _check(places, mode)
    return rounded_type(of, places)


def _check(places: int, mode: str) -> None:
    if not 0 <= places <= PLACES:
        raise OperandTypeError(catalogue.BAD_PLACES, places=places)
    if mode not in MODES:
        raise OperandTypeError(catalogue.BAD_MODE, mode=mode, modes=", ".join(MODES))


def _round(value: Decimal | int, places: int, mode: str) -> Decimal | int:
    return value if isinstance(value, int) else value.quantize(Decimal(1).scaleb(-places), MODES[mode])


def _round_source(of: Type, places: int, mode: str) -> str:
    if of.kind is TypeKind.INT or of.places <= places:
        return "{0}"
    return f"{{0}}.quantize(E{places}, {MODES[mode]})"


def _round_column(result: Type, of: ColumnExpression, places: int, mode: str) -> pl.Expr:
    if of.type.places <= places:
        return narrow(of.expr, physical(of.type), result)
    by = 10 ** (of.type.places - places)
    # room for what is added before the division
    dtype = width(2 * scaled(of.type.magnitude, of.type.places) + 2 * by)
    signed = of.type.low < 0
    return narrow(
        whole_division(at(of, of.type.places, dtype), number(by, dtype), mode, dtype, signed=signed),
        dtype,
        result,
    )


def _product_type(left: Type, right: Type, places: int, mode: str) -> Type:
    if not (left.is_number and right.is_number):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="*", types=f"{left}, {right}")
    _check(places, mode)
    return rounded_type(exact_product(left, right), places)


def exact_product(left: Type, right: Type) -> Type:
    """The product before it is cut to 12 places; its bounds are rounded outwards to units."""
    corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    kind = TypeKind.INT if left.kind is right.kind is TypeKind.INT else TypeKind.DECIMAL
    return Type(kind, min(corners) // UNIT, -(-max(corners) // UNIT), min(PLACES, left.places + right.places))


def _round_product(left: Decimal | int, right: Decimal | int, places: int, mode: str) -> Decimal | int:
    return _round(left * right, places, mode)


def _product_source(left: Type, right: Type, places: int, mode: str) -> str:
    if left.kind is right.kind is TypeKind.INT or left.places + right.places <= places:
        return "{0} * {1}"
    return f"({{0}} * {{1}}).quantize(E{places}, {MODES[mode]})"


def _product_column(result: Type, left: ColumnExpression, right: ColumnExpression, places: int, mode: str) -> pl.Expr:
    exact = left.type.places + right.type.places
    largest = scaled(left.type.magnitude, left.type.places) * scaled(right.type.magnitude, right.type.places)
    by = 10 ** max(0, exact - places)
    if 2 * largest + 2 * by > MAX_128:
        return pl.lit(None, dtype=physical(result))  # rows decide: exact where 128 bits are not
    dtype = product_width(2 * largest + 2 * by, left, right)
    product = at(left, left.type.places, dtype) * at(right, right.type.places, dtype)
    if by == 1:
        return narrow(product, dtype, result)
    signed = left.type.low < 0 or right.type.low < 0
    return narrow(whole_division(product, number(by, dtype), mode, dtype, signed=signed), dtype, result)


def quotient_type(left: Type, right: Type) -> Type:
    """A quotient with 12 places. A divisor is at least one of its own last places, if it is not zero."""
    if not (left.is_number and right.is_number):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="/", types=f"{left}, {right}")
    if right.low == right.high == 0:
        raise OperandTypeError(catalogue.ALWAYS_ZERO)
    smallest = 10 ** (PLACES - right.places)
    ends = {right.low, right.high, smallest, -smallest}
    divisors = [end for end in ends if end and right.low <= end <= right.high] or [right.low or right.high]
    corners = [(a * UNIT, b) for a in (left.low, left.high) for b in divisors]
    low, high = min(a // b for a, b in corners), max(-(-a // b) for a, b in corners)
    return Type(TypeKind.DECIMAL, low, high, PLACES)


def _quotient_type(left: Type, right: Type, places: int, mode: str) -> Type:
    _check(places, mode)
    return rounded_type(quotient_type(left, right), places)


def _round_quotient(left: Decimal | int, right: Decimal | int, places: int, mode: str) -> Decimal:
    if not right:
        raise UndefinedResult(catalogue.DIVISOR_IS_ZERO)
    return STICKY.divide(Decimal(left), Decimal(right)).quantize(Decimal(1).scaleb(-places), MODES[mode])


def _quotient_source(_left: Type, _right: Type, places: int, mode: str) -> str:
    return f"divide({{0}}, {{1}}).quantize(E{places}, {MODES[mode]})"


def _quotient_column(result: Type, left: ColumnExpression, right: ColumnExpression, places: int, mode: str) -> pl.Expr:
    """`left * 10**shift // right` on whole numbers is exact; its remainder decides the rounding."""
    shift = places + right.type.places - left.type.places
    dividend = scaled(left.type.magnitude, left.type.places) * 10 ** max(0, shift)
    divisor = scaled(right.type.magnitude, right.type.places) * 10 ** max(0, -shift)
    largest = max(2 * dividend + 2 * divisor, 10 ** abs(shift))  # the factor itself must fit, be it beside zeros
    if largest > MAX_128:
        return pl.lit(None, dtype=physical(result))  # rows decide: exact where 128 bits are not
    dtype = width(largest)
    over = at(left, left.type.places, dtype) * number(10 ** max(0, shift), dtype)
    under = at(right, right.type.places, dtype) * number(10 ** max(0, -shift), dtype)
    under = pl.when(under != 0).then(under)
    if right.type.low < 0:  # a positive divisor makes the remainder positive
        sign = pl.when(under < 0).then(number(-1, dtype)).otherwise(number(1, dtype))
        over, under = over * sign, under * sign
    negative = left.type.low < 0 or right.type.low < 0
    return narrow(whole_division(over, under, mode, dtype, signed=negative), dtype, result)


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
