"""Whom a record still keeps, when their last period ended, and from when on they are due to be erased.

Entries show periods and pseudonyms, so nothing is opened to find who is due: only the names of those who are.
"""

from datetime import date

from attrs import frozen

from scorecore.record.runs.manifest import Run
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import refuse_payload
from scorecore.values.canonical_json import decode


@frozen
class RetainedPerson:
    """Somebody who was not erased, with the last period that the record has of them."""

    pseudonym: str
    entry: int
    """The last entry of that period about them."""
    run: Run
    ended: date
    due: date | None
    """From when on they are due; None where the record declares no retention."""

    def is_due(self, day: date) -> bool:
        return self.due is not None and self.due <= day


def find_retained(recorded: Recorded) -> list[RetainedPerson]:
    """Everybody who was not erased, whose period ended first before the others; raises RecordRejected.

    Every run counts, whatever its policy: what was proposed, returned or tried says something about people as well.
    """
    erasures, retention = recorded.log.erasures(), recorded.people.retention
    last: dict[str, RetainedPerson] = {}
    for run in recorded.all_runs:
        ended = _end_of_period(recorded, run)
        due = None if retention is None else retention.due_from(ended)
        for entry in recorded.log.entries(run.entries.start, run.entries.stop):
            name = entry.subject
            if name is None or "payload" not in entry.fields or entry.index < erasures.get(name, -1):
                continue
            if name not in last or ended >= last[name].ended:
                last[name] = RetainedPerson(name, entry.index, run, ended, due)
    return sorted(last.values(), key=lambda person: (person.ended, person.entry))


def _end_of_period(recorded: Recorded, run: Run) -> date:
    period = recorded.program(run).period.period(run.period)
    assert period is not None  # noqa: S101  the program of the run has decided it
    return period.end


def read_id(recorded: Recorded, person: RetainedPerson) -> str:
    """The identifier of somebody, as the last entry about them has it; raises RecordRejected."""
    payload = recorded.log.payload(person.entry)
    try:
        return str(decode(payload if isinstance(payload, bytes) else b"")["subject"])
    except (ValueError, LookupError, TypeError) as error:
        raise refuse_payload(recorded.log, recorded.log.entry(person.entry), error) from None
