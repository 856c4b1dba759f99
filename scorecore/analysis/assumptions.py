"""What is known where a condition holds, or fails: the bounds of the numbers that it compares."""

from collections.abc import Callable, Iterator

from attrs import evolve

from scorecore.language.abstract import Possible, narrow
from scorecore.language.expressions import Apply, Expression, Read
from scorecore.language.sugar import expand
from scorecore.program.model import Program
from scorecore.program.steps import Step
from scorecore.values.types import PLACES, Type

Assumption = tuple[Expression, Possible]
FindRange = Callable[[Expression], Type]


def list_assumed(
    condition: Expression, program: Program, find_range: FindRange, *, holds: bool
) -> Iterator[Assumption]:
    """What is known of the parts of a condition that holds, or that fails."""
    condition = expand(condition)
    yield condition, frozenset({holds})
    match condition:
        case Read(name=name) if program.has_step(name):
            step = program.step(name)
            if isinstance(step, Step):
                yield from list_assumed(step.expression, program, find_range, holds=holds)
        case Apply(operator="and", operands=parts) if holds:
            for part in parts:
                yield from list_assumed(part, program, find_range, holds=True)
        case Apply(operator="or", operands=parts) if not holds:
            for part in parts:
                yield from list_assumed(part, program, find_range, holds=False)
        case Apply(operator="not", operands=(part,)):
            yield from list_assumed(part, program, find_range, holds=not holds)
        case Apply(operator="<" | "<=" | ">" | ">=" as sign, operands=(left, right)) if left.type.is_number:
            is_below = (sign in {"<", "<="}) is holds
            low, high = (left, right) if is_below else (right, left)
            below, above = find_range(low), find_range(high)
            gap = _least_gap(below, above) if (sign in {"<", ">"}) is holds else 0
            yield from _spread(low, _cap(below, most=above.high - gap))
            yield from _spread(high, _cap(above, least=below.low + gap))
        case Apply(operator="==" | "!=" as sign, operands=(left, right)) if left.type.is_number:
            if (sign == "==") is holds:
                yield from _spread(left, narrow(find_range(right), find_range(left)))
                yield from _spread(right, narrow(find_range(left), find_range(right)))


def _spread(number: Expression, assumed: Type) -> Iterator[Assumption]:
    """What is assumed of a number, and of the integer that it was."""
    yield number, assumed
    number = expand(number)
    yield number, assumed
    if isinstance(number, Apply) and number.operator == "decimal":
        (integer,) = number.operands
        yield integer, evolve(assumed, kind=integer.type.kind, places=integer.type.places)


def _least_gap(first: Type, second: Type) -> int:
    """How far apart two numbers are at least that are not equal."""
    return 10 ** (PLACES - max(first.places, second.places)) if first.ends and second.ends else 0


def _cap(number: Type, *, least: int | None = None, most: int | None = None) -> Type:
    low = number.low if least is None else max(number.low, least)
    high = number.high if most is None else min(number.high, most)
    return evolve(number, low=low, high=high) if low <= high else number
