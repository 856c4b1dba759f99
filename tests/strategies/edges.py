"""Edges: the numbers, days and times at which a program changes its mind, and their neighbours."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from attrs import define, field
from hypothesis import strategies as st

from scorecore.language.expressions import Apply, Constant, walk
from scorecore.program.model import Program
from scorecore.program.steps import step_expressions
from scorecore.values.period import Period
from scorecore.values.types import PLACES, Type, TypeKind, to_units
from strategies.values import ends, number_of, usual

SHARE: Final = 0.5
"""How many of the values that are drawn are an edge or beside one."""
_NEIGHBOURS: Final = (-1, 0, 0, 1)


def constants(program: Program) -> Iterator[Any]:
    """The values that mean something in a program: compared with, added, in force, where a band begins or ends."""
    for step in program.steps:
        for expression in step_expressions(step):
            for node in walk(expression):
                if isinstance(node, Constant):
                    yield node.value
                elif isinstance(node, Apply):
                    yield from node.options
    for parameter in program.parameters:
        yield from (value for _, value in parameter.values)
    for table in program.tables:
        for _, bands in table.versions:
            for band in bands:
                yield from (edge for edge in (band.start, band.end) if edge is not None)


@define
class Edges:
    """The edges of a program in one of its periods, from which facts are drawn."""

    numbers: list[Decimal] = field(factory=list)
    texts: list[str] = field(factory=list)
    days: list[date] = field(factory=list)
    times: list[datetime] = field(factory=list)

    @classmethod
    def of(cls, program: Program, period: Period) -> "Edges":
        edges = cls(days=[period.start, period.end])
        for value in constants(program):
            if isinstance(value, datetime):
                edges.times.append(value)
            elif isinstance(value, date):
                edges.days.append(value)
            elif isinstance(value, str):
                edges.texts += [value] if value else []
            elif isinstance(value, int | Decimal) and not isinstance(value, bool):
                edges.numbers.append(Decimal(value))
        return edges

    def draw(self, value_type: Type, random: Random) -> Any:
        """A value of a type that is an edge or a unit beside one; None where there is none."""
        if value_type.kind is TypeKind.DATE:
            return _usual(lambda: random.choice(self.days) + timedelta(days=random.choice(_NEIGHBOURS)))
        if value_type.kind is TypeKind.TIMESTAMP:
            if not self.times:
                return None
            return _usual(lambda: random.choice(self.times) + timedelta(seconds=random.choice(_NEIGHBOURS)))
        if not value_type.is_number:
            return None
        step = 10 ** (PLACES - value_type.places)
        low, high = ends(value_type)
        scaled = random.choice([low, high, *(to_units(edge) // step for edge in self.numbers)])
        scaled += random.choice(_NEIGHBOURS)
        return number_of(scaled, value_type) if low <= scaled <= high else None


def _usual(draw: Any) -> Any:
    """A day or time that facts may have; None if what is drawn is none."""
    try:
        return next(iter(usual([draw()])), None)
    except OverflowError:  # before the first day, after the last
        return None


@st.composite
def near(draw: st.DrawFn, edges: Sequence[Decimal], low: int, high: int, places: int) -> Decimal:
    """A number with some places: half of the time an edge or one unit beside it, else any within the bounds."""
    unit = Decimal(1).scaleb(-places)
    if edges and draw(st.booleans()):
        return (draw(st.sampled_from(edges)) + unit * draw(st.sampled_from((0, -1, 1)))).quantize(unit)
    return draw(st.decimals(low, high, places=places))
