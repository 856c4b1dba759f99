"""The payloads of parts between deciding and recording: files for their owner only, and a digest of each part's."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterator
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from shutil import rmtree
from typing import Final

import polars as pl

from scorecore.evaluate.decisions import Decisions
from scorecore.facts.model import ROW
from scorecore.record.corrections.payroll import payroll_table
from scorecore.record.runs.runs import subject_payloads

UNRECORDED: Final = "unrecorded"
"""The folder with what is not recorded yet."""
PAYROLL: Final = "payroll.parquet"
"""Of a part: what everybody is paid, without corrections, and the row of each in the facts."""
_BATCH_SIZE: Final = 10_000
"""How many payloads are in a file, and so in memory."""


class PayloadsChanged(Exception):  # noqa: N818  becomes a message
    """The files of a part are not what was decided."""


def get_payload_folder(out: Path, part: int) -> Path:
    return out / UNRECORDED / f"{part:05}"


def write_payloads(folder: Path, decisions: Decisions) -> str:
    """Write everybody's payload of a part, and what is paid; gives the digest of the payloads. Raises OSError."""
    rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir()
    digest = sha256()
    payloads = subject_payloads(decisions) if len(decisions) else iter(())
    for number in count():
        batch = list(islice(payloads, _BATCH_SIZE))
        if not batch:
            break
        for subject, payload in batch:
            digest.update(_frame(subject, payload))
        subjects, contents = zip(*batch, strict=True)
        columns = [pl.Series("subject", subjects, pl.String), pl.Series("payload", contents, pl.Binary)]
        pl.DataFrame(columns).write_parquet(folder / f"{number:05}.parquet", compression="lz4")
    if len(decisions) and decisions.program.pay:
        payroll_table(decisions, ()).with_columns(decisions.facts.subjects[ROW]).write_parquet(folder / PAYROLL)
    return digest.hexdigest()


def read_payloads(folder: Path, digest: str) -> Iterator[tuple[str, bytes]]:
    """Everybody of a part with the payload; raises PayloadsChanged at the end where they have another digest."""
    found = sha256()
    for path in sorted(folder.glob("[0-9]*.parquet")):
        for subject, payload in pl.read_parquet(path).iter_rows():
            found.update(_frame(subject, payload))
            yield subject, payload
    if found.hexdigest() != digest:
        raise PayloadsChanged(str(folder))


def _frame(subject: str, payload: bytes) -> bytes:
    """What the digest is taken of; no id and no canonical JSON has a line break."""
    return b"%b\n%b\n" % (subject.encode(), payload)
