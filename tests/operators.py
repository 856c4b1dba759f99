"""Operators for the tests of a record that more than one person keeps."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from corrections import Month, run
from recording import KEY, NOW, Chance
from scorecore.diagnostics.diagnostic import Rejected
from scorecore.record.log import standalone_verifier
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore.record.log.proof import proof_bundle
from scorecore.record.log.signatures import Signer
from scorecore.record.people.acts import add_operator, approve
from scorecore.record.people.operators import ADMINISTRATOR, APPROVER, FIRST_ROLES, RUNNER
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import OPENINGS

ANNA: Final = SigningKey("anna", b"a" * 32)
"""Administrator, runner and author."""
BO: Final = SigningKey("bo", b"b" * 32)
"""Approver."""
CHEN: Final = SigningKey("chen", b"c" * 32)
"""Runner, approver and administrator."""
NOBODY: Final = SigningKey("nobody", b"n" * 32)
FACTS: Final[Mapping[str, Month]] = {
    "2024-01": [("10", "false", "a"), ("20", "false", "a"), ("30", "true", "b")],
    "2024-02": [("-5", "false", "a"), ("40", "true", "b"), (None, "false", "b")],
    "2024-03": [("7", None, "a"), ("8", "false", "a"), ("9", "false", "b")],
}
LATE: Final[Mapping[str, Month]] = {"2024-01": [("50", "false", "a"), ("20", "false", "a"), ("30", "true", "b")]}


def begin_with_operators(path: Path) -> None:
    """A record that Anna has begun, to which she has added Bo and Chen: 6 entries."""
    about = {"roles": list(FIRST_ROLES)}
    with Log.create(path, key=KEY, now=NOW, chance=Chance(), signer=Signer(ANNA), about=about) as log:
        add_operator(Recorded.read(log), BO.verifier, [APPROVER], now=NOW)
        add_operator(Recorded.read(log), CHEN.verifier, [APPROVER, RUNNER, ADMINISTRATOR], now=NOW)


@contextmanager
def acting(path: Path, key: SigningKey, account: str = "") -> Iterator[Log]:
    """The record, as an operator opens it."""
    seed = f"{key.name}{path.stat().st_size}"
    with Log.open(path, key=KEY, chance=Chance(seed), wait=0.1, signer=Signer(key, account)) as log:
        Recorded.read(log)
        yield log


def read(path: Path) -> Recorded:
    with Log.open(path) as log:
        return Recorded.read(log)


def propose(path: Path, period: str, key: SigningKey = ANNA, **options: Any) -> int:
    with acting(path, key) as log:
        return run(log, period, FACTS, **options).run


def confirm(path: Path, number: int, key: SigningKey = BO) -> None:
    with acting(path, key) as log:
        approve(Recorded.read(log), number, now=NOW)


def codes(action: Callable[[], object]) -> list[str]:
    with pytest.raises(Rejected) as refused:
        action()
    return [diagnostic.kind.code for diagnostic in refused.value.diagnostics]


def forge(path: Path, signer: Signer | None, *entries: NewLogEntry) -> None:
    """Append what nobody checks; with no signer, not even a signature."""
    with Log.open(path, key=KEY, chance=Chance("forged"), signer=signer or Signer(ANNA)) as log:
        log.guard = lambda *_: None
        if signer is None:
            log._has_operators = lambda *_: False  # type: ignore[method-assign]  # noqa: SLF001  as a forger would
        log.append(entries, now=NOW)


def prove(path: Path) -> int:
    """What the verifier in a proof says of all decisions of a record, by its exit code."""
    with Log.open(path) as log:
        runs = [str(entry.fields["run"]) for entry in log.entries() if entry.kind in OPENINGS]
        files = proof_bundle(log, range(log.size), after=0, parts=runs)
        options = ["--key", str(log.verifier)]
    folder = path.with_name("proof")
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return standalone_verifier.main([str(folder), *options])
