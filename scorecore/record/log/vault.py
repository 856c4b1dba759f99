"""The vault: a second file, beside the record, with the keys of its payloads and the pseudonyms of its people.

Without it the record can be verified, copied and archived, and nobody's pay can be read. Each subject has a pseudonym
and a key of its own, both of chance: once a row is erased, no identifier leads to what it stood for.

The last entry of every append has the digest of the vault, so that one of another record, an older copy or a changed
one is refused. Keys are on the disk before the record refers to them; what an append that failed has left is removed
by the next. Keys are destroyed after the record has said so; where that was interrupted, the next command that writes
destroys them.
"""

from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import apsw
from attrs import define, evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import RecordRejected
from scorecore.record.log import store
from scorecore.record.log.files import VAULT_SUFFIX
from scorecore.record.log.sealing import PSEUDONYM_BYTES, SECRET, Chance, Sealing
from scorecore.record.log.subjects import KeyOwner, SubjectKey, Subjects, SubjectsInRecord
from scorecore.record.log.vault_rows import VaultDigest, VaultRow, erase_row

APPLICATION: Final = 0x73636C76
"""`sclv`, in the file's header."""
STATE: Final = "vault"
"""The field of the last entry of an append with the state of the vault."""
_VERSION: Final = 1
_SETTINGS: Final = {
    "synchronous": 3,
    "journal_mode": "delete",  # one file, which can be copied as it is
    "trusted_schema": 0,
    "cell_size_check": 1,
    "secure_delete": 1,
}
_SCHEMA: Final = (
    "CREATE TABLE vault (id TEXT NOT NULL) STRICT",
    "CREATE TABLE subject (number INTEGER PRIMARY KEY, pseudonym TEXT NOT NULL, id TEXT, key BLOB) STRICT",
)


def vault_path(record: Path) -> Path:
    """Where the vault of a record is, unless something else is said."""
    return record.with_name(record.name + VAULT_SUFFIX)


@frozen
class VaultState:
    """What the record says of its vault: which it is, how many keys it has had, and the digest of them."""

    id: str
    keys: int
    digest: str

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "VaultState":
        """From the fields of an entry; raises ValueError, LookupError and TypeError."""
        said = fields[STATE]
        return cls(str(said["id"]), int(said["keys"]), str(said["digest"]))

    @property
    def fields(self) -> Mapping[str, Any]:
        return {STATE: {"digest": self.digest, "id": self.id, "keys": self.keys}}


class VaultFile:
    """The file, as one command has it open."""

    def __init__(self, path: Path, record: Path, connection: apsw.Connection) -> None:
        self.path = path
        self._record = record
        self._connection = connection

    @classmethod
    def create(cls, path: Path, record: Path, id_: str, vfs: str | None = None) -> "VaultFile":
        """A new vault, or an empty one that a beginning which failed has left.

        Raises RecordRejected where there is another file, or a vault with keys.
        """
        path.touch(mode=0o600)
        with _failures(path):
            vault = cls(path, record, _connect(path, vfs))
            with vault.changing() as connection:
                names: Any = connection.execute("SELECT count(*) FROM sqlite_schema").get
                if not names and connection.pragma("application_id") == 0:
                    connection.pragma("application_id", APPLICATION)
                    connection.pragma("user_version", _VERSION)
                    for statement in _SCHEMA:
                        connection.execute(statement)
                    connection.execute("INSERT INTO vault VALUES (?)", (id_,))
        vault.close()
        vault = cls.open(path, record, vfs=vfs)
        if vault.read()[1]:
            raise store.refuse(catalogue.VAULT_EXISTS, path)
        return vault

    @classmethod
    def open(cls, path: Path, record: Path, *, vfs: str | None = None, is_evidence: bool = False) -> "VaultFile":
        """Raises RecordRejected where there is none, or it is none."""
        if not path.exists():
            raise store.refuse(catalogue.VAULT_MISSING, path, record=record.name)
        with _failures(path):
            connection = store.open_as_evidence(path) if is_evidence else _connect(path, vfs)
            vault = cls(path, record, connection)
            try:
                vault._check_shape()
            except BaseException:
                vault.close()
                raise
        return vault

    def _check_shape(self) -> None:
        if self._connection.pragma("application_id") != APPLICATION:
            raise store.refuse(catalogue.NOT_A_VAULT, self.path, record=self._record.name)
        texts = {text for (text,) in self._connection.execute("SELECT sql FROM sqlite_schema")}
        if texts != set(_SCHEMA) or self._connection.pragma("user_version") != _VERSION:
            raise store.refuse(catalogue.VAULT_CHANGED, self.path, record=self._record.name)

    def close(self) -> None:
        with suppress(apsw.Error):
            self._connection.close()

    def read(self) -> tuple[str, list[VaultRow]]:
        """Which vault it is, and its rows by their numbers from 1 on, as far as none is missing."""
        with _failures(self.path):
            id_: Any = self._connection.execute("SELECT id FROM vault").get
            rows: list[VaultRow] = []
            query = "SELECT number, pseudonym, id, key FROM subject WHERE number > 0 ORDER BY number"
            for place, (number, pseudonym, subject, key) in enumerate(self._connection.execute(query), 1):
                if number != place:
                    break
                rows.append(VaultRow(pseudonym, subject, key))
        return str(id_), rows

    @contextmanager
    def changing(self) -> Iterator[apsw.Connection]:
        """A transaction, which is on the disk when this ends."""
        with _failures(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(apsw.Error):
                    self._connection.execute("ROLLBACK")
                raise


def _connect(path: Path, vfs: str | None) -> apsw.Connection:
    connection = store.open_file(path, apsw.SQLITE_OPEN_CREATE if not path.stat().st_size else 0, vfs, 5_000)
    for name, value in _SETTINGS.items():
        connection.pragma(name, value)
        if connection.pragma(name) not in {value, None}:
            raise store.refuse(catalogue.SETTING_LOST, path, name=name, found=connection.pragma(name))
    return connection


@contextmanager
def _failures(path: Path) -> Iterator[None]:
    """What SQLite complains of becomes a problem of the vault."""
    try:
        with store.failures(path):
            yield
    except RecordRejected as rejected:
        kinds = {diagnostic.kind for diagnostic in rejected.diagnostics}
        if kinds & {catalogue.NOT_A_RECORD, catalogue.DAMAGED}:
            raise store.refuse(catalogue.NOT_A_VAULT, path, record=path.name.removesuffix(VAULT_SUFFIX)) from None
        raise


@frozen
class RecordedKeys:
    """What the record says: the state of the vault after its last append, and who was erased by their pseudonyms."""

    state: VaultState | None
    erased: frozenset[str]
    erased_before: frozenset[str] = frozenset()
    """Who was erased before the record had a vault: its rows were made without them."""


@define
class SubjectsInVault:
    """The subjects of a record, by its vault, which is opened once it is needed."""

    path: Path
    record: Path
    chance: Chance
    vfs: str | None = None
    is_evidence: bool = False
    recorded: Callable[[], RecordedKeys] = lambda: RecordedKeys(None, frozenset())
    """Reads what the record says; the log sets it."""
    finds_erased: bool = field(default=False, init=False)
    _file: VaultFile | None = None
    _rows: list[VaultRow] = field(factory=list)
    _digest: VaultDigest = field(factory=VaultDigest)
    """Of these rows."""
    _numbers: dict[str, int] = field(factory=dict)
    """By identifier, of those who were not erased."""
    _known: RecordedKeys | None = None
    """What the rows were compared with."""
    _state: VaultState | None = None
    """What the next append will say of them; None where it has not needed them."""
    _is_read: bool = False
    _saved: int = 0
    """How many rows are on the disk."""
    _left: set[int] = field(factory=set)
    """The numbers of keys on the disk that are to be destroyed, once the record says so on the disk."""

    def make(self, rows: Sequence[VaultRow] = ()) -> None:
        """The file of a new record, or of one that had its keys within."""
        drawn = b64encode(self.chance(PSEUDONYM_BYTES)).decode()
        self._file = VaultFile.create(self.path, self.record, drawn, self.vfs)
        id_, _none = self._file.read()
        digest = VaultDigest()
        self._take_in(RecordedKeys(VaultState(id_, 0, digest.of([])), frozenset()), list(rows), digest)
        self._saved = 0

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def forget(self) -> None:
        self._take_in(RecordedKeys(None, frozenset()), [], VaultDigest())
        self._known = None
        self._is_read = False

    def refresh(self) -> None:
        """Compare with what the record says by now, before something else is asked."""
        self._is_read = False

    def _opened(self) -> VaultFile:
        if self._file is None:
            self._file = VaultFile.open(self.path, self.record, vfs=self.vfs, is_evidence=self.is_evidence)
        return self._file

    def _read(self) -> None:
        """Read the vault and compare it with what the record says; raises RecordRejected where it is another."""
        if self._is_read:
            return
        recorded = self.recorded()
        if recorded != self._known:
            self._compare(recorded)
        self._is_read = True

    def _compare(self, recorded: RecordedKeys) -> None:
        id_, kept = self._opened().read()
        record, state = self.record.name, recorded.state
        if state is None:
            raise store.refuse(catalogue.VAULT_CHANGED, self.path, record=record)
        if id_ != state.id:
            raise store.refuse(catalogue.OTHER_VAULT, self.path, record=record)
        if len(kept) < state.keys:
            count = state.keys - len(kept)
            raise store.refuse(catalogue.VAULT_BEHIND, self.path, record=record, count=count, keys=state.keys)
        rows, digest, left = kept[: state.keys], VaultDigest(), set[int]()
        if recorded.erased:
            for place, row in enumerate(rows):
                if row.pseudonym in recorded.erased and not row.is_erased:
                    rows[place] = erase_row(row)
                    left.add(place + 1)
        if not all(row.is_whole for row in rows):
            raise store.refuse(catalogue.VAULT_CHANGED, self.path, record=record)
        if digest.of(rows) != state.digest:
            known = recorded.erased | recorded.erased_before
            ahead = sum(row.is_erased and row.pseudonym not in known for row in rows)
            kind = catalogue.VAULT_AHEAD if ahead else catalogue.VAULT_CHANGED
            raise store.refuse(kind, self.path, record=record, **({"count": ahead} if ahead else {}))
        self._take_in(recorded, rows, digest)
        self._left = left

    def _take_in(self, recorded: RecordedKeys, rows: list[VaultRow], digest: VaultDigest) -> None:
        self._known, self._state, self._rows, self._saved = recorded, recorded.state, rows, len(rows)
        self._digest = digest
        self._numbers = {row.id: number for number, row in enumerate(rows, 1) if row.id is not None}
        self._left = set()
        self._is_read = True

    # what the record asks

    def pseudonym(self, subject: str) -> str:
        self._read()
        number = self._numbers.get(subject)
        return "" if number is None else self._rows[number - 1].pseudonym

    def keys(self, subjects: Iterable[str]) -> Mapping[str, SubjectKey]:
        self._read()
        wanted = list(dict.fromkeys(subjects))
        self._make([subject for subject in wanted if subject not in self._numbers])
        return {subject: self._key(self._numbers[subject]) for subject in wanted}

    def named(self, subject: str) -> str:
        return self.keys([subject])[subject].pseudonym

    def owners(self, numbers: Collection[int]) -> Mapping[int, KeyOwner]:
        self._read()
        rows = self._rows
        return {number: rows[number - 1] for number in numbers if 0 < number <= len(rows)}

    def _key(self, number: int) -> SubjectKey:
        row = self._rows[number - 1]
        return SubjectKey(row.pseudonym, number, row.key)

    def _make(self, subjects: list[str]) -> None:
        width = SECRET + PSEUDONYM_BYTES
        dice = self.chance(width * len(subjects)) if subjects else b""
        for place, subject in enumerate(subjects):
            drawn = dice[place * width : (place + 1) * width]
            self._rows.append(VaultRow(b64encode(drawn[SECRET:]).decode(), subject, drawn[:SECRET]))
            self._numbers[subject] = len(self._rows)

    def destroy(self, names: Collection[str]) -> None:
        self._read()
        for number, row in enumerate(self._rows, 1):
            if row.pseudonym in names and not row.is_erased:
                self._numbers.pop(row.id or "", None)
                self._rows[number - 1] = erase_row(row)
                self._left.add(number)
        self._digest = VaultDigest()

    def described(self) -> Mapping[str, Any]:
        if not self._is_read:  # nothing that is appended is about anybody
            state = self.recorded().state
            return {} if state is None else state.fields
        assert self._state is not None  # noqa: S101  it was read
        self._state = VaultState(self._state.id, len(self._rows), self._digest.of(self._rows))
        return self._state.fields

    # how it is written, around a transaction of the record

    def begin(self) -> None:
        self._is_read = False

    def prepare(self) -> None:
        """New keys are on the disk before the record refers to them; what an interrupted append has left is removed."""
        if len(self._rows) > self._saved:
            new = [(number, *row) for number, row in self._numbered(self._saved)]
            with self._opened().changing() as connection:
                connection.execute("DELETE FROM subject WHERE number > ?", (self._saved,))
                connection.executemany("INSERT INTO subject VALUES (?, ?, ?, ?)", new)
            self._saved = len(self._rows)

    def _numbered(self, start: int) -> Iterator[tuple[int, tuple[object, ...]]]:
        for number, row in enumerate(self._rows[start:], start + 1):
            yield number, (row.pseudonym, row.id, row.key)

    def finish(self) -> None:
        """Keys are destroyed once the record says so on the disk: an erasure that is interrupted can be finished."""
        if not self._is_read:
            return
        if self._left:
            with self._opened().changing() as connection:
                numbers = [(number,) for number in sorted(self._left)]
                connection.execute("DELETE FROM subject WHERE number NOT BETWEEN 1 AND ?", (len(self._rows),))
                connection.executemany("UPDATE subject SET id = NULL, key = NULL WHERE number = ?", numbers)
            self._left.clear()
            self._known = None
        elif self._known is not None:  # the record says of the rows what was said here: they need not be read again
            self._known = evolve(self._known, state=self._state)


def choose_subjects(
    connection: apsw.Connection, subjects: SubjectsInVault, lock: bytes | None
) -> tuple[Subjects, Sealing]:
    """Where the keys of a record are, by its format."""
    sealing = Sealing(lock)
    if connection.pragma("user_version") == store.KEYS_WITHIN:
        return SubjectsInRecord(connection, sealing, subjects.chance), sealing
    return subjects, sealing
