"""Tries a seeded sample of mutants of the rooms that decide about money, to see which of them no test notices.

    python tools/mutation_sample.py --count 1500 --jobs 2 mutants.jsonl
    python tools/mutation_sample.py --report mutants.jsonl

Each mutant becomes one line of the file: killed, timeout (which is killed, too) or survived. A run that was stopped
goes on where it was. A mutant is tried by those tests of its room that reach its line, the quickest first, in a copy of
the working tree, laws on 25 examples. docs/mutation.md
has the last result and for each survivor the reason, and says why this is not mutmut or cosmic-ray.
"""

import argparse
import json
import os
import pickle
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue
from random import Random
from signal import SIGKILL
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from mutants import Mutant, find_mutants
from reach import Reach, ReachRecorder, TestSelection

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = ("", "cli", "plugins", "tests")
"""What Python looks for modules in, below a copy."""
NOT_COPIED: Final = shutil.ignore_patterns(
    ".git", ".venv", ".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache"
)
LIBRARIES: Final = (
    "attrs",
    "babel",
    "cattrs",
    "click",
    "cryptography",
    "hypothesis",
    "lark",
    "polars",
    "pytest",
    "rich",
)
"""Imported once, before the process forks for each mutant."""
PATIENCE: Final = 6
"""How many times as long as the unchanged code a mutant may take, and at least MIN_SECONDS."""
MIN_SECONDS: Final = 60


class Room(NamedTuple):
    """Modules, and the names of the test files that must notice what changes in them, the quickest first."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


ROOMS: Final = {
    "bands": Room(
        ("scorecore/language/bands.py",), ("test_band_lookup", "test_band_types", "test_bands", "test_operators")
    ),
    "groups": Room(
        ("scorecore/evaluate/groups.py", "scorecore/evaluate/batch/groups.py", "scorecore/language/groups.py"),
        ("test_groups", "test_evaluators"),
    ),
    "bounds": Room(("scorecore/analysis/bounds.py",), ("test_bounds",)),
    "overlay": Room(
        ("scorecore/policy/overlay.py", "scorecore/compiler/checks/branch_bounds.py"),
        ("test_overlay", "test_overlay_edges", "test_template"),
    ),
    "cases": Room(
        ("scorecore/analysis/cases/*.py", "scorecore/analysis/coverage.py"),
        ("test_cases", "test_coverage", "test_thorough", "test_schema", "test_cli"),
    ),
    "corrections": Room(
        ("scorecore/record/corrections/*.py",), ("test_corrections", "test_corrections_by_another_policy")
    ),
    "digest": Room(
        ("scorecore/program/digest.py", "scorecore/program/serialize.py", "scorecore/language/identity.py"),
        ("test_program_identity", "test_packed", "test_golden", "test_compile"),
    ),
    "printer": Room(
        ("scorecore/language/printer.py", "scorecore/language/sugar.py"),
        ("test_printer", "test_sweep", "test_template", "test_why_not"),
    ),
}


class Trial(NamedTuple):
    """A mutant of a module of a room."""

    room: str
    path: str
    """Of the module, from the root of the repository."""
    mutant: Mutant

    @property
    def id(self) -> str:
        return f"{self.path}:{self.mutant.line}:{self.mutant.column} {self.mutant.replacement}"


def sample_trials(rooms: Sequence[str], count: int, seed: int) -> list[Trial]:
    """As many mutants of the rooms as are asked for, the same for the same seed and the same modules.

    They are in no order, so that the first of them are a fair sample, too.
    """
    trials = [
        Trial(room, str(path.relative_to(ROOT)), mutant)
        for room in rooms
        for pattern in ROOMS[room].modules
        for path in sorted(ROOT.glob(pattern))
        for mutant in find_mutants(path.read_text(encoding="utf-8"))
    ]
    return Random(seed).sample(trials, min(count, len(trials)))  # noqa: S311  a sample, not a secret


def find_tests(copy: Path, room: str) -> list[str]:
    """The files of a room's tests, wherever below `tests` they lie; ends the program where a name has none."""
    files = {name: sorted((copy / "tests").rglob(f"{name}.py")) for name in ROOMS[room].tests}
    if missing := [name for name, paths in files.items() if not paths]:
        raise SystemExit(f"the room {room!r} has no test file {', '.join(missing)}: correct ROOMS")
    return [str(path) for paths in files.values() for path in paths]


def _run_tests(copy: Path, files: Sequence[str], plugin: object) -> None:
    """Ends the process with the exit code of pytest: 0 if every test passes."""
    import pytest  # noqa: PLC0415  imported by then, in the process that forks

    os.setsid()
    os.chdir(copy)
    os.environ |= {
        "HYPOTHESIS_PROFILE": "slow",
        "PYTHONPATH": os.pathsep.join(str(copy / folder) for folder in FOLDERS),
    }
    sys.path[:0] = [str(copy / folder) for folder in FOLDERS]
    sys.dont_write_bytecode = True  # a mutant may have the size and the second of the original
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    arguments = ["-x", "-q", "-n0", "-m", "", "-p", "no:cacheprovider", *files]
    os._exit(int(pytest.main(arguments, plugins=[plugin])))


def run_tests(copy: Path, room: str, plugin: object, seconds: float | None = None) -> int | None:
    """The exit code of the tests of a room in a copy; None if they took longer than that."""
    process = get_context("fork").Process(target=_run_tests, args=(copy, find_tests(copy, room), plugin))
    process.start()
    process.join(seconds)
    if process.is_alive():
        os.killpg(process.pid or 0, SIGKILL)  # with the commands that a test has started
        process.join()
        return None
    return process.exitcode


def try_mutant(copy: Path, trial: Trial, reach: Reach) -> str:
    """What becomes of a mutant in a copy, which is as before afterwards."""
    tests = reach.find_tests(trial.path, trial.mutant.line)
    seconds = max(MIN_SECONDS, PATIENCE * sum(reach.seconds[test] for test in tests))
    module = copy / trial.path
    source = module.read_text(encoding="utf-8")
    module.write_text(trial.mutant.apply(source), encoding="utf-8")
    try:
        code = run_tests(copy, trial.room, TestSelection(tests), seconds)
    finally:
        module.write_text(source, encoding="utf-8")
    return "timeout" if code is None else "killed" if code else "survived"


def read_outcomes(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def show_trial(trial: Trial) -> tuple[str, str]:
    """The line of a mutant as it was, and as it is."""
    source = (ROOT / trial.path).read_text(encoding="utf-8")
    number = trial.mutant.line - 1
    return source.splitlines()[number].strip(), trial.mutant.apply(source).splitlines()[number].strip()


def run_sample(trials: Sequence[Trial], jobs: int, path: Path) -> None:
    """Try what is not in the file yet, and add a line for each."""
    done = {outcome["id"] for outcome in read_outcomes(path)}
    pending = [trial for trial in trials if trial.id not in done]
    for library in LIBRARIES:
        __import__(library)
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            copies.put(Path(shutil.copytree(ROOT, Path(folder) / str(number), ignore=NOT_COPIED)))
        reaches = dict(measure_rooms(Path(folder) / "0", sorted({trial.room for trial in pending})))

        def attempt(trial: Trial) -> tuple[Trial, str]:
            copy = copies.get()
            try:
                return trial, try_mutant(copy, trial, reaches[trial.room])
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(jobs) as pool, path.open("a", encoding="utf-8") as file:
            for number, (trial, outcome) in enumerate(pool.map(attempt, pending), 1):
                before, after = show_trial(trial)
                row = {"id": trial.id, "room": trial.room, "outcome": outcome, "before": before, "after": after}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                file.flush()
                print(f"{number} of {len(pending)}  {outcome:8}  {trial.id}", flush=True)  # noqa: T201  a script


def measure_rooms(copy: Path, rooms: Sequence[str]) -> Iterator[tuple[str, Reach]]:
    """What the tests of each room reach; they must pass as they are."""
    for room in rooms:
        modules = [path for pattern in ROOMS[room].modules for path in copy.glob(pattern)]
        answer = copy / "reach.pickle"
        if run_tests(copy, room, ReachRecorder(copy, modules, answer)):
            raise SystemExit(f"the tests of the room {room!r} fail without any mutant")
        yield room, pickle.loads(answer.read_bytes())  # noqa: S301  written by the process that ended now


def report(outcomes: Sequence[dict[str, str]]) -> Iterator[str]:
    """The table of docs/mutation.md, and the survivors as its list has them."""
    yield "| room | mutants | killed | survived |"
    yield "| --- | --- | --- | --- |"
    counts = Counter((outcome["room"], outcome["outcome"] == "survived") for outcome in outcomes)
    for room in [*sorted({room for room, _ in counts}), None]:
        survived, killed = (
            sum(count for (name, lives), count in counts.items() if lives is alive and room in {None, name})
            for alive in (True, False)
        )
        yield f"| {room or '**all**'} | {survived + killed} | {killed} | {survived} |"
    for outcome in outcomes:
        if outcome["outcome"] == "survived":
            place = outcome["id"].partition(" ")[0]
            yield f"\n- `{place}`: `{outcome['before']}` → `{outcome['after']}`  \n  reason: "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("outcomes", type=Path, help="the file of outcomes, with one line of JSON for each mutant")
    parser.add_argument("--count", type=int, default=1500, help="how many mutants are drawn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rooms", default=",".join(ROOMS), help=f"of these, with commas: {', '.join(ROOMS)}")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many are tried at the same time")
    parser.add_argument("--report", action="store_true", help="print what the file has, and try nothing")
    options = parser.parse_args()
    if options.report:
        print("\n".join(report(read_outcomes(options.outcomes))))  # noqa: T201
        return
    run_sample(sample_trials(options.rooms.split(","), options.count, options.seed), options.jobs, options.outcomes)


if __name__ == "__main__":
    main()
