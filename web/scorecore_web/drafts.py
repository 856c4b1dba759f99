"""What somebody has typed and not saved yet: it is there again when they come back, and others see that they work."""

import time
from typing import Final

from attrs import frozen

from scorecore_web.database import WorkbenchDatabase

MAX_AGE: Final = 90 * 24 * 3600
"""Seconds after which a draft that nobody has touched is forgotten."""


@frozen
class Draft:
    """The text of one person in the place of a file."""

    owner: str
    """The account; empty where one person works alone."""
    digest: str
    """Of the text from which it was begun."""
    text: str
    at: int


@frozen
class Drafts:
    """By file and owner."""

    database: WorkbenchDatabase

    def find(self, path: str, owner: str) -> Draft | None:
        return next((draft for draft in self.list_all(path) if draft.owner == owner), None)

    def list_all(self, path: str) -> list[Draft]:
        """Everybody's of one file, the last touched first."""
        query = "SELECT owner, digest, text, at FROM drafts WHERE path = ? AND at > ? ORDER BY at DESC, owner"
        return [Draft(*row) for row in self.database.read(query, (path, int(time.time()) - MAX_AGE))]

    def keep(self, path: str, draft: Draft) -> None:
        with self.database.write() as connection:
            row = (path, draft.owner, draft.digest, draft.text, draft.at)
            connection.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("DELETE FROM drafts WHERE at <= ?", (int(time.time()) - MAX_AGE,))

    def drop(self, path: str, owner: str) -> None:
        if self.find(path, owner) is not None:
            with self.database.write() as connection:
                connection.execute("DELETE FROM drafts WHERE path = ? AND owner = ?", (path, owner))
