"""A log in one file: append, read, prove, erase.

    log = Log.create(Path("ledger.scorecore"), key=key, now=now, chance=os.urandom)
    log.append([NewEntry("decision", {"run": digest}, payload=data, subject="1007", period="2024-05")], now=now)

What `append` returned is on the disk, signed, and provable; what it did not return is not there at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import apsw

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.record.log import store, tree
from scorecore.record.log.entries import (
    ERASED,
    ERASURE,
    GENESIS,
    Gone,
    LogEntry,
    NewLogEntry,
    blob_digest,
)
from scorecore.record.log.note import (
    Checkpoint,
    NoteError,
    SigningKey,
    VerifierKey,
)
from scorecore.record.log.read import Nodes, bodies, read_edge
from scorecore.record.log.strays import out_of_bounds
from scorecore.record.log.tree import Frontier
from scorecore.record.log.vault import (
    Chance,
    Opened,
    Press,
    Vault,
    VaultError,
    no_chance,
)
from scorecore.record.log.write import Appending, NotKept, Subjects

_STEP = 4_096
"""How many rows are read at once."""
_OPENED = """
    SELECT e.idx, CAST(e.body AS BLOB), k.number IS NOT NULL, p.sealed, k.subject, k.value
    FROM entry e LEFT JOIN payload p USING (idx) LEFT JOIN subject_key k ON k.number = p.key
    WHERE e.idx >= ? AND e.idx < ? {} ORDER BY e.idx
"""
_ABOUT = "idx IN (SELECT idx FROM payload JOIN subject_key ON number = key WHERE subject_key.subject = ?)"
"""By the key: pseudonyms come in no order, keys in that of the runs, so that their index is written page by page."""


class Log:
    """One file of entries under one growing tree. Use `create` and `open`; it is a context manager that closes it."""

    def __init__(
        self, path: Path, connection: apsw.Connection, vault: Vault, key: SigningKey | None, chance: Chance = no_chance
    ) -> None:
        self.path = path
        self.connection = connection
        self.vault = vault
        self._key = key
        self._chance = chance
        self._press = Press()
        self._subjects = Subjects(connection, vault, chance)
        self._edge: Frontier | None = None

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        key: SigningKey,
        now: datetime,
        chance: Chance,
        lock: bytes | None = None,
        about: Mapping[str, Any] | None = None,
        vfs: str | None = None,
    ) -> Self:
        """Make the file, whose first entry says whose log this is; raises Refused where there is a file already.

        The log is named as its key is. `lock` are 32 bytes that the keys of payloads are wrapped with; without it they
        stand in the file. `about` is more for the first entry, none of it personal.
        """
        if path.exists() and path.stat().st_size:
            raise store.refuse(catalogue.RECORD_EXISTS, path)
        connection = store.connect(path, write=True, new=True, vfs=vfs)
        log = cls(path, connection, Vault(lock), key, chance)
        fields = {**(about or {}), "key": str(key.verifier), "format": store.FORMAT, "locked": log.vault.locked}
        try:
            with log._transaction():
                store.make(connection)  # fails where another process was quicker
                log._subjects.begin()
                log._append(Frontier(), [NewLogEntry(GENESIS, fields, subject=key.name)], {}, now)
        except BaseException:
            log.close()
            raise
        return log

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        key: SigningKey | None = None,
        chance: Chance = no_chance,
        lock: bytes | None = None,
        anchor: Checkpoint | None = None,
        wait: float = 5.0,
        vfs: str | None = None,
    ) -> Self:
        """Open a log to read, or with `key` and `chance` to append.

        To append, the file must fit its last checkpoint, and `anchor` if there is one: a backup that was restored must
        not grow a second history. A second writer waits `wait` seconds for the first. Raises Refused; also where the
        last checkpoint is not signed, rows stand outside of what it covers, or entries are missing.
        """
        log = cls(path, store.connect(path, write=key is not None, wait=wait, vfs=vfs), Vault(lock), key, chance)
        with log._opening():
            if key:
                log._current()
                log._check_anchor(anchor)
            else:
                log._check_bounds()
        return log

    @classmethod
    def open_unchecked(cls, path: Path, *, lock: bytes | None = None) -> Self:
        """Open a log to name what is wrong with it, as verify does. What it gives need not be what was signed."""
        log = cls(path, store.connect(path, write=False), Vault(lock), None)
        with log._opening():
            return log

    @contextmanager
    def _opening(self) -> Iterator[None]:
        """One moment of the file, whoever writes meanwhile; the log is closed where it is refused."""
        try:
            with store.failures(self.path):
                self.connection.execute("BEGIN")
                self._check_key()
                self.vault.locked = bool(self.entry(0).fields.get("locked"))
                yield
                self.connection.execute("COMMIT")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; what SQLite then fails to tidy up lies safely in the -wal file beside it."""
        with suppress(apsw.Error):
            self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _refuse(self, kind: DiagnosticKind, **params: object) -> Exception:
        return store.refuse(kind, self.path, **params)

    # reading

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
                found = bodies(self.connection, begin, min(begin + _STEP, stop))
            self._check_whole(begin, min(begin + _STEP, stop), len(found))
            for index, body in enumerate(found, begin):
                yield LogEntry(index, body)

    def _bounded(self, start: int, stop: int | None) -> tuple[int, int]:
        """A range of entries, as far as they are signed."""
        size = self.size
        return max(start, 0), size if stop is None else min(stop, size)

    def _check_whole(self, start: int, stop: int, count: int) -> None:
        """Raises Refused where not all entries from `start` to before `stop` are there."""
        if count == stop - start:
            return
        query = "SELECT idx FROM entry WHERE idx >= ? AND idx < ?"
        with store.failures(self.path):
            there = {index for (index,) in self.connection.execute(query, (start, stop))}
        # a damaged file may say otherwise when it is asked a second time
        missing = next((one for one in range(start, stop) if one not in there), start)
        raise self._refuse(catalogue.ENTRY_MISSING, entry=missing)

    def entry(self, index: int) -> LogEntry:
        """One entry; raises LookupError where there is none."""
        for found in self.entries(index, index + 1):
            return found
        raise LookupError(f"there is no entry {index}")

    def find(
        self, *, kind: str | None = None, period: str | None = None, subject: str | None = None
    ) -> Iterator[LogEntry]:
        """The entries of a kind, of a period, and with a payload about a subject, in order; None may be anything."""
        asked = {"+idx < ?": self.size, "kind = ?": kind, "period = ?": period}  # the plus: found by the others' index
        if subject is not None:
            asked[_ABOUT] = self.pseudonym(subject)
        given = {condition: value for condition, value in asked.items() if value is not None}
        where = " AND ".join(["+idx >= 0", *given])
        query = f"SELECT idx, CAST(body AS BLOB) FROM entry WHERE {where} ORDER BY idx"  # noqa: S608  the conditions above
        with store.failures(self.path):
            rows: Any = self.connection.execute(query, tuple(given.values())).fetchall()
        return (LogEntry(index, body or b"") for index, body in rows)

    def pseudonym(self, subject: str) -> str:
        """What stands for a subject in the entries; raises Refused where that is locked or was destroyed."""
        try:
            with store.failures(self.path):
                return self._subjects.pseudonym(subject)
        except VaultError:
            raise self._refuse(catalogue.KEYS_ELSEWHERE) from None

    def opened(self, index: int) -> Opened | Gone | None:
        """The payload of an entry with the salt that proves it, ERASED, or None where the entry has none.

        Raises Refused where the keys are kept elsewhere, or the payload is not what the entry commits to.
        """
        for _, found in self._opened(index, index + 1):
            return found
        raise LookupError(f"there is no entry {index}")

    def payloads(
        self, start: int = 0, stop: int | None = None, subject: str | None = None
    ) -> Iterator[tuple[LogEntry, bytes | Gone | None]]:
        """Entries with what `payload` gives of them: from `start` to before `stop`, of these those about a subject."""
        for entry, found in self._opened(start, stop, subject):
            yield entry, found.payload if isinstance(found, Opened) else found

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
            found = self.vault.open(sealed, key)
        except VaultError:
            raise self._refuse(catalogue.PAYLOAD_CHANGED, entry=index) from None
        if found.commitment != promised:
            raise self._refuse(catalogue.PAYLOAD_CHANGED, entry=index)
        return found

    def payload(self, index: int) -> bytes | Gone | None:
        """The bytes of an entry's payload, ERASED, or None where the entry has none; raises as `opened` does."""
        found = self.opened(index)
        return found.payload if isinstance(found, Opened) else found

    def blob(self, digest: str) -> bytes:
        """What is kept under a digest; raises Refused where there is nothing, or it is another's."""
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
        """The key that the log says it is signed with. Whoever trusts nobody has it from elsewhere."""
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

    # writing

    def append(
        self,
        entries: Iterable[NewLogEntry],
        blobs: Mapping[str, bytes] | None = None,
        *,
        now: datetime,
        after: int | None = None,
    ) -> Checkpoint:
        """Append entries, and parts by the hex SHA-256 of their bytes, in one transaction; gives what was signed.

        `after` is how many entries there were when it was concluded what to append. Raises Refused where there are
        more by now, another writer does not end in time, the disk fails, the file is damaged or payloads are locked;
        ValueError for an entry that is too long or has no canonical form. Then nothing was appended.
        """
        with self._transaction():
            edge = self._current()
            if after not in {None, edge.size}:
                raise self._refuse(catalogue.RECORD_GREW)
            return self._append(edge, entries, blobs or {}, now)

    def erase(self, subject: str, *, now: datetime, reason: str) -> Checkpoint:
        """Destroy a subject's key and payloads, and append an entry that says so, in one transaction.

        `reason` is for everyone to read. Raises LookupError where the log has no payload of this subject.
        """
        name = self.pseudonym(subject)
        with self._transaction():
            edge = self._current()
            run = self.connection.execute
            query = (
                "SELECT idx FROM payload JOIN subject_key ON number = key "
                "WHERE subject = ? AND sealed IS NOT NULL AND +idx >= 0 AND +idx < ? ORDER BY idx"
            )
            erased = [index for (index,) in run(query, (name, edge.size))]
            if not erased:
                raise LookupError(f"there is no payload of {subject}")
            self.connection.executemany("UPDATE payload SET sealed = NULL WHERE idx = ?", ((one,) for one in erased))
            run("UPDATE subject_key SET value = NULL WHERE subject = ? AND value IS NOT NULL", (name,)).fetchall()
            self._subjects.forget()
            fields = {"payloads": len(erased), "reason": reason}
            signed = self._append(edge, [NewLogEntry(ERASURE, fields, subject=subject)], {}, now)
        # where a reader holds the old pages, or the disk fails, the next erasure or closing empties the -wal file
        with suppress(apsw.Error):
            self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        return signed

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with store.failures(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException as error:
                self._edge = None
                self._subjects.forget()
                with suppress(apsw.Error):
                    self.connection.execute("ROLLBACK")
                if isinstance(error, NotKept):
                    raise self._refuse(catalogue.NOT_KEPT) from None
                if isinstance(error, VaultError):
                    raise self._refuse(catalogue.KEYS_ELSEWHERE) from None
                raise

    def _append(
        self, edge: Frontier, entries: Iterable[NewLogEntry], blobs: Mapping[str, bytes], now: datetime
    ) -> Checkpoint:
        if self._key is None:
            raise ValueError("the log was opened to be read")
        step = Appending(self.connection, self._subjects, self.vault, edge)
        step.add_blobs(blobs, self._press)
        step.add(entries, now, self._chance)
        signed = Checkpoint(self._key.name, step.edge.size, step.edge.root()).signed(self._key)
        if step.edge.size == edge.size:
            return self.checkpoint()
        self.connection.execute("INSERT INTO checkpoint VALUES (?, ?)", (signed.size, signed.note))
        self._edge = step.edge
        return signed

    def _check_key(self) -> None:
        ours = self.verifier
        if self._key and self._key.verifier != ours:
            raise self._refuse(catalogue.OTHER_KEY, theirs=self._key.verifier, ours=ours)

    def _check_bounds(self) -> None:
        """Raises Refused where rows stand outside of what is signed: readers would take them as recorded."""
        for kind, params in out_of_bounds(self.connection, self.size, self.verifier):
            raise self._refuse(kind, **params)

    def _current(self) -> Frontier:
        """The edge of the tree; read anew where another writer has moved it, and held against the last checkpoint."""
        last = self.connection.execute("SELECT max(size) FROM checkpoint").get or 0
        if self._edge is not None and self._edge.size == last:
            return self._edge
        self._check_bounds()
        note: Any = self.connection.execute("SELECT note FROM checkpoint WHERE size = ?", (last,)).get
        found = read_edge(self.connection, last)
        try:
            signed, signers = Checkpoint.parse(note or "", [self.verifier])
        except NoteError:
            raise self._refuse(catalogue.RECORD_BROKEN, size=last) from None
        if not signers or signed != Checkpoint(self.verifier.name, last, found.root()):
            raise self._refuse(catalogue.RECORD_BROKEN, size=last)
        self._edge = found
        return found

    def _check_anchor(self, anchor: Checkpoint | None) -> None:
        if anchor is None:
            return
        if anchor.size > self.size:
            raise self._refuse(catalogue.CUT_OFF, size=self.size, anchored=anchor.size)
        if tree.root(anchor.size, self._nodes()) != anchor.root:
            raise self._refuse(catalogue.NOT_THE_ANCHORED, size=anchor.size)
