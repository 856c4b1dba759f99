"""What it costs to record a month and to decide it again from the record alone, beside deciding it.

All in one process, on people of the galaxy benchmark, in seconds of the clock and of the processor. Deciding takes the
facts in and decides, by rows or by columns; recording takes decisions that are made. Each evaluator replays what the
other decided, too, and it is checked that every replay is the same.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sidebyside
from impact import generated

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.runner import PeriodRunner
from scorecore.io.readers import read_facts
from scorecore.program.model import Program
from scorecore.record.log.entries import blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore.record.record_run import record_run
from scorecore.record.replay import replay
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import read_runs
from scorecore_cli.workspace import Workspace

POLICY = sidebyside.HERE.parent / "policies" / "galaxy" / "branch.toml"
NOW = datetime(2024, 6, 3, tzinfo=UTC)
PERIOD = "2024-01"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="few people: does it run?")
    options, _ = parser.parse_known_args()
    people = 500 if options.quick else options.people
    checked = Workspace.open().check(POLICY)
    program, facts = checked.program, generated(people, 1)
    assert program is not None
    period = program.period.period(PERIOD)
    assert period is not None
    texts = {blob_digest(source.text.encode()): source.text.encode() for source in checked.sources.values()}
    documents = {name: texts[digest] for name, digest in program.documents}
    diagnostics = Diagnostics()
    raw = read_facts(facts, diagnostics)
    print(f"  people                                {people:>12,}")
    for evaluator in ("rows", "columns"):
        deciding, month = timed(lambda: PeriodRunner(program, checked.used, evaluator).decide(period, raw, diagnostics))  # noqa: B023
        show(f"deciding by {evaluator}", deciding, people)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "record.scorecore"
            key = SigningKey("example.com/benchmark", bytes(range(32)))
            with Log.create(path, key=key, now=NOW, chance=os.urandom) as log:
                recording, _ = timed(lambda: record_run(log, month, documents, now=NOW, engine="benchmark"))  # noqa: B023
                show("recording", recording, people)
                (run,) = read_runs(log)
                payloads = log.payloads(run.entries.start, run.entries.stop)
                reading, size = timed(lambda: sum(len(data) for _, data in payloads if isinstance(data, bytes)))  # noqa: B023
                show("opening the payloads", reading, people)
                _compare_histories(log, program, people)
                for other_evaluator in ("rows", "columns"):
                    replaying, replayed = timed(lambda: replay(log, run, evaluator=other_evaluator))  # noqa: B023
                    assert (replayed.same, replayed.differences) == (people, ())
                    beside = f", {replaying[1] / deciding[1]:.2f} of deciding" if other_evaluator == evaluator else ""
                    show(f"replaying by {other_evaluator}", replaying, people, beside)
            in_file = path.stat().st_size
            print(f"  {size / people:,.0f} bytes a payload, {in_file / people:,.0f} bytes a decision in the file")
    return 0


def _compare_histories(log: Log, program: Program, people: int) -> None:
    """What it costs to hold the history against the signed tree while it is read, in turns with reading without."""
    times: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for is_checked in (True, False) * 3:
        log.is_checked = is_checked
        took, _ = timed(lambda: Recorded.read(log).history(program, "2024-02"))
        times[is_checked].append(took)
    log.is_checked = True
    checked, unchecked = min(times[True]), min(times[False])
    show("history, verified", checked, people, f", {checked[0] / unchecked[0]:.2f} of unverified")


def timed(action: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    """Seconds of the clock and of the processor, and what came of it."""
    clock, before = time.perf_counter(), time.process_time()
    result = action()
    return (time.perf_counter() - clock, time.process_time() - before), result


def show(what: str, took: tuple[float, float], people: int, beside: str = "") -> None:
    clock, processor = took
    print(f"  {what:38}{clock:>8.2f} s, CPU {processor:>6.2f} s, {people / clock:>10,.0f} a second{beside}")


if __name__ == "__main__":
    sys.exit(main())
