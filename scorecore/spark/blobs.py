"""Tables as Arrow blobs, one for each bucket of subjects: what Spark moves between machines and never looks into."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import polars as pl
import pyarrow as pa

BUCKET: Final = "bucket"
BLOB_SCHEMA: Final = pa.schema(
    [(BUCKET, pa.int32()), ("table", pa.string()), ("rows", pa.int64()), ("blob", pa.binary())]
)
SPARK_SCHEMA: Final = f"{BUCKET} int, table string, rows long, blob binary"
"""The same for Spark."""
Blob = tuple[int, str, int, bytes]
"""A bucket, the name of a table, and how many rows of it are in the blob."""


def make_batch(blobs: Sequence[Blob]) -> pa.RecordBatch:
    columns = zip(*blobs, strict=True) if blobs else ((), (), (), ())
    arrays = [pa.array(column, field.type) for column, field in zip(columns, BLOB_SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=BLOB_SCHEMA)


def read_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[Blob]:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def pack_table(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def unpack_table(blob: bytes) -> pa.Table:
    with pa.ipc.open_stream(blob) as reader:
        return reader.read_all()


def as_frame(table: pa.Table) -> pl.DataFrame:
    """Rows as Spark gives them; a moment of a zone is what a clock on the wall of the session shows."""
    frame = pl.DataFrame(pl.from_arrow(table))
    zoned = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime) and dtype.time_zone]
    return frame.with_columns(pl.col(name).dt.replace_time_zone(None) for name in zoned)
