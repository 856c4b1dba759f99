"""What operators do to each other's work: approve a proposal, send it back, add and retire operators.

    with Log.open(path, key=key, chance=os.urandom, signer=Signer(my_key)) as log:
        approve(Recorded.read(log), 3, now=now)

Runs are proposed by `record_run`, `append` and `correct`, as in any record.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.program.digest import program_digest
from scorecore.program.model import Program
from scorecore.record.log import store
from scorecore.record.log.entries import NewLogEntry, blob_digest
from scorecore.record.log.note import Checkpoint, VerifierKey
from scorecore.record.log.signatures import OPERATOR_KEY, Actor
from scorecore.record.people.approval_rules import RULES, complete_rules, find_reached, what_is
from scorecore.record.people.operators import ADOPTION, APPROVAL, OPERATOR, OPERATOR_ROTATION, RETURN, Refusal
from scorecore.record.people.proposals import Proposal
from scorecore.record.people.retention import RETENTION, Retention, check_retention
from scorecore.record.people.thefts import CONFIRMATION
from scorecore.record.replay import replay, replay_adjustments
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import format_time


def approve(recorded: Recorded, number: int, *, now: datetime) -> Checkpoint:
    """Approve the proposal with a run: its runs are in force from then on, if nobody else must approve them.

    What is approved is decided again first. Raises RecordRejected where the operator may not approve it, it does not
    wait, something else has come into force since, or it is not what its own program decides.
    """
    proposal = find_waiting(recorded, number)
    entry = NewLogEntry(APPROVAL, proposal.fields, period=proposal.head.period)
    check_entry(recorded, entry)
    _check_replay(recorded, proposal)
    check_reached(recorded, proposal)
    return append_entry(recorded, entry, now)


def send_back(recorded: Recorded, number: int, reason: str, *, now: datetime) -> Checkpoint:
    """Send the proposal with a run back, for a `reason` that everyone can read; it never comes into force.

    Whoever proposed it may withdraw it so. Raises RecordRejected, and ValueError where there is no reason.
    """
    if not reason.strip():
        raise ValueError("a proposal is sent back for a reason")
    proposal = find_waiting(recorded, number)
    entry = NewLogEntry(RETURN, {**proposal.fields, "reason": reason}, period=proposal.head.period)
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now)


def adopt(
    recorded: Recorded, program: Program, texts: Mapping[str, bytes], first: str, *, now: datetime, reason: str = ""
) -> Checkpoint:
    """Adopt a policy from a period on; `texts` are the policies that go in, by `id@version`.

    Once an adoption is in force, only adopted programs of the policy decide its periods. In a record with operators
    another one must approve it. Raises RecordRejected.
    """
    documents = {name: blob_digest(text) for name, text in texts.items()}
    fields: dict[str, Any] = {
        "policy": f"{program.id}@{program.version}",
        "program": program_digest(program),
        "documents": documents,
        "first": first,
    }
    fields |= {"reason": reason} if reason else {}
    entry = NewLogEntry(ADOPTION, fields, blobs=tuple(sorted(set(documents.values()))))
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now, {blob_digest(text): text for text in texts.values()})


def approve_adoption(recorded: Recorded, number: int, *, now: datetime) -> Checkpoint:
    """Approve the adoption of an entry; raises RecordRejected where the operator may not, or none waits there."""
    adoption = recorded.people.adoptions.get(number)
    if adoption is None or adoption.is_in_force:
        raise store.refuse(catalogue.NO_ADOPTION, recorded.log.path, entry=recorded.size, adoption=number)
    entry = NewLogEntry(APPROVAL, adoption.fields)
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now)


def add_operator(
    recorded: Recorded, key: VerifierKey, roles: Sequence[str], *, now: datetime, reason: str = ""
) -> Checkpoint:
    """Add an operator, whose name is that of the key; raises RecordRejected."""
    return _change_operator(recorded, key.name, roles, {OPERATOR_KEY: str(key)}, reason, now)


def change_roles(recorded: Recorded, name: str, roles: Sequence[str], *, now: datetime, reason: str = "") -> Checkpoint:
    """Give an operator other roles, or none where the operator leaves; raises RecordRejected."""
    return _change_operator(recorded, name, roles, {}, reason, now)


def _change_operator(
    recorded: Recorded, name: str, roles: Sequence[str], key: Mapping[str, str], reason: str, now: datetime
) -> Checkpoint:
    fields: dict[str, Any] = {"operator": name, "roles": sorted(set(roles)), **key}
    entry = NewLogEntry(OPERATOR, fields | ({"reason": reason} if reason else {}))
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now)


def rotate_operator_key(
    recorded: Recorded, key: VerifierKey, *, now: datetime, reason: str = "", stolen: int | None = None
) -> Checkpoint:
    """Replace the key of the operator who has the name of another: one's own, or as an administrator anybody's.

    `stolen` is how many entries there were when somebody else may first have had the old key. Raises RecordRejected.
    """
    fields: dict[str, Any] = {"operator": key.name, OPERATOR_KEY: str(key)} | ({"reason": reason} if reason else {})
    entry = NewLogEntry(OPERATOR_ROTATION, fields | ({} if stolen is None else {"stolen": stolen}))
    if recorded.people.is_single:
        raise store.refuse(catalogue.NO_OPERATOR, recorded.log.path, entry=recorded.size, name=key.name)
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now)


def confirm(recorded: Recorded, theft: int, reason: str, *, now: datetime) -> Checkpoint:
    """Confirm what was signed with the key that an entry calls stolen; raises RecordRejected."""
    entry = NewLogEntry(CONFIRMATION, {"theft": theft, "reason": reason})
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now)


@frozen
class Waiting:
    """What waits for somebody, and since when."""

    proposal: Proposal
    may_approve: tuple[str, ...]
    """The operators who may approve it."""


def list_waiting(recorded: Recorded) -> list[Waiting]:
    """The proposals that wait for approval, the oldest first, with the operators who may approve them."""
    people = recorded.people
    waiting = []
    for proposal in people.waiting:
        entry = NewLogEntry(APPROVAL, proposal.fields)
        names = [
            name
            for name in people.operators.by_name
            if people.check(entry.kind, entry.fields, Actor(name), recorded.size) is None
        ]
        waiting.append(Waiting(proposal, tuple(names)))
    return waiting


def find_waiting(recorded: Recorded, number: int) -> Proposal:
    """The proposal with a run; raises RecordRejected where there is none that waits."""
    proposal = recorded.people.proposal(number)
    if proposal is None or not proposal.is_waiting:
        raise store.refuse(catalogue.NOT_WAITING, recorded.log.path, entry=recorded.size, number=number)
    return proposal


def check_entry(recorded: Recorded, entry: NewLogEntry) -> None:
    """Raises RecordRejected where the one who signs may not append an entry."""
    log, people = recorded.log, recorded.people
    refusal: Refusal | None = (catalogue.OPERATOR_NEEDED, {})
    if people.is_single or log.signer is not None:
        people.check_signer()
        subject = log.pseudonym(entry.subject) if entry.subject else None
        actor = None if log.signer is None else log.signer.actor
        refusal = people.check(entry.kind, entry.fields, actor, recorded.size, subject)
    if refusal is not None:
        kind, params = refusal
        raise store.refuse(kind, recorded.log.path, **params)


def _check_replay(recorded: Recorded, proposal: Proposal) -> None:
    """Raises RecordRejected where a proposal is not what its program decides from its facts."""
    for run in proposal.runs:
        differences = [*replay(recorded.log, run, evaluator="auto").differences, *replay_adjustments(recorded, run)]
        if differences:
            params = {"number": run.number, "count": len(differences), "entry": differences[0].entry}
            raise store.refuse(catalogue.NOT_WHAT_IS_DECIDED, recorded.log.path, **params)


def check_reached(recorded: Recorded, proposal: Proposal) -> None:
    """Raises RecordRejected where a run pays as much as a rule of approval says, and does not name the rule."""
    for run in proposal.runs:
        payloads = (payload.result for _entry, payload in recorded.decisions(run) if payload is not None)
        reached = set(find_reached(proposal.rules_then, what_is(run), run.id, payloads))
        for number in sorted(reached - {*run.manifest.get("rules", ())}):
            params = {"number": run.number, "rule": number + 1}
            raise store.refuse(catalogue.RULE_LEFT_OUT, recorded.log.path, **params)


def set_rules(recorded: Recorded, rules: Any, *, now: datetime, reason: str = "") -> Checkpoint:  # noqa: ANN401  plain data
    """Say who approves what is proposed from now on; raises RecordRejected."""
    entry = NewLogEntry(RULES, {"rules": complete_rules(rules)} | ({"reason": reason} if reason else {}))
    if recorded.people.is_single:
        raise store.refuse(catalogue.NOBODY_APPROVES, recorded.log.path)
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now)


def set_retention(recorded: Recorded, retention: Any, *, now: datetime, reason: str = "") -> Checkpoint:  # noqa: ANN401  plain data
    """Declare how long people are kept after their last period, as `{"years": 5}` says it; raises RecordRejected."""
    refusal = check_retention(retention, recorded.size)
    if refusal is not None or len(retention) != 1:
        raise store.refuse(catalogue.BAD_RETENTION, recorded.log.path, entry=recorded.size)
    entry = NewLogEntry(RETENTION, Retention.of(retention).fields | ({"reason": reason} if reason else {}))
    check_entry(recorded, entry)
    return append_entry(recorded, entry, now)


def append_entry(
    recorded: Recorded, entry: NewLogEntry, now: datetime, blobs: Mapping[str, bytes] | None = None
) -> Checkpoint:
    """Raises RecordRejected where the record has grown since it was read, or the clock is behind."""
    last = recorded.log.entry(recorded.log.size - 1).at
    if now < last and not entry.fields.get("reason"):
        raise store.refuse(catalogue.CLOCK_BEHIND, recorded.log.path, last=format_time(last))
    return recorded.log.append([entry], blobs, now=now, after=recorded.size)
