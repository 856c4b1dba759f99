"""Keys from the command line: rotation that is interrupted, loss, theft, passphrases, and keys that are trusted."""

import io
import json
import os
import shlex
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from recording import KEY, RECORD_FILE, anchor, record
from scorecore.record.log import sealed_key
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore_cli import passphrase, signing_key
from scorecore_cli.commands.record import key as key_commands
from scorecore_cli.main import scorecore
from scorecore_cli.passphrase import NEW_VARIABLE, VARIABLE

JUNE: Final = f"run policy.toml --facts facts --period 2024-06 --record {RECORD_FILE}"
KEY_FILE: Final = Path(f"{RECORD_FILE}.key")
ROTATE: Final = f"record key rotate {RECORD_FILE}"


VARIABLES: Final = {"": VARIABLE, "file": f"{VARIABLE}_FILE", "new": NEW_VARIABLE}


def call(line: str, words: str = "", **others: str) -> Result:
    """Give a command with the passphrase in a variable, or others in others."""
    known = {"": words, **others} if words else others
    env = {VARIABLES[name]: value for name, value in known.items()}
    return CliRunner().invoke(scorecore, shlex.split(line), env=env, catch_exceptions=False)


def succeed(line: str, words: str = "", **others: str) -> str:
    result = call(line, words, **others)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(autouse=True)
def branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of May; passphrases are cheap to try."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sealed_key, "COST", 10)
    record("2024-05")
    return tmp_path


def test_a_rotation_that_is_interrupted_is_finished_by_the_next_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the record names the new key the old one signs; after that the new one is put into its place."""

    class InterruptionError(Exception): ...

    def interrupt(*_: object, **__: object) -> None:
        raise InterruptionError

    with monkeypatch.context() as patched:
        patched.setattr(Log, "rotate", interrupt)
        with pytest.raises(InterruptionError):
            call(ROTATE)
    waiting = Path(f"{KEY_FILE}.next").read_text(encoding="ascii")
    succeed(JUNE)
    assert SigningKey.parse(KEY_FILE.read_text(encoding="ascii")) == KEY
    with monkeypatch.context() as patched:
        patched.setattr(key_commands, "install_next_key", interrupt)
        with pytest.raises(InterruptionError):
            call(ROTATE)
    with Log.open(RECORD_FILE) as log:
        assert log.verifier == SigningKey.parse(waiting).verifier
    succeed(JUNE.replace("2024-06", "2024-07"))
    assert (KEY_FILE.read_text(encoding="ascii"), Path(f"{KEY_FILE}.next").exists()) == (waiting, False)
    old = Path(f"{KEY_FILE}.{KEY.verifier.key_id.hex()}")
    assert SigningKey.parse(old.read_text(encoding="ascii")) == KEY
    assert "SC921" in call(f"{JUNE} --key {old}".replace("2024-06", "2024-08")).output


def test_a_new_key_is_on_the_disk_before_the_record_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes and its name in the folder: else a loss of power would leave a record that nobody can add to."""
    done: list[str] = []
    sync, named = os.fsync, Log.rotate

    def note_sync(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def note_rotation(log: Log, *arguments: Any, **options: Any) -> object:
        done.append("named")
        return named(log, *arguments, **options)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Log, "rotate", note_rotation)
    succeed(ROTATE)
    assert done[:3] == ["file", "folder", "named"]
    assert done[-1] == "folder"


def test_what_is_remembered_follows_the_rotation() -> None:
    """A backup from before is refused; with the old key put back it can be resumed, and its key rotated again."""
    backup = RECORD_FILE.read_bytes()
    succeed(ROTATE)
    newest = RECORD_FILE.read_bytes()
    RECORD_FILE.write_bytes(backup)
    for line in (f"record log {RECORD_FILE}", JUNE):
        assert call(line).exit_code == 1
    assert "SC838" in call(f"record log {RECORD_FILE}").output
    Path(f"{KEY_FILE}.{KEY.verifier.key_id.hex()}").replace(KEY_FILE)
    assert "SC838" in call(JUNE).output
    succeed(f"record resume {RECORD_FILE} --reason 'the disk broke'")
    succeed(ROTATE)
    succeed(JUNE)
    RECORD_FILE.write_bytes(newest)
    assert "SC838" in call(f"record log {RECORD_FILE}").output


def test_a_proof_follows_the_keys() -> None:
    """From any of them, of which the receiver may know only the first or the last; nothing of it can be left out."""
    anchor()
    succeed(ROTATE)
    succeed(JUNE)
    succeed(f"record prove {RECORD_FILE} --person B1001 --period 2024-06 --out proof.zip")
    keys = json.loads(succeed(f"record key list {RECORD_FILE} --json"))
    assert keys["keys"][0]["key"] == str(KEY.verifier)
    with zipfile.ZipFile("proof.zip") as archive:
        archive.extractall("proof")

    def check(key: str) -> tuple[int, str]:
        command = [sys.executable, "verify.py", ".", "--key", key, "--anchor", "../anchor.txt"]
        done = subprocess.run(command, cwd="proof", capture_output=True, text=True, encoding="utf-8", check=False)
        return done.returncode, done.stdout

    for key in (str(KEY.verifier), keys["current"]):
        code, said = check(key)
        assert (code, "entry 6 names the next key of the log" in said) == (0, True), said
    assert check(str(SigningKey(KEY.name, bytes(32)).verifier))[0] == 1
    body = Path("proof/entry-00000006.json").read_bytes()
    Path("proof/entry-00000006.json").write_bytes(body.replace(b'"kind":"rotation"', b'"kind":"rotatiox"'))
    assert check(str(KEY.verifier))[0] == 1
    Path("proof/entry-00000006.json").unlink()
    Path("proof/entry-00000006.tlog-proof").unlink()
    assert check(str(KEY.verifier))[0] == check(keys["current"])[0] == 1


def is_doubted(period: str) -> bool:
    """Whether the verifier in a proof says that nobody has confirmed what a stolen key has signed."""
    with zipfile.ZipFile(io.BytesIO(prove(period))) as archive:
        archive.extractall(period)
    command = [sys.executable, "verify.py", ".", "--anchor", "../anchor.txt"]
    done = subprocess.run(command, cwd=period, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 3, done.stdout  # the key came with the proof
    return "nobody has confirmed what it signed since" in done.stdout


def prove(period: str) -> bytes:
    succeed(f"record prove {RECORD_FILE} --person B1001 --period {period} --out proof.zip --force")
    return Path("proof.zip").read_bytes()


def test_loss_and_theft_are_said_for_ever() -> None:
    """The recovery key names the next; what the stolen one signed waits for somebody to confirm it, and no run does."""
    anchor()
    assert "--reason" in call(f"{ROTATE} --stolen-since anchor.txt").output
    succeed(f"record key recovery {RECORD_FILE} safe.key")
    succeed(JUNE)
    KEY_FILE.unlink()
    stolen = "--stolen-since anchor.txt --reason 'the laptop is gone'"
    said = succeed(f"{ROTATE} --recovery safe.key {stolen}")
    assert "6-11" in said
    july = JUNE.replace("2024-06", "2024-07")
    assert "SC925" in call(july).output
    verified = call(f"record verify {RECORD_FILE} --anchor anchor.txt")
    assert (verified.exit_code, "nobody has confirmed" in verified.output) == (1, True)
    assert is_doubted("2024-06")
    succeed(f"record key confirm {RECORD_FILE} --theft 12 --reason 'June was run here'")
    succeed(july)
    assert not is_doubted("2024-06")
    assert not is_doubted("2024-07")
    assert "SC924" in succeed(f"record verify {RECORD_FILE} --anchor anchor.txt --key {KEY.verifier}")


def test_without_the_key_and_a_recovery_key_nothing_is_added() -> None:
    """The message says what to do; what was signed still verifies, and a second record takes the month over."""
    anchor()
    before = RECORD_FILE.read_bytes()
    KEY_FILE.unlink()
    for line in (JUNE, ROTATE, f"record resume {RECORD_FILE} --reason lost"):
        refused = call(line)
        assert (refused.exit_code, "SC928" in refused.output) == (1, True), refused.output
        assert "--recovery FILE" in refused.output
    Path("other.key").write_text(f"{SigningKey(KEY.name, b'o' * 32).text()}\n", encoding="ascii")
    Path("other.key").chmod(0o600)
    assert "SC929" in call(f"{ROTATE} --recovery other.key --reason lost").output
    assert RECORD_FILE.read_bytes() == before
    succeed(f"record verify {RECORD_FILE} --anchor anchor.txt --key {KEY.verifier}")
    succeed(f"record log {RECORD_FILE} --run 1 --out may")
    succeed("record begin second.scorecore --single-operator")
    history = "--history may" if "history" in Path("policy.toml").read_text(encoding="utf-8") else ""
    succeed(f"run policy.toml --facts facts --period 2024-06 {history} --record second.scorecore")


def test_a_passphrase_protects_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from a file or a variable or is asked for; a wrong one, an empty one and none at all end the command."""
    monkeypatch.setattr(passphrase, "_opened", {})
    protect = f"record key passphrase {KEY_FILE}"
    assert call(protect, new="").exit_code == 2
    assert SigningKey.parse(KEY_FILE.read_text(encoding="ascii")) == KEY
    succeed(protect, new="a sentence")
    sealed = KEY_FILE.read_text(encoding="ascii")
    assert sealed.startswith(f"ENCRYPTED+KEY+{KEY.name}+")
    assert KEY_FILE.stat().st_mode & 0o777 == 0o600
    assert "SCORECORE_PASSPHRASE_FILE" in call(JUNE).output
    wrong = call(JUNE, "another")
    assert (wrong.exit_code, "not the passphrase" in wrong.output) == (1, True)
    for place in (20, -6):
        KEY_FILE.write_text(
            sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :], encoding="ascii"
        )
        assert call(JUNE, "a sentence").exit_code == 1
    KEY_FILE.write_text(sealed, encoding="ascii")
    Path("words").write_text("another\na sentence\n", encoding="utf-8")
    assert call(f"{JUNE} --out {KEY_FILE}", file="words").exit_code == 2
    succeed(JUNE, file="words")
    succeed(ROTATE, file="words", new="the next")
    assert KEY_FILE.read_text(encoding="ascii").startswith("ENCRYPTED")
    succeed(f"{protect} --remove", "the next")
    succeed(JUNE.replace("2024-06", "2024-07"))


def test_a_key_that_others_can_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_key, "_warned", set())
    KEY_FILE.chmod(0o644)
    assert "chmod 600" in succeed(JUNE)


def test_operators_replace_their_keys() -> None:
    """Each their own; an administrator that of somebody who has lost it. A key of another record signs nothing."""
    succeed("record begin pay.scorecore --operator anna")
    succeed("record operator add pay.scorecore --name bo --role approver")
    anna, bo = "--as pay.scorecore.anna.key", "--as pay.scorecore.bo.key"
    old = Path("pay.scorecore.bo.key").read_bytes()
    succeed(f"record operator rotate pay.scorecore {bo}")
    assert Path("pay.scorecore.bo.key").read_bytes() != old
    line = succeed("record operator key new.key --name bo").strip()
    assert "SC927" in call(f"record operator rotate pay.scorecore --public-key {line} {anna}").output
    lost = f"record operator rotate pay.scorecore --public-key {line} --reason lost"
    succeed(f"{lost} {anna}")
    assert "SC921" in call(f"{lost} {bo}").output
    assert "SC923" in call("record verify pay.scorecore").output
    succeed("record begin other.scorecore --operator bo")
    wrong = call(f"record operator rotate pay.scorecore --public-key {line} --reason x --as other.scorecore.bo.key")
    assert (wrong.exit_code, "SC869" in wrong.output) == (1, True), wrong.output
    assert call("record key rotate pay.scorecore --as new.key").exit_code == 1
    succeed(f"record key rotate pay.scorecore {anna}")
