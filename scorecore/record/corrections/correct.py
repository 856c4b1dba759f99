"""A period is decided again beside what was recorded: what changes, and what later periods make of it.

What was recorded stays. A correction has the decisions that changed; a subject that is not in it keeps the one that
stands. Where another program decides, every decision is recorded, for what is pinned must be what has decided.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.evaluate.decisions import Decisions
from scorecore.record.corrections.adjustments import (
    Adjustment,
    PayPosting,
    find_owed,
    find_paid_apart,
    line_amounts,
)
from scorecore.record.corrections.changes import DecisionChange
from scorecore.record.corrections.illustrations import check_status
from scorecore.record.corrections.redecide import redecide_later
from scorecore.record.log import store
from scorecore.record.runs.manifest import Pins, Run
from scorecore.record.runs.payload import is_same_decision
from scorecore.record.runs.payload_order import PlainData
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.record.runs.runs import Draft, count_decisions, subject_payloads
from scorecore.values.canonical_json import decode
from scorecore.values.period import Period

_MAX_NAMED: Final = 10
"""How many subjects a diagnostic names."""


@frozen(kw_only=True)
class Correction:
    """What is to be recorded, and what it changes."""

    drafts: Sequence[Draft]
    changes: Sequence[DecisionChange]
    pays: Sequence[Adjustment] = ()
    """What the next run will pay, corrections that it has to pay already included; or this one, if it is paid apart."""
    dependents: Sequence[Run] = ()
    """Runs of other policies that read decisions of this one: they are to be corrected after it."""
    by_other_programs: Sequence[Run] = ()
    """Later runs of the same policy that another program than this one has decided."""


def correct(  # noqa: PLR0913  what a correction is made of
    recorded: Recorded,
    decisions: Decisions,
    pins: Pins,
    *,
    reason: str,
    withdrawn: Collection[str] = (),
    apart: bool = False,
    replaces: int | None = None,
    about: Mapping[str, Any] | None = None,
) -> Correction:
    """What changes by deciding a period again, and in later periods by that; nothing is recorded yet.

    A proposal of the policy that waits for approval must be named as the one that this `replaces`.
    `withdrawn` are subjects about whom nothing should have been decided. With `apart` no later run pays the difference.
    Raises RecordRejected where the period was not decided, something in force would build on illustrations, or somebody
    who was decided is in neither `decisions` nor `withdrawn`, or is in both.
    """
    policy, last_run = decisions.program.id, _find_last(recorded, decisions)
    recorded.check_new_run(pins, last_run.period, replaces, is_correction=True)
    _check_illustrations(recorded, decisions, pins, last_run)
    comparison = _Comparison(recorded, decisions, last_run, recorded.next_number)
    comparison.check_subjects(withdrawn)
    comparison.compare(is_same_program=recorded.is_pinned(last_run, pins))
    comparison.withdraw(withdrawn)
    changes = comparison.changes
    if not changes:
        return Correction(drafts=(), changes=())
    common = {**(about or {}), "reason": reason, "apart": apart}
    draft = comparison.draft(pins, {**common, "replaces": replaces}, withdrawn)
    later = list(redecide_later(recorded, draft, changes, common))
    changes += [change for _, later_changes in later for change in later_changes]
    coming = list(map(_posting, changes))
    return Correction(
        drafts=recorded.with_rules([draft, *(later_draft for later_draft, _ in later)]),
        changes=changes,
        pays=find_paid_apart(recorded, policy, coming) if apart else find_owed(recorded, policy, coming),
        dependents=list(_find_dependents(recorded, last_run)),
        by_other_programs=list(_find_other_programs(recorded, pins, last_run.period)),
    )


def _find_last(recorded: Recorded, decisions: Decisions) -> Run:
    """The last run of a period; raises RecordRejected where it was not decided."""
    policy, period = decisions.program.id, decisions.facts.period
    runs = recorded.of(policy, period.label)
    if not runs:
        raise store.refuse(catalogue.NOTHING_TO_CORRECT, recorded.log.path, policy=policy, period=period)
    return runs[-1]


def _check_illustrations(recorded: Recorded, decisions: Decisions, pins: Pins, last_run: Run) -> None:
    """Raises RecordRejected where another policy would make something in force build on illustrations."""
    program = decisions.program
    if not recorded.is_pinned(last_run, pins) or program.status != recorded.program(last_run).status:
        dependents = _find_dependents(recorded, last_run)
        check_status(recorded, program, last_run.period, pins.used_programs(recorded.log), dependents)


def _posting(change: DecisionChange) -> PayPosting:
    amounts = None if change.after is None else line_amounts(change.program, change.after)
    return PayPosting(change.subject, change.period, change.run, amounts)


@define
class _Comparison:
    """The decisions of a period compared with those in force."""

    recorded: Recorded
    decisions: Decisions
    last_run: Run
    number: int
    """Of the correction."""
    payloads: list[tuple[str, bytes]] = field(factory=list)
    """What is to be recorded."""
    changes: list[DecisionChange] = field(factory=list)
    standing: dict[str, Standing] = field(init=False)
    pseudonyms: dict[str, str] = field(init=False)
    """Of the subjects that were decided and not erased."""

    def __attrs_post_init__(self) -> None:
        self.standing = self.recorded.standing(self.last_run.id, self.last_run.period)
        self.pseudonyms = {
            standing.payload.facts.subject: pseudonym
            for pseudonym, standing in self.standing.items()
            if standing.payload
        }

    @property
    def period(self) -> Period:
        return self.decisions.facts.period

    def check_subjects(self, withdrawn: Collection[str]) -> None:
        """Raises RecordRejected where subjects are missing, or must be decided together and some were erased."""
        path, log = self.recorded.log.path, self.recorded.log
        subjects = {*self.decisions.facts.ids, *withdrawn}
        if missing := sorted(set(self.pseudonyms) - subjects):
            who = ", ".join(missing[:_MAX_NAMED]) + (", …" if len(missing) > _MAX_NAMED else "")
            raise store.refuse(catalogue.LEFT_OUT, path, period=self.period, count=len(missing), who=who)
        erased = {pseudonym for pseudonym, standing in self.standing.items() if not standing.payload}
        if self.decisions.program.grouped and not erased <= set(map(log.pseudonym, subjects)):
            raise store.refuse(catalogue.GROUP_ERASED, path, policy=self.decisions.program.id, period=self.period)
        if erased and not log.finds_erased:
            unknown = [subject for subject in sorted(subjects) if log.pseudonym(subject) not in self.standing]
            if unknown:
                who = ", ".join(unknown[:_MAX_NAMED]) + (", …" if len(unknown) > _MAX_NAMED else "")
                raise store.refuse(catalogue.PERHAPS_ERASED, path, period=self.period, who=who)

    def compare(self, *, is_same_program: bool) -> None:
        """Find what is decided differently; what another program decides is recorded in any case."""
        program = self.decisions.program
        for subject, payload in subject_payloads(self.decisions):
            standing = self.standing.get(self.recorded.log.pseudonym(subject))
            if standing is not None and standing.payload is None:
                continue  # the subject asked to be forgotten
            before = None if standing is None else self.recorded.payload_for(program, standing)
            is_same = before is not None and is_same_decision(before, payload)
            if not is_same or not is_same_program:
                self.payloads.append((subject, payload))
            if not is_same:
                self.note(subject, standing, decode(payload)["result"])

    def withdraw(self, subjects: Collection[str]) -> None:
        """Take back decisions; raises RecordRejected where a subject has none, or is still in the facts."""
        decided = set(self.decisions.facts.ids)
        for subject in sorted(set(subjects)):
            if subject not in self.pseudonyms or subject in decided:
                path = self.recorded.log.path
                raise store.refuse(catalogue.NOT_WITHDRAWN, path, id=subject, period=self.period)
            standing = self.standing[self.pseudonyms[subject]]
            self.note(subject, standing, None)

    def draft(self, pins: Pins, about: Mapping[str, Any], withdrawn: Collection[str]) -> Draft:
        """The run that is to be recorded."""
        return Draft(
            number=self.number,
            pins=pins,
            period=self.period.label,
            about={**about, "corrects": self.last_run.number},
            decisions=self.payloads,
            counts=count_decisions(self.decisions),
            withdrawn=sorted(set(withdrawn)),
        )

    def note(self, subject: str, standing: Standing | None, after: PlainData | None) -> None:
        program = self.decisions.program
        program_before = self.recorded.program(standing.run) if standing else program
        before = standing.payload.result if standing and standing.payload else None
        change = DecisionChange(subject, self.period.label, self.number, program, program_before, before, after)
        self.changes.append(change)


def _find_dependents(recorded: Recorded, corrected: Run) -> Iterator[Run]:
    """The last run of each other policy and period that has used the decisions of a run."""
    last_runs = {(run.id, run.period): run for run in recorded.runs if corrected.policy in run.manifest["used"]}
    for run in last_runs.values():
        program = recorded.program(run)
        period = program.period.period(run.period)
        for dependency in (table.use for table in program.schema.events if table.use):
            labels = dependency.labels(period) if period else [run.period]
            if corrected.policy in dependency.policies and corrected.period in labels:
                yield run
                break


def _find_other_programs(recorded: Recorded, pins: Pins, period: str) -> Iterator[Run]:
    """The last run in force of each later period, if its program is another one."""
    last_runs = {run.period: run for run in recorded.of(str(pins.data["id"])) if run.period > period}
    for run in last_runs.values():
        if not recorded.is_pinned(run, pins):
            yield run
