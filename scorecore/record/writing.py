"""One append inside one transaction: entries, payloads and full tiles, read back before anything is signed.

A certificate log died in 2021 because one bit of an entry changed between the disk and its hash. Here the hash is taken
of what SQLite gives back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

import apsw

from scorecore.canonical import encode
from scorecore.record import tree
from scorecore.record.entries import LONGEST, OWN, NewEntry, blob_digest
from scorecore.record.reading import bodies
from scorecore.record.tree import Edge
from scorecore.record.vault import NONCE, SECRET, Chance, Opened, Press, Vault, pseudonym

_CHUNK: Final = 4_096
"""How many entries are held in memory at once."""
_PSEUDONYM: Final = "pseudonym"


class NotKept(Exception):  # noqa: N818  told to people as a problem of the file
    """The file gives back something else than was written."""


def chunks(entries: Iterable[NewEntry]) -> Iterator[list[NewEntry]]:
    waiting = iter(entries)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


class Subjects:
    """Pseudonyms, and the keys of subjects: read when they are first needed, made for who has none."""

    def __init__(self, connection: apsw.Connection, vault: Vault, chance: Chance) -> None:
        self._connection = connection
        self._vault = vault
        self._chance = chance
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
        """Raises Unfit where the secret is locked, LookupError where it was destroyed."""
        if self._secret is None:
            found: Any = self._connection.execute("SELECT value FROM secret WHERE name = ?", (_PSEUDONYM,)).get
            if found is None:
                raise LookupError("the pseudonyms of this record were destroyed")
            self._secret = self._vault.unwrap(found, _PSEUDONYM)
        return pseudonym(self._secret, subject)

    def key(self, subject: str) -> tuple[str, int, bytes]:
        """The pseudonym of a subject and the number and bytes of its key, which is made if there is none."""
        if not (found := self._known.get(subject)):
            name = self.pseudonym(subject)
            query = "SELECT number, value FROM subject_key WHERE subject = ? AND value IS NOT NULL"
            row: Any = self._connection.execute(query, (name,)).fetchone()
            number, value = row or self._make(name)
            found = self._known[subject] = (name, number, self._vault.unwrap(value, name))
        return found

    def _make(self, name: str) -> tuple[int, bytes]:
        value = self._vault.wrap(self._chance(SECRET), name, self._chance)
        self._connection.execute("INSERT INTO subject_key (subject, value) VALUES (?, ?)", (name, value))
        return self._connection.last_insert_rowid(), value


class Appending:
    """What one transaction adds. The edge of the tree moves on with it, on a copy."""

    def __init__(self, connection: apsw.Connection, subjects: Subjects, vault: Vault, edge: Edge) -> None:
        self._connection = connection
        self._subjects = subjects
        self._vault = vault
        self.edge = edge.copy()

    def add(self, entries: Iterable[NewEntry], now: datetime, chance: Chance) -> None:
        """Append entries; raises NotKept, and ValueError for an entry that has no canonical form or is too long."""
        for chunk in chunks(entries):
            start = self.edge.size
            written: list[bytes] = []
            sealed: list[tuple[int, int, bytes]] = []
            dice = chance((SECRET + NONCE) * sum(one.payload is not None for one in chunk))
            for index, entry in enumerate(chunk, start):
                own: dict[str, Any] = {"at": now, "kind": entry.kind}
                if entry.payload is not None and entry.subject is not None:
                    at = len(sealed) * (SECRET + NONCE)
                    opened = Opened(dice[at : at + SECRET], entry.payload)
                    own["subject"], number, key = self._subjects.key(entry.subject)
                    own["payload"] = opened.commitment
                    nonce = dice[at + SECRET : at + SECRET + NONCE]
                    sealed.append((index, number, self._vault.seal(opened, key, nonce)))
                elif entry.subject is not None:
                    own["subject"] = self._subjects.pseudonym(entry.subject)
                if entry.period is not None:
                    own["period"] = entry.period
                if entry.blobs:
                    own["blobs"] = self._there(entry.blobs)
                written.append(_body(own, entry.fields))
            self._write(start, written, sealed)

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
        for level, place, *rest in tiles:
            if self._connection.execute(query, (level, place)).fetchone() != tuple(rest):
                raise NotKept

    def _there(self, digests: tuple[str, ...]) -> list[str]:
        for digest in digests:
            if self._connection.execute("SELECT 1 FROM blob WHERE digest = ?", (digest,)).fetchone() is None:
                raise ValueError(f"an entry rests on {digest}, which is not kept")
        return sorted(digests)

    def add_blobs(self, blobs: Mapping[str, bytes], press: Press) -> None:
        """Keep what is not there yet; raises ValueError where a digest is another's, and NotKept."""
        for digest, data in sorted(blobs.items()):
            if blob_digest(data) != digest:
                raise ValueError(f"{digest} is not the SHA-256 of what it stands for")
            self._connection.execute("INSERT OR IGNORE INTO blob VALUES (?, ?)", (digest, press.squeeze(data)))
            kept: Any = self._connection.execute("SELECT compressed FROM blob WHERE digest = ?", (digest,)).get
            if press.open(kept) != data:
                raise NotKept


def _body(own: dict[str, Any], fields: Mapping[str, Any]) -> bytes:
    if not OWN.isdisjoint(fields):
        raise ValueError(f"the log writes {', '.join(sorted(OWN & fields.keys()))} itself")
    body = encode({**own, **fields})
    if len(body) > LONGEST:
        raise ValueError(f"an entry has at most {LONGEST} bytes, not {len(body)}; what is long belongs into a blob")
    return body
