"""Facts that do not fit into memory, divided among the files of parts: read piece by piece, each table once."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.raw import ExpectedTables, RawTable
from scorecore.io.readers import read_chunks
from scorecore.language.expressions import HISTORY
from scorecore.parts.divide import Divider
from scorecore.parts.job import PART_ROW
from scorecore.parts.survey import PeriodSurvey
from scorecore.program.model import Program
from scorecore.values.period import Period

CHUNK_ROWS: Final = 500_000
"""Rows of a table that are in memory at a time."""
_PART: Final = "#part"
EVERYWHERE: Final = "all"
"""The folder of the rows that every part needs."""


@frozen
class PartFiles:
    """Divides files of facts into a folder, with a folder in it for each part."""

    program: Program
    period: Period
    count: int
    folder: Path
    expected: ExpectedTables
    encoding: str
    diagnostics: Diagnostics
    rename: Callable[[RawTable], RawTable] = lambda table: table
    """Gives a table of earlier decisions the headings of the language."""
    rows: int = CHUNK_ROWS

    def divide(self, files: Mapping[str, Path], tables: Mapping[str, RawTable]) -> dict[str, RawTable]:
        """Write the rows of each table, by name, to the parts; gives the tables without rows, as a part needs them.

        `tables` are those that are in memory.
        """
        divider = Divider(self.program, self.count)
        subject = self.program.schema.subject
        if divider.cut_by and subject in files:
            for chunk in self._read(subject, files[subject], Diagnostics()):
                divider.add_subjects(chunk.frame)
        chunks = {name: self._read(name, path, self.diagnostics) for name, path in files.items()}
        chunks |= {name: iter([table]) for name, table in tables.items()}
        divided = ((name, self._divide_table(divider, name, each)) for name, each in chunks.items())
        return {name: table for name, table in divided if table is not None}

    def _read(self, name: str, path: Path, diagnostics: Diagnostics) -> Iterator[RawTable]:
        for chunk in read_chunks(path, self.rows, diagnostics, self.encoding, self.expected):
            yield self.rename(chunk) if name == HISTORY else chunk

    def _divide_table(self, divider: Divider, name: str, chunks: Iterator[RawTable]) -> RawTable | None:
        survey = PeriodSurvey(self.program, self.period, name)
        whole: RawTable | None = None
        for number, chunk in enumerate(chunks):
            whole = whole or evolve(chunk, frame=chunk.frame.clear(), lines=())
            survey.add(chunk.frame)
            parts = divider.find_parts(name, chunk.frame).alias(_PART)
            numbered = chunk.frame.with_columns(chunk.row_numbers.alias(PART_ROW), parts)
            for (part,), rows in numbered.partition_by(_PART, as_dict=True, include_key=False).items():
                folder = self.folder / (EVERYWHERE if part is None else f"{part:05}") / name
                folder.mkdir(parents=True, exist_ok=True)
                rows.write_parquet(folder / f"{number:05}.parquet", compression="lz4")
        return whole and evolve(whole, whole=survey.finish())


def read_part(folder: Path, part: int, whole: Mapping[str, RawTable]) -> dict[str, pl.DataFrame]:
    """The tables of one part from the folder in which they were divided."""
    tables = {}
    for name, table in whole.items():
        folders = (folder / place / name for place in (EVERYWHERE, f"{part:05}"))
        frames = [pl.read_parquet(file) for place in folders for file in sorted(place.glob("*.parquet"))]
        empty = table.frame.with_columns(pl.lit(0, dtype=pl.UInt32).alias(PART_ROW)).clear()
        tables[name] = pl.concat([empty, *frames])
    return tables
