"""The facts that a program reads: of the subject, of its events, of other policies, of earlier periods."""

from typing import Final

from attrs import frozen

from scorecore.language.expressions import Expression
from scorecore.values.period import Period, PeriodKind
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
    last: int = 0
    """So many of its periods up to the end of this one, a row each; 0: as `within` says."""

    @property
    def is_repeated(self) -> bool:
        """Whether more than one of its periods is read."""
        return self.within or self.last > 0

    def labels(self, period: Period) -> list[str]:
        """Its periods that are read in a period, in order."""
        if self.last:
            return self.period.last(period, self.last)
        return self.period.within(period) if self.within else [period.label]

    @property
    def policies(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys(policy for _, policy, _ in self.among)) or (self.policy,)


@frozen
class Stage:
    """A stage that the events of a table go through: the column that says when it was reached."""

    name: str
    after: tuple[str, ...] = ()
    """The stages of which one comes before; none for the first."""
    evidence: tuple[str, ...] = ()
    """The columns that are there, or true, when it is reached."""
    owner: str = ""
    """Who has the event in this stage."""
    authority: str = ""
    ends: bool = False
    """Whether an event may end here."""


@frozen
class Clock:
    """A deadline between stages, as it was written; what it means is in the expressions that read it."""

    name: str
    since: str
    to: tuple[str, ...]
    """The stages of which one stops it."""
    label: str = ""
    authority: str = ""
    when: Expression | None = None
    """Which events have it; None: all."""
    earliest: Expression | None = None
    """How long must have passed, or the first day that counts."""
    latest: Expression | None = None
    """How long it may take, or the last day that is in time."""
    counts: str = ""
    """What is counted, such as hours; empty where the deadline is a day."""
    calendar: str = ""
    escalate: str = ""
    """What is proposed when it passes."""


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
    stages: tuple[Stage, ...] = ()
    """In an order in which each comes after those that lead to it; empty where events have none."""
    clocks: tuple[Clock, ...] = ()


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
