"""Builds expressions: finds the type of each, and proves that it fits; folds constants, and lets roundings sink in."""

from decimal import Decimal, localcontext
from typing import Any, Final

from scorecore.diagnostics.source import Location
from scorecore.language.expressions import Apply, Constant, Expression, Widened, constant_value
from scorecore.language.operators import EXACT, OPERATORS, UndefinedResult
from scorecore.language.operators.operator import LAST
from scorecore.language.operators.rounding import infer_rounded_type
from scorecore.values.ratio import Ratio
from scorecore.values.types import (
    BOOL,
    PLACES,
    Type,
    TypeKind,
    Value,
    count_places,
    from_units,
    type_of_constant,
)


def make_constant(value: Value, place: Location) -> Constant:
    return Constant(type_of_constant(value), place, value)


def apply_operator(
    operator: str,
    operands: tuple[Expression, ...],
    place: Location,
    *options: Any,  # noqa: ANN401  constants of any type
) -> Expression:
    """`operator` on operands; raises OperandTypeError if it does not take their types.

    A rounding is pushed into the branches of a condition and fuses with the `*` or `/` directly inside it. Where a
    decimal is formed out of an integer and a decimal, the integer is widened first.
    """
    if operator == "round":
        return _round(operands[0], place, *options)
    result_type = OPERATORS[operator].type(*(operand.type for operand in operands), *options)
    built = Apply(result_type, place, operator, operands, options)
    constant = _fold_constants(built)
    if constant is not None:
        return constant
    if result_type.is_decimal and operator in _WIDENING:
        operands = tuple(widen_to_decimal(operand) for operand in operands)
    return Apply(result_type, place, operator, operands, options)


def _fold_constants(built: Apply) -> Constant | None:
    """What an operator gives on constants, unless it has no value there, or none that can be written down."""
    try:
        with localcontext(EXACT):
            value = _evaluate_constants(built)
    except UndefinedResult:
        return None
    if isinstance(value, Ratio):
        rounded = value.quantize(LAST)
        value = rounded if rounded == value else None
    elif isinstance(value, Decimal) and count_places(value) > PLACES:
        value = None
    return None if value is None else make_constant(value, built.place)


def _evaluate_constants(expression: Expression) -> Value | None:
    """The value of what is made of constants only; None for anything else."""
    match expression:
        case Constant():
            return constant_value(expression)
        case Apply(operator=operator, operands=operands, options=options) if OPERATORS[operator].strict:
            values = [_evaluate_constants(operand) for operand in operands]
            if None not in values:
                value: Value = OPERATORS[operator].value(*values, *options)
                return value
    return None


_WIDENING: Final = frozenset({"if", "least", "greatest"})
"""Operators whose result is one of their operands, so that all of them are held alike."""


def widen_to_decimal(expression: Expression) -> Expression:
    """An integer as a decimal; anything else as it is."""
    if expression.type.kind is not TypeKind.INT:
        return expression
    widened = OPERATORS["decimal"].type(expression.type)
    if isinstance(expression, Constant):
        return Constant(widened, expression.place, expression.value)
    return Widened(widened, expression.place, expression)


def _round(expression: Expression, place: Location, places: int, mode: str) -> Expression:
    rounded = OPERATORS["round"].type(expression.type, places, mode)
    match expression:
        case Apply(operator="if", operands=(condition, then, otherwise)):
            branches = [_round(branch, place, places, mode) for branch in (then, otherwise)]
            return apply_operator("if", (condition, *branches), place)
        case Apply(operator="require", operands=(condition, inside), options=reason):
            return apply_operator(
                "require", (condition, _round(inside, place, places, mode)), expression.place, *reason
            )
        case Apply(operator="within", operands=(inside,)):
            outside = infer_rounded_type(expression.type, places)
            ends = (from_units(outside.low), from_units(outside.high))
            return apply_operator("within", (_round(inside, place, places, mode),), place, *ends)
        case Apply(operator="*", operands=(left, right) as factors) if _is_finer(left.type, right.type, places):
            product = OPERATORS["round_product"].type(left.type, right.type, places, mode)
            return Apply(product, place, "round_product", factors, (places, mode))
        case Apply(operator="/", operands=(left, right) as parts):
            quotient = OPERATORS["round_quotient"].type(left.type, right.type, places, mode)
            return Apply(quotient, place, "round_quotient", parts, (places, mode))
    if expression.type.places <= places and not expression.type.is_ratio:
        return expression
    return Apply(rounded, place, "round", (expression,), (places, mode))


def _is_finer(left: Type, right: Type, places: int) -> bool:
    """Whether a product can have more places than it is rounded to."""
    return left.places + right.places > places or left.is_ratio or right.is_ratio


def round_quantity(expression: Expression) -> Expression:
    """The quantity of an entry, which only explains, as it is written down: to 12 places."""
    return expression if expression.type.ends else _round(expression, expression.place, PLACES, "half_even")


def conjoin(left: Expression | None, right: Expression | None) -> Expression | None:
    """`left && right`, where a missing condition holds."""
    if left is None or right is None:
        return left or right
    return Apply(BOOL, left.place, "and", (left, right))
