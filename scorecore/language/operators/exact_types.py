"""The types of sums, products and quotients: between what bounds they lie, and over what they are divided."""

from math import gcd, lcm

from scorecore.diagnostics import catalogue
from scorecore.language.operators.operator import OperandTypeError
from scorecore.values.types import PLACES, UNIT, Type, TypeKind


def infer_sum_type(kind: TypeKind, low: int, high: int, left: Type, right: Type) -> Type:
    """A sum or difference between bounds: over what both are divided by."""
    varying = left.varying * right.varying
    divisor = lcm(left.divisor, right.divisor) if varying == 1 else left.divisor * right.divisor
    return Type(kind, low, high, max(left.places, right.places), divisor=divisor, varying=varying)


def infer_product_type(left: Type, right: Type) -> Type:
    """The exact product; its bounds are rounded outwards to units."""
    corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    kind = TypeKind.INT if left.kind is right.kind is TypeKind.INT else TypeKind.DECIMAL
    varying = left.varying * right.varying
    divisor = left.divisor * right.divisor if varying > 1 else _cancel(left, right) * _cancel(right, left)
    low, high = min(corners) // UNIT, -(-max(corners) // UNIT)
    return Type(kind, low, high, left.places + right.places, divisor=divisor, varying=varying)


def _cancel(quotient: Type, factor: Type) -> int:
    """What is left of a divisor after a product with a factor that is always the same."""
    constant = find_constant(factor)
    return quotient.divisor if constant is None else quotient.divisor // gcd(quotient.divisor, constant[0])


def find_constant(number: Type) -> tuple[int, int] | None:
    """The only value of a type, as a whole number over a power of ten; None where there are more, or none is sure."""
    if number.low != number.high:
        return None
    over, places = number.low, PLACES
    while places and over % 10 == 0:
        over, places = over // 10, places - 1
    return over, places


def infer_quotient_type(left: Type, right: Type) -> Type:
    """The exact quotient. A divisor is at least its own smallest step, if it is not zero."""
    if not (left.is_number and right.is_number):
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="/", types=f"{left}, {right}")
    if right.low == right.high == 0:
        raise OperandTypeError(catalogue.ALWAYS_ZERO)
    low, high = _quotient_bounds(left, right)
    constant = find_constant(right)
    if low == high == 0:
        return Type(TypeKind.DECIMAL)
    if constant is not None:
        return _divide_by_constant(left, low, high, *constant)
    places, divisor = max(0, left.places - right.places), left.divisor
    largest = -(-right.magnitude * right.denominator // UNIT)
    return Type(TypeKind.DECIMAL, low, high, places, divisor=divisor, varying=left.varying * largest)


def _divide_by_constant(left: Type, low: int, high: int, over: int, places: int) -> Type:
    """A quotient by `over / 10**places`: a factor of 2 or 5 gives decimal places, what is left divides."""
    remaining, more = split_divisor(abs(over))
    own = find_constant(left)
    if own is not None and not left.is_ratio:
        remaining //= gcd(remaining, own[0])
    places = max(0, left.places - places + more)
    return Type(TypeKind.DECIMAL, low, high, places, divisor=left.divisor * remaining, varying=left.varying)


def split_divisor(number: int) -> tuple[int, int]:
    """What is left of a divisor without factors of 2 and 5, and how many decimal places those give."""
    remaining, twos, fives = number, 0, 0
    while remaining % 2 == 0:
        remaining, twos = remaining // 2, twos + 1
    while remaining % 5 == 0:
        remaining, fives = remaining // 5, fives + 1
    return remaining, max(twos, fives)


def _quotient_bounds(left: Type, right: Type) -> tuple[int, int]:
    """In units, rounded outwards; each divisor is a whole number over `step`."""
    step = right.denominator
    ends = {right.low * step, right.high * step}
    ends |= {sign * UNIT for sign in (1, -1) if right.low * step <= sign * UNIT <= right.high * step}
    divisors = [end for end in ends if end] or [right.low * step or right.high * step]
    corners = [(a * UNIT * step, b) for a in (left.low, left.high) for b in divisors]
    return min(a // b for a, b in corners), max(-(-a // b) for a, b in corners)
