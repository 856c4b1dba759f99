"""A program set to a period: the parameters and tables that are in force."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import TypeVar

from attrs import frozen

from scorecore.language.bands import Band, compile_band_lookup
from scorecore.language.operators import EXACT
from scorecore.language.operators.arithmetic import divide, divide_to_decimal
from scorecore.program.model import Parameter, Program
from scorecore.values.period import Period
from scorecore.values.ratio import Ratio
from scorecore.values.types import Value

Dated = TypeVar("Dated")


@frozen
class PeriodContext:
    """What is the same for every subject of a period."""

    period: Period
    values: Mapping[str, Value]
    """`parameters.x` and `period.x` by name."""
    bands: Mapping[str, Sequence[Band]]
    tables: Mapping[str, Callable[[Value], Value]]


def period_context(program: Program, period: Period) -> PeriodContext:
    """What is in force on the last day of a period, or, if prorated, on its days."""
    values: dict[str, Value] = {
        "period.start": period.start,
        "period.end": period.end,
        "period.days": period.days,
    }
    with localcontext(EXACT):
        for parameter in program.parameters:
            values[f"parameters.{parameter.name}"] = value_in_force(parameter, period)
        bands = {table.name: in_force(table.versions, period.end) for table in program.tables}
        tables = {
            table.name: compile_band_lookup(table.kind, table.edge, bands[table.name], cuts=program.level == 1)
            for table in program.tables
        }
    return PeriodContext(period, values, bands, tables)


def value_in_force(parameter: Parameter, period: Period) -> Value:
    """The value of a parameter in a period."""
    return prorate(parameter, period) if parameter.prorate else in_force(parameter.values, period.end)


def in_force(values: Sequence[tuple[date, Dated]], day: date) -> Dated:
    """The latest of dated values that is in force on a day; before the first one, the first."""
    latest = values[0][1]
    for start, value in values:
        if start <= day:
            latest = value
    return latest


def prorate(parameter: Parameter, period: Period) -> Decimal | Ratio:
    """The values of a parameter weighted by the days of the period on which each is in force."""
    total = Decimal(0)
    ends = [start - timedelta(days=1) for start, _ in parameter.values[1:]] + [date.max]
    for number, ((start, value), end) in enumerate(zip(parameter.values, ends, strict=True)):
        first = period.start if not number else max(start, period.start)
        days = (min(end, period.end) - first).days + 1
        total += max(0, days) * Decimal(str(value))
    exact = divide(total, period.days)
    return divide_to_decimal(total, period.days) if parameter.type.ends else exact
