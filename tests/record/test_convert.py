"""A record of format 1, with its keys within, becomes one with a vault: what was signed remains signed."""

from pathlib import Path
from shutil import copyfile
from typing import Final

import pytest
from click.testing import CliRunner

from recording import KEY, NOW, Chance, by_hand, read_vault
from scorecore.diagnostics.diagnostic import RecordRejected
from scorecore.record.log.entries import ERASED, NewLogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, SigningKey
from scorecore.record.log.sealing import pseudonym
from scorecore.record.log.vault import vault_path
from scorecore.record.log.verify import verify
from scorecore.record.replay import replay
from scorecore.record.runs.recorded import Recorded
from scorecore_cli.main import scorecore

GOLDEN: Final = Path(__file__).parents[1] / "golden"
ANCHOR: Final = (GOLDEN / "checkpoint.txt").read_text(encoding="utf-8")
PERSON: Final = "B1003"
RETURNED: Final = "9001"
"""Somebody who was erased and came back."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(copyfile(GOLDEN / "ledger.scorecore", tmp_path / "old.scorecore"))


def convert(old: Path) -> Path:
    path = old.with_name("new.scorecore")
    with Log.open(old, key=KEY, chance=Chance("convert")) as log:
        Recorded.read(log)
        log.convert(path, now=NOW)
    return path


def about(subject: str) -> NewLogEntry:
    return NewLogEntry("note", payload=f'{{"subject":"{subject}"}}'.encode(), subject=subject)


def test_all_that_was_signed_remains_signed(old: Path) -> None:
    """Entries, checkpoints and parts byte by byte; the old anchor holds; everybody is decided as before."""
    before = old.read_bytes()
    path = convert(old)
    assert old.read_bytes() == before
    assert verify(path, anchor=ANCHOR).diagnostics == ()
    with Log.open(old) as was, Log.open(path, anchor=Checkpoint.parse(ANCHOR)[0]) as log:
        assert [entry.body for entry in log.entries(0, was.size)] == [entry.body for entry in was.entries()]
        sizes = was.sizes()
        assert [log.checkpoint(size).note for size in sizes] == [was.checkpoint(size).note for size in sizes]
        assert log.sizes() == [*sizes, was.size + 1]
        assert log.entry(was.size).kind == "conversion"
        assert list(log.payloads(0, was.size)) == list(was.payloads())
        assert [entry.index for entry in log.about(PERSON)] == [entry.index for entry in was.about(PERSON)]
        assert Recorded.read(log).people.is_single
        replayed = [replay(log, run) for run in Recorded.read(log).runs]
    assert [(run.same, run.erased) for run in replayed] == [(37, 1), (39, 1), (1, 0), (1, 0)]


def test_nobody_who_was_erased_is_found_by_trying_ids(old: Path) -> None:
    """The secret that made the pseudonyms is in neither file, and the vault has nothing of the erased."""
    with by_hand(old) as connection:
        secret = connection.execute("SELECT value FROM secret WHERE name = 'pseudonym'").get
    path = convert(old)
    with Log.open(old) as was, Log.open(path) as log:
        names = {entry.subject for entry in log.by_kind("erasure")}
        ids = [f"B{number}" for number in range(1000, 1100)]
        erased = [who for who in ids if pseudonym(secret, who) in names]
        assert len(erased) == 1
        assert (was.pseudonym(erased[0]) in names, log.pseudonym(erased[0])) == (True, "")
    assert all(secret not in file.read_bytes() for file in (path, vault_path(path)))
    assert [row[1:] for row in read_vault(path) if row[1] in names] == [(*names, None, None)]


def test_it_goes_on(old: Path) -> None:
    """What is appended, and who is erased, as in any record; who had come back after an erasure is still there."""
    with Log.open(old, key=KEY, chance=Chance("came back")) as log:
        Recorded.read(log)
        first = log.append([about(RETURNED)], now=NOW).size - 1
        log.erase(RETURNED, now=NOW, reason="request 8")
        log.append([about(RETURNED)], now=NOW)
    path = convert(old)
    with Log.open(path, key=KEY, chance=Chance("goes on")) as log:
        Recorded.read(log)
        assert (log.payload(first), log.payload(first + 2)) == (ERASED, about(RETURNED).payload)
        log.append([about(PERSON), about("new")], now=NOW)
        log.erase(RETURNED, now=NOW, reason="request 9")
    with Log.open(path) as log:
        assert (log.payload(first + 2), log.pseudonym(RETURNED)) == (ERASED, "")
        assert [entry.index for entry in log.about(PERSON)][-1] == log.size - 3
    assert verify(path, anchor=ANCHOR).diagnostics == ()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE payload SET sealed = zeroblob(99) WHERE idx = 5", "SC818"),
        ("UPDATE subject_key SET value = NULL WHERE number = 2", "SC819"),
        ("UPDATE secret SET value = zeroblob(32)", "SC829"),
        ("DELETE FROM subject_key WHERE number = 3", "SC827"),
    ],
)
def test_what_was_changed_is_not_converted(old: Path, statement: str, code: str) -> None:
    with by_hand(old) as connection:
        connection.execute(statement).fetchall()
    with pytest.raises(RecordRejected) as refused:
        convert(old)
    assert [diagnostic.kind.code for diagnostic in refused.value.diagnostics] == [code]
    assert not old.with_name("new.scorecore").exists()


def test_a_payload_that_names_nobody_is_refused(old: Path) -> None:
    """No identifier could lead to it any more."""
    with Log.open(old, key=KEY, chance=Chance("nobody")) as log:
        Recorded.read(log)
        log.append([NewLogEntry("note", payload=b"x", subject="9002")], now=NOW)
    with pytest.raises(RecordRejected) as refused:
        convert(old)
    assert [diagnostic.kind.code for diagnostic in refused.value.diagnostics] == ["SC845"]


def say(line: str) -> tuple[int, str]:
    result = CliRunner().invoke(scorecore, ["record", *line.split()], catch_exceptions=False)
    return result.exit_code, result.output


def test_the_command(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key goes with the new record, so that the old one is not continued; nothing is overwritten."""
    monkeypatch.chdir(old.parent)
    Path("old.scorecore.key").write_text(f"{KEY.text()}\n", encoding="utf-8")
    Path("old.txt").write_text(ANCHOR, encoding="utf-8")
    code, said = say("convert old.scorecore new.scorecore --anchor old.txt")
    assert (code, "approved by a single operator" in said) == (0, True)
    assert not Path("old.scorecore.key").exists()
    assert "converted at" in say("log new.scorecore")[1]
    assert say("verify new.scorecore --anchor old.txt")[0] == 0
    assert say(f"erase new.scorecore --person {PERSON} --reason asked --anyway")[0] == 0
    for ending in ("", ".last"):
        Path(f"new.scorecore.key{ending}").rename(f"elsewhere.key{ending}")
    left = {path.name: path.read_bytes() for path in Path().iterdir()}
    for line, expected, words in (
        ("convert old.scorecore new.scorecore --key elsewhere.key", 1, "SC801"),
        ("convert old.scorecore other.scorecore --key elsewhere.key", 1, "SC838"),
        ("convert new.scorecore other.scorecore --key elsewhere.key", 2, "nothing to convert"),
    ):
        code, said = say(line)
        assert (code, words in said) == (expected, True), said
    assert left == {path.name: path.read_bytes() for path in Path().iterdir()}


def test_rotated_keys_are_converted(old: Path) -> None:
    """Anchors of before and after the rotation fit the new file, and the last key alone goes on."""
    following = SigningKey(KEY.name, b"n" * 32)
    with Log.open(old, key=KEY, chance=Chance("rotated")) as log:
        runs, before = len(Recorded.read(log).runs), log.checkpoint()
        log.rotate(following, now=NOW, after=log.size)
        last = log.checkpoint()
    path = old.with_name("new.scorecore")
    with Log.open(old, key=following, chance=Chance("convert")) as log:
        Recorded.read(log)
        log.convert(path, now=NOW)
    for anchor in (ANCHOR, before.note, last.note):
        assert [each.kind.code for each in verify(path, anchor=anchor).diagnostics] == []
    with Log.open(path) as log:
        assert log.verifier == following.verifier
        assert len(Recorded.read(log).runs) == runs
    with pytest.raises(RecordRejected):
        Log.open(path, key=KEY, chance=Chance("next"))
    with Log.open(path, key=following, chance=Chance("next")) as log:
        Recorded.read(log)
        log.append([about(PERSON)], now=NOW)
    assert verify(path, anchor=last.note).sound
