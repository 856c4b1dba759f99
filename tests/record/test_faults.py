"""What was acknowledged survives loss of power, kill, errors of the disk and other writers; nothing half-made is left.

In every run some hundreds of states and some kills. By hand, many: RECORD_STATES=30000 RECORD_KILLS=300
pytest tests/record/test_faults.py -n 2
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import apsw
import pytest

from faulty import Disk, Operation, State, states
from recording import KEY, NOW, POLICY, Chance, decision
from scorecore.diagnostics.diagnostic import Rejected
from scorecore.record.log import store
from scorecore.record.log.entries import blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, SigningKey
from scorecore.record.log.verify import verify

STATES: Final = int(os.environ.get("RECORD_STATES", "160"))
"""How many states that a loss of power may leave are looked at."""
NEXT: Final = SigningKey(KEY.name, b"n" * 32)
"""The key that follows."""
FIRST: Final = int(os.environ.get("FIRST_STATES", "0"))
"""The seed of the first life of a record, of which states are taken."""
KILLS: Final = int(os.environ.get("RECORD_KILLS", "2"))


def work(path: Path, disk: Disk, seed: int = 0) -> Iterator[Checkpoint]:
    """A life of a record: begun, written to in batches, erased from, opened again. Gives what was promised."""
    random = Random(seed)  # noqa: S311  the same in every run
    number = 0
    with Log.create(path, key=KEY, now=NOW, chance=Chance(str(seed)), vfs=disk.name) as log:
        yield log.checkpoint()
        for size in [1, random.randrange(2, 20), random.randrange(200, 400)]:
            entries = [decision(index) for index in range(number, number + size)]
            number += size
            yield log.append(entries, {blob_digest(POLICY): POLICY}, now=NOW)
        yield log.erase("person 0", now=NOW, reason="asked for it")
    with Log.open(path, key=KEY, chance=Chance(f"{seed} again"), vfs=disk.name) as log:
        for _ in range(random.randrange(1, 4)):
            number += 1
            yield log.append([decision(number)], now=NOW)
        yield log.rotate(NEXT, now=NOW, after=log.size)
        yield log.append([decision(0)], now=NOW)


def key_of(path: Path) -> SigningKey:
    """The key that the record names, of the two whose files are on the disk before it does."""
    with Log.open(path) as log:
        return next(key for key in (KEY, NEXT) if key.verifier == log.verifier)


def recorded(folder: Path, seed: int) -> tuple[list[Operation], dict[int, str]]:
    """What was done to the disk, and every checkpoint that was handed out."""
    notes = {}
    for path in folder.iterdir():
        path.unlink()
    with Disk() as disk:
        for signed in work(folder / "record.scorecore", disk, seed):
            disk.acknowledge(signed.size)
            notes[signed.size] = signed.note
    return disk.operations, notes


def fault(state: State, folder: Path, notes: dict[int, str]) -> str:
    """What is wrong with a state; empty where the record is sound and has what was acknowledged, and no more."""
    path = folder / "record.scorecore"
    state.write(folder)
    if state.acknowledged == 0 and (not path.exists() or not path.stat().st_size):
        return ""
    verdict = verify(path, anchor=notes.get(state.acknowledged))
    if not verdict.sound:
        codes = sorted({diagnostic.kind.code for diagnostic in verdict.diagnostics})
        if state.acknowledged == 0 and codes == ["SC800"]:
            return ""  # nothing was promised yet, and nothing is there
        return "lost" if "SC824" in codes else f"broken {codes}"
    if verdict.entries not in {state.acknowledged, state.attempted}:
        return f"{verdict.entries} entries"
    with Log.open(path, key=key_of(path), chance=Chance("after")) as log:
        log.append([decision(1)], now=NOW)
    return "" if verify(path, anchor=notes.get(state.acknowledged)).sound else "broken later"


def faults(folder: Path, limit: int, seeds: range) -> Counter[str]:
    """How many states are faulty, and in which way; the states are taken evenly from all that the seeds give."""
    told: Counter[str] = Counter()
    for seed in seeds:
        operations, notes = recorded(folder, seed)
        random = Random(seed)  # noqa: S311  the same in every run
        every = list(states(operations, random))
        share = limit // len(seeds)
        for state in every if len(every) <= share else random.sample(every, share):
            told[fault(state, folder, notes)] += 1
    return told


@pytest.mark.slow
@pytest.mark.parametrize("pages", [4, 16_000])
def test_power_may_be_lost_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """Whatever a loss of power leaves: it verifies, has what was acknowledged, nothing else, and can be written to.

    With 4 pages SQLite moves what was written from its log into the file again and again; with 16,000 as records do.
    """
    monkeypatch.setitem(store.SETTINGS, "wal_autocheckpoint", pages)
    told = faults(tmp_path, STATES // 2, range(FIRST, FIRST + max(2, STATES // 2000)))
    assert set(told) == {""}, told
    assert told[""] >= min(STATES // 2, 400) // 2


@pytest.mark.slow
@pytest.mark.parametrize(("synchronous", "losses"), [(1, {"lost", "broken"}), (0, {"broken"})])
def test_the_control_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synchronous: int, losses: set[str]) -> None:
    """With less care (synchronous NORMAL or OFF) the same states show records that were lost or broken."""
    monkeypatch.setitem(store.SETTINGS, "synchronous", synchronous)
    monkeypatch.setitem(store.SETTINGS, "wal_autocheckpoint", 4 if synchronous == 0 else 16_000)
    told = faults(tmp_path, max(100, STATES // 10), range(2))
    assert losses & {line.split()[0] for line in told if line}, told


@pytest.mark.sampled(4)
@pytest.mark.parametrize("error", [apsw.IOError, apsw.FullError])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
def test_any_operation_may_fail(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[apsw.Error],
    lasting: bool,  # noqa: FBT001
) -> None:
    """An error of any write, sync, truncate or delete is told as a problem, and leaves what was acknowledged."""
    monkeypatch.setitem(store.SETTINGS, "wal_autocheckpoint", 16)
    with Disk() as disk:
        for _ in work(tmp_path / "record.scorecore", disk):
            pass
    every = disk.changes
    step = max(1, every * 8 // STATES)
    told: set[str] = set()
    for number in range(1, every + 1, step):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        path = folder / "record.scorecore"

        def fails(number_of_call: int, _: str, number: int = number) -> BaseException | None:
            return error("the disk") if number_of_call == number or (lasting and number_of_call > number) else None

        last = None
        with Disk(fails) as disk:
            try:
                for signed in work(path, disk):
                    last = signed
            except Rejected as diagnostic:
                told |= {reported.kind.code for reported in diagnostic.diagnostics}
        if last:
            verdict = verify(path, anchor=last.note)
            assert verdict.sound, (number, verdict)
            assert last.size <= verdict.entries
            with Log.open(path, key=key_of(path), chance=Chance("after")) as log:
                log.append([decision(1)], now=NOW)
            assert verify(path, anchor=last.note).sound
    assert "SC803" in told
    assert told <= {"SC800", "SC803", "SC806"}


WRITER: Final = """
import itertools, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from recording import KEY, NOW, POLICY, decision
from scorecore.record.log.entries import blob_digest
from scorecore.record.log.log import Log
with Log.open(Path(sys.argv[1]), key=KEY, chance=os.urandom, wait=60) as log:
    for number in range(int(sys.argv[3])):
        signed = log.append([decision(one) for one in range(number % 90 + 1)], {blob_digest(POLICY): POLICY}, now=NOW)
        print(signed.size, signed.root.hex(), flush=True)
"""


def writer(path: Path, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), str(Path(__file__).parents[1]), str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_killed_writer_leaves_what_it_promised(tmp_path: Path) -> None:
    """Kill -9 at any moment: what was printed before it is in the record, and the next writer goes on."""
    path = tmp_path / "record.scorecore"
    Log.create(path, key=KEY, now=NOW, chance=Chance()).close()
    random = Random(KILLS)  # noqa: S311  nothing secret
    size = 1
    for _ in range(KILLS):
        process = writer(path, 100_000)
        assert process.stdout
        promised = [process.stdout.readline()]
        time.sleep(random.random() / 4)
        process.send_signal(signal.SIGKILL)
        promised += [line for line in process.communicate()[0].splitlines() if len(line.split()[-1]) == 64]
        said, root = promised[-1].split()
        verdict = verify(path, anchor=Checkpoint(KEY.name, int(said), bytes.fromhex(root)).signed(KEY).note)
        assert verdict.sound, verdict
        assert verdict.entries >= int(said) > size
        size = verdict.entries


@pytest.mark.slow
def test_two_writers_at_once(tmp_path: Path) -> None:
    """Two processes that write at the same time take turns: each promise is kept, and there is one history."""
    path = tmp_path / "record.scorecore"
    Log.create(path, key=KEY, now=NOW, chance=Chance()).close()
    writers = [writer(path, 60) for _ in range(2)]
    promised = [line.split() for process in writers for line in process.communicate(timeout=120)[0].splitlines()]
    assert [process.returncode for process in writers] == [0, 0]
    assert len({size for size, _ in promised}) == len(promised) == 120
    with Log.open(path) as log:
        assert log.size == 1 + 2 * sum(range(1, 61)) == max(int(size) for size, _ in promised)
        assert {(str(size), log.checkpoint(size).root.hex()) for size in log.sizes()[1:]} == set(map(tuple, promised))
    assert verify(path).sound
