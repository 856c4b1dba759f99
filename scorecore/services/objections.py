"""Objections of a record with all that is read before one is answered, and what a person can object to."""

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from scorecore.record.people.contest import (
    ContestedEntry,
    Deadlines,
    ObjectionText,
    WithAndWithout,
    count_as,
    decide_without,
    find_deadlines,
    list_contestable,
    read_answer,
    read_objection,
)
from scorecore.record.people.objections import ACCEPTED, RecordedObjection, check_answer
from scorecore.record.runs.manifest import DECISION, Run
from scorecore.record.runs.recorded import Recorded, Standing


@frozen
class ContestedDecision:
    """An objection, what it says, both sides of what is contested, and how it may be answered."""

    objection: RecordedObjection
    text: ObjectionText | None
    """None where the person was erased."""
    deadlines: Deadlines
    counts_as: str | None
    """What the policy makes of it because nobody has answered in time."""
    answer_reason: str
    sides: WithAndWithout | None
    """None where the whole decision is contested."""
    corrections: tuple[Run, ...]
    """The corrections in force by which it could be accepted."""

    @property
    def is_waiting(self) -> bool:
        return self.objection.answer is None


def read_contested(recorded: Recorded, objection: RecordedObjection, now: datetime) -> ContestedDecision:
    """Raises RecordRejected."""
    is_answered = objection.answer is not None
    return ContestedDecision(
        objection,
        read_objection(recorded, objection),
        find_deadlines(recorded, objection.run, objection.at),
        count_as(recorded, objection, now),
        read_answer(recorded, objection.answer.entry) if objection.answer else "",
        decide_without(recorded, objection),
        () if is_answered else tuple(_list_corrections(recorded, objection)),
    )


def _list_corrections(recorded: Recorded, objection: RecordedObjection) -> Iterator[Run]:
    for run in recorded.runs:
        fields = {"objection": objection.entry, "verdict": ACCEPTED, "number": run.number, "run": run.digest}
        checked = (recorded.log, recorded.runs, objection, fields, objection.subject, recorded.size)
        if check_answer(*checked) is None:
            yield run


def list_objections(recorded: Recorded, subject: str | None = None) -> list[RecordedObjection]:
    """The objections, or those of one person, the last one first and before it whatever is not answered."""
    pseudonym = None if subject is None else recorded.log.pseudonym(subject)
    listed = [objection for objection in recorded.people.objections.values() if pseudonym in {None, objection.subject}]
    return sorted(listed, key=lambda objection: (objection.answer is not None, -objection.entry))


@frozen
class ObjectableDecision:
    """The decision in force about somebody, and what of it can be contested."""

    standing: Standing
    contestable: tuple[ContestedEntry, ...]
    deadlines: Deadlines


def find_objectable(
    recorded: Recorded, policy: str, period: str, subject: str, now: datetime
) -> ObjectableDecision | None:
    """None where nothing is in force about the person, or it was erased. Raises RecordRejected."""
    standing = next(iter(recorded.standing(policy, period, subject).values()), None)
    if standing is None or standing.payload is None:
        return None
    contestable = tuple(list_contestable(standing.payload))
    return ObjectableDecision(standing, contestable, find_deadlines(recorded, standing.run, now))


def list_decided_periods(recorded: Recorded, subject: str) -> list[tuple[str, str]]:
    """The policies and periods in which something is in force about a person, the last one first."""
    pairs = dict.fromkeys((run.id, run.period) for run in recorded.runs if _decides(recorded, run, subject))
    decided = [pair for pair in pairs if recorded.standing(*pair, subject)]
    return sorted(decided, key=lambda pair: (pair[1], pair[0]), reverse=True)


def _decides(recorded: Recorded, run: Run, subject: str) -> bool:
    return any(entry.kind == DECISION for entry in recorded.about(run, subject))
