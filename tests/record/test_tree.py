"""The tree against its definition, word by word from RFC 6962, and against the roots that are published."""

from collections.abc import Callable, Sequence
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scorecore.record.log import tree
from scorecore.record.log.tree import (
    EMPTY,
    HEIGHT,
    WIDTH,
    Frontier,
)

ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
"""The leaves of the example tree of Certificate Transparency, in hex (google/certificate-transparency, Apache-2.0)."""
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The roots over the first 0, 1, … 8 of them."""


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, on the leaves themselves."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def split(n: int) -> int:
    return max(1 << power for power in range(n.bit_length()) if 1 << power < n)


def naive_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_proof(m: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*naive_proof(m, leaves[:k], whole=whole), naive_root(leaves[k:])]
    return [*naive_proof(m - k, leaves[k:], whole=False), naive_root(leaves[:k])]


def nodes(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    return lambda level, place: naive_root(leaves[place << level : (place + 1) << level])


def numbered(size: int) -> list[bytes]:
    return [str(number).encode() for number in range(size)]


SIZES = st.integers(0, 70) | st.sampled_from([127, 128, 129, 255, 256, 257, 300, 511, 512, 513])


def test_roots_are_those_that_are_published() -> None:
    leaves = [bytes.fromhex(entry) for entry in ENTRIES]
    for size, root in enumerate(ROOTS):
        edge = Frontier()
        assert list(edge.extend([tree.leaf_hash(leaf) for leaf in leaves[:size]])) == []
        assert edge.root().hex() == tree.root(size, nodes(leaves)).hex() == naive_root(leaves[:size]).hex() == root


@given(SIZES, st.lists(st.integers(1, 300), max_size=6))
@example(0, [])
@example(WIDTH - 1, [])
@example(WIDTH, [])
@example(WIDTH, [WIDTH - 1, 1])
@example(WIDTH + 1, [1, WIDTH])
@example(2 * WIDTH, [WIDTH])
def test_the_edge_has_the_root_however_it_grew(size: int, steps: list[int]) -> None:
    """Appending in any pieces gives the root that the definition gives, and the tiles of the whole."""
    leaves = numbered(size)
    edge, tiles, length = Frontier(), {}, 0
    for step in [*steps, size]:
        for level, place, root, hashes in edge.extend(
            [tree.leaf_hash(leaf) for leaf in leaves[length : length + step]]
        ):
            tiles[level, place] = (root, hashes)
        length = min(size, length + step)
    assert (edge.size, edge.root()) == (size, naive_root(leaves))
    assert sorted(tiles) == [(0, place) for place in range(size // WIDTH)]
    for (_, place), (root, hashes) in tiles.items():
        below = leaves[place * WIDTH : (place + 1) * WIDTH]
        assert (root, hashes) == (naive_root(below), b"".join(map(tree.leaf_hash, below)))


def test_tiles_of_tiles() -> None:
    """A tile of level 1 has the roots of 256 tiles."""
    edge = Frontier()
    hashes = list(edge.extend([tree.leaf_hash(leaf) for leaf in numbered(WIDTH * WIDTH + 3)]))
    roots = [root for level, _, root, _ in hashes if level == 0]
    assert [(level, place) for level, place, _, _ in hashes if level] == [(1, 0)]
    assert hashes[-1][3] == b"".join(roots)
    assert edge.root() == tree.fold(
        [tree.fold(roots), tree.fold([*map(tree.leaf_hash, numbered(WIDTH * WIDTH + 3)[-3:])])]
    )
    assert (WIDTH - 1).bit_length() == HEIGHT


@given(st.data(), SIZES.filter(bool))
def test_inclusion_is_as_defined_and_holds(data: st.DataObject, size: int) -> None:
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    path = tree.inclusion(index, size, nodes(leaves))
    assert path == naive_path(index, leaves)
    assert tree.includes(index, size, tree.leaf_hash(leaves[index]), path, naive_root(leaves))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17])
def test_small_trees_prove_all_of_their_leaves_and_all_earlier_sizes(size: int) -> None:
    leaves = numbered(size)
    root = naive_root(leaves)
    for index in range(size):
        path = tree.inclusion(index, size, nodes(leaves))
        assert path == naive_path(index, leaves)
        assert tree.includes(index, size, tree.leaf_hash(leaves[index]), path, root)
    for old in range(size + 1):
        path = tree.consistency(old, size, nodes(leaves))
        assert path == (naive_proof(old, leaves) if old else [])
        assert tree.extends(old, naive_root(leaves[:old]), size, root, path)


@given(st.data(), SIZES)
def test_consistency_is_as_defined_and_holds(data: st.DataObject, new: int) -> None:
    leaves = numbered(new)
    old = data.draw(st.integers(0, new))
    path = tree.consistency(old, new, nodes(leaves))
    assert path == (naive_proof(old, leaves) if old else [])
    assert tree.extends(old, naive_root(leaves[:old]), new, naive_root(leaves), path)


def changed(data: st.DataObject, path: list[bytes], other_hashes: Sequence[bytes]) -> list[bytes]:
    """A proof that is another: a hash too many, too few, swapped or replaced."""
    position = data.draw(st.integers(0, len(path)))
    new = data.draw(st.sampled_from(other_hashes))
    match data.draw(st.sampled_from(["more", "less", "other", "turned"])):
        case "more":
            return [*path[:position], new, *path[position:]]
        case "less":
            return path[:-1]
        case "other":
            return [*path[:position], new, *path[position + 1 :]]
        case _:
            return path[::-1]


@given(st.data(), st.integers(1, 70))
def test_another_inclusion_is_refused(data: st.DataObject, size: int) -> None:
    """No other leaf, index, path or root passes. The size must be signed: some sizes share a path."""
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    path, root = naive_path(index, leaves), naive_root(leaves)
    leaf = tree.leaf_hash(leaves[index])
    changed_proof = changed(data, path, [EMPTY, leaf, root, b"short"])
    assert changed_proof == path or not tree.includes(index, size, leaf, changed_proof, root)
    assert not tree.includes(index, size, EMPTY, path, root)
    assert not tree.includes(index, size, leaf, path, EMPTY)
    elsewhere = data.draw(st.integers(-1, size + 1))
    assert elsewhere == index or not tree.includes(elsewhere, size, leaf, path, root)


@given(st.data(), st.integers(1, 70))
def test_another_consistency_is_refused(data: st.DataObject, new: int) -> None:
    """No other beginning, end or path passes."""
    leaves = numbered(new)
    old = data.draw(st.integers(1, new))
    path = tree.consistency(old, new, nodes(leaves))
    before, after = naive_root(leaves[:old]), naive_root(leaves)
    changed_proof = changed(data, path, [EMPTY, before, after, b"short"])
    assert changed_proof == path or not tree.extends(old, before, new, after, changed_proof)
    assert not tree.extends(old, EMPTY, new, after, path)
    assert not tree.extends(old, before, new, EMPTY, path)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_what_is_not_there_has_no_proof(index: int, size: int) -> None:
    assert not tree.includes(index, size, EMPTY, [], EMPTY)
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion(index, size, nodes(numbered(max(size, 1))))


def test_a_smaller_tree_is_not_a_continuation() -> None:
    assert not tree.extends(3, EMPTY, 2, EMPTY, [])
    with pytest.raises(ValueError, match="not the beginning"):
        tree.consistency(3, 2, nodes(numbered(3)))


def test_nothing_begins_everything() -> None:
    """The empty tree is the beginning of any, and has one root only."""
    root = naive_root(numbered(3))
    assert tree.extends(0, EMPTY, 3, root, [])
    assert not tree.extends(0, root, 3, root, [])
    assert not tree.extends(0, EMPTY, 3, root, [root])
