"""The numbers of events and sums up to them in columns, and fields of the rows that have a key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate.batch.lower import ColumnCompiler, ColumnRequest, compute_columns
from scorecore.facts.model import PRESENT, SUBJECT, RowsBySubject
from scorecore.language.expressions import Expression, Has, Nth, subexpressions
from scorecore.language.operators.scaled import MAX_128, get_physical_dtype, held_magnitude
from scorecore.language.rows import KeyedField, LatestField, Neighbour, SumTo
from scorecore.values.types import TypeKind

EventValue: TypeAlias = Nth | KeyedField | Has
"""What depends on other rows than the event itself; of `Has` only that of a row with a key, or of a neighbour."""


def find_event_values(expressions: Iterable[Expression]) -> list[EventValue]:
    """What in some expressions about events depends on other rows; what others are made of comes before them."""
    parts = (part for expression in expressions for part in _inner_first(expression))
    return list(
        dict.fromkeys(
            part
            for part in parts
            if isinstance(part, Nth | KeyedField)
            or (isinstance(part, Has) and isinstance(part.operand, KeyedField | Neighbour))
        )
    )


def _inner_first(expression: Expression) -> Iterator[Expression]:
    for part in subexpressions(expression):
        yield from _inner_first(part)
    yield expression


def add_event_values(
    frame: pl.DataFrame, values: Iterable[EventValue], tables: Mapping[str, RowsBySubject], lowering: ColumnCompiler
) -> tuple[pl.DataFrame, dict[Expression, str]]:
    """A frame of events with a column for each of such values, and the names of the columns."""
    names: dict[Expression, str] = {}
    for number, value in enumerate(values):
        inner = evolve(lowering, folds={**lowering.folds, **names})
        if isinstance(value, Has) and isinstance(value.operand, Neighbour):
            column = _read_neighbours(frame, value.operand, inner, asks=True)
        elif isinstance(value, Neighbour):
            column = _read_neighbours(frame, value, inner)
        elif isinstance(value, Nth):
            column = number_events(frame, value, inner)
        else:
            column = _read_keyed(frame, value, tables, inner)
        names[value] = f"#value{number}"
        frame = frame.with_columns(column.alias(names[value]))
    return frame, names


@frozen(eq=False)
class _Ordered:
    """What puts the events of everybody into an order."""

    nth: Nth
    parts: pl.DataFrame
    counts: pl.Expr
    is_unknown: pl.Expr
    """Whether it is unknown if an event counts, or where it stands."""
    keys: tuple[str, ...]
    """What alike events share."""

    @classmethod
    def of(cls, frame: pl.DataFrame, nth: Nth, lowering: ColumnCompiler) -> "_Ordered":
        orders = [ColumnRequest(f"order{number}", order) for number, order in enumerate(nth.orders)]
        requests = [*orders, *([ColumnRequest("by", nth.by)] if nth.by is not None else [])]
        requests += [ColumnRequest("body", nth.body)] if isinstance(nth, SumTo) else []
        required = [pl.col(request.name) for request in requests]
        requests += [ColumnRequest("where", nth.where)] if nth.where is not None else []
        parts = compute_columns(frame, requests, lowering).with_columns(frame[SUBJECT])
        counts = pl.col("where") if nth.where is not None else pl.lit(value=True)
        is_unknown = counts.is_null() | (counts & pl.any_horizontal(part.is_null() for part in required))
        return cls(nth, parts, counts, is_unknown, (SUBJECT, "by") if nth.by is not None else (SUBJECT,))

    def can_be_sorted(self) -> bool:
        return all(order.type.varying == 1 for order in self.nth.orders)

    def sort(self, *columns: pl.Series) -> pl.DataFrame:
        """The events that count of subjects of whom nothing is unknown; `alike` says how many have the same place."""
        orders = [f"order{number}" for number in range(len(self.nth.orders))]
        texts = [
            pl.col(name).cast(pl.String)
            for name, order in zip(orders, self.nth.orders, strict=True)
            if order.type.kind is TypeKind.STRING
        ]
        numbered = self.parts.with_columns(*texts, *columns).with_row_index("row")
        numbered = numbered.with_columns(is_unknown=self.is_unknown.any().over(SUBJECT))
        counted = numbered.filter(self.counts & ~pl.col("is_unknown")).sort(*self.keys, *orders)
        return counted.with_columns(alike=pl.len().over(*self.keys, *orders))


def number_events(frame: pl.DataFrame, nth: Nth, lowering: ColumnCompiler) -> pl.Series:
    """The number of each event; null where it does not count itself, has an equal, or something is unknown."""
    ordered = _Ordered.of(frame, nth, lowering)
    if isinstance(nth, SumTo) or nth.further:
        return _run_in_order(ordered)
    place = pl.when(ordered.counts).then(pl.col("order0"))
    first, last = (place.rank(method).over(ordered.keys) for method in ("min", "max"))
    is_numbered = (first == last) & ~ordered.is_unknown.any().over(SUBJECT)
    return ordered.parts.select(number=pl.when(is_numbered).then(first.cast(pl.Int64)))["number"]


def _run_in_order(ordered: _Ordered) -> pl.Series:
    """Numbers, or sums, of events that are sorted for it; null where there may be no such order."""
    nth, dtype = ordered.nth, get_physical_dtype(ordered.nth.type)
    numbers = pl.Series([None] * len(ordered.parts), dtype=dtype)
    is_held = held_magnitude(nth.type) <= MAX_128 and nth.type.varying == 1
    if not is_held or not ordered.can_be_sorted():  # rows decide
        return numbers
    running = pl.col("body").cast(dtype) if isinstance(nth, SumTo) else pl.lit(1, dtype=dtype)
    counted = ordered.sort().with_columns(body=running)
    sums = counted.select("row", "alike", number=pl.col("body").cum_sum().over(ordered.keys))
    alone = sums.filter(pl.col("alike") == 1)
    return numbers.scatter(alone["row"], alone["number"])


def _read_neighbours(frame: pl.DataFrame, nth: Neighbour, lowering: ColumnCompiler, *, asks: bool = False) -> pl.Series:
    """A field of the event before each or after it, or whether it is there; null where there is no such order."""
    field = frame.select(_is_present(frame, nth.name) if asks else nth.name).to_series()
    values = pl.Series([None] * len(frame), dtype=field.dtype)
    ordered = _Ordered.of(frame, nth, lowering)
    if not ordered.can_be_sorted():  # rows decide
        return values
    step = -1 if nth.is_next else 1
    counted = ordered.sort(field.alias("field"))
    near = counted.select(
        "row",
        "alike",
        field=pl.col("field").shift(step).over(ordered.keys),
        alike_near=pl.col("alike").shift(step).over(ordered.keys),
    )
    if asks:
        is_there = pl.col("alike_near").is_not_null()
        near = near.with_columns(field=pl.when(is_there).then("field").otherwise(pl.lit(value=False)))
    clear = near.filter((pl.col("alike") == 1) & (pl.col("alike_near").fill_null(1) == 1))
    return values.scatter(clear["row"], clear["field"])


def _read_keyed(
    frame: pl.DataFrame, value: KeyedField | Has, tables: Mapping[str, RowsBySubject], lowering: ColumnCompiler
) -> pl.Series:
    """A field of the row that has a key, or whether it is there; null where it is not, or nobody knows."""
    node = value if isinstance(value, KeyedField) else value.operand
    assert isinstance(node, KeyedField)  # noqa: S101  the others are no values of events
    rows = tables.get(node.table)
    if rows is None or any(key.type.is_decimal for key in node.keys):  # rows decide
        return pl.Series([None] * len(frame), dtype=get_physical_dtype(value.type))
    kinds = [key.type.kind for key in node.keys]
    keys = [f"key{number}" for number in range(len(kinds))]
    requests = [ColumnRequest(name, key) for name, key in zip(keys, node.keys, strict=True)]
    wanted = compute_columns(frame, requests, lowering).select(map(_plain_key, keys, kinds, keys))
    others = rows.frame.select(
        SUBJECT,
        *map(_plain_key, node.key_names, kinds, keys),
        value=pl.col(node.name),
        present=_is_present(rows.frame, node.name),
        matches=pl.lit(value=True),
    )
    distrusted = sorted(rows.distrusted)
    wanted, others = wanted.with_columns(frame[SUBJECT]), others.filter(~pl.col(SUBJECT).is_in(distrusted))
    if isinstance(node, LatestField):
        joined = _join_latest(wanted, others, keys)
    else:
        joined = wanted.join(others, on=[SUBJECT, *keys], how="left", maintain_order="left")
    if isinstance(value, KeyedField):
        return joined["value"]
    is_known = pl.all_horizontal(pl.col(key).is_not_null() for key in keys) & ~pl.col(SUBJECT).is_in(distrusted)
    is_present = pl.when("matches").then("present").otherwise(pl.lit(value=False))
    return joined.select(has=pl.when(is_known).then(is_present))["has"]


def _is_present(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Whether a field is there; null where it is bad."""
    present = f"{PRESENT}{name}"
    return pl.col(present) if present in frame.columns else pl.when(pl.col(name).is_not_null()).then(pl.lit(value=True))


def _join_latest(wanted: pl.DataFrame, others: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Beside each the last of the others up to its last key, in the order of `wanted`."""
    *alike, last = keys
    is_whole = wanted[last].dtype == pl.Int128
    order = pl.col(last).cast(pl.Int64) if is_whole else pl.col(last)  # facts have at most 10⁹
    numbered = wanted.with_row_index("row")
    known = numbered.drop_nulls(keys).with_columns(order).sort(last)
    rows = others.with_columns(order).sort(last)
    near = known.join_asof(rows, on=last, by=[SUBJECT, *alike], strategy="backward", check_sortedness=False)
    return numbered.join(near.select("row", "value", "present", "matches"), on="row", how="left", maintain_order="left")


def _plain_key(name: str, kind: TypeKind, alias: str) -> pl.Expr:
    """A part of a key as it can be compared with one of other bounds."""
    dtypes = {TypeKind.STRING: pl.String(), TypeKind.INT: pl.Int128()}
    return (pl.col(name).cast(dtypes[kind]) if kind in dtypes else pl.col(name)).alias(alias)
