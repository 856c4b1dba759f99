"""Files that others hand over: of one that is too large no more is read than it can have, and nothing is done by it."""

import os
import shlex
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from recording import KEY, RECORD_FILE, command, record
from scorecore_cli import bounded_file
from scorecore_cli.main import scorecore

HUGE: Final = 2**40
"""A file that no memory holds; most systems keep its zeros nowhere."""


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, shlex.split(line), catch_exceptions=False)


@pytest.mark.parametrize(
    "line",
    [
        f"record witness sign huge --key w.key --log {KEY.verifier} --out answer",
        f"record witness sign request --key huge --log {KEY.verifier} --out answer",
        "record witness sign request --key w.key --log huge --out answer",
        f"record verify {RECORD_FILE} --anchor huge",
        f"record log {RECORD_FILE} --anchor huge",
        f"record log {RECORD_FILE} --until huge",
        f"record retention {RECORD_FILE} --set huge",
        f"record approval {RECORD_FILE} --set huge",
        f"record key rotate {RECORD_FILE} --key huge",
        f"record key rotate {RECORD_FILE} --stolen-since huge --reason stolen",
    ],
)
@pytest.mark.sampled(4)
def test_a_huge_file_is_refused(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record()
    assert call("record witness key w.key --name w.example").exit_code == 0
    assert call(f"record witness request {RECORD_FILE} --out request").exit_code == 0
    Path("huge").touch(mode=0o600)
    os.truncate("huge", HUGE)
    before = RECORD_FILE.read_bytes()
    refused = call(line)
    assert (refused.exit_code, f"more than {bounded_file.LARGEST // 1024} KB" in refused.output) == (2, True), refused
    assert not Path("answer").exists()
    assert RECORD_FILE.read_bytes() == before


def test_which_key_is_whose_is_asked_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator has made a key for somebody else: from then on two lie beside the record."""
    monkeypatch.chdir(tmp_path)
    command("scorecore record begin pay.scorecore --operator anna")
    command("scorecore record operator add pay.scorecore --name bo --role approver")
    asked = call("record operator add pay.scorecore --name chen --role author")
    assert asked.exit_code == 2
    assert all(name in asked.output for name in ("pay.scorecore.anna.key", "pay.scorecore.bo.key", "--as"))
