"""Columns that were computed for another program over the same facts: one that differs in little takes most of them.

A step is taken if it is defined alike, and everything that it reads is the same too: facts, rows, the figures in force.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from attrs import define, evolve, frozen

from scorecore.evaluate.period_context import PeriodContext
from scorecore.facts.model import Facts, RowsBySubject
from scorecore.language.expressions import (
    HISTORY,
    Expression,
    Field,
    HistoryAt,
    Latest,
    Lookup,
    PrecedingRun,
    Read,
    walk,
)
from scorecore.program.model import Program
from scorecore.program.steps import GroupStep, Step


@frozen(eq=False)
class ComputedColumns:
    """What an evaluation in columns computed."""

    program: Program
    facts: Facts
    context: PeriodContext
    steps: Sequence[Step | GroupStep]
    subjects: pl.DataFrame
    """The facts of each subject, and a column for each step and fold that was computed."""
    folds: Mapping[Expression, str]
    """By value that is made from rows its column."""

    def unchanged(self, program: Program, facts: Facts, context: PeriodContext) -> "UnchangedInputs | None":
        """What another program reads that this one read as well; None if the two read other facts."""
        schemas = (evolve(of.schema, history=()) for of in (self.program, program))
        tables = [(self.facts.rows.get(table.name), facts.rows.get(table.name)) for table in program.schema.events]
        is_shared = self.facts.subjects is facts.subjects and all(before is now for before, now in tables)
        if not is_shared or self.program.level != program.level or next(schemas) != next(schemas):
            return None
        values = {name for name, value in context.values.items() if self.context.values.get(name) == value}
        bands_before = {table.name: table for table in self.program.tables}
        bands = {
            table.name
            for table in program.tables
            if bands_before.get(table.name) == table and self.context.bands[table.name] == context.bands[table.name]
        }
        has_same_past = _are_same(self.facts.rows.get(HISTORY), facts.rows.get(HISTORY))
        return UnchangedInputs({*facts.subjects.columns, *values}, bands, has_same_past)

    def take(self, inputs: "UnchangedInputs", steps: Sequence[Step | GroupStep]) -> Iterator[str]:
        """The steps, in their order, whose columns are as they would be computed again."""
        before = {step.name: step for step in self.steps}
        for step in steps:
            if (
                isinstance(step, Step)
                and step.name in self.subjects.columns
                and _is_defined_alike(step, before.get(step.name))
                and inputs.names.issuperset(step.held_by)
                and inputs.covers(step.expression)
            ):
                inputs.names.add(step.name)
                yield step.name


@define
class UnchangedInputs:
    """What has the same values as before."""

    names: set[str]
    """Facts, steps, parameters, and what is the same for everybody in a period."""
    band_tables: set[str]
    has_same_past: bool

    def covers(self, expression: Expression) -> bool:
        """Whether an expression reads nothing else."""
        return all(map(self._is_same, walk(expression)))

    def _is_same(self, part: Expression) -> bool:
        match part:
            case Read(name=name):
                return name in self.names
            case Lookup(table=table):
                return table in self.band_tables
            case HistoryAt() | Latest() | PrecedingRun() | Field(table="history"):
                return self.has_same_past
        return True


@define
class ColumnsInTurn:
    """The columns of the last evaluation, from which the next one, of another program, takes what is the same."""

    last: ComputedColumns | None = None


def _is_defined_alike(step: Step, before: Step | GroupStep | None) -> bool:
    return isinstance(before, Step) and (before.expression, before.held_by) == (step.expression, step.held_by)


def _are_same(before: RowsBySubject | None, now: RowsBySubject | None) -> bool:
    """Whether rows are the same, whoever ingested them."""
    if before is None or now is None or before is now:
        return before is now
    return before.distrusted == now.distrusted and before.ends.equals(now.ends) and before.frame.equals(now.frame)
