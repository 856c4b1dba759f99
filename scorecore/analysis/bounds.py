"""What is still possible: between what bounds a held total lies, and which grades it can have.

A person must decide what is held; until then the bounds of what is unknown say what the result can still be. They are
found by the abstract interpretation of expressions, with what is known in the place of what could be.
"""

from decimal import Decimal

from attrs import define, field, frozen

from scorecore.evaluate.reference.closures import evaluate_expression
from scorecore.evaluate.reference.environment import Environment
from scorecore.language.abstract import (
    AbstractInterpreter,
    Possible,
    Truths,
    anything_of,
    exactly,
    narrow,
)
from scorecore.language.expressions import AccountSoFar, Expression, Read, walk
from scorecore.program.model import Program
from scorecore.program.steps import Account, AnyStep, EntryRule, Step
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore.values.types import MAX_EVENTS, Type, TypeKind, from_units, type_of_constant, union_type
from scorecore.values.unknown import Unknown


@frozen
class TotalRange:
    """Between what bounds a total lies that is held. Whether the ends can be reached is not said."""

    least: Decimal
    most: Decimal


def bound_total(program: Program, environment: Environment) -> TotalRange:
    """Between what bounds the total lies, whatever a person decides about what is held. Runs inside EXACT.

    `environment` has the facts and the values of all steps, as far as they are known.
    """
    total = StepBounds(program, environment).find_number(SCORE_TOTAL)
    return TotalRange(from_units(total.low), from_units(total.high))


def find_possible_grades(program: Program, environment: Environment) -> tuple[str, ...]:
    """The grades that are still possible, from the highest to the lowest. Runs inside EXACT."""
    possible = StepBounds(program, environment).find_step(GRADE)
    grades = dict.fromkeys(grade.id for grade in program.grades)
    return tuple(grade for grade in grades if isinstance(possible, Type) or grade in possible)


@define
class StepBounds:
    """What the steps of a program can be for one subject."""

    program: Program
    environment: Environment
    """The facts, and the values of all steps, as far as they are known."""
    steps: dict[str, Possible] = field(factory=dict)
    """What the steps can be that were asked for."""

    def find_step(self, name: str) -> Possible:
        """What a step can be; one that a hold leaves to a person is whatever the person says."""
        if name not in self.steps:
            value, step = self.environment.values[name], self.program.step(name)
            if not isinstance(value, Unknown):
                self.steps[name] = exactly(value)
            elif self.is_held(step):
                self.steps[name] = anything_of(step.type)
            else:
                self.steps[name] = self.interpret_step(step)
        return self.steps[name]

    def find_number(self, name: str) -> Type:
        possible = self.find_step(name)
        return possible if isinstance(possible, Type) else self.program.step(name).type

    def is_held(self, step: AnyStep) -> bool:
        """Whether a hold keeps a step from a value, or may."""
        return any(self.environment.values[hold] is not False for hold in step.held_by)

    def interpret_step(self, step: AnyStep) -> Possible:
        match step:
            case Step(expression=expression):
                return self.interpreter().interpret(expression)
            case Account():
                return self.interpret_account(step)
        return anything_of(step.type)

    def interpreter(self, so_far: Type | None = None) -> AbstractInterpreter:
        """Knows the steps, and what can be evaluated; in an account what it has so far."""

        def find_known(expression: Expression) -> Possible | None:
            if isinstance(expression, AccountSoFar):
                return so_far
            if isinstance(expression, Read) and self.program.has_step(expression.name):
                return self.find_step(expression.name)
            if any(isinstance(part, AccountSoFar) for part in walk(expression)):
                return None
            value = evaluate_expression(self.environment, expression)
            return None if isinstance(value, Unknown) else exactly(value)

        return AbstractInterpreter(find_known)

    # accounts

    def interpret_account(self, account: Account) -> Type:
        points = self.interpreter().find_range(account.opening)
        for rule in account.entries:
            points = self.enter_events(rule, points) if rule.each else self.enter_once(rule, points)
        return narrow(points, account.type)

    def enter_once(self, rule: EntryRule, so_far: Type) -> Type:
        """The points of an account after a rule for the subject."""
        interpreter = self.interpreter(so_far)
        truths: Truths = frozenset({True}) if rule.when is None else interpreter.find_truths(rule.when)
        if True not in truths and truths:
            return so_far
        is_certain = truths == {True}
        if rule.to is not None:
            after = interpreter.find_range(rule.to)
            return after if is_certain else union_type(so_far, after) or after
        assert rule.points is not None  # noqa: S101  a rule adds or sets
        return add_entry(so_far, interpreter.find_range(rule.points), is_certain=is_certain)

    def enter_events(self, rule: EntryRule, so_far: Type) -> Type:
        """The points of an account after a rule for the events of a table, of which some may be unknown."""
        assert rule.points is not None  # noqa: S101  only a rule for the subject sets the account
        rows = self.environment.rows[rule.each]
        if isinstance(rows, Unknown):
            points = rule.points.type
            low, high = min(0, points.low) * MAX_EVENTS, max(0, points.high) * MAX_EVENTS
            return add_entry(so_far, Type(TypeKind.DECIMAL, low, high, points.places), is_certain=True)
        for row in rows:
            applies = True if rule.when is None else evaluate_expression(self.environment, rule.when, row)
            if applies is not False:
                value = evaluate_expression(self.environment, rule.points, row)
                points = rule.points.type if isinstance(value, Unknown) else type_of_constant(value)
                so_far = add_entry(so_far, points, is_certain=applies is True)
        return so_far


def add_entry(so_far: Type, points: Type, *, is_certain: bool) -> Type:
    """The points of an account after an entry that is made, or only may be."""
    low, high = (points.low, points.high) if is_certain else (min(0, points.low), max(0, points.high))
    return Type(TypeKind.DECIMAL, so_far.low + low, so_far.high + high, max(so_far.places, points.places))
