"""Working days and working time, by a calendar. Each ends with the calendar as its option.

A calendar does not know the days that it does not cover; what would need one of them has no value. Columns read tables
with a number for each day of the calendar, gathered by the day's number.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.language.operators.clock import (
    HOUR,
    MINUTE,
    elapsed,
    elapsed_column,
    elapsed_type,
)
from scorecore.language.operators.dates import EPOCH
from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
    same_source,
)
from scorecore.values.calendar import Calendar
from scorecore.values.types import (
    BOOL,
    DATE,
    Type,
    TypeKind,
    integer_type,
)


def _takes(name: str, *wanted: TypeKind) -> Callable[..., None]:
    def check(*types: Type) -> None:
        if tuple(one.kind for one in types) != wanted:
            raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=name, types=", ".join(map(str, types)))

    return check


def _outside(of: Calendar, day: date) -> UndefinedResult:
    return UndefinedResult(catalogue.NOT_COVERED, day=day, name=of.name, first=of.first, last=of.last)


def _position(of: Calendar, day: date) -> int:
    found = of.position(day)
    if found is None:
        raise _outside(of, day)
    return found


def _index(of: Calendar, day: pl.Expr) -> pl.Expr:
    """Where days stand in a calendar; null where it does not cover them."""
    number = day.cast(pl.Int64) - (of.first - EPOCH).days
    return pl.when(number.is_between(0, len(of.worked) - 1)).then(number)


def _gathered(values: Sequence[Any], dtype: pl.DataType, at: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(values, dtype=dtype)).gather(at)


def is_workday(day: date, of: Calendar) -> bool:
    return of.worked[_position(of, day)]


def _is_workday_column(_result: Type, day: ColumnExpression, of: Calendar) -> pl.Expr:
    return _gathered(of.worked, pl.Boolean(), _index(of, day.expr))


def workdays(start: date, end: date, of: Calendar) -> int:
    """Working days after `start`, up to and including `end`; negative where `end` is before `start`."""
    before = of.through[_position(of, start)]
    return of.through[_position(of, end)] - before


def _workdays_column(_result: Type, start: ColumnExpression, end: ColumnExpression, of: Calendar) -> pl.Expr:
    before, after = (_gathered(of.through, pl.Int64(), _index(of, one.expr)) for one in (start, end))
    return after - before


def add_workdays(day: date, count: int, of: Calendar) -> date:
    """The working day with that number after a day, or before it; for 0 the day itself, or the next working day."""
    at = _position(of, day)
    number = of.through[at] + count - 1 if count > 0 else of.through[at] - of.worked[at] + count
    if not 0 <= number < len(of.open):
        raise UndefinedResult(catalogue.CALENDAR_ENDS, name=of.name, first=of.first, last=of.last)
    return of.open[number]


def _add_workdays_column(_result: Type, day: ColumnExpression, count: ColumnExpression, of: Calendar) -> pl.Expr:
    few = pl.when(count.expr.is_between(-len(of.worked), len(of.worked))).then(count.expr.cast(pl.Int64))
    at = _index(of, day.expr)
    through = _gathered(of.through, pl.Int64(), at)
    before = _gathered([one - worked for one, worked in zip(of.through, of.worked, strict=True)], pl.Int64(), at)
    number = pl.when(few > 0).then(through + few - 1).when(few <= 0).then(before + few)
    return _gathered(of.open, pl.Date(), pl.when(number.is_between(0, len(of.open) - 1)).then(number))


def _seconds_until(of: Calendar, moment: datetime) -> int:
    found = of.seconds_until(moment)
    if found is None:
        raise _outside(of, moment.date())
    return found


def worktime(start: datetime, end: datetime, of: Calendar, unit: int) -> Decimal:
    """Working time from `start` to `end` in units; negative where `end` is before `start`."""
    before = _seconds_until(of, start)
    return elapsed(_seconds_until(of, end) - before, unit)


def _until_column(of: Calendar, moment: pl.Expr) -> pl.Expr:
    day = moment.dt.date()
    clock = moment.cast(pl.Int64) // 1_000_000 - day.cast(pl.Int64) * 86400
    at = _index(of, day)
    before = [(one - worked) * of.day_seconds for one, worked in zip(of.through, of.worked, strict=True)]
    today = sum(((clock - start).clip(0, end - start) for start, end in of.spans), start=pl.lit(0, dtype=pl.Int64()))
    return _gathered(before, pl.Int64(), at) + _gathered(of.worked, pl.Int64(), at) * today


def _calendar_type(check: Callable[..., None], result: Callable[[Calendar], Type]) -> Callable[..., Type]:
    def type_(*operands: Any) -> Type:  # noqa: ANN401  types, then the calendar
        *types, of = operands
        check(*types)
        return result(of)

    return type_


def _worktime(name: str, words: str, unit: int) -> CoreOperator:
    def result(of: Calendar) -> Type:
        if not of.spans:
            raise OperandTypeError(catalogue.NO_HOURS, name=of.name)
        return elapsed_type(unit, len(of.worked))

    def column(result: Type, start: ColumnExpression, end: ColumnExpression, of: Calendar) -> pl.Expr:
        return elapsed_column(_until_column(of, end.expr) - _until_column(of, start.expr), unit, result)

    return CoreOperator(
        name,
        f"{words} of working time from one timestamp to another, fractions included",
        f'{name}(from, to, "calendar")',
        _calendar_type(_takes(name, TypeKind.TIMESTAMP, TypeKind.TIMESTAMP), result),
        lambda start, end, of: worktime(start, end, of, unit),
        same_source(f"worktime({{0}}, {{1}}, *{{options}}, {unit})"),
        column,
    )


OPERATORS: Final = (
    CoreOperator(
        "is_workday",
        "whether a date is a working day of a calendar",
        'is_workday(d, "calendar")',
        _calendar_type(_takes("is_workday", TypeKind.DATE), lambda _of: BOOL),
        is_workday,
        same_source("is_workday({0}, *{options})"),
        _is_workday_column,
    ),
    CoreOperator(
        "workdays",
        "working days after one date, up to and including another",
        'workdays(from, to, "calendar")',
        _calendar_type(
            _takes("workdays", TypeKind.DATE, TypeKind.DATE), lambda of: integer_type(-len(of.worked), len(of.worked))
        ),
        workdays,
        same_source("workdays({0}, {1}, *{options})"),
        _workdays_column,
    ),
    CoreOperator(
        "add_workdays",
        "the nth working day after a date, or before it; for 0 the date itself or the next working day",
        'add_workdays(d, n, "calendar")',
        _calendar_type(_takes("add_workdays", TypeKind.DATE, TypeKind.INT), lambda _of: DATE),
        add_workdays,
        same_source("add_workdays({0}, {1}, *{options})"),
        _add_workdays_column,
    ),
    _worktime("workminutes", "minutes", MINUTE),
    _worktime("workhours", "hours", HOUR),
)
