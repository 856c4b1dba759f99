"""A period is decided and recorded: in its order, once, with what it has to pay of earlier ones."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.evaluate.decisions import Decisions
from scorecore.plugins.provenance import list_changed_plugins
from scorecore.program.model import Program
from scorecore.program.serialize import FORMAT
from scorecore.record.corrections.adjustments import (
    Adjustment,
    adjustment_payloads,
    find_owed,
    find_unpaid,
)
from scorecore.record.corrections.changes import DecisionChange
from scorecore.record.corrections.illustrations import check_status
from scorecore.record.corrections.redecide import redecide_later
from scorecore.record.log import store
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint
from scorecore.record.runs.manifest import RUN, TRIAL, Pins
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import Draft, RunDecisions, append, count_decisions, subject_payloads
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
    state: str = RUN
    """Whether it is in force (`run`), waits for approval (`proposal`), or is a `trial`."""

    @property
    def size(self) -> int:
        """How many entries the record has now."""
        return self.checkpoint.size


def record_run(  # noqa: PLR0913  what a run is made of
    log: Log,
    decisions: Decisions | RunDecisions,
    texts: Mapping[str, bytes],
    *,
    now: datetime,
    engine: str,
    used: Mapping[str, Program] | None = None,
    reason: str = "",
    plugins: Mapping[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
    recorded: Recorded | None = None,
    replaces: int | None = None,
) -> Signed:
    """Append a run and everyone's decision; `texts` are the policies that went in, by `id@version`.

    `plugins` says where what plugins brought comes from: `{"scorers.bonus": "shop-bonus 1.2"}`; `recorded` is what the
    log had. With operators the run is a proposal, also in place of one that it `replaces`. Raises RecordRejected where
    the record has more by now, the policy has decided this period, waits for approval or builds on invented figures,
    or no `reason` is given for a gap or another program of the same version.
    """
    recorded = recorded or Recorded.read(log)
    program, period = (run_decisions := _as_run(decisions)).program, run_decisions.period
    is_late = _check_order(recorded, program, period.label, reason)
    check_status(recorded, program, period.label, (used or {}).values())
    pins = Pins.of(program, period, texts, used or {}, engine, plugins)
    recorded.check_new_run(pins, period.label, replaces)
    _check_same_program(recorded, pins, reason)
    adjustments, unpaid = ((), []) if is_late else _find_payable(recorded, program.id)
    draft = Draft(
        number=recorded.next_number,
        pins=pins,
        period=period.label,
        about={**(about or {}), "reason": reason, "pays": unpaid, "replaces": replaces},
        decisions=run_decisions,
        counts=run_decisions.counts,
        adjustments=tuple(adjustment_payloads(adjustments)),
    )
    checkpoint, changes = _append_with_later(recorded, draft, run_decisions if is_late else None, now)
    return Signed(checkpoint, adjustments, changes, draft.number, recorded.kind_of_new_runs)


def _find_payable(recorded: Recorded, policy: str) -> tuple[tuple[Adjustment, ...], list[int]]:
    """What the next run pays of earlier periods, and the corrections that it comes from."""
    return tuple(find_owed(recorded, policy)), [run.number for run in find_unpaid(recorded, policy)]


def record_trial(  # noqa: PLR0913  what a run is made of
    recorded: Recorded,
    decisions: Decisions | RunDecisions,
    texts: Mapping[str, bytes],
    *,
    now: datetime,
    engine: str,
    used: Mapping[str, Program] | None = None,
    plugins: Mapping[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
) -> Signed:
    """Append a draft, of any period: nothing is ever built on it, and nothing is paid by it; else as `record_run`."""
    run_decisions = _as_run(decisions)
    pins = Pins.of(run_decisions.program, run_decisions.period, texts, used or {}, engine, plugins)
    draft = Draft(
        number=recorded.next_number,
        pins=pins,
        period=run_decisions.period.label,
        about=about or {},
        decisions=run_decisions,
        counts=run_decisions.counts,
        kind=TRIAL,
    )
    checkpoint = append(recorded.log, [draft], now=now, after=recorded.size)
    return Signed(checkpoint, (), (), draft.number, TRIAL)


def _append_with_later(
    recorded: Recorded, draft: Draft, late: RunDecisions | None, now: datetime
) -> tuple[Checkpoint, tuple[DecisionChange, ...]]:
    """Append a run; one that comes `late` also changes later periods."""
    reason = {"reason": draft.about["reason"]}
    later = list(redecide_later(recorded, draft, _as_changes(late, draft.number), reason)) if late else []
    drafts = recorded.with_rules([draft, *(later_draft for later_draft, _ in later)])
    checkpoint = append(recorded.log, drafts, now=now, after=recorded.size)
    return checkpoint, tuple(change for _, later_changes in later for change in later_changes)


def _check_same_program(recorded: Recorded, pins: Pins, reason: str) -> None:
    """Raises RecordRejected where a version of a policy is another program than before, and no reason is given."""
    runs = [run for run in recorded.of(pins.data["id"]) if run.policy == pins.data["policy"] and run.format == FORMAT]
    if reason or not runs or Recorded.is_pinned(runs[-1], pins):
        return
    params: dict[str, object] = {"policy": pins.data["policy"], "number": runs[-1].number, "file": recorded.log.path}
    changed = ", ".join(list_changed_plugins(runs[-1].plugins, pins.data.get("plugins", {})))
    raise store.refuse(
        catalogue.PROGRAM_CHANGED, recorded.log.path, **params, **({"plugins": changed} if changed else {})
    )


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


def _as_run(decisions: Decisions | RunDecisions) -> RunDecisions:
    """Decisions as a run records them."""
    if isinstance(decisions, RunDecisions):
        return decisions
    payloads = partial(subject_payloads, decisions)
    return RunDecisions(decisions.program, decisions.facts.period, count_decisions(decisions), payloads)


def _as_changes(decisions: RunDecisions, number: int) -> list[DecisionChange]:
    """A period that was not there, as later ones see it."""
    label, program = decisions.period.label, decisions.program
    return [
        DecisionChange(subject, label, number, program, program, None, decode(payload)["result"])
        for subject, payload in decisions
    ]
