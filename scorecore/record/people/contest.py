"""Somebody objects to a decision, it is answered, and what the decision would be without what is contested."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.evaluate.decisions import NET, PARTIAL
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.program.model import Program
from scorecore.program.steps import Account
from scorecore.record.log import store
from scorecore.record.log.entries import LogEntry, NewLogEntry
from scorecore.record.log.note import Checkpoint
from scorecore.record.people.acts import append_entry, check_entry
from scorecore.record.people.deadlines import find_deadline
from scorecore.record.people.objections import REFUSED, RecordedObjection
from scorecore.record.people.operators import ANSWER, OBJECTION
from scorecore.record.runs.manifest import Run
from scorecore.record.runs.payload import Payload, ResultWriter
from scorecore.record.runs.payload_order import PlainData
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.record.runs.runs import read_payload, refuse_payload
from scorecore.values.canonical_json import decode, encode
from scorecore.values.unknown import Unknown

REFERRED: Final = "referred"
_NO_EVENT: Final = -1


@frozen
class ContestedEntry:
    """What is contested: an entry of the points ledger, or a pay line."""

    name: str
    """The step of the account, or of the pay line."""
    rule: int | None = None
    """The number of the entry's rule in its account; None for a pay line."""
    event: int = _NO_EVENT
    """Which event of the rule's table it is for, from 0."""

    def data(self) -> PlainData:
        return {"name": self.name} if self.rule is None else {"name": self.name, "rule": self.rule, "event": self.event}


@frozen(kw_only=True)
class ObjectionText:
    """What an objection says; it stands in a payload, which an erasure destroys."""

    subject: str
    reason: str
    contested: ContestedEntry | None
    """None where the whole decision is contested."""
    evidence: tuple[str, ...]
    """The SHA-256 of each document that was handed in."""


@frozen
class Deadlines:
    """The last days for an objection and for its answer; None where there is none, or the calendar does not say."""

    objecting: date | None
    answering: date | None


def object_to(
    recorded: Recorded,
    standing: Standing,
    reason: str,
    *,
    now: datetime,
    contested: ContestedEntry | None = None,
    evidence: Sequence[str] = (),
) -> Checkpoint:
    """Record the objection of the person whom a decision is about.

    Raises RecordRejected where the decision is not in force, or the policy refuses objections so late; ValueError
    where there is no reason, or the decision does not have what is contested.
    """
    if standing.payload is None or not reason.strip():
        raise ValueError("an objection has a reason, and is about a decision that was not erased")
    if contested is not None and contested not in list_contestable(standing.payload):
        raise ValueError("the decision does not have the entry that is contested")
    rules = recorded.program(standing.run).objections
    last_day = find_deadlines(recorded, standing.run, now).objecting
    if rules and last_day and rules.late == REFUSED and now.date() > last_day:
        raise store.refuse(catalogue.OBJECTION_LATE, recorded.log.path, number=standing.run.number, day=last_day)
    subject = standing.payload.facts.subject
    content: dict[str, Any] = {"subject": subject, "reason": reason, "evidence": sorted(evidence)}
    content |= {"contested": contested.data()} if contested else {}
    fields = {"decision": standing.entry.index, "number": standing.run.number, "run": standing.run.digest}
    entry = NewLogEntry(OBJECTION, fields, payload=encode(content), subject=subject, period=standing.run.period)
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now)


def answer(
    recorded: Recorded,
    objection: RecordedObjection,
    verdict: str,
    reason: str,
    *,
    now: datetime,
    correction: int | None = None,
) -> Checkpoint:
    """Answer an objection: refuse it, or accept it with the `correction` that followed from it.

    Raises RecordRejected where it may not be answered so: by this operator, without a correction, or otherwise than the
    policy says once its deadline has passed. ValueError where there is no reason, or the person was erased.
    """
    text = read_objection(recorded, objection)
    if text is None or not reason.strip():
        raise ValueError("an answer has a reason, and is about somebody who was not erased")
    _check_in_time(recorded, objection, verdict, now)
    fields: dict[str, Any] = {"objection": objection.entry, "verdict": verdict}
    if correction is not None:
        run = next((run for run in recorded.runs if run.number == correction), None)
        fields |= {"number": correction, "run": "" if run is None else run.digest}
    content = {"subject": text.subject, "reason": reason}
    period = objection.run.period
    entry = NewLogEntry(ANSWER, fields, payload=encode(content), subject=text.subject, period=period)
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now)


def _check_in_time(recorded: Recorded, objection: RecordedObjection, verdict: str, now: datetime) -> None:
    """Raises RecordRejected where the policy has decided by now what becomes of an objection, and otherwise."""
    counts_as = count_as(recorded, objection, now)
    if counts_as not in {None, REFERRED, verdict}:
        last_day = find_deadlines(recorded, objection.run, objection.at).answering
        params: dict[str, object] = {"entry": objection.entry, "day": last_day, "verdict": counts_as}
        raise store.refuse(catalogue.ANSWER_LATE, recorded.log.path, **params)


def count_as(recorded: Recorded, objection: RecordedObjection, now: datetime) -> str | None:
    """What the policy makes of an objection that nobody has answered in time; None while there is time."""
    rules = recorded.program(objection.run).objections
    last_day = find_deadlines(recorded, objection.run, objection.at).answering
    is_late = rules is not None and last_day is not None and now.date() > last_day
    return rules.unanswered if rules is not None and is_late and objection.answer is None else None


def find_deadlines(recorded: Recorded, run: Run, objected_at: datetime) -> Deadlines:
    """Until when somebody may object to a run, and an objection of a day is to be answered, by the run's policy."""
    program = recorded.program(run)
    rules = program.objections
    if rules is None:
        return Deadlines(None, None)
    return Deadlines(
        find_deadline(program, rules.calendar, run.in_force_at.date(), rules.within),
        find_deadline(program, rules.calendar, objected_at.date(), rules.answered_within),
    )


def read_objection(recorded: Recorded, objection: RecordedObjection) -> ObjectionText | None:
    """What an objection says; None where the person was erased. Raises RecordRejected."""
    payload, entry = recorded.log.payload(objection.entry), recorded.log.entry(objection.entry)
    if not isinstance(payload, bytes):
        return None
    try:
        data = decode(payload)
        contested = ContestedEntry(**data["contested"]) if "contested" in data else None
        evidence = tuple(map(str, data["evidence"]))
        return ObjectionText(
            subject=data["subject"], reason=str(data["reason"]), contested=contested, evidence=evidence
        )
    except (ValueError, LookupError, TypeError) as error:
        raise refuse_payload(recorded.log, entry, error) from None


def read_answer(recorded: Recorded, entry: int) -> str:
    """The reason of an answer; empty where the person was erased. Raises RecordRejected."""
    payload = recorded.log.payload(entry)
    if not isinstance(payload, bytes):
        return ""
    try:
        return str(decode(payload)["reason"])
    except (ValueError, LookupError, TypeError) as error:
        raise refuse_payload(recorded.log, recorded.log.entry(entry), error) from None


# without what is contested


def list_contestable(payload: Payload) -> list[ContestedEntry]:
    """The entries of the points ledger of a decision but for the openings, and its pay lines, in their order."""
    entries = payload.result["entries"]
    contestable = [ContestedEntry(account, rule, event) for account, rule, _points, event, *_ in entries if rule]
    return [*contestable, *map(ContestedEntry, payload.result["pay"])]


@frozen
class WithAndWithout:
    """A decision as it was recorded, and as it would be without what is contested."""

    program: Program
    entry: LogEntry
    recorded: PlainData
    without: PlainData


def decide_without(recorded: Recorded, objection: RecordedObjection) -> WithAndWithout | None:
    """Both sides of a contested entry; None where the whole decision is contested, or the person was erased.

    An event is left out of the facts, a rule without an event out of the policy, and a pay line is not paid. What was
    compared with other people remains as it was. Raises RecordRejected.
    """
    text, log = read_objection(recorded, objection), recorded.log
    entry, data = log.entry(objection.decision), log.payload(objection.decision)
    if text is None or text.contested is None or not isinstance(data, bytes):
        return None
    program = recorded.program(objection.run)
    payload = read_payload(log, program, entry, data)
    period = program.period.period(objection.run.period)
    assert period is not None  # noqa: S101  the program has decided it
    without, facts = program, payload.facts
    contested = text.contested
    if contested.rule is None:
        without = evolve(program, pay=tuple(line for line in program.pay if line.step != contested.name))
    else:
        table = _find_table(program, contested)
        rows = facts.rows.get(table, ())
        if table and not isinstance(rows, Unknown) and 0 <= contested.event < len(rows):
            kept = [row for number, row in enumerate(rows) if number != contested.event]
            facts = evolve(facts, rows={**facts.rows, table: kept})
        else:
            without = _leave_out(program, contested)
    outcome = SubjectEvaluator.of(without, period).decide(facts)
    result = decode(encode(ResultWriter(without).write(outcome)))
    if program.pay and not without.pay:  # the only line is contested
        result["values"] |= {NET: "0", PARTIAL: False}
    return WithAndWithout(program, entry, payload.result, result)


def _find_table(program: Program, contested: ContestedEntry) -> str:
    """The table of the events that a rule counts; empty where it counts none."""
    step, place = program.step(contested.name), _find_place(contested)
    return step.entries[place].each if isinstance(step, Account) and place >= 0 else ""


def _find_place(contested: ContestedEntry) -> int:
    """The place of a rule among the entries of its account; -1 for the opening, which is not one of them."""
    return (contested.rule or 0) - 1


def _leave_out(program: Program, contested: ContestedEntry) -> Program:
    """The program without a rule."""
    place = _find_place(contested)

    def without_rule(step: Any) -> Any:  # noqa: ANN401  a step of any kind
        if not isinstance(step, Account) or step.name != contested.name or place < 0:
            return step
        return evolve(step, entries=step.entries[:place] + step.entries[place + 1 :])

    return evolve(program, steps=tuple(map(without_rule, program.steps)))
