"""The rules of directions: how what an operator, a table or a switch gives moves with what goes into it.

An operator without a rule moves in any direction as soon as an operand moves.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from attrs import frozen

from scorecore.language.abstract import Possible
from scorecore.language.bands import Band, BandTable, band_numbers
from scorecore.values.types import Type, Value, integer_type, to_units


@frozen
class Direction:
    """Whether a value may rise, and whether it may fall; of a truth value, whether it may become true, or false."""

    rises: bool
    falls: bool

    def __or__(self, other: "Direction") -> "Direction":
        return Direction(self.rises or other.rises, self.falls or other.falls)

    def __and__(self, other: "Direction") -> "Direction":
        """What neither of two analyses excludes."""
        return Direction(self.rises and other.rises, self.falls and other.falls)

    def __neg__(self) -> "Direction":
        return Direction(self.falls, self.rises)


STILL: Final = Direction(rises=False, falls=False)
RISES: Final = Direction(rises=True, falls=False)
FALLS: Final = Direction(rises=False, falls=True)
EITHER: Final = Direction(rises=True, falls=True)

Rule = Callable[[Sequence[Direction], Sequence[Possible]], Direction]
"""How a result moves, from how the operands move and what they can be."""


def move_product(moved: Direction, factor: Possible) -> Direction:
    """A value that moves, times a factor that can be positive or negative."""
    if not isinstance(factor, Type):
        return EITHER if moved != STILL else STILL
    positive, negative = factor.high > 0, factor.low < 0
    rises = (moved.rises and positive) or (moved.falls and negative)
    return Direction(rises, (moved.falls and positive) or (moved.rises and negative))


def move_by_switch(switch: Direction, otherwise: Possible, then: Possible) -> Direction:
    """What changes where a condition begins, or ceases, to hold."""
    to_then = compare_possible(otherwise, then) if switch.rises else STILL
    return to_then | (compare_possible(then, otherwise) if switch.falls else STILL)


def compare_possible(before: Possible, after: Possible) -> Direction:
    """How a value can move from what it can be before to what it can be after."""
    if isinstance(before, Type) and isinstance(after, Type) and before.is_number and after.is_number:
        return Direction(after.high > before.low, after.low < before.high)
    if isinstance(before, frozenset) and isinstance(after, frozenset) and before | after <= {True, False}:
        return Direction(True in after and False in before, False in after and True in before)
    return EITHER


def move_lookup(table: BandTable, key: Direction, possible: Type, order: Mapping[Value, int]) -> Direction:
    """What a table gives, while its key moves between bounds; `order` is that of grades."""
    if key == STILL:
        return STILL
    if table.text:
        return EITHER
    if table.kind == "exact":
        return _move_exact(table, key, order)
    if table.kind == "marginal":
        rates = [value for _, bands in table.versions for value in band_numbers(bands)]
        return _follow(key, is_rising=all(rate >= 0 for rate in rates), is_falling=all(rate <= 0 for rate in rates))
    beside = table.kind == "interpolated"  # a value between two bands is made of both
    steps = [list(_reached(bands, possible, beside=beside)) for _, bands in table.versions]
    pairs = [pair for values in steps for pair in pairwise(values)]
    return _follow(key, is_rising=all(a <= b for a, b in pairs), is_falling=all(a >= b for a, b in pairs))


def _move_exact(table: BandTable, key: Direction, order: Mapping[Value, int]) -> Direction:
    """A table by grades follows them; a grade without a row gives nothing. Other texts have no order."""
    if key == EITHER:
        return EITHER
    directions = STILL
    for _, bands in table.versions:
        values = zip(bands, band_numbers(bands), strict=True)
        rows = sorted((order[band.start], value) for band, value in values if band.start in order)
        pairs = list(pairwise(value for _, value in rows))
        directions |= _follow(key, is_rising=all(a <= b for a, b in pairs), is_falling=all(a >= b for a, b in pairs))
    return directions


def move_choice(key: Direction, possible: Possible, chosen: Collection[Value], order: Mapping[Value, int]) -> Direction:
    """Whether a grade is among some, which may be the best, or the worst, of those that are possible."""
    if isinstance(possible, Type) or not possible <= order.keys():
        return EITHER
    inside = [value in chosen for value in sorted(possible, key=order.__getitem__)]
    return _follow(key, is_rising=inside == sorted(inside), is_falling=inside == sorted(inside, reverse=True))


def rank_grades(possible: Possible, order: Mapping[Value, int]) -> Possible:
    """Grades as their numbers, the best with the greatest; anything else as it is."""
    if isinstance(possible, Type) or not possible or not possible <= order.keys():
        return possible
    numbers = [order[grade] for grade in possible]
    return integer_type(min(numbers), max(numbers))


def move_rate(table: BandTable, key: Direction, possible: Type) -> Direction:
    """The mean rate of a marginal table: it rises with a number that is not negative if the rates ascend from 0 on."""
    if key == STILL:
        return STILL
    starts = [band.start for _, bands in table.versions for band in bands[:1]]
    if possible.low < 0 or any(to_units(start) < 0 for start in starts if not isinstance(start, str)):
        return EITHER
    ladders = [[Decimal(0), *band_numbers(bands)] for _, bands in table.versions]  # at zero the rate is zero
    pairs = [pair for rates in ladders for pair in pairwise(rates)]
    return _follow(key, is_rising=all(a <= b for a, b in pairs), is_falling=all(a >= b for a, b in pairs))


def _reached(bands: Sequence[Band], possible: Type, *, beside: bool) -> Iterator[Decimal]:
    """The values of the bands that a key within bounds can reach, or also of the bands beside them."""
    starts = [to_units(band.start) for band in bands if not isinstance(band.start, str)]
    for number, value in enumerate(band_numbers(bands)):
        begin, end = max(number - beside, 0), number + 1 + beside
        if starts[begin] <= possible.high and (end >= len(starts) or starts[end] >= possible.low):
            yield value


def _follow(key: Direction, *, is_rising: bool, is_falling: bool) -> Direction:
    if is_rising and is_falling:
        return STILL
    if is_rising:
        return key
    return -key if is_falling else EITHER


def _multiply(moved: Sequence[Direction], possible: Sequence[Possible]) -> Direction:
    (left, right), (left_range, right_range) = moved, possible
    return move_product(left, right_range) | move_product(right, left_range)


def _divide(moved: Sequence[Direction], possible: Sequence[Possible]) -> Direction:
    """A divisor of one sign (it is never zero where there is a quotient); otherwise its reciprocal jumps."""
    (left, right), (left_range, right_range) = moved, possible
    if not isinstance(right_range, Type) or (right_range.low < 0 < right_range.high and right != STILL):
        return EITHER
    return move_product(left, right_range) | move_product(-right, left_range)


def _less(moved: Sequence[Direction], _possible: Sequence[Possible]) -> Direction:
    left, right = moved
    return -left | right


def _equal(moved: Sequence[Direction], possible: Sequence[Possible]) -> Direction:
    """With the least, or the greatest, that something can be; in between it comes and goes."""
    for (value, limit), (value_range, limit_range) in zip(
        (moved, moved[::-1]), (possible, possible[::-1]), strict=True
    ):
        if limit != STILL or not isinstance(value_range, Type) or not isinstance(limit_range, Type):
            continue
        if not value_range.is_number or limit_range.low != limit_range.high:
            continue
        if limit_range.low <= value_range.low:
            return -value
        if limit_range.high >= value_range.high:
            return value
    return EITHER


def _join(moved: Sequence[Direction], _possible: Sequence[Possible]) -> Direction:
    joined = STILL
    for direction in moved:
        joined |= direction
    return joined


def _absolute(moved: Sequence[Direction], possible: Sequence[Possible]) -> Direction:
    (direction,), (value,) = moved, possible
    if not isinstance(value, Type) or value.low < 0 < value.high:
        return EITHER
    return direction if value.low >= 0 else -direction


RULES: Final[Mapping[str, Rule]] = {
    "+": _join,
    "-": lambda moved, _: moved[0] | -moved[1],
    "*": _multiply,
    "/": _divide,
    "quotient": _divide,
    "round_product": _multiply,
    "round_quotient": _divide,
    "negate": lambda moved, _: -moved[0],
    "not": lambda moved, _: -moved[0],
    "abs": _absolute,
    "least": _join,
    "greatest": _join,
    "decimal": _join,
    "int": _join,
    "round": _join,
    "not_negative": _join,
    "within": _join,
    "require": lambda moved, _: moved[1],
    "<": _less,
    "<=": _less,
    ">": lambda moved, _: moved[0] | -moved[1],
    ">=": lambda moved, _: moved[0] | -moved[1],
    "==": _equal,
    "!=": lambda moved, possible: -_equal(moved, possible),
    "and": _join,
    "or": _join,
    "add_days": _join,
}
"""`if` looks into its branches, and has its rule in `directions`."""
UNRULED: Final[Mapping[str, str]] = {
    "in": "a number that moves comes and goes among constants",
    **dict.fromkeys(("contains", "startsWith", "endsWith", "size"), "texts do not move with a number"),
    **dict.fromkeys(
        ("days", "months_between", "year", "month", "day", "date", "at", "minutes_between", "hours_between"),
        "dates of facts do not move; one that is computed from a number is seldom compared",
    ),
    **dict.fromkeys(
        ("is_workday", "workdays", "add_workdays", "workminutes", "workhours"), "the same, with the days of a calendar"
    ),
}
"""Why the others have none."""
