"""A run as it is recorded: what was pinned, everyone's decision, and how many there were.

Three kinds of entries, in one transaction: `run` names the manifest, which pins policy, program and period by digest;
`decision` has one subject's payload; `close` counts. What is not closed was not recorded.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl
from attrs import field, frozen

from scorecore.canonical import decimal_text, decode, encode
from scorecore.decisions import NET, Decisions
from scorecore.packed import MalformedError, pack, unpack
from scorecore.plain import program_digest
from scorecore.problems import Kind
from scorecore.program import Program, result_name
from scorecore.record import kinds, store
from scorecore.record.columnwise import payloads_of
from scorecore.record.entries import ERASED, Entry, Gone, NewEntry, blob_digest
from scorecore.record.log import Log
from scorecore.record.notes import Checkpoint
from scorecore.record.payloads import Payload, PayloadError, opened

RUN: Final = "run"
DECISION: Final = "decision"
CLOSE: Final = "close"


@frozen
class Run:
    """One run of a record."""

    start: int
    """Its entry in the log; decisions follow, then the entry that closes it."""
    stop: int
    manifest: Mapping[str, Any]
    close: Mapping[str, Any]
    at: datetime = field(kw_only=True)

    @property
    def number(self) -> int:
        """From 1, in the order in which they were recorded."""
        return int(self.manifest["number"])

    @property
    def policy(self) -> str:
        return str(self.manifest["policy"])

    @property
    def period(self) -> str:
        return str(self.manifest["period"])

    @property
    def decisions(self) -> range:
        """The entries with its decisions."""
        return range(self.start + 1, self.stop - 1)


def record_run(
    log: Log,
    made: Decisions,
    texts: Mapping[str, bytes],
    *,
    now: datetime,
    engine: str,
    used: Mapping[str, Program] | None = None,
    reason: str = "",
) -> Checkpoint:
    """Append a run and everyone's decision; `texts` are the policies that went in, by `id@version`.

    Raises Refused where the policy has decided this period before, or a later one, and `reason` does not say why it
    is decided anew.
    """
    program, period = made.program, made.facts.period
    before = [run for run in runs(log) if run.manifest["id"] == program.id]
    _in_order(log, program, period.label, before, reason)
    packed = encode(pack(program))
    blobs = {blob_digest(packed): packed} | {blob_digest(text): text for text in texts.values()}
    manifest: dict[str, Any] = {
        "id": program.id,
        "policy": f"{program.id}@{program.version}",
        "program": program_digest(program),
        "packed": blob_digest(packed),
        "documents": {name: blob_digest(text) for name, text in texts.items()},
        "level": program.level,
        "engine": engine,
        "period": period.label,
        "number": sum(1 for _ in log.find(kind=RUN)) + 1,
        "used": {name: program_digest(one) for name, one in (used or {}).items()},
    } | ({"reason": reason} if reason else {})
    text = encode(manifest)
    digest = blob_digest(text)
    blobs[digest] = text
    entries = _entries(made, digest, tuple(blobs))
    return log.append(entries, blobs, now=now)


def _in_order(log: Log, program: Program, period: str, before: list[Run], reason: str) -> None:
    if reason or not before:
        return
    if any(run.period == period for run in before):
        raise store.refuse(kinds.DECIDED_BEFORE, log.path, policy=program.id, period=period)
    last = max(before, key=lambda run: run.period)
    if last.period > period:
        raise store.refuse(kinds.OUT_OF_ORDER, log.path, policy=program.id, period=period, last=last.period)
    of, after = program.period.period(last.period), program.period.period(period)
    if program.schema.history and of and after and (after.start - of.end).days != 1:
        raise store.refuse(kinds.GAP, log.path, policy=program.id, period=period, last=last.period)


def _entries(made: Decisions, digest: str, blobs: tuple[str, ...]) -> Iterator[NewEntry]:
    label = made.facts.period.label
    yield NewEntry(RUN, {"run": digest}, period=label, blobs=blobs)
    for subject, data in zip(made.facts.ids, payloads_of(made), strict=True):
        yield NewEntry(DECISION, {"run": digest}, payload=data, subject=subject, period=label)
    totals: dict[str, Any] = {
        "subjects": len(made.facts),
        "decided": len(made) - len(made.held),
        "held": len(made.held),
    }
    if NET in made.frame.columns:
        totals["net"] = decimal_text(sum(made.frame[NET].to_list(), Decimal(0)))
    yield NewEntry(CLOSE, {"run": digest, **totals}, period=label)


# reading


def runs(log: Log) -> Iterator[Run]:
    """Every run that was closed, in the order of the record."""
    for entry in log.find(kind=RUN):
        manifest = decode(log.blob(entry.fields["run"]))
        close = _closing(log, entry, manifest)
        yield Run(entry.index, close.index + 1, manifest, close.fields, at=entry.at)


def _closing(log: Log, of: Entry, manifest: Mapping[str, Any]) -> Entry:
    for entry in log.find(kind=CLOSE, period=manifest["period"]):
        if entry.index > of.index and entry.fields["run"] == of.fields["run"]:
            return entry
    raise store.refuse(kinds.NOT_CLOSED, log.path, entry=of.index)


def program_of(log: Log, run: Run) -> Program:
    """The program of a run; raises Refused where what was kept is not it."""
    try:
        return unpack(decode(log.blob(run.manifest["packed"])), run.manifest["program"])
    except (MalformedError, ValueError) as error:
        raise store.refuse(kinds.NO_PROGRAM, log.path, number=run.number, error=error) from None


def decided(log: Log, run: Run, program: Program, subject: str | None = None) -> Iterator[tuple[Entry, Payload | None]]:
    """The decisions of a run, or those of one subject, each with its payload; None where it was erased."""
    for entry, data in log.payloads(run.decisions.start, run.decisions.stop, subject):
        yield entry, None if data is ERASED else payload_of(log, program, entry, data)


def payload_of(log: Log, program: Program, entry: Entry, data: bytes | Gone | None) -> Payload:
    """A decision out of what an entry has; raises Refused where it is none."""
    try:
        return opened(program, data if isinstance(data, bytes) else b"")
    except PayloadError as error:
        raise _unfit(log, kinds.NO_PAYLOAD, entry, error) from None


def history(log: Log, program: Program) -> pl.DataFrame | None:
    """What was decided by a policy in all its recorded periods, as a table of facts; None if nothing was.

    Of a period that was decided anew the last decision counts. Who was erased is left out.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for run in runs(log):
        if run.manifest["id"] != program.id:
            continue
        for _, one in decided(log, run, program_of(log, run)):
            if one is not None:
                values = {result_name(name): _text(value) for name, value in one.result["values"].items()}
                found[run.period, one.record.subject] = values
    if not found:
        return None
    names = dict.fromkeys(name for values in found.values() for name in values)
    subject = program.schema.subject
    rows = [{subject: who, "period": period, **values} for (period, who), values in sorted(found.items())]
    return pl.DataFrame(rows, schema=dict.fromkeys((subject, "period", *names), pl.String))


def _text(value: Any) -> str:  # noqa: ANN401  plain data
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unfit(log: Log, kind: Kind, entry: Entry, error: Exception) -> Exception:
    return store.refuse(kind, log.path, entry=entry.index, error=error)
