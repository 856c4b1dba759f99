"""The rows of a vault, and the digest of them that the record has signed."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from scorecore.record.log.sealing import SECRET


class VaultRow(NamedTuple):  # a tuple, because a command makes one of everybody
    """A subject as the vault has it; of one that was erased, the pseudonym alone."""

    pseudonym: str
    id: str | None
    key: bytes | None

    @property
    def is_erased(self) -> bool:
        return self.key is None and self.id is None

    @property
    def is_whole(self) -> bool:
        """Whether it has what a row has; only then does the digest say where its key ends and its identifier begins."""
        return self.is_erased or (type(self.key) is bytes and len(self.key) == SECRET and type(self.id) is str)


class VaultDigest:
    """SHA-256 over a line for each row: its number, its pseudonym, and the hash of its key and identifier."""

    def __init__(self) -> None:
        self._hash = sha256()
        self._count = 0

    def of(self, rows: Sequence[VaultRow]) -> str:
        """In base64, of rows of which those that were seen before are as they were: only the others are read."""
        new = rows[self._count :] if self._count else rows
        lines = [
            f"{number} {pseudonym} {sha256((key or b'') + (id_ or '').encode()).hexdigest()}\n"
            if key is not None or id_ is not None
            else f"{number} {pseudonym} -\n"
            for number, (pseudonym, id_, key) in enumerate(new, self._count + 1)
        ]
        self._hash.update("".join(lines).encode())
        self._count = len(rows)
        return b64encode(self._hash.digest()).decode()


def erase_row(row: VaultRow) -> VaultRow:
    """What is left of a row."""
    return VaultRow(row.pseudonym, None, None)
