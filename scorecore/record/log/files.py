"""The files that belong to a record, by how their names end."""

from typing import Final

BESIDE: Final = ("-wal", "-shm", "-journal")
"""What SQLite has beside it."""
VAULT_SUFFIX: Final = ".vault"
"""How the name of the vault ends, which begins with that of its record."""
