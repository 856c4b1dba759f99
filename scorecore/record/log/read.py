"""What lies in the file, before anything is held against a signature: entries, and the edge of the tree over them."""

import apsw

from scorecore.record.log import tree
from scorecore.record.log.tree import WIDTH, Frontier

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
