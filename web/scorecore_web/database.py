"""The database beside the policies: facts that were brought, documents, drafts, earlier texts, and accounts.

Nothing of the record is in it. What was kept is there whole or not at all, whatever happens to browser and server.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw
from attrs import frozen

DATABASE_FILE: Final = "workbench.sqlite"
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS uploads (
    policy TEXT NOT NULL, period TEXT NOT NULL, name TEXT NOT NULL, stored_as TEXT NOT NULL, encoding TEXT NOT NULL,
    content BLOB NOT NULL, PRIMARY KEY (policy, period, stored_as)
) STRICT;
CREATE TABLE IF NOT EXISTS sources (policy TEXT PRIMARY KEY, source TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS documents (digest TEXT PRIMARY KEY, name TEXT NOT NULL, content BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS saved_texts (
    path TEXT NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS drafts (
    path TEXT NOT NULL, owner TEXT NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (path, owner)
) STRICT;
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY, roles TEXT NOT NULL, person TEXT NOT NULL, is_active INTEGER NOT NULL,
    password TEXT NOT NULL DEFAULT '', invitation TEXT NOT NULL DEFAULT '', invited_until INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS failed_attempts (name TEXT NOT NULL, address TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS program_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, name TEXT NOT NULL, roles TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE, issued_by TEXT NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS account_changes (at INTEGER NOT NULL, by TEXT NOT NULL, deed TEXT NOT NULL) STRICT
"""
_BUSY_TIMEOUT: Final = 5000


@frozen
class WorkbenchDatabase:
    """The file; it is made when something is first kept."""

    path: Path

    def read(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        with self._connect(apsw.SQLITE_OPEN_READWRITE) as connection:
            return list(connection.execute(query, tuple(values)))

    @contextmanager
    def write(self) -> Iterator[apsw.Connection]:
        """One transaction: all of it is kept, or nothing."""
        self.path.touch(0o600)  # facts are about people
        with self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE) as connection:
            connection.pragma("synchronous", "full")
            with connection:
                yield connection

    @contextmanager
    def _connect(self, flags: int) -> Iterator[apsw.Connection]:
        connection = apsw.Connection(str(self.path), flags=flags)
        try:
            connection.set_busy_timeout(_BUSY_TIMEOUT)
            connection.execute(_TABLES)
            yield connection
        finally:
            connection.close()
