"""Who stands close to an edge at which the result jumps: of a grade, or of a band of a `whole` table.

Other tables have no cliffs: what they give is continuous where one band ends and the next begins.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.period_context import PeriodContext, period_context
from scorecore.language.expressions import Aggregate, Apply, Constant, Expression, Lookup, Read
from scorecore.language.expressions import subexpressions as parts_of
from scorecore.language.printer import print_expression
from scorecore.program.model import Program, Step, step_expressions
from scorecore.values.period import Period
from scorecore.values.types import PLACES

_ADDED: Final = "near."
_HUNDRED: Final = 100


@frozen
class Threshold:
    """A value of the subject, and where the result jumps."""

    of: str
    """`grades`, or `tables.x`."""
    step: str
    """That has the value, among those that are added to the program."""
    value: str
    """As the policy writes it."""
    at: Decimal


@frozen
class Thresholds:
    """The edges of a program, by the label of the period."""

    program: Program
    """With a step for each value that is compared with an edge."""
    edges: Mapping[str, tuple[Threshold, ...]]

    @classmethod
    def of(cls, program: Program, periods: Iterable[Period]) -> "Thresholds":
        """The edges of grades, and of the tables as they are in force in each period."""
        steps: dict[str, Step] = {}
        edges: dict[str, tuple[Threshold, ...]] = {}
        for period in periods:
            found: dict[Threshold, None] = {}
            for name, value, at in _edges(program, period_context(program, period)):
                shown = print_expression(value)
                step = steps.setdefault(shown, Step(f"{_ADDED}{len(steps)}", value, place=value.place))
                found[Threshold(name, step.name, shown, at)] = None
            edges[period.label] = tuple(found)
        return cls(evolve(program, steps=(*program.steps, *steps.values())), edges)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that are added."""
        return tuple(dict.fromkeys(edge.step for several in self.edges.values() for edge in several))

    def near(self, decided: Decisions, near: Decimal) -> pl.DataFrame:
        """Who is within `near` of an edge: points of a grade, per cent of a band.

        id, period, edge_of, value (as it is written), edge, stands_at, distance: negative below the edge.
        """
        parts = list[pl.DataFrame]()
        for edge in self.edges[decided.facts.period.label]:
            within = near if edge.of == "grades" else abs(edge.at) * near / _HUNDRED
            value = pl.col(edge.step).cast(_NUMBER)
            frame = decided.frame.lazy().select(
                pl.lit(decided.facts.ids).alias("id"),
                pl.lit(decided.facts.period.label).alias("period"),
                pl.lit(edge.of).alias("edge_of"),
                pl.lit(edge.value).alias("value"),
                pl.lit(edge.at).cast(_NUMBER).alias("edge"),
                value.alias("stands_at"),
                (value - pl.lit(edge.at).cast(_NUMBER)).alias("distance"),
            )
            parts.append(frame.filter(pl.col("distance").abs() <= pl.lit(within).cast(_NUMBER)).collect())
        return concat_thresholds(parts)


_NUMBER: Final = pl.Decimal(38, PLACES)
_NOBODY: Final = pl.DataFrame(
    schema={
        **dict.fromkeys(("id", "period", "edge_of", "value"), pl.String),
        **dict.fromkeys(("edge", "stands_at", "distance"), _NUMBER),
    }
)


def _edges(of: Program, at: PeriodContext) -> Iterator[tuple[str, Expression, Decimal]]:
    """What is compared with which number: where, the value, the edge."""
    whole = {table.name for table in of.tables if table.kind == "whole"}
    for step in of.steps:
        for part in (one for inside in step_expressions(step) for one in _of_subject(inside)):
            match part:
                case Apply(operator=operator, operands=(value, other)) if operator in _COMPARING:
                    edge = at.values.get(other.name) if isinstance(other, Read) else getattr(other, "value", None)
                    number = isinstance(edge, Decimal | int) and value.type.is_number
                    if number and step.name.partition(".")[0] == "grade" and not isinstance(value, Constant):
                        yield "grades", value, Decimal(edge)  # type: ignore[arg-type]  # it is a number
                case Lookup(table=table, key=key) if table in whole:
                    for band in at.bands[table][1:]:  # before the first band there is nothing to fall from
                        yield f"tables.{table}", key, Decimal(band.start)


_COMPARING: Final = frozenset({"<", "<=", ">", ">="})


def _of_subject(of: Expression) -> Iterator[Expression]:
    """An expression and its parts, but for what is about single events."""
    if isinstance(of, Aggregate):
        return
    yield of
    for one in parts_of(of):
        yield from _of_subject(one)


def concat_thresholds(several: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The cliffs of several periods: grades first, the closest first."""
    found = pl.concat([_NOBODY, *several])
    return found.sort(pl.col("edge_of") != "grades", pl.col("distance").abs(), "id", "period", "edge_of", "edge")
