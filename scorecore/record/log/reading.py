"""Reading a log: entries, payloads, parts, checkpoints and proofs, each held against the tree that is signed."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, RecordRejected
from scorecore.record.log import store, tree
from scorecore.record.log.entries import CONVERSION, ERASED, ERASURE, Gone, LogEntry, blob_digest
from scorecore.record.log.key_history import KEY_CHANGES, KeyHistory, KeyHistoryError
from scorecore.record.log.note import Checkpoint, NoteError, VerifierKey
from scorecore.record.log.read import bodies, read_edge
from scorecore.record.log.sealing import (
    Opened,
    Press,
    SealError,
    Sealing,
    pseudonym,
)
from scorecore.record.log.signed_tree import SignedTree
from scorecore.record.log.strays import out_of_bounds, signed_checkpoint
from scorecore.record.log.subjects import KeyOwner, Subjects
from scorecore.record.log.tree import HASH
from scorecore.record.log.vault import RecordedKeys, VaultState

_STEP = 4_096
"""How many rows are read at once."""
_OPENED = """
    SELECT e.idx, CAST(e.body AS BLOB), p.key, p.sealed FROM entry e LEFT JOIN payload p USING (idx)
    WHERE e.idx >= ? AND e.idx < ? ORDER BY e.idx
"""
_KIND = """
    SELECT idx, CAST(body AS BLOB) FROM entry WHERE kind = ? AND +idx >= 0 AND +idx < ? ORDER BY idx
"""  # the plus: found by the index of kinds
_SUBJECT = re.compile(rb'"subject":"([A-Za-z0-9+/=]*)"')
"""What the body of every entry about a subject has; the quotes of a text that quotes it would be escaped."""


class LogReader:
    """What one file of entries has; `Log` opens it."""

    def __init__(self, path: Path, connection: apsw.Connection, sealing: Sealing, subjects: Subjects) -> None:
        self.path = path
        self.connection = connection
        self.sealing = sealing
        self.is_checked = True
        """Whether what is read is held against the signed tree; `verify` reads what is not, to name it."""
        self._press = Press()
        self._subjects = subjects
        self._tree: SignedTree | None = None
        self._keys: KeyHistory | None = None
        """The keys of that tree."""

    def _refuse(self, kind: DiagnosticKind, **figures: object) -> RecordRejected:
        return store.refuse(kind, self.path, **figures)

    # what is signed

    @property
    def size(self) -> int:
        """How many entries are signed."""
        return self.signed_tree.size if self.is_checked else self._last_size()

    @property
    def signed_tree(self) -> SignedTree:
        """The tree of the last checkpoint, read again where the log has grown.

        Raises RecordRejected where the checkpoint is not signed or not of these entries, there are rows outside it, or
        it does not continue what has been read before.
        """
        if self._tree is None or self._tree.size != self._last_size():
            with self._one_moment():
                self._tree = self._read_tree(self._tree)
            self._subjects.refresh()
        return self._tree

    def _last_size(self) -> int:
        with store.failures(self.path):
            return self.connection.execute("SELECT max(size) FROM checkpoint").get or 0

    @contextmanager
    def _one_moment(self) -> Iterator[None]:
        """The file as it is at one moment, even while others write."""
        with store.failures(self.path):
            if self.connection.in_transaction:
                yield
                return
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self.connection.execute("COMMIT")

    def _read_tree(self, before: SignedTree | None) -> SignedTree:
        size, first = self._last_size(), bodies(self.connection, 0, 1)
        keys = self._read_keys(size)
        for kind, params in out_of_bounds(self.connection, size, keys):
            raise self._refuse(kind, **params)
        edge = read_edge(self.connection, size)
        note: Any = self.connection.execute("SELECT note FROM checkpoint WHERE size = ?", (size,)).get
        is_whole = edge.size == size and all(len(node) == HASH for row in edge.rows for node in row)
        if signed_checkpoint(size, note, keys) != Checkpoint(keys.first.name, size, edge.root()) or not is_whole:
            raise self._refuse(catalogue.RECORD_BROKEN, size=size)
        signed = SignedTree(self.path, self.connection, edge)
        signed.check(0, first)
        for change in keys.changes:
            signed.check(change.index, [change.entry.body])
            if tree.root(change.index, signed) != change.root:
                raise self._refuse(catalogue.KEY_NOT_NAMED, entry=change.index)
        self._keys = keys
        if before is not None and tree.root(before.size, signed) != before.edge.root():
            raise self._refuse(catalogue.NOT_THE_ANCHORED, size=before.size)
        return signed

    def _check(self, start: int, read: Sequence[bytes]) -> None:
        """Raises RecordRejected where some entries from `start` on are not those that were signed."""
        if self.is_checked:
            signed = self.signed_tree
            with store.failures(self.path):
                signed.check(start, read)

    def check_anchor(self, anchor: Checkpoint | str) -> None:
        """Raises RecordRejected where the log does not begin as a checkpoint says, or a text is none of this log."""
        if isinstance(anchor, str):
            anchor = read_anchor(anchor, self.keys, self.path)
        if anchor.size > self.size:
            raise self._refuse(catalogue.CUT_OFF, size=self.size, anchored=anchor.size)
        if tree.root(anchor.size, self.signed_tree) != anchor.root:
            raise self._refuse(catalogue.NOT_THE_ANCHORED, size=anchor.size)

    # entries

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[LogEntry]:
        """The entries from `start` to before `stop`, or to the end."""
        start, stop = self._bounded(start, stop)
        for begin in range(start, stop, _STEP):
            with store.failures(self.path):
                rows = bodies(self.connection, begin, min(begin + _STEP, stop))
            self._check_whole(begin, min(begin + _STEP, stop), len(rows))
            self._check(begin, rows)
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

    def about(self, subject: str, start: int = 0, stop: int | None = None) -> Iterator[LogEntry]:
        """The entries about a subject, from `start` to before `stop`: by what is signed, not by an index."""
        return self.about_any({self.pseudonym(subject)}, start, stop)

    def about_any(self, names: Collection[str], start: int = 0, stop: int | None = None) -> Iterator[LogEntry]:
        """The same of some subjects by their pseudonyms; an empty one is nobody's."""
        sought = {name.encode() for name in names if name}
        for entry in self.entries(start, stop) if sought else ():
            if sought.intersection(_SUBJECT.findall(entry.body)) and entry.subject in names:
                yield entry

    def by_kind(self, kind: str) -> Iterator[LogEntry]:
        """The entries of a kind that an index of the file leads to, and that say so themselves.

        The index is not signed: who must not miss an entry walks the log, as `read_runs` does.
        """
        with store.failures(self.path):
            rows: Any = self.connection.execute(_KIND, (kind, self.size)).fetchall()
        for index, body in rows:
            self._check(index, [body or b""])
            entry = LogEntry(index, body or b"")
            if not self.is_checked or entry.kind == kind:
                yield entry

    @property
    def finds_erased(self) -> bool:
        """Whether the entries about somebody who was erased can still be found by the identifier: in format 1 alone."""
        return self._subjects.finds_erased

    def pseudonym(self, subject: str) -> str:
        """What stands for a subject in the entries; empty where nothing is about it.

        Raises RecordRejected where there is no vault, or it is not that of this record.
        """
        try:
            with store.failures(self.path):
                return self._subjects.pseudonym(subject)
        except SealError:
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
        if subject is not None:
            for entry in self.about(subject, start, stop):
                yield from self._opened(entry.index, entry.index + 1)
            return
        start, stop = self._bounded(start, stop)
        erasures = self.erasures()
        for begin in range(start, stop, _STEP):
            with store.failures(self.path):
                rows: Any = self.connection.execute(_OPENED, (begin, min(begin + _STEP, stop))).fetchall()
            self._check_whole(begin, min(begin + _STEP, stop), len(rows))
            self._check(begin, [row[1] or b"" for row in rows])
            owners = self.owners({number for _, _, number, _ in rows if number is not None})
            for index, body, number, sealed in rows:
                entry = LogEntry(index, body or b"")
                if number is not None or "payload" in entry.fields:
                    is_erased = erasures.get(entry.subject, -1) > index
                    yield entry, ERASED if is_erased else self._unsealed(entry, sealed, owners.get(number))
                else:
                    yield entry, None

    def owners(self, numbers: set[int]) -> Mapping[int, KeyOwner]:
        """By number the keys of some payloads, of those that are needed."""
        if not numbers:
            return {}
        try:
            with store.failures(self.path):
                return self._subjects.owners(numbers)
        except SealError:
            raise self._refuse(catalogue.KEYS_ELSEWHERE) from None

    def _unsealed(self, entry: LogEntry, sealed: bytes | None, owner: KeyOwner | None) -> Opened:
        if sealed is None or owner is None or owner.key is None:
            raise self._refuse(catalogue.PAYLOAD_MISSING, entry=entry.index)
        try:
            opened = self.sealing.open(sealed, owner.key)
        except SealError:
            raise self._refuse(catalogue.PAYLOAD_CHANGED, entry=entry.index) from None
        if opened.commitment != entry.fields.get("payload") or owner.pseudonym != entry.subject:
            raise self._refuse(catalogue.PAYLOAD_CHANGED, entry=entry.index)
        return opened

    def erasures(self) -> Mapping[str | None, int]:
        """By pseudonym the last entry that says that what is before it was erased."""
        return {entry.subject: entry.index for entry in self.by_kind(ERASURE)}

    def _recorded_keys(self) -> RecordedKeys:
        """What the last append says of the vault."""
        converted = max((entry.index for entry in self.by_kind(CONVERSION)), default=-1)
        erasures = self.erasures().items()
        erased = frozenset(str(name) for name, index in erasures if index > converted)
        before = frozenset(str(name) for name, index in erasures if index < converted)
        try:
            state = VaultState.of(self.entry(self.size - 1).fields) if self.size else None
        except (ValueError, LookupError, TypeError):
            state = None
        return RecordedKeys(state, erased, before)

    def payload(self, index: int) -> bytes | Gone | None:
        """The bytes of an entry's payload, ERASED, or None where the entry has none; raises as `opened` does."""
        opened = self.opened(index)
        return opened.payload if isinstance(opened, Opened) else opened

    def _check_secret(self, secret: bytes) -> None:
        """Raises RecordRejected where pseudonyms are made with another secret than that of the first entry."""
        if self.is_checked and self._last_size() and pseudonym(secret, self.verifier.name) != self.entry(0).subject:
            raise self._refuse(catalogue.SECRET_CHANGED)

    def blob(self, digest: str) -> bytes:
        """What is kept under a digest; raises RecordRejected where there is nothing, or it is another's."""
        with store.failures(self.path):
            kept: Any = self.connection.execute("SELECT compressed FROM blob WHERE digest = ?", (digest,)).get
            if kept is None:
                raise store.Missing
        try:
            data = self._press.open(kept)
        except SealError:
            data = b""
        if blob_digest(data) != digest:
            raise self._refuse(catalogue.BLOB_CHANGED, digest=digest)
        return data

    # proofs

    @property
    def verifier(self) -> VerifierKey:
        """The key that the log is signed with now. A reader who does not trust the file has it from elsewhere."""
        return self.keys.current

    @property
    def keys(self) -> KeyHistory:
        """All keys that the log says it was signed with."""
        if not self.is_checked:
            return self._read_keys(self._last_size())
        size = self.signed_tree.size
        if self._keys is None:
            self._keys = self._read_keys(size)
        return self._keys

    def _read_keys(self, size: int) -> KeyHistory:
        """The keys of the first `size` entries, found by the index of kinds, which nobody signed.

        Where it leaves out an entry, the last checkpoint has an unknown key, or an older one: People sees the entry.
        """
        with store.failures(self.path):
            first = bodies(self.connection, 0, 1)
            rows: Any = [row for kind in KEY_CHANGES for row in self.connection.execute(_KIND, (kind, size))]
        try:
            first_key = VerifierKey.parse(str(LogEntry(0, first[0] if first else b"").fields["key"]))
            entries = [LogEntry(index, body or b"") for index, body in sorted(rows)]
            entries = [entry for entry in entries if entry.kind in KEY_CHANGES]
            return KeyHistory.read(first_key, entries)
        except KeyHistoryError as error:
            raise self._refuse(catalogue.KEY_NOT_NAMED, entry=error.index) from None
        except (ValueError, LookupError, TypeError):
            raise self._refuse(catalogue.ENTRY_CHANGED, entry=0) from None

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """The signed checkpoint of so many entries, or the last; raises LookupError where none was signed."""
        signed_tree = self.signed_tree
        size = signed_tree.size if size is None else size
        with store.failures(self.path):
            note: Any = self.connection.execute("SELECT note FROM checkpoint WHERE size = ?", (size,)).get
            if note is None:
                raise LookupError(f"no checkpoint of {size} entries was signed")
            signed = signed_checkpoint(size, note, self.keys)
            if signed is None:
                raise self._refuse(catalogue.CHECKPOINT_UNSIGNED, size=size)
            if tree.root(size, signed_tree) != signed.root:
                raise self._refuse(catalogue.CHECKPOINT_CHANGED, size=size, first=0, last=size - 1)
            return signed

    def sizes(self) -> list[int]:
        """The sizes that the file has checkpoints of."""
        with store.failures(self.path):
            return [size for (size,) in self.connection.execute("SELECT size FROM checkpoint ORDER BY size")]

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that entry `index` is in the tree over `size` entries; raises ValueError outside of it."""
        size = self.size if size is None else size
        with store.failures(self.path):
            return tree.inclusion(index, size, self.signed_tree)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof that the tree over `old` entries is the beginning of the one over `new`; raises ValueError."""
        new = self.size if new is None else new
        with store.failures(self.path):
            return tree.consistency(old, new, self.signed_tree)


def read_anchor(text: str, keys: KeyHistory, path: Path) -> Checkpoint:
    """A checkpoint that was kept elsewhere, once the key of its time has signed it; raises RecordRejected."""
    try:
        anchor, signers = Checkpoint.parse(text, keys.keys)
    except NoteError:
        raise store.refuse(catalogue.BAD_ANCHOR, path) from None
    if not signers or anchor.origin != keys.first.name:
        raise store.refuse(catalogue.FOREIGN_ANCHOR, path, theirs=anchor.origin, ours=keys.current)
    key = keys.at(anchor.size)
    if key not in signers:
        signer = signers[0]
        if (end := keys.end_of(signer)) is not None:
            raise store.refuse(catalogue.KEY_REPLACED, path, key=signer, entry=end)
        raise store.refuse(catalogue.FOREIGN_ANCHOR, path, theirs=anchor.origin, ours=key)
    return anchor
