"""Objections to decisions, and their answers: what each is about, and whether it may be so."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import define, frozen

from scorecore.diagnostics import catalogue
from scorecore.record.log.entries import LogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.signatures import Actor
from scorecore.record.people.operators import ANSWER, OBJECTION, Refusal
from scorecore.record.runs.manifest import DECISION, Run
from scorecore.record.runs.runs import WITHDRAWAL

ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"


@frozen
class Answer:
    """What became of an objection."""

    entry: int
    at: datetime
    verdict: str
    correction: int | None
    """The run that corrects the decision, where the objection was accepted."""
    maker: Actor | None


@define
class RecordedObjection:
    """Somebody objects to a decision."""

    entry: int
    at: datetime
    decision: int
    """The entry with the decision."""
    run: Run
    subject: str
    """The pseudonym of the person."""
    maker: Actor | None
    """Who recorded it; None for a single operator."""
    answer: Answer | None = None


def check_objection(
    log: Log, in_force: Sequence[Run], fields: Mapping[str, Any], subject: str | None, index: int
) -> Refusal | None:
    """Whether an objection is to a decision about its person, by a run that is in force."""
    decision = fields.get("decision")
    run = _find_run(in_force, fields)
    if run is None or not isinstance(decision, int) or decision not in run.entries:
        return catalogue.NOTHING_TO_OBJECT_TO, {"entry": index}
    decided = log.entry(decision)
    if decided.kind != DECISION or decided.subject != subject:
        return catalogue.NOTHING_TO_OBJECT_TO, {"entry": index}
    return None


def check_answer(
    log: Log,
    in_force: Sequence[Run],
    objection: RecordedObjection | None,
    fields: Mapping[str, Any],
    subject: str | None,
    index: int,
) -> Refusal | None:
    """Whether an answer is to an objection that waits; one that accepts it names the correction that followed."""
    verdict = fields.get("verdict")
    is_waiting = objection is not None and objection.answer is None and objection.subject == subject
    if objection is None or not is_waiting or verdict not in {ACCEPTED, REFUSED}:
        return catalogue.NO_OBJECTION, {"entry": index, "objection": fields.get("objection", "—")}
    if verdict == REFUSED:
        return None
    run = _find_run(in_force, fields)
    is_after = run is not None and run.start > objection.entry and run.corrects is not None
    if run is None or not is_after or (run.id, run.period) != (objection.run.id, objection.run.period):
        return catalogue.NO_CORRECTION, {"entry": index, "objection": objection.entry}
    entries = log.entries(run.entries.start, run.entries.stop)
    if any(entry.subject == subject and entry.kind in {DECISION, WITHDRAWAL} for entry in entries):
        return None
    return catalogue.NO_CORRECTION, {"entry": index, "objection": objection.entry}


def take(
    entry: LogEntry, objections: dict[int, RecordedObjection], in_force: Sequence[Run], actor: Actor | None
) -> None:
    """Take in an objection or an answer that was checked."""
    fields = entry.fields
    run = _find_run(in_force, fields)
    if entry.kind == OBJECTION and run is not None:
        subject = str(entry.subject)
        objections[entry.index] = RecordedObjection(entry.index, entry.at, fields["decision"], run, subject, actor)
    elif entry.kind == ANSWER:
        number = run.number if run is not None and fields["verdict"] == ACCEPTED else None
        answer = Answer(entry.index, entry.at, fields["verdict"], number, actor)
        objections[fields["objection"]].answer = answer


def _find_run(in_force: Sequence[Run], fields: Mapping[str, Any]) -> Run | None:
    """The run in force that an entry names, by its number and its manifest."""
    named = (fields.get("number"), fields.get("run"))
    return next((run for run in in_force if (run.number, run.digest) == named), None)
