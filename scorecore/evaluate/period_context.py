"""A program set to a period: the parameters and tables that are in force."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

from attrs import frozen

from scorecore.language.bands import Band, compile_band_lookup
from scorecore.language.operators import EXACT
from scorecore.language.operators.arithmetic import divide
from scorecore.program.model import Parameter, Program
from scorecore.values.period import Period


@frozen
class PeriodContext:
    """What is the same for every subject of a period."""

    period: Period
    values: Mapping[str, Any]
    """`parameters.x` and `period.x` by name."""
    bands: Mapping[str, Sequence[Band]]
    tables: Mapping[str, Callable[[Any], Decimal | str]]


def period_context(program: Program, period: Period) -> PeriodContext:
    """What is in force on the last day of a period, or, if prorated, on its days."""
    values: dict[str, Any] = {
        "period.start": period.start,
        "period.end": period.end,
        "period.days": period.days,
    }
    with localcontext(EXACT):
        for one in program.parameters:
            value = prorated(one, period) if one.prorate else in_force(one.values, period.end)
            values[f"parameters.{one.name}"] = value
        bands = {one.name: in_force(one.versions, period.end) for one in program.tables}
        tables = {one.name: compile_band_lookup(one.kind, one.edge, bands[one.name]) for one in program.tables}
    return PeriodContext(period, values, bands, tables)


def in_force(values: Sequence[tuple[date, Any]], day: date) -> Any:  # noqa: ANN401  a value of any type
    """The latest of dated values that is in force on a day; before the first one, the first."""
    found = values[0][1]
    for start, value in values:
        if start <= day:
            found = value
    return found


def prorated(of: Parameter, period: Period) -> Decimal:
    """The values of a parameter weighted by the days of the period on which each is in force."""
    total = Decimal(0)
    ends = [start - timedelta(days=1) for start, _ in of.values[1:]] + [date.max]
    for number, ((start, value), end) in enumerate(zip(of.values, ends, strict=True)):
        first = period.start if not number else max(start, period.start)
        days = (min(end, period.end) - first).days + 1
        total += max(0, days) * Decimal(str(value))
    return divide(total, period.days)
