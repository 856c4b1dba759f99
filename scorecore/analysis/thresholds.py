"""Who is close to an edge at which the result jumps: of a grade, or of a band of a `whole` table.

What other tables give has no jumps: where one band ends and the next begins it is continuous.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.period_context import PeriodContext, period_context
from scorecore.language.expressions import (
    Apply,
    Constant,
    Expression,
    Ladder,
    Lookup,
    Read,
    RowsValue,
    constant_value,
    subexpressions,
)
from scorecore.language.operators.operator import LAST
from scorecore.language.printer import print_formula
from scorecore.program.model import Program
from scorecore.program.steps import AnyStep, Step, step_expressions
from scorecore.values.period import Period
from scorecore.values.ratio import Ratio
from scorecore.values.step_id import GRADE, StepId
from scorecore.values.types import PLACES

GRADES: Final = "grades"
"""What an edge of a grade is called."""
_ADDED: Final = "near"
"""The section of the steps that are added."""
_HUNDRED: Final = 100


@frozen
class Threshold:
    """A value of the subject, and an edge at which the result jumps."""

    part: str
    """`grades`, or `tables.x`."""
    step: str
    """The step that has the value, among those that are added to the program."""
    value: str
    """As the policy writes it."""
    edge: Decimal


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
            thresholds: dict[Threshold, None] = {}
            for part, value, edge in _find_edges(program, period_context(program, period)):
                text = print_formula(value)
                step = steps.setdefault(text, Step(StepId(_ADDED, str(len(steps))), value, place=value.place))
                thresholds[Threshold(part, step.name, text, edge)] = None
            edges[period.label] = tuple(thresholds)
        return cls(evolve(program, steps=(*program.steps, *steps.values())), edges)

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the steps that are added."""
        return tuple(dict.fromkeys(threshold.step for edges in self.edges.values() for threshold in edges))

    def near(self, decisions: Decisions, distance: Decimal) -> pl.DataFrame:
        """Everyone who is within a distance of an edge: points of a grade, per cent of the edge of a band.

        id, period, edge_of, value (as it is written), edge, stands_at, distance: negative below the edge.
        """
        frames = list[pl.DataFrame]()
        for threshold in self.edges[decisions.facts.period.label]:
            limit = distance if threshold.part == GRADES else abs(threshold.edge) * distance / _HUNDRED
            value = pl.col(threshold.step).cast(_NUMBER)
            frame = decisions.frame.lazy().select(
                pl.lit(decisions.facts.ids).alias("id"),
                pl.lit(decisions.facts.period.label).alias("period"),
                pl.lit(threshold.part).alias("edge_of"),
                pl.lit(threshold.value).alias("value"),
                pl.lit(threshold.edge).cast(_NUMBER).alias("edge"),
                value.alias("stands_at"),
                (value - pl.lit(threshold.edge).cast(_NUMBER)).alias("distance"),
            )
            frames.append(frame.filter(pl.col("distance").abs() <= pl.lit(limit).cast(_NUMBER)).collect())
        return concat_thresholds(frames)


_NUMBER: Final = pl.Decimal(38, PLACES)
_NOBODY: Final = pl.DataFrame(
    schema={
        **dict.fromkeys(("id", "period", "edge_of", "value"), pl.String),
        **dict.fromkeys(("edge", "stands_at", "distance"), _NUMBER),
    }
)


def _find_edges(program: Program, context: PeriodContext) -> Iterator[tuple[str, Expression, Decimal]]:
    """Every value that is compared with an edge: the part of the policy, the value, the edge."""
    whole_tables = {table.name for table in program.tables if table.kind == "whole"}
    for step in program.steps:
        for expression in step_expressions(step):
            for node in _walk_subject(expression):
                match node:
                    case Apply(operator=operator, operands=(left, right)) if operator in _ORDERINGS and _grades(step):
                        # either side of a comparison may be the edge
                        edges = ((left, _known_number(right, context)), (right, _known_number(left, context)))
                        value, edge = next((pair for pair in edges if pair[1] is not None), (left, None))
                        if edge is not None and not isinstance(value, Constant):
                            yield GRADES, value, edge
                    case Ladder(total=total, rungs=rungs):
                        totals = (rung.least.value for rung in rungs if rung.least is not None)
                        yield from ((GRADES, total, Decimal(least)) for least in totals)  # type: ignore[arg-type]  # numbers
                    case Lookup(table=table, key=key) if table in whole_tables:
                        for band in context.bands[table][1:]:  # before the first band there is nothing to fall from
                            yield f"tables.{table}", key, Decimal(band.start)


_ORDERINGS: Final = frozenset({"<", "<=", ">", ">="})


def _grades(step: AnyStep) -> bool:
    """Whether a step decides which grade it is, or to whom one applies."""
    return step.name.section == GRADE


def _known_number(expression: Expression, context: PeriodContext) -> Decimal | None:
    """The number that an expression is for everybody, as a constant or a parameter is."""
    known = context.values.get(expression.name) if isinstance(expression, Read) else None
    known = constant_value(expression) if isinstance(expression, Constant) else known
    if isinstance(known, Ratio):
        return known.quantize(LAST)
    return Decimal(known) if isinstance(known, Decimal | int) and not isinstance(known, bool) else None


def _walk_subject(expression: Expression) -> Iterator[Expression]:
    """An expression and its parts, except what is about single events."""
    if isinstance(expression, RowsValue):
        return
    yield expression
    for operand in subexpressions(expression):
        yield from _walk_subject(operand)


def concat_thresholds(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Those near an edge over all periods: grades first, the closest first."""
    near = pl.concat([_NOBODY, *frames])
    return near.sort(pl.col("edge_of") != GRADES, pl.col("distance").abs(), "id", "period", "edge_of", "edge")
