"""Everything that people did in a record, in its order, each held against the roles that they had then.

A record with operators is not believed where somebody without the role has done something, where a run was approved by
the one who recorded it, or where entries are signed by nobody: whoever can write the file and has the key of the record
can add such entries, but cannot sign them as somebody else.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import define, field

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, RecordRejected
from scorecore.diagnostics.source import Location
from scorecore.record.log import store, tree
from scorecore.record.log.entries import GENESIS, LogEntry, NewLogEntry
from scorecore.record.log.key_history import KEY_CHANGES
from scorecore.record.log.log import Log
from scorecore.record.log.signatures import OPERATOR_KEY, SIGNATURE, Actor, is_signature_of, read_actor
from scorecore.record.people.adoptions import Adoption, check_form, is_adopted
from scorecore.record.people.approval_rules import RULES, ApprovalRule, check_rules, rules_for
from scorecore.record.people.objections import RecordedObjection, check_answer, check_objection, take
from scorecore.record.people.operators import (
    ADOPTION,
    ANSWER,
    APPROVAL,
    APPROVER,
    NEEDED_ROLES,
    OBJECTION,
    OPERATOR,
    OPERATOR_ROTATION,
    RETURN,
    RUNNER,
    SERVER,
    Operators,
    Refusal,
)
from scorecore.record.people.proposals import Proposal, ProposalState
from scorecore.record.people.retention import RETENTION, Retention, check_retention
from scorecore.record.people.thefts import CONFIRMATION, LostKey, Theft, check_confirmation, find_signed_by
from scorecore.record.runs.manifest import DECISION, PROPOSAL, RUN, TRIAL, TRIAL_DECISION, Approval, Run
from scorecore.record.runs.runs import ADJUSTMENT, CLOSE, WITHDRAWAL, read_steps

_WITHIN_RUNS: Final = frozenset({DECISION, TRIAL_DECISION, WITHDRAWAL, ADJUSTMENT, CLOSE})
"""What is appended with the run that it belongs to."""


@define
class People:
    """Who does what in a record: its operators and proposals, and the runs that are in force."""

    log: Log
    size: int
    operators: Operators = field(factory=Operators)
    is_single: bool = False
    """Whether a single operator keeps the record, and nobody approves."""
    proposals: list[Proposal] = field(factory=list)
    trials: list[Run] = field(factory=list)
    in_force: list[Run] = field(factory=list)
    adoptions: dict[int, Adoption] = field(factory=dict)
    """Adopted policies by their entries."""
    objections: dict[int, RecordedObjection] = field(factory=dict)
    """By their entries."""
    rules: tuple[ApprovalRule, ...] = ()
    """Who approves what, for what is proposed next."""
    retention: Retention | None = None
    """For how long people are kept; None where nobody has declared it."""
    thefts: list[Theft] = field(factory=list)
    """Keys that were stolen."""
    lost_keys: list[LostKey] = field(factory=list)
    _key_entries: list[int] = field(factory=list)
    """The entries that name keys of the record."""
    _signed: list[tuple[int, Actor]] = field(factory=list)
    """The first entry of each append, and who made it."""

    @classmethod
    def read(cls, log: Log, size: int | None = None) -> "People":
        """Of the first `size` entries; raises RecordRejected where somebody did what they may not."""
        people = cls(log, log.size if size is None else size)
        people.is_single = OPERATOR_KEY not in log.entry(0).fields
        findings = people._read_single() if people.is_single else people._read_signed()
        diagnostics = [_diagnose(log, refusal) for refusal in findings]
        if diagnostics:
            raise RecordRejected(tuple(diagnostics))
        if size is None:
            log.guard = people.guard
        return people

    def maker(self, entry: int) -> Actor | None:
        """Who made an entry; None where a single operator keeps the record."""
        place = bisect_right(self._signed, entry, key=lambda signed: signed[0])
        return self._signed[place - 1][1] if place else None

    def proposal(self, number: int) -> Proposal | None:
        """The proposal that has a run."""
        return next((proposal for proposal in self.proposals if proposal.has(number)), None)

    def count_runs(self) -> int:
        """How many runs there are, whether in force or not."""
        if self.is_single:
            return len(self.in_force) + len(self.trials)
        return len(self.trials) + sum(len(proposal.runs) for proposal in self.proposals)

    @property
    def sizes(self) -> list[int]:
        """How many entries the record had after each append; none where a single operator keeps it."""
        return [first for first, _actor in self._signed if first] + [self.size] if self._signed else []

    @property
    def waiting(self) -> list[Proposal]:
        """What waits for approval."""
        return [proposal for proposal in self.proposals if proposal.is_waiting]

    @property
    def unconfirmed(self) -> list[Theft]:
        """Stolen keys of which nobody has confirmed what was signed with them."""
        return [theft for theft in self.thefts if theft.is_open]

    # reading

    def _find_hidden_keys(self) -> Iterator[Refusal]:
        """Entries that name a key where nobody is asked whether they may: within a run, or hidden from an index."""
        named = {change.index for change in self.log.keys.changes if change.index < self.size}
        for index in sorted(named.symmetric_difference(self._key_entries)):
            yield catalogue.KEY_NOT_NAMED, {"entry": index}

    def _read_single(self) -> Iterator[Refusal]:
        for step in read_steps(self.log, self.size):
            if isinstance(step, Run):
                (self.in_force if step.kind == RUN else self.trials).append(step)
            elif step.kind in {OBJECTION, ANSWER, ADOPTION, CONFIRMATION, RETENTION, *KEY_CHANGES}:
                yield from self._take_entry(step, None)
        yield from self._find_hidden_keys()

    def _read_signed(self) -> Iterator[Refusal]:
        appended: list[Run | LogEntry] = []
        first = 0
        for step in read_steps(self.log, self.size):
            if isinstance(step, LogEntry) and step.kind == SIGNATURE:
                yield from self._take_append(first, appended, step)
                first, appended = step.index + 1, []
            else:
                appended.append(step)
        if first < self.size:
            yield catalogue.NOT_SIGNED, {"first": first, "last": self.size - 1, "who": "—"}
        yield from self._find_hidden_keys()

    def _take_append(self, first: int, appended: list[Run | LogEntry], signature: LogEntry) -> Iterator[Refusal]:
        """Take in what was appended together, once it is known who did."""
        if first == 0 and appended and isinstance(appended[0], LogEntry) and appended[0].kind == GENESIS:
            try:
                self.operators.begin(appended[0])
            except (ValueError, LookupError):
                yield catalogue.NO_OPERATOR, {"entry": 0, "name": appended[0].fields.get("operator")}
        actor = self._find_signer(first, signature)
        if actor is None:
            who = signature.fields.get("operator", "—")
            yield catalogue.NOT_SIGNED, {"first": first, "last": signature.index, "who": who}
            return
        self._signed.append((first, actor))
        for step in appended:
            if not isinstance(step, Run) and step.kind != GENESIS:
                yield from self._take_entry(step, actor)
        runs = [step for step in appended if isinstance(step, Run)]
        if runs:
            yield from self._take_runs(runs, actor)

    def _find_signer(self, first: int, signature: LogEntry) -> Actor | None:
        """The operator who has signed everything from `first` to a signature; None where none has."""
        try:
            actor = read_actor(signature)
            operator = self.operators.by_name[actor.operator]
            is_here = signature.fields["first"] == first
        except (ValueError, LookupError):
            return None
        root = tree.root(signature.index, self.log.signed_tree)
        is_signed = is_signature_of(signature, operator.key, self.log.verifier.name, root)
        return actor if is_here and is_signed else None

    def _take_entry(self, entry: LogEntry, actor: Actor | None) -> Iterator[Refusal]:
        self._key_entries += [entry.index] if entry.kind in KEY_CHANGES else []
        if refusal := self.check(entry.kind, entry.fields, actor, entry.index, entry.subject):
            yield refusal
        elif entry.kind == ADOPTION:
            self.adoptions[entry.index] = Adoption.of(entry, actor, self.rules)
        elif entry.kind in {OBJECTION, ANSWER}:
            take(entry, self.objections, self.in_force, actor)
        elif entry.kind in KEY_CHANGES:
            self._take_key_change(entry)
        elif entry.kind == RETENTION:
            self.retention = Retention.of(entry.fields)
        elif entry.kind == CONFIRMATION:
            next(theft for theft in self.unconfirmed if theft.entry == entry.fields["theft"]).confirmed = entry.index
        elif actor is not None:
            self._take_act(entry, actor)

    def _take_act(self, entry: LogEntry, actor: Actor) -> None:
        """Take in what only operators do."""
        if entry.kind == OPERATOR_ROTATION:
            self._take_operator_rotation(entry, actor)
        elif entry.kind == OPERATOR:
            self.operators.change(entry)
        elif entry.kind == RULES:
            self.rules = tuple(map(ApprovalRule.of, entry.fields["rules"]))
        elif entry.kind == APPROVAL and "adoption" in entry.fields:
            self.adoptions[entry.fields["adoption"]].approvals.append(Approval(entry.index, entry.at, actor))
        elif entry.kind == APPROVAL:
            self.in_force += self._named(entry.fields).approve(entry, actor)
        elif entry.kind == RETURN:
            reason = str(entry.fields.get("reason", ""))
            self._named(entry.fields).settle(ProposalState.RETURNED, entry.at, actor, reason)

    def _take_key_change(self, entry: LogEntry) -> None:
        change = next((change for change in self.log.keys.changes if change.index == entry.index), None)
        if change is None or not change.is_rotation:
            return
        if change.stolen is not None:
            self.thefts.append(Theft.of_record(change, is_single=self.is_single))
        elif change.is_recovered:
            self.lost_keys.append(LostKey(entry.index, change.before.name, change.reason))

    def _take_operator_rotation(self, entry: LogEntry, actor: Actor) -> None:
        name, stolen = str(entry.fields["operator"]), entry.fields.get("stolen")
        reason = str(entry.fields.get("reason", ""))
        self.operators.rotate(entry)
        if stolen is not None:
            firsts = [first for first, _actor in self._signed]
            appends = zip(firsts, firsts[1:], self._signed, strict=False)
            signed = find_signed_by(
                name, stolen, ((first, after - 1, actor.operator) for first, after, (_, actor) in appends)
            )
            self.thefts.append(Theft(entry.index, name, stolen, reason, signed))
        elif actor.operator != name:
            self.lost_keys.append(LostKey(entry.index, name, reason))

    def _take_runs(self, runs: list[Run], actor: Actor) -> Iterator[Refusal]:
        """Runs that were recorded together: trials, or a proposal."""
        for number, run in enumerate(runs, self.count_runs() + 1):
            if run.number != number:
                yield catalogue.RUN_MISNUMBERED, {"entry": run.start, "number": run.number, "next": number}
                return
            if run.kind not in {PROPOSAL, TRIAL}:
                yield catalogue.UNAPPROVED_KIND, {"entry": run.start}
            elif refusal := self._check_role(run.kind, actor, run.start) or self._check_adopted(run):
                yield refusal
        self.trials += [run for run in runs if run.kind == TRIAL]
        proposed = tuple(run for run in runs if run.kind == PROPOSAL)
        if not proposed:
            return
        replaced = self.proposal(proposed[0].replaces or 0)
        if replaced is not None and replaced.is_waiting:
            replaced.settle(ProposalState.REPLACED, proposed[0].at, actor)
        self.proposals.append(Proposal(proposed, actor, rules_for(self.rules, proposed), self.rules))

    def _named(self, fields: Mapping[str, Any]) -> Proposal:
        """The proposal that an entry, which was checked, is about."""
        proposal = self.proposal(fields["number"])
        assert proposal is not None  # noqa: S101  it was checked
        return proposal

    # what may be done

    def check(
        self, kind: str, fields: Mapping[str, Any], actor: Actor | None, index: int, subject: str | None = None
    ) -> Refusal | None:
        """Why an entry may not be appended by somebody at a place of the record; None where it may.

        `subject` is the pseudonym of the person whom it is about. A single operator, None, may do everything.
        """
        if kind in {OBJECTION, ANSWER, ADOPTION, CONFIRMATION, RETENTION}:
            refused = None if actor is None else self._check_role(kind, actor, index)
            return refused or self._check_said(kind, fields, actor, index, subject)
        if actor is None:
            return None
        if kind == OPERATOR_ROTATION:
            return self.operators.check_rotation(fields, actor, index)
        if kind == APPROVAL and "adoption" in fields:
            adoption = self.adoptions.get(fields["adoption"])
            if adoption is None:
                return catalogue.NO_ADOPTION, {"entry": index, "adoption": fields["adoption"]}
            return self._check_role(kind, actor, index) or adoption.check_approval(fields, actor, index)
        if kind == OPERATOR:
            return self._check_role(kind, actor, index) or self.operators.check(fields, index)
        if kind == RULES:
            faulty = check_rules(fields.get("rules"), self.operators.by_name, index)
            return self._check_role(kind, actor, index) or faulty
        if kind not in {APPROVAL, RETURN}:
            return self._check_role(kind, actor, index)
        number = fields.get("number")
        proposal = self.proposal(number) if isinstance(number, int) else None
        if proposal is None:
            return catalogue.NOT_WAITING, {"entry": index, "number": number}
        if refusal := proposal.check_settled_by(fields, index):
            return refusal
        if kind == RETURN:
            roles = (RUNNER,) if actor.is_same(proposal.maker) else (APPROVER,)
            return self._check_role(kind, actor, index, roles)
        later = self._find_later(proposal.head)
        return self._check_role(kind, actor, index) or proposal.check_approval(actor, index, later)

    def guard(self, actor: Actor, entry: NewLogEntry, size: int) -> None:
        """Raises RecordRejected where somebody may not append an entry, or something else was appended meanwhile."""
        if entry.kind in _WITHIN_RUNS:
            return
        if size != self.size:
            raise store.refuse(catalogue.RECORD_GREW, self.log.path)
        self.check_signer()
        subject = self.log.pseudonym(entry.subject) if entry.subject else None
        if refusal := self.check(entry.kind, entry.fields, actor, size, subject):
            kind, params = refusal
            raise store.refuse(kind, self.log.path, **params)

    def check_signer(self) -> None:
        """Raises RecordRejected where the key that would sign is not that of the operator: nobody could read it."""
        signer = self.log.signer
        if signer is not None and (refusal := self.operators.check_key(signer.key.verifier, self.size)):
            kind, params = refusal
            raise store.refuse(kind, self.log.path, **params)

    def _check_role(self, kind: str, actor: Actor, index: int, roles: tuple[str, ...] | None = None) -> Refusal | None:
        roles = NEEDED_ROLES.get(kind, ()) if roles is None else roles
        if actor.account and not self.operators.has_role(actor.operator, (SERVER,)):
            return catalogue.ROLE_NEEDED, {"entry": index, "who": actor.operator, "role": SERVER}
        if self.operators.has_role(actor.operator, roles):
            return None
        return catalogue.ROLE_NEEDED, {"entry": index, "who": actor, "role": ", ".join(roles) or "—"}

    def _check_adopted(self, run: Run) -> Refusal | None:
        adoptions = self.adoptions.values()
        if run.kind == TRIAL or is_adopted(adoptions, self.in_force, run.id, run.period, run.manifest["program"]):
            return None
        return catalogue.NOT_ADOPTED, {"policy": run.id, "period": run.period}

    def _check_said(
        self, kind: str, fields: Mapping[str, Any], actor: Actor | None, index: int, subject: str | None
    ) -> Refusal | None:
        """What is wrong with what an entry says that a single operator appends as well."""
        if kind == ADOPTION:
            return check_form(fields, index)
        if kind == CONFIRMATION:
            return check_confirmation(self.thefts, fields, index)
        if kind == RETENTION:
            return check_retention(fields, index)
        return self._check_objection(kind, fields, actor, index, subject)

    def _check_objection(
        self, kind: str, fields: Mapping[str, Any], actor: Actor | None, index: int, subject: str | None
    ) -> Refusal | None:
        if kind == OBJECTION:
            return check_objection(self.log, self.in_force, fields, subject, index)
        objection = self.objections.get(fields.get("objection", -1))
        proposal = self.proposal(objection.run.number) if objection else None
        if objection and proposal and actor and actor.is_same(proposal.maker):
            return catalogue.OWN_ANSWER, {"entry": index, "who": actor, "number": proposal.head.number}
        return check_answer(self.log, self.in_force, objection, fields, subject, index)

    def _find_later(self, run: Run) -> Run | None:
        """A run of the same policy that has come into force since a run was decided."""
        return next((other for other in self.in_force if other.id == run.id and other.settled > run.start), None)


def _diagnose(log: Log, refusal: Refusal) -> Diagnostic:
    kind, params = refusal
    return Diagnostic(kind, Location(str(log.path), 0, 0), {name: str(param) for name, param in params.items()})
