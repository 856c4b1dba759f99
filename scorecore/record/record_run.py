"""A month is decided and recorded: in its order, once, with what it has to pay of earlier ones."""

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
    owed,
    pending,
)
from scorecore.record.corrections.correct import DecisionChange, decided_anew
from scorecore.record.log import store
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import (
    Draft,
    Pins,
    append,
    counts,
    payloads,
)
from scorecore.values.canonical_json import decode


@frozen
class Signed:
    """What was recorded."""

    checkpoint: Checkpoint
    adjustments: tuple[Adjustment, ...]
    """What the run pays of earlier periods."""
    changes: tuple[DecisionChange, ...]
    """What later periods came to be by it, where it was recorded late."""

    @property
    def size(self) -> int:
        """How many entries the record has now."""
        return self.checkpoint.size


def record_run(  # noqa: PLR0913  what a run is made of
    log: Log,
    made: Decisions,
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

    `recorded` is what the log had when the decisions were made. Raises Refused where it has more by now, where the
    policy has decided this period before, or where the period comes after a gap or before the last one and `reason`
    does not say why.
    """
    recorded = recorded or Recorded.read(log)
    program, period = made.program, made.facts.period
    late = _in_order(recorded, program, period.label, reason)
    adjustments = () if late else tuple(owed(recorded, program.id))
    draft = Draft(
        number=len(recorded.runs) + 1,
        pins=Pins.of(program, period, texts, used or {}, engine),
        period=period.label,
        about={
            **(about or {}),
            "reason": reason,
            "pays": [] if late else [one.number for one in pending(recorded, program.id)],
        },
        decisions=payloads(made),
        counts=counts(made),
        adjustments=tuple(adjustment_payloads(adjustments)),
    )
    later = list(decided_anew(recorded, draft, _changes(made, draft.number), {"reason": reason})) if late else []
    drafts = [draft, *(one for one, _ in later)]
    checkpoint = append(log, drafts, now=now, after=recorded.size)
    return Signed(checkpoint, adjustments, tuple(each for _, several in later for each in several))


def _in_order(recorded: Recorded, program: Program, period: str, reason: str) -> bool:
    """Whether the period comes before the last one; raises Refused where it may not be recorded."""
    path, periods = recorded.log.path, recorded.periods(program.id)
    if period in periods:
        raise store.refuse(catalogue.DECIDED_BEFORE, path, policy=program.id, period=period)
    last = periods[-1] if periods else ""
    if reason or not periods:
        return last > period
    if last > period:
        raise store.refuse(catalogue.OUT_OF_ORDER, path, policy=program.id, period=period, last=last)
    of, after = program.period.period(last), program.period.period(period)
    if program.schema.history and of and after and (after.start - of.end).days != 1:
        raise store.refuse(catalogue.GAP, path, policy=program.id, period=period, last=last)
    return False


def _changes(made: Decisions, number: int) -> list[DecisionChange]:
    """A period that was not there, as later ones see it."""
    label = made.facts.period.label
    return [
        DecisionChange(subject, label, number, made.program, None, decode(data)["result"])
        for subject, data in payloads(made)
    ]
