"""Types of values, with the bounds that keep every step of a program from overflowing.

Bounds are whole numbers in units of 10**-12, the last place of a decimal that is written down; those of what has no
last place are the next units outwards.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Context, Decimal
from enum import Enum
from math import ceil, floor, lcm
from typing import Final, TypeAlias

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.values.ratio import EXACT, Ratio

PLACES: Final = 12
"""Decimal places of a decimal."""
UNIT: Final = 10**PLACES
"""One, in units of the last place."""
MAX_DIGITS: Final = 26
"""Digits of a decimal before the point."""
MAX_DECIMAL: Final = 10 ** (MAX_DIGITS + PLACES) - 1
"""In units."""
MAX_INT: Final = 2**63 - 1
MAX_DIGITS_UNROUNDED: Final = 300
MAX_DENOMINATOR: Final = 10**MAX_DIGITS_UNROUNDED
"""Of what is not rounded yet. Twice as many digits, and those of the number itself, are less than `EXACT` holds."""
_WIDE: Final = Context(prec=90)
MAX_EVENTS: Final = 10**6
"""Rows of one event table for one subject and period."""
MAX_MEMBERS: Final = 10**6
"""Subjects of one group and period."""
MAX_HISTORY: Final = 1200
"""Periods that `history[…]` and `streak` can look back; a hundred years of months."""

Value: TypeAlias = bool | int | Decimal | Ratio | str | date
"""What a fact, a constant or a step can be once it is known; a timestamp is a `datetime`, which is a `date`."""


class TypeKind(Enum):
    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    STRING = "string"
    DATE = "date"
    TIMESTAMP = "timestamp"


@frozen
class Type:
    """What a value can be. `low`, `high` (in units) and `places` are for numbers, `among` for strings.

    A number of `places` places is divided by `divisor`, and by a whole number of its own from 1 to `varying`.
    """

    kind: TypeKind
    low: int = 0
    high: int = 0
    places: int = 0
    among: tuple[str, ...] | None = None
    divisor: int = 1
    varying: int = 1

    def __str__(self) -> str:
        return self.kind.value

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def is_decimal(self) -> bool:
        return self.kind is TypeKind.DECIMAL

    @property
    def magnitude(self) -> int:
        """The largest absolute value, in units."""
        return max(abs(self.low), abs(self.high))

    @property
    def is_ratio(self) -> bool:
        """Whether a value need not be a decimal, of however many places."""
        return self.divisor > 1 or self.varying > 1

    @property
    def ends(self) -> bool:
        """Whether every value is a decimal that can be written down."""
        return self.places <= PLACES and not self.is_ratio

    @property
    def denominator(self) -> int:
        """The largest that a value can have."""
        return int(10**self.places) * self.divisor * self.varying

    @property
    def fits(self) -> bool:
        """Whether every value within the bounds can be held."""
        limit = MAX_DECIMAL if self.is_decimal else MAX_INT * UNIT
        return self.magnitude <= limit and self.is_held_exactly

    @property
    def is_held_exactly(self) -> bool:
        """Whether there are digits enough for what is not rounded yet."""
        return self.denominator <= MAX_DENOMINATOR


NUMBERS: Final = frozenset({TypeKind.INT, TypeKind.DECIMAL})
BOOL: Final = Type(TypeKind.BOOL)
DATE: Final = Type(TypeKind.DATE)
TIMESTAMP: Final = Type(TypeKind.TIMESTAMP)
"""A local time to the second, as a clock on the wall shows it."""
STRING: Final = Type(TypeKind.STRING)


def to_units(value: Decimal | int) -> int:
    """A number as a whole number of units; it must not have more than 12 places."""
    if isinstance(value, int):
        return value * UNIT
    scaled = _WIDE.multiply(value, UNIT)
    units = int(scaled)
    if units != scaled:
        raise ValueError(f"{value} has more than {PLACES} places")
    return units


def scale_units(units: int, places: int) -> int:
    """Units as a whole number of the last of some places, which are enough for them."""
    return units * int(10**places) // UNIT


def from_units(number: int) -> Decimal:
    """The number without trailing zeros."""
    integer, fraction = divmod(abs(number), UNIT)
    text = f"{integer}.{fraction:0{PLACES}d}".rstrip("0").rstrip(".")
    return Decimal(f"-{text}" if number < 0 else text)


def count_places(value: Decimal) -> int:
    """Decimal places that are needed to write the number."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101  see units
    used = len("".join(map(str, digits)).rstrip("0")) - len(digits) - exponent
    return max(0, int(used)) if value else 0


def integer_type(low: int, high: int) -> Type:
    """Whole numbers from `low` to `high`."""
    return Type(TypeKind.INT, low * UNIT, high * UNIT)


def decimal_type(low: Decimal | int, high: Decimal | int, places: int) -> Type:
    """Decimals from `low` to `high` with at most `places` decimal places."""
    return Type(TypeKind.DECIMAL, to_units(low), to_units(high), places)


def string_type(among: Iterable[str] | None = None) -> Type:
    return Type(TypeKind.STRING, among=None if among is None else tuple(among))


def find_number_fault(value: Decimal) -> DiagnosticKind | None:
    """What keeps a number that somebody wrote from being a decimal of ours; None if nothing does."""
    if not value.is_finite():
        return catalogue.NOT_FINITE
    if value and value.adjusted() >= MAX_DIGITS:
        return catalogue.NUMBER_TOO_LARGE
    return catalogue.TOO_MANY_PLACES if count_places(value) > PLACES else None


def type_of_constant(value: Value) -> Type:
    """The narrowest type of one value."""
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return integer_type(value, value)
    if isinstance(value, Decimal):
        scaled = EXACT.multiply(value, UNIT)  # an exact product has more places than a unit
        return Type(TypeKind.DECIMAL, floor(scaled), ceil(scaled), count_places(value))
    if isinstance(value, Ratio):
        low, over = divmod(value.over * UNIT, value.under)
        return Type(TypeKind.DECIMAL, low, low + bool(over), varying=value.under)
    if isinstance(value, datetime):  # which is a date to Python as well
        return TIMESTAMP
    if isinstance(value, date):
        return DATE
    return string_type([value])


def widest(kind: TypeKind, low: int, high: int, *types: Type) -> Type:
    """Numbers between bounds that each are as fine as those of one of some types."""
    divisor, varying = lcm(*(number.divisor for number in types)), max(number.varying for number in types)
    return Type(kind, low, high, max(number.places for number in types), divisor=divisor, varying=varying)


def union_type(left: Type, right: Type) -> Type | None:
    """The narrowest type that holds both; None where there is none. Int widens to decimal."""
    if left.is_number and right.is_number:
        kind = TypeKind.DECIMAL if TypeKind.DECIMAL in {left.kind, right.kind} else TypeKind.INT
        return widest(kind, min(left.low, right.low), max(left.high, right.high), left, right)
    if left.kind is not right.kind:
        return None
    if left.kind is TypeKind.STRING:
        choices = None if left.among is None or right.among is None else dict.fromkeys(left.among + right.among)
        return string_type(choices)
    return left
