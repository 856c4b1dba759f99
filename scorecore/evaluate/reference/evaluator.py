"""Decides one subject at a time by walking the program: the specification, and the standard for replay."""

from collections.abc import Mapping
from copy import copy
from decimal import Decimal, localcontext
from operator import itemgetter
from typing import Any, NamedTuple

from attrs import define, field

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.period_context import PeriodContext
from scorecore.evaluate.reference.environment import (
    Closure,
    Environment,
    Row,
    compile_closure,
)
from scorecore.facts.subject_facts import SubjectFacts
from scorecore.language.expressions import Expression
from scorecore.language.operators import EXACT
from scorecore.program.model import Account, AnyStep, EntryRule, GroupStep, Hold, Program, Step
from scorecore.values.unknown import Unknown

Posting = tuple[int, Any, Decimal, int]
"""An entry: its rule's number in `program.ledger`, quantity (or None), points, and which event (or -1)."""


class Outcome(NamedTuple):  # quicker to make than a frozen class, and there is one for each subject
    """What a program gives for one subject: the value of every step in its order, and the entries."""

    values: tuple[Any, ...]
    entries: tuple[Posting, ...]


def decide(program: Program, at: PeriodContext, record: SubjectFacts) -> Outcome:
    """Every step in order; one that is held, or reads what is unknown, is Unknown with its causes."""
    return ReferenceEvaluator(program, at).decide(record)


class ReferenceEvaluator:
    """A program set to a period, the meaning of every step at hand."""

    def __init__(self, program: Program, at: PeriodContext) -> None:
        self.program = program
        self.at = at
        self.keys = {table.name: table.key for table in program.schema.events}
        self.first: dict[str, int] = {}
        """The number of each account's first rule in the ledger."""
        for number, rule in enumerate(program.ledger):
            self.first.setdefault(rule.account, number)
        self.steps = [(step, self.meaning(step)) for step in program.steps]
        self.reasons = {hold.step: _reason(program, hold) for hold in program.holds}

    def meaning(self, step: AnyStep) -> "Closure | _AccountEvaluator":
        return _compile_step(step, self.first.get(step.name, 0))

    def with_steps(self, steps: Mapping[str, AnyStep]) -> "ReferenceEvaluator":
        """The same plan with other steps of the same names; accounts must have as many rules as before."""
        changed = copy(self)
        changed.steps = [
            (steps[step.name], self.meaning(steps[step.name])) if step.name in steps else (step, means)
            for step, means in self.steps
        ]
        return changed

    def decide(self, record: SubjectFacts) -> Outcome:
        walker = self.walker(record)
        entries: list[Posting] = []
        with localcontext(EXACT):
            for number in range(len(self.steps)):
                self.take(number, walker, entries)
        return self.outcome(walker, entries)

    def walker(self, record: SubjectFacts) -> Environment:
        """The start of a decision: the facts, and nothing computed."""
        return Environment({**self.at.values, **record.values}, record.rows, self.at.tables, self.keys)

    def take(self, number: int, walker: Environment, entries: list[Posting]) -> Any:  # noqa: ANN401
        """Take one step, those before it being taken: its value, which is put with the others, or Unknown."""
        step, means = self.steps[number]
        held = self.held(step, walker.values) if step.held_by else None
        if held:
            value: Any = held
        elif isinstance(means, _AccountEvaluator):
            value, posted = means.run(walker)
            entries += posted
        else:
            value = means(walker, None, None)
        walker.values[step.name] = value
        return value

    def outcome(self, walker: Environment, entries: list[Posting]) -> Outcome:
        """The end of a decision: all steps are taken."""
        entries.sort(key=itemgetter(0))
        return Outcome(tuple([walker.values[step.name] for step, _ in self.steps]), tuple(entries))

    def held(self, step: AnyStep, values: Mapping[str, Any]) -> Unknown | None:
        """Why a step is held; None if it is not."""
        return Unknown.of(*(self.reasons[name] if values[name] is True else values[name] for name in step.held_by))


def _reason(program: Program, hold: Hold) -> Unknown:
    blanks = {"reason": hold.reason} | ({"refer": hold.refer} if hold.refer else {})
    kind = catalogue.HELD_REFERRED if hold.refer else catalogue.HELD
    return Unknown((Diagnostic(kind, program.step(hold.step).place, blanks),))


def _compile_step(step: AnyStep, first: int) -> "Closure | _AccountEvaluator":
    """What a step means; `first` is the number of its first rule in the ledger."""
    match step:
        case Step():
            return compile_closure(step.expression)
        case Account():
            return _AccountEvaluator(step, first)
        case GroupStep(name=name):  # what depends on others is given
            return lambda at, _event, _running: at.values[name]


class _AccountEvaluator:
    """An account: its opening, then entry after entry."""

    def __init__(self, account: Account, first: int) -> None:
        self.opening = compile_closure(account.opening)
        self.first = first if account.opens_with else None
        start = first + 1 if account.opens_with else first
        self.rules = [_RuleEvaluator(rule, number) for number, rule in enumerate(account.entries, start)]

    def run(self, walker: Environment) -> tuple[Any, list[Posting]]:
        """What it comes to, and its entries; an unknown account has none, since they would add up to nothing."""
        run = _AccountRun(walker)
        run.total = run.known(self.opening(walker, None, None), Decimal(0))
        if self.first is not None and run.total:
            run.entries.append((self.first, None, run.total, -1))
        for rule in self.rules:
            rule.apply(run)
        unknown = Unknown.of(*run.unknown)
        return (unknown, []) if unknown else (run.total, run.entries)


@define
class _AccountRun:
    """An account on its way: what it comes to so far, what is written down, and what was unknown."""

    walker: Environment
    total: Any = Decimal(0)
    entries: list[Posting] = field(factory=list)
    unknown: list[Unknown] = field(factory=list)

    def known(self, value: Any, otherwise: Any) -> Any:  # noqa: ANN401  a value of any type
        if isinstance(value, Unknown):
            self.unknown.append(value)
            return otherwise
        return value


class _RuleEvaluator:
    """A rule of an account, its expressions ready."""

    def __init__(self, rule: EntryRule, number: int) -> None:
        self.number = number
        self.each = rule.each
        self.sets = rule.to is not None
        self.when = _ready(rule.when)
        self.quantity = _ready(rule.quantity)
        self.points = _ready(rule.to if self.sets else rule.points)

    def apply(self, run: _AccountRun) -> None:
        if not self.each:
            self.once(run, None, -1)
            return
        for at, row in enumerate(run.known(run.walker.rows[self.each], ())):
            self.once(run, row, at)

    def once(self, run: _AccountRun, event: Row | None, at: int) -> None:
        before = run.total
        if self.when and not run.known(self.when(run.walker, event, before), otherwise=False):
            return
        # a quantity only explains; where it is unknown the points may still be known
        quantity = self.quantity(run.walker, event, before) if self.quantity else None
        assert self.points is not None  # noqa: S101  a rule adds or sets
        found = run.known(self.points(run.walker, event, before), before if self.sets else Decimal(0))
        points = found - before if self.sets else found
        run.total = before + points
        if points or self.when or not self.sets:
            run.entries.append((self.number, None if isinstance(quantity, Unknown) else quantity, points, at))


def _ready(of: Expression | None) -> Closure | None:
    return None if of is None else compile_closure(of)
