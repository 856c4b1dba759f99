"""Rows where nobody signed: below zero, or past the last checkpoint.

Who can write to the file can insert them and change nothing that was signed. Each question is answered from the ends of
a primary key, so that it costs the same for any number of entries.
"""

from collections.abc import Iterator
from typing import Any, Final

import apsw

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.record.log.key_history import KeyHistory
from scorecore.record.log.note import SIGNATURE_START, Checkpoint, NoteError
from scorecore.record.log.tree import WIDTH

_LEVELS: Final = 8
"""How many levels of tiles there can be: SQLite numbers 2^63 entries, and each level has a 256th of those below."""
Stray = tuple[DiagnosticKind, dict[str, object]]
"""A kind of problem, and what its sentence names."""


def out_of_bounds(connection: apsw.Connection, size: int, keys: KeyHistory) -> Iterator[Stray]:
    """What shows that the file holds something else than the first `size` entries, which one of `keys` has signed."""
    yield from _unsigned_checkpoints(connection, keys)
    yield from stray_rows(connection, size)
    yield from _first_gap(connection, size)


def stray_rows(connection: apsw.Connection, size: int) -> Iterator[Stray]:
    """The entries, payloads and tiles outside of the first `size` entries, found as they are asked for."""
    for (index,) in connection.execute("SELECT idx FROM entry WHERE idx < 0 ORDER BY idx"):
        yield _stray("entry", index)
    for (index,) in connection.execute("SELECT idx FROM entry WHERE idx >= ? ORDER BY idx", (size,)):
        yield catalogue.ENTRY_UNSIGNED, {"entry": index}
    for (index,) in connection.execute("SELECT idx FROM payload WHERE idx < 0 ORDER BY idx"):
        yield _stray("payload", index)
    for (index,) in connection.execute("SELECT idx FROM payload WHERE idx >= ? ORDER BY idx", (size,)):
        yield _stray("payload", index)
    for level, place in _stray_tiles(connection, size):
        yield _stray("tile", f"{level}, {place}")


def _stray_tiles(connection: apsw.Connection, size: int) -> Iterator[tuple[int, int]]:
    yield from _tiles(connection, "level < 0")
    for level in range(_LEVELS):
        yield from _tiles(connection, "level = ? AND place < 0", level)
        yield from _tiles(connection, "level = ? AND place >= ?", level, size // WIDTH ** (level + 1))
    yield from _tiles(connection, "level >= ?", _LEVELS)


def _tiles(connection: apsw.Connection, condition: str, *bounds: int) -> Iterator[tuple[int, int]]:
    query = f"SELECT level, place FROM tile WHERE {condition} ORDER BY level, place"  # noqa: S608  the conditions above
    rows: Any = connection.execute(query, bounds)
    return iter(rows)


def _stray(table: str, row: object) -> Stray:
    return catalogue.STRAY_ROW, {"table": table, "row": row}


def _unsigned_checkpoints(connection: apsw.Connection, keys: KeyHistory) -> Iterator[Stray]:
    """The last checkpoint, and any of fewer entries than one, where the key of its time has not signed it."""
    first = "SELECT size, note FROM checkpoint WHERE size < 1"
    last = "SELECT size, note FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)"
    for size, note in connection.execute(f"{first} UNION {last} ORDER BY size"):
        if signed_checkpoint(size, note, keys) is None:
            yield catalogue.CHECKPOINT_UNSIGNED, {"size": size}


def signed_checkpoint(size: int, note: str, keys: KeyHistory) -> Checkpoint | None:
    """What a row says, where the key of its time has signed it for this log and size, and nobody has added a line."""
    key = keys.at(size)
    try:
        checkpoint, signers = Checkpoint.parse(note or "", [key])
    except NoteError:
        return None
    is_ours = signers and checkpoint.origin == key.name and checkpoint.size == size
    return checkpoint if is_ours and note.count(SIGNATURE_START) == 1 else None


def _first_gap(connection: apsw.Connection, size: int) -> Iterator[Stray]:
    """The first entry that is missing, where there are fewer than `size` of them, none of which is stray."""
    # SQLite counts in the smallest index of the table; only where the count is wrong are the entries gone through
    count: Any = connection.execute("SELECT count(*) FROM entry").get
    if count < size:
        query = """
            SELECT min(place) FROM (
                SELECT 0 AS place UNION ALL SELECT idx + 1 FROM entry NOT INDEXED
            ) WHERE place NOT IN (SELECT idx FROM entry NOT INDEXED)
        """
        missing: Any = connection.execute(query).get
        if missing < size:
            yield catalogue.ENTRY_MISSING, {"entry": missing}
        else:  # as integrity_check says it
            yield catalogue.DAMAGED, {"reason": "wrong # of entries in index entry_by_kind"}
