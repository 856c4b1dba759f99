"""How long a policy takes to compile when everything is loaded, and `scorecore check` as a whole process.

Beside the process stand what no command of ours can go below: Python doing nothing, and Python importing Polars.
Warm compiling is told by its parts: reading the file and its parent, and compiling.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import sidebyside

GALAXY = sidebyside.HERE.parent / "policies" / "galaxy" / "branch.toml"
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import polars'": [sys.executable, "-c", "import polars"],
    "scorecore check branch.toml": [str(Path(sys.executable).parent / "scorecore"), "check", str(GALAXY)],
}


def main() -> int:
    options = _options()
    if options.job:
        print(json.dumps(_warm(options.rounds)))
        return 0
    rounds = 3 if options.quick else options.rounds
    warm = sidebyside.run_job(__file__, "warm", [f"--rounds={rounds}"], 1)
    for name, seconds in warm.items():
        print(f"  {name:34}{median(seconds) * 1e3:8.1f} ms ({min(seconds) * 1e3:.1f}-{max(seconds) * 1e3:.1f})")
    times_by_command: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            times_by_command[name].append(_process(command))
    floor = times_by_command["python -c 'import polars'"]
    for name, times in times_by_command.items():
        seconds, processor = zip(*times, strict=True)
        ratio = median(duration / least for (_, duration), (_, least) in zip(times, floor, strict=True))
        print(
            f"  {name:34}{median(seconds):8.3f} s  ({min(seconds):.3f}-{max(seconds):.3f})"
            f"  CPU {min(processor):.3f} s at best, {ratio:.2f} times the import of Polars"
        )
    sidebyside.keep("compile", {"warm": warm, "processes": times_by_command})
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    parser.add_argument("--job", choices=["warm"], help=argparse.SUPPRESS)
    return parser.parse_args()


def _process(command: list[str]) -> tuple[float, float]:
    """Seconds that passed, and seconds of CPU time."""
    # what is installed has its bytecode, and so has a checkout after its first run
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start, before = time.perf_counter(), os.times()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - start, busy


def _warm(rounds: int) -> dict[str, list[float]]:
    import ours

    first = _clock(lambda: ours.compiled(GALAXY))
    texts, scorers = ours.sources(GALAXY), ours.scorers()
    seconds_again = [_clock(lambda: ours.compiled(GALAXY)) for _ in range(rounds)]
    parts = {
        "reading the file and its parent": [_clock(lambda: ours.sources(GALAXY)) for _ in range(rounds)],
        "compiling": [_clock(lambda: ours.compile_policy(*texts, scorers)) for _ in range(rounds)],
    }
    return {"first in a process": [first], "galaxy, warm": seconds_again, **parts}


def _clock(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
