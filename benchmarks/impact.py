"""What an edit does to everyone: `scorecore diff` and `scorecore sweep` as processes, many people in many months.

Each is compared in CPU time with deciding the same months once in the library: `diff` decides them by two policies,
`sweep` by five. Facts are one folder of Parquet files with all months. The draft raises the base salary, a rate of the
commission and the first grade. It is checked that the lines that differ add up to the change of net pay.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import sidebyside

MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]
EDITS = (
    ("is = 600", "is = 650"),
    ("{ from = 5_000_000, is = 0.30 }, { from = 20_000_000", "{ from = 5_000_000, is = 0.32 }, { from = 20_000_000"),
    ("from  = 90", "from  = 92"),
    ('"galaxy.broker.example-branch"', '"galaxy.broker.draft"'),
)


def main() -> int:
    options = _options()
    people, months = (2_000, 3) if options.quick else (options.people, options.months)
    folder = generated(people, months)
    policy, draft = _policies()
    periods = [f"--periods={MONTHS[0]}..{MONTHS[months - 1]}", f"--facts={folder}", "--json"]
    floor = _decide_once(policy, folder, MONTHS[:months])
    print(f"library: {people:,} people, {months} months decided once, {floor:.1f} s of CPU time")
    seconds, processor, answer = _timed("diff", policy, draft, *periods)
    changes = [Decimal(cause["change"]) for cause in answer["causes"]]
    assert sum(changes) == Decimal(answer["summary"]["net"]["change"])
    print(f"diff: {people:,} people, {months} months, {_compared(seconds, processor, floor)}")
    print(json.dumps(answer["summary"]))
    vary = "--vary=parameters.base_salary=500..700:50"
    seconds, processor, swept = _timed("sweep", policy, *periods, vary)
    values = len(swept["points"])
    print(f"sweep: {people:,} people, {months} months, {values} values, {_compared(seconds, processor, floor)}")
    return 0


def _compared(seconds: float, processor: float, floor: float) -> str:
    return f"{seconds:.1f} s, {processor:.1f} s of CPU time, {processor / floor:.2f} times deciding once"


def _decide_once(policy: Path, folder: Path, months: list[str]) -> float:
    """CPU time of reading the facts and deciding all months, without ledgers."""
    import ours

    from scorecore.diagnostics.diagnostic import Diagnostics
    from scorecore.evaluate.runner import PeriodRunner
    from scorecore.io.readers import read_facts

    program, diagnostics = ours.compiled(policy), Diagnostics()
    periods = [period for label in months if (period := program.period.period(label))]
    before = time.process_time()
    raw = read_facts(folder, diagnostics)
    count = sum(1 for _ in PeriodRunner(program).decide_each(periods, raw, diagnostics, ledgers=False))
    assert count == len(months)
    return time.process_time() - before


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--quick", action="store_true", help="2,000 people, 3 months")
    return parser.parse_args()


def generated(people: int, months: int) -> Path:
    """The months in one folder; each has events of its own."""
    import polars as pl
    from galaxy_data import FIRST_DAY, tables

    folder = sidebyside.DATA / f"impact-{people}-{months}"
    if folder.exists():
        return folder
    parts: dict[str, list[pl.DataFrame]] = {}
    for number, label in enumerate(MONTHS[:months]):
        shift = (date(2024, number + 1, 1) - date(1970, 1, 1)).days - FIRST_DAY
        for name, frame in tables(people, 0.001).items():
            if name == "history" and number:
                continue
            dated = frame
            if name == "history":
                earlier = pl.col("period").replace({"2024-04": "2023-12", "2024-03": "2023-11"})
                dated = frame.with_columns(earlier)
            elif "date" in frame.columns:
                # February has no 31st; a key that then stands twice is left out
                days = pl.min_horizontal(pl.col("date").cast(pl.Int32), pl.lit(FIRST_DAY + 28))
                dated = frame.with_columns((days + shift).cast(pl.Date).alias("date"))
                dated = (
                    dated.unique(["person", "date"], keep="first", maintain_order=True) if name == "meetings" else dated
                )
            else:
                dated = frame.with_columns(period=pl.lit(label))
            parts.setdefault(name, []).append(dated)
    unfinished = folder.with_suffix(".new")
    unfinished.mkdir(parents=True, exist_ok=True)
    for name, frames in parts.items():
        pl.concat(frames).write_parquet(unfinished / f"{name}.parquet")
    unfinished.rename(folder)
    return folder


def _policies() -> tuple[Path, Path]:
    """The policy in force and a draft, beside its parent."""
    import ours

    folder = sidebyside.DATA / "impact-policies"
    folder.mkdir(parents=True, exist_ok=True)
    text = ours.GALAXY.read_text("utf-8")
    (folder / "policy.toml").write_bytes((ours.GALAXY.parent / "policy.toml").read_bytes())
    for before, after in EDITS:
        assert before in text
        text = text.replace(before, after)
    (folder / "draft.toml").write_text(text, "utf-8")
    return ours.GALAXY, folder / "draft.toml"


def _timed(*arguments: object) -> tuple[float, float, Any]:
    """Seconds of the clock and of the processor that a command takes, and what it says."""
    start, before = time.perf_counter(), _children_seconds()
    process = subprocess.run(
        [Path(sys.executable).with_name("scorecore"), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if process.returncode == 2:
        raise SystemExit(process.stderr)
    return seconds, _children_seconds() - before, json.loads(process.stdout)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
