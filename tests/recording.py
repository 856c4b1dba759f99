"""What the tests of the record need: a key, a clock, chance that repeats itself, and a log with something in it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from scorecore.record.entries import NewEntry, blob_digest
from scorecore.record.log import Log
from scorecore.record.notes import SigningKey

KEY: Final = SigningKey("example.com/payroll", bytes(range(32)))
NOW: Final = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
POLICY: Final = b'id = "p"\n' * 40


class Chance:
    """Bytes that look like chance and are the same in every run."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed.encode()
        self._drawn = 0

    def __call__(self, count: int) -> bytes:
        self._drawn += 1
        found = b"".join(
            sha256(b"%s/%d/%d" % (self._seed, self._drawn, block)).digest() for block in range(count // 32 + 1)
        )
        return found[:count]


def decision(number: int, period: str = "2024-05", subjects: int = 7) -> NewEntry:
    payload = b'{"total":"%d","why":"late"}' % number
    blobs = (blob_digest(POLICY),) if number == 0 else ()
    return NewEntry("decision", {"run": 1}, payload, f"person {number % subjects}", period, blobs)


def create(path: Path, **options: Any) -> Log:
    return Log.create(path, key=KEY, now=NOW, chance=Chance(), **options)


def reopen(path: Path, **options: Any) -> Log:
    """The log to be written to, with other chance than before."""
    seed = str(path.stat().st_size)
    return Log.open(path, **{"key": KEY, "chance": Chance(seed), "wait": 0.1, **options})


def filled(path: Path, batches: Sequence[int] = (3, 300, 1, 40), **options: Any) -> Log:
    """A new log with some batches of decisions and one part, closed by its reader."""
    log = create(path, **options)
    number = 0
    for size in batches:
        entries = [decision(one) for one in range(number, number + size)]
        log.append(entries, {blob_digest(POLICY): POLICY}, now=NOW)
        number += size
    return log
