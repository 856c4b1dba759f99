"""Proposals: runs that wait until another operator approves them, sends them back, or they are replaced."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from attrs import define, evolve, field

from scorecore.diagnostics import catalogue
from scorecore.record.log.entries import LogEntry
from scorecore.record.log.signatures import Actor
from scorecore.record.people.approval_rules import ApprovalRule
from scorecore.record.people.operators import Refusal
from scorecore.record.runs.manifest import Approval, Run


class ProposalState(Enum):
    """What became of a proposal."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    REPLACED = "replaced"


@define
class Proposal:
    """Runs that were recorded together: one, or a correction with the later periods that it changes."""

    runs: tuple[Run, ...]
    maker: Actor
    rules: tuple[ApprovalRule, ...] = ()
    """Those of approval that apply to it; without one, one operator must approve it."""
    rules_then: tuple[ApprovalRule, ...] = ()
    """All that were in force when it was recorded."""
    state: ProposalState = ProposalState.WAITING
    approvals: list[Approval] = field(factory=list)
    reason: str = ""
    """Why it was sent back."""
    settled_by: Actor | None = None
    """Who sent it back or replaced it."""
    settled_at: datetime | None = None

    @property
    def head(self) -> Run:
        """The first of its runs, by whose number it is named."""
        return self.runs[0]

    @property
    def is_waiting(self) -> bool:
        return self.state is ProposalState.WAITING

    @property
    def fields(self) -> dict[str, Any]:
        """What an entry about it says: its number, and all of its manifests, so that it means no other."""
        return {"number": self.head.number, "runs": [run.digest for run in self.runs]}

    @property
    def missing(self) -> int:
        """How many more operators must approve it at the least."""
        return max((rule.missing(self.approvals) for rule in self.rules), default=int(not self.approvals))

    def has(self, number: int) -> bool:
        return any(run.number == number for run in self.runs)

    def check_settled_by(self, fields: Mapping[str, Any], index: int) -> Refusal | None:
        """Whether an entry, an approval or a return, is about this proposal as it is now."""
        if self.is_waiting and self.fields.items() <= fields.items():
            return None
        return catalogue.NOT_WAITING, {"entry": index, "number": self.head.number}

    def check_approval(self, actor: Actor, index: int, later: Run | None) -> Refusal | None:
        """Whether somebody may approve it; `later` is a run of the policy that has come into force since."""
        number = self.head.number
        if actor.is_same(self.maker):
            return catalogue.OWN_WORK, {"entry": index, "who": actor, "number": number}
        if any(actor.is_same(approval.actor) for approval in self.approvals):
            return catalogue.NOT_WAITING, {"entry": index, "number": number}
        if self.rules and not any(rule.counts(actor) for rule in self.rules):
            names = sorted({name for rule in self.rules for name in rule.by})
            return catalogue.NOT_AMONG_APPROVERS, {"entry": index, "who": actor, "names": ", ".join(names)}
        if later is not None:
            return catalogue.OUTDATED_PROPOSAL, {"entry": index, "number": number, "later": later.number}
        return None

    def approve(self, entry: LogEntry, actor: Actor) -> tuple[Run, ...]:
        """Take in an approval that was checked; gives the runs that are in force by it, if it is the last needed."""
        self.approvals.append(Approval(entry.index, entry.at, actor))
        if self.missing:
            return ()
        self.state = ProposalState.APPROVED
        self.runs = tuple(evolve(run, approvals=tuple(self.approvals)) for run in self.runs)
        return self.runs

    def settle(self, state: ProposalState, at: datetime, actor: Actor, reason: str = "") -> None:
        """It was sent back or replaced."""
        self.state, self.settled_at, self.settled_by, self.reason = state, at, actor, reason
