"""`run --parts`: one file a part, equal to the whole, resumed after a crash without deciding a part twice."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from click.testing import CliRunner, Result

from scorecore.evaluate.result_tables import TABLES
from scorecore_cli.main import scorecore
from scorecore_cli.part_worker import PartWorker

GALAXY: Final = Path(__file__).parents[2] / "policies" / "galaxy"
PARTS: Final = 3


def run(facts: Path, out: Path, *arguments: str) -> Result:
    command = ["run", str(GALAXY / "branch.toml"), "--facts", str(facts), "--period", "2024-04", "--out", str(out)]
    return CliRunner().invoke(scorecore, [*command, *arguments], catch_exceptions=False)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """The facts of a branch."""
    folder = tmp_path / "facts"
    folder.mkdir()
    for file in (GALAXY / "facts").glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def said(result: Result) -> str:
    """What a command prints, without the box around it."""
    return " ".join(result.output.replace("│", " ").split())


def read(out: Path, name: str) -> pl.DataFrame:
    """A table, whole or in parts, with its rows in order."""
    frame = (
        pl.read_parquet(out / name / "*.parquet") if (out / name).is_dir() else pl.read_parquet(out / f"{name}.parquet")
    )
    return frame.sort(frame.columns, nulls_last=True)


def assert_same(undivided: Path, parts: Path) -> None:
    for name in TABLES:
        assert read(parts, name).equals(read(undivided, name)), name


@pytest.mark.parametrize(("column", "is_held"), [("fund_interest", False), ("fee_income", True)])
def test_a_cell_that_cannot_be_read_is_named_and_ends_with_1(
    facts: Path, tmp_path: Path, column: str, *, is_held: bool
) -> None:
    """In parts as in a whole run, whether or not somebody waits for it."""
    person = pl.read_csv(facts / "person.csv", infer_schema=False).with_row_index("row")
    bad = pl.when(pl.col("row") == 2).then(pl.lit("many")).otherwise(pl.col(column)).alias(column)
    person.with_columns(bad).drop("row").write_csv(facts / "person.csv")
    undivided = run(facts, tmp_path / "whole", "--format", "parquet")
    parts = run(facts, tmp_path / "parts", "--parts", str(PARTS))
    assert parts.exit_code == undivided.exit_code == 1
    shown = [re.findall(r"person\.csv:4: (SC512)", result.output) for result in (undivided, parts)]
    assert shown == ([[], []] if is_held else [["SC512"], ["SC512"]]), "of what is held the reason is among the holds"
    assert read(tmp_path / "parts", "holds").equals(read(tmp_path / "whole", "holds"))


def test_parts_are_the_whole_and_resume(facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undivided, out, decided = tmp_path / "whole", tmp_path / "parts", list[int]()
    assert run(facts, undivided, "--format", "parquet").exit_code in {0, 1}
    decide = PartWorker.decide

    def decide_two(worker: PartWorker, part: int) -> Mapping[str, Any]:
        decided.append(part)
        if len(decided) == PARTS:
            raise MemoryError
        return decide(worker, part)

    monkeypatch.setattr(PartWorker, "decide", decide_two)
    with pytest.raises(MemoryError):
        run(facts, out, "--parts", str(PARTS))
    assert sorted(json.loads((out / "index.json").read_text("utf-8"))["parts"]) == ["0", "1"]
    resumed = run(facts, out, "--parts", str(PARTS))
    assert decided == [0, 1, 2, 2]
    assert_same(undivided, out)
    assert run(facts, out, "--parts", str(PARTS)).stdout == resumed.stdout
    assert len(decided) == PARTS + 1
    assert "total net pay" in resumed.stdout
    for arguments in (["--parts", "2"], ["--parts", str(PARTS), "--known-at", "2024-06-30"]):
        refused = run(facts, out, *arguments)
        assert (refused.exit_code, "another run (options)" in said(refused)) == (2, True)
    (facts / "person.csv").write_text((facts / "person.csv").read_text("utf-8") + "\n", "utf-8")
    assert "another run (facts)" in said(run(facts, out, "--parts", str(PARTS)))


def test_another_folder_is_never_used(facts: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", "utf-8")
    refused = run(facts, tmp_path / "mine", "--parts", "2")
    assert (refused.exit_code, "is not empty" in said(refused)) == (2, True)


@pytest.mark.parametrize("arguments", [["--json"], ["--html", "x.html"], ["--memory", "lots"]])
def test_what_is_not_done_in_parts_is_refused_by_name(facts: Path, tmp_path: Path, arguments: list[str]) -> None:
    refused = run(facts, tmp_path / "out", "--parts", "2", *arguments)
    assert refused.exit_code == 2
    assert arguments[-1 if arguments[0] == "--memory" else 0] in said(refused)
    assert not (tmp_path / "out").exists()


def start(facts: Path, out: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "scorecore_cli", "run", str(GALAXY / "branch.toml"), "--facts", str(facts)]
    command += ["--period", "2024-04", "--out", str(out), "--parts", "12", "--jobs", "2"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for_parts(process: "subprocess.Popen[bytes]", out: Path, count: int) -> None:
    """Until so many parts are done, and others are not."""
    while process.poll() is None:
        if (out / "index.json").exists() and len(json.loads((out / "index.json").read_text("utf-8"))["parts"]) >= count:
            return
        time.sleep(0.01)
    raise AssertionError("it ended before")


@pytest.mark.slow
def test_killed_processes_change_nothing(facts: Path, tmp_path: Path) -> None:
    """First the command is killed, then, when it resumes, a worker; what was done is not decided again."""
    undivided, out = tmp_path / "whole", tmp_path / "parts"
    run(facts, undivided, "--format", "parquet")
    killed = start(facts, out)
    wait_for_parts(killed, out, 2)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    listed = json.loads((out / "index.json").read_text("utf-8"))["parts"]
    paths = [out / "decisions" / f"{int(part):05}.parquet" for part in listed]
    done = {path: path.stat().st_ino for path in paths}
    resumed = start(facts, out)
    wait_for_parts(resumed, out, len(done) + 1)
    children = Path(f"/proc/{resumed.pid}/task/{resumed.pid}/children").read_text("ascii").split()
    os.kill(int(children[-1]), signal.SIGKILL)
    assert resumed.wait() in {0, 1}
    finished = json.loads((out / "index.json").read_text("utf-8"))["parts"]
    assert len(finished) == 12
    assert {path: path.stat().st_ino for path in paths} == done
    assert_same(undivided, out)
