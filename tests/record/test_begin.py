"""A record is begun on purpose, whole or not at all; after a loss it is resumed, and says so."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import apsw
import pytest
from click.testing import CliRunner, Result

from recording import RECORD_FILE, record
from scorecore.record.log import store
from scorecore.record.log.log import Log
from scorecore_cli.main import scorecore

BEGIN: Final = f"record begin {RECORD_FILE} --single-operator"
JUNE: Final = f"run policy.toml --facts facts --period 2024-06 --record {RECORD_FILE}"


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, shlex.split(line), catch_exceptions=False)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files() -> list[str]:
    return sorted(path.name for path in Path.cwd().iterdir())


def test_a_record_is_begun(tmp_path: Path) -> None:
    """Named as its file, or by --name; nobody else reads it; who keeps it is in its first entry."""
    assert call(BEGIN).exit_code == 0
    assert files() == [f"record.scorecore{ending}" for ending in ("", ".key", ".key.last", ".vault")]
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    with Log.open(RECORD_FILE) as log:
        assert (log.size, log.verifier.name) == (1, "record")
        assert log.entry(0).fields["single_operator"] is True
    assert call("record begin a --operator 王芳 --name chengnan.example/pay").exit_code == 0
    with Log.open(Path("a")) as log:
        assert (log.verifier.name, log.entry(0).fields["operator"]) == ("chengnan.example/pay", "王芳")
    assert call("record operator add a --name 李雷 --role approver --as a.王芳.key").exit_code == 0
    assert "李雷" in call("record operator list a").stdout


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("record begin a", 2),
        ("record begin a --single-operator --operator B", 2),
        ("record begin 'a b.scorecore' --single-operator", 2),
        ("record begin a --single-operator --name 'x+y'", 2),
        ("record begin nowhere/a --single-operator", 1),
        (JUNE, 1),
    ],
)
def test_what_is_not_said_right_begins_nothing(line: str, code: int) -> None:
    record("2024-05")
    RECORD_FILE.unlink()
    before = files()
    assert call(line).exit_code == code
    assert files() == before


def test_a_file_that_is_there_is_not_begun() -> None:
    assert call(BEGIN).exit_code == 0
    before = RECORD_FILE.read_bytes()
    assert "SC8" in call(BEGIN).output
    Path("minutes").write_text("minutes of a meeting", encoding="utf-8")
    assert "SC801" in call("record begin minutes --single-operator").output
    assert RECORD_FILE.read_bytes() == before
    assert Path("minutes").read_text(encoding="utf-8") == "minutes of a meeting"


def test_a_record_that_is_gone_is_not_begun_again_with_its_key() -> None:
    assert call(BEGIN).exit_code == 0
    RECORD_FILE.unlink()
    result = call(BEGIN)
    assert (result.exit_code, "SC838" in result.output) == (1, True)
    assert not RECORD_FILE.exists()


@pytest.mark.parametrize("left", ["empty", "header", "journal", "wal"])
def test_what_a_crash_has_left_is_begun_again(left: str) -> None:
    """With its key, whichever state an earlier version or a full disk left the file in."""
    assert call(BEGIN).exit_code == 0
    RECORD_FILE.unlink()
    Path(f"{RECORD_FILE}.key.last").unlink()
    key = Path(f"{RECORD_FILE}.key").read_bytes()
    RECORD_FILE.touch()
    if left != "empty":
        with apsw.Connection(str(RECORD_FILE)) as connection:
            connection.pragma("application_id", store.APPLICATION)
        connection.close()
    if left in {"journal", "wal"}:
        Path(f"{RECORD_FILE}-{left}").write_bytes(b"")
    assert call(BEGIN).exit_code == 0
    assert files() == [f"record.scorecore{ending}" for ending in ("", ".key", ".key.last", ".vault")]
    assert Path(f"{RECORD_FILE}.key").read_bytes() == key
    assert call(f"record log {RECORD_FILE}").exit_code == 0


@pytest.mark.parametrize("fails", ["hardlink_to", "mkstemp", "create"])
def test_a_full_disk_leaves_what_can_be_begun_again(fails: str) -> None:
    """Whatever fails: the key, the file, or its name."""

    def full(*_arguments: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    places = {"hardlink_to": "pathlib.Path.hardlink_to", "mkstemp": "os.open", "create": "os.fsync"}
    with patch(places[fails], full):
        assert call(BEGIN).exit_code == 1
    assert not RECORD_FILE.exists()
    assert not [name for name in files() if name.endswith("tmp")]
    assert call(BEGIN).exit_code == 0


@pytest.mark.slow
def test_of_two_who_begin_at_once_one_does() -> None:
    command = [sys.executable, "-m", "scorecore_cli", *shlex.split(BEGIN)]
    racing = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    outputs = [process.communicate() for process in racing]
    assert sorted(process.returncode for process in racing) == [0, 1, 1], outputs
    assert call(f"record verify {RECORD_FILE}").exit_code == 3
    assert files() == [f"record.scorecore{ending}" for ending in ("", ".key", ".key.last", ".vault")]


def test_after_a_loss_a_record_is_resumed_and_says_so() -> None:
    record("2024-05")
    backup = RECORD_FILE.read_bytes()
    assert call(f"record resume {RECORD_FILE} --reason lost").exit_code == 2  # nothing is missing
    assert call(JUNE).exit_code == 0
    RECORD_FILE.write_bytes(backup)
    assert "SC838" in call(JUNE).output
    assert call(f"record resume {RECORD_FILE} --reason ' '").exit_code == 2
    assert call(f"record resume {RECORD_FILE} --reason 'the disk broke'").exit_code == 0
    assert call(JUNE).exit_code == 0
    shown = call(f"record log {RECORD_FILE} --lang en").stdout
    assert "what was signed after entry 5, up to 11 entries, is lost (the disk broke)" in shown
    result = call(f"record verify {RECORD_FILE} --json")
    assert (result.exit_code, "SC839" in [problem["code"] for problem in json.loads(result.stdout)["problems"]]) == (
        3,
        True,
    )
    assert call(f"record replay {RECORD_FILE}").exit_code == 0
