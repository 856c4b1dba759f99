"""`scorecore run` as a process against the same steps in the library: reading, intake, deciding, writing the tables.

Both are whole processes, from the start of Python on; what counts is the CPU time of the process, with that of its
workers, and the peak memory of the largest of them.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import galaxy
import sidebyside

if TYPE_CHECKING:
    import polars as pl

PERIOD = galaxy.PERIOD
POLICY = sidebyside.HERE.parent / "policies" / "galaxy" / "branch.toml"
TABLES = ("decisions", "entries", "pay", "holds")
LIBRARY, COMMAND, WITHOUT_ROWS = "library", "scorecore run", "scorecore run --rows 0"
PARTS = "scorecore run --parts"


def main() -> int:
    options = _options()
    if options.library:
        _decide_in_library(options.library, options.out)
        return 0
    people = 10_000 if options.quick else options.people
    held = 0.001
    folder = galaxy._folder(people, held)  # noqa: SLF001  the same facts
    galaxy._generate(folder, people, held)  # noqa: SLF001
    jobs = _commands(folder)
    records_by_job: dict[str, list[sidebyside.Record]] = {job: [] for job in jobs}
    for number in range(1 if options.quick else options.rounds):
        for job in sidebyside._moved(list(jobs), number):  # noqa: SLF001
            shutil.rmtree(_out(job), ignore_errors=True)
            records_by_job[job].append(_measure(jobs[job], options.cores))
            print(f"  round {number + 1}: {job} {records_by_job[job][-1]}", file=sys.stderr)
    print(f"\n{people:,} people, {options.cores} core(s), whole processes; ratios to the library")
    for job, records in records_by_job.items():
        cpu, memory = (
            [record[key] / base[key] for record, base in zip(records, records_by_job[LIBRARY], strict=True)]
            for key in ("cpu", "peak_mb")
        )
        seconds, peak = (median(record[key] for record in records) for key in ("cpu", "peak_mb"))
        print(f"  {job:24} {seconds:7.2f} s of CPU {_ratio(cpu)}   peak {peak:6.0f} MB {_ratio(memory)}")
    sidebyside.keep(f"command-{people}-{options.cores}", {"jobs": records_by_job})
    return _compare()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="10,000 people, one round")
    parser.add_argument("--library", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _out(job: str) -> Path:
    return sidebyside.DATA / f"command-{job.replace(' ', '-')}"


def _commands(folder: Path) -> dict[str, list[str]]:
    run = [sys.executable, "-m", "scorecore_cli", "run", str(POLICY), "--facts", str(folder), "--period", PERIOD]
    return {
        LIBRARY: [sys.executable, __file__, "--library", str(folder), "--out", str(_out(LIBRARY))],
        COMMAND: [*run, "--format", "parquet", "--out", str(_out(COMMAND))],
        WITHOUT_ROWS: [*run, "--format", "parquet", "--rows", "0", "--out", str(_out(WITHOUT_ROWS))],
        PARTS: [*run, "--parts", "20", "--jobs", "2", "--out", str(_out(PARTS))],
    }


def _decide_in_library(folder: Path, out: Path) -> None:
    import polars as pl

    import scorecore

    frames = {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    decided = scorecore.load(POLICY).decide_many(frames, period=PERIOD)
    out.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        getattr(decided, name).write_parquet(out / f"{name}.parquet")


def _measure(command: list[str], cores: int) -> sidebyside.Record:
    """CPU seconds and peak memory of a process and of what it starts."""
    threads = {name: str(cores) for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS")}
    started = subprocess.Popen(command, env=os.environ | threads, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(started.pid, 0)
    if os.waitstatus_to_exitcode(status) not in {0, 1}:  # 1: facts were refused, of those who are held
        raise SystemExit(f"{command} ended with {status}")
    return {"cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}


def _ratio(ratios: list[float]) -> str:
    return f"{median(ratios):5.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _compare() -> int:
    """How many tables of the command differ from those of the library; reasons are in the command's language."""
    import polars as pl

    differing = 0
    for name in TABLES:
        columns = ["code", "place"] if name == "holds" else None
        ours = pl.read_parquet(_out(LIBRARY) / f"{name}.parquet", columns=columns)
        undivided, parts = (
            pl.read_parquet(path, columns=columns)
            for path in (_out(COMMAND) / f"{name}.parquet", _out(PARTS) / name / "*.parquet")
        )
        if name == "holds":
            undivided, parts = map(_with_tables_for_files, (undivided, parts))
        differing += (not ours.equals(undivided)) + (not ours.sort(ours.columns).equals(parts.sort(ours.columns)))
    for job in (LIBRARY, COMMAND, WITHOUT_ROWS, PARTS):
        shutil.rmtree(_out(job))
    print(json.dumps({"differing tables": differing}))
    return 1 if differing else 0


def _with_tables_for_files(holds: "pl.DataFrame") -> "pl.DataFrame":
    """Places as the library names them, by the table."""
    import polars as pl

    return holds.with_columns(pl.col("place").str.replace(r"^.*/([a-z]+)\.parquet", "${1}"))


if __name__ == "__main__":
    sys.exit(main())
