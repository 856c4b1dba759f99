"""What a part must know of the whole table: its periods, which are collected chunk by chunk."""

from __future__ import annotations  # nothing loads Polars when a command starts

import polars as pl
from attrs import define, evolve, field

from scorecore.facts.period_cells import find_period_heading, read_periods
from scorecore.facts.period_intake import may_be_periods, name_other_periods
from scorecore.facts.raw import RawTable, WholePeriods
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.values.period import Period


@define
class PeriodSurvey:
    """The periods of one table of a program, which is seen chunk by chunk."""

    program: Program
    period: Period
    name: str
    _labels: set[str] = field(factory=set)
    _by_heading: dict[str, set[str] | None] = field(factory=dict)
    """Of each column that is not read the periods that its cells are; None once a cell is none."""

    def add(self, chunk: pl.DataFrame) -> None:
        """See some more rows of the table, with all its columns."""
        heading = find_period_heading(chunk, self.program.period, self._fact_names)
        if heading is None:
            for cells in chunk:
                self._add_cells(cells)
            return
        labels = read_periods(chunk[heading], self.program.period).labels
        self._labels |= set(labels.drop_nulls().unique())

    def _add_cells(self, cells: pl.Series) -> None:
        """See more cells of a column: it can be one of periods only as long as every cell is one."""
        known, filled = self._by_heading.get(cells.name, set()), cells.drop_nulls()
        if known is None or not may_be_periods(cells) or not len(filled):
            return
        kind = self.program.period
        is_one = read_periods(filled.head(1), kind).labels[0] is not None
        labels = read_periods(filled, kind).labels if is_one else None
        is_period = labels is not None and not labels.null_count()
        self._by_heading[cells.name] = known | set(labels.unique()) if labels is not None and is_period else None

    @property
    def _fact_names(self) -> set[str]:
        """The names and labels of the columns that are read."""
        schema = self.program.schema
        tables = {table.name: table.columns for table in schema.events} | {HISTORY: schema.history}
        columns = tables.get(self.name, schema.columns)
        return {text for column in columns for text in (column.name, column.label)} - {""}

    def merge(self, other: PeriodSurvey) -> None:
        """See what another survey saw of other rows of the table."""
        self._labels |= other._labels
        for heading, labels in other._by_heading.items():
            known = self._by_heading.get(heading, set())
            self._by_heading[heading] = None if known is None or labels is None else known | labels

    def finish(self) -> WholePeriods:
        """What the rows that were seen say."""
        unclear = {
            heading
            for heading, labels in self._by_heading.items()
            if labels and name_other_periods(pl.Series(heading, sorted(labels)), self.program.period, self.period)
        }
        return WholePeriods(tuple(sorted(self._labels)), frozenset(unclear))


def describe_whole(program: Program, period: Period, name: str, table: RawTable) -> RawTable:
    """A table without its rows, for a part to have its own; it keeps what they say about periods."""
    survey = PeriodSurvey(program, period, name)
    survey.add(table.frame)
    return evolve(table, frame=table.frame.clear(), lines=(), whole=survey.finish())
