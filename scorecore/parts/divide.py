"""The rows of whole tables divided among parts: by the subject's id, or so that groups stay whole."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterator, Mapping

import polars as pl
from attrs import define, field

from scorecore.facts.convert import convert_column
from scorecore.facts.headings import is_heading
from scorecore.facts.ids import fold_case, read_ids
from scorecore.facts.raw import RawTable
from scorecore.parts.buckets import find_buckets, hash_texts
from scorecore.parts.job import PART_ROW, PartJob, find_cut
from scorecore.program.model import Program

_ID = "id"
_KEY = "key"
_BUCKET = "bucket"


@define
class Divider:
    """Says to which part each row of a table belongs. Where groups stay whole, it sees all subjects first."""

    program: Program
    count: int
    _parents: dict[str, str] = field(factory=dict)
    """Of group keys that somebody has beside another one, a step towards the one that stands for all of them."""
    _keys: list[pl.DataFrame] = field(factory=list)
    """The key of each subject."""
    _by_id: pl.DataFrame | None = None

    @property
    def cut_by(self) -> str:
        return find_cut(self.program)

    def add_subjects(self, chunk: pl.DataFrame) -> None:
        """See some more rows of the table of subjects; of no use where parts are cut by id."""
        column = next((column for column in self.program.schema.columns if column.name == self.cut_by), None)
        ids = self._read_folded(self.program.schema.subject, chunk)
        if column is None or ids is None:
            return
        names = {column.name, column.label} - {""}
        heading = next((name for name in chunk.columns if is_heading(name, names)), None)
        if heading is None:
            return
        keys, _ = convert_column(chunk[heading], column.type)
        rows = pl.DataFrame([ids.alias(_ID), keys.cast(pl.String).alias(_KEY)])
        self._keys.append(rows.drop_nulls().unique(maintain_order=True))

    def _read_folded(self, name: str, chunk: pl.DataFrame) -> pl.Series | None:
        heading = self._find_id_heading(name, chunk)
        return None if heading is None else fold_case(read_ids(chunk[heading]).values)

    def _find_id_heading(self, name: str, chunk: pl.DataFrame) -> str | None:
        """The heading of the ids by which a table is divided; None where every part needs all of its rows."""
        schema = self.program.schema
        names = {schema.subject, schema.label} - {""}
        used = next((table.use for table in schema.events if table.use and table.name == name), None)
        if used is not None:
            if used.match or used.gather:
                return None
            names = {used.subject}
        headings = [heading for heading in chunk.columns if is_heading(heading, names)]
        return headings[0] if len(headings) == 1 else None

    def find_parts(self, name: str, chunk: pl.DataFrame) -> pl.Series:
        """The part of each row of a table; null for a row that every part needs."""
        heading = self._find_id_heading(name, chunk)
        if heading is None:
            return pl.Series([None], dtype=pl.UInt32).new_from_index(0, len(chunk))
        by_hash = find_buckets(chunk[heading], self.count)
        if not self.cut_by:
            return by_hash
        ids = pl.DataFrame([fold_case(read_ids(chunk[heading]).values).alias(_ID)])
        by_group = ids.join(self._buckets_by_id(), on=_ID, how="left", maintain_order="left")[_BUCKET]
        return pl.DataFrame([by_group, by_hash.alias(_ID)]).select(pl.coalesce(_BUCKET, _ID)).to_series()

    def _buckets_by_id(self) -> pl.DataFrame:
        """The part of each subject that is in a group."""
        if self._by_id is None:
            empty = pl.DataFrame(schema={_ID: pl.String, _KEY: pl.String})
            pairs = pl.concat([empty, *self._keys]).unique(maintain_order=True)
            self._keys.clear()
            first = pairs.unique(_ID, keep="first", maintain_order=True)
            others = pairs.join(first, on=[_ID, _KEY], how="anti").join(first, on=_ID, suffix="_first")
            for key, another in sorted(set(others.select(f"{_KEY}_first", _KEY).rows())):
                self._join(key, another)
            keys = first[_KEY].unique().sort()
            roots = pl.Series(values=[self._find_root(key) for key in keys], dtype=pl.String)
            buckets = pl.DataFrame([keys, hash_texts(roots, self.count).alias(_BUCKET)])
            self._by_id = first.join(buckets, on=_KEY, maintain_order="left").select(_ID, _BUCKET)
        return self._by_id

    def _find_root(self, key: str) -> str:
        while key in self._parents:
            key = self._parents[key]
        return key

    def _join(self, key: str, another: str) -> None:
        """Keep two groups in one part, because somebody is in both of them in different rows."""
        low, high = sorted((self._find_root(key), self._find_root(another)))
        if low != high:
            self._parents[high] = low


def divide(job: PartJob, tables: Mapping[str, RawTable], count: int) -> Iterator[dict[str, pl.DataFrame]]:
    """The tables of each part, of whole tables in memory."""
    divider = Divider(job.program, count)
    if job.program.schema.subject in tables:
        divider.add_subjects(tables[job.program.schema.subject].frame)
    numbered = {
        name: table.frame.with_columns(
            table.row_numbers.alias(PART_ROW), divider.find_parts(name, table.frame).alias(_BUCKET)
        )
        for name, table in tables.items()
    }
    for part in range(count):
        is_here = pl.col(_BUCKET).eq(part).fill_null(value=True)
        yield {name: frame.filter(is_here).drop(_BUCKET) for name, frame in numbered.items()}
