"""What runs in Spark's Python workers: functions of Arrow batches, which any attempt of a task repeats alike."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl
import pyarrow as pa
from attrs import frozen

from scorecore.parts.decide import decide_part
from scorecore.parts.divide import Divider
from scorecore.parts.job import PART_ROW, PartJob, PartsRejected
from scorecore.parts.survey import PeriodSurvey
from scorecore.spark.blobs import Blob, as_frame, make_batch, pack_table, read_batches, unpack_table

REJECTED: Final = "#rejected"
"""The name of the blob of a part that cannot be decided; it has the diagnostics."""
PLACE: Final = "#place"
"""A column that has the number of a row's partition, and behind it in so many bits the row's own in the partition."""
PLACE_BITS: Final = 33
_CHUNK: Final = 200_000
"""Rows of a partition that are cut at once: fewer, and there were many small blobs."""
Batches = Iterator[pa.RecordBatch]


@frozen
class Surveyor:
    """Counts the rows of each partition of a table, and sees what they say about periods."""

    survey: PeriodSurvey
    headings: Sequence[str]

    def __call__(self, batches: Batches) -> Batches:
        survey, counts = self.survey, Counter[int]()
        for chunk in _chunks(batches, self.headings):
            survey.add(chunk.drop(PLACE))
            counts.update((chunk[PLACE] // (1 << PLACE_BITS)).to_list())
        packed = pickle.dumps(survey)
        yield make_batch([(partition, survey.name, count, packed) for partition, count in sorted(counts.items())])


@frozen
class Cutter:
    """Cuts a table into blobs, one for each bucket, with the number of each row in the whole table."""

    name: str
    divider: Divider
    headings: Sequence[str]
    starts: Mapping[int, int]
    """Of each partition the number of its first row."""

    def __call__(self, batches: Batches) -> Batches:
        for chunk in _chunks(batches, self.headings):
            starts = (pl.col(PLACE) // (1 << PLACE_BITS)).replace_strict(self.starts, return_dtype=pl.Int64)
            numbers = (starts + pl.col(PLACE) % (1 << PLACE_BITS)).cast(pl.UInt32).alias(PART_ROW)
            yield make_batch(list(self._cut(chunk.select(pl.exclude(PLACE), numbers))))

    def _cut(self, rows: pl.DataFrame) -> Iterator[Blob]:
        parts = self.divider.find_parts(self.name, rows.drop(PART_ROW))
        for part in parts.unique().sort():
            here = rows.filter(parts.is_null() if part is None else parts == part)
            blob = pack_table(here.to_arrow())
            # what is about nobody is in every part
            for bucket in range(self.divider.count) if part is None else (part,):
                yield bucket, self.name, len(here), blob


@frozen
class PartDecider:
    """Decides each bucket whose blobs are in a partition."""

    job: bytes
    period: str

    def __call__(self, batches: Batches) -> Batches:
        blobs: dict[int, dict[str, list[bytes]]] = {}
        for bucket, name, _, blob in read_batches(batches):
            of_bucket = blobs.setdefault(bucket, {})
            if name:  # without a name, only that there is this bucket
                of_bucket.setdefault(name, []).append(blob)
        for bucket in sorted(blobs):
            yield make_batch(list(self._decide(bucket, blobs.pop(bucket))))

    def _decide(self, bucket: int, blobs: Mapping[str, Sequence[bytes]]) -> Iterator[Blob]:
        whole = PartJob.unpack(self.job).whole
        tables = {name: join_blobs(table.frame, blobs.get(name, ())) for name, table in whole.items()}
        try:
            results = decide_part(self.job, self.period, tables)
        except PartsRejected as rejected:
            yield bucket, REJECTED, 0, pickle.dumps(rejected.diagnostics)
            return
        for name, table in results.items():
            yield bucket, name, table.num_rows, pack_table(table)


@frozen
class Unpacker:
    """The rows of the blobs of one table, each row as one struct: Spark takes a dot in a name for a path."""

    schema: pa.Schema

    def __call__(self, batches: Batches) -> Batches:
        for _, _, _, blob in read_batches(batches):
            table = unpack_table(blob).cast(self.schema)
            for batch in table.to_batches():
                rows = pa.StructArray.from_arrays(batch.columns, fields=list(self.schema))
                yield pa.RecordBatch.from_arrays([rows], names=["row"])


def join_blobs(empty: pl.DataFrame, blobs: Sequence[bytes]) -> pa.Table:
    """The rows of a table in a part; none of them if there is no blob."""
    frames = [pl.DataFrame(pl.from_arrow(unpack_table(blob))) for blob in blobs]
    nothing = empty.clear().with_columns(pl.lit(None, dtype=pl.UInt32).alias(PART_ROW))
    return (pl.concat(frames) if frames else nothing).to_arrow()


def _chunks(batches: Batches, headings: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The rows of a partition in frames that are not small, with their own headings and the place of each row."""
    kept: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        kept.append(batch)
        count += batch.num_rows
        if count >= _CHUNK:
            yield as_frame(pa.Table.from_batches(kept).rename_columns([*headings, PLACE]))
            kept, count = [], 0
    if count:
        yield as_frame(pa.Table.from_batches(kept).rename_columns([*headings, PLACE]))
