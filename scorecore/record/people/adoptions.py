"""Adopted policies: who wrote one, who approved it, and from which period on it decides."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import define

from scorecore.diagnostics import catalogue
from scorecore.record.log.entries import LogEntry
from scorecore.record.log.signatures import Actor
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
    approval: Approval | None = None

    @property
    def id(self) -> str:
        return self.policy.partition("@")[0]

    @property
    def is_in_force(self) -> bool:
        return self.maker is None or self.approval is not None

    @property
    def fields(self) -> dict[str, Any]:
        """What an approval says, so that it means no other."""
        return {"adoption": self.entry, "program": self.program}

    @classmethod
    def of(cls, entry: LogEntry, actor: Actor | None) -> "Adoption":
        fields = entry.fields
        return cls(entry.index, entry.at, str(fields["policy"]), str(fields["program"]), str(fields["first"]), actor)

    def check_approval(self, fields: Mapping[str, Any], actor: Actor, index: int) -> Refusal | None:
        """Whether somebody may approve it by an entry."""
        if self.is_in_force or not self.fields.items() <= fields.items():
            return catalogue.NO_ADOPTION, {"entry": index, "adoption": self.entry}
        if self.maker is not None and actor.is_same(self.maker):
            return catalogue.OWN_POLICY, {"entry": index, "who": actor, "policy": self.policy}
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
