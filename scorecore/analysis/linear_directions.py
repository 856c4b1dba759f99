"""What the rules of single operators cannot see: sums, differences and quotients in which the same number occurs twice.

`x - least(x, y)` never falls with x, and `x / (x + y)` never falls where y is not negative. So a formula is also
taken apart into *slopes*: between what factors a change of each of its parts enters into its own change.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Protocol

from attrs import frozen

from scorecore.analysis.direction_rules import EITHER, STILL, Direction
from scorecore.language.expressions import Apply, Constant, Expression, Read, constant_value
from scorecore.language.groups import GroupFold
from scorecore.language.sugar import expand
from scorecore.program.steps import GroupStep, Step
from scorecore.values.types import UNIT, Type

DIVISIONS: Final = frozenset({"/", "quotient", "round_quotient"})
SUMS: Final = frozenset({"+", "-"})
DEPTHS: Final = (0, 1, 2, 8)
"""Levels of steps that are looked into: neither the least nor the most always shows more."""
_AROUND: Final = {"decimal": 0, "not_negative": 0, "within": 0, "require": 1}
"""Operators that give an operand as it is, and which."""
_DRAWN_TOWARDS: Final = frozenset({GroupFold.MEAN, GroupFold.GREATEST, GroupFold.LEAST})
"""What moves with a member by no more than the member does."""
_ZERO: Final = Fraction(0)
_ONE: Final = Fraction(1)


class Movement(Protocol):
    """How expressions move, and between what bounds they lie."""

    def find(self, expression: Expression) -> Direction: ...

    def find_range(self, expression: Expression) -> Type: ...

    def assume(self, condition: Expression, *, holds: bool) -> "Movement": ...

    def open_step(self, name: str) -> "tuple[Step | GroupStep, Movement] | None":
        """What computes a step, where that can be looked into."""


@frozen
class Slope:
    """How a part moves, and between what factors its change enters into that of the whole."""

    least: Fraction
    most: Fraction
    moved: Direction

    def times(self, least: Fraction, most: Fraction) -> "Slope":
        ends = [self.least * least, self.least * most, self.most * least, self.most * most]
        return Slope(min(ends), max(ends), self.moved)

    @property
    def direction(self) -> Direction:
        """How the whole moves because of this part."""
        rises = (self.moved.rises and self.most > 0) or (self.moved.falls and self.least < 0)
        return Direction(rises, (self.moved.falls and self.most > 0) or (self.moved.rises and self.least < 0))


Slopes = Mapping[Expression, Slope]
_NONE: Final = Slope(_ZERO, _ZERO, STILL)


def move_by_slopes(expression: Expression, movement: Movement, depth: int) -> Direction:
    """How a sum or a difference moves; steps are looked into so many levels deep."""
    direction = STILL
    for slope in _measure(expression, movement, depth).values():
        direction |= slope.direction
    return direction


def _measure(expression: Expression, movement: Movement, depth: int) -> Slopes:
    """The slopes of an expression; it is a part itself where it cannot be taken apart."""
    expression = expand(expression)
    moved = movement.find(expression) if not _is_sum(expression) else EITHER
    if moved == STILL:
        return {}
    match expression:
        case Read(name=name) if depth:
            opened = movement.open_step(name)
            measured = opened and _measure_step(*opened, depth - 1)
            return {expression: Slope(_ONE, _ONE, moved)} if measured is None else measured
        case Apply():
            measured = _measure_applied(expression, movement, depth)
            if measured is not None:
                return measured
    return {expression: Slope(_ONE, _ONE, moved)}


def _is_sum(expression: Expression) -> bool:
    return isinstance(expression, Apply) and expression.operator in SUMS


def _measure_step(step: Step | GroupStep, movement: Movement, depth: int) -> Slopes | None:
    if isinstance(step, Step):
        return _measure(step.expression, movement, depth)
    operand = movement.open_step(step.of)
    if operand is None or not isinstance(operand[0], Step):
        return None
    slopes = _measure(operand[0].expression, operand[1], depth)
    return slopes if step.fold is GroupFold.SUM else _scale(slopes, _ZERO, _ONE)


def _measure_applied(applied: Apply, movement: Movement, depth: int) -> Slopes | None:
    operands, operator = applied.operands, applied.operator
    if operator in _AROUND:
        return _measure(operands[_AROUND[operator]], movement, depth)
    match operator, operands:
        case (("+" | "-"), (left, right)) if applied.type.is_number:
            sign = _ONE if operator == "+" else -_ONE
            return _add(_measure(left, movement, depth), _scale(_measure(right, movement, depth), sign, sign))
        case "negate", (operand,):
            return _scale(_measure(operand, movement, depth), -_ONE, -_ONE)
        case "abs", (operand,):
            return _scale(_measure(operand, movement, depth), -_ONE, _ONE)
        case "least" | "greatest", _ if applied.type.is_number:
            return _span([_measure(operand, movement, depth) for operand in operands])
        case "if", (condition, then, otherwise) if applied.type.is_number and movement.find(condition) == STILL:
            holds, fails = movement.assume(condition, holds=True), movement.assume(condition, holds=False)
            return _span([_measure(then, holds, depth), _measure(otherwise, fails, depth)])
        case "*", (left, right):
            for part, factor in ((left, right), (right, left)):
                if movement.find(factor) == STILL:
                    return _scale(_measure(part, movement, depth), *_ends(movement.find_range(factor)))
        case "/", (part, divisor) if movement.find(divisor) == STILL:
            least, most = _ends(movement.find_range(divisor))
            if least > 0 or most < 0:
                return _scale(_measure(part, movement, depth), 1 / most, 1 / least)
    return None


def _ends(possible: Type) -> tuple[Fraction, Fraction]:
    return Fraction(possible.low, UNIT), Fraction(possible.high, UNIT)


def _scale(slopes: Slopes, least: Fraction, most: Fraction) -> Slopes:
    return {part: slope.times(least, most) for part, slope in slopes.items()}


def _add(first: Slopes, second: Slopes) -> Slopes:
    total = dict(first)
    for part, slope in second.items():
        before = total.get(part, _NONE)
        total[part] = Slope(before.least + slope.least, before.most + slope.most, slope.moved)
    return total


def _span(choices: Sequence[Slopes]) -> Slopes:
    """Of the least, the greatest, or one of some numbers: its change is a mean of theirs."""
    spanned: dict[Expression, Slope] = {}
    for part in dict.fromkeys(part for slopes in choices for part in slopes):
        slopes = [slopes.get(part, _NONE) for slopes in choices]
        moved = next(slope.moved for slope in slopes if slope is not _NONE)
        spanned[part] = Slope(min(slope.least for slope in slopes), max(slope.most for slope in slopes), moved)
    return spanned


# quotients


@frozen
class LinearForm:
    """A sum of parts with constant factors."""

    constant: Fraction
    factors: Mapping[Expression, Fraction]

    def times(self, factor: Fraction) -> "LinearForm":
        return LinearForm(self.constant * factor, {part: old * factor for part, old in self.factors.items()})

    def plus(self, other: "LinearForm") -> "LinearForm":
        parts = dict.fromkeys((*self.factors, *other.factors))
        factors = {part: self.factors.get(part, _ZERO) + other.factors.get(part, _ZERO) for part in parts}
        return LinearForm(self.constant + other.constant, factors)


def move_quotient(dividend: Expression, divisor: Expression, movement: Movement) -> Direction:
    """How a quotient of two sums moves, of which the divisor is never negative."""
    if movement.find_range(divisor).low < 0:
        return EITHER
    return _move_quotient(_linear(dividend, movement), _linear(divisor, movement), movement)


def _move_quotient(over: LinearForm, under: LinearForm, movement: Movement) -> Direction:
    direction = _move_fraction(over, under, movement)
    extreme = _find_extreme(over)
    if direction == EITHER and extreme is not None:  # least(a, b) / c is least(a / c, b / c)
        part, factor = extreme
        moves = [_move_quotient(_linear(each, movement).times(factor), under, movement) for each in part.operands]
        joined = STILL
        for move in moves:
            joined |= move
        return joined
    return direction


def _find_extreme(form: LinearForm) -> tuple[Apply, Fraction] | None:
    parts = [(part, factor) for part, factor in form.factors.items() if factor]
    if len(parts) == 1 and not form.constant:
        part, factor = parts[0]
        if isinstance(part, Apply) and part.operator in {"least", "greatest"}:
            return part, factor
    return None


def _move_fraction(over: LinearForm, under: LinearForm, movement: Movement) -> Direction:
    """The derivative by a part has the sign of a sum that does not contain this part."""
    direction = STILL
    for part in dict.fromkeys((*over.factors, *under.factors)):
        moved = movement.find(part)
        if moved != STILL:
            above, below = over.factors.get(part, _ZERO), under.factors.get(part, _ZERO)
            sign = under.times(above).plus(over.times(-below))
            direction |= Slope(*_find_ends(sign, movement), moved).direction
    return direction


def _find_ends(form: LinearForm, movement: Movement) -> tuple[Fraction, Fraction]:
    least = most = form.constant
    for part, factor in form.factors.items():
        if factor:
            ends = [factor * end for end in _ends(movement.find_range(part))]
            least, most = least + min(ends), most + max(ends)
    return least, most


def _linear(expression: Expression, movement: Movement) -> LinearForm:
    """An expression as a sum; steps that are sums are looked into."""
    expression = expand(expression)
    match expression:
        case Constant():
            return LinearForm(Fraction(_number(expression)), {})
        case Read(name=name):
            opened = movement.open_step(name)
            if opened is not None and isinstance(opened[0], Step):
                inner = expand(opened[0].expression)
                if isinstance(inner, Apply | Constant | Read) and inner.type.is_number:
                    return _linear(inner, opened[1])
        case Apply(operator=operator, operands=(operand,)) if operator in {"decimal", "negate", "not_negative"}:
            return _linear(operand, movement).times(-_ONE if operator == "negate" else _ONE)
        case Apply(operator="+" | "-" as operator, operands=(left, right)):
            sign = _ONE if operator == "+" else -_ONE
            return _linear(left, movement).plus(_linear(right, movement).times(sign))
        case Apply(operator="*" | "/" as operator, operands=(left, right)):
            for part, factor in _factors(operator, left, right, movement):
                return _linear(part, movement).times(factor)
    return LinearForm(_ZERO, {expression: _ONE})


def _factors(
    operator: str, left: Expression, right: Expression, movement: Movement
) -> Iterator[tuple[Expression, Fraction]]:
    """One operand, where the other is a constant, and by what it is multiplied."""
    for part, other in ((left, right), (right, left))[: 1 if operator == "/" else 2]:
        least, most = _ends(movement.find_range(other))
        if least == most and (least or operator == "*"):
            yield part, least if operator == "*" else 1 / least


def _number(constant: Constant) -> Decimal | int:
    value = constant_value(constant)
    assert isinstance(value, Decimal | int)  # noqa: S101  a part of a sum
    return value
