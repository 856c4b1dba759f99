"""Working days and working time, by a calendar. Each ends with the calendar as its option.

A calendar does not know the days that it does not cover; what would need one of them has no value. To count from the
day before the first, or back from the day after the last, needs none of them. Columns read tables with a number for
each day of the calendar, gathered by the day's number.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.language.operators.clock import (
    HOUR,
    MINUTE,
    convert_seconds,
    convert_seconds_column,
    infer_duration_type,
)
from scorecore.language.operators.dates import EPOCH
from scorecore.language.operators.operator import (
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
    make_constant_source,
)
from scorecore.values.calendar import Calendar
from scorecore.values.ratio import Ratio
from scorecore.values.types import (
    BOOL,
    DATE,
    Type,
    TypeKind,
    integer_type,
)


def _takes(name: str, *kinds: TypeKind) -> Callable[..., None]:
    def check(*types: Type) -> None:
        if tuple(operand.kind for operand in types) != kinds:
            raise OperandTypeError(catalogue.WRONG_OPERANDS, operator=name, types=", ".join(map(str, types)))

    return check


def _outside(calendar: Calendar, day: date) -> UndefinedResult:
    return UndefinedResult(catalogue.NOT_COVERED, day=day, name=calendar.name, first=calendar.first, last=calendar.last)


def _known(count: int | None, calendar: Calendar, day: date) -> int:
    if count is None:
        raise _outside(calendar, day)
    return count


def _index(calendar: Calendar, day: pl.Expr, before: int = 0, after: int = 0) -> pl.Expr:
    """Positions of days in a calendar that is longer by some days at its ends; null where it does not cover them."""
    number = day.cast(pl.Int64) - (calendar.first - EPOCH).days + before
    return pl.when(number.is_between(0, len(calendar.worked) - 1 + before + after)).then(number)


def _gathered(values: Sequence[Any], dtype: pl.DataType, positions: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(values, dtype=dtype)).gather(positions)


def _days_before(calendar: Calendar) -> list[int]:
    """For each day of a calendar the number of its working days before it."""
    return [through - worked for through, worked in zip(calendar.through, calendar.worked, strict=True)]


def _through_column(calendar: Calendar, day: pl.Expr) -> pl.Expr:
    """Working days up to a day and including it."""
    border = int(calendar.is_bordered)
    return _gathered([0] * border + [*calendar.through], pl.Int64(), _index(calendar, day, before=border))


def _before_column(calendar: Calendar, day: pl.Expr) -> pl.Expr:
    """Working days before a day."""
    border = int(calendar.is_bordered)
    counts = _days_before(calendar) + [len(calendar.open)] * border
    return _gathered(counts, pl.Int64(), _index(calendar, day, after=border))


def is_workday(day: date, calendar: Calendar) -> bool:
    return calendar.worked[_known(calendar.position(day), calendar, day)]


def _is_workday_column(_result: Type, day: ColumnExpression, calendar: Calendar) -> pl.Expr:
    return _gathered(calendar.worked, pl.Boolean(), _index(calendar, day.expr))


def count_workdays(start: date, end: date, calendar: Calendar) -> int:
    """Working days after `start`, up to and including `end`; negative where `end` is before `start`."""
    before = _known(calendar.count_through(start), calendar, start)
    return _known(calendar.count_through(end), calendar, end) - before


def _workdays_column(_result: Type, start: ColumnExpression, end: ColumnExpression, calendar: Calendar) -> pl.Expr:
    return _through_column(calendar, end.expr) - _through_column(calendar, start.expr)


def add_workdays(day: date, count: int, calendar: Calendar) -> date:
    """The working day with that number after a day, or before it; for 0 the day itself, or the next working day."""
    if count > 0:
        number = _known(calendar.count_through(day), calendar, day) + count - 1
    else:
        if not count:  # the day itself must be known
            _known(calendar.position(day), calendar, day)
        number = _known(calendar.count_before(day), calendar, day) + count
    if not 0 <= number < len(calendar.open):
        raise UndefinedResult(catalogue.CALENDAR_ENDS, name=calendar.name, first=calendar.first, last=calendar.last)
    return calendar.open[number]


def _add_workdays_column(_result: Type, day: ColumnExpression, count: ColumnExpression, calendar: Calendar) -> pl.Expr:
    few = pl.when(count.expr.is_between(-len(calendar.worked), len(calendar.worked))).then(count.expr.cast(pl.Int64))
    through, before = _through_column(calendar, day.expr), _before_column(calendar, day.expr)
    here = _gathered(_days_before(calendar), pl.Int64(), _index(calendar, day.expr))
    number = pl.when(few > 0).then(through + few - 1).when(few < 0).then(before + few).when(few == 0).then(here)
    return _gathered(calendar.open, pl.Date(), pl.when(number.is_between(0, len(calendar.open) - 1)).then(number))


def _seconds_until(calendar: Calendar, moment: datetime) -> int:
    return _known(calendar.seconds_until(moment), calendar, moment.date())


def measure_worktime(start: datetime, end: datetime, calendar: Calendar, unit: int) -> Ratio:
    """Working time from `start` to `end` in units; negative where `end` is before `start`."""
    before = _seconds_until(calendar, start)
    return convert_seconds(_seconds_until(calendar, end) - before, unit)


def _until_column(calendar: Calendar, moment: pl.Expr) -> pl.Expr:
    day = moment.dt.date()
    clock = moment.cast(pl.Int64) // 1_000_000 - day.cast(pl.Int64) * 86400
    positions = _index(calendar, day)
    before = [days * calendar.day_seconds for days in _days_before(calendar)]
    today = sum(
        ((clock - start).clip(0, end - start) for start, end in calendar.spans), start=pl.lit(0, dtype=pl.Int64())
    )
    inside = _gathered(before, pl.Int64(), positions) + _gathered(calendar.worked, pl.Int64(), positions) * today
    if not calendar.is_bordered:
        return inside
    number, days = day.cast(pl.Int64) - (calendar.first - EPOCH).days, len(calendar.worked)
    everything = len(calendar.open) * calendar.day_seconds
    return (
        pl.when((number == -1) & (clock >= calendar.spans[-1][1]))
        .then(pl.lit(0, dtype=pl.Int64()))
        .when((number == days) & (clock <= calendar.spans[0][0]))
        .then(pl.lit(everything, dtype=pl.Int64()))
        .otherwise(inside)
    )


def _calendar_type(check: Callable[..., None], result: Callable[[Calendar], Type]) -> Callable[..., Type]:
    def type_(*operands: Any) -> Type:  # noqa: ANN401  types, then the calendar
        *types, calendar = operands
        check(*types)
        return result(calendar)

    return type_


def _worktime(name: str, words: str, unit: int) -> CoreOperator:
    def result(calendar: Calendar) -> Type:
        if not calendar.spans:
            raise OperandTypeError(catalogue.NO_HOURS, name=calendar.name)
        return infer_duration_type(unit, len(calendar.worked))

    def column(result: Type, start: ColumnExpression, end: ColumnExpression, calendar: Calendar) -> pl.Expr:
        return convert_seconds_column(
            _until_column(calendar, end.expr) - _until_column(calendar, start.expr), unit, result
        )

    return CoreOperator(
        name,
        f"{words} of working time from one timestamp to another, fractions included",
        f'{name}(from, to, "calendar")',
        _calendar_type(_takes(name, TypeKind.TIMESTAMP, TypeKind.TIMESTAMP), result),
        lambda start, end, calendar: measure_worktime(start, end, calendar, unit),
        make_constant_source(f"worktime({{0}}, {{1}}, *{{options}}, {unit})"),
        column,
        cuts=True,
    )


OPERATORS: Final = (
    CoreOperator(
        "is_workday",
        "whether a date is a working day of a calendar",
        'is_workday(d, "calendar")',
        _calendar_type(_takes("is_workday", TypeKind.DATE), lambda _of: BOOL),
        is_workday,
        make_constant_source("is_workday({0}, *{options})"),
        _is_workday_column,
    ),
    CoreOperator(
        "workdays",
        "working days after one date, up to and including another",
        'workdays(from, to, "calendar")',
        _calendar_type(
            _takes("workdays", TypeKind.DATE, TypeKind.DATE),
            lambda calendar: integer_type(-len(calendar.worked), len(calendar.worked)),
        ),
        count_workdays,
        make_constant_source("workdays({0}, {1}, *{options})"),
        _workdays_column,
    ),
    CoreOperator(
        "add_workdays",
        "the nth working day after a date, or before it; for 0 the date itself or the next working day",
        'add_workdays(d, n, "calendar")',
        _calendar_type(_takes("add_workdays", TypeKind.DATE, TypeKind.INT), lambda _of: DATE),
        add_workdays,
        make_constant_source("add_workdays({0}, {1}, *{options})"),
        _add_workdays_column,
    ),
    _worktime("workminutes", "minutes", MINUTE),
    _worktime("workhours", "hours", HOUR),
)
