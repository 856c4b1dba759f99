"""A period is decided anew beside what was recorded: what changes, and what later periods make of it.

What was recorded stays. A correction has the decisions that changed; whoever is not in it keeps the one that stands.
Later periods that read this one as their history are decided anew in their order, from the facts that they were
recorded with.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, cast

from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.catalogue import HISTORY_MISSING
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.cells import EVERY_YEAR, find_misfit
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program, result_name
from scorecore.record.corrections.adjustments import (
    Adjustment,
    Amounts,
    PayPosting,
    amounts,
    owed,
    paid_apart,
)
from scorecore.record.log import store
from scorecore.record.runs.payload import (
    Data,
    causes_of,
    payload,
    read_value,
    result_of,
)
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.record.runs.runs import (
    Draft,
    Pins,
    Run,
    counts,
    payloads,
)
from scorecore.values.canonical_json import decode
from scorecore.values.period import Period
from scorecore.values.types import Type
from scorecore.values.unknown import Unknown

_NAMED: Final = 10
"""How many subjects a problem names."""


@frozen
class DecisionChange:
    """What is decided otherwise about one subject in one period."""

    subject: str
    period: str
    run: int
    """The correction."""
    program: Program
    before: Data | None
    """The result that stood; None for whom nothing was decided."""
    after: Data | None
    """None for whom the decision is taken back."""

    def value(self, name: str) -> tuple[Any, Any]:
        """A result by the name of its step, before and after; None where it is held or not there."""
        before, after = (one["values"].get(name) if one else None for one in (self.before, self.after))
        return before, after

    def values(self) -> Iterator[tuple[str, Any, Any]]:
        """The results that differ."""
        for name in dict.fromkeys(name for one in (self.before, self.after) if one for name in one["values"]):
            before, after = self.value(name)
            if before != after:
                yield name, before, after

    def lines(self) -> Iterator[tuple[str, int, Decimal | None, Decimal | None]]:
        """The lines of pay that differ: step, sign, before and after; None while it is held."""
        before, after = (_lines(self.program, one) for one in (self.before, self.after))
        for (step, sign), amount in after.items():
            if amount != before.get((step, sign)):
                yield step, sign, before.get((step, sign)), amount

    def held(self) -> Mapping[str, tuple[Diagnostic, ...]]:
        """The results that are held now and were not before, each with its causes."""
        before = self.before.get("held", {}) if self.before else {}
        after = self.after.get("held", {}) if self.after else {}
        return {name: causes_of(causes) for name, causes in after.items() if name not in before}


def _lines(program: Program, result: Data | None) -> Amounts:
    """The lines of a result; what does not apply, and what is not there, is nothing."""
    given = {number: Decimal(amount) for number, amount in result["pay"]} if result else {}
    held = result.get("held", {}) if result else {}
    return {
        (line.step, line.sign): given.get(number, None if line.step in held else Decimal(0))
        for number, line in enumerate(program.pay)
    }


@frozen(kw_only=True)
class Correction:
    """What is to be recorded, and what it changes."""

    drafts: Sequence[Draft]
    changes: Sequence[DecisionChange]
    pays: Sequence[Adjustment] = ()
    """What the next run will pay, corrections that it has to pay already included; or this one, if it is paid apart."""
    dependents: Sequence[Run] = ()
    """Runs of other policies that read decisions of this one: they are to be corrected after it."""
    otherwise: Sequence[Run] = ()
    """Later runs of the same policy that were decided by another text than this one."""


def correct(
    recorded: Recorded,
    made: Decisions,
    pins: Pins,
    *,
    reason: str,
    withdrawn: Collection[str] = (),
    apart: bool = False,
    about: Mapping[str, Any] | None = None,
) -> Correction:
    """What changes by deciding a period anew, and in later periods by that; nothing is recorded yet.

    `withdrawn` are subjects about whom nothing should have been decided. With `apart` no later run pays the difference.
    Raises Refused where the period was not decided, or somebody who was decided is neither in `made` nor withdrawn, or
    withdrawn who is in `made` or was not decided.
    """
    policy, period = made.program.id, made.facts.period
    before = recorded.of(policy, period.label)
    if not before:
        raise store.refuse(catalogue.NOTHING_TO_CORRECT, recorded.log.path, policy=policy, period=period)
    standing = recorded.standing(policy, period.label)
    known = {one.payload.record.subject: name for name, one in standing.items() if one.payload}
    there = {*made.facts.ids, *withdrawn}
    _complete(recorded, period, there, known)
    erased = {name for name, one in standing.items() if not one.payload}
    if made.program.grouped and not erased <= set(map(recorded.log.pseudonym, there)):
        raise store.refuse(catalogue.GROUP_ERASED, recorded.log.path, policy=policy, period=period)
    whole = pins.data["packed"] != before[-1].manifest["packed"]  # what is pinned must be what decided
    kept: list[tuple[str, bytes]] = []
    changes: list[DecisionChange] = []
    number = len(recorded.runs) + 1
    for subject, data in payloads(made):
        one = standing.get(recorded.log.pseudonym(subject))
        if one is not None and one.payload is None:
            continue  # it was asked to be forgotten
        same = one is not None and recorded.log.payload(one.entry.index) == data
        if whole or not same:
            kept.append((subject, data))
        if not same:
            result = one.payload.result if one and one.payload else None
            after = decode(data)["result"]
            changes.append(DecisionChange(subject, period.label, number, made.program, result, after))
    ids = set(made.facts.ids)
    gone = sorted(set(withdrawn))
    for subject in gone:
        if subject not in known or subject in ids:
            raise store.refuse(catalogue.NOT_WITHDRAWN, recorded.log.path, id=subject, period=period)
        one = standing[known[subject]]
        assert one.payload is not None  # noqa: S101  as `known` has it
        changes.append(DecisionChange(subject, period.label, number, made.program, one.payload.result, None))
    if not changes:
        return Correction(drafts=(), changes=())
    common = {**(about or {}), "reason": reason, "apart": apart}
    draft = Draft(
        number=number,
        pins=pins,
        period=period.label,
        about={**common, "corrects": before[-1].number},
        decisions=kept,
        counts=counts(made),
        withdrawn=gone,
    )
    later = list(decided_anew(recorded, draft, changes, common))
    changes += [each for _, several in later for each in several]
    coming = [
        PayPosting(one.subject, one.period, one.run, None if one.after is None else amounts(one.program, one.after))
        for one in changes
    ]
    return Correction(
        drafts=[draft, *(one for one, _ in later)],
        changes=changes,
        pays=paid_apart(recorded, policy, coming) if apart else owed(recorded, policy, coming),
        dependents=list(_dependents(recorded, before[-1])),
        otherwise=list(_otherwise(recorded, pins, period.label)),
    )


def _complete(recorded: Recorded, period: Period, there: set[str], known: Collection[str]) -> None:
    if missing := sorted(set(known) - there):
        who = ", ".join(missing[:_NAMED]) + (", …" if len(missing) > _NAMED else "")
        raise store.refuse(catalogue.LEFT_OUT, recorded.log.path, period=period, count=len(missing), who=who)


def _dependents(recorded: Recorded, of: Run) -> Iterator[Run]:
    """The last run of each other policy and period that has used the decisions of a run."""
    last = {(one.id, one.period): one for one in recorded.runs if of.policy in one.manifest["used"]}
    for one in last.values():
        program = recorded.program(one)
        period = program.period.period(one.period)
        for use in (table.use for table in program.schema.events if table.use):
            labels = use.period.within(period) if use.within and period else [one.period]
            if of.policy in use.policies and of.period in labels:
                yield one
                break


def _otherwise(recorded: Recorded, pins: Pins, period: str) -> Iterator[Run]:
    """The run that stands last of each later period, if its program is another one."""
    last = {one.period: one for one in recorded.of(str(pins.data["id"])) if one.period > period}
    yield from (one for one in last.values() if one.manifest["program"] != pins.data["program"])


# later periods


def decided_anew(
    recorded: Recorded, first: Draft, changes: Sequence[DecisionChange], about: Mapping[str, Any]
) -> Iterator[tuple[Draft, list[DecisionChange]]]:
    """Runs of the later periods that read the one of a draft, with what they change, in their order; raises Refused."""
    policy = str(first.pins.data["id"])
    past = {first.period: {one.subject: one.after for one in changes}}
    number = first.number
    for label in recorded.periods(policy):
        run = recorded.of(policy, label)[-1]
        if label <= first.period or not recorded.program(run).schema.history:
            continue
        again = _Redecision(recorded, run, number + 1)
        found = again.decided(past)
        if not found:
            continue
        number += 1
        past[label] = {one.subject: one.after for one in found}
        draft = Draft(
            number=number,
            pins=Pins.again(run, str(first.pins.data["engine"])),
            period=label,
            about={**about, "corrects": run.number, "because": first.number},
            decisions=again.kept,
            counts=again.counts(),
        )
        yield draft, found


_Past = Mapping[str, Mapping[str, Data | None]]
"""By period and subject what came to be decided otherwise."""


class _Redecision:
    """A recorded period with another past."""

    def __init__(self, recorded: Recorded, run: Run, number: int) -> None:
        self.recorded = recorded
        self.number = number
        self.program = recorded.program(run)
        period = self.program.period.period(run.period)
        assert period is not None  # noqa: S101  the program has decided it
        self.period = period
        self.standing = recorded.standing(run.id, run.period)
        self.kept: list[tuple[str, bytes]] = []
        self._held: dict[str, bool] = {}

    def decided(self, past: _Past) -> list[DecisionChange]:
        """What changes; `kept` has the payloads then."""
        people = {name: one for name, one in self.standing.items() if one.payload is not None}
        records = [self._with(past, one) for one in people.values()]
        changed = [record for record, one in zip(records, people.values(), strict=True) if record != _record(one)]
        if not changed:
            return []
        decider = SubjectEvaluator.of(self.program, self.period)
        if self.program.grouped:
            if len(people) < len(self.standing):
                place = self.recorded.log.path
                raise store.refuse(catalogue.GROUP_ERASED, place, policy=self.program.id, period=self.period)
            changed = decider.add_group_values(records)
        by_subject = {_record(one).subject: one for one in people.values()}
        found = list[DecisionChange]()
        for record in changed:
            one = by_subject[record.subject]
            data = payload(record, result_of(self.program, decider.decide(record)))
            if data == self.recorded.log.payload(one.entry.index):
                continue
            after = decode(data)["result"]
            self._held[record.subject] = "held" in after
            self.kept.append((record.subject, data))
            before = one.payload.result if one.payload else None
            found.append(DecisionChange(record.subject, self.period.label, self.number, self.program, before, after))
        return found

    def counts(self) -> dict[str, int]:
        held = sum(
            self._held.get(one.payload.record.subject, "held" in one.payload.result)
            for one in self.standing.values()
            if one.payload
        )
        return {"subjects": len(self.standing), "decided": len(self.standing) - held, "held": held}

    def _with(self, past: _Past, one: Standing) -> SubjectFacts:
        """What a subject was decided by, with what its earlier periods have come to be."""
        record = _record(one)
        mine = {label: results[record.subject] for label, results in past.items() if record.subject in results}
        known = record.rows[HISTORY]
        missing = isinstance(known, Unknown) and any(cause.kind is not HISTORY_MISSING for cause in known.causes)
        if not mine or missing:
            return record
        rows = {} if isinstance(known, Unknown) else {cast("int", row[AGO]): row for row in known}
        for label, result in mine.items():
            period = self.program.period.period(label)
            if period is None:
                continue
            ago = self.program.period.between(period, self.period)
            rows.pop(ago, None)
            if result is not None:
                rows[ago] = self._row(result, ago)
        several = [rows[ago] for ago in sorted(rows)]
        undecided = {HISTORY} if any(None in row.values() for row in several) else set()
        unknown = (record.unknown - {HISTORY}) | undecided
        return evolve(record, rows={**record.rows, HISTORY: several}, unknown=unknown)

    def _row(self, result: Data, ago: int) -> dict[str, Any]:
        values = {result_name(name): value for name, value in result["values"].items()}
        found: dict[str, Any] = {AGO: ago}
        for column in self.program.schema.history:
            found[column.name] = _typed(column.type, values.get(column.name))
        return found


def _record(of: Standing) -> SubjectFacts:
    assert of.payload is not None  # noqa: S101  whose was erased is not asked for
    return of.payload.record


def _typed(of: Type, value: Any) -> Any:  # noqa: ANN401  a value of any type
    """A recorded result as a fact of a type; None where it was held, or does not fit, as the intake of facts has it."""
    if value is None:
        return None
    try:
        found = read_value(of, value)
    except (ValueError, TypeError, ArithmeticError):
        return None
    return None if find_misfit(found, of, EVERY_YEAR) else found
