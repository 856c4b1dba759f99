"""Runs in a record: how they are written, entry by entry, and read.

Entries of a run are together, in one transaction: `run` names the manifest, which pins policy, program and period by
digest; `decision` has one subject's payload, `withdrawal` takes one back, `adjustment` has what is paid of corrected
periods; `close` counts. What is not closed was not recorded. No entry has an amount: of one person, or of all but one,
it would say what an erasure has to make forgotten.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.evaluate.decisions import Decisions
from scorecore.program.model import Program
from scorecore.record.log import store
from scorecore.record.log.entries import (
    ERASED,
    ERASURE,
    Gone,
    LogEntry,
    NewLogEntry,
    blob_digest,
)
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint
from scorecore.record.log.signatures import OPERATOR_KEY
from scorecore.record.runs.batch_payloads import batch_payloads
from scorecore.record.runs.manifest import (
    DECISION,
    PROPOSAL,
    RUN,
    TRIAL,
    TRIAL_DECISION,
    Pins,
    Run,
    check_format,
)
from scorecore.record.runs.payload import Payload, PayloadError, decode_payload
from scorecore.values.canonical_json import decode, encode
from scorecore.values.period import Period

WITHDRAWAL: Final = "withdrawal"
ADJUSTMENT: Final = "adjustment"
CLOSE: Final = "close"
RESUMPTION: Final = "resumption"
"""An entry outside of runs: the record continues from an older copy, for what was signed after it is lost."""
OPENINGS: Final = frozenset({RUN, PROPOSAL, TRIAL})
"""The entries that begin a run."""
COUNTED: Final = ("decisions", "subjects", "decided", "held")
"""What the entry that closes a run counts."""


@frozen(kw_only=True)
class Draft:
    """A run that is to be recorded."""

    number: int
    pins: Pins
    period: str
    about: Mapping[str, Any]
    """What else the manifest says: `reason`, `corrects`, `because`, `apart`, `known_at`, `pays`."""
    decisions: Iterable[tuple[str, bytes]]
    """Subjects with their payloads; they need not all be in memory."""
    counts: Mapping[str, int]
    """For the last entry: `subjects`, `decided`, `held`."""
    withdrawn: Sequence[str] = ()
    adjustments: Sequence[tuple[str, bytes]] = ()
    kind: str = RUN

    @property
    def manifest(self) -> bytes:
        about = {name: value for name, value in self.about.items() if value}
        return encode({**self.pins.data, "period": self.period, "number": self.number, **about})

    def entries(self) -> Iterator[NewLogEntry]:
        period, name = self.period, blob_digest(self.manifest)
        decision = TRIAL_DECISION if self.kind == TRIAL else DECISION
        yield NewLogEntry(self.kind, {"run": name}, period=period, blobs=(name, *dict.fromkeys(self.pins.digests)))
        count = 0
        for count, (subject, payload) in enumerate(self.decisions, 1):  # noqa: B007  the count is written at the end
            yield NewLogEntry(decision, {"run": name}, payload=payload, subject=subject, period=period)
        for subject in self.withdrawn:
            payload = encode({"subject": subject})
            yield NewLogEntry(WITHDRAWAL, {"run": name}, payload=payload, subject=subject, period=period)
        for subject, payload in self.adjustments:
            yield NewLogEntry(ADJUSTMENT, {"run": name}, payload=payload, subject=subject, period=period)
        yield NewLogEntry(CLOSE, {"run": name, "decisions": count, **self.counts}, period=period)


def append(log: Log, drafts: Sequence[Draft], *, now: datetime, after: int) -> Checkpoint:
    """Record runs, all or none: as proposals where the record has operators, who must approve them.

    Raises RecordRejected where the record no longer has `after` entries, or has a later one than `now` and no reason is
    given.
    """
    has_operators = OPERATOR_KEY in log.entry(0).fields
    drafts = [evolve(draft, kind=PROPOSAL) if has_operators and draft.kind == RUN else draft for draft in drafts]
    parts = {digest: part for draft in drafts for digest, part in draft.pins.parts.items()}
    parts |= {blob_digest(draft.manifest): draft.manifest for draft in drafts}
    last = log.entry(log.size - 1).at
    if now < last and not all(draft.about.get("reason") for draft in drafts):
        raise store.refuse(catalogue.CLOCK_BEHIND, log.path, last=format_time(last))
    return log.append((entry for draft in drafts for entry in draft.entries()), parts, now=now, after=after)


def format_time(moment: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


@frozen(eq=False)
class RunDecisions:
    """The decisions of a period as a run records them; they need not all be in memory."""

    program: Program
    period: Period
    counts: Mapping[str, int]
    """As `count_decisions` counts."""
    read_payloads: Callable[[], Iterable[tuple[str, bytes]]]
    """Gives everybody with the bytes of the decision, whenever it is called."""

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return iter(self.read_payloads())


def subject_payloads(decisions: Decisions) -> Iterator[tuple[str, bytes]]:
    """Everybody with the bytes of the decision."""
    return zip(decisions.facts.ids, batch_payloads(decisions), strict=True)


def count_decisions(decisions: Decisions) -> dict[str, int]:
    """What the entry that closes a run counts."""
    held = len(decisions.held)
    return {"subjects": len(decisions), "decided": len(decisions) - held, "held": held}


# reading


def read_runs(log: Log) -> Iterator[Run]:
    """Every run, in the order of the record.

    Raises RecordRejected where one was never closed, cannot be read, or was written by a newer version.
    """
    return (step for step in read_steps(log) if isinstance(step, Run))


def read_steps(log: Log, size: int | None = None) -> Iterator[Run | LogEntry]:
    """All runs, and the entries outside of runs, of the first `size` entries; raises as `read_runs` does."""
    closed = _read_closings(log)
    for entry in walk(log, closed):
        if size is not None and entry.index >= size:
            return
        if entry.kind in OPENINGS:
            with _reading(log, entry):
                name, signed_at = entry.fields["run"], entry.at
                manifest = decode(log.blob(name))
                check_format(log, manifest)
            close = closed[name]
            if size is None or close.index < size:
                yield Run(entry.index, close.index + 1, manifest, close.fields, at=signed_at, kind=entry.kind)
        else:
            yield entry


def read_between(log: Log, kind: str = ERASURE) -> list[LogEntry]:
    """The entries of a kind outside of runs, erasures or resumptions, in the order of the record."""
    return [entry for entry in walk(log, _read_closings(log)) if entry.kind == kind]


def read_outside_runs(log: Log) -> Iterator[LogEntry]:
    """The entries outside of runs, in the order of the record."""
    return (entry for entry in walk(log, _read_closings(log)) if entry.kind not in OPENINGS)


def read_erasures(log: Log) -> list[LogEntry]:
    """Every erasure, in the order of the record."""
    return read_between(log)


def _read_closings(log: Log) -> dict[str, LogEntry]:
    """The entries that close runs, by the digest of the manifest."""
    closed: dict[str, LogEntry] = {}
    for entry in log.by_kind(CLOSE):
        with _reading(log, entry):
            closed.setdefault(entry.fields["run"], entry)  # a second one would hide what lies between
            for name in COUNTED:
                int(entry.fields[name])
    return closed


def walk(log: Log, closed: Mapping[str, LogEntry]) -> Iterator[LogEntry]:
    """The entries that begin runs, and those outside of runs: nothing between them is left out.

    The index of kinds, which nobody signed, says where a run closes; it is believed where the entry there says so, too.
    Raises RecordRejected where it leaves out the end of a run or an erasure.
    """
    erasures = {entry.index for entry in log.by_kind(ERASURE)}
    index = 0
    while index < log.size:
        entry = log.entry(index)
        close = entry
        if entry.kind in OPENINGS:
            close = closed.get(str(entry.fields.get("run")), entry)
            if close.index <= index:
                raise store.refuse(catalogue.NOT_CLOSED, log.path, entry=index)
        elif entry.kind == ERASURE and index not in erasures:
            raise store.refuse(catalogue.DAMAGED, log.path, reason=f"row {index} missing from index entry_by_kind")
        yield entry
        index = close.index + 1


@contextmanager
def _reading(log: Log, entry: LogEntry) -> Iterator[None]:
    """What was changed in an entry, or is missing from what it rests on, becomes a diagnostic."""
    try:
        yield
    except (ValueError, LookupError, TypeError) as error:
        raise store.refuse(catalogue.NO_RUN, log.path, entry=entry.index, error=repr(error)) from None


Pseudonyms = Collection[str]
"""What stands for subjects in entries."""
_SINGLY: Final = 4
"""How many payloads are opened together in the time that one takes alone."""


def read_decisions(
    log: Log, run: Run, program: Program, subject: str | None = None, among: Pseudonyms | None = None
) -> Iterator[tuple[LogEntry, Payload | None]]:
    """The decisions of a run, or those of one subject, or of some; each with its payload, None where it was erased."""
    for entry, payload in read_payloads(log, run, run.decision_kind, subject, among):
        yield entry, None if payload is None else read_payload(log, program, entry, payload)


def read_payload(log: Log, program: Program, entry: LogEntry, payload: bytes | Gone | None) -> Payload:
    """A decision out of what an entry has; raises RecordRejected where it is none."""
    try:
        return decode_payload(program, payload if isinstance(payload, bytes) else b"")
    except PayloadError as error:
        raise refuse_payload(log, entry, error) from None


def read_payloads(
    log: Log, run: Run, kind: str, subject: str | None = None, among: Pseudonyms | None = None
) -> Iterator[tuple[LogEntry, bytes | None]]:
    """The entries of a kind in a run, or those about some, with the bytes of their payloads; None if erased."""
    start, stop = run.entries.start, run.entries.stop
    payloads: Iterable[tuple[LogEntry, bytes | Gone | None]]
    if among is None or len(among) * _SINGLY > stop - start:
        payloads = log.payloads(start, stop, subject)
    else:
        payloads = ((entry, log.payload(entry.index)) for entry in log.entries(start, stop) if entry.subject in among)
    for entry, payload in payloads:
        if entry.kind == kind and (among is None or entry.subject in among):
            yield entry, None if payload is ERASED else payload if isinstance(payload, bytes) else b""


def refuse_payload(log: Log, entry: LogEntry, error: Exception) -> Exception:
    """What to raise where a payload cannot be read."""
    return store.refuse(catalogue.NO_PAYLOAD, log.path, entry=entry.index, error=error)
