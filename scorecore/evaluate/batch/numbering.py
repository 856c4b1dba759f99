"""The numbers of events in columns: a rank among those of a subject that are alike."""

from collections.abc import Iterable, Iterator

import polars as pl

from scorecore.evaluate.batch.lower import ColumnCompiler, ColumnRequest, compute_columns
from scorecore.facts.model import SUBJECT
from scorecore.language.expressions import Expression, Nth, walk


def asked(of: Iterable[Expression]) -> list[Nth]:
    """What numbers events in some expressions about them."""
    return list(dict.fromkeys(part for one in of for part in walk(one) if isinstance(part, Nth)))


def numbers(frame: pl.DataFrame, of: Iterable[Nth], lowering: ColumnCompiler) -> Iterator[pl.Series]:
    """The number of each event; null where it does not count itself, has an equal, or something is unknown."""
    for one in of:
        wanted = [ColumnRequest("order", one.order)]
        wanted += [ColumnRequest("by", one.by)] if one.by is not None else []
        wanted += [ColumnRequest("where", one.where)] if one.where is not None else []
        parts = compute_columns(frame, wanted, lowering).with_columns(frame[SUBJECT])
        counts = pl.col("where") if one.where is not None else pl.lit(value=True)
        keys = [SUBJECT, "by"] if one.by is not None else [SUBJECT]
        missing = counts.is_null() | (counts & pl.any_horizontal(pl.col(name.name).is_null() for name in wanted[:2]))
        place = pl.when(counts).then(pl.col("order"))
        first, last = (place.rank(way).over(keys) for way in ("min", "max"))
        known = (first == last) & ~missing.any().over(SUBJECT)
        yield parts.select(number=pl.when(known).then(first.cast(pl.Int64)))["number"]
