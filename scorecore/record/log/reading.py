"""Reading a log: entries, payloads, parts, checkpoints and proofs, as far as they are signed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, RecordRejected
from scorecore.record.log import store, tree
from scorecore.record.log.entries import ERASED, Gone, LogEntry, blob_digest
from scorecore.record.log.note import (
    Checkpoint,
    NoteError,
    VerifierKey,
)
from scorecore.record.log.read import Nodes, bodies, read_edge
from scorecore.record.log.tree import Frontier
from scorecore.record.log.vault import (
    Opened,
    Press,
    Vault,
    VaultError,
)
from scorecore.record.log.write import Subjects

_STEP = 4_096
"""How many rows are read at once."""
_OPENED = """
    SELECT e.idx, CAST(e.body AS BLOB), k.number IS NOT NULL, p.sealed, k.subject, k.value
    FROM entry e LEFT JOIN payload p USING (idx) LEFT JOIN subject_key k ON k.number = p.key
    WHERE e.idx >= ? AND e.idx < ? {} ORDER BY e.idx
"""
_ABOUT = "idx IN (SELECT idx FROM payload JOIN subject_key ON number = key WHERE subject_key.subject = ?)"
"""By the key: pseudonyms come in no order, keys in that of the runs, so that their index is written page by page."""


class LogReader:
    """What one file of entries has; `Log` opens it."""

    def __init__(self, path: Path, connection: apsw.Connection, vault: Vault, subjects: Subjects) -> None:
        self.path = path
        self.connection = connection
        self.vault = vault
        self._press = Press()
        self._subjects = subjects
        self._edge: Frontier | None = None

    def _refuse(self, kind: DiagnosticKind, **figures: object) -> RecordRejected:
        return store.refuse(kind, self.path, **figures)

    @property
    def size(self) -> int:
        """How many entries are signed."""
        with store.failures(self.path):
            return self.connection.execute("SELECT max(size) FROM checkpoint").get or 0

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[LogEntry]:
        """The entries from `start` to before `stop`, or to the end."""
        start, stop = self._bounded(start, stop)
        for begin in range(start, stop, _STEP):
            with store.failures(self.path):
                rows = bodies(self.connection, begin, min(begin + _STEP, stop))
            self._check_whole(begin, min(begin + _STEP, stop), len(rows))
            for index, body in enumerate(rows, begin):
                yield LogEntry(index, body)

    def _bounded(self, start: int, stop: int | None) -> tuple[int, int]:
        """A range of entries, as far as they are signed."""
        size = self.size
        return max(start, 0), size if stop is None else min(stop, size)

    def _check_whole(self, start: int, stop: int, count: int) -> None:
        """Raises RecordRejected where not all entries from `start` to before `stop` are there."""
        if count == stop - start:
            return
        query = "SELECT idx FROM entry WHERE idx >= ? AND idx < ?"
        with store.failures(self.path):
            present = {index for (index,) in self.connection.execute(query, (start, stop))}
        # a damaged file may say otherwise when it is asked a second time
        missing = next((index for index in range(start, stop) if index not in present), start)
        raise self._refuse(catalogue.ENTRY_MISSING, entry=missing)

    def entry(self, index: int) -> LogEntry:
        """One entry; raises LookupError where there is none."""
        for entry in self.entries(index, index + 1):
            return entry
        raise LookupError(f"there is no entry {index}")

    def find(
        self, *, kind: str | None = None, period: str | None = None, subject: str | None = None
    ) -> Iterator[LogEntry]:
        """The entries of a kind, of a period, and with a payload about a subject, in order; None may be anything."""
        conditions = {
            "+idx < ?": self.size,
            "kind = ?": kind,
            "period = ?": period,
        }  # the plus: found by the others' index
        if subject is not None:
            conditions[_ABOUT] = self.pseudonym(subject)
        bound = {condition: value for condition, value in conditions.items() if value is not None}
        where = " AND ".join(["+idx >= 0", *bound])
        query = f"SELECT idx, CAST(body AS BLOB) FROM entry WHERE {where} ORDER BY idx"  # noqa: S608  the conditions above
        with store.failures(self.path):
            rows: Any = self.connection.execute(query, tuple(bound.values())).fetchall()
        return (LogEntry(index, body or b"") for index, body in rows)

    def pseudonym(self, subject: str) -> str:
        """What stands for a subject in the entries; raises RecordRejected where that is locked or was destroyed."""
        try:
            with store.failures(self.path):
                return self._subjects.pseudonym(subject)
        except VaultError:
            raise self._refuse(catalogue.KEYS_ELSEWHERE) from None

    def opened(self, index: int) -> Opened | Gone | None:
        """The payload of an entry with the salt that proves it, ERASED, or None where the entry has none.

        Raises RecordRejected where the keys are kept elsewhere, or the payload is not what the entry commits to.
        """
        for _, opened in self._opened(index, index + 1):
            return opened
        raise LookupError(f"there is no entry {index}")

    def payloads(
        self, start: int = 0, stop: int | None = None, subject: str | None = None
    ) -> Iterator[tuple[LogEntry, bytes | Gone | None]]:
        """Entries with what `payload` gives of them: from `start` to before `stop`, of these those about a subject."""
        for entry, opened in self._opened(start, stop, subject):
            yield entry, opened.payload if isinstance(opened, Opened) else opened

    def _opened(
        self, start: int, stop: int | None, subject: str | None = None
    ) -> Iterator[tuple[LogEntry, Opened | Gone | None]]:
        start, stop = self._bounded(start, stop)
        about = () if subject is None else (self.pseudonym(subject),)
        query = _OPENED.format("AND k.subject = ?" if about else "")
        for begin in range(start, stop, _STEP):
            with store.failures(self.path):
                rows: Any = self.connection.execute(query, (begin, min(begin + _STEP, stop), *about)).fetchall()
            if not about:
                self._check_whole(begin, min(begin + _STEP, stop), len(rows))
            for index, body, kept, *sealed in rows:
                entry = LogEntry(index, body or b"")
                promised = entry.fields.get("payload")
                if kept:
                    yield entry, self._unsealed(index, promised, *sealed)
                elif promised:
                    raise self._refuse(catalogue.PAYLOAD_MISSING, entry=index)
                else:
                    yield entry, None

    def _unsealed(
        self, index: int, promised: str | None, sealed: bytes | None, name: str, value: bytes | None
    ) -> Opened | Gone:
        if sealed is None or value is None:
            return ERASED
        try:
            key = self.vault.unwrap(value, name)
        except VaultError:
            raise self._refuse(catalogue.KEYS_ELSEWHERE) from None
        try:
            opened = self.vault.open(sealed, key)
        except VaultError:
            raise self._refuse(catalogue.PAYLOAD_CHANGED, entry=index) from None
        if opened.commitment != promised:
            raise self._refuse(catalogue.PAYLOAD_CHANGED, entry=index)
        return opened

    def payload(self, index: int) -> bytes | Gone | None:
        """The bytes of an entry's payload, ERASED, or None where the entry has none; raises as `opened` does."""
        opened = self.opened(index)
        return opened.payload if isinstance(opened, Opened) else opened

    def blob(self, digest: str) -> bytes:
        """What is kept under a digest; raises RecordRejected where there is nothing, or it is another's."""
        with store.failures(self.path):
            kept: Any = self.connection.execute("SELECT compressed FROM blob WHERE digest = ?", (digest,)).get
            if kept is None:
                raise store.Missing
        try:
            data = self._press.open(kept)
        except VaultError:
            data = b""
        if blob_digest(data) != digest:
            raise self._refuse(catalogue.BLOB_CHANGED, digest=digest)
        return data

    # proofs

    @property
    def verifier(self) -> VerifierKey:
        """The key that the log says it is signed with. A reader who does not trust the file has it from elsewhere."""
        try:
            return VerifierKey.parse(str(self.entry(0).fields["key"]))
        except (ValueError, LookupError):
            raise self._refuse(catalogue.ENTRY_CHANGED, entry=0) from None

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """The signed checkpoint of so many entries, or the last; raises LookupError where none was signed."""
        size = self.size if size is None else size
        with store.failures(self.path):
            note: Any = self.connection.execute("SELECT note FROM checkpoint WHERE size = ?", (size,)).get
        if note is None:
            raise LookupError(f"no checkpoint of {size} entries was signed")
        try:
            return Checkpoint.parse(note)[0]
        except NoteError:
            raise self._refuse(catalogue.CHECKPOINT_UNSIGNED, size=size) from None

    def sizes(self) -> list[int]:
        """The sizes that a checkpoint was signed for."""
        with store.failures(self.path):
            return [size for (size,) in self.connection.execute("SELECT size FROM checkpoint ORDER BY size")]

    def _nodes(self) -> Nodes:
        size = self.size
        if self._edge is None or self._edge.size != size:
            self._edge = read_edge(self.connection, size)
        return Nodes(self.connection, self._edge)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that entry `index` is in the tree over `size` entries; raises ValueError outside of it."""
        size = self.size if size is None else size
        with store.failures(self.path):
            return tree.inclusion(index, size, self._nodes())

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof that the tree over `old` entries is the beginning of the one over `new`; raises ValueError."""
        new = self.size if new is None else new
        with store.failures(self.path):
            return tree.consistency(old, new, self._nodes())
