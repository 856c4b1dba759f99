"""The texts of policies and cases as they were before somebody saved another: nothing that was saved is lost."""

import time
from hashlib import sha256
from typing import Final

from attrs import frozen

from scorecore_web.database import WorkbenchDatabase

MAX_KEPT: Final = 200
"""Texts of one file; the oldest go."""


def digest_text(text: str) -> str:
    """By it a page knows whether a text is still the one that it has shown."""
    return sha256(text.encode()).hexdigest()


@frozen
class SavedTexts:
    """By file and digest."""

    database: WorkbenchDatabase

    def find(self, path: str, digest: str) -> str | None:
        """A text that the file once had."""
        query = "SELECT text FROM saved_texts WHERE path = ? AND digest = ? ORDER BY rowid DESC LIMIT 1"
        rows = self.database.read(query, (path, digest))
        return str(rows[0][0]) if rows else None

    def find_saver(self, path: str) -> str:
        """Who saved last; empty where nobody of the workbench did, or nobody has a name."""
        rows = self.database.read("SELECT by FROM saved_texts WHERE path = ? ORDER BY rowid DESC LIMIT 1", (path,))
        return str(rows[0][0]) if rows else ""

    def keep(self, path: str, text: str, by: str) -> None:
        """The text that somebody is about to replace."""
        with self.database.write() as connection:
            row = (path, digest_text(text), text, by, int(time.time()))
            connection.execute("INSERT INTO saved_texts VALUES (?, ?, ?, ?, ?)", row)
            older = "SELECT rowid FROM saved_texts WHERE path = ? ORDER BY rowid DESC LIMIT -1 OFFSET ?"
            connection.execute(f"DELETE FROM saved_texts WHERE rowid IN ({older})", (path, MAX_KEPT))  # noqa: S608  a constant
