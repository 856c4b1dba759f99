"""What waits is in one list; an objection is on the statement of the person, and in words where two records part."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from recording import RECORD_FILE, command, record
from scorecore_cli.main import scorecore


def said(line: str) -> str:
    return CliRunner().invoke(scorecore, line.split(), catch_exceptions=False).output


def test_an_objection_waits_until_it_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record("2024-05")
    assert "nothing is waiting" in said(f"record waiting {RECORD_FILE}")
    shutil.copy(RECORD_FILE, "copy.scorecore")
    command(f"scorecore record object {RECORD_FILE} --person B1002 --period 2024-05 --whole --reason wrong")
    assert "B1002" in said(f"record waiting {RECORD_FILE}")
    assert "an objection" in said(f"record compare {RECORD_FILE} copy.scorecore")
    assert "异议" in said(f"record compare {RECORD_FILE} copy.scorecore --lang zh")
    command(f"scorecore statements --record {RECORD_FILE} --period 2024-05 --out statements.html")
    page = Path("statements.html").read_text(encoding="utf-8")
    assert page.count("You objected on 2024-06-03: the whole decision; to be answered.") == 1
    command(f"scorecore record answer {RECORD_FILE} --objection 6 --refuse --reason right")
    assert "nothing is waiting" in said(f"record waiting {RECORD_FILE}")
    command(f"scorecore statements --record {RECORD_FILE} --period 2024-05 --out statements.html --force")
    assert "the whole decision; refused." in Path("statements.html").read_text(encoding="utf-8")
