"""The facts that were brought with a browser, in a database beside the policies, and where other facts are.

Nothing of the record is here. A file that was brought is there whole or not at all, whatever happens to the browser.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import apsw
from attrs import field, frozen

UPLOADS_FILE: Final = "workbench.sqlite"
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS uploads (
    policy TEXT NOT NULL, period TEXT NOT NULL, name TEXT NOT NULL, stored_as TEXT NOT NULL, encoding TEXT NOT NULL,
    content BLOB NOT NULL, PRIMARY KEY (policy, period, stored_as)
) STRICT;
CREATE TABLE IF NOT EXISTS sources (policy TEXT PRIMARY KEY, source TEXT NOT NULL) STRICT
"""


@frozen
class Upload:
    """A file of facts."""

    name: str
    """As the person calls it, for people."""
    stored_as: str
    """As this program calls it: a table of the policy, or `facts.xlsx`."""
    encoding: str
    content: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


@frozen
class Uploads:
    """The database; it is made when a file is first kept."""

    path: Path

    def list_files(self, policy: str, period: str) -> tuple[Upload, ...]:
        query = "SELECT name, stored_as, encoding, content FROM uploads WHERE policy = ? AND period = ? ORDER BY 2"
        return tuple(Upload(*row) for row in self._read(query, (policy, period)))

    def list_periods(self, policy: str) -> list[str]:
        query = "SELECT DISTINCT period FROM uploads WHERE policy = ? ORDER BY 1"
        return [str(period) for (period,) in self._read(query, (policy,))]

    def keep(self, policy: str, period: str, uploads: tuple[Upload, ...]) -> None:
        """Keep files, all or none; each replaces the one that this program calls the same."""
        with self._write() as connection:
            for upload in uploads:
                row = (policy, period, upload.name, upload.stored_as, upload.encoding, upload.content)
                connection.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?)", row)

    def remove(self, policy: str, period: str, stored_as: str) -> None:
        with self._write() as connection:
            where = "policy = ? AND period = ? AND stored_as = ?"
            connection.execute(f"DELETE FROM uploads WHERE {where}", (policy, period, stored_as))  # noqa: S608  a constant

    def find_source(self, policy: str) -> str:
        """Where in the folder the facts of a policy are; empty where nobody has said it."""
        rows = self._read("SELECT source FROM sources WHERE policy = ?", (policy,))
        return str(rows[0][0]) if rows else ""

    def connect(self, policy: str, source: str) -> None:
        """Remember where in the folder the facts of a policy are."""
        with self._write() as connection:
            connection.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", (policy, source))

    def _read(self, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.set_busy_timeout(5000)
            connection.execute(_TABLES)
            return list(connection.execute(query, values))
        finally:
            connection.close()

    @contextmanager
    def _write(self) -> Iterator[apsw.Connection]:
        self.path.touch(0o600)  # facts are about people
        connection = apsw.Connection(str(self.path))
        try:
            connection.set_busy_timeout(5000)
            connection.pragma("synchronous", "full")
            connection.execute(_TABLES)
            with connection:
                yield connection
        finally:
            connection.close()
