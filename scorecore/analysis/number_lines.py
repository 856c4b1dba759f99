"""Values that have an order as whole numbers, and the nearest number that does something."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from scorecore.values.period import Period
from scorecore.values.types import PLACES, Type, TypeKind, Value, from_units, to_units

MAX_EXHAUSTIVE: Final = 512
"""So many values on each side of a fact are tried one by one; those farther away are found by halving."""
_MAX_DAYS: Final = 14_610
"""Days that a date is moved at most: forty years."""
_SECONDS: Final = 86_400
_FIRST: Final = datetime(1, 1, 1)
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59)


@frozen
class NumberLine:
    """The values of a type as whole numbers from `low` to `high`."""

    low: int
    high: int
    origin: Value
    """Where a value begins that is not there yet."""
    one: int
    """How many steps are one; of days and moments a day."""
    to_number: Callable[[Any], int]
    to_value: Callable[[int], Value]
    holds: Callable[[Value], bool]
    """Whether a constant of the program is such a value."""


def build_number_line(value_type: Type, period: Period) -> NumberLine:
    """The line of numbers, of days, or of the seconds of moments; the latter two around a period."""
    if value_type.is_number:
        return _line_of_numbers(value_type)
    return _line_of_days(period) if value_type.kind is TypeKind.DATE else _line_of_seconds(period)


def _line_of_numbers(number_type: Type) -> NumberLine:
    step: int = 10 ** (PLACES - number_type.places)
    low, high = -(-number_type.low // step), number_type.high // step

    def to_number(value: Decimal | int) -> int:
        return min(high, max(low, int(to_units(value) // step)))

    def to_value(number: int) -> Decimal | int:
        return from_units(number * step) if number_type.is_decimal else number

    return NumberLine(low, high, 0, 10**number_type.places, to_number, to_value, _is_number)


def _line_of_days(period: Period) -> NumberLine:
    middle = period.end.toordinal()
    low, high = max(1, middle - _MAX_DAYS), min(date.max.toordinal(), middle + _MAX_DAYS)
    return NumberLine(low, high, period.end, 1, date.toordinal, date.fromordinal, _is_day)


def _line_of_seconds(period: Period) -> NumberLine:
    end = datetime(period.end.year, period.end.month, period.end.day)
    middle, reach = _count_seconds(end), _MAX_DAYS * _SECONDS
    return NumberLine(
        max(0, middle - reach),
        min(_count_seconds(_LAST), middle + reach),
        end,
        _SECONDS,
        _count_seconds,
        lambda number: _FIRST + timedelta(seconds=number),
        lambda value: isinstance(value, datetime),
    )


def _count_seconds(moment: datetime) -> int:
    elapsed = moment - _FIRST
    return elapsed.days * _SECONDS + elapsed.seconds


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_day(value: Value) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def find_nearest(
    start: int, line: NumberLine, edges: Sequence[int], is_enough: Callable[[int], bool], exhaustive: int
) -> int | None:
    """How far the nearest number that is enough lies from the start; None if none was found.

    Near the start every number is tried, `exhaustive` on each side. Farther away those at growing distances and beside
    the edges are, and between the last that is not enough and the first that is the turn is found by halving: exact
    where there is one turn.
    """
    nearest: int | None = None
    for sign, room in ((1, line.high - start), (-1, start - line.low)):
        previous = 0
        for distance in _distances_to_try(start, sign, room, edges, exhaustive):
            if nearest is not None and distance >= abs(nearest):
                break
            if is_enough(start + sign * distance):
                nearest = sign * _find_turn(start, sign, previous, distance, is_enough)
                break
            previous = distance
    return nearest


def _distances_to_try(start: int, sign: int, room: int, edges: Sequence[int], exhaustive: int) -> list[int]:
    near_edges = {sign * (edge - start) + beside for edge in edges for beside in (-1, 0, 1)}
    growing = {factor << power for power in range(room.bit_length()) for factor in (2, 3)} if room > 0 else set()
    beside_start = range(1, min(room, exhaustive) + 1)
    return sorted(distance for distance in {*beside_start, *near_edges, *growing, room} if 0 < distance <= room)


def _find_turn(start: int, sign: int, too_little: int, enough: int, is_enough: Callable[[int], bool]) -> int:
    """The least distance that is enough, between one that is not and one that is."""
    while enough - too_little > 1:
        middle = (too_little + enough) // 2
        if is_enough(start + sign * middle):
            enough = middle
        else:
            too_little = middle
    return enough
