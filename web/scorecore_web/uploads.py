"""The facts that were brought with a browser, in a database beside the policies, and where other facts are.

Nothing of the record is here. A file that was brought is there whole or not at all, whatever happens to the browser.
"""

from collections.abc import Iterable
from hashlib import sha256

from attrs import field, frozen

from scorecore_web.database import WorkbenchDatabase


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
    """Files of facts by policy and month, and where else facts are."""

    database: WorkbenchDatabase

    def list_files(self, policy: str, period: str) -> tuple[Upload, ...]:
        query = "SELECT name, stored_as, encoding, content FROM uploads WHERE policy = ? AND period = ? ORDER BY 2"
        return tuple(Upload(*row) for row in self.database.read(query, (policy, period)))

    def list_periods(self, policy: str) -> list[str]:
        query = "SELECT DISTINCT period FROM uploads WHERE policy = ? ORDER BY 1"
        return [str(period) for (period,) in self.database.read(query, (policy,))]

    def keep(self, policy: str, period: str, uploads: tuple[Upload, ...]) -> None:
        """Keep files, all or none; each replaces the one that this program calls the same."""
        with self.database.write() as connection:
            for upload in uploads:
                row = (policy, period, upload.name, upload.stored_as, upload.encoding, upload.content)
                connection.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?)", row)

    def remove(self, policy: str, period: str, stored_as: str) -> None:
        with self.database.write() as connection:
            where = "policy = ? AND period = ? AND stored_as = ?"
            connection.execute(f"DELETE FROM uploads WHERE {where}", (policy, period, stored_as))  # noqa: S608  a constant

    def find_source(self, policy: str) -> str:
        """Where in the folder the facts of a policy are; empty where nobody has said it."""
        rows = self.database.read("SELECT source FROM sources WHERE policy = ?", (policy,))
        return str(rows[0][0]) if rows else ""

    def connect(self, policy: str, source: str) -> None:
        """Remember where in the folder the facts of a policy are."""
        with self.database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", (policy, source))

    # documents that were handed in with objections; the record has their digests

    def keep_documents(self, documents: Iterable[tuple[str, bytes]]) -> tuple[str, ...]:
        """Keep documents by their SHA-256, which the record will have."""
        named = [(sha256(content).hexdigest(), name, content) for name, content in documents]
        if named:
            with self.database.write() as connection:
                for row in named:
                    connection.execute("INSERT OR IGNORE INTO documents VALUES (?, ?, ?)", row)
        return tuple(digest for digest, _name, _content in named)

    def find_document(self, digest: str) -> tuple[str, bytes] | None:
        """Its name and content."""
        rows = self.database.read("SELECT name, content FROM documents WHERE digest = ?", (digest,))
        return (rows[0][0], rows[0][1]) if rows else None
