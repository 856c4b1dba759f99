"""One append inside one transaction: entries, payloads and full tiles, read back before anything is signed.

A certificate log died in 2021 because one bit of an entry changed between the disk and its hash. Here the hash is taken
of what SQLite gives back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

import apsw
from attrs import evolve

from scorecore.record.log import tree
from scorecore.record.log.entries import (
    LONGEST,
    OWN,
    NewLogEntry,
    blob_digest,
)
from scorecore.record.log.prefetch import prefetch
from scorecore.record.log.read import bodies
from scorecore.record.log.sealing import (
    NONCE,
    SECRET,
    Chance,
    Press,
    Sealing,
    commitment,
)
from scorecore.record.log.subjects import Subjects
from scorecore.record.log.tree import Frontier
from scorecore.values.canonical_json import encode

_CHUNK: Final = 4_096
"""How many entries are held in memory at once, twice: those that are written, and the next."""


class NotKept(Exception):  # noqa: N818  becomes a diagnostic of the file
    """The file gives back something else than was written."""


def chunks(entries: Iterable[NewLogEntry]) -> Iterator[list[NewLogEntry]]:
    waiting = iter(entries)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


T = TypeVar("T")


def mark_last(values: Iterable[T]) -> Iterator[tuple[T, bool]]:
    """Each value, and whether it is the last.

    >>> list(mark_last("ab"))
    [('a', False), ('b', True)]
    """
    waiting = iter(values)
    for value in waiting:
        current = value
        break
    else:
        return
    for following in waiting:
        yield current, False
        current = following
    yield current, True


class Appending:
    """What one transaction adds. The edge of the tree moves on with it, on a copy."""

    def __init__(self, connection: apsw.Connection, subjects: Subjects, sealing: Sealing, edge: Frontier) -> None:
        self._connection = connection
        self._subjects = subjects
        self._sealing = sealing
        self.edge = edge.copy()

    def add(self, entries: Iterable[NewLogEntry], now: datetime, chance: Chance, *, is_end: bool = True) -> None:
        """Append entries; raises NotKept, and ValueError for an entry that has no canonical form or is too long.

        The last one says which keys there are, unless this is not the end of what is appended.
        """
        form = Form(now)
        for (chunk, squeezed), is_last in mark_last(prefetch(self._squeezed, chunks(entries))):
            start = self.edge.size
            written: list[bytes] = []
            sealed: list[tuple[int, int, bytes]] = []
            dice = chance((SECRET + NONCE) * len(squeezed))
            keys = self._subjects.keys(
                [new_entry.subject for new_entry in chunk if new_entry.payload is not None and new_entry.subject]
            )
            if is_last and is_end:
                chunk[-1] = self._describe_keys(chunk[-1])
            for index, entry in enumerate(chunk, start):
                subject = promised = None
                if entry.payload is not None and entry.subject is not None:
                    offset = len(sealed) * (SECRET + NONCE)
                    salt, nonce = dice[offset : offset + SECRET], dice[offset + SECRET : offset + SECRET + NONCE]
                    owner = keys[entry.subject]
                    subject, key = owner.pseudonym, owner.key or b""
                    promised = commitment(salt, entry.payload)
                    sealed.append((index, owner.number, self._sealing.seal(salt, squeezed[len(sealed)], key, nonce)))
                else:
                    subject = entry.pseudonym if entry.subject is None else self._subjects.named(entry.subject)
                if entry.blobs:
                    self._check_there(entry.blobs)
                written.append(form.body(entry, subject, promised))
            self._write(start, written, sealed)

    def _describe_keys(self, entry: NewLogEntry) -> NewLogEntry:
        """An entry that says which keys there are; its own is among them."""
        if entry.payload is None and entry.subject is not None:
            self._subjects.named(entry.subject)
        return evolve(entry, fields={**entry.fields, **self._subjects.described()})

    def _squeezed(self, chunk: list[NewLogEntry]) -> tuple[list[NewLogEntry], list[bytes]]:
        """Entries, and their payloads compressed."""
        return chunk, self._sealing.squeeze_all([entry.payload for entry in chunk if entry.payload is not None])

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
