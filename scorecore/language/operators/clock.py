"""Timestamps: local times to the second, as a clock on the wall shows them. Their day, and the time between two."""

from __future__ import annotations  # nothing loads Polars when a command starts

import re
from datetime import date, datetime, time
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.language.operators.dates import MAX_DAYS
from scorecore.language.operators.exact_types import infer_quotient_type
from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    make_constant_source,
    require_operands,
)
from scorecore.language.operators.scaled import divide_to_integer, make_literal, narrow
from scorecore.values.ratio import Ratio
from scorecore.values.types import (
    DATE,
    TIMESTAMP,
    UNIT,
    Type,
    TypeKind,
    integer_type,
)

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86400
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(:([0-5][0-9]))?")


def parse_clock(text: str) -> time | None:
    """The time of day that a text says; None if it says none."""
    matched = _CLOCK.fullmatch(text)
    return time(int(matched[1]), int(matched[2]), int(matched[4] or 0)) if matched else None


def _at_type(day: Type, text: str) -> Type:
    if day.kind is not TypeKind.DATE:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="at", types=str(day))
    if parse_clock(text) is None:
        raise OperandTypeError(catalogue.NOT_A_CLOCK_TIME, text=text)
    return TIMESTAMP


def set_clock(day: date, text: str) -> datetime:
    """A day at a time of day."""
    return datetime.combine(day, parse_clock(text) or time())


def _at_column(_result: Type, day: ColumnExpression, text: str) -> pl.Expr:
    return day.expr.dt.combine(parse_clock(text) or time(), time_unit="us")


def count_seconds(start: datetime, end: datetime) -> int:
    between = end - start
    return between.days * DAY + between.seconds


def convert_seconds(seconds: int, unit: int) -> Ratio:
    """Seconds as a number of units."""
    return Ratio(seconds, unit)


def infer_duration_type(unit: int, most_days: int = MAX_DAYS + 1) -> Type:
    most = integer_type(-most_days * DAY, most_days * DAY)
    return infer_quotient_type(most, integer_type(unit, unit))


def convert_seconds_column(seconds: pl.Expr, unit: int, result: Type) -> pl.Expr:
    wide = pl.Int128()
    if result.is_ratio:
        by = make_literal(10**result.places * result.divisor // unit, wide)
        return narrow(seconds.cast(wide) * by, wide, result)
    over = seconds.cast(wide) * make_literal(UNIT, wide)
    return narrow(divide_to_integer(over, make_literal(unit, wide), "half_even", wide), wide, result)


def _between(name: str, words: str, unit: int) -> CoreOperator:
    def column(result: Type, start: ColumnExpression, end: ColumnExpression) -> pl.Expr:
        return convert_seconds_column((end.expr - start.expr).dt.total_seconds(), unit, result)

    return CoreOperator(
        name,
        f"{words} from one timestamp to another, fractions included",
        f"{name}(from, to)",
        require_operands(name, TypeKind.TIMESTAMP, infer_duration_type(unit)),
        lambda start, end: convert_seconds(count_seconds(start, end), unit),
        make_constant_source(f"elapsed(seconds_between({{0}}, {{1}}), {unit})"),
        column,
        cuts=True,
    )


OPERATORS: Final = (
    CoreOperator(
        "date",
        "the day of a timestamp",
        "date(t)",
        require_operands("date", TypeKind.TIMESTAMP, DATE),
        datetime.date,
        make_constant_source("{0}.date()"),
        lambda _result, moment: moment.expr.dt.date(),
    ),
    CoreOperator(
        "at",
        "a day at a time of day, as a timestamp",
        'at(d, "17:00")',
        _at_type,
        set_clock,
        make_constant_source("at_clock({0}, *{options})"),
        _at_column,
    ),
    _between("minutes_between", "minutes", MINUTE),
    _between("hours_between", "hours", HOUR),
)
