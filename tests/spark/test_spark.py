"""The law of Spark: however rows are divided and whatever fails, it decides what one machine decides."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.evaluate.result_tables import TABLES, tables
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.io.readers import read_facts
from scorecore.language.expressions import HISTORY
from scorecore.parts.decide import to_arrow
from scorecore.parts.job import PartsRejected
from scorecore.program.model import Program
from scorecore.spark import SparkDecisions, decide
from scorecore.spark.__main__ import main
from scorecore_cli.workspace import Workspace
from strategies.cases import compiled

pytestmark = pytest.mark.spark

POLICIES: Final = Path(__file__).parents[2] / "policies"
SAMPLES: Final = (
    ("galaxy/branch.toml", "galaxy/facts", "2024-05"),
    ("credit_union/points.toml", "credit_union/facts", "2024-05"),
    ("tender/contract.toml", "tender/facts", "2024-05"),
    ("mall/branch.toml", "mall/facts", "2024-05"),
    ("tender/fee.toml", "tender/facts", "2024-05"),
)
Frames = Mapping[str, pl.DataFrame]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    builder = SparkSession.builder.master("local[2,4]").appName("scorecore tests")
    settings = {"ui.enabled": "false", "sql.shuffle.partitions": "2", "driver.bindAddress": "127.0.0.1"}
    for name, value in settings.items():
        builder = builder.config(f"spark.{name}", value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def load(policy: str, facts: str, label: str) -> tuple[Program, Frames]:
    """A policy and its facts, with the earlier periods that they have decided as history."""
    checked = Workspace.open().check(POLICIES / policy)
    assert checked.program is not None
    program = checked.program
    period = program.period.period(label)
    assert period is not None
    raw = read_facts(POLICIES / facts, Diagnostics())
    if program.schema.history:
        raw = dict(PeriodRunner(program, checked.used).with_past(period, raw))
    names = {program.schema.subject, HISTORY, *(table.name for table in program.schema.events)}
    return program, {name: table.frame for name, table in raw.items() if name in names}


def decide_here(program: Program, label: str, frames: Frames) -> tuple[Frames, list[str]]:
    """What one machine decides, and the problems that it finds."""
    diagnostics, period = Diagnostics(), program.period.period(label)
    assert period is not None
    raw = {name: RawTable(frame, name, first_row=1) for name, frame in frames.items()}
    decisions = PeriodRunner(program).decide(period, raw, diagnostics)
    results = {} if decisions is None else tables(decisions, Diagnostic.message)
    return {name: pl.DataFrame(to_arrow(frame)) for name, frame in results.items()}, list(map(str, diagnostics))


def spread(spark: SparkSession, frames: Frames) -> dict[str, DataFrame]:
    """The same rows as DataFrames of Spark."""
    spread_tables = {}
    for name, frame in frames.items():
        table = frame.to_arrow()
        texts = [
            (field.name, pa.string() if pa.types.is_large_string(field.type) else field.type) for field in table.schema
        ]
        spread_tables[name] = spark.createDataFrame(table.cast(pa.schema(texts)))
    return spread_tables


def assert_same(here: tuple[Frames, list[str]], there: SparkDecisions) -> None:
    frames, problems = here
    assert list(map(str, there.diagnostics)) == problems
    assert there.problems.count() == len(problems)
    for name in TABLES:
        decided = pl.DataFrame(pl.from_arrow(getattr(there, name).toArrow()))
        if not frames:
            assert not len(decided)
            continue
        columns = frames[name].columns
        assert decided.schema == frames[name].schema
        assert decided.sort(columns, nulls_last=True).equals(frames[name].sort(columns, nulls_last=True)), name
    there.release()


@pytest.mark.parametrize(("policy", "facts", "label"), SAMPLES)
def test_spark_decides_what_one_machine_decides(spark: SparkSession, policy: str, facts: str, label: str) -> None:
    """With one part and seven, of rows in their order and shuffled ones: results, reasons with places, problems."""
    program, frames = load(policy, facts, label)
    for parts, is_shuffled in ((1, False), (7, True)):
        rows = {
            name: frame.sample(fraction=1, shuffle=True, seed=parts) if is_shuffled else frame
            for name, frame in frames.items()
        }
        assert_same(decide_here(program, label, rows), decide(program, label, spread(spark, rows), parts=parts))


def test_empty_partitions_and_tables(spark: SparkSession) -> None:
    """More parts than people, a partition without rows, a table without rows, and nobody at all."""
    program, frames = load(*SAMPLES[0])
    few = {name: frame.head(2) if name == program.schema.subject else frame.clear() for name, frame in frames.items()}
    few[HISTORY] = frames[HISTORY]
    for rows in (few, {name: frame.clear() for name, frame in frames.items()}):
        sparse = {name: table.repartition(5) for name, table in spread(spark, rows).items()}
        ordered = {name: pl.DataFrame(pl.from_arrow(table.toArrow())) for name, table in sparse.items()}
        assert_same(decide_here(program, SAMPLES[0][2], ordered), decide(program, SAMPLES[0][2], sparse, parts=4))


def test_a_killed_worker_changes_nothing(spark: SparkSession, tmp_path: Path) -> None:
    """Spark tries the task again, and the results are the same."""
    program, frames = load(*SAMPLES[0])
    marker = str(tmp_path / "killed")

    def kill_once(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from batches
        if os.path.exists(marker + ".armed") and not os.path.exists(marker):  # noqa: PTH110  in another process
            with open(marker, "w", encoding="ascii"):  # noqa: PTH123
                os.kill(os.getpid(), signal.SIGKILL)

    facts = spread(spark, frames)
    subject = facts[program.schema.subject]
    facts[program.schema.subject] = subject.mapInArrow(kill_once, subject.schema)
    Path(marker + ".armed").touch()
    decided = decide(program, SAMPLES[0][2], facts, parts=3)
    assert Path(marker).exists()
    assert_same(decide_here(program, SAMPLES[0][2], frames), decided)


PRIZE: Final = f"""{HEAD}
[facts.person]
sales = {{ type = "int", min = 0, max = 100 }}
team  = {{ type = "string" }}

[groups.team]
label = "everybody"
by    = "team"
ties  = "first"
held  = "wait"

[[pay]]
id     = "prize"
label  = "prize"
kind   = "earning"
amount = "decimal(rank(sales, 'team')) + pool(100.00, sales, 'team', 2)"
"""


def test_groups_stay_whole_or_are_refused_by_name(spark: SparkSession) -> None:
    """A group by a key is in one part; one of everybody would need all parts."""
    people = pl.DataFrame(
        [(f"P{n}", f"{n * 7 % 11}", f"T{n % 5}") for n in range(60)], ["person", "sales", "team"], orient="row"
    )
    by_team, _ = compiled(PRIZE)
    of_all, _ = compiled(PRIZE.replace('by    = "team"\n', ""))
    assert by_team is not None
    assert of_all is not None
    frames = {"person": people}
    assert_same(decide_here(by_team, "2024-05", frames), decide(by_team, "2024-05", spread(spark, frames), parts=3))
    with pytest.raises(PartsRejected, match="everybody"):
        decide(of_all, "2024-05", spread(spark, frames))


def test_the_script_writes_parquet_by_period(spark: SparkSession, tmp_path: Path) -> None:
    """A folder of a lake in, folders by period out; a period that is decided again is replaced."""
    policy, _, label = SAMPLES[0]
    program, frames = load(*SAMPLES[0])
    for name, frame in frames.items():
        (tmp_path / "lake" / name).mkdir(parents=True)
        frame.write_parquet(tmp_path / "lake" / name / "part-0.parquet")
    arguments = [str(POLICIES / policy), "--facts", str(tmp_path / "lake"), "--period", label, "--out"]
    for _ in range(2):
        main([*arguments, str(tmp_path / "out"), "--parts", "2"])
    expected, _ = decide_here(program, label, frames)
    written = spark.read.parquet(str(tmp_path / "out" / "decisions" / f"period={label}"))
    rows: Any = pl.DataFrame(pl.from_arrow(written.toArrow()))
    columns = [column for column in expected["decisions"].columns if column != "period"]
    assert rows.select(columns).sort(columns).equals(expected["decisions"].select(columns).sort(columns))
