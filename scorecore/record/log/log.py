"""A log in one file, with a vault beside it: append, read, prove, erase.

    log = Log.create(Path("record.scorecore"), key=key, now=now, chance=os.urandom)
    log.append([NewLogEntry("decision", {"run": digest}, payload=data, subject="1007", period="2024-05")], now=now)

What `append` returned is on the disk, signed, and provable; what it did not return is not there at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import apsw

from scorecore.diagnostics import catalogue
from scorecore.record.log import store
from scorecore.record.log.convert import copy_rows, read_vault_rows
from scorecore.record.log.entries import CONVERSION, ERASURE, GENESIS, LogEntry, NewLogEntry
from scorecore.record.log.erasing import find_payloads
from scorecore.record.log.key_history import RECOVERY, ROTATION, KeyHistoryError, name_key
from scorecore.record.log.note import Checkpoint, SigningKey
from scorecore.record.log.reading import LogReader
from scorecore.record.log.sealing import Chance, SealError, Sealing, no_chance
from scorecore.record.log.signatures import OPERATOR_KEY, Actor, Signer
from scorecore.record.log.signed_tree import SignedTree
from scorecore.record.log.subjects import Subjects, SubjectsInRecord
from scorecore.record.log.tree import Frontier
from scorecore.record.log.vault import SubjectsInVault, choose_subjects, vault_path
from scorecore.record.log.write import Appending, NotKept
from scorecore.values.canonical_json import encode


class Log(LogReader):
    """One file of entries under one growing tree. Use `create` and `open`; it is a context manager that closes it."""

    def __init__(
        self,
        path: Path,
        connection: apsw.Connection,
        subjects: Subjects,
        sealing: Sealing,
        key: SigningKey | None,
        chance: Chance = no_chance,
    ) -> None:
        super().__init__(path, connection, sealing, subjects)
        if isinstance(subjects, SubjectsInRecord):
            subjects.check = self._check_secret
        elif isinstance(subjects, SubjectsInVault):
            subjects.recorded = self._recorded_keys
        self._key = key
        self._chance = chance
        self._is_recovery = False
        self.signer: Signer | None = None
        """The operator who appends, where the record has any."""
        self.guard: Callable[[Actor, NewLogEntry, int], None] | None = None
        """Raises RecordRejected where an operator may not append an entry after so many; who reads people sets it."""
        self.after_signing: Callable[[Checkpoint], None] = lambda _signed: None
        """Is given what was signed, once it is on the disk."""

    @classmethod
    def create(  # noqa: PLR0913  what a log depends on
        cls,
        path: Path,
        *,
        key: SigningKey,
        now: datetime,
        chance: Chance,
        vault: Path | None = None,
        about: Mapping[str, Any] | None = None,
        signer: Signer | None = None,
        vfs: str | None = None,
    ) -> Self:
        """Make the file, whose first entry says whose log this is; raises RecordRejected where there is a file already.

        The log is named as its key is. The keys of payloads are in the `vault`, a file beside it if nothing is said.
        `about` is more for the first entry, none of it personal. With a `signer` that entry has its key, and every
        append must be signed by an operator.
        """
        if path.exists() and path.stat().st_size:
            raise store.refuse(catalogue.RECORD_EXISTS, path)
        connection = store.connect(path, write=True, new=True, vfs=vfs)
        subjects = SubjectsInVault(vault or vault_path(path), path, chance, vfs)
        log = cls(path, connection, subjects, Sealing(), key, chance)
        log.signer = signer
        first_operator = {"operator": signer.key.name, OPERATOR_KEY: str(signer.key.verifier)} if signer else {}
        fields = {
            **(about or {}),
            **first_operator,
            "key": str(key.verifier),
            "format": store.FORMAT,
        }
        try:
            with log._transaction():
                store.make(connection)  # fails where another process was quicker
                subjects.make()
                log._append(Frontier(), [NewLogEntry(GENESIS, fields)], {}, now)
        except BaseException:
            log.close()
            raise
        return log

    @classmethod
    def open(  # noqa: PLR0913  what a log depends on
        cls,
        path: Path,
        *,
        key: SigningKey | None = None,
        chance: Chance = no_chance,
        vault: Path | None = None,
        lock: bytes | None = None,
        anchor: Checkpoint | None = None,
        signer: Signer | None = None,
        wait: float = 5.0,
        vfs: str | None = None,
        is_evidence: bool = False,
        is_recovery: bool = False,
    ) -> Self:
        """Open a log to read, or with `key` and `chance` to append, as a `signer` where it has operators.

        The file must fit its last checkpoint, and `anchor` if there is one: a backup that was restored must not grow a
        second history. A second writer waits `wait` seconds for the first. Raises RecordRejected; also where the last
        checkpoint is not signed, there are rows outside what it covers, or entries are missing. A file that is evidence
        is not changed, and nothing is left beside it. The `vault` is opened once a payload or a person is asked for;
        of format 1, which has none, the keys may be wrapped with a `lock` of 32 bytes. The key may be the recovery key,
        which can only name the next one.
        """
        connection = store.connect(path, write=key is not None, wait=wait, vfs=vfs, is_evidence=is_evidence)
        subjects = SubjectsInVault(vault or vault_path(path), path, chance, vfs, is_evidence)
        log = cls(path, connection, *choose_subjects(connection, subjects, lock), key, chance)
        log.signer = signer
        log._is_recovery = is_recovery
        with log._opening():
            if anchor is not None:
                log.check_anchor(anchor)
        return log

    @classmethod
    def open_unchecked(
        cls, path: Path, *, vault: Path | None = None, lock: bytes | None = None, is_evidence: bool = False
    ) -> Self:
        """Open a log to name what is wrong with it, as verify does. What it gives need not be what was signed.

        Nothing is changed or left beside a file that is evidence.
        """
        connection = store.connect(path, write=False, is_evidence=is_evidence)
        subjects = SubjectsInVault(vault or vault_path(path), path, no_chance, is_evidence=is_evidence)
        log = cls(path, connection, *choose_subjects(connection, subjects, lock), None)
        log.is_checked = False
        with log._opening():
            return log

    @contextmanager
    def _opening(self) -> Iterator[None]:
        """One moment of the file, even while others write; the log is closed where it is refused."""
        try:
            with self._one_moment():
                self._refuse_shapes(store.find_views(self.connection))  # what they would do may never end
                self._check_key()
                if self._key:  # a trigger would act on what is written
                    self._refuse_shapes(store.find_other_shapes(self.connection))
                self.sealing.locked = bool(self.entry(0).fields.get("locked"))
                yield
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; what SQLite then fails to tidy up lies safely in the -wal file beside it."""
        with suppress(apsw.Error):
            self.connection.close()
        self._subjects.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(
        self,
        entries: Iterable[NewLogEntry],
        blobs: Mapping[str, bytes] | None = None,
        *,
        now: datetime,
        after: int | None = None,
    ) -> Checkpoint:
        """Append entries, and parts by the hex SHA-256 of their bytes, in one transaction; gives what was signed.

        `after` is how many entries there were when it was concluded what to append. Raises RecordRejected where there
        are more by now, another writer does not end in time, the disk fails, the file is damaged or payloads are
        locked; ValueError for an entry that is too long or has no canonical form. Then nothing was appended.
        """
        with self._transaction():
            self._subjects.begin()
            edge = self._current()
            self._check_signer()
            if after not in {None, edge.size}:
                raise self._refuse(catalogue.RECORD_GREW)
            signed = self._append(edge, entries, blobs or {}, now)
        self.after_signing(signed)
        return signed

    def rotate(
        self, new: SigningKey, *, now: datetime, after: int, reason: str = "", stolen: int | None = None
    ) -> Checkpoint:
        """Name the key that signs from here on, which signs the checkpoint of this already.

        `stolen` is how many entries there were when somebody else may first have had the old key. The recovery key can
        do this as well. Raises as `append` does.
        """
        old = self._key
        try:
            with self._transaction():
                entry = self._name_key(ROTATION, new, after, reason, stolen)
                self._key = new
                signed = self._append(self._current(), [entry], {}, now)
        except BaseException:
            self._key = old
            raise
        self._tree = self._keys = None
        self._is_recovery = False
        self.after_signing(signed)
        return signed

    def name_recovery_key(self, key: SigningKey, *, now: datetime, after: int, reason: str = "") -> Checkpoint:
        """Name the key that may name the next one when the current one is lost; raises as `append` does."""
        with self._transaction():
            self._check_signer()
            entry = self._name_key(RECOVERY, key, after, reason)
            signed = self._append(self._current(), [entry], {}, now)
        self._tree = self._keys = None
        self.after_signing(signed)
        return signed

    def _name_key(self, kind: str, key: SigningKey, after: int, reason: str, stolen: int | None = None) -> NewLogEntry:
        assert self._key is not None  # noqa: S101  only who has it appends
        self._subjects.begin()
        edge = self._current()
        self._check_key()
        if after != edge.size:
            raise self._refuse(catalogue.RECORD_GREW)
        place: dict[str, Any] = {"log": self._name, "size": edge.size, "root": edge.root()}
        entry = name_key(kind, key.verifier, by=self._key, reason=reason, stolen=stolen, **place)
        try:
            self.keys.judge(LogEntry(edge.size, encode({"kind": kind, **entry.fields})))
        except KeyHistoryError:
            raise self._refuse(catalogue.KEY_NOT_NAMED, entry=edge.size) from None
        return entry

    def erase(self, *subjects: str, now: datetime, reason: str, after: int | None = None) -> Checkpoint:
        """Destroy the keys and payloads of subjects, and append an entry for each that says so, in one transaction.

        `reason` is for everyone to read, `after` as `append` has it. Raises LookupError where a subject has no payload.
        """
        with self._transaction():
            self._subjects.begin()
            edge = self._current()
            self._check_signer()
            if after not in {None, edge.size}:
                raise self._refuse(catalogue.RECORD_GREW)
            names = {subject: self.pseudonym(subject) for subject in subjects}
            erased = find_payloads(self, names.values())
            if missing := [subject for subject, name in names.items() if not erased[name]]:
                raise LookupError(f"there is no payload of {', '.join(missing)}")
            payloads = [(index,) for entries in erased.values() for index in entries]
            self.connection.executemany("UPDATE payload SET sealed = NULL WHERE idx = ?", payloads)
            self._subjects.destroy(erased)
            notices = [
                NewLogEntry(ERASURE, {"payloads": len(entries), "reason": reason}, pseudonym=name)
                for name, entries in erased.items()
            ]
            signed = self._append(edge, notices, {}, now)
        # where a reader holds the old pages, or the disk fails, the next erasure or closing empties the -wal file
        with suppress(apsw.Error):
            self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        self.after_signing(signed)
        return signed

    def convert(self, path: Path, *, now: datetime, vault: Path | None = None) -> Checkpoint:
        """Make a record of today's format, with the entries and checkpoints of this one, which is of format 1.

        One more entry says so. This file is not changed, and nobody writes to it meanwhile. Raises RecordRejected, also
        where there is a file with content or a vault.
        """
        if path.exists() and path.stat().st_size:
            raise store.refuse(catalogue.RECORD_EXISTS, path)
        with self._transaction():
            rows = read_vault_rows(self)
            subjects = SubjectsInVault(vault or vault_path(path), path, self._chance)
            connection = store.connect(path, write=True, new=True)
            converted = Log(path, connection, subjects, Sealing(), self._key, self._chance)
            converted.signer, converted.guard = self.signer, self.guard
            with converted, converted._transaction():
                store.make(connection)
                copy_rows(self.connection, connection)
                edge = converted._current()
                subjects.make(rows)
                notice = NewLogEntry(CONVERSION, {"from": store.KEYS_WITHIN, "format": store.FORMAT})
                return converted._append(edge, [notice], {}, now)

    @property
    def has_keys_within(self) -> bool:
        """Whether the keys of payloads are in this file, as in format 1."""
        return bool(self.connection.pragma("user_version") == store.KEYS_WITHIN)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with store.failures(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._subjects.prepare()
                self.connection.execute("COMMIT")
            except BaseException as error:
                self._tree = None
                self._subjects.forget()
                with suppress(apsw.Error):
                    self.connection.execute("ROLLBACK")
                if isinstance(error, NotKept):
                    raise self._refuse(catalogue.NOT_KEPT) from None
                if isinstance(error, SealError):
                    raise self._refuse(catalogue.KEYS_ELSEWHERE) from None
                raise
        self._subjects.finish()

    def _append(
        self, edge: Frontier, entries: Iterable[NewLogEntry], blobs: Mapping[str, bytes], now: datetime
    ) -> Checkpoint:
        if self._key is None:
            raise ValueError("the log was opened to be read")
        step = Appending(self.connection, self._subjects, self.sealing, edge)
        step.add_blobs(blobs, self._press)
        is_signed = self._has_operators(edge.size)
        step.add(self._guarded(entries, edge.size), now, self._chance, is_end=not is_signed)
        if step.edge.size > edge.size:
            step.add(self._sign(edge.size, step.edge), now, self._chance)
        signed = Checkpoint(self._key.name, step.edge.size, step.edge.root()).signed(self._key)
        if step.edge.size == edge.size:
            return self.checkpoint()
        self.connection.execute("INSERT INTO checkpoint VALUES (?, ?)", (signed.size, signed.note))
        self._tree = SignedTree(self.path, self.connection, step.edge)
        return signed

    def _sign(self, first: int, edge: Frontier) -> list[NewLogEntry]:
        """Who appends the entries from `first` on, where the record has operators; raises RecordRejected."""
        if not self._has_operators(first):
            return []
        if self.signer is None:
            raise self._refuse(catalogue.OPERATOR_NEEDED)
        return [self.signer.sign(self._name, first, edge.size, edge.root())]

    def _has_operators(self, size: int) -> bool:
        """Whether every append must be signed by an operator."""
        return OPERATOR_KEY in self.entry(0).fields if size else self.signer is not None

    def _guarded(self, entries: Iterable[NewLogEntry], size: int) -> Iterable[NewLogEntry]:
        """Entries, each once it is known that the operator may append it; raises RecordRejected."""
        if not size or not self._has_operators(size):
            return entries
        if self.signer is None:
            raise self._refuse(catalogue.OPERATOR_NEEDED)
        if self.guard is None:
            raise ValueError("read who may do what before anything is appended: Recorded.read(log)")
        guard, actor = self.guard, self.signer.actor
        return ((guard(actor, entry, size), entry)[1] for entry in entries)

    @property
    def _name(self) -> str:
        assert self._key is not None  # noqa: S101  only who has it appends
        return self._key.name

    def _check_key(self) -> None:
        """Raises RecordRejected where the key is neither that of the record nor the recovery key, as it should be."""
        ours = self.keys.recovery if self._is_recovery else self.verifier
        if self._key is None or self._key.verifier == ours:
            return
        if (end := self.keys.end_of(self._key.verifier)) is not None:
            raise self._refuse(catalogue.KEY_REPLACED, key=self._key.verifier, entry=end)
        kind = catalogue.NOT_THE_RECOVERY_KEY if self._is_recovery else catalogue.OTHER_KEY
        raise self._refuse(kind, theirs=self._key.verifier, ours=ours or "")

    def _check_signer(self) -> None:
        """Raises RecordRejected where the key may not sign what is appended: another may have been named meanwhile."""
        if self._is_recovery:
            raise ValueError("the recovery key can only name the next key")
        self._check_key()

    def _refuse_shapes(self, names: Iterable[str]) -> None:
        """Raises RecordRejected for the first of what somebody has put into the file, or changed in its schema."""
        for name in names:
            raise self._refuse(catalogue.OTHER_SHAPE, name=name)

    def _current(self) -> Frontier:
        """The edge of the tree; read again where another writer has moved it."""
        return self.signed_tree.edge
