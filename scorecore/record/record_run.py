"""A period is decided and recorded: in its order, once, with what it has to pay of earlier ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.evaluate.decisions import Decisions
from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import (
    Adjustment,
    adjustment_payloads,
    find_owed,
    find_unpaid,
)
from scorecore.record.corrections.changes import DecisionChange
from scorecore.record.corrections.redecide import redecide_later
from scorecore.record.log import store
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import Draft, append, count_decisions, subject_payloads
from scorecore.values.canonical_json import decode


@frozen
class Signed:
    """What was recorded."""

    checkpoint: Checkpoint
    adjustments: tuple[Adjustment, ...]
    """What the run pays of earlier periods."""
    changes: tuple[DecisionChange, ...]
    """What it changes in later periods, where it was recorded late."""
    run: int
    """The number of the run."""

    @property
    def size(self) -> int:
        """How many entries the record has now."""
        return self.checkpoint.size


def record_run(  # noqa: PLR0913  what a run is made of
    log: Log,
    decisions: Decisions,
    texts: Mapping[str, bytes],
    *,
    now: datetime,
    engine: str,
    used: Mapping[str, Program] | None = None,
    reason: str = "",
    about: Mapping[str, Any] | None = None,
    recorded: Recorded | None = None,
) -> Signed:
    """Append a run and everyone's decision; `texts` are the policies that went in, by `id@version`.

    `recorded` is what the log had when the decisions were made. Raises RecordRejected where it has more by now, where
    the policy has decided this period before, or where the period comes after a gap or before the last one and
    `reason` does not say why.
    """
    recorded = recorded or Recorded.read(log)
    program, period = decisions.program, decisions.facts.period
    is_late = _check_order(recorded, program, period.label, reason)
    adjustments = () if is_late else tuple(find_owed(recorded, program.id))
    unpaid = [] if is_late else [run.number for run in find_unpaid(recorded, program.id)]
    draft = Draft(
        number=len(recorded.runs) + 1,
        pins=Pins.of(program, period, texts, used or {}, engine),
        period=period.label,
        about={**(about or {}), "reason": reason, "pays": unpaid},
        decisions=subject_payloads(decisions),
        counts=count_decisions(decisions),
        adjustments=tuple(adjustment_payloads(adjustments)),
    )
    changes = _as_changes(decisions, draft.number) if is_late else []
    later = list(redecide_later(recorded, draft, changes, {"reason": reason})) if is_late else []
    drafts = [draft, *(later_draft for later_draft, _ in later)]
    checkpoint = append(log, drafts, now=now, after=recorded.size)
    later_changes = tuple(change for _, changes_of_period in later for change in changes_of_period)
    return Signed(checkpoint, adjustments, later_changes, draft.number)


def _check_order(recorded: Recorded, program: Program, period: str, reason: str) -> bool:
    """Whether the period comes before the last one; raises RecordRejected where it may not be recorded."""
    path, periods = recorded.log.path, recorded.periods(program.id)
    if period in periods:
        raise store.refuse(catalogue.DECIDED_BEFORE, path, policy=program.id, period=period)
    last = periods[-1] if periods else ""
    if reason or not periods:
        return last > period
    if last > period:
        raise store.refuse(catalogue.OUT_OF_ORDER, path, policy=program.id, period=period, last=last)
    before, after = program.period.period(last), program.period.period(period)
    if program.schema.history and before and after and (after.start - before.end).days != 1:
        raise store.refuse(catalogue.GAP, path, policy=program.id, period=period, last=last)
    return False


def _as_changes(decisions: Decisions, number: int) -> list[DecisionChange]:
    """A period that was not there, as later ones see it."""
    label, program = decisions.facts.period.label, decisions.program
    return [
        DecisionChange(subject, label, number, program, program, None, decode(payload)["result"])
        for subject, payload in subject_payloads(decisions)
    ]
