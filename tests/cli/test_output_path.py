"""No output takes the place of a record, its key or a checkpoint, under whatever name and through whatever link."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from recording import RECORD_FILE, record
from scorecore_cli.commands import run as run_command
from scorecore_cli.main import scorecore

RUN: Final = "run policy.toml --facts facts --period 2024-05"
STATEMENTS: Final = "statements policy.toml --facts facts --period 2024-05"
PROVE: Final = f"record prove {RECORD_FILE} --person 1001 --period 2024-05"
LINKS: Final = {
    "link.xlsx": "",
    "link.html": ".key",
    "tables/payroll.csv": "",
    "each/1001.html": "",
    "other/scores.csv": ".key.last",
}
"""Where symbolic links lead to, beside the record."""


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, [*shlex.split(line), "--lang", "en"], catch_exceptions=False)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        record()
    return folder


@pytest.fixture(autouse=True)
def _folder(begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    shutil.copy(f"{RECORD_FILE}.key.last", "anchor.txt")
    Path("hard.zip").hardlink_to(RECORD_FILE)
    for link, ending in LINKS.items():
        Path(link).parent.mkdir(exist_ok=True)
        Path(link).symlink_to(Path(f"{RECORD_FILE}{ending}").absolute())


@pytest.mark.parametrize(
    "line",
    [
        *(f"{PROVE} --out {RECORD_FILE}{ending}" for ending in ("", ".key", ".key.last", ".vault", "-wal", "-journal")),
        f"{PROVE} --out anchor.txt",
        f"{PROVE} --out hard.zip",
        *(f"{RUN} --out {out}" for out in ("link.xlsx", "tables", "other", "anchor.txt", RECORD_FILE)),
        f"{RUN} --record {RECORD_FILE} --out link.xlsx",
        "diff policy.toml policy.toml --facts facts --period 2024-05 --html link.html",
        f"{RUN} --html link.html",
        f"{STATEMENTS} --out link.html",
        f"{STATEMENTS} --each html --out each",
        f"schema --out {RECORD_FILE}.key",
        f"record correct {RECORD_FILE} --facts facts --period 2024-05 --reason late --out link.xlsx",
        "record begin alike --single-operator --key alike",
        "record begin key.last --single-operator --key key",
        "record begin new --single-operator --key new-wal",
    ],
)
def test_what_must_be_kept_is_not_replaced(begun: Path, tmp_path: Path, line: str) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    result = call(line)
    assert result.exit_code == 2, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    for ending in ("", ".key", ".key.last", ".vault"):
        name = f"{RECORD_FILE}{ending}"
        assert Path(name).read_bytes() == (begun / name).read_bytes()


def test_other_files_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text("PRIVATE", encoding="utf-8")
    assert call("schema --cases --out schema.json").exit_code == 2  # scorecore did not write it
    assert call("schema --cases --out schema.json --force").exit_code == 0
    assert (tmp_path / "schema.json").read_text(encoding="utf-8").startswith("{")
    assert call("schema --cases --out new/schema.json").exit_code == 0


@pytest.mark.parametrize("line", [f"record witness request {RECORD_FILE}", f"record timestamp query {RECORD_FILE}"])
def test_the_work_of_somebody_else_is_not_replaced(tmp_path: Path, line: str) -> None:
    (tmp_path / "letter.txt").write_text("PRIVATE", encoding="utf-8")
    assert call(f"{line} --out letter.txt").exit_code == 2
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "PRIVATE"
    assert call(f"{line} --out letter.txt --force").exit_code == 0
    assert call(f"{line} --out new.txt").exit_code == 0


def test_a_witness_that_cannot_answer_has_signed_nothing(tmp_path: Path) -> None:
    """Else the next request for the same entries would be refused, and the answer is nowhere."""
    (tmp_path / "letter.txt").write_text("PRIVATE", encoding="utf-8")
    assert call("record witness key audit.key --name audit.example.com").exit_code == 0
    assert call(f"record witness request {RECORD_FILE} --out request.txt").exit_code == 0
    key = json.loads(call(f"record log {RECORD_FILE} --json").stdout)["key"]
    sign = f"record witness sign request.txt --key audit.key --log {key} --out"
    assert call(f"{sign} letter.txt").exit_code == 2
    assert call(f"{sign} answer.txt").exit_code == 0


def test_what_was_recorded_is_reported_where_tables_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full after the run was recorded: nobody records it a second time for that."""

    def refuse(*_arguments: object) -> None:
        raise run_command.click.FileError("out", "no space left on device")

    monkeypatch.setattr("scorecore_cli.commands.run.Output.write_tables", refuse)
    result = call(f"{RUN} --record {RECORD_FILE} --out out")
    assert result.exit_code == 1
    assert f"recorded in {RECORD_FILE}; this writes the tables of the run: " in result.stderr
    assert "no space left on device" in result.stderr
