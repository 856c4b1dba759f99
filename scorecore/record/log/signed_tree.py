"""The tree that the last checkpoint signs, and entries held against it as they are read.

A file can be written by anybody who has it. So what is read of it is believed only where it leads to the root that was
signed: an entry to its hash in a tile, a tile to its hash in the tile above, and the edge to the root.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import apsw

from scorecore.diagnostics import catalogue
from scorecore.record.log import store, tree
from scorecore.record.log.tree import HASH, HEIGHT, WIDTH, Frontier

_TILES: Final = 1_024
"""How many tiles are remembered, of 8 kB each."""


class SignedTree:
    """The tree over the first entries of a file, whose edge was held against a signature.

    Called with a level and a place, it gives the node there, as proofs need it.
    """

    def __init__(self, path: Path, connection: apsw.Connection, edge: Frontier) -> None:
        self.edge = edge
        self.size = edge.size
        self._path = path
        self._connection = connection
        self._tile = lru_cache(maxsize=_TILES)(self._read)

    def check(self, start: int, bodies: Sequence[bytes]) -> None:
        """Raises RecordRejected, which names the first entry of `bodies`, from `start` on, that was not signed so."""
        stop = start + len(bodies)
        for tile in range(start // WIDTH * WIDTH, stop, WIDTH):
            first, last = max(tile, start), min(tile + WIDTH, stop)
            hashes = [sha256(b"\x00" + body).digest() for body in bodies[first - start : last - start]]
            if b"".join(hashes) != (signed := self._hashes(0, first, last)):
                changed = next(n for n, leaf in enumerate(hashes) if leaf != signed[n * HASH : (n + 1) * HASH])
                raise store.refuse(catalogue.ENTRY_CHANGED, self._path, entry=first + changed)

    def __call__(self, level: int, place: int) -> bytes:
        """The hash over 2^level entries; raises RecordRejected, and LookupError outside of the tree."""
        high, low = divmod(level, HEIGHT)
        joined = self._hashes(high, place << low, (place + 1) << low)
        return tree.fold(_split(joined))

    def _hashes(self, level: int, start: int, stop: int) -> bytes:
        """The hashes from `start` to before `stop`, which are in one tile, joined."""
        number, first = divmod(start, WIDTH)
        full = self.size // WIDTH ** (level + 1)
        if number < full:
            return self._tile(level, number)[first * HASH : (first + stop - start) * HASH]
        row = self.edge.rows[level] if level < len(self.edge.rows) else []
        if number > full or first + stop - start > len(row):
            raise store.Missing(f"there are no hashes {start} to {stop} of level {level}")
        return b"".join(row[first : first + stop - start])

    def _read(self, level: int, place: int) -> bytes:
        """The hashes of a full tile, once they lead to the tile above."""
        query = "SELECT hashes FROM tile WHERE level = ? AND place = ?"
        hashes: Any = self._connection.execute(query, (level, place)).get
        width = WIDTH ** (level + 1)
        below = {"first": place * width, "last": (place + 1) * width - 1}
        if hashes is None:
            raise store.refuse(catalogue.TILE_MISSING, self._path, tile=place, level=level, **below)
        if len(hashes) != WIDTH * HASH or tree.fold(_split(hashes)) != self._hashes(level + 1, place, place + 1):
            raise store.refuse(catalogue.TILE_CHANGED, self._path, tile=place, level=level, **below)
        return bytes(hashes)


def _split(joined: bytes) -> list[bytes]:
    return [joined[start : start + HASH] for start in range(0, len(joined), HASH)]
