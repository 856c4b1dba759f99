"""The program: a policy compiled into typed steps, without plugins. All that is needed to decide, and to replay.

A *step* is a named value of the subject and period. An *account* is a step whose value is a sum of entries, so that
every point has a reason. Steps stand in an order in which each reads only earlier ones.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import evolve, field, frozen

from scorecore.diagnostics.source import Location
from scorecore.language.bands import BandTable
from scorecore.language.expressions import (
    HISTORY,
    Apply,
    Constant,
    DependencyValue,
    EventFold,
    Expression,
    Field,
    HistoryAt,
    Latest,
    PrecedingRun,
    Read,
    constant_value,
    walk,
)
from scorecore.language.groups import Group, GroupFold
from scorecore.language.sugar import desugar
from scorecore.values.calendar import Calendar
from scorecore.values.period import Period, PeriodKind
from scorecore.values.step_id import CLOSES, GRADE, SCORE_TOTAL, StepId
from scorecore.values.types import (
    MAX_EVENTS,
    Type,
    TypeKind,
    Value,
    union_type,
)

LANGUAGE_LEVEL: Final = 1
"""Of the operators and folds that a program may use; grows when one is added."""


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
    """The fact of the other subject that says which of several policies decides it; empty: there is only one."""
    among: tuple[tuple[str, str, str], ...] = ()
    """The several: for each text of `by` the policy and the digest of its program; `policy` is the first of them."""

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


@frozen
class Parameter:
    name: str
    type: Type
    values: tuple[tuple[date, Value], ...]
    """From when on which value is in force; ascending."""
    prorate: bool = False
    label: str = ""
    unit: str = ""
    authority: str = ""
    _places: tuple[Location, ...] = field(default=(), kw_only=True, eq=False, repr=False)

    @property
    def places(self) -> tuple[Location, ...]:
        """Where each value is written; no part of what the program is."""
        return self._places


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
        return (self.of, self.weight) if self.weight else (self.of,)


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
    for part in (part for expression in step_expressions(step) for part in walk(desugar(expression))):
        match part:
            case Read(name=name):
                names.add(name)
            case EventFold(table=table) | DependencyValue(field=Field(table=table)):
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
        yield from (one for one in (rule.when, rule.quantity, rule.points, rule.to) if one is not None)


def program_constants(program: "Program") -> Iterator[Value]:
    """What a program compares and computes with: where its results may turn."""
    for step in program.steps:
        for part in (part for whole in step_expressions(step) for part in walk(whole)):
            if isinstance(part, Constant):
                yield constant_value(part)
            elif isinstance(part, Apply) and part.operator == "in":
                yield from part.options
    yield from (value for one in program.parameters for _, value in one.values)
    for table in program.tables:
        for _, bands in table.versions:
            yield from (end for band in bands for end in (band.start, band.end) if end is not None)


@frozen
class LedgerRule:
    """Why an entry is there: shared by all entries that one rule, or one opening, brings."""

    account: StepId
    reason: str
    label: str
    authority: str
    each: str
    type: Type
    """Of the points."""
    quantity: Type | None


@frozen
class Item:
    step: StepId
    points: Decimal | None
    """The most it can reach; None: open."""
    applies: str = ""
    """The step that says to whom it applies; empty: to all."""


@frozen
class Grade:
    id: str
    label: str = ""
    authority: str = ""


@frozen
class PayLine:
    step: StepId
    kind: str
    sign: int
    applies: str = ""


@frozen
class Carry:
    """A balance: `closes` is the step with its value at the end of the period."""

    name: str
    closes: StepId


@frozen
class Hold:
    step: StepId
    reason: str
    refer: str = ""
    of: tuple[str, ...] = ()


@frozen
class Action:
    step: StepId
    reason: str


@frozen
class MonotoneClaim:
    """A claim: more of a fact, or one more event, never `raises` or `lowers` some results. It decides nothing."""

    more: str
    of: tuple[str, ...]
    never: str


def result_name(name: str) -> str:
    """The column of a result; a balance is known by its name, so that decisions can be read back as history."""
    step = name if isinstance(name, StepId) else StepId.parse(name)
    return step.owner if step.role == CLOSES else step


def ledger_rules(account: Account) -> Iterator[LedgerRule]:
    """The reasons of an account, its opening first, in the order in which they are applied."""
    if account.opens_with:
        opening = (account.opens_with, account.label, account.authority, "")
        yield LedgerRule(account.name, *opening, account.opening.type, None)
    running = account.opening.type
    for rule in account.entries:
        points = rule.points.type if rule.points else running
        if rule.to is not None:
            after = rule.to.type
            low, high = after.low - running.high, after.high - running.low
            points = Type(TypeKind.DECIMAL, min(0, low), max(0, high), max(after.places, running.places))
            running = after if rule.when is None else union_type(running, after) or after
        elif rule.points is not None:
            times = MAX_EVENTS if rule.each else 1
            low, high = min(0, points.low) * times, max(0, points.high) * times
            places = max(running.places, points.places)
            running = Type(TypeKind.DECIMAL, running.low + low, running.high + high, places)
        quantity = rule.quantity.type if rule.quantity else None
        yield LedgerRule(account.name, rule.reason, rule.label, rule.authority, rule.each, points, quantity)


@frozen(kw_only=True)
class Program:
    """A policy, ready to decide."""

    id: str
    version: str
    title: str
    authority: str
    status: str
    currency: str
    period: PeriodKind
    effective_from: date
    effective_to: date | None
    assumptions: tuple[str, ...]
    documents: tuple[tuple[str, str], ...]
    """The policy texts that went in, as (id@version, SHA-256 of the text)."""
    level: int = LANGUAGE_LEVEL
    schema: Schema
    parameters: tuple[Parameter, ...]
    tables: tuple[BandTable, ...]
    groups: tuple[Group, ...] = ()
    steps: tuple[AnyStep, ...]
    items: tuple[Item, ...]
    grades: tuple[Grade, ...]
    pay: tuple[PayLine, ...]
    carries: tuple[Carry, ...]
    holds: tuple[Hold, ...]
    actions: tuple[Action, ...]
    calendars: tuple[Calendar, ...] = ()
    monotone: tuple[MonotoneClaim, ...] = ()
    _steps: Mapping[str, AnyStep] = field(init=False, repr=False, eq=False)

    @_steps.default
    def _by_name(self) -> Mapping[str, AnyStep]:
        return {step.name: step for step in self.steps}

    _step_numbers: Mapping[str, int] = field(init=False, repr=False, eq=False)

    @_step_numbers.default
    def _number_steps(self) -> Mapping[str, int]:
        return {step.name: number for number, step in enumerate(self.steps)}

    ledger: tuple[LedgerRule, ...] = field(init=False, repr=False, eq=False)
    """All reasons, item by item and then the score; entries name theirs by its number."""

    @ledger.default
    def _ledger(self) -> tuple[LedgerRule, ...]:
        order = {name: at for at, name in enumerate((*(item.step for item in self.items), SCORE_TOTAL))}
        accounts = sorted((one for one in self.steps if isinstance(one, Account)), key=lambda one: order[one.name])
        return tuple(rule for account in accounts for rule in ledger_rules(account))

    def step(self, name: str) -> AnyStep:
        return self._steps[name]

    def step_number(self, name: str) -> int:
        """The place of a step in `steps`."""
        return self._step_numbers[name]

    def has_step(self, name: str) -> bool:
        return name in self._steps

    @property
    def grouped(self) -> tuple[GroupStep, ...]:
        """The steps that depend on others, in their order."""
        return tuple(step for step in self.steps if isinstance(step, GroupStep))

    def group(self, name: str) -> Group:
        return next(one for one in self.groups if one.name == name)

    def narrowed(self, to: Iterable[str]) -> "Program":
        """The same program without what some steps do not need; what depends on others counts as given."""
        wanted, needed = list(to), set[str]()
        while wanted:
            name = wanted.pop()
            if name not in needed and name in self._steps:
                needed.add(name)
                step = self._steps[name]
                wanted += () if isinstance(step, GroupStep) else step_inputs(step)
        return evolve(
            self,
            steps=tuple(step for step in self.steps if step.name in needed),
            items=tuple(item for item in self.items if item.step in needed),
            holds=tuple(hold for hold in self.holds if hold.step in needed),
            grades=(),
            pay=(),
            carries=(),
            actions=(),
        )

    def results(self) -> Iterator[StepId]:
        """The names of the steps that make up a decision, in its order."""
        yield from (item.step for item in self.items)
        yield from (step for step in (SCORE_TOTAL, GRADE) if step in self._steps)
        yield from (line.step for line in self.pay)
        yield from (carry.closes for carry in self.carries)
        yield from (action.step for action in self.actions)

    def in_force(self, period: Period) -> bool:
        """Whether this version is in force on the last day of a period."""
        return self.effective_from <= period.end and (self.effective_to is None or period.end <= self.effective_to)
