"""Divisors that are the same for all events, taken out of what is added up: the sum is divided once, exactly."""

from scorecore.language.build import apply_operator
from scorecore.language.expressions import Apply, Expression, Field, Nth, walk


def take_out_divisors(body: Expression, table: str) -> tuple[Expression, tuple[Expression, ...]]:
    """What is added up over the events of a table without the divisors that are the same for all, and these."""
    match body:
        case Apply(operator="/", operands=(dividend, divisor)):
            inner, taken = take_out_divisors(dividend, table)
            if _is_same_for_all(divisor, table):
                return inner, (*taken, divisor)
            return (apply_operator("/", (inner, divisor), body.place) if taken else body), taken
        case Apply(operator="*", operands=(left, right)):
            (first, of_first), (second, of_second) = (take_out_divisors(factor, table) for factor in (left, right))
            taken = (*of_first, *of_second)
            return (apply_operator("*", (first, second), body.place) if taken else body), taken
    return body, ()


def _is_same_for_all(divisor: Expression, table: str) -> bool:
    """Whether it reads no event, and is never zero: a sum over no events is zero, and must not become unknown."""
    is_zero_possible = divisor.type.low <= 0 <= divisor.type.high
    return not is_zero_possible and not any(
        isinstance(part, Field | Nth) and part.table == table for part in walk(divisor)
    )
