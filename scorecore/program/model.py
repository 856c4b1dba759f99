"""The program: a policy compiled into typed steps, without plugins. All that is needed to decide, and to replay.

A *step* is a named value of the subject and period. An *account* is a step whose value is a sum of entries, so that
every point has a reason. Steps are in an order in which each reads only earlier ones.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

from attrs import evolve, field, frozen

from scorecore.diagnostics.source import Location
from scorecore.language.bands import BandTable
from scorecore.language.expressions import (
    Apply,
    Constant,
    constant_value,
    walk,
)
from scorecore.language.groups import Group
from scorecore.program.core import desugar_step
from scorecore.program.ledger import LedgerRule, ledger_rules
from scorecore.program.schema import Schema
from scorecore.program.steps import Account, AnyStep, GroupStep, step_expressions, step_inputs
from scorecore.values.calendar import Calendar
from scorecore.values.period import Period, PeriodKind
from scorecore.values.step_id import CLOSES, GRADE, SCORE_TOTAL, StepId
from scorecore.values.types import (
    Type,
    Value,
)

LANGUAGE_LEVEL: Final = 2
"""What a program may use, and what it means; grows when one of these changes.

Level 1 rounds products and quotients half-even at the 12th place; from 2 on they are exact.
"""


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


def program_constants(program: "Program") -> Iterator[Value]:
    """What a program compares and computes with: where its results may turn."""
    for step in program.steps:
        for part in (part for expression in step_expressions(step) for part in walk(expression)):
            if isinstance(part, Constant):
                yield constant_value(part)
            elif isinstance(part, Apply) and part.operator == "in":
                yield from part.options
    yield from (value for parameter in program.parameters for _, value in parameter.values)
    for table in program.tables:
        for _, bands in table.versions:
            yield from (end for band in bands for end in (band.start, band.end) if end is not None)


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


@frozen
class BoundClaim:
    """A claim: some results always lie within bounds; None where there is none. It decides nothing."""

    of: tuple[str, ...]
    min: Decimal | None
    max: Decimal | None


@frozen
class PaidOnceClaim:
    """A claim: some pay lines have no amount in two periods in a row for the same facts. It decides nothing."""

    of: tuple[str, ...]


@frozen(kw_only=True)
class ObjectionRules:
    """Until when people may object to a decision, and what it means if nobody answers in time. It decides nothing."""

    within: int
    answered_within: int
    unanswered: str
    """`accepted`, `refused` or `referred`."""
    late: str = "refused"
    """What becomes of an objection that comes later: `refused` or `admitted`."""
    calendar: str = ""
    """Whose working days are counted; empty where every day counts."""
    refer: str = ""
    authority: str = ""


def result_name(name: str) -> str:
    """The column of a result; a balance is known by its name, so that decisions can be read back as history."""
    step = name if isinstance(name, StepId) else StepId.parse(name)
    return step.owner if step.role == CLOSES else step


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
    named_values: tuple[StepId, ...] = ()
    """The intermediate values that are results."""
    calendars: tuple[Calendar, ...] = ()
    monotone: tuple[MonotoneClaim, ...] = ()
    bounded: tuple[BoundClaim, ...] = ()
    paid_once: tuple[PaidOnceClaim, ...] = ()
    objections: ObjectionRules | None = None
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
        order = {name: position for position, name in enumerate((*(item.step for item in self.items), SCORE_TOTAL))}
        accounts = sorted((step for step in self.steps if isinstance(step, Account)), key=lambda step: order[step.name])
        return tuple(rule for account in accounts for rule in ledger_rules(account))

    def step(self, name: str) -> AnyStep:
        return self._steps[name]

    def step_number(self, name: str) -> int:
        """The place of a step in `steps`."""
        return self._step_numbers[name]

    def has_step(self, name: str) -> bool:
        return name in self._steps

    @cached_property
    def core(self) -> "Program":
        """The same program without sugar."""
        return evolve(self, steps=tuple(map(desugar_step, self.steps)))

    @property
    def grouped(self) -> tuple[GroupStep, ...]:
        """The steps that depend on others, in their order."""
        return tuple(step for step in self.steps if isinstance(step, GroupStep))

    def group(self, name: str) -> Group:
        return next(group for group in self.groups if group.name == name)

    def narrowed(self, to: Iterable[str]) -> "Program":
        """The same program without what some steps do not need; what depends on others counts as given."""
        pending, needed = list(to), set[str]()
        while pending:
            name = pending.pop()
            if name not in needed and name in self._steps:
                needed.add(name)
                step = self._steps[name]
                pending += () if isinstance(step, GroupStep) else step_inputs(step)
        return evolve(
            self,
            steps=tuple(step for step in self.steps if step.name in needed),
            items=tuple(item for item in self.items if item.step in needed),
            holds=tuple(hold for hold in self.holds if hold.step in needed),
            grades=(),
            pay=(),
            carries=(),
            actions=(),
            named_values=(),
        )

    def results(self) -> Iterator[StepId]:
        """The names of the steps that make up a decision, in its order."""
        yield from (item.step for item in self.items)
        yield from (step for step in (SCORE_TOTAL, GRADE) if step in self._steps)
        yield from self.named_values
        yield from (line.step for line in self.pay)
        yield from (carry.closes for carry in self.carries)
        yield from (action.step for action in self.actions)

    def in_force(self, period: Period) -> bool:
        """Whether this version is in force on the last day of a period."""
        return self.effective_from <= period.end and (self.effective_to is None or period.end <= self.effective_to)
