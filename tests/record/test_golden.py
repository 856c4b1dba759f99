"""The same bytes everywhere, and for good: old records verify and replay, and one is made again to the same root."""

import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from make_record import made
from scorecore.analysis.explain import explain
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.record import decide
from scorecore.record.check import check_runs
from scorecore.record.log.log import Log
from scorecore.record.log.verify import verify
from scorecore.record.replay import replay, replay_adjustments
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import read_runs
from scorecore.values.canonical_json import decode
from scorecore_cli.explanation_view import explanation_data

GOLDEN: Final = Path(__file__).parents[1] / "golden"
"""`level1` records are of before format 2, `level2_before` is of an earlier policy. In `exact` products and quotients
are exact, as from language level 2 on; in the others they are rounded at the 12th place. `python tests/make_record.py
FILE > CHECKPOINT` makes `exact`.

A change of the engine that makes a test of them fail changes what was decided.
"""
RECORDS: Final = {
    "ledger": "checkpoint",
    "level1_policies": "level1_policies.checkpoint",
    "level2_before": "level2_before.checkpoint",
    "level2": "level2.checkpoint",
    "exact": "exact.checkpoint",
}


@pytest.fixture(params=RECORDS)
def record(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copy(GOLDEN / f"{request.param}.scorecore", tmp_path))


def test_a_record_of_before_is_what_was_signed(record: Path) -> None:
    """Every entry, and every program by the digests that its manifest names."""
    anchor = (GOLDEN / f"{RECORDS[record.stem]}.txt").read_text(encoding="utf-8")
    assert verify(record, anchor=anchor).diagnostics == ()
    with Log.open(record) as log:
        assert list(check_runs(Recorded.read(log))) == []


@pytest.mark.sampled(5)
@pytest.mark.parametrize("evaluator", ["rows", "columns", "auto"])
def test_a_record_of_before_replays(record: Path, evaluator: str) -> None:
    """Every decision of every run, whichever evaluator decides again, and what was paid of earlier periods."""
    with Log.open(record) as log:
        recorded = Recorded.read(log)
        replayed = [replay(log, run, evaluator=evaluator) for run in recorded.runs]
        adjustments = [list(replay_adjustments(recorded, run)) for run in recorded.runs]
    assert [run.differences for run in replayed] == [()] * len(replayed)
    assert [run.same + run.erased for run in replayed] == [run.run.close["decisions"] for run in replayed]
    assert not any(adjustments)
    erased = 0 if record.stem == "level1_policies" else 2
    assert sum(run.erased for run in replayed) == erased


@pytest.mark.parametrize("name", ["level2_before", "level2", "exact"])
def test_a_record_of_before_is_decided_again_by_the_file_in_proofs(name: str, tmp_path: Path) -> None:
    """Of either level of the language; programs of format 1 it does not read, and says so."""
    with Log.open(Path(shutil.copy(GOLDEN / f"{name}.scorecore", tmp_path))) as log:
        for run in Recorded.read(log).runs:
            packed = decode(log.blob(run.manifest["packed"]))
            for entry, payload in log.payloads(run.entries.start, run.entries.stop):
                if entry.kind == "decision" and isinstance(payload, bytes):
                    assert decide.compare(packed, run.period, decode(payload)) == []


def test_a_record_of_before_explains(record: Path) -> None:
    """For someone of each run: the results, entries and pay lines that stand are those that are explained."""
    with Log.open(record) as log:
        recorded = Recorded.read(log)
        for run in recorded.runs:
            program = recorded.program(run)
            period = program.period.period(run.period)
            assert period is not None
            decision = next(payload for _, payload in recorded.decisions(run) if payload)
            shown = explain(program, SubjectEvaluator.of(program, period), decision.facts)
            explained = explanation_data(shown)
            for sheet in explained.get("items", []):
                name = sheet["name"]
                if name in decision.result["values"]:
                    assert Decimal(sheet["value"]) == Decimal(decision.result["values"][name]), name
                    points = [Decimal(entry[2]) for entry in decision.result["entries"] if entry[0] == name]
                    assert [Decimal(entry["points"]) for entry in sheet["entries"]] == points
            pay = {line["name"]: line for line in explained.get("pay", [])}
            for name, amount in decision.result["pay"].items():
                assert Decimal(pay[name]["value"]) == Decimal(amount)


def test_what_each_run_of_a_record_decided(tmp_path: Path) -> None:
    """Two months, a correction and what it leads to: all the same, but for who was erased."""
    with Log.open(Path(shutil.copy(GOLDEN / "ledger.scorecore", tmp_path))) as log:
        replayed = [replay(log, run) for run in read_runs(log)]
    assert [(run.same, run.erased) for run in replayed] == [(37, 1), (39, 1), (1, 0), (1, 0)]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "threads"), [("0", "1"), ("1", "2"), ("4711", "8")])
def test_the_same_bytes_with_any_hash_seed_and_threads(tmp_path: Path, seed: str, threads: str) -> None:
    """Another process with other hashes, threads, folder and locale signs the root of the record that was kept."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads, "LC_ALL": "C"}
    command = [sys.executable, str(Path(__file__).parents[1] / "make_record.py"), str(tmp_path / "other.scorecore")]
    second_run = subprocess.run(
        command, cwd=tmp_path, env=environment, check=True, capture_output=True, encoding="utf-8"
    )
    assert second_run.stdout == (GOLDEN / "vault.checkpoint.txt").read_text(encoding="utf-8")


def test_nothing_of_this_machine_is_in_a_record(tmp_path: Path) -> None:
    """No part and no payload names the folder in which policies and facts lay."""
    path = tmp_path / "record.scorecore"
    made(path)
    folder = str(Path(__file__).parents[2]).encode()
    with Log.open(path) as log:
        digests = [digest for (digest,) in log.connection.execute("SELECT digest FROM blob")]
        payloads = [log.payload(entry.index) for entry in log.entries()]
        assert not any(folder in log.blob(digest) for digest in digests)
        assert not any(folder in payload for payload in payloads if isinstance(payload, bytes))
