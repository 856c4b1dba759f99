"""Tables as files have them, before anything is made of their cells."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import polars as pl
from attrs import define, evolve, field, frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.facts.convert import convert_column
from scorecore.facts.headings import PERIOD_HEADINGS
from scorecore.program.schema import FactColumn
from scorecore.values.types import STRING


@frozen
class WholePeriods:
    """What all rows of a table say about periods, where only a part of them is at hand."""

    labels: tuple[str, ...] = ()
    """Of the periods that there are rows for, ascending."""
    unclear: frozenset[str] = frozenset()
    """The headings that nobody reads and below which every cell is a period; with them the periods are not clear."""


Reading = TypeVar("Reading")


@define(eq=False)
class TableMemory:
    """What was read of a table whose rows are for more periods than one, for those that are decided next."""

    frames: list[pl.DataFrame]
    """That of the table, and those that were read of it."""
    _readings: dict[tuple[int, Hashable], Any] = field(factory=dict)

    def recall(self, frame: pl.DataFrame, what: Hashable, read: Callable[[], Reading]) -> Reading:
        """What `read` gives, once for each frame that is kept; `what` says what it reads."""
        if not any(frame is kept for kept in self.frames):
            return read()
        key = (id(frame), what)
        if key not in self._readings:
            reading = self._readings[key] = read()
            if isinstance(reading, pl.DataFrame):
                self.frames.append(reading)
        kept: Reading = self._readings[key]
        return kept


@frozen(eq=False)
class RawTable:
    """A table as a file has it; headings are the names of the frame's columns, cells are of any type."""

    frame: pl.DataFrame
    """A column for each heading; cells that are empty are null or empty text."""
    source: str
    """Where it is from, for people: `facts/person.csv`, `facts.xlsx[person]`."""
    first_row: int = 2
    """Number of the first row below the headings."""
    lines: tuple[int, ...] = ()
    """The number of each row in its file, where they do not follow one another from `first_row` on."""
    columns: Mapping[str, int] = field(factory=dict)
    """Of a sheet: by heading the number of the column, from 1."""
    begins: str = ""
    """Of a history that begins without anything before: its first period, in which balances could not be known."""
    whole: WholePeriods | None = None
    """Of a part of a table: what its other rows say about periods too."""
    refusal: Diagnostic | None = None
    """Why there are no rows, where something kept a table from being read or decided."""
    unclear: tuple[int, ...] = ()
    """Of decisions that are gathered: the rows of subjects of whom it is not known to whom they refer."""
    memory: TableMemory | None = None
    """Of a table that is read for more periods than one."""

    def read_once(self, frame: pl.DataFrame, what: Hashable, read: Callable[[], Reading]) -> Reading:
        """What is read of the frame, or of a frame that was read of it: once for all periods, if there is a memory."""
        return read() if self.memory is None else self.memory.recall(frame, what, read)

    def locate(self, row: int, heading: str = "") -> Location:
        """The place of a row; in a sheet that of the cell below a heading."""
        return Location(self.source, row, self.columns.get(heading, 0), in_sheet=bool(self.columns))

    def find_column_numbers(self, headings: Mapping[str, str]) -> dict[str, int]:
        """By fact the number of its column in the sheet, for facts whose headings are known."""
        return {name: self.columns[heading] for name, heading in headings.items() if heading in self.columns}

    @property
    def row_numbers(self) -> pl.Series:
        """The number of each row in its file."""
        start = self.lines[-1] + 1 if self.lines else self.first_row
        following = pl.int_range(start, start + len(self.frame) - len(self.lines), dtype=pl.UInt32, eager=True)
        return pl.Series(values=self.lines, dtype=pl.UInt32).append(following) if self.lines else following


def remember_readings(tables: Mapping[str, RawTable]) -> dict[str, RawTable]:
    """Tables that keep what is read of them: for periods of which each would read all rows again."""
    return {
        name: table if table.memory else evolve(table, memory=TableMemory([table.frame]))
        for name, table in tables.items()
    }


@frozen
class ExpectedTables:
    """The names that files and sheets may have, and the headings of their columns."""

    names: frozenset[str]
    headings: frozenset[str]


def choose_headings(columns: Sequence[FactColumn], used_elsewhere: Iterable[str]) -> dict[str, str]:
    """How a file for people may head columns: by their labels, where these lead back to them and to nothing else."""
    names = {column.name: column.name for column in columns}
    names |= {column.label: column.name for column in columns if column.label}
    unavailable = {*used_elsewhere, *PERIOD_HEADINGS}
    return {
        column.name: column.label
        if column.label == column.label.strip()
        and column.label.isprintable()
        and names.get(column.label) == column.name
        and column.label not in unavailable
        else column.name
        for column in columns
    }


def convert_to_text(cells: pl.Series) -> pl.Series:
    """Cells of any type as the text that they show; null where they are empty."""
    text, _ = convert_column(cells, STRING)
    return text
