"""Types of values, with the bounds that keep every step of a program from overflowing.

Bounds are exact integers in units of 10**-12, the last place of a decimal, so that the analysis itself never rounds.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Context, Decimal
from enum import Enum
from typing import Final

from attrs import evolve, frozen

from scorecore import kinds
from scorecore.problems import Kind as ProblemKind

PLACES: Final = 12
"""Digits of a decimal behind the point."""
UNIT: Final = 10**PLACES
"""One, in units of the last place."""
MOST_DIGITS: Final = 26
"""Digits of a decimal before the point."""
LARGEST_DECIMAL: Final = 10 ** (MOST_DIGITS + PLACES) - 1
"""In units."""
LARGEST_INT: Final = 2**63 - 1
_WIDE: Final = Context(prec=90)
MOST_EVENTS: Final = 10**6
"""Rows of one event table for one subject and period."""
MOST_MEMBERS: Final = 10**6
"""Subjects of one group and period."""


class Kind(Enum):
    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    STRING = "string"
    DATE = "date"
    TIMESTAMP = "timestamp"


@frozen
class Type:
    """What a value can be. `low`, `high` (in units) and `places` are for numbers, `among` for strings."""

    kind: Kind
    low: int = 0
    high: int = 0
    places: int = 0
    among: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return self.kind.value

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def is_decimal(self) -> bool:
        return self.kind is Kind.DECIMAL

    @property
    def magnitude(self) -> int:
        """The largest absolute value, in units."""
        return max(abs(self.low), abs(self.high))

    @property
    def fits(self) -> bool:
        """Whether every value within the bounds can be held."""
        limit = LARGEST_DECIMAL if self.is_decimal else LARGEST_INT * UNIT
        return self.magnitude <= limit

    def at_most(self, places: int) -> "Type":
        return evolve(self, places=min(places, self.places))


NUMBERS: Final = frozenset({Kind.INT, Kind.DECIMAL})
BOOL: Final = Type(Kind.BOOL)
DATE: Final = Type(Kind.DATE)
TIMESTAMP: Final = Type(Kind.TIMESTAMP)
"""A local time to the second, as a clock on the wall shows it."""
STRING: Final = Type(Kind.STRING)


def units(value: Decimal | int) -> int:
    """A number as a whole number of units; it must not have more than 12 places."""
    if isinstance(value, int):
        return value * UNIT
    scaled = _WIDE.multiply(value, UNIT)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{value} has more than {PLACES} places")
    return whole


def from_units(number: int) -> Decimal:
    """The number without trailing zeros."""
    whole, rest = divmod(abs(number), UNIT)
    text = f"{whole}.{rest:0{PLACES}d}".rstrip("0").rstrip(".")
    return Decimal(f"-{text}" if number < 0 else text)


def places_of(value: Decimal) -> int:
    """Digits behind the point that are needed to write the number."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101  see units
    used = len("".join(map(str, digits)).rstrip("0")) - len(digits) - exponent
    return max(0, int(used)) if value else 0


def integer(low: int, high: int) -> Type:
    """Whole numbers from `low` to `high`."""
    return Type(Kind.INT, low * UNIT, high * UNIT)


def decimal(low: Decimal | int, high: Decimal | int, places: int) -> Type:
    """Decimals from `low` to `high` with at most `places` digits behind the point."""
    return Type(Kind.DECIMAL, units(low), units(high), places)


def string(among: Iterable[str] | None = None) -> Type:
    return Type(Kind.STRING, among=None if among is None else tuple(among))


def unusable(value: Decimal) -> ProblemKind | None:
    """What keeps a number that somebody wrote from being a decimal of ours; None if nothing does."""
    if not value.is_finite():
        return kinds.NOT_FINITE
    if value and value.adjusted() >= MOST_DIGITS:
        return kinds.NUMBER_TOO_LARGE
    return kinds.TOO_MANY_PLACES if places_of(value) > PLACES else None


def constant(value: bool | int | Decimal | str | date) -> Type:  # noqa: FBT001  a value, not a switch
    """The narrowest type of one value."""
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return integer(value, value)
    if isinstance(value, Decimal):
        return decimal(value, value, places_of(value))
    if isinstance(value, datetime):  # which is a date to Python as well
        return TIMESTAMP
    if isinstance(value, date):
        return DATE
    return string([value])


def union(one: Type, other: Type) -> Type | None:
    """The narrowest type that holds both; None where there is none. Int widens to decimal."""
    if one.is_number and other.is_number:
        kind = Kind.DECIMAL if Kind.DECIMAL in {one.kind, other.kind} else Kind.INT
        low, high = min(one.low, other.low), max(one.high, other.high)
        return Type(kind, low, high, max(one.places, other.places))
    if one.kind is not other.kind:
        return None
    if one.kind is Kind.STRING:
        both = None if one.among is None or other.among is None else dict.fromkeys(one.among + other.among)
        return string(both)
    return one
