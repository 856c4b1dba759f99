"""Adopted policies: who wrote one, who approved it, and from which period on it decides."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import define, field

from scorecore.diagnostics import catalogue
from scorecore.record.log.entries import LogEntry
from scorecore.record.log.signatures import Actor
from scorecore.record.people.approval_rules import POLICY, ApprovalRule
from scorecore.record.people.operators import Refusal
from scorecore.record.runs.manifest import Approval, Run


@define
class Adoption:
    """A policy that was adopted, or waits for approval."""

    entry: int
    at: datetime
    policy: str
    """As `id@version`."""
    program: str
    """The digest of what it means."""
    first: str
    """The first period that it decides."""
    maker: Actor | None
    """Its author; None where a single operator keeps the record."""
    rules: tuple[ApprovalRule, ...] = ()
    """Those of approval that apply to it."""
    approvals: list[Approval] = field(factory=list)

    @property
    def id(self) -> str:
        return self.policy.partition("@")[0]

    @property
    def is_in_force(self) -> bool:
        return self.maker is None or not self.missing

    @property
    def missing(self) -> int:
        """How many more operators must approve it at the least."""
        return max((rule.missing(self.approvals) for rule in self.rules), default=int(not self.approvals))

    @property
    def fields(self) -> dict[str, Any]:
        """What an approval says, so that it means no other."""
        return {"adoption": self.entry, "program": self.program}

    @classmethod
    def of(cls, entry: LogEntry, actor: Actor | None, rules: Sequence[ApprovalRule]) -> "Adoption":
        policy, program, first = (str(entry.fields[name]) for name in ("policy", "program", "first"))
        applying = tuple(rule for rule in rules if rule.is_about(POLICY, policy.partition("@")[0]))
        return cls(entry.index, entry.at, policy, program, first, actor, applying)

    def check_approval(self, fields: Mapping[str, Any], actor: Actor, index: int) -> Refusal | None:
        """Whether somebody may approve it by an entry."""
        if self.is_in_force or not self.fields.items() <= fields.items():
            return catalogue.NO_ADOPTION, {"entry": index, "adoption": self.entry}
        if self.maker is not None and actor.is_same(self.maker):
            return catalogue.OWN_POLICY, {"entry": index, "who": actor, "policy": self.policy}
        if any(actor.is_same(approval.actor) for approval in self.approvals):
            return catalogue.NO_ADOPTION, {"entry": index, "adoption": self.entry}
        if self.rules and not any(rule.counts(actor) for rule in self.rules):
            names = sorted({name for rule in self.rules for name in rule.by})
            return catalogue.NOT_AMONG_APPROVERS, {"entry": index, "who": actor, "names": ", ".join(names)}
        return None


def check_form(fields: Mapping[str, Any], index: int) -> Refusal | None:
    """Whether an entry adopts a policy at all."""
    names = ("policy", "program", "first")
    is_whole = all(isinstance(fields.get(name), str) and fields[name] for name in names)
    return None if is_whole else (catalogue.NO_ADOPTION, {"entry": index, "adoption": index})


def is_adopted(adoptions: Iterable[Adoption], in_force: Iterable[Run], policy: str, period: str, program: str) -> bool:
    """Whether a program may decide a period: once a policy was adopted, only adopted programs of it do.

    A period that was decided before keeps its program, so that it can be corrected.
    """
    of_policy = [adoption for adoption in adoptions if adoption.id == policy and adoption.is_in_force]
    begun = [adoption for adoption in of_policy if adoption.first <= period]
    if not begun or any(adoption.program == program for adoption in begun):
        return True
    return any((run.id, run.period, run.manifest["program"]) == (policy, period, program) for run in in_force)
