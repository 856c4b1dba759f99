"""Month after month through parts and one record: whether memory and cost stay as they are when the record grows.

Each month is a command of its own, `scorecore run --parts --record`, over the facts of the galaxy benchmark with its
days in that month; what was decided before comes from the record. Memory is the peak of the largest process, CPU time
that of all processes.
"""

import argparse
import os
import shutil
import subprocess
import sys
from calendar import monthrange
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import sidebyside

if TYPE_CHECKING:
    import polars as pl

POLICY = sidebyside.HERE.parent / "policies" / "galaxy" / "branch.toml"
FIRST = 2024, 5
"""The month that the generated facts are for."""
REFUSED = 1
"""How a run ends of whose facts some hold somebody."""


def main() -> int:
    options = _options()
    folder = sidebyside.DATA / f"soak-{options.people}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    record = folder / "galaxy.record"
    command = [sys.executable, "-m", "scorecore_cli"]
    _measure([*command, "record", "begin", str(record), "--single-operator"])
    print(f"{options.people:,} people, {options.parts} parts, {options.jobs} jobs")
    measured: list[sidebyside.Record] = []
    for label, facts in _write_months(folder, options.people, options.periods):
        run = [*command, "run", str(POLICY), "--facts", str(facts), "--period", label, "--record", str(record)]
        run += ["--parts", str(options.parts), "--jobs", str(options.jobs), "--out", str(folder / "out")]
        month = _measure(run) | {"record_mb": _size(record)}
        measured.append(month)
        print(f"  {label} " + "  ".join(f"{name} {figure:9.1f}" for name, figure in month.items()), flush=True)
        shutil.rmtree(folder / "out")
    sidebyside.keep(f"soak-{options.people}-{options.periods}", {"months": measured})
    shutil.rmtree(folder)
    return _compare(measured)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--periods", type=int, default=24)
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def _write_months(folder: Path, people: int, count: int) -> Iterator[tuple[str, Path]]:
    """The label and the facts of each month; those of the month before are gone by then."""
    from galaxy_data import tables

    generated, facts = tables(people, 0.001), folder / "facts"
    for number in range(count):
        year, month = FIRST[0] + (FIRST[1] - 1 + number) // 12, (FIRST[1] - 1 + number) % 12 + 1
        facts.mkdir()
        for name, frame in generated.items():
            if name != "history" or not number:
                _move(frame, year, month).write_parquet(facts / f"{name}.parquet")
        yield f"{year}-{month:02}", facts
        shutil.rmtree(facts)


def _move(frame: "pl.DataFrame", year: int, month: int) -> "pl.DataFrame":
    """Events on the same days of another month, or on its last one."""
    import polars as pl

    if "date" not in frame.columns:
        return frame
    day = pl.min_horizontal(pl.col("date").dt.day(), monthrange(year, month)[1])
    moved = frame.with_columns(pl.date(year, month, day).alias("date"))
    return moved.unique(["person", "date"], keep="first", maintain_order=True) if "attended" in frame.columns else moved


def _measure(command: list[str]) -> sidebyside.Record:
    """CPU seconds of a process and what it starts, and the peak memory of the largest."""
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(started.pid, 0)
    if os.waitstatus_to_exitcode(status) not in {0, REFUSED}:
        raise SystemExit(f"{command} ended with {status}")
    return {"cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}


def _size(record: Path) -> float:
    return sum(path.stat().st_size for path in record.parent.glob(f"{record.name}*")) / 10**6


def _compare(months: list[sidebyside.Record]) -> int:
    """Whether the last month costs and needs at most 1.1 times what the third did."""
    if len(months) <= 3:
        return 0
    third, last = months[2], months[-1]
    cpu, memory = (last[name] / third[name] for name in ("cpu", "peak_mb"))
    print(f"the last month in the third: {cpu:.2f} of the CPU time, {memory:.2f} of the memory")
    return int(max(cpu, memory) > 1.1)


if __name__ == "__main__":
    sys.exit(main())
