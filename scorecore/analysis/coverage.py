"""What no case touches: entries, bands, grades, holds, actions, lines of pay, and branches of expressions.

A branch is an outcome of a condition: of `?:`, and of each side of `&&` and `||` that is looked at. Only what is
reached counts: the other branch of a condition is not looked into.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from scorecore.analysis.cases.read import PreparedCase
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Location
from scorecore.evaluate.period_context import in_force
from scorecore.evaluate.reference.evaluator import Outcome, ReferenceEvaluator
from scorecore.evaluate.reference.observer import Row
from scorecore.language.bands import Band, BandTable, find_band
from scorecore.language.expressions import (
    AppliesIf,
    Apply,
    Choice,
    Constant,
    Expression,
    Ladder,
    Lookup,
    Streak,
    subexpressions,
    walk,
)
from scorecore.language.printer import print_constant, print_expression, print_formula
from scorecore.program.model import Account, EntryRule, Program, step_expressions
from scorecore.values.canonical_json import decimal_text
from scorecore.values.period import Period
from scorecore.values.step_id import GRADE
from scorecore.values.unknown import Maybe, Unknown

PARTS: Final = ("entries", "branches", "bands", "grades", "holds", "lines", "actions")
"""What is counted, by name."""
Key = tuple[Any, ...]


@frozen
class Coverage:
    """What the cases of a program touch."""

    counts: Mapping[str, tuple[int, int]]
    """Of each part how many are touched, and how many there are."""
    missed: tuple[Diagnostic, ...]
    """What no case touches, in the order of the files."""

    @property
    def touched(self) -> int:
        return sum(touched for touched, _ in self.counts.values())

    @property
    def total(self) -> int:
        return sum(total for _, total in self.counts.values())


def measure_coverage(program: Program, cases: Sequence[PreparedCase]) -> Coverage:
    """Decide every case and look at what it came past."""
    targets = dict(_targets(program))
    touched = _Touched(program)
    for case in cases:
        touched.decide(case)
    seen = touched.keys
    counts = {
        part: (sum(key in seen for key in targets if key[0] == part), sum(key[0] == part for key in targets))
        for part in PARTS
    }
    missed = sorted(
        (diagnostic for key, diagnostic in targets.items() if key not in seen), key=lambda one: one.location
    )
    return Coverage(counts, tuple(missed))


def _diagnostic(kind: DiagnosticKind, place: Location, **blanks: str) -> Diagnostic:
    return Diagnostic(kind, place, blanks)


def _targets(program: Program) -> Iterator[tuple[Key, Diagnostic]]:
    """Everything that a case can touch, with what is said if none does."""
    for step in program.steps:
        if isinstance(step, Account):
            for rule in step.entries:
                if rule.reason != "rounding":  # it is there wherever something is rounded, and seldom needed
                    blanks = {"reason": rule.label or rule.reason, "item": step.label or step.name}
                    yield (
                        ("entries", step.name, rule.reason, rule.place),
                        _diagnostic(catalogue.NO_CASE_ENTRY, rule.place, **blanks),
                    )
        for whole in step_expressions(step):
            if step.name != "grade":
                for condition in _conditions(whole):
                    for outcome in (True, False):
                        blanks = {"condition": print_formula(condition), "outcome": print_constant(outcome)}
                        yield (
                            _branch(condition, outcome),
                            _diagnostic(catalogue.NO_CASE_BRANCH, condition.place, **blanks),
                        )
    looked_up = {
        part.table: part
        for step in program.steps
        for whole in step_expressions(step)
        for part in walk(whole)
        if isinstance(part, Lookup)
    }
    for table in program.tables:
        if table.name in looked_up:
            for start, bands in table.versions:
                for number, band in enumerate(bands):
                    place = band.place or looked_up[table.name].place
                    blanks = {"band": _band(band), "table": table.label or table.name}
                    yield ("bands", table.name, start, number), _diagnostic(catalogue.NO_CASE_BAND, place, **blanks)
    yield from _results(program)


def _results(program: Program) -> Iterator[tuple[Key, Diagnostic]]:
    if program.has_step("grade"):
        step = program.step("grade")
        places = {
            rung.grade: rung.place for part in step_expressions(step) if isinstance(part, Ladder) for rung in part.rungs
        }
        for grade in program.grades:
            place = places.get(grade.id, getattr(step, "place"))  # noqa: B009  every step has one
            yield ("grades", grade.id), _diagnostic(catalogue.NO_CASE_GRADE, place, grade=grade.label or grade.id)
    for hold in program.holds:
        yield ("holds", hold.step), _diagnostic(catalogue.NO_CASE_HOLD, program.step(hold.step).place, hold=hold.reason)
    for line in program.pay:
        step = program.step(line.step)
        yield ("lines", line.step), _diagnostic(catalogue.NO_CASE_LINE, step.place, line=step.label or line.step)
    for action in program.actions:
        step = program.step(action.step)
        yield (
            ("actions", action.step),
            _diagnostic(catalogue.NO_CASE_ACTION, step.place, action=step.label or action.step),
        )


def _band(of: Band) -> str:
    return (
        f"of = {print_constant(of.start)}" if isinstance(of.start, str) else f"from = {decimal_text(Decimal(of.start))}"
    )


def _branch(condition: Expression, outcome: bool) -> Key:  # noqa: FBT001  an outcome, not a switch
    return ("branches", condition.place, print_expression(condition), outcome)


def _conditions(expression: Expression) -> Iterator[Expression]:
    """The conditions of an expression that its author wrote."""
    match expression:
        case Apply(operator="if", operands=(condition, *_)) | Streak(now=condition):
            yield condition
        case Apply(operator="and" | "or", operands=operands):
            yield from (operand for operand in operands if not isinstance(operand, Constant))
        case Choice(exceptions=exceptions):
            yield from (exception.when for exception in exceptions)
        case AppliesIf(value=value):  # to whom a part of the policy applies is a step of its own
            yield from _conditions(value)
            return
    for part in subexpressions(expression):
        yield from _conditions(part)


class _Touched:
    """What deciding some cases comes past: an observer of the reference evaluator."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.keys = set[Key]()
        self.conditions = {
            id(condition): condition
            for step in program.steps
            for expression in step_expressions(step)
            for condition in _conditions(expression)
        }
        self.tables: Mapping[str, BandTable] = {table.name: table for table in program.tables}
        self.evaluators: dict[Period, ReferenceEvaluator] = {}
        self.period: Period | None = None

    def saw(self, node: Expression, _event: Row | None, value: Maybe) -> None:
        if isinstance(value, bool) and id(node) in self.conditions:
            self.keys.add(_branch(node, value))

    def looked_up(self, lookup: Lookup, key: Maybe, _event: Row | None) -> None:
        if isinstance(key, Unknown):
            return
        assert self.period is not None  # noqa: S101  a case is being decided
        table = self.tables[lookup.table]
        bands = in_force(table.versions, self.period.end)
        start = next(start for start, version in reversed(table.versions) if version is bands)
        assert isinstance(key, Decimal | int | str)  # noqa: S101  what tables are asked for
        number = find_band(table, bands, key)
        if number is not None:
            self.keys.add(("bands", table.name, start, number))

    def posted(self, _rule: EntryRule, _event: Row | None) -> None:
        """Entries are counted when they stand: an account that turns out unknown has none."""

    def decide(self, case: PreparedCase) -> None:
        """Decide a case under observation."""
        context = case.evaluator.context
        self.period = context.period
        evaluator = self.evaluators.setdefault(context.period, ReferenceEvaluator(self.program, context, observed=True))
        outcome = evaluator.decide(case.facts, self)
        self.keys.update(self._results(outcome))

    def _results(self, outcome: Outcome) -> Iterator[Key]:
        values = dict(zip((step.name for step in self.program.steps), outcome.values, strict=True))
        for number, *_ in outcome.entries:
            rule = self.program.ledger[number]
            account = self.program.step(rule.account)
            assert isinstance(account, Account)  # noqa: S101  the ledger is of accounts
            for entry in account.entries:
                if (entry.reason, entry.label, entry.each) == (rule.reason, rule.label, rule.each):
                    yield ("entries", account.name, entry.reason, entry.place)
        if not isinstance(values.get(GRADE), Unknown):
            yield ("grades", values.get(GRADE))
        for part, proposals in (("holds", self.program.holds), ("actions", self.program.actions)):
            yield from ((part, proposal.step) for proposal in proposals if values[proposal.step] is True)
        for line in self.program.pay:
            amount = values[line.step]
            is_paid = values[line.applies] is True if line.applies else bool(amount)
            if not isinstance(amount, Unknown) and is_paid:
                yield ("lines", line.step)
