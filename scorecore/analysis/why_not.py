"""Why not: which thresholds a subject has missed, by how much, and what smallest change would have reached them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Final

from attrs import define, field, frozen

from scorecore.analysis.counterfactuals import FactChange, find_smallest_changes
from scorecore.analysis.goals import Goal
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.incremental import Baseline, IncrementalEvaluator, ProgramChange
from scorecore.evaluate.period_context import PeriodContext
from scorecore.evaluate.reference.closures import evaluate_expression
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import Apply, Constant, Expression, GroupValue, Read, reads
from scorecore.language.operators import EXACT
from scorecore.language.operators.operator import LAST
from scorecore.language.printer import print_formula
from scorecore.program.model import Program
from scorecore.program.steps import Step
from scorecore.values.ratio import Ratio, make_ratio
from scorecore.values.step_id import ASSESSED
from scorecore.values.types import Value
from scorecore.values.unknown import Maybe, Unknown

MAX_COMPARED: Final = 100
"""In a larger population, what depends on others is taken as it is: each trial would decide all of them again."""
_NEGATED: Final = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "==": "!=", "!=": "=="}
_MIRRORED: Final = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}


@frozen
class Missed:
    """A condition that does not hold: `value` would have to be `operator` `needed`."""

    text: str
    label: str
    value: Value | None
    operator: str
    """Empty where it is a condition without two sides; `needed` is then whether it must hold."""
    needed: Value | None
    distance: Decimal | timedelta | None
    """Of two numbers, or of two days or moments; None where there is none."""
    authority: str
    reads: tuple[str, ...] = ()
    """The values of the subject that go into a formula, each once."""


@frozen
class WhyNot:
    subject: str
    period: str
    goal: Goal
    got: Value | None
    """The value of the step; None if it is held."""
    is_reached: bool
    held: tuple[Diagnostic, ...]
    missed: tuple[Missed, ...]
    changes: tuple[FactChange, ...]
    as_they_are: bool
    """Whether comparisons with others were not computed again."""


def explain_why_not(
    program: Program,
    evaluator: SubjectEvaluator,
    facts: SubjectFacts,
    goal: Goal,
    population: Sequence[SubjectFacts] = (),
) -> WhyNot:
    """What kept a subject from a goal.

    `population` has the facts of everybody without what depends on others; left out, that is taken as it is.
    """
    period = evaluator.context.period
    trial = _GoalTrial.of(program, evaluator.context, facts, goal, population)
    value = trial.value
    is_excluded = evaluator.decide(facts).is_excluded
    held = value.causes if isinstance(value, Unknown) and not is_excluded else ()
    is_reached = trial.is_reached(value)
    is_missed = not held and not is_reached
    changes = find_smallest_changes(program, goal.step, trial.facts, period, trial.reaches) if is_missed else []
    return WhyNot(
        facts.subject,
        period.label,
        goal,
        None if isinstance(value, Unknown) else value,
        is_reached,
        held,
        tuple(_find_missed(program, evaluator, facts, goal)) if is_missed else (),
        tuple(changes),
        bool(trial.baseline.unchanged.program.grouped) and not trial.population,
    )


@frozen
class _GoalTrial:
    """Decides what a subject has of a goal, and what it would have with other facts."""

    baseline: Baseline
    """What is decided of the facts as they are, without what the goal does not need."""
    goal: Goal
    facts: SubjectFacts
    population: Sequence[SubjectFacts]
    """Empty where what depends on others is taken as it is."""

    @classmethod
    def of(
        cls,
        program: Program,
        context: PeriodContext,
        facts: SubjectFacts,
        goal: Goal,
        population: Sequence[SubjectFacts],
    ) -> "_GoalTrial":
        part = _narrow(program, goal.step)
        compared = population if part.grouped and len(population) <= MAX_COMPARED else ()
        own_facts = next((other for other in compared if other.subject == facts.subject), facts)
        evaluator = IncrementalEvaluator.of(part, context)
        with_values = _replace_facts(evaluator.unchanged, own_facts, compared)
        return cls(evaluator.decide(with_values), goal, own_facts, compared)

    @property
    def value(self) -> Maybe:
        """What the facts as they are lead to."""
        return self.baseline.outcome.value(self.goal.step)

    def reaches(self, facts: SubjectFacts) -> bool:
        """Whether other facts reach the goal."""
        with_values = _replace_facts(self.baseline.unchanged, facts, self.population)
        return self.is_reached(self.baseline.decide_again(facts=with_values).value(self.goal.step))

    def is_reached(self, value: Maybe) -> bool:
        return not isinstance(value, Unknown) and self.goal.has(value)


def _replace_facts(program: ProgramChange, facts: SubjectFacts, population: Sequence[SubjectFacts]) -> SubjectFacts:
    """Facts of a subject with what depends on others, when they take the place of its own among a population."""
    if not population:
        return facts
    everybody = [facts if other.subject == facts.subject else other for other in population]
    return next(other for other in program.add_group_values(everybody) if other.subject == facts.subject)


def _narrow(program: Program, step: str) -> Program:
    """The program without what a step does not need, its own or that of others."""
    names = {step}
    part = program.narrowed(names)
    while more := {operand for grouped in part.grouped for operand in grouped.operands} - names:
        names |= more
        part = program.narrowed(names)
    return part


def _find_missed(program: Program, evaluator: SubjectEvaluator, facts: SubjectFacts, goal: Goal) -> list[Missed]:
    """The comparisons that kept a subject from a goal, each once."""
    outcome = evaluator.decide(facts)
    values = {**evaluator.context.values, **facts.values, **outcome.by_name}
    search = _MissedSearch(program, Environment(values, facts.rows, evaluator.context.tables))
    missed: dict[tuple[str, str], Missed] = {}
    with localcontext(EXACT):
        conditions = [(_assessed(program), True)] if outcome.is_excluded else goal.conditions
        for condition, must_hold in conditions:
            for found in search.find(condition, must_hold=must_hold):
                missed.setdefault((found.text, found.operator), found)
    return list(missed.values())


def _assessed(program: Program) -> Expression:
    """Who is assessed."""
    step = program.step(ASSESSED)
    assert isinstance(step, Step)  # noqa: S101  so the compiler makes it
    return step.expression


@define
class _MissedSearch:
    program: Program
    environment: Environment
    labels: Mapping[str, str] = field(init=False)

    @labels.default
    def _labels(self) -> Mapping[str, str]:
        labels = {column.name: column.label for column in self.program.schema.columns}
        return labels | {str(step.name): step.label for step in self.program.steps}

    def find(self, condition: Expression, *, must_hold: bool, authority: str = "") -> Iterator[Missed]:
        """The comparisons that would have to come out otherwise; of alternatives each."""
        if evaluate_expression(self.environment, condition) is must_hold:
            return
        match condition:
            case Apply(operator="and" | "or", operands=operands):
                for operand in operands:
                    yield from self.find(operand, must_hold=must_hold, authority=authority)
            case Apply(operator="not", operands=(operand,)):
                yield from self.find(operand, must_hold=not must_hold, authority=authority)
            case Apply(operator=operator, operands=(left, right)) if operator in _NEGATED:
                needed_operator = operator if must_hold else _NEGATED[operator]
                yield self.compare(left, needed_operator, right, authority)
            case Read(name=name) if (step := self.find_step(name)) is not None:
                yield from self.find(step.expression, must_hold=must_hold, authority=step.authority or authority)
            case _:
                text, label = print_formula(condition), self.find_label(condition)
                yield Missed(text, label, not must_hold, "", must_hold, None, authority, _list_reads(condition))

    def compare(self, left: Expression, operator: str, right: Expression, authority: str) -> Missed:
        """A comparison with the value on the left: `90 <= score.total` reads the other way."""
        if isinstance(left, Constant) and not isinstance(right, Constant):
            left, operator, right = right, _MIRRORED.get(operator, operator), left
        value, needed = self.evaluate(left), self.evaluate(right)
        distance = _measure_distance(value, needed)
        label, names = self.find_label(left), _list_reads(left)
        return Missed(print_formula(left), label, value, operator, needed, distance, authority, names)

    def evaluate(self, expression: Expression) -> Value | None:
        value: Maybe = evaluate_expression(self.environment, expression)
        return None if isinstance(value, Unknown) else value

    def find_step(self, name: str) -> Step | None:
        step = self.program.step(name) if self.program.has_step(name) else None
        return step if isinstance(step, Step) else None

    def find_label(self, expression: Expression) -> str:
        return self.labels.get(expression.name, "") if isinstance(expression, Read) else ""


def _list_reads(expression: Expression) -> tuple[str, ...]:
    """What goes into a formula; a value of a group is what it is of all members."""
    return () if isinstance(expression, GroupValue) else tuple(dict.fromkeys(reads(expression)))


def _measure_distance(value: Value | None, needed: Value | None) -> Decimal | timedelta | None:
    if isinstance(value, bool) or value is None or needed is None or isinstance(value, str):
        return None
    if isinstance(value, date):
        assert isinstance(needed, date)  # noqa: S101  so the resolver has compared
        return abs(needed - value)
    assert isinstance(needed, int | Decimal | Ratio)  # noqa: S101  the same
    with localcontext(EXACT):
        distance: Ratio = abs(make_ratio(needed, 1) - value)
    return distance.quantize(LAST)
