"""Decisions made again from payloads in columns, by either evaluator.

Facts are rebuilt and not checked: if the payloads that are written of them again have the same bytes, they were read
right.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate.batch.evaluator import Population, evaluate_batch, evaluate_each
from scorecore.evaluate.decisions import Decisions
from scorecore.facts.model import PRESENT, ROW, SUBJECT, Facts, RowsBySubject
from scorecore.facts.readable import make_readable
from scorecore.language.expressions import HISTORY, Read
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.program.steps import AnyStep, GroupStep, Step
from scorecore.record.runs.batch_payloads import batch_payloads
from scorecore.record.runs.payload import columns_of, key_of, tables_of
from scorecore.values.period import Period
from scorecore.values.types import Type, TypeKind

UNKNOWN: Final = b'{"unknown":['
"""What a payload has where something is unknown; of such there are no columns."""
_RESULT: Final = b',"result":{"entries":'
_SUBJECT: Final = b',"subject":"'
_GROUPS: Final = "groups."
"""Before the number of a group value among the facts."""


@frozen(eq=False)
class Replayed:
    """Decisions made again, in the order of their payloads."""

    decisions: Decisions
    population: Population

    def payloads(self) -> Iterator[bytes]:
        """The payloads written again."""
        return batch_payloads(self.decisions, population=self.population)


def evaluate_from_payloads(
    program: Program, period: Period, payloads: Sequence[bytes], *, by_columns: bool
) -> Replayed | None:
    """Decide again by payloads in which nothing is unknown; None where one of them cannot be read."""
    isolated, group_facts = _isolate(program)
    pairs = zip(columns_of(program), isolated.schema.columns, strict=True)
    columns = {key_of(column.name): fact for column, fact in pairs}
    try:
        facts = _read_facts(isolated, period, payloads, columns)
    except pl.exceptions.PolarsError:
        return None
    decisions = evaluate_batch(isolated, facts) if by_columns else evaluate_each(isolated, facts)
    values = [make_readable(pl.col(fact.name), fact.type).alias(name) for name, fact in group_facts.items()]
    population = Population(program, facts, facts.subjects.select(values))
    return Replayed(evolve(decisions, program=program), population)


def _isolate(program: Program) -> tuple[Program, Mapping[str, FactColumn]]:
    """The program of decisions that need nobody else: group values are facts, with their columns by name."""
    group_facts: dict[str, FactColumn] = {}
    steps: list[AnyStep] = []
    for step in program.steps:
        if isinstance(step, GroupStep):
            fact = group_facts[step.name] = FactColumn(f"{_GROUPS}{len(group_facts)}", step.type)
            read = Read(step.type, step.place, fact.name)
            steps.append(Step(step.name, read, held_by=step.held_by, place=step.place))
        else:
            steps.append(step)
    schema = evolve(program.schema, columns=(*program.schema.columns, *group_facts.values()))
    return evolve(program, schema=schema, steps=tuple(steps)), group_facts


def _read_facts(
    program: Program, period: Period, payloads: Sequence[bytes], columns: Mapping[str, FactColumn]
) -> Facts:
    """The facts of payloads; `columns` are those of the subject by their keys."""
    tables = {name: {key_of(column.name): column for column in fields} for name, fields in tables_of(program).items()}
    shapes = pl.Struct({name: pl.List(_shape(fields)) for name, fields in tables.items()})
    shape = pl.Struct({"facts": pl.Struct({"tables": shapes, "values": _shape(columns)}), "subject": pl.String()})
    texts = pl.Series(values=[_without_result(payload) for payload in payloads], dtype=pl.Binary).cast(pl.String)
    frame = texts.str.json_decode(shape).struct.unnest()
    values, lists = (frame["facts"].struct.field(name) for name in ("values", "tables"))
    subjects = pl.DataFrame([_no_rows(len(frame)), *_typed(values, columns, present=True)])
    dependencies = {table.name for table in program.schema.events if table.use}
    rows = {
        name: _rows(lists.struct.field(name), fields, present=name not in dependencies | {HISTORY})
        for name, fields in tables.items()
    }
    return Facts(period, frame["subject"].alias("id"), subjects, rows)


def _without_result(payload: bytes) -> bytes:
    result, subject = payload.find(_RESULT), payload.rfind(_SUBJECT)
    return payload[:result] + payload[subject:]


def _shape(columns: Mapping[str, FactColumn]) -> pl.Struct:
    """An object as Polars reads it: numbers, which may be texts, as texts."""
    return pl.Struct(
        {key: pl.Boolean() if column.type.kind is TypeKind.BOOL else pl.String() for key, column in columns.items()}
    )


def _rows(lists: pl.Series, columns: Mapping[str, FactColumn], *, present: bool) -> RowsBySubject:
    if lists.null_count():
        raise pl.exceptions.NoDataError("a payload has no such table")
    counts = lists.list.len()
    flat = lists.explode(empty_as_null=False)
    subjects = pl.int_range(len(lists), dtype=pl.UInt32, eager=True).to_frame("subject")
    numbers = subjects.select(pl.col("subject").repeat_by(counts).explode(empty_as_null=False)).to_series()
    series = [_no_rows(len(flat)), *_typed(flat, columns, present=present), numbers.alias(SUBJECT)]
    return RowsBySubject(pl.DataFrame(series), counts.cum_sum().cast(pl.UInt32))


def _no_rows(count: int) -> pl.Series:
    """In a file no row has the number 0; a payload has no file."""
    return pl.repeat(0, count, dtype=pl.UInt32, eager=True).alias(ROW)


def _typed(objects: pl.Series, columns: Mapping[str, FactColumn], *, present: bool) -> Iterator[pl.Series]:
    for key, column in columns.items():
        values = _values(objects.struct.field(key), column.type).alias(column.name)
        yield values
        if column.optional and present:
            yield values.is_not_null().alias(f"{PRESENT}{column.name}")


def _values(texts: pl.Series, accepted: Type) -> pl.Series:
    """Canonical texts as a column of their type."""
    if accepted.is_number:
        decimals = texts.str.to_decimal(scale=accepted.places).cast(pl.Decimal(38, accepted.places))
        return decimals.reinterpret(dtype=pl.Int128).cast(get_physical_dtype(accepted), strict=False)
    if accepted.kind is TypeKind.DATE:
        return _within_years(texts.str.to_date("%Y-%m-%d", strict=False, exact=True))
    if accepted.kind is TypeKind.TIMESTAMP:
        moments = texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False, exact=True)
        return _within_years(moments)
    return texts.cast(get_physical_dtype(accepted), strict=False)


def _within_years(dates: pl.Series) -> pl.Series:
    if not dates.dt.year().is_between(MINYEAR, MAXYEAR).all():
        raise pl.exceptions.OutOfBoundsError("Python knows no such year")
    return dates
