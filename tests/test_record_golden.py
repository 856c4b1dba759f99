"""The same bytes everywhere, and for good: a record of before replays, and is made anew to the same root."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from make_record import made
from scorecore.record.log.log import Log
from scorecore.record.log.verify import verify
from scorecore.record.replay import replay
from scorecore.record.runs.runs import runs

GOLDEN: Final = Path(__file__).parent / "golden"
"""Written once by make_record.py. A change of the engine that makes it fail changes what was decided."""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return Path(shutil.copy(GOLDEN / "ledger.scorecore", tmp_path))


def test_a_record_of_before_is_what_was_signed(ledger: Path) -> None:
    anchor = (GOLDEN / "checkpoint.txt").read_text(encoding="utf-8")
    assert verify(ledger, anchor=anchor).diagnostics == ()


@pytest.mark.parametrize("evaluator", ["rows", "columns"])
def test_a_record_of_before_replays(ledger: Path, evaluator: str) -> None:
    """Two months, a correction and what it leads to: all the same, but for who was erased."""
    with Log.open(ledger) as log:
        found = [replay(log, run, evaluator=evaluator) for run in runs(log)]
    counts = [(37, 1, ()), (39, 1, ()), (1, 0, ()), (1, 0, ())]
    assert [(one.same, one.erased, one.differences) for one in found] == counts


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("seed", "threads"), [("0", "1"), ("1", "2"), ("4711", "8")])
def test_the_same_bytes_with_any_hash_seed_and_threads(tmp_path: Path, seed: str, threads: str) -> None:
    """Another process with other hashes, threads, folder and locale signs the same root."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads, "LC_ALL": "C"}
    command = [sys.executable, str(Path(__file__).parent / "make_record.py"), str(tmp_path / "other.scorecore")]
    other = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, encoding="utf-8")
    assert other.stdout == made(tmp_path / "one.scorecore")


def test_nothing_of_this_machine_is_in_a_record(tmp_path: Path) -> None:
    """No part and no payload names the folder in which policies and facts lay."""
    path = tmp_path / "ledger.scorecore"
    made(path)
    folder = str(Path(__file__).parent.parent).encode()
    with Log.open(path) as log:
        digests = [digest for (digest,) in log.connection.execute("SELECT digest FROM blob")]
        payloads = [log.payload(entry.index) for entry in log.entries()]
        assert not any(folder in log.blob(digest) for digest in digests)
        assert not any(folder in one for one in payloads if isinstance(one, bytes))
