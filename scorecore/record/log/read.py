"""Nodes of the tree from the file: full tiles as they lie there, the edge from the last entries."""

from functools import lru_cache

import apsw

from scorecore.record.log import tree
from scorecore.record.log.store import Missing
from scorecore.record.log.tree import (
    HASH,
    HEIGHT,
    WIDTH,
    Frontier,
)

_BODIES = "SELECT CAST(body AS BLOB) FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx"


def bodies(connection: apsw.Connection, start: int, stop: int) -> list[bytes]:
    """The entries from `start` to `stop` as the bytes that lie in the file, in which damage may have left none."""
    return [body or b"" for (body,) in connection.execute(_BODIES, (start, stop))]


def read_edge(connection: apsw.Connection, size: int) -> Frontier:
    """The right edge of the first `size` entries: at most 255 of them, and 255 roots of each level of tiles."""
    rows = []
    below = size
    level = 0
    while below or not level:
        first = below // WIDTH * WIDTH
        if level:
            query = "SELECT root FROM tile WHERE level = ? AND place >= ? AND place < ? ORDER BY place"
            rows.append([root for (root,) in connection.execute(query, (level - 1, first, below))])
        else:
            rows.append([tree.leaf_hash(body) for body in bodies(connection, first, below)])
        below //= WIDTH
        level += 1
    return Frontier(rows)


class Nodes:
    """The full nodes of the tree over the first entries of a file, by level and place."""

    def __init__(self, connection: apsw.Connection, rightmost: Frontier) -> None:
        self._connection = connection
        self._edge = rightmost
        self._tile = lru_cache(maxsize=64)(self._read)

    def _read(self, level: int, place: int) -> list[bytes]:
        query = "SELECT hashes FROM tile WHERE level = ? AND place = ?"
        for (hashes,) in self._connection.execute(query, (level, place)):
            return [hashes[start : start + HASH] for start in range(0, len(hashes), HASH)]
        return self._edge.rows[level] if level < len(self._edge.rows) else []

    def __call__(self, level: int, place: int) -> bytes:
        """The hash over 2^level entries; raises LookupError where the file lacks what it needs."""
        high, low = divmod(level, HEIGHT)
        first = place << low
        hashes = self._tile(high, first // WIDTH)[first % WIDTH : first % WIDTH + (1 << low)]
        if len(hashes) != 1 << low:
            raise Missing(f"there is no node {place} of level {level}")
        return tree.fold(hashes)
