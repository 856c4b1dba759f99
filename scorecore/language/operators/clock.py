"""Timestamps: local times to the second, as a clock on the wall shows them. Their day, and the time between two."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.language.operators.arithmetic import divide
from scorecore.language.operators.dates import MAX_DAYS
from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    same_source,
    takes,
)
from scorecore.language.operators.scaled import narrow, number, whole_division
from scorecore.values.types import (
    DATE,
    PLACES,
    TIMESTAMP,
    UNIT,
    Type,
    TypeKind,
    decimal_type,
)

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86400
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(:([0-5][0-9]))?")


def clock(text: str) -> time | None:
    """The time of day that a text says; None if it says none."""
    found = _CLOCK.fullmatch(text)
    return time(int(found[1]), int(found[2]), int(found[4] or 0)) if found else None


def _at_type(day: Type, text: str) -> Type:
    if day.kind is not TypeKind.DATE:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="at", types=str(day))
    if clock(text) is None:
        raise OperandTypeError(catalogue.NOT_A_CLOCK_TIME, text=text)
    return TIMESTAMP


def at_clock(day: date, text: str) -> datetime:
    """A day at a time of day."""
    return datetime.combine(day, clock(text) or time())


def _at_column(_result: Type, day: ColumnExpression, text: str) -> pl.Expr:
    return day.expr.dt.combine(clock(text) or time(), time_unit="us")


def seconds_between(start: datetime, end: datetime) -> int:
    between = end - start
    return between.days * DAY + between.seconds


def elapsed(seconds: int, unit: int) -> Decimal:
    """Seconds as a number of units, rounded half-even at the 12th place."""
    return divide(Decimal(seconds), Decimal(unit))


def elapsed_type(unit: int, most_days: int = MAX_DAYS + 1) -> Type:
    most = most_days * DAY // unit
    return decimal_type(-most, most, PLACES)


def elapsed_column(seconds: pl.Expr, unit: int, result: Type) -> pl.Expr:
    wide = pl.Int128()
    over = seconds.cast(wide) * number(UNIT, wide)
    return narrow(whole_division(over, number(unit, wide), "half_even", wide), wide, result)


def _between(name: str, words: str, unit: int) -> CoreOperator:
    def column(result: Type, start: ColumnExpression, end: ColumnExpression) -> pl.Expr:
        return elapsed_column((end.expr - start.expr).dt.total_seconds(), unit, result)

    return CoreOperator(
        name,
        f"{words} from one timestamp to another, fractions included",
        f"{name}(from, to)",
        takes(name, TypeKind.TIMESTAMP, elapsed_type(unit)),
        lambda start, end: elapsed(seconds_between(start, end), unit),
        same_source(f"elapsed(seconds_between({{0}}, {{1}}), {unit})"),
        column,
    )


OPERATORS: Final = (
    CoreOperator(
        "date",
        "the day of a timestamp",
        "date(t)",
        takes("date", TypeKind.TIMESTAMP, DATE),
        datetime.date,
        same_source("{0}.date()"),
        lambda _result, of: of.expr.dt.date(),
    ),
    CoreOperator(
        "at",
        "a day at a time of day, as a timestamp",
        'at(d, "17:00")',
        _at_type,
        at_clock,
        same_source("at_clock({0}, *{options})"),
        _at_column,
    ),
    _between("minutes_between", "minutes", MINUTE),
    _between("hours_between", "hours", HOUR),
)
