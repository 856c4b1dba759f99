"""Whatever is done to the file, verify names it; what cannot be seen from inside is seen with an anchor."""

import os
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any, Final

import apsw
import pytest

from recording import KEY, NOW, POLICY, by_hand, create, decision, filled, reopen
from scorecore.record.log import store, tree
from scorecore.record.log.entries import blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, SigningKey
from scorecore.record.log.vault import vault_path
from scorecore.record.log.verify import verify

FLIPS: Final = int(os.environ.get("RECORD_FLIPS", "150"))
"""How many single bits are turned; each is its own record."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.scorecore"


def found(path: Path, **options: Any) -> list[str]:
    """Codes and what they name."""
    told = []
    for diagnostic in verify(path, **options).diagnostics:
        what = {name: value for name, value in diagnostic.params.items() if name not in {"reason", "theirs", "ours"}}
        told.append(" ".join([diagnostic.kind.code, *what.values()]))
    return told


TAMPERED: Final = {
    "an entry is rewritten": ("UPDATE entry SET body = replace(body, '05', '06') WHERE idx = 7", ["SC811 7"]),
    "an entry is dropped": ("DELETE FROM payload WHERE idx = 7; DELETE FROM entry WHERE idx = 7", ["SC812 7"]),
    "two entries are swapped": (
        "UPDATE entry SET idx = iif(idx = 7, -9, -7) WHERE idx IN (7, 9); UPDATE entry SET idx = -idx WHERE idx < 0",
        ["SC811 7", "SC811 9", "SC818 7", "SC818 9"],
    ),
    "an entry of the edge is rewritten": (
        "UPDATE entry SET body = replace(body, '05', '06') WHERE idx = 304",
        ["SC816 305 304 304", "SC825 345"],
    ),
    "the first entry is rewritten": ("UPDATE entry SET body = replace(body, 'key', 'kex') WHERE idx = 0", ["SC811 0"]),
    "an entry is added": ("INSERT INTO entry (idx, body) VALUES (345, '{}')", ["SC813 345"]),
    "the last entries are dropped": (
        "DELETE FROM payload WHERE idx > 342; DELETE FROM entry WHERE idx > 342",
        ["SC812 343", "SC812 344", "SC816 345 305 344", "SC825 345"],
    ),
    "a tile is rewritten": ("UPDATE tile SET hashes = zeroblob(8192)", ["SC814 0 0 0 255"]),
    "a tile is shortened": ("UPDATE tile SET hashes = x'00'", ["SC814 0 0 0 255"]),
    "the root of a tile is rewritten": ("UPDATE tile SET root = zeroblob(32)", ["SC814 0 0 0 255"]),
    "a tile is dropped": ("DELETE FROM tile", ["SC815 0 0 0 255"]),
    "a tile is added": ("INSERT INTO tile VALUES (0, 1, zeroblob(32), zeroblob(8192))", ["SC823 tile 0, 1"]),
    "a checkpoint is rewritten": (
        "UPDATE checkpoint SET note = replace(note, '304', '303') WHERE size = 304",
        ["SC817 304"],
    ),
    "a checkpoint is moved": ("UPDATE checkpoint SET size = 303 WHERE size = 304", ["SC817 303"]),
    "a checkpoint is no text of ours": ("UPDATE checkpoint SET note = 'x' WHERE size = 304", ["SC817 304"]),
    "a payload is rewritten": ("UPDATE payload SET sealed = zeroblob(80) WHERE idx = 7", ["SC818 7"]),
    "payloads are swapped": (
        "UPDATE payload SET idx = idx - 15 WHERE idx IN (7, 8); UPDATE payload SET idx = -idx WHERE idx < 0",
        ["SC818 7", "SC818 8"],
    ),
    "a payload is moved": ("UPDATE payload SET idx = -1 WHERE idx = 7", ["SC823 payload -1", "SC819 7"]),
    "a payload is erased in silence": ("UPDATE payload SET sealed = NULL WHERE idx = 7", ["SC819 7"]),
    "a payload is dropped": ("DELETE FROM payload WHERE idx = 7", ["SC819 7"]),
    "a payload is added": ("INSERT INTO payload VALUES (0, 1, x'00')", ["SC823 payload 0"]),
    "a part is rewritten": (
        "UPDATE blob SET compressed = zeroblob(9)",
        [f"SC821 {blob_digest(POLICY)}"],
    ),
    "a part is dropped": ("DELETE FROM blob", [f"SC822 {blob_digest(POLICY)} 1"]),
    "a part is added": ("INSERT INTO blob VALUES ('00', x'00')", ["SC821 00", "SC823 blob 00"]),
    "a table is added": ("CREATE TABLE more (a)", ["SC828 more"]),
    "the index is dropped": ("DROP INDEX payload_by_key", ["SC828 payload_by_key"]),
    "the schema is not what it was": ("PRAGMA user_version = 7", ["SC808 7 2"]),
}
"""What is done by hand, and what verify then tells with an anchor; without one UNANCHORED comes on top."""


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_done_is_named(path: Path, what: str) -> None:
    statements, expected = TAMPERED[what]
    with filled(path) as log:
        anchor = log.checkpoint().note
    assert found(path, anchor=anchor) == []
    with by_hand(path) as connection:
        connection.execute(statements).fetchall()
    told = found(path, anchor=anchor)
    assert told == expected
    assert not verify(path).sound


def test_a_dropped_trigger_is_seen(path: Path) -> None:
    filled(path).close()
    connection = apsw.Connection(str(path))
    connection.execute("DROP TRIGGER entry_no_update")
    connection.close()
    assert found(path) == ["SC828 entry_no_update", "SC810 345"]


def test_without_an_anchor_it_says_so(path: Path) -> None:
    filled(path).close()
    verdict = verify(path)
    assert (verdict.entries, verdict.payloads, verdict.erased, verdict.parts) == (345, 344, 0, 1)
    assert verdict.sound
    assert found(path) == ["SC810 345"]


def test_a_record_that_was_cut_off_fits_itself_but_no_anchor(path: Path) -> None:
    with filled(path) as log:
        old, last = log.checkpoint(305).note, log.checkpoint().note
    with by_hand(path) as connection:
        for table, column in (("payload", "idx"), ("entry", "idx"), ("checkpoint", "size")):
            connection.execute(f"DELETE FROM {table} WHERE {column} > {305 - (column == 'idx')}")  # noqa: S608
    assert found(path) == ["SC810 305"]
    assert found(path, anchor=old) == []
    assert found(path, anchor=last) == ["SC824 305 345"]


def test_a_rewritten_record_fits_itself_but_no_anchor(path: Path) -> None:
    """Whoever holds the signing key can sign another history; the anchor shows that it is another."""
    with filled(path) as log:
        anchor = log.checkpoint().note
    for file in (path, vault_path(path)):
        file.unlink()
    with create(path) as log:
        log.append([decision(number) for number in range(1, 345)], now=NOW)
    assert found(path) == ["SC810 345"]
    assert found(path, anchor=anchor) == ["SC825 345"]


def test_anchors_of_others_and_what_is_no_anchor(path: Path) -> None:
    with filled(path) as log:
        signed = log.checkpoint()
    other_key = SigningKey("example.com/other", bytes(32))
    assert found(path, anchor=signed.signed(other_key).note) == ["SC826"]
    named = Checkpoint("example.com/other", 3, tree.EMPTY).signed(KEY)
    assert found(path, anchor=named.note) == ["SC826"]
    assert found(path, anchor="345 entries, I think") == ["SC831"]
    assert found(path, anchor=signed.note.replace("345", "344")) == ["SC831"]
    assert found(path, trusted=[other_key.verifier]) == ["SC922", "SC810 345"]
    assert found(path, trusted=[other_key.verifier, KEY.verifier]) == ["SC810 345"]


def test_every_earlier_checkpoint_is_an_anchor(path: Path) -> None:
    with filled(path) as log:
        notes = [log.checkpoint(size).note for size in log.sizes()]
        log.erase("person 3", now=NOW, reason="asked for it")
    assert [found(path, anchor=note) for note in notes] == [[]] * len(notes)
    assert verify(path).erased == 49


def test_locked_payloads_are_said_to_be_unread(path: Path) -> None:
    lock = bytes(32)
    copyfile(Path(__file__).parents[1] / "golden" / "locked.scorecore", path)
    with Log.open(path) as log:
        anchor = log.checkpoint().note
    assert found(path, anchor=anchor) == ["SC820 8"]
    assert verify(path, anchor=anchor).sound
    assert found(path, anchor=anchor, lock=lock) == []
    assert found(path, anchor=anchor, payloads=False) == []


@pytest.mark.parametrize("content", [b"", b"minutes" * 999, None])
def test_what_is_no_record_is_a_diagnostic(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)
    assert found(path) == ["SC807" if content is None else "SC800"]


def logical(path: Path) -> object:
    """All that a record says: rows of every table, and its shape. None where it cannot be read."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        tables = ("entry", "tile", "checkpoint", "blob", "payload")
        return [
            store.shape(connection),
            [connection.pragma(name) for name in ("application_id", "user_version")],
            *(connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables),  # noqa: S608
            [entry.body for entry in Log.open(path).by_kind("decision")],
            [entry.body for entry in Log.open(path).about("person 1")],
        ]
    except Exception:  # noqa: BLE001  whatever is wrong with it
        return None


@pytest.mark.slow
def test_no_turned_bit_goes_unnoticed(path: Path) -> None:
    """Any single bit of the file: verify tells of it, or everything that the record says is still the same."""
    with filled(path, (3, 70, 1, 20)) as log:
        anchor = log.checkpoint().note
    intact, before = bytearray(path.read_bytes()), logical(path)
    assert before is not None
    random = Random(FLIPS)  # noqa: S311  the same bits in every run
    unnoticed, noticed = [], 0
    for _ in range(FLIPS):
        position, bit = random.randrange(len(intact)), 1 << random.randrange(8)
        intact[position] ^= bit
        path.write_bytes(intact)
        if not verify(path, anchor=anchor).sound:
            noticed += 1
        elif logical(path) != before:
            unnoticed.append((position, bit))
        intact[position] ^= bit
        for beside in path.parent.glob(f"{path.name}-*"):
            beside.unlink()
    assert unnoticed == []
    assert noticed > FLIPS // 3


def test_a_writer_does_not_disturb_who_verifies(path: Path) -> None:
    with filled(path) as log:
        anchor = log.checkpoint().note
        with reopen(path) as other_writer:
            other_writer.append([decision(1)], now=NOW)
            assert found(path, anchor=anchor) == []
        assert log.size == 346
