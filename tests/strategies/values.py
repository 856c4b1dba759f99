"""Types, and values of them: at their ends, beside them, and halfway between two roundings."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, Final

from attrs import evolve
from hypothesis import strategies as st

from scorecore.facts.cells import FACT_YEARS
from scorecore.language.operators.scaled import OVER, UNDER
from scorecore.values.ratio import Ratio, make_ratio
from scorecore.values.types import (
    MAX_DIGITS,
    MAX_INT,
    PLACES,
    UNIT,
    Type,
    TypeKind,
    count_places,
    find_number_fault,
    from_units,
    to_units,
)

MAX_INT_DIGITS: Final = 18
SEEDS: Final = st.integers(0, 2**32 - 1)
TIMES: Final = (
    *("2024-05-03 17:30:00", "2024-05-03 17:30:01", "2024-05-31 00:00:00", "2024-05-31 23:59:59"),
    *("2024-02-29 12:00:00", "2024-05-06 08:30:00", "2024-04-28 13:29:59"),
)
"""Midnights, the last second of a day, and clock times at which something closes."""
TEXTS: Final = ("a", "b", "ab", "B", "是", "是的", "x y", "O'Neil", "back\\slash", "é", "😀", "A")


def seeded(seed: int) -> Random:
    """Numbers that look random and are the same for the same seed."""
    return Random(seed)  # noqa: S311  examples, not secrets


def fits(value: Decimal) -> bool:
    """Whether a number can be a decimal of ours."""
    return find_number_fault(value) is None


@st.composite
def number_types(draw: st.DrawFn, kinds: Sequence[TypeKind] = (TypeKind.DECIMAL, TypeKind.INT)) -> Type:
    """Numbers with any bounds that can be held, half of them small enough to be multiplied."""
    kind = draw(st.sampled_from(kinds))
    places = 0 if kind is TypeKind.INT else draw(st.sampled_from([2, 0, 1, 3, 6, 11, 12]))
    longest = MAX_INT_DIGITS if kind is TypeKind.INT else MAX_DIGITS
    digits = draw(st.one_of(st.integers(0, min(9, longest)), st.integers(0, longest), st.just(longest)))
    most = 10 ** (digits + places) - 1
    if kind is TypeKind.INT and digits == longest:
        most = MAX_INT
    end = st.one_of(st.sampled_from([0, most, -most, 1, -1]), st.integers(-most, most))
    low, high = sorted((max(-most, min(most, draw(end))), max(-most, min(most, draw(end)))))
    step = 10 ** (PLACES - places)
    return Type(kind, low * step, high * step, places)


@st.composite
def ratio_types(draw: st.DrawFn) -> Type:
    """Quotients: of a number by what is always the same, by what varies, or by both."""
    number_type = draw(number_types(kinds=(TypeKind.DECIMAL,)))
    divisor, varying = draw(st.sampled_from([1, 3, 9, 29, 1001])), draw(st.sampled_from([1, 7, 366, 10**6, 10**15]))
    return evolve(number_type, divisor=divisor, varying=varying)


@st.composite
def text_types(draw: st.DrawFn) -> Type:
    """Any text, or a closed list of texts, at times of one."""
    among = draw(st.one_of(st.none(), st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4, unique=True)))
    return Type(TypeKind.STRING, among=None if among is None else tuple(among))


def number_of(scaled: int, value_type: Type) -> Any:
    """A whole number of last places of a type as a value of it."""
    return scaled if value_type.kind is TypeKind.INT else from_units(scaled * 10 ** (PLACES - value_type.places))


def ends(value_type: Type) -> tuple[int, int]:
    """The bounds of a type in its last places, rounded inwards."""
    step = 10 ** (PLACES - value_type.places)
    return -(-value_type.low // step), value_type.high // step


def _ratios(value_type: Type, random: Random, count: int) -> list[Any]:
    """Quotients of a type, some of them whole, some just beside a tie."""
    ratios: list[Any] = []
    while len(ratios) < count:
        by = (
            int(10**value_type.places)
            * value_type.divisor
            * random.choice([1, value_type.varying, random.randint(1, value_type.varying)])
        )
        low, high = -(-value_type.low * by // UNIT), value_type.high * by // UNIT
        if low > high:
            ratios.append(make_ratio(from_units(value_type.low), 1))
            continue
        tie = (random.randint(low, high) * 2 // by * by + by // 2) // 2
        near = random.choice([low, high, 0, random.randint(low, high), tie, tie + 1, tie - 1])
        ratios.append(Ratio(max(low, min(high, near)), by))
    return ratios


def corners(value_type: Type) -> list[Any]:
    """The values at which things go wrong first."""
    match value_type.kind:
        case TypeKind.BOOL:
            return [False, True]
        case TypeKind.STRING:
            return list(value_type.among or ("", *TEXTS))
        case TypeKind.DATE:
            edges = ("0001-01-01", "1899-12-31", "1900-01-01", "2200-12-31", "2201-01-01", "9999-12-30", "9999-12-31")
            near = ("2023-12-31", "2024-01-31", "2024-02-29", "2024-05-31")
            return [date.fromisoformat(text) for text in (*edges, *near)]
        case TypeKind.TIMESTAMP:
            edges = ("0001-01-01 00:00:00", "1900-01-01 00:00:00", "2200-12-31 23:59:59", "9999-12-31 23:59:59")
            return [datetime.fromisoformat(text) for text in (*edges, *TIMES)]
    if value_type.is_ratio:
        return _ratios(value_type, seeded(0), 9)
    low, high = ends(value_type)
    near = {low, low + 1, high - 1, high, -1, 0, 1, 5, -5}
    return [number_of(scaled, value_type) for scaled in sorted(near) if low <= scaled <= high]


def usual(days: Sequence[Any]) -> list[Any]:
    """Of dates or timestamps those that facts may have; other values as they are."""
    return [day for day in days if not isinstance(day, date) or day.year in FACT_YEARS]


def values_of(value_type: Type, random: Random, count: int) -> list[Any]:
    """Values all over a type, many of them short, halfway between two roundings, or at an end."""
    if not value_type.is_number:
        corner_values = corners(value_type)
        if value_type.kind is TypeKind.DATE:
            corner_values += [date.min + timedelta(days=random.randrange(3_652_059)) for _ in range(20)]
            corner_values += [date(2024, 1, 1) + timedelta(days=random.randrange(-60, 400)) for _ in range(20)]
        if value_type.kind is TypeKind.TIMESTAMP:
            corner_values += [datetime.min + timedelta(seconds=random.randrange(3_652_059 * 86_400)) for _ in range(20)]
            near = datetime(2024, 5, 1)
            corner_values += [near + timedelta(minutes=random.randrange(60 * 24 * 31)) for _ in range(20)]
        return random.choices(corner_values, k=count)
    if value_type.is_ratio:
        return _ratios(value_type, random, count)
    return [number_of(_scaled(value_type, random), value_type) for _ in range(count)]


def _scaled(value_type: Type, random: Random) -> int:
    low, high = ends(value_type)
    digits = len(str(max(abs(low), abs(high))))
    way = random.randrange(6)
    if way == 0:
        return random.choice([low, high, max(low, min(high, 0)), min(high, low + 1), max(low, high - 1)])
    if way == 1:
        return random.randint(low, high)
    scaled = random.randrange(10 ** random.randint(1, digits))
    if way in {2, 3}:  # a 5 or a 50000 at the end, to be rounded
        power = 10 ** random.randrange(digits)
        scaled = scaled // (10 * power) * 10 * power + random.choice([5 * power, 5 * power + 1, 5 * power - 1, power])
    if way == 4:  # few digits with many zeros behind them
        scaled = random.randrange(100) * 10 ** random.randrange(digits)
    return max(low, min(high, random.choice([scaled, -scaled])))


def holds(value_type: Type, value: Any) -> bool:
    """Whether a value is of a type, within its bounds and places."""
    match value_type.kind:
        case TypeKind.BOOL:
            return type(value) is bool
        case TypeKind.DATE:
            return type(value) is date
        case TypeKind.TIMESTAMP:
            return type(value) is datetime and not value.microsecond and value.tzinfo is None
        case TypeKind.STRING:
            return type(value) is str and (value_type.among is None or value in value_type.among)
        case TypeKind.INT:
            return type(value) is int and value_type.low <= value * UNIT <= value_type.high
        case _ if not value_type.ends:
            ratio = make_ratio(value, 1)
            exact = Fraction(ratio.over, ratio.under)
            is_fine = any(
                (exact * 10**value_type.places * value_type.divisor * by).denominator == 1
                for by in (1, exact.denominator)
            )
            return (
                is_fine
                and exact.denominator <= value_type.denominator
                and value_type.low <= exact * UNIT <= value_type.high
            )
        case _:
            if type(value) is not Decimal or not value.is_finite() or count_places(value) > value_type.places:
                return False
            return value_type.low <= to_units(value) <= value_type.high


def exactly(value: Any) -> Any:
    """A number as a fraction; anything else as it is."""
    if isinstance(value, Ratio):
        return Fraction(value.over, value.under)
    return Fraction(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def means(cell: Any, value_type: Type) -> Any:
    """What a cell of a column stands for."""
    if not value_type.is_number:
        return cell
    if isinstance(cell, dict):
        return Fraction(cell[OVER], cell[UNDER] * 10**value_type.places)
    return Fraction(cell, 10**value_type.places * value_type.divisor)
