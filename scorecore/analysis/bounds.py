"""What is still possible: between what bounds a held total lies, and which grades it can have.

A person must decide what is held; until then the bounds of what is unknown say what the result can still be. They come
out of the same analysis that proves that no step overflows, with what is known in the place of what could be.
"""

from decimal import Decimal
from typing import Final

from attrs import define, evolve, field, frozen

from scorecore.evaluate.reference.closures import evaluate_expression
from scorecore.evaluate.reference.environment import Environment
from scorecore.facts.subject_facts import SubjectFacts
from scorecore.language.expressions import AccountSoFar, Apply, Constant, Expression, Read, Sugar, walk
from scorecore.language.operators import OPERATORS, OperandTypeError
from scorecore.language.sugar import desugar
from scorecore.program.model import Account, EntryRule, Program, Step
from scorecore.values.types import (
    MAX_EVENTS,
    Type,
    TypeKind,
    from_units,
    type_of_constant,
    union_type,
)
from scorecore.values.unknown import Unknown

Truth = frozenset[bool]
"""What a condition can be."""
EITHER: Final = frozenset({True, False})


@frozen
class TotalRange:
    """Both ends can be reached only as far as is known."""

    least: Decimal
    most: Decimal


def bound_total(program: Program, walker: Environment, record: SubjectFacts) -> TotalRange:
    """Between what bounds the total lies, whatever a person decides about what is held."""
    found = _Bounds(program, walker, record).step("score.total")
    return TotalRange(from_units(found.low), from_units(found.high))


def find_possible_grades(program: Program, walker: Environment, record: SubjectFacts) -> tuple[str, ...]:
    """The grades that are still possible, from the highest to the lowest."""
    step = program.step("grade")
    assert isinstance(step, Step)  # noqa: S101  so it is compiled
    held = any(walker.values[hold] is not False for hold in step.held_by)
    found = set(step.type.among or ()) if held else _Bounds(program, walker, record).texts(step.expression)
    return tuple(dict.fromkeys(one.id for one in program.grades if one.id in found))


@define
class _Bounds:
    program: Program
    walker: Environment
    record: SubjectFacts
    known: dict[str, Type] = field(factory=dict)

    def step(self, name: str) -> Type:
        """What a number that a step computes can be; one that a hold leaves to a person is what the person says."""
        if name not in self.known:
            value, step = self.walker.values[name], self.program.step(name)
            if not isinstance(value, Unknown):
                self.known[name] = type_of_constant(value)
            elif any(self.walker.values[hold] is not False for hold in step.held_by):
                self.known[name] = step.type
            elif isinstance(step, Account):
                self.known[name] = self.account(step)
            elif isinstance(step, Step):
                self.known[name] = self.number(step.expression)
            else:
                self.known[name] = step.type
        return self.known[name]

    def account(self, of: Account) -> Type:
        running = self.number(of.opening)
        for rule in of.entries:
            running = self.entry(rule, running)
        return _narrower(running, of.type)

    def entry(self, rule: EntryRule, running: Type) -> Type:
        holds = EITHER if rule.each or rule.when is None else self.truth(rule.when, running)
        if rule.when is None:
            holds = frozenset({True})
        if rule.to is not None:
            after = self.number(rule.to, running)
            return after if holds == {True} else running if holds == {False} else union_type(running, after) or after
        assert rule.points is not None  # noqa: S101  a rule adds or sets
        if rule.each:
            return self.of_events(rule, running)
        points = self.number(rule.points, running)
        low, high = (points.low, points.high) if holds == {True} else (min(0, points.low), max(0, points.high))
        if holds == {False}:
            low = high = 0
        return Type(TypeKind.DECIMAL, running.low + low, running.high + high, max(running.places, points.places))

    def of_events(self, rule: EntryRule, running: Type) -> Type:
        """Entries for the events of a table, of which some may be unknown."""
        assert rule.points is not None  # noqa: S101  the caller has looked
        rows = self.record.rows[rule.each]
        low, high, places = running.low, running.high, max(running.places, rule.points.type.places)
        for row in () if isinstance(rows, Unknown) else rows:
            holds = True if rule.when is None else evaluate_expression(self.walker, rule.when, row)
            if holds is False:
                continue
            value = evaluate_expression(self.walker, rule.points, row)
            points = rule.points.type if isinstance(value, Unknown) else type_of_constant(value)
            low += points.low if holds is True else min(0, points.low)
            high += points.high if holds is True else max(0, points.high)
        if isinstance(rows, Unknown):
            low += min(0, rule.points.type.low) * MAX_EVENTS
            high += max(0, rule.points.type.high) * MAX_EVENTS
        return Type(TypeKind.DECIMAL, low, high, places)

    def number(self, of: Expression, running: Type | None = None) -> Type:
        """What a number can be; where it cannot be narrowed, what its type says."""
        if isinstance(of, AccountSoFar) and running is not None:
            return running
        if isinstance(of, Constant) or not of.type.is_number:
            return of.type
        if isinstance(of, Read) and self.program.has_step(of.name):
            return self.step(of.name)
        if running is None or not _reads_running(of):
            value = evaluate_expression(self.walker, of)
            if not isinstance(value, Unknown):
                return type_of_constant(value)
        if isinstance(of, Sugar):
            return _narrower(self.number(desugar(of), running), of.type)
        if isinstance(of, Apply):
            return _narrower(self.applied(of, running), of.type)
        return of.type

    def applied(self, of: Apply, running: Type | None) -> Type:
        if of.operator == "if":
            condition, then, otherwise = of.operands
            branches = {True: then, False: otherwise}
            found = [self.number(branches[one], running) for one in sorted(self.truth(condition, running))]
            both = found[0]
            for one in found[1:]:
                both = union_type(both, one) or both
            return both
        operands = [self.number(one, running) if one.type.is_number else one.type for one in of.operands]
        try:
            return OPERATORS[of.operator].type(*operands, *of.options)
        except OperandTypeError:  # a divisor that can only be zero
            return of.type

    def truth(self, of: Expression, running: Type | None = None) -> Truth:
        """What a condition can be."""
        if not (running is not None and _reads_running(of)):
            value = evaluate_expression(self.walker, of)
            if not isinstance(value, Unknown):
                return frozenset({value})
        match of:
            case Sugar():
                return self.truth(desugar(of), running)
            case Read(name=name) if self.program.has_step(name):
                step = self.program.step(name)
                open_ = isinstance(step, Step) and all(self.walker.values[hold] is False for hold in step.held_by)
                return self.truth(step.expression) if isinstance(step, Step) and open_ else EITHER
            case Apply(operator="not", operands=(one,)):
                return frozenset(not value for value in self.truth(one, running))
            case Apply(operator="and" | "or" as operator, operands=(left, right)):
                combine = all if operator == "and" else any
                return frozenset(
                    combine([one, other]) for one in self.truth(left, running) for other in self.truth(right, running)
                )
            case Apply(operator="<" | "<=" | ">" | ">=" as operator, operands=(left, right)) if left.type.is_number:
                return _compared(operator, self.number(left, running), self.number(right, running))
        return EITHER

    def texts(self, of: Expression) -> frozenset[str]:
        """Which of its texts an expression of conditions can be."""
        match of:
            case Sugar():
                return self.texts(desugar(of))
            case Constant(value=str() as value):
                return frozenset({value})
            case Apply(operator="if", operands=(condition, then, otherwise)):
                branches = {True: then, False: otherwise}
                return frozenset[str]().union(*(self.texts(branches[one]) for one in self.truth(condition)))
        return frozenset(of.type.among or ())


def _compared(operator: str, left: Type, right: Type) -> Truth:
    if operator in {">", ">="}:
        return _compared({">": "<", ">=": "<="}[operator], right, left)
    strict = operator == "<"
    can = left.low < right.high if strict else left.low <= right.high
    must = left.high < right.low if strict else left.high <= right.low
    return frozenset({True}) if must else EITHER if can else frozenset({False})


def _narrower(one: Type, other: Type) -> Type:
    """What lies within both, both being sound."""
    low, high = max(one.low, other.low), min(one.high, other.high)
    return evolve(other, low=low, high=high) if low <= high else other


def _reads_running(of: Expression) -> bool:
    return any(isinstance(one, AccountSoFar) for one in walk(of))
