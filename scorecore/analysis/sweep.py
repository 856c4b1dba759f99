"""One policy with a figure of it at several values: what it costs, and how it spreads.

A figure is a parameter, or the value of a band of a table. A value is in force from the first day that is decided on,
in place of what the policy has; the policy is compiled anew with it, so that its own bounds are kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate.decisions import NET, Decisions
from scorecore.policy.model import (
    BandDeclaration,
    BandTableDeclaration,
    Dated,
    ParameterDeclaration,
    Policy,
)

MAX_POINTS: Final = 200
"""Programs that one sweep compiles."""
_TENTHS: Final = (1, 5, 9)


@frozen
class Variation:
    """A figure of a policy, and the values that it takes."""

    name: str
    """`parameters.x`, `tables.x.2` (the second band), `tables.x.text` (the row for a text)."""
    values: tuple[Decimal, ...]


def parse_variation(text: str) -> Variation | None:
    """`name=300..800:100` or `name=300,450`; None if it is neither.

    >>> varied("parameters.base=300..500:100")
    Varied(name='parameters.base', values=(Decimal('300'), Decimal('400'), Decimal('500')))
    """
    name, _, values = text.partition("=")
    found = tuple(_values(values.strip())) if name.strip() else ()
    return Variation(name.strip(), found) if found else None


def _values(text: str) -> Iterator[Decimal]:
    span, _, step_text = text.partition(":")
    first_text, dots, last_text = span.partition("..")
    try:
        if not dots:
            yield from map(_number, text.split(","))
            return
        first, last, step = _number(first_text), _number(last_text), _number(step_text)
    except InvalidOperation:
        return
    if step <= 0 or (last - first) / step > MAX_POINTS:
        return
    value = first
    while value <= last:
        yield value
        value += step


def _number(text: str) -> Decimal:
    found = Decimal(text.strip().replace("_", ""))
    if not found.is_finite():
        raise InvalidOperation
    return found


def combine_variations(several: Sequence[Variation]) -> list[dict[str, Decimal]]:
    """Every combination of the values, by name."""
    names = [one.name for one in several]
    return [dict(zip(names, values, strict=True)) for values in product(*(one.values for one in several))]


def list_figures(of: Policy, start: date) -> dict[str, Decimal]:
    """The figures that can be varied, with what is in force from a day on."""
    found: dict[str, Decimal] = {}
    for name, parameter in of.parameters.items():
        value = _in_force(parameter, start).is_ if parameter.values else None
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            found[f"parameters.{name}"] = Decimal(value)
    for name, table in of.tables.items():
        for number, band in enumerate(_bands(table, start), 1):
            if isinstance(band.is_, Decimal | int):
                found[f"tables.{name}.{band.of or number}"] = Decimal(band.is_)
    return found


def with_figures(of: Policy, values: Mapping[str, Decimal], start: date) -> Policy:
    """The policy with other values of its `figures` from a day on."""
    parameters, tables = dict(of.parameters), dict(of.tables)
    for name, value in values.items():
        part, _, rest = name.partition(".")
        if part == "parameters":
            parameters[rest] = _with_value(parameters[rest], value, start)
        else:
            table, _, band = rest.partition(".")
            tables[table] = _with_band(tables[table], band, value, start)
    return evolve(of, parameters=parameters, tables=tables)


def _in_force(of: ParameterDeclaration, start: date) -> Dated:
    before = [one for one in of.values if one.from_ <= start]
    return before[-1] if before else of.values[0]


def _with_value(of: ParameterDeclaration, value: Decimal, start: date) -> ParameterDeclaration:
    whole = of.type == "int" and value == int(value)
    now = evolve(_in_force(of, start), from_=start, is_=int(value) if whole else value)
    return evolve(of, values=(*(one for one in of.values if one.from_ < start), now))


def _bands(of: BandTableDeclaration, start: date) -> tuple[BandDeclaration, ...]:
    before = [one for one in of.versions if one.from_ <= start]
    return before[-1].bands if before else of.versions[0].bands if of.versions else of.bands


def _with_band(of: BandTableDeclaration, band: str, value: Decimal, start: date) -> BandTableDeclaration:
    bands = tuple(
        evolve(one, is_=value) if band == (one.of or str(number)) else one
        for number, one in enumerate(_bands(of, start), 1)
    )
    if not of.versions:
        return evolve(of, bands=bands)
    earlier = tuple(one for one in of.versions if one.from_ < start)
    return evolve(of, versions=(*earlier, evolve(of.versions[0], from_=start, bands=bands)))


@frozen
class SweepOutcome:
    """What a policy comes to for everyone, over all periods that were decided."""

    decisions: int
    held: int
    net: Decimal
    """The cost: the sum of net pay."""
    tenths: tuple[Decimal, Decimal, Decimal] | None
    """The net pay that a tenth, a half and nine tenths of the decisions do not exceed; None if there is none."""
    grades: Mapping[str, int]


def measure_outcome(several: Sequence[Decisions]) -> SweepOutcome:
    """The figures of the decisions of one policy."""
    program = several[0].program
    net = (
        pl.concat([one.frame[NET] for one in several]).sort()
        if program.pay
        else pl.Series(values=[], dtype=pl.Decimal(38, 2))
    )
    ends = [net[max(0, -(-len(net) * tenth // 10) - 1)] for tenth in _TENTHS] if len(net) else []
    grades = dict.fromkeys((one.id for one in program.grades), 0)
    for one in several:
        if program.grades:
            for name, count in one.frame["grade"].drop_nulls().value_counts().iter_rows():
                grades[name] += count
    return SweepOutcome(
        sum(map(len, several)),
        sum(len(one.held) for one in several),
        Decimal(net.sum() or 0),
        (ends[0], ends[1], ends[2]) if ends else None,
        grades,
    )
