"""Why not: which thresholds a subject has missed, by how much, and what smallest change would have reached them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, Final

from attrs import field, frozen

from scorecore.analysis.counterfactuals import FactChange, find_smallest_changes
from scorecore.diagnostics.diagnostic import Diagnostic, suggest
from scorecore.evaluate.reference.closures import evaluate_expression
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.subject_facts import SubjectFacts
from scorecore.language.expressions import (
    AppliesIf,
    Apply,
    Choice,
    Constant,
    Expression,
    Read,
    RowsValue,
    Streak,
    subexpressions,
    walk,
)
from scorecore.language.operators import EXACT
from scorecore.language.printer import print_formula
from scorecore.language.sugar import expand
from scorecore.program.model import Program, Step
from scorecore.values.unknown import Unknown

MAX_COMPARED: Final = 100
"""In a company of more, what depends on others is taken as it is: each trial would decide all of them anew."""
_NEGATED: Final = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "==": "!=", "!=": "=="}


@frozen
class Goal:
    """Something that a decision may have: a grade, a line of pay, an action."""

    name: str
    """`grade.A`, `pay.bonus`, `actions.promote`."""
    label: str
    step: str
    conditions: tuple[tuple[Expression, bool], ...] = field(eq=False, repr=False)
    """What must hold, and whether it must be true or false."""
    has: Callable[[Any], bool] = field(eq=False, repr=False)
    """Whether a value of the step is what is meant."""


@frozen
class Missed:
    """A condition that does not hold: `value` would have to be `operator` `needed`."""

    text: str
    label: str
    value: Any
    operator: str
    """Empty where it is a condition without two sides; `needed` is then whether it must hold."""
    needed: Any
    distance: Any
    """A number, or days; None where there is none."""
    authority: str


@frozen
class WhyNot:
    subject: str
    period: str
    goal: Goal
    got: Any
    """The value of the step; None if it is held."""
    is_reached: bool
    held: tuple[Diagnostic, ...]
    missed: tuple[Missed, ...]
    changes: tuple[FactChange, ...]
    as_they_are: bool
    """Whether what depends on others was taken as it is."""


def list_goals(program: Program) -> list[Goal]:
    """Everything that can be asked for, in the order of the decision."""
    return [*_grades(program), *_lines(program), *_actions(program)]


def find_goal(program: Program, text: str) -> Goal | dict[str, str]:
    """What a person means by a name, an id or a label; else the nearest name, if there is one."""
    known = list_goals(program)
    for matches in (
        lambda one: one.name == text,
        lambda one: one.name.partition(".")[2] == text,
        lambda one: one.label == text,
    ):
        found = next(filter(matches, known), None)
        if found:
            return found
    return suggest(text, [word for one in known for word in (one.name, one.name.partition(".")[2], one.label) if word])


def _grades(program: Program) -> Iterator[Goal]:
    """A grade is reached with a better one too: one that stands before it, and asks for a total."""
    if not program.has_step("grade"):
        return
    step = program.step("grade")
    assert isinstance(step, Step)  # noqa: S101  the compiler makes it so
    ladder = list(_ladder(expand(step.expression)))
    for grade in {one.id: one for one in program.grades}.values():
        places = [at for at, (_, name) in enumerate(ladder) if name == grade.id]
        before = ladder[: places[-1]]
        better = {name for condition, name in before if condition is not None and _asks_for_total(condition)}
        others = [(condition, False) for condition, name in before if condition is not None and name not in better]
        own = [(condition, True) for condition, name in ladder if name == grade.id and condition is not None]
        enough = frozenset({grade.id, *better})
        yield Goal(f"grade.{grade.id}", grade.label, "grade", (*others, *own), enough.__contains__)


def _ladder(of: Expression) -> Iterator[tuple[Expression | None, Any]]:
    match of:
        case Apply(operator="if", operands=(condition, Constant(value=name), rest)):
            yield condition, name
            yield from _ladder(rest)
        case Constant(value=name):
            yield None, name


def _asks_for_total(of: Expression) -> bool:
    return any(isinstance(one, Read) and one.name == "score.total" for one in walk(of))


def _lines(program: Program) -> Iterator[Goal]:
    for line in program.pay:
        step = program.step(line.step)
        assert isinstance(step, Step)  # noqa: S101  the compiler makes it so
        applies = program.step(line.applies) if line.applies else None
        conditions = [(applies.expression, True)] if isinstance(applies, Step) else []
        conditions += [(one, True) for one in _conditions(step.expression) if not isinstance(one, Read)]
        yield Goal(line.step, step.label, line.step, tuple(conditions), lambda amount: amount > 0)


def _conditions(of: Expression) -> Iterator[Expression]:
    """Those that an amount depends on; what is asked of single events is not among them."""
    match of:
        case Apply(operator="if", operands=(condition, *_)) | Streak(now=condition):
            yield condition
        case Choice(exceptions=exceptions):
            yield from (exception.when for exception in exceptions)
        case AppliesIf(value=value):
            yield from _conditions(value)
            return
    for one in () if isinstance(of, RowsValue) else subexpressions(of):
        yield from _conditions(one)


def _actions(program: Program) -> Iterator[Goal]:
    for action in program.actions:
        step = program.step(action.step)
        assert isinstance(step, Step)  # noqa: S101  the compiler makes it so
        label = step.label or action.reason
        yield Goal(action.step, label, action.step, ((step.expression, True),), lambda proposed: proposed is True)


def explain_why_not(
    program: Program, decider: SubjectEvaluator, record: SubjectFacts, goal: Goal, company: Sequence[SubjectFacts] = ()
) -> WhyNot:
    """What kept a subject from a goal.

    `company` are the records of everybody without what depends on others; left out, that is taken as it is.
    """
    part = _needed(program, goal.step)
    narrow = SubjectEvaluator(part, decider.context)
    others = company if part.grouped and len(company) <= MAX_COMPARED else ()

    def value(of: SubjectFacts) -> Any:  # noqa: ANN401  a value of any type
        if others:
            everybody = [of if one.subject == of.subject else one for one in others]
            of = next(one for one in narrow.add_group_values(everybody) if one.subject == of.subject)
        values = zip((step.name for step in part.steps), narrow.decide(of).values, strict=True)
        return dict(values)[goal.step]

    plain = next((one for one in others if one.subject == record.subject), record)
    got = value(plain)
    held = got.causes if isinstance(got, Unknown) else ()
    is_reached = not held and goal.has(got)

    def reached(of: SubjectFacts) -> bool:
        found = value(of)
        return not isinstance(found, Unknown) and goal.has(found)

    period = decider.context.period
    search = not held and not is_reached
    return WhyNot(
        record.subject,
        period.label,
        goal,
        None if held else got,
        is_reached,
        held,
        tuple(_missed(program, decider, record, goal)) if search else (),
        tuple(find_smallest_changes(program, goal.step, plain, period, reached)) if search else (),
        bool(part.grouped) and not others,
    )


def _needed(program: Program, step: str) -> Program:
    """The program without what a step does not need, be it of others."""
    names = {step}
    part = program.narrowed(names)
    while more := {name for one in part.grouped for name in one.operands} - names:
        names |= more
        part = program.narrowed(names)
    return part


def _missed(program: Program, decider: SubjectEvaluator, record: SubjectFacts, goal: Goal) -> Iterator[Missed]:
    outcome = decider.decide(record)
    steps = dict(zip((step.name for step in program.steps), outcome.values, strict=True))
    values = {**decider.context.values, **record.values, **steps}
    teller = _Teller(program, Environment(values, record.rows, decider.context.tables))
    found: dict[tuple[str, str], Missed] = {}
    with localcontext(EXACT):
        for condition, wanted in goal.conditions:
            for one in teller.missed(condition, wanted=wanted):
                found.setdefault((one.text, one.operator), one)
    yield from found.values()


@frozen
class _Teller:
    program: Program
    walker: Environment

    def missed(self, of: Expression, *, wanted: bool, authority: str = "") -> Iterator[Missed]:
        """The comparisons that would have to come out otherwise; of alternatives each."""
        if evaluate_expression(self.walker, of) is wanted:
            return
        match of:
            case Apply(operator="and" | "or", operands=operands):
                for one in operands:
                    yield from self.missed(one, wanted=wanted, authority=authority)
            case Apply(operator="not", operands=(inner,)):
                yield from self.missed(inner, wanted=not wanted, authority=authority)
            case Apply(operator=operator, operands=(left, right)) if operator in _NEGATED:
                yield self.comparison(left, operator if wanted else _NEGATED[operator], right, authority)
            case Read(name=name) if self.program.has_step(name) and isinstance(self.program.step(name), Step):
                step = self.program.step(name)
                assert isinstance(step, Step)  # noqa: S101  so it was asked
                yield from self.missed(step.expression, wanted=wanted, authority=step.authority or authority)
            case _:
                yield Missed(print_formula(of), self.label(of), not wanted, "", wanted, None, authority)

    def comparison(self, left: Expression, operator: str, right: Expression, authority: str) -> Missed:
        value, needed = evaluate_expression(self.walker, left), evaluate_expression(self.walker, right)
        value, needed = (None if isinstance(one, Unknown) else one for one in (value, needed))
        if isinstance(left, Constant) and not isinstance(right, Constant):  # 90 <= score.total reads the other way
            turned = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}.get(operator, operator)
            left, value, needed, operator = right, needed, value, turned
        return Missed(
            print_formula(left), self.label(left), value, operator, needed, _distance(value, needed), authority
        )

    def label(self, of: Expression) -> str:
        name = of.name if isinstance(of, Read) else ""
        labels: Mapping[str, str] = {one.name: one.label for one in self.program.schema.columns}
        return self.program.step(name).label if self.program.has_step(name) else labels.get(name, "")


def _distance(value: Any, needed: Any) -> Any:  # noqa: ANN401  a number, days or None
    if isinstance(value, bool) or value is None or needed is None:
        return None
    if isinstance(value, int | Decimal):
        return abs(Decimal(needed) - Decimal(value))
    return None if isinstance(value, str) else abs(needed - value)
