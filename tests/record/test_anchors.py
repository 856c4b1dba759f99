"""What a key has signed is remembered beside it, and any command takes an anchor; verifying changes nothing."""

import json
import os
import shlex
import shutil
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from recording import KEY, NOW, RECORD_FILE, anchor, create, decision, filled, record
from scorecore.record.log.vault import vault_path
from scorecore.record.log.verify import verify
from scorecore_cli.main import scorecore

JUNE: Final = f"run policy.toml --facts facts --period 2024-06 --record {RECORD_FILE}"
LAST: Final = Path(f"{RECORD_FILE}.key.last")


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, shlex.split(line), catch_exceptions=False)


@pytest.fixture
def branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    record("2024-05")
    return tmp_path


COMMANDS: Final = (
    f"record log {RECORD_FILE}",
    f"record replay {RECORD_FILE}",
    f"record prove {RECORD_FILE} --person B1001 --period 2024-05 --out proof.zip",
    f"record correct {RECORD_FILE} --facts facts --period 2024-05 --reason late",
    f"record correct {RECORD_FILE} --facts facts --period 2024-05 --reason late --preview",
    f"record erase {RECORD_FILE} --person B1001 --reason asked",
    f"explain --record {RECORD_FILE} --period 2024-05 --person B1001",
    JUNE,
)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_restored_backup_is_refused_by_every_command(branch: Path, line: str) -> None:
    """By what the key remembers, and without it by an anchor; with an anchor that fits all is well."""
    backup = RECORD_FILE.read_bytes()
    assert call(JUNE).exit_code == 0
    anchor()
    RECORD_FILE.write_bytes(backup)
    result = call(line)
    assert (result.exit_code, "SC838" in result.output) == (1, True), result.output
    LAST.unlink()
    result = call(f"{line} --anchor anchor.txt")
    assert (result.exit_code, "SC824" in result.output) == (1, True), result.output
    assert RECORD_FILE.read_bytes() == backup
    anchor()
    assert call(f"{line} --anchor anchor.txt").exit_code == 0
    assert branch.exists()


def test_a_fork_and_a_second_record_under_one_key_are_refused(branch: Path) -> None:
    """Somebody with a copy of the key adds elsewhere; or the file is gone, and another one is made with its key."""
    shutil.copytree(branch, branch / "elsewhere")
    assert call(JUNE).exit_code == 0
    os.chdir("elsewhere")
    assert call(JUNE.replace("2024-06", "2024-07")).exit_code == 0
    os.chdir(branch)
    shutil.copy(f"elsewhere/{RECORD_FILE}", RECORD_FILE)
    result = call(f"record erase {RECORD_FILE} --person B1001 --reason asked")
    assert (result.exit_code, "SC838" in result.output) == (1, True)
    for file in (RECORD_FILE, vault_path(RECORD_FILE)):
        file.unlink()
    with create(RECORD_FILE) as log:
        log.append([decision(number) for number in range(1, 21)], now=NOW)
    assert "SC838" in call(f"record erase {RECORD_FILE} --person B1001 --reason asked").output


def test_what_is_remembered_is_what_was_signed(branch: Path) -> None:
    """After a run, a correction and an erasure; readable for its owner only. What is not ours is a mistake of usage."""
    for line in (JUNE, f"record erase {RECORD_FILE} --person B1001 --reason asked"):
        assert call(line).exit_code == 0
        assert LAST.read_text(encoding="utf-8") == call(f"record log {RECORD_FILE} --checkpoint").stdout
    assert LAST.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in branch.glob("*.tmp")) == []
    LAST.write_text("345 entries, I think", encoding="utf-8")
    assert call(f"record log {RECORD_FILE}").exit_code == 2


def test_an_anchor_that_is_none(branch: Path) -> None:
    Path("anchor.txt").write_text("345 entries, I think", encoding="utf-8")
    assert "SC831" in call(f"record log {RECORD_FILE} --anchor anchor.txt").output
    other_note = KEY.sign(f"example.com/other\n3\n{'A' * 43}=\n")
    Path("anchor.txt").write_text(other_note, encoding="utf-8")
    assert "SC826" in call(f"record log {RECORD_FILE} --anchor anchor.txt").output
    assert branch.exists()


def test_verify_says_consistent_and_ends_with_three(branch: Path) -> None:
    result = call(f"record verify {RECORD_FILE} --lang en")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (3, "the record is consistent, not anchored")
    assert json.loads(call(f"record verify {RECORD_FILE} --json").stdout)["anchored"] is False
    anchor()
    result = call(f"record verify {RECORD_FILE} --anchor anchor.txt --lang en")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "the record is sound")
    assert branch.exists()


def test_a_payroll_that_pays_nobody_does_not_pass(branch: Path) -> None:
    """Everybody is left out; without a period nobody knows who."""
    Path("pay.csv").write_text("person,to_pay\n", encoding="utf-8")
    anchor()
    common = f"record verify {RECORD_FILE} --anchor anchor.txt --against pay.csv"
    result = call(f"{common} --period 2024-05")
    assert (result.exit_code, result.stdout.count("SC850")) == (1, 3)
    assert call(common).exit_code == 2
    assert branch.exists()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("left", ["nothing", "wal", "wal and shm"])
def test_evidence_is_not_changed(tmp_path: Path, left: str) -> None:
    """Neither the file nor what a crash has left beside it; what is in the -wal file is verified, too."""
    path, evidence = tmp_path / "record.scorecore", tmp_path / "evidence"
    evidence.mkdir()
    with filled(path, (3, 40)) as log:
        note = log.checkpoint().note
        if left != "nothing":
            for beside in ("-wal", *(["-shm"] if "shm" in left else [])):
                shutil.copy(f"{path}{beside}", evidence)
            shutil.copy(path, evidence)
    if left == "nothing":
        shutil.copy(path, evidence)
    shutil.copy(vault_path(path), evidence)
    before = contents(evidence)
    assert ("record.scorecore-wal" in before) == (left != "nothing")
    assert verify(evidence / path.name, anchor=note).diagnostics == ()
    after = contents(evidence)
    assert after.keys() == before.keys()
    assert {name: data for name, data in after.items() if "shm" not in name} == {
        name: data for name, data in before.items() if "shm" not in name
    }
