"""The record of two commits side by side: recording, the log alone and a whole run, and reading what was recorded.

    git worktree add --detach /tmp/before COMMIT
    python benchmarks/record_against.py /tmp/before --people 20000 --rounds 5

Each job is a fresh process over one of the two trees, in turns; only figures of one round are compared. Above 1 this
tree is faster. The last lines say what it costs in this tree to hold what is read against the signed tree.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import sidebyside

HERE = Path(__file__).resolve().parent
NOW = datetime(2024, 6, 3, tzinfo=UTC)
ROOMS = ("", "cli", "plugins", "web")
VERIFIED, UNVERIFIED = "history, verified", "history, not verified"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path, nargs="?", default=HERE.parent, help="the work tree to compare with")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="few people, one round: does it run?")
    parser.add_argument("--job", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.people, options.rounds = 500, 1
    if options.job:
        print(json.dumps(_measure(options.people)))
        return 0
    trees = {"before": options.before.resolve(), "now": HERE.parent}
    rounds = []
    for number in range(options.rounds):
        order = list(trees) if number % 2 else list(reversed(trees))
        rounds.append({name: _run(trees[name], options.people) for name in order})
        print(f"  round {number + 1}: {rounds[-1]}", file=sys.stderr)
    _show(rounds)
    sidebyside.keep("record_against", rounds)
    return 0


def _run(tree: Path, people: int) -> dict[str, float]:
    """Seconds of CPU of each step, in a fresh process over a tree."""
    paths = os.pathsep.join(str(tree / room) for room in ROOMS)
    command = [sys.executable, str(HERE / "record_against.py"), "--job", "--people", str(people)]
    tree_first = os.environ | {"PYTHONPATH": paths}
    done = subprocess.run(command, env=tree_first, stdout=subprocess.PIPE, check=True, text=True)
    seconds: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return seconds


def _show(rounds: list[dict[str, dict[str, float]]]) -> None:
    for name in rounds[0]["now"]:
        ratios = sorted(one["before"][name] / one["now"][name] for one in rounds)
        seconds = median(one["now"][name] for one in rounds)
        print(f"  {name:34}{sidebyside.spread(ratios):>20} times as fast, {seconds:6.2f} s of CPU")
    cost = sorted(one["now"][VERIFIED] / one["now"][UNVERIFIED] for one in rounds)
    print(f"  reading the history verified takes {sidebyside.spread(cost)} times reading it unverified")


def _measure(people: int) -> dict[str, float]:
    """What is imported here is that of the tree in PYTHONPATH."""
    from impact import generated

    from record import KEY, RUN, _batches
    from scorecore.diagnostics.diagnostic import Diagnostics
    from scorecore.evaluate.runner import PeriodRunner
    from scorecore.io.readers import read_facts
    from scorecore.record.log.entries import NewLogEntry, blob_digest
    from scorecore.record.log.log import Log
    from scorecore.record.record_run import record_run
    from scorecore.record.runs.recorded import Recorded
    from scorecore.record.runs.runs import read_runs
    from scorecore_cli.workspace import Workspace

    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        with Log.create(Path(folder) / "log.scorecore", key=KEY, now=NOW, chance=os.urandom) as log:

            def append() -> None:
                for payloads in _batches(2 * people, 10_000):
                    log.append(
                        [
                            NewLogEntry("decision", RUN, data, str((log.size + place) % people), "2024-05")
                            for place, data in enumerate(payloads)
                        ],
                        now=NOW,
                    )

            seconds["recording, the log alone"], _ = _clock(append)

        checked = Workspace.open().check(HERE.parent / "policies" / "galaxy" / "branch.toml")
        diagnostics = Diagnostics()
        program = checked.program
        assert program is not None
        period = program.period.period("2024-01")
        assert period is not None
        raw = read_facts(generated(people, 1), diagnostics)
        texts = {blob_digest(source.text.encode()): source.text.encode() for source in checked.sources.values()}
        documents = {name: texts[digest] for name, digest in program.documents}
        path = Path(folder) / "record.scorecore"
        with Log.create(path, key=KEY, now=NOW, chance=os.urandom) as log:
            deciding, decisions = _clock(lambda: PeriodRunner(program, checked.used).decide(period, raw, diagnostics))
            recording, _ = _clock(lambda: record_run(log, decisions, documents, now=NOW, engine="benchmark"))
            seconds["recording, a whole run"] = deciding + recording
            seconds["recording, of a whole run"] = recording
        with Log.open(path) as log:
            (run,) = read_runs(log)
            places = run.entries
            seconds["opening the payloads"], _ = _clock(lambda: _size(log.payloads(places.start, places.stop)))
        seconds |= _histories(path, lambda log: Recorded.read(log).history(program, "2024-02"), Log)
    return seconds


def _histories(path: Path, read: Callable[[Any], object], opened: Any) -> Mapping[str, float]:  # noqa: ANN401
    """Reading the history with and without holding it against the signed tree, each from a file opened anew."""
    seconds: dict[str, list[float]] = {VERIFIED: [], UNVERIFIED: []}
    for _ in range(2):
        for name, is_checked in ((VERIFIED, True), (UNVERIFIED, False)):
            with opened.open(path) as log:
                log.is_checked = is_checked
                seconds[name].append(_clock(lambda: read(log))[0])
    return {name: min(taken) for name, taken in seconds.items()}


def _size(payloads: Any) -> int:  # noqa: ANN401
    return sum(len(payload) for _, payload in payloads if isinstance(payload, bytes))


def _clock(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of CPU time, and what came of it."""
    before = time.process_time()
    made = call()
    return time.process_time() - before, made


if __name__ == "__main__":
    sys.exit(main())
