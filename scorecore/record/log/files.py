"""The files that belong to a record, by how their names end."""

from typing import Final

BESIDE: Final = ("-wal", "-shm", "-journal")
"""What SQLite has beside it."""
