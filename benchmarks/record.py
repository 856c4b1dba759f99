"""What the record costs: decisions recorded a second, beside plain inserts of the same payloads; verifying; a proof.

Both write the same payloads in the same batches into one SQLite file, durably (WAL, a sync a batch), and take turns
batch by batch. The plain one inserts a payload with its number. Ours compresses and encrypts it under the key of its
subject, commits to it, hashes it into the tree, keeps it findable by period and subject, reads all back, and signs.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import apsw
import sidebyside

from scorecore.record.log import tree
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore.record.log.proof import tlog_proof
from scorecore.record.log.verify import verify

KEY = SigningKey("example.com/benchmark", bytes(range(32)))
NOW = datetime(2024, 6, 3, tzinfo=UTC)
RUN = {"run": "ab" * 32}


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        measured = _measured(folder, options.entries, options.batch)
    finally:
        shutil.rmtree(folder)
    for name, value in measured.items():
        print(f"  {name:58}{value:>14}")
    sidebyside.keep("record", measured)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=10_000, help="decisions in one transaction")
    parser.add_argument("--folder", type=Path, help="on the disk that is measured")
    parser.add_argument("--quick", action="store_true", help="20,000 decisions")
    options = parser.parse_args()
    options.entries = 20_000 if options.quick else options.entries
    return options


def _measured(folder: Path, entries: int, batch: int) -> dict[str, str]:
    log = Log.create(folder / "record.scorecore", key=KEY, now=NOW, chance=os.urandom)
    plain = _plain(folder / "plain.sqlite")
    times: dict[str, list[tuple[float, float]]] = {"plain": [], "log": []}
    for payloads in _batches(entries, batch):
        first = log.size
        new = [
            NewLogEntry("decision", RUN, data, str(number % 100_000), f"2024-{number // 100_000 % 12 + 1:02}")
            for number, data in enumerate(payloads, first)
        ]
        times["plain"].append(_clock(lambda: _insert(plain, first, payloads)))  # noqa: B023  called at once
        times["log"].append(_clock(lambda: log.append(new, now=NOW)))  # noqa: B023  called at once
    proofs = [_clock(lambda: tlog_proof(log, index))[0] for index in range(7, log.size, log.size // 200)]  # noqa: B023
    largest = max(len(tlog_proof(log, index).encode()) for index in range(7, log.size, log.size // 200))
    signed = log.checkpoint()
    paths = [(index, log.entry(index).body, log.inclusion(index)) for index in range(7, log.size, log.size // 200)]
    checks = [
        _clock(lambda: tree.includes(index, signed.size, tree.leaf_hash(body), path, signed.root))[0]  # noqa: B023
        for index, body, path in paths
    ]
    log.close()
    plain.close()
    verified, whole_cpu = _clock(lambda: _sound(folder, signed.note, payloads=False))
    everything, everything_cpu = _clock(lambda: _sound(folder, signed.note, payloads=True))
    ratios = [ours / theirs for (_, ours), (_, theirs) in zip(times["log"], times["plain"], strict=True)]
    return {
        "decisions": f"{entries:,}",
        **_rates("plain inserts", times["plain"], batch),
        **_rates("recorded", times["log"], batch),
        "CPU of recording, in plain inserts": f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
        "the record, bytes a decision": f"{(folder / 'record.scorecore').stat().st_size / entries:.0f}",
        "the plain file, bytes a decision": f"{(folder / 'plain.sqlite').stat().st_size / entries:.0f}",
        "verify entries, tiles, checkpoints": f"{verified:.2f} s, CPU {whole_cpu:.2f} s",
        "verify payloads and parts, too": f"{everything:.2f} s, CPU {everything_cpu:.2f} s",
        "making a proof": f"{median(proofs) * 1e3:.2f} ms",
        "checking it": f"{median(checks) * 1e6:.0f} µs",
        "the largest proof of 200, checkpoint included": f"{largest} bytes",
    }


def _rates(name: str, times: list[tuple[float, float]], batch: int) -> dict[str, str]:
    """Per second of the clock and of the processor, over all batches and in the median batch."""
    wall, processor = (sum(durations) for durations in zip(*times, strict=True))
    count = batch * len(times)
    return {
        f"{name}, a second": f"{count / wall:,.0f}",
        f"{name}, a second of CPU time": f"{count / processor:,.0f}",
        f"{name}, a second in the best batch": f"{batch / min(seconds for seconds, _ in times):,.0f}",
    }


def _plain(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", 2)
    connection.execute("CREATE TABLE payload (idx INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
    return connection


def _insert(connection: apsw.Connection, first: int, payloads: list[bytes]) -> None:
    with connection:
        connection.executemany("INSERT INTO payload VALUES (?, ?)", enumerate(payloads, first))


def _batches(entries: int, batch: int) -> Iterator[list[bytes]]:
    for first in range(0, entries, batch):
        yield [_payload(number) for number in range(first, first + batch)]


def _payload(number: int) -> bytes:
    """A decision of some 950 bytes, as a month of a broker gives it."""
    entries = [
        {"item": "attendance", "reason": "late", "points": "-2.5", "quantity": str(number * 7 + k), "clause": f"§{k}"}
        for k in range(9)
    ]
    pay = [{"id": "commission", "amount": f"{number % 9999}.37"}, {"id": "base", "amount": "5000.00"}]
    decision = {"entries": entries, "total": "87.5", "name": f"王小明{number}", "pay": pay}
    return json.dumps(decision, ensure_ascii=False).encode()


def _sound(folder: Path, anchor: str, *, payloads: bool) -> None:
    verdict = verify(folder / "record.scorecore", anchor=anchor, payloads=payloads)
    assert not verdict.diagnostics, verdict


def _clock(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds that passed, and seconds of CPU time."""
    start, before = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - start, time.process_time() - before


if __name__ == "__main__":
    sys.exit(main())
