"""Measures jobs against one another: fresh processes, interleaved rounds, pinned to cores; ratios, not only figures.

A benchmark calls itself as `script --job NAME …`. The job prepares its input, calls `timed`, and what it prints as its
last line comes back to the parent. Machines are noisy, so only figures of one round are compared, and the median of
the rounds' ratios is told with the least and the greatest; where others use the machine, CPU time is the steadier one.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
DATA = HERE / "data"
RESULTS = HERE / "results"

Record = dict[str, Any]


def pin() -> None:
    """Keep this process to as many cores as Polars was given threads. Must run before Polars is imported."""
    cores = int(os.environ["POLARS_MAX_THREADS"])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


def memory(key: str) -> float:
    """`VmRSS` or `VmHWM` of this process in MB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(key))


def timed(call: Callable[[], object], runs: int = 2) -> Record:
    """Seconds of the first run and of the best later one; the memory before, at the peak of it, and of the process."""
    process_peak = memory("VmHWM")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = memory("VmRSS")
    seconds, processor = [], []
    for _ in range(runs):
        start, busy = time.perf_counter(), time.process_time()
        result = call()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
        del result
    peak = memory("VmHWM")
    return {
        "first": seconds[0],
        "seconds": min(seconds[1:] or seconds),
        "cpu": min(processor[1:] or processor),
        "before_mb": before,
        "peak_mb": peak,
        "process_mb": max(process_peak, peak),
    }


def run_job(script: str, job: str, arguments: Sequence[str], cores: int) -> Record:
    """One job in a fresh process."""
    command = [sys.executable, script, "--job", job, *arguments]
    threads = {name: str(cores) for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS")}
    done = subprocess.run(command, env=os.environ | threads, stdout=subprocess.PIPE, check=True, text=True)
    record: Record = json.loads(done.stdout.splitlines()[-1])
    return record


def rounds(
    script: str, jobs: Sequence[str], arguments: Sequence[str], cores: int, count: int
) -> dict[str, list[Record]]:
    """Every job once in each round, in an order that moves from round to round."""
    records_by_job: dict[str, list[Record]] = {job: [] for job in jobs}
    for number in range(count):
        for job in _moved(jobs, number):
            records_by_job[job].append(run_job(script, job, arguments, cores))
            print(
                f"  round {number + 1}, {cores} core(s): {job} {records_by_job[job][-1]['seconds']:.3f} s",
                file=sys.stderr,
            )
    return records_by_job


def _moved(jobs: Sequence[str], by: int) -> Iterator[str]:
    return (jobs[(position + by) % len(jobs)] for position in range(len(jobs)))


def ratios(records: Sequence[Record], to: Sequence[Record], key: str = "seconds") -> list[float]:
    """How many times as fast, round by round."""
    return sorted(other_record[key] / record[key] for record, other_record in zip(records, to, strict=True))


def spread(values: Sequence[float]) -> str:
    """The median, and between what the values lie."""
    return f"{median(values):5.2f} ({min(values):.2f}-{max(values):.2f})"


def show(records_by_job: Mapping[str, Sequence[Record]], against: Mapping[str, str], count: int, unit: str) -> None:
    """A line for each job: its ratio to the job that it is compared with, warm and in a first call, and its figures."""
    memory_of = f"{'peak MB':>9}{'of it input':>12}{'process':>9}"
    print(f"\n  {'':34}{'times as fast, warm':21}{'in CPU time':19}{'first call':18}{f'{unit}/s':>12}{memory_of}")
    for job, records in records_by_job.items():
        base = records_by_job[against[job]]
        seconds = median(record["seconds"] for record in records)
        peak, before, process_size = (
            median(record[key] for record in records) for key in ("peak_mb", "before_mb", "process_mb")
        )
        print(
            f"  {job:34}{spread(ratios(records, base)):21}{spread(ratios(records, base, 'cpu')):19}"
            f"{spread(ratios(records, base, 'first')):18}"
            f"{count / seconds:12,.0f}{peak:9,.0f}{before:12,.0f}{process_size:9,.0f}"
        )


def keep(name: str, results: object) -> None:
    """Write what was measured to `results/`, which git ignores."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
