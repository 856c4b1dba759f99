"""The numbers of events in columns: a rank among those of a subject that are alike."""

from collections.abc import Iterable, Iterator

import polars as pl

from scorecore.evaluate.batch.lower import ColumnCompiler, ColumnRequest, compute_columns
from scorecore.facts.model import SUBJECT
from scorecore.language.expressions import Expression, Nth, walk


def find_nths(expressions: Iterable[Expression]) -> list[Nth]:
    """What numbers events in some expressions about them."""
    parts = (part for expression in expressions for part in walk(expression))
    return list(dict.fromkeys(part for part in parts if isinstance(part, Nth)))


def number_events(frame: pl.DataFrame, nths: Iterable[Nth], lowering: ColumnCompiler) -> Iterator[pl.Series]:
    """The number of each event; null where it does not count itself, has an equal, or something is unknown."""
    for nth in nths:
        requests = [ColumnRequest("order", nth.order)]
        requests += [ColumnRequest("by", nth.by)] if nth.by is not None else []
        required = [pl.col(request.name) for request in requests]
        requests += [ColumnRequest("where", nth.where)] if nth.where is not None else []
        parts = compute_columns(frame, requests, lowering).with_columns(frame[SUBJECT])
        counts = pl.col("where") if nth.where is not None else pl.lit(value=True)
        keys = [SUBJECT, "by"] if nth.by is not None else [SUBJECT]
        is_unknown = counts.is_null() | (counts & pl.any_horizontal(part.is_null() for part in required))
        place = pl.when(counts).then(pl.col("order"))
        first, last = (place.rank(method).over(keys) for method in ("min", "max"))
        is_numbered = (first == last) & ~is_unknown.any().over(SUBJECT)
        yield parts.select(number=pl.when(is_numbered).then(first.cast(pl.Int64)))["number"]
