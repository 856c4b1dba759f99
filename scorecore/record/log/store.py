"""The one SQLite file: its tables, its settings, and what can go wrong with it.

Settings are read back after they are set. A setting that silently does not hold is how records are lost.
"""

import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, RecordRejected
from scorecore.diagnostics.source import Location
from scorecore.record.log.files import BESIDE

NEEDED: Final = (3, 51, 3)
"""The first SQLite without the WAL-reset bug, by which two writers can damage a file."""
APPLICATION: Final = 0x73636C67
"""`sclg`, in the file's header, where `file` and SQLite look for whose it is."""
FORMAT: Final = 2
"""Of the file. In format 1, which is still read and written to, the keys of payloads are in it, too."""
KEYS_WITHIN: Final = 1
SETTINGS: Final = {
    "synchronous": 3,  # EXTRA: a commit that returned is on the disk, and the folder, too, before a file turns to WAL
    "journal_mode": "wal",
    "foreign_keys": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "secure_delete": 1,  # what is erased is overwritten, in the file and not only in its list of contents
    "mmap_size": 0,
    "cache_size": -65536,  # 64 MB: a month's people lie in no order in the index
    "wal_autocheckpoint": 16_000,
}
SCHEMA: Final = """
CREATE TABLE entry (
    idx INTEGER PRIMARY KEY CHECK (idx >= 0),
    body TEXT NOT NULL,
    kind TEXT AS (json_extract(body, '$.kind')) VIRTUAL,
    period TEXT AS (json_extract(body, '$.period')) VIRTUAL,
    subject TEXT AS (json_extract(body, '$.subject')) VIRTUAL
) STRICT;
CREATE INDEX entry_by_kind ON entry (kind, period);
CREATE TABLE tile (
    level INTEGER NOT NULL CHECK (level >= 0),
    place INTEGER NOT NULL CHECK (place >= 0),
    root BLOB NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY CHECK (size > 0), note TEXT NOT NULL) STRICT;
CREATE TABLE blob (digest TEXT PRIMARY KEY, compressed BLOB NOT NULL) STRICT;
CREATE TABLE payload (
    idx INTEGER PRIMARY KEY CHECK (idx >= 0) REFERENCES entry (idx),
    key INTEGER NOT NULL,
    sealed BLOB
) STRICT;
CREATE INDEX payload_by_key ON payload (key);
"""
_KEYS: Final = """
CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB) STRICT;
CREATE TABLE subject_key (number INTEGER PRIMARY KEY CHECK (number > 0), subject TEXT NOT NULL, value BLOB) STRICT;
CREATE INDEX subject_key_by_subject ON subject_key (subject);
"""
"""What format 1 has as well."""
_CHECK: Final = re.compile(r" CHECK \(\w+ >=? 0\)")
INSERT_ONLY: Final = ("entry", "tile", "checkpoint", "blob")
ERASABLE: Final = {"payload": "sealed"}
_ERASABLE_KEYS: Final = {"secret": "value", "subject_key": "value"}
"""The tables in which one column can become null; nothing else changes."""


def without_checks(text: str) -> str:
    """The text of a table as it was when columns had no checks. Files with such tables have the same format."""
    return _CHECK.sub("", text)


def triggers(file_format: int = FORMAT) -> Iterator[str]:
    """A seat-belt against accidents, not against people: anybody who can write to the file can drop them."""
    for table in INSERT_ONLY:
        for what in ("UPDATE", "DELETE"):
            yield _trigger(table, what, f"{table} is insert-only")
    erasable = {**ERASABLE, **(_ERASABLE_KEYS if file_format == KEYS_WITHIN else {})}
    for table, column in erasable.items():
        yield _trigger(table, "DELETE", f"{table} is erased by null")
        changed = f"WHEN NEW.{column} IS NOT NULL OR NEW.rowid <> OLD.rowid"
        yield _trigger(table, "UPDATE", f"{table} is erased by null", changed)


def _trigger(table: str, what: str, says: str, when: str = "") -> str:
    name = f"{table}_no_{what.lower()}"
    return f"CREATE TRIGGER {name} BEFORE {what} ON {table} {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"


def refuse(kind: DiagnosticKind, path: Path, **figures: object) -> RecordRejected:
    """What to raise for one problem of the file as a whole."""
    return RecordRejected(
        (Diagnostic(kind, Location(str(path), 0, 0), {name: str(figure) for name, figure in figures.items()}),)
    )


class Missing(LookupError):  # noqa: N818  becomes a diagnostic of the file
    """Something that what is there rests on is not there."""


@contextmanager
def failures(path: Path) -> Iterator[None]:
    """What SQLite complains of becomes a problem."""
    try:
        yield
    except Missing:
        raise refuse(catalogue.INCOMPLETE, path) from None
    except apsw.BusyError:
        raise refuse(catalogue.RECORD_BUSY, path) from None
    except apsw.NotADBError:
        raise refuse(catalogue.NOT_A_RECORD, path) from None
    except apsw.CorruptError as error:
        raise refuse(catalogue.DAMAGED, path, reason=error) from None
    except UnicodeDecodeError as error:
        raise refuse(catalogue.DAMAGED, path, reason=error) from None
    except apsw.Error as error:
        raise refuse(catalogue.RECORD_FAILED, path, reason=error) from None


def connect(
    path: Path,
    *,
    write: bool,
    new: bool = False,
    wait: float = 5.0,
    vfs: str | None = None,
    is_evidence: bool = False,
) -> apsw.Connection:
    """A connection whose settings hold; waits up to `wait` seconds for others' locks.

    Of a file that is evidence no byte is changed, and nothing is left beside it.
    Raises RecordRejected where there is no file, it is not a record or cannot be opened, or SQLite is too old.
    """
    if tuple(map(int, apsw.sqlite_lib_version().split("."))) < NEEDED:
        needed = ".".join(map(str, NEEDED))
        raise refuse(catalogue.OLD_SQLITE, path, version=apsw.sqlite_lib_version(), needed=needed)
    if not new and not path.exists():
        raise refuse(catalogue.NO_RECORD, path)
    for file in (path, *(Path(f"{path}{ending}") for ending in BESIDE)):
        if file.exists() and not file.is_file():  # opening a pipe may never end
            raise refuse(catalogue.RECORD_FAILED, path, reason="unable to open database file")
    with failures(path):
        if is_evidence:
            connection = open_as_evidence(path)
        else:
            connection = open_file(path, apsw.SQLITE_OPEN_CREATE if new else 0, vfs, int(wait * 1000))
        try:
            if not new:
                _check_ours(connection, path)
            _set(connection, path, write=write)
        except BaseException:
            connection.close()
            raise
    return connection


def open_file(path: Path, create: int, vfs: str | None, wait: int) -> apsw.Connection:
    """A connection to a file; even a reader must be able to take up what a crash has left in the -wal file."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE | create, vfs=vfs)
        connection.set_busy_timeout(wait)  # the last to close the file locks it for a moment
        connection.pragma("schema_version")
    except (apsw.CantOpenError, apsw.ReadOnlyError):
        # a record on a medium that cannot be written to; without a -wal file nobody else writes either
        if create or not path.exists() or Path(f"{path}-wal").exists():
            raise
        return _opened_immutable(path, vfs)
    return connection


def _opened_immutable(path: Path, vfs: str | None = None) -> apsw.Connection:
    uri = f"{path.absolute().as_uri()}?immutable=1"
    return apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, vfs=vfs)


def open_as_evidence(path: Path) -> apsw.Connection:
    """A connection that changes nothing: of a file beside which a crash has left something, to a copy of all."""
    endings = [ending for ending in ("-wal", "-journal") if _has_content(Path(f"{path}{ending}"))]
    if not endings:
        return _opened_immutable(path)
    if Path(f"{path}-shm").exists():  # another program has it open
        return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    folder = tempfile.TemporaryDirectory()
    copy = Path(folder.name) / "copy"
    for ending in ("", *endings):
        shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
    connection = apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READWRITE)
    weakref.finalize(connection, folder.cleanup)
    return connection


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _check_ours(connection: apsw.Connection, path: Path) -> None:
    if connection.pragma("application_id") != APPLICATION:
        raise refuse(catalogue.NOT_A_RECORD, path)
    if (number := connection.pragma("user_version")) not in {KEYS_WITHIN, FORMAT}:
        raise refuse(catalogue.OTHER_FORMAT, path, found=number, known=FORMAT)


def _set(connection: apsw.Connection, path: Path, *, write: bool) -> None:
    if not write:
        connection.pragma("query_only", 1)
    for name, value in SETTINGS.items():
        if name != "journal_mode" or write:
            connection.pragma(name, value)
            if (setting := connection.pragma(name)) not in {value, None}:
                raise refuse(catalogue.SETTING_LOST, path, name=name, found=setting)


def is_unbegun(path: Path) -> bool:
    """Whether a file is what a beginning that failed has left: no record yet, and nothing else either."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            tables: Any = connection.execute("SELECT count(*) FROM sqlite_schema").get
            return not tables and connection.pragma("application_id") in {0, APPLICATION}
        finally:
            connection.close()
    except apsw.Error:
        return False


def make(connection: apsw.Connection, file_format: int = FORMAT) -> None:
    """The tables, inside a transaction of the caller: a half-made file never exists."""
    for statement in (_schema(file_format), *triggers(file_format)):
        connection.execute(statement).fetchall()
    connection.pragma("application_id", APPLICATION)
    connection.pragma("user_version", file_format)


def _schema(file_format: int) -> str:
    if file_format == FORMAT:
        return SCHEMA
    return _KEYS + SCHEMA.replace("key INTEGER NOT NULL,", "key INTEGER NOT NULL REFERENCES subject_key (number),")


def shape(connection: apsw.Connection) -> dict[str, str]:
    """From the name of each table, index and trigger to its text."""
    rows: Any = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return dict(rows)


def find_views(connection: apsw.Connection) -> Iterator[str]:
    """The names of views and virtual tables: reading one runs what somebody else has written, which may never end."""
    query = "SELECT name FROM sqlite_schema WHERE type = 'view' OR sql LIKE 'CREATE VIRTUAL%' ORDER BY name"
    rows: Any = connection.execute(query).fetchall()
    return (name for (name,) in rows)


def find_other_shapes(connection: apsw.Connection) -> Iterator[str]:
    """The names of tables, indexes, triggers and views that are not as they were made, or are nobody's."""
    model = apsw.Connection(":memory:")
    make(model, connection.pragma("user_version"))
    expected = shape(model)
    model.close()
    actual = shape(connection)
    earlier = {name: without_checks(text) for name, text in expected.items()}
    if actual.get("entry") == earlier["entry"]:
        expected = earlier
    return (name for name in sorted(expected.keys() | actual.keys()) if expected.get(name) != actual.get(name))
