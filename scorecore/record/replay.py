"""Recorded decisions are made again and compared: the same bytes, or where they differ."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from attrs import define, field, frozen

from scorecore.evaluate.decisions import select_subjects
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import MAX_EVALUATED_EACH
from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import Adjustment, unlike
from scorecore.record.log.entries import ERASED, Gone, LogEntry
from scorecore.record.log.log import Log
from scorecore.record.runs.facts_from_payloads import UNKNOWN, evaluate_from_payloads
from scorecore.record.runs.payload import (
    Data,
    Payload,
    payload,
    result_of,
    results_of,
)
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import (
    DECISION,
    Run,
    payload_of,
    program_of,
)
from scorecore.values.canonical_json import decode, encode, format_decimal
from scorecore.values.period import Period

_STEP: Final = 20_000
"""How many decisions are made again at once: some 80 MB of payloads."""


@frozen
class ReplayDifference:
    """What a replay gives otherwise than was recorded."""

    entry: int
    subject: str
    what: str
    """A result by the name of its step, or `entries`, `pay`, `held`, `adjustment`."""
    recorded: str
    replayed: str


@frozen
class Replayed:
    """A run that was made again."""

    run: Run
    same: int
    erased: int
    differences: tuple[ReplayDifference, ...]


_Recorded = tuple[LogEntry, bytes | Gone | None]


def replay(log: Log, run: Run, subject: str | None = None, evaluator: str = "rows") -> Replayed:
    """Decide a run's subjects again from the record alone; raises Refused where it cannot be read.

    `evaluator` is `rows`, `columns`, or `auto`: columns for many. Whoever decided, the same has to come out.
    """
    program = program_of(log, run)
    period = program.period.period(run.period)
    assert period is not None  # noqa: S101  the program of the run has decided it
    few = subject is not None or len(run.entries) < MAX_EVALUATED_EACH
    found = _Replay(log, program, period, by_columns=evaluator == "columns" or (evaluator == "auto" and not few))
    several = log.payloads(run.entries.start, run.entries.stop, subject)
    kept = (one for one in several if one[0].kind == DECISION)
    while step := list(islice(kept, _STEP)):
        found.take(step)
    return Replayed(run, found.same, found.erased, tuple(found.differences))


@define
class _Replay:
    log: Log
    program: Program
    period: Period
    by_columns: bool = field(kw_only=True)
    same: int = 0
    erased: int = 0
    differences: list[ReplayDifference] = field(factory=list)
    decider: SubjectEvaluator = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.decider = SubjectEvaluator.of(self.program, self.period)

    def take(self, recorded: Sequence[_Recorded]) -> None:
        """Make some decisions again."""
        there = [one for one in recorded if one[1] is not ERASED]
        self.erased += len(recorded) - len(there)
        if self.by_columns or len(there) >= MAX_EVALUATED_EACH:  # columns need some time to get ready
            there = self.together(there)
        for entry, data in there:
            found = payload_of(self.log, self.program, entry, data)
            self.compare(entry, found, result_of(self.program, self.decider.decide(found.record)))

    def together(self, recorded: Sequence[_Recorded]) -> list[_Recorded]:
        """Make those again whose facts columns can read; gives the others."""
        known, others = [], []
        for entry, data in recorded:
            if isinstance(data, bytes) and UNKNOWN not in data:
                known.append((entry, data))
            else:
                others.append((entry, data))
        payloads = [data for _, data in known]
        again = (
            evaluate_from_payloads(self.program, self.period, payloads, by_columns=self.by_columns) if known else None
        )
        if again is None:
            return list(recorded)
        written = list(again.payloads())
        differing = [who for who, (one, other) in enumerate(zip(written, payloads, strict=True)) if one != other]
        self.same += len(known) - len(differing)
        for who, result in zip(differing, results_of(select_subjects(again.made, differing)), strict=True):
            entry, data = known[who]
            found = payload_of(self.log, self.program, entry, data)
            if payload(found.record, result) == written[who]:
                self.compare(entry, found, result)
            else:  # the facts were misread
                others.append((entry, data))
        return others

    def compare(self, entry: LogEntry, recorded: Payload, result: Data) -> None:
        again = encode(result)
        if again == encode(recorded.result):
            self.same += 1
        else:
            self.differences += differences(entry.index, recorded.record.subject, recorded.result, decode(again))


def paid_again(recorded: Recorded, run: Run, subject: str | None = None) -> Iterator[ReplayDifference]:
    """Where a run pays of earlier periods otherwise than the record says that it owed; raises Refused."""
    for entry, paid, due in unlike(recorded, run):
        who = (paid or due)[0].subject
        if subject in {None, who}:
            yield ReplayDifference(entry.index, who, "adjustment", _listed(paid), _listed(due))


def _listed(several: Sequence[Adjustment]) -> str:
    return ", ".join(f"{one.period} {one.line} {format_decimal(one.amount)}" for one in several) or "—"


def differences(entry: int, subject: str, recorded: Data, again: Data) -> Iterator[ReplayDifference]:
    """Where two results differ, by step."""
    for name in dict.fromkeys([*recorded["values"], *again["values"]]):
        one, other = recorded["values"].get(name), again["values"].get(name)
        if one != other:
            yield ReplayDifference(entry, subject, name, _shown(one), _shown(other))
    for part in ("entries", "pay", "held"):
        if recorded.get(part) != again.get(part):
            yield ReplayDifference(entry, subject, part, _shown(recorded.get(part)), _shown(again.get(part)))


def _shown(value: Any) -> str:  # noqa: ANN401  plain data
    return "—" if value is None else str(value)
