"""One policy with one of its figures at different values: what it costs, and how the results spread.

A figure is a parameter, or the value of a band of a table. A value is in force from the first day that is decided on,
in place of what the policy has; the policy is compiled again with it, so that its own bounds are kept.
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
from scorecore.values.step_id import GRADE

MAX_POINTS: Final = 200
"""Programs that one sweep compiles."""
_MAX_EXPONENT: Final = 30
"""More digits no number of a policy has; with many more even a comparison takes long."""
_TENTHS: Final = (1, 5, 9)
_PARAMETERS: Final = "parameters"
_TABLES: Final = "tables"


@frozen
class Variation:
    """A figure of a policy, and the values that it takes."""

    name: str
    """`parameters.x`, `tables.x.2` (the second band), `tables.x.text` (the row for a text)."""
    values: tuple[Decimal, ...]


def parse_variation(text: str) -> Variation | None:
    """`name=300..800:100` or `name=300,450`; None if it is neither.

    >>> parse_variation("parameters.base=300..500:100")
    Variation(name='parameters.base', values=(Decimal('300'), Decimal('400'), Decimal('500')))
    """
    name, _, values_text = text.partition("=")
    values = tuple(_parse_values(values_text.strip())) if name.strip() else ()
    return Variation(name.strip(), values) if values else None


def _parse_values(text: str) -> Iterator[Decimal]:
    span, _, step_text = text.partition(":")
    first_text, dots, last_text = span.partition("..")
    try:
        if not dots:
            yield from map(_parse_number, text.split(","))
            return
        first, last, step = _parse_number(first_text), _parse_number(last_text), _parse_number(step_text)
    except InvalidOperation:
        return
    if step <= 0 or last - first > step * MAX_POINTS:
        return
    value = first
    while value <= last:
        yield value
        value += step


def _parse_number(text: str) -> Decimal:
    """A number that a policy can have; raises InvalidOperation."""
    number = Decimal(text.strip().replace("_", ""))
    if not number.is_finite() or number.adjusted() > _MAX_EXPONENT or number.adjusted() < -_MAX_EXPONENT:
        raise InvalidOperation
    return number


def combine_variations(variations: Sequence[Variation]) -> list[dict[str, Decimal]]:
    """Every combination of the values, by name."""
    names = [variation.name for variation in variations]
    combinations = product(*(variation.values for variation in variations))
    return [dict(zip(names, values, strict=True)) for values in combinations]


def list_figures(policy: Policy, start: date) -> dict[str, Decimal]:
    """The figures that can be varied, with what is in force from a day on."""
    figures: dict[str, Decimal] = {}
    for name, parameter in policy.parameters.items():
        value = _find_dated(parameter, start).is_ if parameter.values else None
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            figures[f"{_PARAMETERS}.{name}"] = Decimal(value)
    for name, table in policy.tables.items():
        for number, band in enumerate(_find_bands(table, start), 1):
            if isinstance(band.is_, Decimal | int):
                figures[f"{_TABLES}.{name}.{band.of or number}"] = Decimal(band.is_)
    return figures


@frozen
class Figure:
    """A figure that can be varied, of a policy or of those that it uses."""

    value: Decimal
    """What is in force; if there are more policies, that of the first."""
    places: tuple[tuple[str, str], ...]
    """Each policy that has it, by `id@version`, empty for the policy itself, with the name that it has there."""


def list_reached_figures(policy: Policy, used: Mapping[str, Policy], start: date, name: str = "") -> dict[str, Figure]:
    """The figures of a policy, and of used ones after the names of its uses: `uses.team.parameters.rate`.

    `used` are the used policies by `id@version`, and `name` that of the policy itself, if it is one of them.
    """
    figures = {figure: Figure(value, ((name, figure),)) for figure, value in list_figures(policy, start).items()}
    for use, dependency in policy.uses.items():
        for used_name in dependency.policies.values() or (dependency.policy,):
            inner = list_reached_figures(used[used_name], used, start, used_name) if used_name in used else {}
            for inner_name, figure in inner.items():
                outer_name = f"uses.{use}.{inner_name}"
                before = figures.get(outer_name)
                figures[outer_name] = evolve(before, places=(*before.places, *figure.places)) if before else figure
    return figures


def divide_values(values: Mapping[str, Decimal], figures: Mapping[str, Figure]) -> dict[str, dict[str, Decimal]]:
    """The values of each policy by `id@version`, empty for the policy itself, by the names that they have there."""
    divided: dict[str, dict[str, Decimal]] = {}
    for name, value in values.items():
        for policy, inner_name in figures[name].places:
            divided.setdefault(policy, {})[inner_name] = value
    return divided


def with_figures(policy: Policy, values: Mapping[str, Decimal], start: date) -> Policy:
    """The policy with other values of its figures, which are those of `list_figures`, from a day on."""
    parameters, tables = dict(policy.parameters), dict(policy.tables)
    for figure, value in values.items():
        section, _, name = figure.partition(".")
        if section == _PARAMETERS:
            parameters[name] = _with_value(parameters[name], value, start)
        else:
            table, _, band = name.partition(".")
            tables[table] = _with_band_value(tables[table], band, value, start)
    return evolve(policy, parameters=parameters, tables=tables)


def _find_dated(parameter: ParameterDeclaration, start: date) -> Dated:
    """The value in force on a day; before the first one, the first."""
    begun = [dated for dated in parameter.values if dated.from_ <= start]
    return begun[-1] if begun else parameter.values[0]


def _with_value(parameter: ParameterDeclaration, value: Decimal, start: date) -> ParameterDeclaration:
    is_int = parameter.type == "int" and value == int(value)
    dated = evolve(_find_dated(parameter, start), from_=start, is_=int(value) if is_int else value)
    return evolve(parameter, values=(*(earlier for earlier in parameter.values if earlier.from_ < start), dated))


def _find_bands(table: BandTableDeclaration, start: date) -> tuple[BandDeclaration, ...]:
    """The bands in force on a day; before the first version, those of the first."""
    begun = [version for version in table.versions if version.from_ <= start]
    return begun[-1].bands if begun else table.versions[0].bands if table.versions else table.bands


def _with_band_value(table: BandTableDeclaration, name: str, value: Decimal, start: date) -> BandTableDeclaration:
    bands = tuple(
        evolve(band, is_=value) if name == (band.of or str(number)) else band
        for number, band in enumerate(_find_bands(table, start), 1)
    )
    if not table.versions:
        return evolve(table, bands=bands)
    earlier = tuple(version for version in table.versions if version.from_ < start)
    return evolve(table, versions=(*earlier, evolve(table.versions[0], from_=start, bands=bands)))


@frozen
class SweepOutcome:
    """What a policy amounts to for everyone, over all periods that were decided."""

    decisions: int
    held: int
    net: Decimal
    """The cost: the sum of net pay."""
    tenths: tuple[Decimal, Decimal, Decimal] | None
    """The net pay that a tenth, a half and nine tenths of the decisions do not exceed; None if there is none."""
    grades: Mapping[str, int]
    """How many decisions have each grade."""


def measure_outcome(periods: Sequence[Decisions]) -> SweepOutcome:
    """What the decisions of one policy amount to; there is at least one period."""
    program = periods[0].program
    net = (
        pl.concat([decisions.frame[NET] for decisions in periods]).sort()
        if program.pay
        else pl.Series(values=[], dtype=pl.Decimal(38, 2))
    )
    ends = [net[max(0, -(-len(net) * tenth // 10) - 1)] for tenth in _TENTHS] if len(net) else []
    grades = dict.fromkeys((grade.id for grade in program.grades), 0)
    for decisions in periods if program.grades else ():
        for name, count in decisions.frame[GRADE].drop_nulls().value_counts().iter_rows():
            grades[name] += count
    return SweepOutcome(
        sum(map(len, periods)),
        sum(len(decisions.held) for decisions in periods),
        Decimal(net.sum() or 0),
        (ends[0], ends[1], ends[2]) if ends else None,
        grades,
    )
