"""Steps: the named values of a subject and period, and the accounts, in which every point has an entry."""

from collections.abc import Iterator

from attrs import field, frozen

from scorecore.diagnostics.source import Location
from scorecore.language.expressions import (
    HISTORY,
    DependencyValue,
    EventFold,
    Expression,
    Field,
    HistoryAt,
    Latest,
    Lookup,
    PrecedingRun,
    Read,
    walk,
)
from scorecore.language.groups import GroupFold
from scorecore.language.rows import KeyedField
from scorecore.language.sugar import walk_core
from scorecore.values.step_id import StepId
from scorecore.values.types import (
    Type,
)


@frozen
class GroupStep:
    """A value that depends on all members of the subject's group: `fold` over what the step `of` is for each."""

    name: StepId
    fold: GroupFold
    group: str
    of: str
    type: Type
    weight: str = ""
    """The step with the weights of a pool."""
    further: tuple[str, ...] = ()
    """The steps that rank those who are equal by `of`."""
    places: int = 0
    """To which a pool is divided."""
    label: str = ""
    authority: str = ""
    held_by: tuple[StepId, ...] = ()
    place: Location = field(kw_only=True, eq=False, repr=False)

    @property
    def text(self) -> str:
        """The call as the policy writes it, such as `rank(score.total, "branch")`."""
        return self.label or self.name

    @property
    def operands(self) -> tuple[str, ...]:
        """The steps that it is computed from."""
        return (self.of, self.weight) if self.weight else (self.of, *self.further)


@frozen
class Step:
    """A named value. A step held by another one has no value while that one is true or unknown."""

    name: StepId
    expression: Expression
    label: str = ""
    authority: str = ""
    held_by: tuple[StepId, ...] = ()
    place: Location = field(kw_only=True, eq=False, repr=False)

    @property
    def type(self) -> Type:
        return self.expression.type


@frozen
class EntryRule:
    """How entries come into an account: at most one for the subject, or for each event of a table.

    An entry either adds `points` or sets the account `to` a value, its points being the difference; one that sets
    without a condition is written down only if it changes something.
    """

    reason: str
    points: Expression | None = None
    to: Expression | None = None
    each: str = ""
    """The event table; empty: the subject itself."""
    when: Expression | None = None
    quantity: Expression | None = None
    label: str = ""
    authority: str = ""
    place: Location = field(kw_only=True, eq=False, repr=False)


@frozen
class Account:
    """A step whose value is `opening` and its entries, in their order."""

    name: StepId
    type: Type
    opening: Expression
    entries: tuple[EntryRule, ...]
    label: str = ""
    authority: str = ""
    opens_with: str = ""
    """Reason of the entry for the opening; empty where the opening is the sum of other accounts."""
    held_by: tuple[StepId, ...] = ()
    place: Location = field(kw_only=True, eq=False, repr=False)


AnyStep = Step | Account | GroupStep


def step_inputs(step: AnyStep) -> frozenset[str]:
    """The facts, steps and tables of events that a step reads."""
    if isinstance(step, GroupStep):
        return frozenset(step.operands)
    names: set[str] = {*step.held_by}
    for part in (part for expression in step_expressions(step) for part in walk_core(expression)):
        match part:
            case Read(name=name):
                names.add(name)
            case EventFold(table=table) | KeyedField(table=table) | DependencyValue(field=Field(table=table)):
                names.add(table)
            case HistoryAt() | Latest() | PrecedingRun():
                names.add(HISTORY)
    if isinstance(step, Account):
        names |= {rule.each for rule in step.entries if rule.each}
    return frozenset(names)


def step_expressions(step: AnyStep) -> Iterator[Expression]:
    """Every expression that a step evaluates for one subject."""
    if isinstance(step, GroupStep):
        return
    if isinstance(step, Step):
        yield step.expression
        return
    yield step.opening
    for rule in step.entries:
        yield from (part for part in (rule.when, rule.quantity, rule.points, rule.to) if part is not None)


def looks_up(step: AnyStep, table: str) -> bool:
    """Whether a step reads a band table."""
    parts = (part for expression in step_expressions(step) for part in walk(expression))
    return any(isinstance(part, Lookup) and part.table == table for part in parts)
