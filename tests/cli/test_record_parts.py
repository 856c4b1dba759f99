"""`run --parts --record`: one run with one close, the same payloads as a whole run's, once, whatever crashes."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl
import pytest
from click.testing import CliRunner, Result

from scorecore.record.log.log import Log
from scorecore.record.log.verify import verify
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import read_payloads
from scorecore_cli.main import scorecore
from scorecore_cli.part_index import PartIndex
from scorecore_cli.part_payloads import UNRECORDED

GALAXY: Final = Path(__file__).parents[2] / "policies" / "galaxy"
PARTS: Final = 3


def call(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, [*map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """The facts of a branch."""
    folder = tmp_path / "facts"
    folder.mkdir()
    for file in (GALAXY / "facts").glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def begin(path: Path) -> Path:
    assert call("record", "begin", path, "--single-operator").exit_code == 0
    return path


def run(facts: Path, record: Path, out: Path, *arguments: str, period: str = "2024-04") -> Result:
    command = ("run", GALAXY / "branch.toml", "--facts", facts, "--period", period, "--record", record, "--out", out)
    return call(*command, "--format", "parquet", *arguments)


def in_parts(facts: Path, record: Path, out: Path, *arguments: str, period: str = "2024-04") -> Result:
    return run(facts, record, out, "--parts", str(PARTS), *arguments, period=period)


def read_runs(record: Path) -> list[tuple[str, Mapping[str, object], set[bytes]]]:
    """Of each run its period, what its last entry counts, and the payloads."""
    with Log.open(record) as log:
        return [
            (
                run.period,
                {name: run.close[name] for name in ("decisions", "subjects", "decided", "held")},
                {payload or b"" for _entry, payload in read_payloads(log, run, run.decision_kind)},
            )
            for run in Recorded.read(log).runs
        ]


def said(result: Result) -> str:
    return " ".join(result.output.replace("│", " ").split())


def crash(*_arguments: object) -> None:
    raise MemoryError


@pytest.mark.slow
def test_a_crash_after_recording_records_nothing_twice(
    facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record has the run, and the index of the parts does not know yet."""
    record, out = begin(tmp_path / "r"), tmp_path / "out"
    previewed = in_parts(facts, record, out, "--preview")
    assert "a preview: nothing was recorded" in previewed.output
    with monkeypatch.context() as patched:
        patched.setattr(PartIndex, "note_recorded", crash)
        with pytest.raises(MemoryError):
            in_parts(facts, record, out)
    assert (out / UNRECORDED).exists()
    removed = list[Path]()
    with monkeypatch.context() as patched:
        patched.setattr("scorecore_cli.part_record.rmtree", lambda path, **_: removed.append(path))
        in_parts(facts, record, out)
    payroll = pl.read_parquet(out / "payroll" / "*.parquet")
    (removed[-1] / "00000" / "payroll.parquet").unlink()
    resumed = in_parts(facts, record, out)
    assert not removed[-1].exists()
    assert pl.read_parquet(out / "payroll" / "*.parquet").equals(payroll)
    assert "which now has 41 entries" in resumed.output
    assert not (out / UNRECORDED).exists()
    assert [period for period, *_ in read_runs(record)] == ["2024-04"]
    assert json.loads((out / "index.json").read_text("utf-8"))["recorded"] == 1
    assert in_parts(facts, record, out).output == resumed.output
    assert "another run (record)" in said(run(facts, begin(tmp_path / "s"), out, "--parts", str(PARTS)))


@pytest.mark.slow
def test_what_was_not_decided_is_not_recorded(facts: Path, tmp_path: Path) -> None:
    record, out = begin(tmp_path / "r"), tmp_path / "out"
    in_parts(facts, record, out, "--preview")
    path = out / UNRECORDED / "00001" / "00000.parquet"
    frame = pl.read_parquet(path)
    frame.head(len(frame) - 1).write_parquet(path)
    refused = in_parts(facts, record, out)
    assert (refused.exit_code, "is not what was decided" in said(refused)) == (1, True)
    assert not read_runs(record)
    with Log.open(record) as log:
        assert log.size == 1


@pytest.mark.slow
def test_parts_record_what_the_whole_records(facts: Path, tmp_path: Path) -> None:
    """Two months, with a correction of the first one that the second one pays."""
    whole, parts = begin(tmp_path / "whole"), begin(tmp_path / "parts")
    corrected = (facts / "person.csv").read_text("utf-8").replace("2982.25", "2000.25")
    without = "\n".join(line for line in corrected.splitlines() if not line.startswith("B1002,2024-05"))
    for record, decide in ((whole, run), (parts, in_parts)):
        assert decide(facts, record, tmp_path / f"{record.name}4").exit_code == 0
    (facts / "person.csv").write_text(without + "\n", "utf-8")
    for record in (whole, parts):
        assert not call("record", "correct", record, "--facts", facts, "--period", "2024-04", "--reason", "x").exit_code
    shown = [
        decide(facts, record, tmp_path / f"{record.name}5", period="2024-05")
        for record, decide in ((whole, run), (parts, in_parts))
    ]
    assert read_runs(parts) == read_runs(whole)
    assert all("of earlier periods" in result.output for result in shown)
    for table in ("payroll", "adjustments"):
        expected = pl.read_parquet(tmp_path / "whole5" / f"{table}.parquet")
        written = pl.read_parquet(tmp_path / "parts5" / table / "*.parquet")
        assert written.sort(written.columns).equals(expected.sort(expected.columns)), table
        assert len(expected)


@pytest.mark.slow
def test_killed_whenever_it_is_recorded_once(facts: Path, tmp_path: Path) -> None:
    record, out = begin(tmp_path / "r"), tmp_path / "out"
    command = [sys.executable, "-m", "scorecore_cli", "run", GALAXY / "branch.toml", "--facts", facts]
    command += ["--period", "2024-04", "--record", record, "--out", out, "--parts", "12", "--jobs", "2"]
    for number in (0, 2, 5):
        killed = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        began, parts = time.monotonic(), 2 * number
        while killed.poll() is None and time.monotonic() < began + 60:
            index = out / "index.json"
            if index.exists() and len(json.loads(index.read_text("utf-8"))["parts"]) >= parts:
                break
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    for _ in range(2):
        finished = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True)
        assert "41 entries" in finished.stdout, finished.stderr
    runs = read_runs(record)
    assert [(period, len(payloads)) for period, _counts, payloads in runs] == [("2024-04", 38)]
    assert verify(record).sound
