"""Dates: differences in days and in complete months, and the parts of a date."""

from __future__ import annotations  # nothing loads Polars when a command starts

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
    make_constant_source,
    require_operands,
)
from scorecore.values.types import (
    DATE,
    Type,
    TypeKind,
    integer_type,
)

MAX_DAYS: Final = (date.max - date.min).days
MAX_MONTHS: Final = 12 * 9999
EPOCH: Final = date(1970, 1, 1)


def count_days(start: date, end: date) -> int:
    """Days from `start` to `end`; the first day is not counted."""
    return (end - start).days


def count_months(start: date, end: date) -> int:
    """Complete months from `start` to `end`.

    A month is complete on the day with the same number, or on the last day of a month that has no such day.
    """
    if end < start:
        return -count_months(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    reached = end.day >= start.day or end.day == monthrange(end.year, end.month)[1]
    return months if reached else months - 1


def _add_days_type(day: Type, count: Type) -> Type:
    if day.kind is not TypeKind.DATE or count.kind is not TypeKind.INT:
        raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="add_days", types=f"{day}, {count}")
    return DATE


def add_days(day: date, count: int) -> date:
    """The day so many days later; a negative number goes back."""
    try:
        return day + timedelta(days=count)
    except OverflowError:
        raise UndefinedResult(catalogue.NO_SUCH_DAY) from None


def _add_days_column(_result: Type, day: ColumnExpression, count: ColumnExpression) -> pl.Expr:
    in_calendar = pl.when(count.expr.is_between(-MAX_DAYS, MAX_DAYS)).then(count.expr.cast(pl.Int64))
    number = day.expr.cast(pl.Int64) + in_calendar
    first, last = ((end - EPOCH).days for end in (date.min, date.max))
    return pl.when(number.is_between(first, last)).then(number.cast(pl.Int32).cast(pl.Date))


def _days_column(_result: Type, start: ColumnExpression, end: ColumnExpression) -> pl.Expr:
    return (end.expr - start.expr).dt.total_days()


def _months_column(_result: Type, start: ColumnExpression, end: ColumnExpression) -> pl.Expr:
    back = end.expr < start.expr
    first = pl.when(back).then(end.expr).when(~back).then(start.expr)
    last = pl.when(back).then(start.expr).when(~back).then(end.expr)
    months = (last.dt.year() - first.dt.year()).cast(pl.Int64) * 12 + last.dt.month() - first.dt.month()
    reached = (last.dt.day() >= first.dt.day()) | (last == last.dt.month_end())
    complete = months - pl.when(reached).then(0).otherwise(1)
    return pl.when(back).then(0 - complete).when(~back).then(complete)


def _part(name: str, low: int, high: int) -> CoreOperator:
    return CoreOperator(
        name,
        f"the {name} of a date, from {low}" if low else f"the {name} of a date",
        f"{name}(d)",
        require_operands(name, TypeKind.DATE, integer_type(low, high)),
        lambda day: getattr(day, name),
        make_constant_source(f"{{0}}.{name}"),
        lambda _result, day: getattr(day.expr.dt, name)().cast(pl.Int64),
    )


OPERATORS: Final = (
    CoreOperator(
        "days",
        "days from one date to another; the first day is not counted",
        "days(from, to)",
        require_operands("days", TypeKind.DATE, integer_type(-MAX_DAYS, MAX_DAYS)),
        count_days,
        make_constant_source("({1} - {0}).days"),
        _days_column,
    ),
    CoreOperator(
        "months_between",
        "complete months from one date to another",
        "months_between(from, to)",
        require_operands("months_between", TypeKind.DATE, integer_type(-MAX_MONTHS, MAX_MONTHS)),
        count_months,
        make_constant_source("months_between({0}, {1})"),
        _months_column,
    ),
    CoreOperator(
        "add_days",
        "the date so many days later; a negative number goes back",
        "add_days(d, n)",
        _add_days_type,
        add_days,
        make_constant_source("add_days({0}, {1})"),
        _add_days_column,
    ),
    _part("year", 1, 9999),
    _part("month", 1, 12),
    _part("day", 1, 31),
)
