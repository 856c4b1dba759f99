"""Decisions made again from payloads in columns, by either evaluator.

Facts are rebuilt and not checked: whoever writes the payloads anew, and gets the same bytes, has read them right.
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
from scorecore.program.model import AnyStep, FactColumn, GroupStep, Program, Step
from scorecore.record.runs.batch_payloads import batch_payloads
from scorecore.record.runs.payload import columns_of, key_of, tables_of
from scorecore.values.period import Period
from scorecore.values.types import Type, TypeKind

UNKNOWN: Final = b'{"unknown":['
"""What a payload has where something is unknown; of such there are no columns."""
_RESULT: Final = b',"result":{"entries":'
_SUBJECT: Final = b',"subject":"'
_GROUPS: Final = "groups."
"""Before the number of a group value that stands among the facts."""


@frozen(eq=False)
class Again:
    """Decisions made again, in the order of their payloads."""

    made: Decisions
    company: Population

    def payloads(self) -> Iterator[bytes]:
        """The payloads written anew."""
        return batch_payloads(self.made, company=self.company)


def evaluate_from_payloads(
    program: Program, period: Period, payloads: Sequence[bytes], *, by_columns: bool
) -> Again | None:
    """Decide again by payloads in which nothing is unknown; None where one of them cannot be read."""
    own, given = _alone(program)
    columns = {key_of(known.name): one for known, one in zip(columns_of(program), own.schema.columns, strict=True)}
    try:
        facts = _rebuilt(own, period, payloads, columns)
    except pl.exceptions.PolarsError:
        return None
    made = evaluate_batch(own, facts) if by_columns else evaluate_each(own, facts)
    values = [make_readable(pl.col(one.name), one.type).alias(name) for name, one in given.items()]
    return Again(evolve(made, program=program), Population(program, facts, facts.subjects.select(values)))


def _alone(program: Program) -> tuple[Program, Mapping[str, FactColumn]]:
    """The program of decisions that need nobody else: group values are given as facts, whose columns stand by name."""
    given: dict[str, FactColumn] = {}
    steps: list[AnyStep] = []
    for step in program.steps:
        if isinstance(step, GroupStep):
            fact = given[step.name] = FactColumn(f"{_GROUPS}{len(given)}", step.type)
            read = Read(step.type, step.place, fact.name)
            steps.append(Step(step.name, read, held_by=step.held_by, place=step.place))
        else:
            steps.append(step)
    schema = evolve(program.schema, columns=(*program.schema.columns, *given.values()))
    return evolve(program, schema=schema, steps=tuple(steps)), given


def _rebuilt(program: Program, period: Period, payloads: Sequence[bytes], columns: Mapping[str, FactColumn]) -> Facts:
    """The facts of payloads; `columns` are those of the subject by their keys."""
    tables = {name: {key_of(one.name): one for one in several} for name, several in tables_of(program).items()}
    shapes = pl.Struct({name: pl.List(_shape(one)) for name, one in tables.items()})
    whole = pl.Struct({"facts": pl.Struct({"tables": shapes, "values": _shape(columns)}), "subject": pl.String()})
    texts = pl.Series(values=[_without_result(one) for one in payloads], dtype=pl.Binary).cast(pl.String)
    frame = texts.str.json_decode(whole).struct.unnest()
    values, lists = (frame["facts"].struct.field(name) for name in ("values", "tables"))
    subjects = pl.DataFrame([_no_rows(len(frame)), *_typed(values, columns, present=True)])
    used = {table.name for table in program.schema.events if table.use}
    rows = {
        name: _rows(lists.struct.field(name), one, present=name not in used | {HISTORY}) for name, one in tables.items()
    }
    return Facts(period, frame["subject"].alias("id"), subjects, rows)


def _without_result(payload: bytes) -> bytes:
    result, subject = payload.find(_RESULT), payload.rfind(_SUBJECT)
    return payload[:result] + payload[subject:]


def _shape(columns: Mapping[str, FactColumn]) -> pl.Struct:
    """An object as Polars reads it: numbers, which may be texts, as texts."""
    return pl.Struct(
        {key: pl.Boolean() if one.type.kind is TypeKind.BOOL else pl.String() for key, one in columns.items()}
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
    for key, one in columns.items():
        values = _values(objects.struct.field(key), one.type).alias(one.name)
        yield values
        if one.optional and present:
            yield values.is_not_null().alias(f"{PRESENT}{one.name}")


def _values(texts: pl.Series, of: Type) -> pl.Series:
    """Canonical texts as a column of their type."""
    if of.is_number:
        wide = texts.str.to_decimal(scale=of.places).cast(pl.Decimal(38, of.places)).reinterpret(dtype=pl.Int128)
        return wide.cast(get_physical_dtype(of), strict=False)
    if of.kind is TypeKind.DATE:
        return _within_years(texts.str.to_date("%Y-%m-%d", strict=False, exact=True))
    if of.kind is TypeKind.TIMESTAMP:
        moments = texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False, exact=True)
        return _within_years(moments)
    return texts.cast(get_physical_dtype(of), strict=False)


def _within_years(found: pl.Series) -> pl.Series:
    if not found.dt.year().is_between(MINYEAR, MAXYEAR).all():
        raise pl.exceptions.OutOfBoundsError("Python knows no such year")
    return found
