"""One append inside one transaction: entries, payloads and full tiles, read back before anything is signed.

A certificate log died in 2021 because one bit of an entry changed between the disk and its hash. Here the hash is taken
of what SQLite gives back.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

import apsw

from scorecore.record.log import tree
from scorecore.record.log.entries import (
    LONGEST,
    OWN,
    NewLogEntry,
    blob_digest,
)
from scorecore.record.log.prefetch import prefetch
from scorecore.record.log.read import bodies
from scorecore.record.log.store import Missing
from scorecore.record.log.tree import Frontier
from scorecore.record.log.vault import (
    NONCE,
    SECRET,
    Chance,
    Press,
    Vault,
    commitment,
    pseudonym,
)
from scorecore.values.canonical_json import encode

_CHUNK: Final = 4_096
"""How many entries are held in memory at once, twice: those that are written, and the next."""
_PSEUDONYM: Final = "pseudonym"


class NotKept(Exception):  # noqa: N818  becomes a diagnostic of the file
    """The file gives back something else than was written."""


def chunks(entries: Iterable[NewLogEntry]) -> Iterator[list[NewLogEntry]]:
    waiting = iter(entries)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


class Subjects:
    """Pseudonyms, and the keys of subjects: read when they are first needed, made for who has none."""

    def __init__(self, connection: apsw.Connection, vault: Vault, chance: Chance) -> None:
        self._connection = connection
        self._vault = vault
        self._chance = chance
        self.check: Callable[[bytes], None] = lambda _secret: None
        """Raises RecordRejected where the secret is not the one that the log began with."""
        self._secret: bytes | None = None
        self._known: dict[str, tuple[str, int, bytes]] = {}

    def begin(self) -> None:
        """Make the secret of the pseudonyms, in the first transaction of a file."""
        value = self._vault.wrap(self._chance(SECRET), _PSEUDONYM, self._chance)
        self._connection.execute("INSERT INTO secret VALUES (?, ?)", (_PSEUDONYM, value))

    def forget(self) -> None:
        """Believe the file again, after a transaction was rolled back or a key destroyed."""
        self._secret = None
        self._known.clear()

    def pseudonym(self, subject: str) -> str:
        """Raises VaultError where the secret is locked, Missing where it was destroyed."""
        return pseudonym(self._opened_secret(), subject)

    def _opened_secret(self) -> bytes:
        if self._secret is None:
            wrapped: Any = self._connection.execute("SELECT value FROM secret WHERE name = ?", (_PSEUDONYM,)).get
            if wrapped is None:
                raise Missing("the pseudonyms of this record were destroyed")
            secret = self._vault.unwrap(wrapped, _PSEUDONYM)
            self.check(secret)
            self._secret = secret
        return self._secret

    def keys(self, subjects: Iterable[str]) -> Mapping[str, tuple[str, int, bytes]]:
        """For each subject its pseudonym and the number and bytes of its key, which is made if there is none."""
        secret = self._opened_secret()
        names = {pseudonym(secret, subject): subject for subject in subjects if subject not in self._known}
        query = """
            SELECT subject, number, value FROM subject_key
            WHERE subject IN (SELECT value FROM json_each(?)) AND value IS NOT NULL
        """
        rows: Any = self._connection.execute(query, (json.dumps(list(names)),)).fetchall()
        keys = [(name, number, self._vault.unwrap(value, name)) for name, number, value in rows]
        keys = [key for key in keys if len(key[2]) == SECRET]  # a damaged one cannot seal; verify names what it opened
        there = {name for name, _, _ in keys}
        made = self._make([name for name in names if name not in there])
        keys += [(name, number, self._vault.unwrap(value, name)) for name, number, value in made]
        for key in keys:
            self._known[names[key[0]]] = key
        return self._known

    def _make(self, names: list[str]) -> list[tuple[str, int, bytes]]:
        last: Any = self._connection.execute("SELECT coalesce(max(number), 0) FROM subject_key").get
        secrets = self._chance(SECRET * len(names))
        keys = []
        for number, name in enumerate(names):
            value = self._vault.wrap(secrets[number * SECRET : (number + 1) * SECRET], name, self._chance)
            keys.append((name, last + 1 + number, value))
        self._connection.executemany("INSERT INTO subject_key (subject, number, value) VALUES (?, ?, ?)", keys)
        return keys


class Appending:
    """What one transaction adds. The edge of the tree moves on with it, on a copy."""

    def __init__(self, connection: apsw.Connection, subjects: Subjects, vault: Vault, edge: Frontier) -> None:
        self._connection = connection
        self._subjects = subjects
        self._vault = vault
        self.edge = edge.copy()

    def add(self, entries: Iterable[NewLogEntry], now: datetime, chance: Chance) -> None:
        """Append entries; raises NotKept, and ValueError for an entry that has no canonical form or is too long."""
        form = Form(now)
        for chunk, squeezed in prefetch(self._squeezed, chunks(entries)):
            start = self.edge.size
            written: list[bytes] = []
            sealed: list[tuple[int, int, bytes]] = []
            dice = chance((SECRET + NONCE) * len(squeezed))
            keys = self._subjects.keys(
                [new_entry.subject for new_entry in chunk if new_entry.payload is not None and new_entry.subject]
            )
            for index, entry in enumerate(chunk, start):
                subject = promised = None
                if entry.payload is not None and entry.subject is not None:
                    offset = len(sealed) * (SECRET + NONCE)
                    salt, nonce = dice[offset : offset + SECRET], dice[offset + SECRET : offset + SECRET + NONCE]
                    subject, number, key = keys[entry.subject]
                    promised = commitment(salt, entry.payload)
                    sealed.append((index, number, self._vault.seal(salt, squeezed[len(sealed)], key, nonce)))
                elif entry.subject is not None:
                    subject = self._subjects.pseudonym(entry.subject)
                if entry.blobs:
                    self._check_there(entry.blobs)
                written.append(form.body(entry, subject, promised))
            self._write(start, written, sealed)

    def _squeezed(self, chunk: list[NewLogEntry]) -> tuple[list[NewLogEntry], list[bytes]]:
        """Entries, and their payloads compressed."""
        return chunk, self._vault.squeeze_all([entry.payload for entry in chunk if entry.payload is not None])

    def _write(self, start: int, written: list[bytes], sealed: list[tuple[int, int, bytes]]) -> None:
        insert = self._connection.executemany
        insert("INSERT INTO entry (idx, body) VALUES (?, ?)", enumerate((body.decode() for body in written), start))
        insert("INSERT INTO payload VALUES (?, ?, ?)", sealed)
        kept = bodies(self._connection, start, start + len(written))
        query = "SELECT idx, key, sealed FROM payload WHERE idx >= ? ORDER BY idx"
        if kept != written or self._connection.execute(query, (start,)).fetchall() != sealed:
            raise NotKept
        tiles = list(self.edge.extend([tree.leaf_hash(body) for body in kept]))
        insert("INSERT INTO tile VALUES (?, ?, ?, ?)", tiles)
        query = "SELECT root, hashes FROM tile WHERE level = ? AND place = ?"
        for level, place, *root_and_hashes in tiles:
            if self._connection.execute(query, (level, place)).fetchone() != tuple(root_and_hashes):
                raise NotKept

    def _check_there(self, digests: tuple[str, ...]) -> None:
        for digest in digests:
            if self._connection.execute("SELECT 1 FROM blob WHERE digest = ?", (digest,)).fetchone() is None:
                raise ValueError(f"an entry rests on {digest}, which is not kept")

    def add_blobs(self, blobs: Mapping[str, bytes], press: Press) -> None:
        """Keep what is not there yet; raises ValueError where a digest is another's, and NotKept."""
        for digest, data in sorted(blobs.items()):
            if blob_digest(data) != digest:
                raise ValueError(f"{digest} is not the SHA-256 of what it stands for")
            self._connection.execute("INSERT OR IGNORE INTO blob VALUES (?, ?)", (digest, press.squeeze(data)))
            kept: Any = self._connection.execute("SELECT compressed FROM blob WHERE digest = ?", (digest,)).get
            if press.open(kept) != data:
                raise NotKept


_PAYLOAD: Final = "<payload>"
_SUBJECT: Final = "<subject>"
"""What stands in a form for the two values that each entry has of its own, both base64."""


class Form:
    """Writes the canonical bytes of entries. Of entries that share everything else, it encodes the first only."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._like: tuple[object, ...] = ()
        self._pieces: tuple[str, str, str] | None = None

    def body(self, entry: NewLogEntry, subject: str | None, promised: str | None) -> bytes:
        """Raises ValueError and TypeError where there is no canonical form, or the entry is too long."""
        if subject is None or promised is None:
            return self._encode(entry, subject, promised)
        # True equals 1, but is written otherwise
        like = (entry.kind, entry.period, repr(entry.fields), entry.blobs)
        if like != self._like:
            self._like, self._pieces = like, self._cut(self._encode(entry, _SUBJECT, _PAYLOAD).decode())
        if self._pieces is None:
            return self._encode(entry, subject, promised)
        before, between, after = self._pieces
        return f"{before}{promised}{between}{subject}{after}".encode()

    @staticmethod
    def _cut(text: str) -> tuple[str, str, str] | None:
        """The text around the two values; None where it has them elsewhere, too."""
        before, *after_payload = text.split(_PAYLOAD)
        between, *after_subject = "".join(after_payload).split(_SUBJECT)
        is_cut = len(after_payload) == len(after_subject) == 1 and _SUBJECT not in before
        return (before, between, after_subject[0]) if is_cut else None

    def _encode(self, entry: NewLogEntry, subject: str | None, promised: str | None) -> bytes:
        if not OWN.isdisjoint(entry.fields):
            raise ValueError(f"the log writes {', '.join(sorted(OWN & entry.fields.keys()))} itself")
        common = {
            "at": self._now,
            "blobs": sorted(entry.blobs) or None,
            "kind": entry.kind,
            "payload": promised,
            "period": entry.period,
            "subject": subject,
        }
        body = encode({**{name: value for name, value in common.items() if value is not None}, **entry.fields})
        if len(body) > LONGEST - SECRET - SECRET:  # room for what the form leaves open
            raise ValueError(f"an entry has at most {LONGEST} bytes; what is long belongs into a blob")
        return body
