"""A record of format 1, which has its keys within, becomes one with a vault: what it copies, and whose its keys are.

Entries, tiles, checkpoints, parts and payloads are copied as they are, so that whatever was signed remains signed.
"""

import json
from typing import Any, Final

import apsw

from scorecore.diagnostics import catalogue
from scorecore.record.log import store
from scorecore.record.log.entries import ERASED
from scorecore.record.log.reading import LogReader
from scorecore.record.log.vault_rows import VaultRow

_COPIED: Final = {
    "entry": "idx, body",
    "tile": "level, place, root, hashes",
    "checkpoint": "size, note",
    "blob": "digest, compressed",
    "payload": "idx, key, sealed",
}


def copy_rows(source: apsw.Connection, target: apsw.Connection) -> None:
    """What both formats have."""
    for table, columns in _COPIED.items():
        rows = source.execute(f"SELECT {columns} FROM {table}")  # noqa: S608  the columns above
        places = ", ".join("?" * len(columns.split(", ")))
        target.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)  # noqa: S608


def read_vault_rows(log: LogReader) -> list[VaultRow]:
    """The keys of a record of format 1 as rows of a vault, each with the identifier that its payloads name.

    Raises RecordRejected where payloads or keys are not what was signed, or a key opens none that names a person.
    """
    keys: Any = log.connection.execute("SELECT number, subject FROM subject_key ORDER BY number").fetchall()
    if [number for number, _ in keys] != list(range(1, len(keys) + 1)):
        raise store.refuse(catalogue.DAMAGED, log.path, reason="row missing from table subject_key")
    ids = _read_ids(log)
    owners = log.owners({number for number, _ in keys})
    rows = []
    for number, pseudonym in keys:
        key = owners[number].key
        is_kept = key is not None and number in ids
        rows.append(VaultRow(pseudonym, ids[number] if is_kept else None, key if is_kept else None))
    return rows


def _read_ids(log: LogReader) -> dict[int, str]:
    """By the number of a key the person whose payloads it opens."""
    ids: dict[int, str] = {}
    unnamed: dict[int, int] = {}
    for entry, payload in log.payloads():
        if payload is None or payload is ERASED or not isinstance(payload, bytes):
            continue
        number: Any = log.connection.execute("SELECT key FROM payload WHERE idx = ?", (entry.index,)).get
        if number in ids:
            continue
        subject = _read_subject(payload)
        if subject is not None and log.pseudonym(subject) == entry.subject:
            ids[number] = subject
        else:
            unnamed.setdefault(number, entry.index)
    for number, index in unnamed.items():
        if number not in ids:
            error = "it does not say whom it is about"
            raise store.refuse(catalogue.NO_PAYLOAD, log.path, entry=index, error=error)
    return ids


def _read_subject(payload: bytes) -> str | None:
    try:
        subject = json.loads(payload)["subject"]
    except (ValueError, LookupError, TypeError):
        return None
    return subject if isinstance(subject, str) else None
