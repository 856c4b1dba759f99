"""The facts that a program reads: of the subject, of its events, of other policies, of earlier periods."""

from typing import Final

from attrs import frozen

from scorecore.values.period import PeriodKind
from scorecore.values.types import (
    Type,
)

DEPTH: Final = "depth"
"""The field of a gathered decision that says how many levels below it is."""


@frozen
class FactColumn:
    """A column of a fact table."""

    name: str
    type: Type
    label: str = ""
    unit: str = ""
    optional: bool = False
    authority: str = ""
    fixed: bool = False
    """Nothing that a person could change. It decides nothing."""


@frozen
class PolicyDependency:
    """Where a table has the decisions of another policy."""

    policy: str
    """`id@version`."""
    digest: str
    """Of its program."""
    subject: str
    """Whom it is about; its decisions are headed so."""
    period: PeriodKind
    match: str = ""
    """The fact that names the other subject; empty: it has the same id."""
    within: bool = False
    """Its periods within this one, a row each; else the same period."""
    gather: str = ""
    """The fact of the other subjects that names this one; empty: there is one other subject."""
    by: str = ""
    """The fact of the other subject that says which of the policies decides it; empty if there is only one."""
    among: tuple[tuple[str, str, str], ...] = ()
    """For each text of `by` the policy and the digest of its program; `policy` is the first of them."""
    depth: int = 1
    """How many levels below this one are gathered."""

    @property
    def policies(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys(policy for _, policy, _ in self.among)) or (self.policy,)


@frozen
class EventTable:
    name: str
    columns: tuple[FactColumn, ...]
    key: tuple[str, ...]
    dated_by: str = ""
    label: str = ""
    authority: str = ""
    use: PolicyDependency | None = None
    shown: tuple[str, ...] = ()
    """Fields that an explanation shows beside an event."""
    fixed: bool = False
    """The same of its events."""
    common: bool = False
    """Its rows belong to nobody, and are beside every subject."""


@frozen
class Schema:
    """The facts that a program reads."""

    subject: str
    columns: tuple[FactColumn, ...]
    label: str = ""
    """Of the column with the subject's id."""
    events: tuple[EventTable, ...] = ()
    history: tuple[FactColumn, ...] = ()
    """Values of earlier periods; empty if none is read."""
