"""Recorded decisions are made again and compared: the same bytes, or where they differ."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from attrs import define, field, frozen

from scorecore.evaluate.decisions import select_subjects
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import MAX_EVALUATED_EACH
from scorecore.program.model import Program
from scorecore.program.serialize import FORMAT
from scorecore.record.corrections.adjustments import Adjustment, compare_adjustments
from scorecore.record.log.entries import ERASED, Gone, LogEntry
from scorecore.record.log.log import Log
from scorecore.record.runs.facts_from_payloads import UNKNOWN, evaluate_from_payloads
from scorecore.record.runs.manifest import Run, program_of
from scorecore.record.runs.payload import Payload, ResultWriter, encode_payload, upgrade_payload
from scorecore.record.runs.payload_order import PlainData
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import read_payload, refuse_payload
from scorecore.values.canonical_json import decode, encode, format_decimal
from scorecore.values.period import Period

_BATCH_SIZE: Final = 20_000
"""How many decisions are made again at once: some 80 MB of payloads."""


@frozen
class ReplayDifference:
    """Where a replay differs from what was recorded."""

    entry: int
    subject: str
    what: str
    """A result by the name of its step, or `entries`, `pay`, `held`, `adjustment`."""
    recorded: str
    replayed: str


@frozen
class ReplayedRun:
    """A run that was made again."""

    run: Run
    same: int
    erased: int
    differences: tuple[ReplayDifference, ...]


_RecordedPayload = tuple[LogEntry, bytes | Gone | None]


def replay(log: Log, run: Run, subject: str | None = None, evaluator: str = "rows") -> ReplayedRun:
    """Decide a run's subjects again from the record alone; raises RecordRejected where it cannot be read.

    `evaluator` is `rows`, `columns`, or `auto`: columns for many. Either gives what the other has decided.
    """
    program = program_of(log, run)
    period = program.period.period(run.period)
    assert period is not None  # noqa: S101  the program of the run has decided it
    few = subject is not None or len(run.entries) < MAX_EVALUATED_EACH
    by_columns = evaluator == "columns" or (evaluator == "auto" and not few)
    replayer = _Replayer(log, run, program, period, by_columns=by_columns)
    payloads = log.payloads(run.entries.start, run.entries.stop, subject)
    decisions = (recorded for recorded in payloads if recorded[0].kind == run.decision_kind)
    while batch := list(islice(decisions, _BATCH_SIZE)):
        replayer.replay(batch)
    return ReplayedRun(run, replayer.same, replayer.erased, tuple(replayer.differences))


@define
class _Replayer:
    log: Log
    run: Run
    program: Program
    period: Period
    by_columns: bool = field(kw_only=True)
    same: int = 0
    erased: int = 0
    differences: list[ReplayDifference] = field(factory=list)
    evaluator: SubjectEvaluator = field(init=False)
    writer: ResultWriter = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.evaluator = SubjectEvaluator.of(self.program, self.period)
        self.writer = ResultWriter(self.program)

    def replay(self, recorded: Sequence[_RecordedPayload]) -> None:
        """Make some decisions again."""
        kept: Sequence[_RecordedPayload] = [each for each in recorded if each[1] is not ERASED]
        self.erased += len(recorded) - len(kept)
        if self.by_columns or len(kept) >= MAX_EVALUATED_EACH:  # columns need some time to get ready
            kept = self.replay_together(kept)
        for entry, payload in kept:
            decision = read_payload(self.log, self.program, entry, payload)
            self.compare(entry, decision, self.writer.write(self.evaluator.decide(decision.facts)))

    def replay_together(self, recorded: Sequence[_RecordedPayload]) -> list[_RecordedPayload]:
        """Make those again whose facts columns can read; gives those that are left."""
        entries: list[LogEntry] = []
        payloads: list[bytes] = []
        left: list[_RecordedPayload] = []
        for entry, payload in recorded:
            if isinstance(payload, bytes) and UNKNOWN not in payload:
                entries.append(entry)
                payloads.append(self.upgrade(entry, payload))
            else:
                left.append((entry, payload))
        if not payloads:
            return left
        replayed = evaluate_from_payloads(self.program, self.period, payloads, by_columns=self.by_columns)
        if replayed is None:
            return list(recorded)
        written = list(replayed.payloads())
        pairs = enumerate(zip(written, payloads, strict=True))
        differing = [number for number, (now, before) in pairs if now != before]
        self.same += len(payloads) - len(differing)
        results = self.writer.write_all(select_subjects(replayed.decisions, differing))
        for number, result in zip(differing, results, strict=True):
            decision = read_payload(self.log, self.program, entries[number], payloads[number])
            if encode_payload(decision.facts, result) == written[number]:
                self.compare(entries[number], decision, result)
            else:  # the facts were misread
                left.append((entries[number], payloads[number]))
        return left

    def upgrade(self, entry: LogEntry, payload: bytes) -> bytes:
        """The payload in the format of now; raises RecordRejected."""
        if self.run.format == FORMAT:
            return payload
        try:
            return upgrade_payload(self.program, payload, self.program)
        except (ValueError, LookupError, TypeError) as error:
            raise refuse_payload(self.log, entry, error) from None

    def compare(self, entry: LogEntry, recorded: Payload, result: PlainData) -> None:
        replayed = encode(result)
        if replayed == encode(recorded.result):
            self.same += 1
        else:
            differences = find_differences(entry.index, recorded.facts.subject, recorded.result, decode(replayed))
            self.differences += differences


def replay_adjustments(recorded: Recorded, run: Run, subject: str | None = None) -> Iterator[ReplayDifference]:
    """Where a run does not pay of earlier periods what the record says that it owed; raises RecordRejected."""
    for entry, paid, due in compare_adjustments(recorded, run):
        owner = (paid or due)[0].subject
        if subject in {None, owner}:
            yield ReplayDifference(entry.index, owner, "adjustment", _list_adjustments(paid), _list_adjustments(due))


def _list_adjustments(adjustments: Sequence[Adjustment]) -> str:
    texts = (f"{each.period} {each.line} {format_decimal(each.amount)}" for each in adjustments)
    return ", ".join(texts) or "—"


def find_differences(entry: int, subject: str, recorded: PlainData, replayed: PlainData) -> Iterator[ReplayDifference]:
    """Where two results differ, by step."""
    for name in dict.fromkeys([*recorded["values"], *replayed["values"]]):
        before, now = recorded["values"].get(name), replayed["values"].get(name)
        if before != now:
            yield ReplayDifference(entry, subject, name, _show(before), _show(now))
    for part in ("entries", "pay", "held"):
        if recorded.get(part) != replayed.get(part):
            yield ReplayDifference(entry, subject, part, _show(recorded.get(part)), _show(replayed.get(part)))


def _show(value: Any) -> str:  # noqa: ANN401  plain data
    return "—" if value is None else str(value)
