"""A run as it is recorded: what was pinned, everyone's decision, and how many there were.

Entries of a run stand together, in one transaction: `run` names the manifest, which pins policy, program and period by
digest; `decision` has one subject's payload, `withdrawal` takes one back, `adjustment` has what is paid of corrected
periods; `close` counts. What is not closed was not recorded. No entry has an amount: of one person, or of all but one,
it would say what an erasure has to make forgotten.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from scorecore.diagnostics import catalogue
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.period_context import period_context
from scorecore.program.digest import program_digest, to_plain
from scorecore.program.model import Program
from scorecore.program.serialize import MalformedError, deserialize, serialize
from scorecore.record.log import store
from scorecore.record.log.entries import (
    ERASED,
    Gone,
    LogEntry,
    NewLogEntry,
    blob_digest,
)
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint
from scorecore.record.runs.batch_payloads import batch_payloads
from scorecore.record.runs.payload import Payload, PayloadError, opened
from scorecore.values.canonical_json import decode, digest, encode
from scorecore.values.period import Period

RUN: Final = "run"
DECISION: Final = "decision"
WITHDRAWAL: Final = "withdrawal"
ADJUSTMENT: Final = "adjustment"
CLOSE: Final = "close"
COUNTED: Final = ("decisions", "subjects", "decided", "held")
"""What the entry that closes a run counts."""


@frozen
class Run:
    """One run of a record."""

    start: int
    """Its entry in the log; the others follow, and the one that closes it."""
    stop: int
    manifest: Mapping[str, Any]
    close: Mapping[str, Any]
    at: datetime = field(kw_only=True)

    @property
    def number(self) -> int:
        """From 1, in the order in which they were recorded."""
        return int(self.manifest["number"])

    @property
    def id(self) -> str:
        """Of the policy, whatever its version."""
        return str(self.manifest["id"])

    @property
    def policy(self) -> str:
        return str(self.manifest["policy"])

    @property
    def period(self) -> str:
        return str(self.manifest["period"])

    @property
    def corrects(self) -> int | None:
        """The run before it of the same policy and period; None for the first."""
        return self.manifest.get("corrects")

    @property
    def reason(self) -> str:
        return str(self.manifest.get("reason", ""))

    @property
    def pays(self) -> Sequence[int]:
        """The corrections whose differences it pays."""
        return tuple(self.manifest.get("pays", ()))

    @property
    def apart(self) -> bool:
        """Whether the difference that it makes is paid by itself, and no later run pays it."""
        return bool(self.manifest.get("apart"))

    @property
    def entries(self) -> range:
        """Its entries between the first and the last."""
        return range(self.start + 1, self.stop - 1)


@frozen(kw_only=True)
class Pins:
    """What a run was decided with, as its manifest says it."""

    data: Mapping[str, Any]
    parts: Mapping[str, bytes] = field(factory=dict)
    """By digest what has to be kept for it."""

    @classmethod
    def of(
        cls, program: Program, period: Period, texts: Mapping[str, bytes], used: Mapping[str, Program], engine: str
    ) -> "Pins":
        """Of a program that has decided a period; `texts` are the policies that went in, by `id@version`."""
        packed = {name: encode(serialize(one)) for name, one in {"": program, **used}.items()}
        force = encode(_in_force(program, period))
        parts = {blob_digest(one): one for one in (*packed.values(), *texts.values(), force)}
        data = {
            "id": program.id,
            "policy": f"{program.id}@{program.version}",
            "program": program_digest(program),
            "packed": blob_digest(packed[""]),
            "documents": {name: blob_digest(text) for name, text in texts.items()},
            "used": {
                name: {"program": program_digest(one), "packed": blob_digest(packed[name])}
                for name, one in used.items()
            },
            "in_force": blob_digest(force),
            "calendars": {one.name: digest("calendar", to_plain(one)) for one in program.calendars},
            "level": program.level,
            "engine": engine,
        }
        return cls(data=data, parts=parts)

    @classmethod
    def again(cls, run: Run, engine: str) -> "Pins":
        """Of a run that is decided anew with the same."""
        return cls(data={name: run.manifest[name] for name in PINNED} | {"engine": engine})

    @property
    def digests(self) -> Iterator[str]:
        """What a manifest with these pins rests on."""
        yield from (self.data["packed"], self.data["in_force"], *self.data["documents"].values())
        yield from (one["packed"] for one in self.data["used"].values())


PINNED: Final = ("id", "policy", "program", "packed", "documents", "used", "in_force", "calendars", "level")


def _in_force(program: Program, period: Period) -> dict[str, Any]:
    """The parameters and tables that a period is decided with, for people to compare; the program has them as well."""
    found = period_context(program, period)
    parameters = {name.removeprefix("parameters."): one for name, one in found.values.items() if "parameters." in name}
    return {
        "parameters": parameters,
        "tables": {name: list(map(to_plain, bands)) for name, bands in found.bands.items()},
    }


@frozen(kw_only=True)
class Draft:
    """A run that is to be recorded."""

    number: int
    pins: Pins
    period: str
    about: Mapping[str, Any]
    """What else the manifest says: `reason`, `corrects`, `because`, `apart`, `known_at`, `pays`."""
    decisions: Iterable[tuple[str, bytes]]
    """Subjects with their payloads."""
    counts: Mapping[str, int]
    """For the last entry: `subjects`, `decided`, `held`."""
    withdrawn: Sequence[str] = ()
    adjustments: Sequence[tuple[str, bytes]] = ()

    @property
    def manifest(self) -> bytes:
        own = {"period": self.period, "number": self.number}
        return encode({**self.pins.data, **own, **{name: one for name, one in self.about.items() if one}})

    def entries(self) -> Iterator[NewLogEntry]:
        label, name = self.period, blob_digest(self.manifest)
        yield NewLogEntry(RUN, {"run": name}, period=label, blobs=(name, *dict.fromkeys(self.pins.digests)))
        count = 0
        for count, (subject, data) in enumerate(self.decisions, 1):  # noqa: B007  how many there were is said at the end
            yield NewLogEntry(DECISION, {"run": name}, payload=data, subject=subject, period=label)
        for subject in self.withdrawn:
            data = encode({"subject": subject})
            yield NewLogEntry(WITHDRAWAL, {"run": name}, payload=data, subject=subject, period=label)
        for subject, data in self.adjustments:
            yield NewLogEntry(ADJUSTMENT, {"run": name}, payload=data, subject=subject, period=label)
        yield NewLogEntry(CLOSE, {"run": name, "decisions": count, **self.counts}, period=label)


def append(log: Log, drafts: Sequence[Draft], *, now: datetime, after: int) -> Checkpoint:
    """Record runs, all or none; raises Refused where the record no longer has `after` entries."""
    parts = {digest: part for one in drafts for digest, part in one.pins.parts.items()}
    parts |= {blob_digest(one.manifest): one.manifest for one in drafts}
    return log.append((entry for one in drafts for entry in one.entries()), parts, now=now, after=after)


def payloads(made: Decisions) -> Iterator[tuple[str, bytes]]:
    """Everybody with the bytes of the decision."""
    return zip(made.facts.ids, batch_payloads(made), strict=True)


def counts(made: Decisions) -> dict[str, int]:
    return {"subjects": len(made), "decided": len(made) - len(made.held), "held": len(made.held)}


# reading


def runs(log: Log) -> Iterator[Run]:
    """Every run, in the order of the record; raises Refused where one was never closed, or cannot be read."""
    closed: dict[str, LogEntry] = {}
    for entry in log.find(kind=CLOSE):
        with _readable(log, entry):
            closed[entry.fields["run"]] = entry
            for name in COUNTED:
                int(entry.fields[name])
    for entry in log.find(kind=RUN):
        with _readable(log, entry):
            name, at = entry.fields["run"], entry.at
            manifest = decode(log.blob(name))
        close = closed.get(name)
        if close is None or close.index < entry.index:
            raise store.refuse(catalogue.NOT_CLOSED, log.path, entry=entry.index)
        yield Run(entry.index, close.index + 1, manifest, close.fields, at=at)


@contextmanager
def _readable(log: Log, entry: LogEntry) -> Iterator[None]:
    """What was changed in an entry, or is missing from what it rests on, becomes a problem."""
    try:
        yield
    except (ValueError, LookupError, TypeError) as error:
        raise store.refuse(catalogue.NO_RUN, log.path, entry=entry.index, error=repr(error)) from None


def program_of(log: Log, run: Run) -> Program:
    """The program of a run; raises Refused where what was kept is not it."""
    return _program(log, run, run.manifest)


def used_by(log: Log, run: Run) -> dict[str, Program]:
    """The programs that the one of a run uses, by `id@version`."""
    return {name: _program(log, run, one) for name, one in run.manifest["used"].items()}


def _program(log: Log, run: Run, of: Mapping[str, Any]) -> Program:
    try:
        return deserialize(decode(log.blob(of["packed"])), of["program"])
    except (MalformedError, ValueError, LookupError) as error:
        raise store.refuse(catalogue.NO_PROGRAM, log.path, number=run.number, error=error) from None


Names = Collection[str]
"""Pseudonyms of subjects."""
_SINGLY: Final = 4
"""How many payloads are opened together in the time of one by itself."""


def decided(
    log: Log, run: Run, program: Program, subject: str | None = None, among: Names | None = None
) -> Iterator[tuple[LogEntry, Payload | None]]:
    """The decisions of a run, or those of one subject, or of some; each with its payload, None where it was erased."""
    for entry, data in payloads_in(log, run, DECISION, subject, among):
        yield entry, None if data is None else payload_of(log, program, entry, data)


def payload_of(log: Log, program: Program, entry: LogEntry, data: bytes | Gone | None) -> Payload:
    """A decision out of what an entry has; raises Refused where it is none."""
    try:
        return opened(program, data if isinstance(data, bytes) else b"")
    except PayloadError as error:
        raise unfit(log, entry, error) from None


def payloads_in(
    log: Log, run: Run, kind: str, subject: str | None = None, among: Names | None = None
) -> Iterator[tuple[LogEntry, bytes | None]]:
    """The entries of a kind in a run, or those about some, with the bytes of their payloads; None if erased."""
    start, stop = run.entries.start, run.entries.stop
    found: Iterable[tuple[LogEntry, bytes | Gone | None]]
    if among is None or len(among) * _SINGLY > stop - start:
        found = log.payloads(start, stop, subject)
    else:
        found = ((one, log.payload(one.index)) for one in log.entries(start, stop) if one.subject in among)
    for entry, data in found:
        if entry.kind == kind and (among is None or entry.subject in among):
            yield entry, None if data is ERASED else data if isinstance(data, bytes) else b""


def unfit(log: Log, entry: LogEntry, error: Exception) -> Exception:
    return store.refuse(catalogue.NO_PAYLOAD, log.path, entry=entry.index, error=error)
