"""Columns of numbers that need not be decimals: right, or null.

A number is `over / under / 10**places`. What is always divided by the same number is held as one column of whole
numbers; what is divided by a number of its own is held as a struct of two. Bounds prove most products to fit into 128
bits; where they do not, each row is looked at, and one whose product may not fit is null, so that rows decide.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any, Final

import polars as pl
from attrs import evolve, frozen

from scorecore.language.operators.exact_types import find_constant, split_divisor
from scorecore.language.operators.operator import ColumnExpression
from scorecore.language.operators.scaled import (
    MAX_128,
    OVER,
    UNDER,
    divide_to_integer,
    get_physical_dtype,
    held_magnitude,
    scale_magnitude,
)
from scorecore.values.types import PLACES, Type, to_units

_CHECKED: Final = 2**126
"""A product that is smaller by an estimate fits: the estimate is off by far less than the factor of two beyond."""
_ROUNDED: Final = 2**124
"""With so much a rounding has room for what it adds."""


@frozen
class Whole:
    """A column of whole numbers of 128 bits, or the same number in every row; none is larger than `most`."""

    number: pl.Expr | int
    most: int

    @property
    def expr(self) -> pl.Expr:
        if isinstance(self.number, pl.Expr):
            return self.number
        return pl.lit(self.number if abs(self.number) <= MAX_128 else None, dtype=pl.Int128())

    @property
    def is_one(self) -> bool:
        return isinstance(self.number, int) and self.number == 1

    @property
    def estimate(self) -> pl.Expr:
        """The size of each number, nearly."""
        return self.expr.cast(pl.Float64).abs()

    def check(self, limit: int) -> Whole:
        """Null where a number may be larger than a limit."""
        if self.most <= limit:
            return self
        return Whole(pl.when(self.estimate < limit / 2).then(self.expr), limit)


@frozen
class RatioColumn:
    """over / under / 10**places; `under` is positive."""

    over: Whole
    under: Whole
    places: int

    def where(self, condition: pl.Expr) -> RatioColumn:
        """Null where the condition does not hold."""
        return evolve(self, over=Whole(pl.when(condition).then(self.over.expr), self.over.most))

    def scale(self, places: int) -> RatioColumn:
        """The same numbers with more places."""
        return evolve(self, over=_times(self.over, _whole(10 ** (places - self.places))), places=places)


def _whole(number: int) -> Whole:
    return Whole(number, abs(number))


def _times(left: Whole, right: Whole) -> Whole:
    if isinstance(left.number, int) and isinstance(right.number, int):
        return _whole(left.number * right.number)
    if left.is_one or right.is_one:
        return left if right.is_one else right
    most, product = left.most * right.most, left.expr * right.expr
    if most <= MAX_128:
        return Whole(product, most)
    return Whole(pl.when(left.estimate * right.estimate < float(_CHECKED)).then(product), _CHECKED)


def _plus(left: Whole, right: Whole) -> Whole:
    most, total = left.most + right.most, left.expr + right.expr
    if most <= MAX_128:
        return Whole(total, most)
    return Whole(pl.when(left.estimate + right.estimate < float(_CHECKED)).then(total), _CHECKED)


def make_constant_ratio(number: Decimal) -> RatioColumn:
    """A decimal in every row."""
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101  it is finite
    over, places = int("".join(map(str, digits))) * 10 ** max(0, exponent), max(0, -exponent)
    return RatioColumn(_whole(-over if number < 0 else over), _whole(1), places)


def read_ratio(column: ColumnExpression) -> RatioColumn:
    """A column of numbers, however it is held."""
    number_type = column.type
    most = held_magnitude(number_type)
    if number_type.varying == 1:
        over = Whole(column.expr.cast(pl.Int128()), min(most, MAX_128))
        return RatioColumn(over, _whole(number_type.divisor), number_type.places)
    under_most = number_type.divisor * number_type.varying
    over = Whole(column.expr.struct.field(OVER), min(most * number_type.varying, MAX_128))
    return RatioColumn(over, Whole(column.expr.struct.field(UNDER), min(under_most, MAX_128)), number_type.places)


def hold_ratio(number: RatioColumn, result: Type) -> pl.Expr:
    """A number held as a type says."""
    if result.varying > 1:
        under = _times(number.under, _whole(10 ** max(0, number.places - result.places)))
        over = _times(number.over, _whole(10 ** max(0, result.places - number.places)))
        is_known = over.expr.is_not_null() & under.expr.is_not_null()
        return pl.when(is_known).then(pl.struct(over.expr.alias(OVER), under.expr.alias(UNDER)))
    scale = Fraction(10**result.places * result.divisor, 10**number.places)
    if isinstance(number.under.number, int):
        scale /= number.under.number
    over = _times(number.over, _whole(scale.numerator))
    held = over.expr if scale.denominator == 1 else over.expr // _whole(scale.denominator).expr
    if not isinstance(number.under.number, int):
        held = over.expr // _times(number.under, _whole(scale.denominator)).expr
    return held.cast(get_physical_dtype(result))


def _align(left: RatioColumn, right: RatioColumn) -> tuple[RatioColumn, RatioColumn]:
    places = max(left.places, right.places)
    return left.scale(places), right.scale(places)


def _choose(condition: pl.Expr, then: Whole, otherwise: Whole) -> Whole:
    if isinstance(then.number, int) and isinstance(otherwise.number, int) and then.number == otherwise.number:
        return then
    chosen = pl.when(condition).then(then.expr).when(~condition).then(otherwise.expr)
    return Whole(chosen, max(then.most, otherwise.most))


def add(left: RatioColumn, right: RatioColumn) -> RatioColumn:
    left, right = _align(left, right)
    unders = left.under.number, right.under.number
    if isinstance(unders[0], int) and isinstance(unders[1], int):
        under = lcm(unders[0], unders[1])
        over = _plus(_times(left.over, _whole(under // unders[0])), _times(right.over, _whole(under // unders[1])))
        return RatioColumn(over, _whole(under), left.places)
    crossed = _plus(_times(left.over, right.under), _times(right.over, left.under))
    product = _times(left.under, right.under)
    if left.under.is_one or right.under.is_one:
        return RatioColumn(crossed, product, left.places)
    same = left.under.expr == right.under.expr  # equal divisors are not multiplied
    over = _choose(same, _plus(left.over, right.over), crossed)
    return RatioColumn(over, _choose(same, left.under, product), left.places)


def negate(number: RatioColumn) -> RatioColumn:
    return evolve(number, over=Whole(pl.lit(0, dtype=pl.Int128()) - number.over.expr, number.over.most))


def multiply(left: RatioColumn, right: RatioColumn) -> RatioColumn:
    return RatioColumn(_times(left.over, right.over), _times(left.under, right.under), left.places + right.places)


def divide(left: RatioColumn, right: RatioColumn) -> RatioColumn:
    """The quotient; null where the divisor is zero."""
    by = right.over.expr
    size = Whole(pl.when(by != 0).then(by.abs()), right.over.most)
    over = _choose(by < 0, negate(left).over, left.over)
    quotient = RatioColumn(_times(over, right.under), _times(left.under, size), left.places - right.places)
    if not isinstance(left.under.number, int) and not isinstance(right.under.number, int):
        same = left.under.expr == right.under.expr
        quotient = evolve(quotient, over=_choose(same, over, quotient.over), under=_choose(same, size, quotient.under))
    return quotient.scale(0) if quotient.places < 0 else quotient


def divide_by(left: RatioColumn, over: int, places: int) -> RatioColumn:
    """The quotient by `over / 10**places`, which is not zero."""
    signed = negate(left) if over < 0 else left
    remaining, more = split_divisor(abs(over))  # a factor of 2 or 5 gives decimal places, as in the type
    quotient = RatioColumn(
        _times(signed.over, _whole(10**more * remaining // abs(over))),
        _times(signed.under, _whole(remaining)),
        left.places - places + more,
    )
    return quotient.scale(0) if quotient.places < 0 else quotient


def round_ratio(number: RatioColumn, places: int, mode: str) -> RatioColumn:
    """A number rounded by name."""
    over = _times(number.over, _whole(10 ** max(0, places - number.places))).check(_ROUNDED)
    under = _times(number.under, _whole(10 ** max(0, number.places - places))).check(_ROUNDED)
    if under.is_one:
        return RatioColumn(over, under, places)
    rounded = divide_to_integer(over.expr, under.expr, mode, pl.Int128())
    return RatioColumn(Whole(rounded, over.most + 1), _whole(1), places)


def compare(left: RatioColumn, right: RatioColumn) -> tuple[pl.Expr, pl.Expr]:
    """Two columns of whole numbers that compare as the numbers do."""
    left, right = _align(left, right)
    return _times(left.over, right.under).expr, _times(right.over, left.under).expr


# operators by name: (type of the result, operands as columns, then options) -> the column


def _quotient(left: ColumnExpression, right: ColumnExpression) -> RatioColumn:
    constant = find_constant(right.type)
    if constant is None:
        return divide(read_ratio(left), read_ratio(right))
    quotient = divide_by(read_ratio(left), *constant)
    return quotient.where(right.expr.is_not_null())  # a fact that can have one value only may still be missing


def _round_to(number: RatioColumn, exact: Type, result: Type, places: int, mode: str) -> pl.Expr:
    rounds = exact.is_ratio or exact.places > places
    return hold_ratio(round_ratio(number, places, mode) if rounds else number, result)


def _round(result: Type, operand: ColumnExpression, places: int, mode: str) -> pl.Expr:
    return _round_to(read_ratio(operand), operand.type, result, places, mode)


def _round_product(result: Type, left: ColumnExpression, right: ColumnExpression, places: int, mode: str) -> pl.Expr:
    return hold_ratio(round_ratio(multiply(read_ratio(left), read_ratio(right)), places, mode), result)


def _round_quotient(result: Type, left: ColumnExpression, right: ColumnExpression, places: int, mode: str) -> pl.Expr:
    return hold_ratio(round_ratio(_quotient(left, right), places, mode), result)


def _extreme(is_first: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    def column(result: Type, *columns: ColumnExpression) -> pl.Expr:
        def choose(left: RatioColumn, right: RatioColumn) -> RatioColumn:
            left, right = _align(left, right)
            condition = is_first(*compare(left, right))
            over, under = (_choose(condition, *sides) for sides in ((left.over, right.over), (left.under, right.under)))
            return RatioColumn(over, under, left.places)

        return hold_ratio(reduce(choose, map(read_ratio, columns)), result)

    return column


def _comparison(compares: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    return lambda _result, left, right: compares(*compare(read_ratio(left), read_ratio(right)))


def _if(result: Type, condition: ColumnExpression, then: ColumnExpression, otherwise: ColumnExpression) -> pl.Expr:
    held = (hold_ratio(read_ratio(branch), result) for branch in (then, otherwise))
    return pl.when(condition.expr).then(next(held)).when(~condition.expr).then(next(held))


def _between(result: Type, operand: ColumnExpression, low: Decimal | None, high: Decimal | None) -> pl.Expr:
    number = read_ratio(operand)
    conditions = []
    for bound, holds in ((low, operator.ge), (high, operator.le)):
        if bound is not None:
            conditions.append(holds(*compare(number, make_constant_ratio(bound))))
    return hold_ratio(number.where(pl.all_horizontal(conditions)), result)


def _in(_result: Type, operand: ColumnExpression, *options: Any) -> pl.Expr:  # noqa: ANN401  numbers
    number, value_type = read_ratio(operand), operand.type
    within = [Decimal(option) for option in options if value_type.low <= to_units(option) <= value_type.high]
    equalities = [operator.eq(*compare(number, make_constant_ratio(option))) for option in within]
    return (
        pl.any_horizontal(equalities) if equalities else pl.when(operand.expr.is_not_null()).then(pl.lit(value=False))
    )


def _absolute(result: Type, operand: ColumnExpression) -> pl.Expr:
    number = read_ratio(operand)
    return hold_ratio(evolve(number, over=Whole(number.over.expr.abs(), number.over.most)), result)


_COLUMNS: Final[dict[str, Callable[..., pl.Expr]]] = {
    "+": lambda result, left, right: hold_ratio(add(read_ratio(left), read_ratio(right)), result),
    "-": lambda result, left, right: hold_ratio(add(read_ratio(left), negate(read_ratio(right))), result),
    "*": lambda result, left, right: hold_ratio(multiply(read_ratio(left), read_ratio(right)), result),
    "/": lambda result, left, right: hold_ratio(_quotient(left, right), result),
    "negate": lambda result, operand: hold_ratio(negate(read_ratio(operand)), result),
    "abs": _absolute,
    "least": _extreme(operator.le),
    "greatest": _extreme(operator.ge),
    "int": lambda result, operand: hold_ratio(round_ratio(read_ratio(operand), 0, "down"), result),
    "decimal": lambda result, operand: hold_ratio(read_ratio(operand), result),
    "not_negative": lambda result, operand: _between(result, operand, Decimal(0), None),
    "within": _between,
    "round": _round,
    "round_product": _round_product,
    "round_quotient": _round_quotient,
    "if": _if,
    "in": _in,
    "==": _comparison(operator.eq),
    "!=": _comparison(operator.ne),
    "<": _comparison(operator.lt),
    "<=": _comparison(operator.le),
    ">": _comparison(operator.gt),
    ">=": _comparison(operator.ge),
}


def find_ratio_column(name: str, result: Type, columns: Sequence[ColumnExpression]) -> Callable[..., pl.Expr] | None:
    """How an operator is computed where whole numbers of the last place, which fit by their bounds, do not do."""
    column = _COLUMNS.get(name)
    types = [operand.type for operand in columns]
    if column is None or not any(operand.is_number for operand in types) or _is_cut(name, result, types):
        return None
    return column if name == "/" or _is_unfit(result, *types) else None


def _is_cut(name: str, result: Type, operands: Sequence[Type]) -> bool:
    """Whether the result may be a product or quotient that is rounded at the 12th place, as in programs of level 1."""
    if result.places != PLACES or any(operand.places > PLACES or operand.is_ratio for operand in (result, *operands)):
        return False
    return name == "/" or (name == "*" and sum(operand.places for operand in operands) > PLACES)


def _is_unfit(*types: Type) -> bool:
    """Whether numbers may not fit into 128 bits once all have the same places, or need not be decimals."""
    numbers = [number for number in types if number.is_number]
    places = max((number.places for number in numbers), default=0)
    return places > _MANY_PLACES or any(
        number.is_ratio or 4 * scale_magnitude(number.magnitude, places) > MAX_128 for number in numbers
    )


_MANY_PLACES: Final = 30


def show_column(column: ColumnExpression, shown: Type) -> pl.Expr:
    """A column as people see it: what need not be a decimal, to 12 places."""
    if column.type.ends or not column.type.is_number:
        return column.expr
    return hold_ratio(round_ratio(read_ratio(column), PLACES, "half_even"), shown)
