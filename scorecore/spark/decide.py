"""A period decided by Spark: tables are surveyed, cut into blobs by subject, decided part by part, and unpacked."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import accumulate
from typing import Any, Final

import polars as pl
import pyarrow as pa
from attrs import frozen
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sql
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
from pyspark.sql.types import StructField, StructType

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.result_tables import TABLES
from scorecore.facts.headings import is_heading
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.parts.decide import PROBLEMS, decide_part
from scorecore.parts.divide import Divider
from scorecore.parts.job import PartJob, PartsRejected
from scorecore.parts.problems import merge_problems, problems_table, read_problems
from scorecore.parts.survey import PeriodSurvey
from scorecore.program.model import Program
from scorecore.spark.blobs import BUCKET, SPARK_SCHEMA, as_frame, unpack_table
from scorecore.spark.workers import PLACE, REJECTED, Cutter, PartDecider, Surveyor, Unpacker, join_blobs
from scorecore.values.period import Period

_PEOPLE_OF_PART: Final = 100_000
"""How many subjects a part has, where nobody says how many parts there are."""


@frozen(eq=False)
class SparkDecisions:
    """The results of a period. What was decided is kept by Spark until `release`; nothing is decided twice."""

    decisions: DataFrame
    entries: DataFrame
    pay: DataFrame
    holds: DataFrame
    """What is held, with the code, the reason and the place of each cause."""
    problems: DataFrame
    diagnostics: tuple[Diagnostic, ...]
    """The problems, as one machine finds them."""
    _blobs: DataFrame

    def release(self) -> None:
        """Let Spark forget what was decided; the DataFrames cannot be used afterwards."""
        self._blobs.unpersist()


def decide(
    program: Program,
    period: str,
    tables: Mapping[str, DataFrame],
    *,
    parts: int | None = None,
    known_at: date | None = None,
) -> SparkDecisions:
    """Decide a period for everybody, exactly as one machine does.

    `tables` has the facts by the names of the policy's tables, and under `history` the decisions of earlier periods; a
    table that is not there is missing, and one without rows is empty. `parts` is into how many parts the subjects are
    divided. The rows of a DataFrame must come in the same order when Spark reads them again, as those of files do:
    reasons name the number of a row.

    Raises PartsRejected where a part would need the others: for groups of more than one key or of everybody, and for
    decisions of used policies. Raises ValueError for a period or a table that the policy does not have.
    """
    decided_period = program.period.period(period)
    if decided_period is None:
        raise ValueError(f"{period} is not a period of {program.id}; write it like {program.period.example}")
    names = (program.schema.subject, *(table.name for table in program.schema.events), HISTORY)
    unknown = [name for name in tables if name not in names]
    if unknown or not tables:
        raise ValueError(f"{program.id} has the tables {', '.join(names)}, not {', '.join(unknown) or 'none'}")
    surveyed = {name: _survey(program, decided_period, name, table) for name, table in tables.items()}
    job = PartJob(program, decided_period, {name: table.whole for name, table in surveyed.items()}, known_at)
    people = surveyed[program.schema.subject].rows if program.schema.subject in surveyed else 0
    session = next(iter(tables.values())).sparkSession
    count = parts or max(people // _PEOPLE_OF_PART + 1, session.sparkContext.defaultParallelism)
    blobs = _decide_parts(session, job, surveyed, count).persist(StorageLevel.MEMORY_AND_DISK)
    return _open_results(session, job, blobs)


@frozen(eq=False)
class _SurveyedTable:
    """A table, of which it is known how many rows each partition has, and what they say about periods."""

    table: DataFrame
    """Its columns by their numbers, and the place of each row."""
    schema: pa.Schema
    whole: RawTable
    starts: Mapping[int, int]
    rows: int


def _survey(program: Program, period: Period, name: str, table: DataFrame) -> _SurveyedTable:
    schema = to_arrow_schema(table.schema, timezone="UTC")
    survey = PeriodSurvey(program, period, name)
    numbered = table.toDF(*map(str, range(len(schema))))  # Spark takes a dot in a heading for a path
    placed = numbered.withColumn(PLACE, sql.monotonically_increasing_id())
    found = placed.mapInArrow(Surveyor(survey, schema.names), SPARK_SCHEMA).collect()
    counts: Counter[int] = Counter()
    for partition, _, count, packed in found:
        counts[partition] += count  # Spark may hold the rows of one partition in more than one
        survey.merge(pickle.loads(packed))  # noqa: S301  our own workers hand it over
    ends = list(accumulate(counts[partition] for partition in sorted(counts)))
    starts = dict(zip(sorted(counts), (1, *(end + 1 for end in ends)), strict=False))
    whole = RawTable(as_frame(schema.empty_table()), name, first_row=1, whole=survey.finish())
    return _SurveyedTable(placed, schema, whole, starts, counts.total())


def _decide_parts(session: SparkSession, job: PartJob, surveyed: Mapping[str, _SurveyedTable], count: int) -> DataFrame:
    """The results of all parts as blobs; each part is one partition."""
    divider = Divider(job.program, count)
    subjects = surveyed.get(job.program.schema.subject)
    if job.cut_by and subjects is not None:
        divider.add_subjects(_collect_keys(job, subjects))
    every_bucket = [(bucket, "", 0, b"") for bucket in range(count)]  # a part without rows has its problems, too
    blobs = session.createDataFrame(every_bucket, SPARK_SCHEMA)
    for name, table in surveyed.items():
        cutter = Cutter(name, divider, table.schema.names, table.starts)
        blobs = blobs.union(table.table.mapInArrow(cutter, SPARK_SCHEMA))
    by_part = blobs.repartitionById(count, BUCKET)
    return by_part.mapInArrow(PartDecider(job.pack(), job.period.label), SPARK_SCHEMA)


def _collect_keys(job: PartJob, subjects: _SurveyedTable) -> pl.DataFrame:
    """The ids and group keys of everybody: which groups share somebody decides which of them stay together."""
    schema = job.program.schema
    column = next(column for column in schema.columns if column.name == job.cut_by)
    texts = {schema.subject, schema.label, column.name, column.label} - {""}
    kept = [number for number, heading in enumerate(subjects.schema.names) if is_heading(heading, texts)]
    keys = subjects.table.select(*map(str, kept)).toArrow()
    return as_frame(keys.rename_columns([subjects.schema.names[number] for number in kept]))


def _open_results(session: SparkSession, job: PartJob, blobs: DataFrame) -> SparkDecisions:
    """The tables of the results; decides everybody, once."""
    is_told = sql.col("table").isin(PROBLEMS, REJECTED)
    seen = blobs.select("table", "rows", sql.when(is_told, sql.col("blob")).alias("blob")).collect()
    rejected = [pickle.loads(blob) for name, _, blob in seen if name == REJECTED]  # noqa: S301  our own workers
    if rejected:
        raise PartsRejected(rejected[0])
    people = sum(rows for name, rows, _ in seen if name == TABLES[0])
    diagnostics = merge_problems(_read_all_problems(seen), people)
    problems = session.createDataFrame(_fit(problems_table(diagnostics).to_arrow()))
    empty = {name: join_blobs(table.frame, ()) for name, table in job.whole.items()}
    schemas = {name: table.schema for name, table in decide_part(job.pack(), job.period.label, empty).items()}
    opened = {name: _unpack(blobs, name, schemas[name]) for name in TABLES}
    return SparkDecisions(**opened, problems=problems, diagnostics=diagnostics, blobs=blobs)


def _read_all_problems(seen: list[Any]) -> Iterator[Diagnostic]:
    for name, _, blob in seen:
        if name == PROBLEMS:
            yield from read_problems(pl.DataFrame(pl.from_arrow(unpack_table(blob))))


def _unpack(blobs: DataFrame, name: str, arrow: pa.Schema) -> DataFrame:
    """The rows of one table of the results."""
    schema = pa.schema([(field.name, _narrow(field.type)) for field in arrow])
    row = StructType([StructField("row", from_arrow_schema(schema))])
    return blobs.filter(sql.col("table") == name).mapInArrow(Unpacker(schema), row).select("row.*")


def _narrow(dtype: pa.DataType) -> pa.DataType:
    """A type as Spark has it: texts with short offsets, whole numbers with a sign."""
    if pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype) or pa.types.is_dictionary(dtype):
        return pa.string()
    return {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64()}.get(dtype, dtype)


def _fit(table: pa.Table) -> pa.Table:
    return table.cast(pa.schema([(field.name, _narrow(field.type)) for field in table.schema]))
