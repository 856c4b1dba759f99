"""The key of a record names the next; it is lost, or stolen: what counts then, and what somebody forges with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from operators import ANNA, BO, CHEN, NOBODY, acting, begin_with_operators, codes
from recording import KEY, NOW, Chance, decision, filled, index_as, reopen
from scorecore.diagnostics.diagnostic import Rejected
from scorecore.record.log import witness
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.key_history import RECOVERY, ROTATION, name_key
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, SigningKey
from scorecore.record.log.signatures import Signer
from scorecore.record.log.verify import verify
from scorecore.record.people.acts import confirm, rotate_operator_key
from scorecore.record.people.people import People
from scorecore.record.runs.recorded import Recorded

SECOND: Final = SigningKey(KEY.name, b"2" * 32)
THIRD: Final = SigningKey(KEY.name, b"3" * 32)
RECOVERY_KEY: Final = SigningKey(KEY.name, b"r" * 32)
THIEF: Final = SigningKey(KEY.name, b"t" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A record of 305 entries, kept by a single operator."""
    filled(tmp_path / "record.scorecore", (3, 300, 1)).close()
    return tmp_path / "record.scorecore"


def rotate(path: Path, old: SigningKey = KEY, new: SigningKey = SECOND, **said: object) -> Checkpoint:
    is_recovery = bool(said.pop("is_recovery", False))
    with reopen(path, key=old, is_recovery=is_recovery) as log:
        Recorded.read(log)
        return log.rotate(new, now=NOW, after=log.size, **said)  # type: ignore[arg-type]


def grow(path: Path, key: SigningKey, number: int = 0) -> Checkpoint:
    with reopen(path, key=key) as log:
        return log.append([decision(number + 1)], now=NOW)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Rejected) as caught:
        act()
    return caught.value.diagnostics[0].kind.code


def found(path: Path, **options: object) -> list[str]:
    return [diagnostic.kind.code for diagnostic in verify(path, **options).diagnostics]  # type: ignore[arg-type]


def read(path: Path) -> People:
    with Log.open(path) as log:
        return People.read(log)


def test_a_key_names_the_next(path: Path) -> None:
    """Checkpoints from the rotation on are signed by the new key; each anchor counts under the key of its time."""
    with Log.open(path) as log:
        old = log.checkpoint().note
    signed = rotate(path)
    grow(path, SECOND)
    rotate(path, SECOND, THIRD)
    last = grow(path, THIRD, 7)
    with Log.open(path) as log:
        assert log.keys.keys == (KEY.verifier, SECOND.verifier, THIRD.verifier)
        assert (log.verifier, log.size) == (THIRD.verifier, 309)
        for size in log.sizes():
            assert Checkpoint.parse(log.checkpoint(size).note, [log.keys.at(size)])[1]
    for anchor in (old, signed.note, last.note):
        assert found(path, anchor=anchor, trusted=[KEY.verifier]) == []
        assert found(path, anchor=anchor, trusted=[THIRD.verifier]) == []
    assert found(path, trusted=[RECOVERY_KEY.verifier]) == ["SC922", "SC810"]
    assert read(path).thefts == read(path).lost_keys == []


def test_an_old_key_appends_nothing(path: Path) -> None:
    """Neither when it is opened later, nor while another program has named the next key."""
    with reopen(path) as log:
        rotate(path)
        assert refused(lambda: log.append([decision(1)], now=NOW)) == "SC921"
        assert refused(lambda: log.rotate(THIEF, now=NOW, after=log.size)) == "SC921"
    assert refused(lambda: reopen(path)) == "SC921"
    assert refused(lambda: reopen(path, key=THIEF)) == "SC804"
    assert grow(path, SECOND).size == 307


class Thief(Log):
    """Has a key, and skips every check of the writer."""

    def _check_key(self) -> None: ...


def forge(path: Path, key: SigningKey, *entries: NewLogEntry, signer: Signer | None = None) -> None:
    """Append entries, and a checkpoint over them that a key signs, whether it may or not."""
    with Thief.open(path, key=key, chance=Chance("forged"), signer=signer) as log:
        log.guard = lambda *_: None
        log.append(entries, now=NOW)


def statement(
    path: Path, by: SigningKey, new: SigningKey, size: int | None = None, kind: str = ROTATION
) -> NewLogEntry:
    """The entry by which a key names another at the end of a record, or elsewhere."""
    with Log.open(path) as log:
        return name_key(
            kind, new.verifier, by=by, log=KEY.name, size=log.size if size is None else size, root=log.checkpoint().root
        )


def test_what_the_old_key_signs_later_is_refused(path: Path) -> None:
    """A checkpoint in the file, and one that is presented as an anchor: it names the entry that replaced the key."""
    rotate(path)
    forged = Checkpoint(KEY.name, 306, b"x" * 32).signed(KEY)
    assert found(path, anchor=forged.note) == ["SC921"]
    forge(path, KEY, decision(1))
    assert refused(lambda: Log.open(path)) == "SC817"
    assert "SC817" in found(path)


@pytest.mark.parametrize(
    ("by", "new", "place"),
    [(THIEF, THIEF, None), (KEY, KEY, None), (KEY, THIEF, 300), (RECOVERY_KEY, THIEF, None)],
    ids=["another's signature", "itself", "another place", "a recovery key that nobody named"],
)
def test_a_forged_rotation_is_refused(path: Path, by: SigningKey, new: SigningKey, place: int | None) -> None:
    forge(path, new, statement(path, by, new, place))
    assert refused(lambda: Log.open(path)) == "SC920"
    assert found(path) == ["SC920"]


def test_a_rotation_of_another_record_or_an_earlier_one_is_refused(path: Path, tmp_path: Path) -> None:
    """With one key two records: the entry fits one only. And a thief of the old key dates a rotation back."""
    other = tmp_path / "other.scorecore"
    filled(other, (3, 301)).close()
    rotate(other, new=THIEF)
    with Log.open(other) as log:
        fields = {name: log.entry(305).fields[name] for name in ("key", "root", "signature")}
    backup = path.read_bytes()
    forge(path, THIEF, NewLogEntry(ROTATION, fields))
    assert refused(lambda: Log.open(path)) == "SC920"
    path.write_bytes(backup)
    rotate(path)
    early = NewLogEntry(ROTATION, statement(path, KEY, THIEF, 4).fields)
    forge(path, THIEF, early)
    assert refused(lambda: Log.open(path)) == "SC920"


def test_a_fork_from_before_the_rotation_is_seen_by_who_knows_the_new_key(path: Path) -> None:
    """The old key names two next ones, or goes on alone: the file fits itself, and not what anybody else holds."""
    backup = path.read_bytes()
    signed = rotate(path)
    path.write_bytes(backup)
    rotate(path, new=THIEF)
    assert found(path) == ["SC810"]
    assert found(path, trusted=[SECOND.verifier]) == ["SC922", "SC810"]
    assert found(path, anchor=signed.note) == ["SC826"]
    path.write_bytes(backup)
    assert found(path, trusted=[SECOND.verifier]) == ["SC922", "SC810"]
    with Log.open(path) as log:
        assert refused(lambda: log.check_anchor(signed.note)) == "SC826"


def test_a_rotation_that_is_hidden_from_the_index_is_seen(path: Path) -> None:
    """The thief of an old key goes on after the rotation, and makes the index of kinds forget it."""
    forge(path, KEY, statement(path, KEY, SECOND))
    assert refused(lambda: Log.open(path)) == "SC817"
    index_as(path, 305, "cosignature")
    with Log.open(path) as log:
        assert refused(lambda: Recorded.read(log)) == "SC920"
    assert "SC827" in found(path)


def test_the_recovery_key_names_the_next_when_the_key_is_lost(path: Path) -> None:
    """It can do nothing else, and what has happened is said for ever."""
    assert refused(lambda: reopen(path, key=RECOVERY_KEY, is_recovery=True)) == "SC929"
    with reopen(path) as log:
        log.name_recovery_key(RECOVERY_KEY, now=NOW, after=log.size)
        assert (log.verifier, log.keys.recovery) == (KEY.verifier, RECOVERY_KEY.verifier)
        log.append([decision(1)], now=NOW)
    assert refused(lambda: reopen(path, key=RECOVERY_KEY)) == "SC804"
    with reopen(path, key=RECOVERY_KEY, is_recovery=True) as log, pytest.raises(ValueError, match="recovery"):
        log.append([decision(1)], now=NOW)
    rotate(path, RECOVERY_KEY, is_recovery=True, reason="the disk broke")
    assert grow(path, SECOND).size == 309
    assert [(lost.entry, lost.reason) for lost in read(path).lost_keys] == [(307, "the disk broke")]
    assert found(path, trusted=[KEY.verifier]) == ["SC810"]


def test_somebody_with_the_file_cannot_name_a_recovery_key(path: Path) -> None:
    forge(path, KEY, statement(path, THIEF, RECOVERY_KEY, kind=RECOVERY))
    assert refused(lambda: Log.open(path)) == "SC920"


def test_what_a_stolen_key_signed_must_be_confirmed(path: Path) -> None:
    """Everything since the checkpoint; new runs wait for it. Confirmed is what was signed until the new key."""
    with Log.open(path) as log:
        size = log.size
    grow(path, KEY)
    rotate(path, stolen=size, reason="the laptop is gone")
    (theft,) = read(path).unconfirmed
    assert (theft.size, theft.signed, theft.entry) == (305, ((305, 305),), 306)
    with reopen(path, key=SECOND) as log:
        recorded = Recorded.read(log)
        assert codes(recorded.check_confirmed) == ["SC925"]
        assert codes(lambda: confirm(recorded, 305, "looked at it", now=NOW)) == ["SC926"]
        confirm(recorded, theft.entry, "looked at it", now=NOW)
        Recorded.read(log).check_confirmed()
        assert codes(lambda: confirm(Recorded.read(log), theft.entry, "again", now=NOW)) == ["SC926"]
    assert read(path).thefts[0].confirmed == 307
    assert refused(lambda: rotate(path, SECOND, THIRD, stolen=10**6)) == "SC920"
    assert refused(lambda: rotate(path, SECOND, KEY)) == "SC920"


def test_rotations_need_an_administrator(tmp_path: Path) -> None:
    """Every operator's program has the key of the record; only an administrator may name another."""
    path = tmp_path / "record.scorecore"
    begin_with_operators(path)
    with acting(path, BO) as log:
        assert refused(lambda: log.rotate(SECOND, now=NOW, after=log.size)) == "SC863"
        assert refused(lambda: log.name_recovery_key(RECOVERY_KEY, now=NOW, after=log.size)) == "SC863"
    backup = path.read_bytes()
    with Thief.open(path, key=KEY, chance=Chance("forged"), signer=Signer(BO)) as log:
        log.guard = lambda *_: None
        log.rotate(SECOND, now=NOW, after=log.size)
    assert codes(lambda: read(path)) == ["SC863"]
    path.write_bytes(backup)
    with acting(path, CHEN) as log:
        log.rotate(SECOND, now=NOW, after=log.size)
    assert read(path).is_single is False


def test_operators_replace_their_keys(tmp_path: Path) -> None:
    """By themselves, or an administrator for them, with a reason; the old key signs nothing any more."""
    path, new = tmp_path / "record.scorecore", SigningKey("bo", b"B" * 32)
    begin_with_operators(path)
    with acting(path, BO) as log:
        rotate_operator_key(Recorded.read(log), new.verifier, now=NOW)
    for key, code in ((BO, "SC921"), (new, "SC868")):
        with acting(path, key) as log:
            assert codes(lambda: rotate_operator_key(Recorded.read(log), BO.verifier, now=NOW)) == [code]
    with reopen(path, signer=Signer(BO)) as log:
        log.guard = lambda *_: None
        log.append([NewLogEntry("cosignature", {})], now=NOW)
    assert codes(lambda: read(path)) == ["SC862"]


def test_what_an_operator_s_stolen_key_signed_must_be_confirmed(tmp_path: Path) -> None:
    path, new = tmp_path / "record.scorecore", SigningKey("bo", b"B" * 32)
    begin_with_operators(path)
    for key in (BO, CHEN, BO):
        with acting(path, key) as log:
            log.append([NewLogEntry("cosignature", {})], now=NOW)
    with acting(path, CHEN) as log:
        recorded = Recorded.read(log)
        assert codes(lambda: rotate_operator_key(recorded, new.verifier, now=NOW)) == ["SC927"]
        assert codes(lambda: rotate_operator_key(recorded, NOBODY.verifier, now=NOW, reason="x")) == ["SC869"]
        rotate_operator_key(recorded, new.verifier, now=NOW, reason="seen at the café", stolen=6)
        assert [theft.signed for theft in Recorded.read(log).people.thefts] == [((6, 7), (10, 11))]
    with acting(path, new) as log:
        assert codes(lambda: confirm(Recorded.read(log), 12, "mine", now=NOW)) == ["SC863"]
    with acting(path, ANNA) as log:
        confirm(Recorded.read(log), 12, "asked bo", now=NOW)
    assert read(path).unconfirmed == []


def test_witnesses_sign_across_a_rotation(path: Path, tmp_path: Path) -> None:
    """Once they know the new key; the memory of a witness and its cosignatures go on."""
    key = SigningKey("witness.example", b"w" * 32)
    knows_first = witness.Witness(key, [KEY.verifier], tmp_path / "memory")
    with reopen(path) as log:
        line = knows_first.answer(witness.write_request(log, 0), NOW)
        log.append(witness.read_answer(log, line, [key.verifier]), now=NOW)
    rotate(path)
    with reopen(path, key=SECOND) as log:
        request = witness.write_request(log, 305)
        with pytest.raises(witness.WitnessError) as caught:
            knows_first.answer(request, NOW)
        assert caught.value.status == 403
        line = evolve(knows_first, logs=[KEY.verifier, SECOND.verifier]).answer(request, NOW)
        log.append(witness.read_answer(log, line, [key.verifier]), now=NOW)
        assert witness.find_cosignatures(log, [key.verifier])[key.name].size == 307
