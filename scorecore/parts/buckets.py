"""Ids to buckets: a hash of our own, so that an id is in the same part in every process, version and engine."""

from __future__ import annotations  # nothing loads Polars when a command starts

from zlib import crc32

import polars as pl

from scorecore.facts.ids import fold_case, read_ids


def find_buckets(cells: pl.Series, count: int) -> pl.Series:
    """The bucket of each cell of ids, from 0; null where nobody knows whose the row is, so that every part needs it.

    Ids are hashed as the intake reads them. Those that differ only by capital letters are in one bucket, because they
    make one another doubtful.
    """
    return hash_texts(fold_case(read_ids(cells).values), count)


def hash_texts(texts: pl.Series, count: int) -> pl.Series:
    """The bucket of each text, which is the CRC-32 of its UTF-8 modulo the number of buckets; null of null."""
    buckets = [None if text is None else crc32(text.encode()) % count for text in texts.to_list()]
    return pl.Series(values=buckets, dtype=pl.UInt32)
