"""Decides one subject at a time by walking the program: the specification, and the standard for replay."""

from collections.abc import Mapping
from copy import copy
from decimal import Decimal, localcontext
from operator import itemgetter
from typing import Any, TypeAlias

from attrs import define, field

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.outcome import Outcome, Posting
from scorecore.evaluate.period_context import PeriodContext
from scorecore.evaluate.reference.closures import Closure, compile_closure
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.observer import Observer, Row
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import Expression
from scorecore.language.operators import EXACT
from scorecore.language.operators.arithmetic import cut
from scorecore.language.printer import print_formula
from scorecore.program.model import Hold, Program
from scorecore.program.steps import Account, AnyStep, EntryRule, GroupStep, Step, step_expressions
from scorecore.values.step_id import ASSESSED, EXCLUDED
from scorecore.values.unknown import Unknown


def decide(program: Program, context: PeriodContext, facts: SubjectFacts) -> Outcome:
    """Every step in order; one that is held, or reads what is unknown, is Unknown with its causes."""
    return ReferenceEvaluator(program, context).decide(facts)


class ReferenceEvaluator:
    """A program set to a period, the meaning of every step at hand.

    An `observed` one reports to an observer what it sees; others are quicker.
    """

    def __init__(self, program: Program, context: PeriodContext, *, observed: bool = False) -> None:
        self.program = program
        self.context = context
        self.observed = observed
        self.keys = {table.name: table.key for table in program.schema.events}
        self.first_rules: dict[str, int] = {}
        """The number of each account's first rule in the ledger."""
        for number, rule in enumerate(program.ledger):
            self.first_rules.setdefault(rule.account, number)
        self.steps = [(step, self.compile_step(step)) for step in program.steps]
        self.reasons: dict[str, Unknown] = {hold.step: _reason(program, hold) for hold in program.holds}
        if program.has_step(EXCLUDED):
            self.reasons[EXCLUDED] = _why_excluded(program.step(ASSESSED))

    def compile_step(self, step: AnyStep) -> "_StepEvaluator":
        """What a step means."""
        match step:
            case Step():
                return compile_closure(step.expression, observed=self.observed)
            case Account():
                return _AccountEvaluator(step, self.first_rules.get(step.name, 0), observed=self.observed)
            case GroupStep(name=name):  # what depends on others is among the facts
                return lambda environment, _event, _so_far: environment.values[name]

    def with_steps(self, steps: Mapping[str, AnyStep]) -> "ReferenceEvaluator":
        """The same evaluator with other steps of the same names; accounts must have as many rules as before."""
        changed = copy(self)
        changed.steps = [
            (steps[step.name], self.compile_step(steps[step.name])) if step.name in steps else (step, evaluator)
            for step, evaluator in self.steps
        ]
        if ASSESSED in steps:
            changed.reasons = {**self.reasons, EXCLUDED: _why_excluded(steps[ASSESSED])}
        return changed

    def decide(self, facts: SubjectFacts, observer: Observer | None = None) -> Outcome:
        """The outcome for one subject; only an observed evaluator reports to `observer`."""
        environment = self.environment(facts, observer)
        entries: list[Posting] = []
        with localcontext(EXACT):
            for number in range(len(self.steps)):
                self.take_step(number, environment, entries)
        return self.outcome(environment, entries)

    def environment(self, facts: SubjectFacts, observer: Observer | None = None) -> Environment:
        """The start of a decision: the facts, and nothing computed."""
        values = {**self.context.values, **facts.values}
        return Environment(values, facts.rows, self.context.tables, self.keys, observer=observer)

    def take_step(self, number: int, environment: Environment, entries: list[Posting]) -> Any:  # noqa: ANN401
        """Take one step, those before it being taken: its value, which joins the others, or Unknown."""
        step, evaluator = self.steps[number]
        held = self.why_held(step, environment.values) if step.held_by else None
        if held:
            value: Any = held
        elif isinstance(evaluator, _AccountEvaluator):
            value, posted = evaluator.run(environment)
            entries += posted
        else:
            value = evaluator(environment, None, None)
        environment.values[step.name] = value
        return value

    def outcome(self, environment: Environment, entries: list[Posting]) -> Outcome:
        """The end of a decision: all steps are taken."""
        entries.sort(key=itemgetter(0))
        return Outcome(tuple([environment.values[step.name] for step, _ in self.steps]), tuple(entries), self.program)

    def why_held(self, step: AnyStep, values: Mapping[str, Any]) -> Unknown | None:
        """Why a step is held; None if it is not."""
        return Unknown.of(*(self.reasons[name] if values[name] is True else values[name] for name in step.held_by))


def _reason(program: Program, hold: Hold) -> Unknown:
    params = {"reason": hold.reason} | ({"refer": hold.refer} if hold.refer else {})
    kind = catalogue.HELD_REFERRED if hold.refer else catalogue.HELD
    return Unknown((Diagnostic(kind, program.step(hold.step).place, params),))


def _why_excluded(assessed: AnyStep) -> Unknown:
    condition = " && ".join(map(print_formula, step_expressions(assessed)))
    return Unknown((Diagnostic(catalogue.EXCLUDED, assessed.place, {"condition": condition}),))


def _written(quantity: Any) -> Any:  # noqa: ANN401  a number of any kind, or None
    """A quantity as it is written down: to 12 places."""
    return quantity if quantity is None else cut(quantity)


class _AccountEvaluator:
    """An account: its opening, then entry after entry."""

    def __init__(self, account: Account, first_rule: int, *, observed: bool) -> None:
        self.opening = compile_closure(account.opening, observed=observed)
        self.opening_rule = first_rule if account.opens_with else None
        start = first_rule + 1 if account.opens_with else first_rule
        self.rules = [
            _RuleEvaluator(rule, number, observed=observed) for number, rule in enumerate(account.entries, start)
        ]

    def run(self, environment: Environment) -> tuple[Any, list[Posting]]:
        """The points of the account, and its entries; an unknown account has none, for they would not add up."""
        run = _AccountRun(environment)
        run.points = run.known(self.opening(environment, None, None), Decimal(0))
        if self.opening_rule is not None and run.points:
            run.entries.append((self.opening_rule, None, run.points, -1))
        for rule in self.rules:
            rule.apply(run)
        unknown = Unknown.of(*run.unknown)
        return (unknown, []) if unknown else (run.points, run.entries)


_StepEvaluator: TypeAlias = Closure | _AccountEvaluator


@define
class _AccountRun:
    """An account on its way: its points so far, what is written down, and what was unknown."""

    environment: Environment
    points: Any = Decimal(0)
    entries: list[Posting] = field(factory=list)
    unknown: list[Unknown] = field(factory=list)

    def known(self, value: Any, otherwise: Any) -> Any:  # noqa: ANN401  a value of any type
        if isinstance(value, Unknown):
            self.unknown.append(value)
            return otherwise
        return value


class _RuleEvaluator:
    """A rule of an account, its expressions ready."""

    def __init__(self, rule: EntryRule, number: int, *, observed: bool) -> None:
        def ready(expression: Expression | None) -> Closure | None:
            return None if expression is None else compile_closure(expression, observed=observed)

        self.rule = rule
        self.number = number
        self.sets = rule.to is not None
        self.when = ready(rule.when)
        self.quantity = ready(rule.quantity)
        self.points = ready(rule.to if self.sets else rule.points)

    def apply(self, run: _AccountRun) -> None:
        """Enter the rule once for the subject, or for each event of its table."""
        if not self.rule.each:
            self._enter(run, None, -1)
            return
        for position, row in enumerate(run.known(run.environment.rows[self.rule.each], ())):
            self._enter(run, row, position)

    def _enter(self, run: _AccountRun, event: Row | None, position: int) -> None:
        before = run.points
        if self.when and not run.known(self.when(run.environment, event, before), otherwise=False):
            return
        # a quantity only explains; where it is unknown the points may still be known
        quantity = self.quantity(run.environment, event, before) if self.quantity else None
        assert self.points is not None  # noqa: S101  a rule adds or sets
        value = run.known(self.points(run.environment, event, before), before if self.sets else Decimal(0))
        change = value - before if self.sets else value
        run.points = before + change
        if change or self.when or not self.sets:
            known_quantity = None if isinstance(quantity, Unknown) else _written(quantity)
            run.entries.append((self.number, known_quantity, change, position))
            if run.environment.observer is not None:
                run.environment.observer.posted(self.rule, event)
