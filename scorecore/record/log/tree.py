"""The Merkle tree of RFC 6962: hashes, proofs, and what is needed to go on appending.

A node is named by its level and its place in the level: `(0, 5)` is the sixth leaf, `(3, 0)` is over the first eight.
Only nodes over a full power of two of leaves have names; every other hash is folded from those.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Final

Node = Callable[[int, int], bytes]
"""From level and place to the hash of a full node."""

WIDTH: Final = 256
"""How many hashes a tile holds; a tile of level 1 holds the roots of tiles of level 0."""
HEIGHT: Final = 8
"""How many levels of nodes lie in a tile."""
HASH: Final = 32
EMPTY: Final = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring subtrees of one size, the last of which may be smaller."""
    row = list(hashes) or [EMPTY]
    while len(row) > 1:
        paired = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]
        row = [*paired, row[-1]] if len(row) % 2 else paired
    return row[0]


def _split(count: int) -> int:
    """The largest power of two below `count`, where a tree of so many leaves divides."""
    return 1 << ((count - 1).bit_length() - 1)


def _range(begin: int, end: int, node: Node) -> bytes:
    """The root over the leaves from `begin` to `end`, as the tree divides them."""
    count = end - begin
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, begin >> level)
    middle = begin + _split(count)
    return node_hash(_range(begin, middle, node), _range(middle, end, node))


def root(size: int, node: Node) -> bytes:
    """The root of the first `size` leaves."""
    return _range(0, size, node) if size else EMPTY


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root over `size` leaves, from the bottom up."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range(middle, end, node))
            end = middle
        else:
            path.append(_range(begin, middle, node))
            begin = middle
    return path[::-1]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """The hashes that show that the tree over `old` leaves is the beginning of the one over `new`."""
    if not 0 <= old <= new:
        raise ValueError(f"{old} leaves are not the beginning of {new}")
    if old in {0, new}:
        return []
    path, begin, end, is_subtree = [], 0, new, True
    while end != old:  # `whole`: the tree over `old` leaves itself is the subtree that is left
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_range(middle, end, node))
            end = middle
        else:
            path.append(_range(begin, middle, node))
            begin, is_subtree = middle, False
    return [*([] if is_subtree else [_range(begin, end, node)]), *path[::-1]]


def includes(index: int, size: int, leaf: bytes, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether `path` leads from the hash of leaf `index` to the root of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or any(len(one) != HASH for one in (leaf, expected, *path)):
        return False
    position, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == expected


def extends(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` shows that the first `old` of `new` leaves have the root `old_root` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new or any(len(sibling) != HASH for sibling in (old_root, new_root, *path)):
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY
    is_power = old & (old - 1) == 0
    first, *siblings = [old_root, *path] if is_power else list(path) or [b""]
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = first
    for sibling in siblings:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


class Frontier:
    """The right edge of a tree: for each level of tiles the hashes that do not fill a tile yet."""

    def __init__(self, rows: Sequence[Sequence[bytes]] = ()) -> None:
        self.rows = [list(row) for row in rows]
        self.size = sum(len(row) * WIDTH**level for level, row in enumerate(self.rows))

    def extend(self, leaves: Sequence[bytes]) -> Iterator[tuple[int, int, bytes, bytes]]:
        """Append hashes of leaves; gives the tiles that became full: level, place, root, and the 256 hashes joined."""
        self.size += len(leaves)
        coming, level = list(leaves), 0
        while coming:
            if level == len(self.rows):
                self.rows.append([])
            row = self.rows[level] + coming
            full = len(row) // WIDTH
            first = self.size // WIDTH ** (level + 1) - full
            coming = []
            for number in range(full):
                tile = row[number * WIDTH : (number + 1) * WIDTH]
                coming.append(fold(tile))
                yield level, first + number, coming[-1], b"".join(tile)
            self.rows[level] = row[full * WIDTH :]
            level += 1

    def root(self) -> bytes:
        above: list[bytes] = []
        for row in self.rows:
            if row or above:
                above = [fold([*row, *above])]
        return above[0] if above else EMPTY

    def copy(self) -> "Frontier":
        return Frontier(self.rows)
