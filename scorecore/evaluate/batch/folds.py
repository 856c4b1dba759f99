"""Folds over events and history in columns: no group-by and no join.

Rows lie sorted by subject, with an end offset for each. A sum is one running sum over all rows, read at the ends; it
may wrap around, since the difference of two readings is exact and fits.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl
from attrs import frozen

from scorecore.evaluate.batch.lower import (
    OUTER,
    ColumnCompiler,
    ColumnRequest,
    compute_columns,
)
from scorecore.evaluate.batch.numbering import add_event_values, find_event_values
from scorecore.facts.model import PRESENT, SUBJECT, RowsBySubject
from scorecore.language.build import apply_operator, make_constant
from scorecore.language.expressions import (
    AGO,
    DependencyValue,
    EventFold,
    Exists,
    ExistsOne,
    Expression,
    ForAll,
    Has,
    HistoryAt,
    Latest,
    PrecedingRun,
    Read,
    SumOver,
    constant_value,
    walk,
)
from scorecore.language.operators.scaled import (
    MAX_128,
    get_physical_dtype,
    held_magnitude,
    make_constant_column,
)
from scorecore.language.rows import GreatestOver, LeastOver
from scorecore.language.sugar import desugar


@frozen(eq=False)
class Gathered:
    """The rows of a table with the subject's values that some expressions read beside them."""

    rows: RowsBySubject
    frame: pl.DataFrame
    numbers: Mapping[Expression, str]
    """The columns in which the numbers of events, and fields of rows with a key, are found."""

    @property
    def starts(self) -> pl.Series:
        return self.rows.ends.shift(1, fill_value=0)


def gather(
    rows: RowsBySubject,
    subjects: pl.DataFrame,
    expressions: Sequence[Expression],
    lowering: ColumnCompiler,
    tables: Mapping[str, RowsBySubject],
) -> Gathered:
    """Put what expressions read of the subjects, and of other rows, beside each row."""
    names: dict[str, None] = {}
    for part in (part for expression in expressions for part in walk(expression)):
        if isinstance(part, Read):
            names[part.name] = None
        elif isinstance(part, Has) and isinstance(part.operand, Read):
            names[f"{PRESENT}{part.operand.name}"] = None
    number_of = rows.frame[SUBJECT]
    beside = [subjects[name].gather(number_of).alias(f"{OUTER}{name}") for name in names if name in subjects.columns]
    frame = rows.frame.with_columns(beside) if beside else rows.frame
    return Gathered(rows, *add_event_values(frame, find_event_values(expressions), tables, lowering))


def fold_events(gathered: Gathered, lowering: ColumnCompiler, folds: Sequence[EventFold]) -> list[pl.Series]:
    """The value of folds over events for each subject; null where one of the rows is unknown or not trusted."""
    counted = [fold for fold in folds if not isinstance(fold, GreatestOver | LeastOver)]
    requests = [ColumnRequest(f"#{number}", count_hits(fold)) for number, fold in enumerate(counted)]
    parts = compute_columns(gathered.frame, requests, lowering)
    named = dict(zip(counted, requests, strict=True))
    columns = []
    for fold in folds:
        if isinstance(fold, GreatestOver | LeastOver):
            columns.append(_without_distrusted(_find_extreme(gathered, lowering, fold), gathered.rows))
            continue
        request = named[fold]
        if fold.type.is_number and held_magnitude(fold.type) > MAX_128:  # rows decide: exact where 128 bits are not
            columns.append(
                pl.Series(request.name, [None] * len(gathered.rows.ends), dtype=get_physical_dtype(fold.type))
            )
            continue
        total = _sum_by_subject(_widen(parts[request.name], fold), gathered.rows.ends)
        columns.append(_without_distrusted(_answer(fold, total), gathered.rows))
    return columns


def _find_extreme(gathered: Gathered, lowering: ColumnCompiler, fold: GreatestOver | LeastOver) -> pl.Series:
    """The greatest or least of the events of each subject; null where there is none, or one is unknown."""
    dtype = get_physical_dtype(fold.type)
    extremes = pl.Series([None] * len(gathered.rows.ends), dtype=dtype)
    if fold.type.is_number and (fold.type.varying > 1 or held_magnitude(fold.type) > MAX_128):  # rows decide
        return extremes
    requests = [ColumnRequest("body", fold.body)]
    requests += [] if fold.where is None else [ColumnRequest("where", fold.where)]
    parts = compute_columns(gathered.frame, requests, lowering).with_columns(gathered.frame[SUBJECT])
    counts = pl.lit(value=True) if fold.where is None else pl.col("where")
    chosen = pl.when(counts).then(pl.col("body"))
    is_unknown = counts.is_null() | (counts & pl.col("body").is_null())
    by_subject = parts.group_by(SUBJECT).agg(
        extreme=chosen.max() if isinstance(fold, GreatestOver) else chosen.min(), is_unknown=is_unknown.any()
    )
    known = by_subject.filter(~pl.col("is_unknown") & pl.col("extreme").is_not_null())
    return extremes.scatter(known[SUBJECT], known["extreme"])


def _widen(part: pl.Series, fold: EventFold) -> pl.Series:
    """Hits in a type that holds the sum of a subject, which can be wider than that of one row."""
    return part.cast(get_physical_dtype(fold.type)) if isinstance(fold, SumOver) else part


def _sum_by_subject(part: pl.Series, ends: pl.Series) -> pl.Series:
    total = _between(part.fill_null(0) if part.null_count() else part, ends)
    if not part.null_count():
        return total
    unknown = _between(part.is_null().cast(pl.Int64), ends)
    return total.to_frame("total").select(pl.when(unknown == 0).then(pl.col("total")))["total"].alias(part.name)


def _between(part: pl.Series, ends: pl.Series) -> pl.Series:
    """The difference of a running sum between the ends of two subjects."""
    if not len(part):
        return pl.zeros(len(ends), dtype=part.dtype, eager=True).alias(part.name)
    last = (ends.cast(pl.Int64) - 1).set(ends == 0, None)
    at_end = part.cum_sum().gather(last).fill_null(0)
    return (at_end - at_end.shift(1, fill_value=0)).alias(part.name)


def _without_distrusted(values: pl.Series, rows: RowsBySubject) -> pl.Series:
    if not rows.distrusted:
        return values
    return values.clone().scatter(sorted(rows.distrusted), None)


def count_hits(fold: EventFold) -> Expression:
    """How much a row counts towards a fold over events."""
    place = fold.place
    zero, unit = (make_constant(number, place) for number in (0, 1))
    match fold:
        case SumOver(body=body):
            hit: Expression = body
            zero = make_constant(Decimal(0), place) if fold.type.is_decimal else zero
        case Exists(body=body) | ExistsOne(body=body):
            hit = apply_operator("if", (body, unit, zero), place)
        case ForAll(body=body):
            hit = apply_operator("if", (apply_operator("not", (body,), place), unit, zero), place)
        case _:
            hit = unit
    return hit if fold.where is None else desugar(apply_operator("if", (fold.where, hit, zero), place))


def _answer(fold: EventFold, total: pl.Series) -> pl.Series:
    """What a fold over events makes of the total of its hits."""
    match fold:
        case Exists():
            return total > 0
        case ForAll():
            return total == 0
        case ExistsOne():
            return total == 1
    return total


PastValue = HistoryAt | Latest | PrecedingRun | DependencyValue
"""What is read of earlier periods, or of decisions of another policy."""


def read_past(gathered: Gathered, lowering: ColumnCompiler, value: PastValue) -> pl.Series:
    """A value of earlier periods, or of decisions of another policy."""
    return _without_distrusted(_read_past(gathered, lowering, value), gathered.rows)


def _read_past(gathered: Gathered, lowering: ColumnCompiler, value: PastValue) -> pl.Series:
    ends, starts = gathered.rows.ends.cast(pl.Int64), gathered.starts.cast(pl.Int64)
    first = starts.set(starts == ends, None)
    match value:
        case PrecedingRun(condition=condition):
            return _count_run(gathered, lowering, condition, starts, ends)
        case DependencyValue(field=decided):  # where there are two rows, nothing is trusted
            return gathered.frame[decided.name].gather(first)
        case HistoryAt(field=earlier, ago=ago):
            rows = gathered.frame.filter(pl.col(AGO) == ago).select(SUBJECT, earlier=pl.col(earlier.name))
            # a history that has a period twice is not trusted, so it does not matter which row stays
            return rows["earlier"].clear(len(ends)).scatter(rows[SUBJECT], rows["earlier"])
        case Latest(field=latest, default=default):
            opening = make_constant_column(constant_value(default), value.type).expr
            frame = pl.DataFrame({"latest": gathered.frame[latest.name].gather(first), "none": starts == ends})
            return frame.select(pl.when("none").then(opening).otherwise(pl.col("latest")).alias("latest"))["latest"]


def _count_run(
    gathered: Gathered, lowering: ColumnCompiler, condition: Expression, starts: pl.Series, ends: pl.Series
) -> pl.Series:
    """Rows from the latest on, without a gap, until the first that does not meet the condition."""
    here = pl.int_range(pl.len(), dtype=pl.Int64)
    frame = gathered.frame.with_columns(start=starts.gather(gathered.frame[SUBJECT]))
    follows = pl.col(AGO) == here - pl.col("start") + 1
    marked = frame.select(
        meets=pl.when(follows).then(lowering.expr(condition)).when(~follows).then(pl.lit(value=False))
    ).select(
        stop=pl.when(pl.col("meets").fill_null(value=False)).then(None).otherwise(here).backward_fill(),
        unknown=pl.col("meets").is_null(),
    )
    first = marked["stop"].gather(starts.set(starts == ends, None))
    runs = pl.DataFrame({"first": first, "start": starts, "end": ends}).select(
        stop=pl.min_horizontal("first", "end"), start="start", end="end"
    )
    inside = runs.select(inside=pl.when(pl.col("stop") < pl.col("end")).then(pl.col("stop")))["inside"]
    unknown = marked["unknown"].gather(inside).fill_null(value=False)
    return runs.select(run=pl.when(~unknown).then(pl.col("stop") - pl.col("start")))["run"]
