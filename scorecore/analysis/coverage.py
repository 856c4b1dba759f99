"""What no case touches: entries, bands, grades, holds, actions, pay lines, and branches of expressions.

A branch is an outcome of a condition: of `?:`, and of each side of `&&` and `||` that is evaluated. Only what the
reference evaluator comes past while it decides a case is touched.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from attrs import frozen

from scorecore.analysis.band_text import print_band_start
from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.reachable import ReachedBands, can_apply, can_be, list_reached_grades
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.period_context import in_force
from scorecore.evaluate.reference.evaluator import ReferenceEvaluator
from scorecore.evaluate.reference.observer import Row
from scorecore.language.bands import BandTable, find_band
from scorecore.language.expressions import (
    AppliesIf,
    Apply,
    Choice,
    Constant,
    Expression,
    Ladder,
    Lookup,
    MatterState,
    Streak,
    subexpressions,
    walk,
)
from scorecore.language.printer import print_constant, print_expression, print_formula
from scorecore.program.model import Program
from scorecore.program.steps import Account, AnyStep, EntryRule, step_expressions
from scorecore.values.period import Period
from scorecore.values.ratio import Ratio
from scorecore.values.step_id import ASSESSED, GRADE
from scorecore.values.types import Type, TypeKind
from scorecore.values.unknown import Maybe, Unknown

PARTS: Final = ("entries", "branches", "bands", "grades", "holds", "lines", "actions")
"""What is counted, by name."""
ROUNDING: Final = "rounding"
"""The reason of an entry that occurs wherever something is rounded, and is seldom needed."""
Target: TypeAlias = tuple[object, ...]
"""Something that a case can touch: one of PARTS, and what distinguishes it from the others."""


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
    """Decide every case under observation, and compare what it came past with what there is."""
    targets = dict(list_targets(program))
    observer = CoverageObserver(program)
    for case in cases:
        observer.decide(case)
    counts = {}
    for part in PARTS:
        of_part = [target for target in targets if target[0] == part]
        counts[part] = (sum(target in observer.touched for target in of_part), len(of_part))
    missed = [diagnostic for target, diagnostic in targets.items() if target not in observer.touched]
    return Coverage(counts, tuple(sorted(missed, key=lambda diagnostic: diagnostic.location)))


# what there is


def list_targets(program: Program) -> Iterator[tuple[Target, Diagnostic]]:
    """Everything that a case can touch, with what is reported if none does."""
    for step in program.steps:
        if isinstance(step, Account):
            yield from _list_entries(step)
        yield from _list_branches(step)
    yield from _list_bands(program)
    yield from _list_results(program)


def _list_entries(account: Account) -> Iterator[tuple[Target, Diagnostic]]:
    for rule in account.entries:
        if rule.reason != ROUNDING and can_apply(rule):
            params = {"reason": rule.label or rule.reason, "item": account.label or account.name}
            yield entry_target(account, rule), Diagnostic(catalogue.NO_CASE_ENTRY, rule.place, params)


def _list_branches(step: AnyStep) -> Iterator[tuple[Target, Diagnostic]]:
    for expression in step_expressions(step):
        for condition in _list_conditions(expression):
            yield from _list_outcomes(condition)


def _list_outcomes(condition: Expression) -> Iterator[tuple[Target, Diagnostic]]:
    for outcome in (True, False):
        if can_be(condition, outcome=outcome):
            params = {"condition": print_formula(condition), "outcome": print_constant(outcome)}
            diagnostic = Diagnostic(catalogue.NO_CASE_BRANCH, condition.place, params)
            yield branch_target(condition, outcome=outcome), diagnostic


def _list_conditions(expression: Expression) -> Iterator[Expression]:
    """The conditions of an expression that its author wrote."""
    match expression:
        case Apply(operator="if", operands=(condition, *_)) | Streak(now=condition):
            yield condition
        case Apply(operator="and" | "or", operands=operands):
            yield from (operand for operand in operands if not isinstance(operand, Constant))
        case Choice(exceptions=exceptions):
            yield from (exception.when for exception in exceptions)
        case MatterState(type=Type(kind=TypeKind.BOOL)):  # what it stands for, its author did not write
            yield expression
            return
        case MatterState():
            return
        case AppliesIf(value=value):  # to whom a part of the policy applies is a step of its own
            yield from _list_conditions(value)
            return
    for part in subexpressions(expression):
        yield from _list_conditions(part)


def _list_bands(program: Program) -> Iterator[tuple[Target, Diagnostic]]:
    nodes = (node for step in program.steps for expression in step_expressions(step) for node in walk(expression))
    lookups = {node.table: node for node in nodes if isinstance(node, Lookup)}
    reached = ReachedBands(program)
    for table in program.tables:
        for number, (start, bands) in enumerate(table.versions if table.name in lookups else ()):
            positions = reached.list_positions(table, bands) if reached.is_in_force(table, number) else set()
            for position, band in enumerate(bands):
                is_end = table.kind == "interpolated" and 0 < position == len(bands) - 1  # a point, and no band
                if position not in positions or is_end:
                    continue
                place = band.place or lookups[table.name].place
                params = {"band": print_band_start(band), "table": table.label or table.name}
                target = ("bands", table.name, start, position)
                yield target, Diagnostic(catalogue.NO_CASE_BAND, place, params)


def _list_results(program: Program) -> Iterator[tuple[Target, Diagnostic]]:
    if program.has_step(GRADE):
        step = program.step(GRADE)
        ladders = [expression for expression in step_expressions(step) if isinstance(expression, Ladder)]
        places = {rung.grade: rung.place for ladder in ladders for rung in ladder.rungs}
        given = {grade for ladder in ladders for grade in list_reached_grades(ladder)}
        for grade in program.grades:
            if ladders and grade.id not in given:
                continue
            params = {"grade": grade.label or grade.id}
            place = places.get(grade.id, step.place)
            yield ("grades", grade.id), Diagnostic(catalogue.NO_CASE_GRADE, place, params)
    for step in (program.step(ASSESSED),) if program.has_step(ASSESSED) else ():
        for expression in step_expressions(step):
            yield from _list_outcomes(expression)
    for hold in program.holds:
        if not _can_hold(program, hold.step):
            continue
        place = program.step(hold.step).place
        yield ("holds", hold.step), Diagnostic(catalogue.NO_CASE_HOLD, place, {"hold": hold.reason})
    for line in program.pay:
        step = program.step(line.step)
        if not (_can_hold(program, line.applies) if line.applies else step.type.magnitude):
            continue
        params = {"line": step.label or line.step}
        yield ("lines", line.step), Diagnostic(catalogue.NO_CASE_LINE, step.place, params)
    for action in program.actions:
        step = program.step(action.step)
        if not _can_hold(program, action.step):
            continue
        params = {"action": step.label or action.step}
        yield ("actions", action.step), Diagnostic(catalogue.NO_CASE_ACTION, step.place, params)


def _can_hold(program: Program, condition: str) -> bool:
    """Whether a condition that is a step can hold."""
    return all(can_be(expression, outcome=True) for expression in step_expressions(program.step(condition)))


def entry_target(account: Account, rule: EntryRule) -> Target:
    """That a rule makes an entry."""
    return ("entries", account.name, rule.reason, rule.place)


def branch_target(condition: Expression, *, outcome: bool) -> Target:
    """That a condition has an outcome."""
    return ("branches", condition.place, print_expression(condition), outcome)


# what is touched


class CoverageObserver:
    """What deciding some cases comes past: an observer of the reference evaluator."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.touched = set[Target]()
        self.conditions = {
            id(condition)
            for step in program.steps
            for expression in step_expressions(step)
            for condition in (*_list_conditions(expression), *([expression] if step.name == ASSESSED else []))
        }
        """The conditions that are watched, by their identity."""
        self.tables: Mapping[str, BandTable] = {table.name: table for table in program.tables}
        self.evaluators: dict[Period, ReferenceEvaluator] = {}
        self.period: Period | None = None
        """Of the case that is being decided."""

    def saw(self, node: Expression, _event: Row | None, value: Maybe) -> None:
        if isinstance(value, bool) and id(node) in self.conditions:
            self.touched.add(branch_target(node, outcome=value))

    def looked_up(self, lookup: Lookup, key: Maybe, _event: Row | None) -> None:
        if isinstance(key, Unknown):
            return
        assert self.period is not None  # noqa: S101  a case is being decided
        assert isinstance(key, Decimal | int | Ratio | str)  # noqa: S101  what tables are asked for
        table = self.tables[lookup.table]
        bands = in_force(table.versions, self.period.end)
        start = next(start for start, version in reversed(table.versions) if version is bands)
        position = find_band(table, bands, key)
        if position is not None:
            self.touched.add(("bands", table.name, start, position))

    def posted(self, _rule: EntryRule, _event: Row | None) -> None:
        """Entries are counted when they are final: an account that turns out unknown has none."""

    def decide(self, case: PreparedCase) -> Outcome:
        """Decide a case under observation."""
        context = case.evaluator.context
        self.period = context.period
        if context.period not in self.evaluators:
            self.evaluators[context.period] = ReferenceEvaluator(self.program, context, observed=True)
        evaluator = self.evaluators[context.period]
        outcome = evaluator.decide(case.facts, self)
        self.touched.update(self._touch_entries(outcome, evaluator.first_rules))
        self.touched.update(self._touch_results(outcome))
        return outcome

    def _touch_entries(self, outcome: Outcome, first_rules: Mapping[str, int]) -> Iterator[Target]:
        for number, *_ in outcome.entries:
            account = self.program.step(self.program.ledger[number].account)
            assert isinstance(account, Account)  # noqa: S101  the ledger is of accounts
            position = number - first_rules[account.name] - bool(account.opens_with)
            if position >= 0:  # not what it opens with
                yield entry_target(account, account.entries[position])

    def _touch_results(self, outcome: Outcome) -> Iterator[Target]:
        values = outcome.by_name
        if not isinstance(values.get(GRADE), Unknown):
            yield ("grades", values.get(GRADE))
        for part, proposals in (("holds", self.program.holds), ("actions", self.program.actions)):
            yield from ((part, proposal.step) for proposal in proposals if values[proposal.step] is True)
        for line in self.program.pay:
            amount = values[line.step]
            is_paid = values[line.applies] is True if line.applies else bool(amount)
            if not isinstance(amount, Unknown) and is_paid:
                yield ("lines", line.step)
