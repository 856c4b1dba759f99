"""A period of a lake, decided by `spark-submit`: Parquet folders in, Parquet by period out; see docs/spark.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession

from scorecore.diagnostics.diagnostic import Rejected
from scorecore.evaluate.result_tables import TABLES
from scorecore.language.expressions import HISTORY
from scorecore.library.compiled_policy import load
from scorecore.program.model import Program
from scorecore.spark.decide import decide


def main(arguments: Sequence[str] | None = None) -> int:
    """Decide a period; 1 with its problems on standard error where that cannot be done."""
    options = _parse(arguments)
    try:
        program = load(options.policy, parents=options.parents).program
        session = SparkSession.builder.appName(f"scorecore {program.id} {options.period}").getOrCreate()
        tables = _read_lake(session, program, options.facts)
        decided = decide(program, options.period, tables, parts=options.parts)
    except (Rejected, ValueError) as refused:
        print(refused, file=sys.stderr)  # noqa: T201  a script of its own, run by Spark
        return 1
    for name in (*TABLES, "problems"):
        rows: DataFrame = getattr(decided, name)
        target = f"{options.out.rstrip('/')}/{name}/period={options.period}"
        # the folder's name says the period, as readers of lakes expect it
        rows.drop("period").write.mode("overwrite").parquet(target)
    for diagnostic in decided.diagnostics:
        print(diagnostic, file=sys.stderr)  # noqa: T201  the same
    decided.release()
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scorecore.spark", description=__doc__)
    parser.add_argument("policy", help="the policy file")
    parser.add_argument(
        "--facts", required=True, help="the folder of the lake: a folder or file of Parquet for each table"
    )
    parser.add_argument("--period", required=True)
    parser.add_argument("--out", required=True, help="the folder to which TABLE/period=… is written")
    parser.add_argument("--parts", type=int, help="into how many parts people are divided; default: 100,000 in each")
    parser.add_argument("--parents", action="append", default=[], help="another folder with policies; repeatable")
    return parser.parse_args(arguments)


def _read_lake(session: SparkSession, program: Program, folder: str) -> dict[str, DataFrame]:
    """The tables of the policy that the lake has; a folder may be anywhere that Spark reads from."""
    root = session.sparkContext._jvm.org.apache.hadoop.fs.Path(folder)  # noqa: SLF001  PySpark has no public way to list
    files = root.getFileSystem(session.sparkContext._jsc.hadoopConfiguration())  # noqa: SLF001  the same
    there = {status.getPath().getName().removesuffix(".parquet"): status.getPath() for status in files.listStatus(root)}
    names = (program.schema.subject, *(table.name for table in program.schema.events), HISTORY)
    return {name: session.read.parquet(there[name].toString()) for name in names if name in there}


if __name__ == "__main__":
    sys.exit(main())
