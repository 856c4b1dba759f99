"""The shared workload broker-month: our columns, decisions only, against its exact Polars program.

The workload, its reference and the program written by hand are read from the folder of the shared benchmark; without it
there is nothing to compare, and this says so. The reference is right to the cent; both programs must equal it.
"""

import argparse
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sidebyside

POLICY = sidebyside.HERE / "broker_month" / "policy.toml"
SHARED = sidebyside.HERE.parent.parent / "shared" / "bench"
NEEDED = ("workload.py", "reference.py", "e_polars.py", "base.py")
OURS, WITH_INTAKE, WRITTEN = "ours, decisions only", "ours, taking facts in as well", "by hand, exact decimals"
AGAINST = {OURS: WRITTEN, WITH_INTAKE: WRITTEN, WRITTEN: WRITTEN}
COLUMNS = {
    "discipline": "items.discipline",
    "complaint": "items.complaint",
    "target": "items.target",
    "deductions": "items.deductions",
    "total": "score.total",
    "assessed": "pay.assessed",
    "risk": "pay.risk",
    "pay": "pay.net",
}
"""Where our decisions have what the workload asks for; its commission is a value between, and no result of ours."""


def main() -> int:
    options = _options()
    missing = [name for name in NEEDED if not (options.shared / name).exists()]
    if missing:
        print(f"skipped: the shared benchmark is not there ({options.shared} lacks {', '.join(missing)})")
        return 0
    if find_spec("pyarrow") is None:
        print("skipped: pyarrow is not installed, with which the shared benchmark makes its workload")
        return 0
    sys.path.insert(0, str(options.shared))
    sidebyside.DATA.mkdir(exist_ok=True)
    if options.job:
        sidebyside.pin()
        print(json.dumps(_job(options)))
        return 0
    people = 20_000 if options.quick else options.people
    arguments = [f"--people={people}", f"--shared={options.shared}"]
    print(f"\nbroker-month, {people:,} people, {options.cores} core(s)")
    records_by_job = sidebyside.rounds(
        __file__, list(AGAINST), arguments, options.cores, 1 if options.quick else options.rounds
    )
    sidebyside.show(records_by_job, AGAINST, people, "people")
    differing = {name: max(record["differing"] for record in records) for name, records in records_by_job.items()}
    print("  rows that differ from the reference: " + json.dumps(differing))
    sidebyside.keep(f"broker-month-{people}-{options.cores}", records_by_job)
    return 1 if any(differing.values()) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="at most a million")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="20,000 people, one round")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the shared benchmark")
    parser.add_argument("--job", choices=AGAINST, help=argparse.SUPPRESS)
    return parser.parse_args()


def _job(options: argparse.Namespace) -> sidebyside.Record:
    import polars as pl

    frame, expected = _input(options.people)
    if options.job == WRITTEN:
        from e_polars import PolarsDecimal

        program = PolarsDecimal()
        program.setup(options.cores)
        record = sidebyside.timed(lambda: program.run(frame), runs=4)
        results = program.run(frame)
        return record | {"differing": _differing(results, expected, {name: name for name in (*COLUMNS, "commission")})}
    import ours

    compiled = ours.compiled(POLICY)
    people = pl.int_range(len(frame), eager=True).cast(pl.String).str.zfill(8)
    raw = {"person": frame.rename({"grade": "role"}).drop("branch").with_columns(person=people)}
    facts = ours.taken_in(compiled, "2024-05", raw)
    if options.job == OURS:
        record = sidebyside.timed(lambda: ours.decided(compiled, facts, ledgers=False), runs=4)
    else:
        record = sidebyside.timed(
            lambda: ours.decided(compiled, ours.taken_in(compiled, "2024-05", raw), ledgers=False), runs=4
        )
    decided = ours.results(ours.decided(compiled, facts, ledgers=False))
    return record | {"differing": _differing(decided.with_columns(-pl.col("items.deductions")), expected, COLUMNS)}


def _input(people: int) -> tuple[Any, Any]:
    """The first people of the workload, and what the reference gives for them; made once."""
    import polars as pl
    import workload

    path = sidebyside.DATA / f"broker-month-{people}.parquet"
    frame = pl.DataFrame(workload.block(0, people))
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        _expected(frame).write_parquet(unfinished)
        unfinished.rename(path)
    return frame, pl.read_parquet(path)


def _expected(frame: Any) -> Any:  # noqa: ANN401  frames
    """The reference on every row: decimals of Python, which its authors checked against fractions."""
    import polars as pl
    import reference

    rows = [reference.evaluate(row) for row in frame.iter_rows(named=True)]
    exact = pl.Decimal(38, 2)
    schema = {name: pl.String() if name == "grade" else exact for name in rows[0]}
    return pl.DataFrame(rows, schema=schema)


def _differing(results: Any, expected: Any, columns: dict[str, str]) -> int:  # noqa: ANN401  frames
    """Rows in which any result is not what the reference says."""
    import polars as pl

    assert len(results) == len(expected)
    wrong = [results[ours].ne_missing(expected[name]).alias(name) for name, ours in columns.items()]
    wrong.append(results["grade"].cast(pl.String).ne_missing(expected["grade"]))
    return pl.DataFrame(wrong).select(pl.any_horizontal(pl.all()).sum()).item()


if __name__ == "__main__":
    sys.exit(main())
