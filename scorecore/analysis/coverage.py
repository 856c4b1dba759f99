"""What no case touches: entries, bands, grades, holds, actions, lines of pay, and branches of expressions.

A branch is an outcome of a condition: of `?:`, and of each side of `&&` and `||` that is looked at. Only what is
reached counts: the other branch of a condition is not looked into.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, Final

from attrs import frozen

from scorecore.analysis.cases.read import PreparedCase
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Location
from scorecore.evaluate.period_context import in_force
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.evaluator import Outcome
from scorecore.language.bands import Band, BandTable
from scorecore.language.expressions import (
    Aggregate,
    Apply,
    Constant,
    Expression,
    Fold,
    Has,
    Lookup,
    Read,
    subexpressions,
    walk,
)
from scorecore.language.operators import EXACT
from scorecore.language.printer import print_constant, print_expression
from scorecore.program.model import Account, GroupStep, Program, Step, step_expressions
from scorecore.values.canonical_json import decimal_text
from scorecore.values.types import TypeKind as Of
from scorecore.values.unknown import Unknown

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
    seen: set[Key] = set()
    for case in cases:
        seen.update(_Pass(program, case).seen())
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
                        blanks = {"condition": print_expression(condition), "outcome": print_constant(outcome)}
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
            part.value: part.place
            for whole in step_expressions(step)
            for part in walk(whole)
            if isinstance(part, Constant)
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


def _conditions(of: Expression) -> Iterator[Expression]:
    """The conditions of an expression, but for those that the language itself puts there."""
    match of:
        case Apply(operator="if", operands=(condition, *_)):
            if not _own(of):
                yield condition
        case Apply(operator="and" | "or", operands=operands):
            yield from (one for one in operands if not isinstance(one, Constant) and not _applies(one))
    for one in subexpressions(of):
        yield from _conditions(one)


def _own(of: Apply) -> bool:
    """Whether an author did not write this `?:`: to whom a line applies, and the rate of a table at 0."""
    match of.operands:
        case (condition, *_) if _applies(condition):
            return True
        case (_, _, Apply(operator="within", operands=(Apply(operands=(Lookup(), _)),))):
            return True
        case _:
            return False


def _applies(of: Expression) -> bool:
    return isinstance(of, Read) and of.name.endswith(".applies")


class _Pass:
    """One case on its way through the program."""

    def __init__(self, program: Program, case: PreparedCase) -> None:
        self.program = program
        self.case = case
        self.period = case.evaluator.setting.period
        self.outcome: Outcome = case.evaluator.decide(case.facts)
        names = (step.name for step in program.steps)
        self.steps = dict(zip(names, self.outcome.values, strict=True))
        setting = case.evaluator.setting
        keys = {table.name: table.key for table in program.schema.events}
        self.walker = Environment(
            {**setting.values, **case.facts.values, **self.steps}, case.facts.rows, setting.tables, keys
        )
        self.tables: Mapping[str, BandTable] = {one.name: one for one in program.tables}

    def seen(self) -> Iterator[Key]:
        with localcontext(EXACT):
            for number, *_ in self.outcome.entries:
                rule = self.program.ledger[number]
                account = self.program.step(rule.account)
                assert isinstance(account, Account)  # noqa: S101  the ledger is of accounts
                for one in account.entries:
                    if (one.reason, one.label, one.each) == (rule.reason, rule.label, rule.each):
                        yield ("entries", account.name, one.reason, one.place)
            for step in self.program.steps:
                held = any(self.steps[name] is not False for name in step.held_by)
                if not held and not isinstance(step, GroupStep):
                    yield from self.step(step)
        if not isinstance(self.steps.get("grade"), Unknown):
            yield ("grades", self.steps.get("grade"))
        for part, names in (("holds", self.program.holds), ("actions", self.program.actions)):
            yield from ((part, one.step) for one in names if self.steps[one.step] is True)
        for line in self.program.pay:
            value = self.steps[line.step]
            if not isinstance(value, Unknown) and (self.steps[line.applies] is True if line.applies else value):
                yield ("lines", line.step)

    def step(self, of: Step | Account) -> Iterator[Key]:
        if isinstance(of, Step):
            yield from self.past(of.expression, None, None)
            return
        yield from self.past(of.opening, None, None)
        running = self.walker.value(of.opening)
        for rule in of.entries:
            rows = self.walker.rows[rule.each] if rule.each else [None]
            for row in () if isinstance(rows, Unknown) else rows:
                if rule.when is not None:
                    yield from self.past(rule.when, row, running)
                    if self.walker.value(rule.when, row, running) is not True:
                        continue
                for one in (rule.quantity, rule.points, rule.to):
                    if one is not None:
                        yield from self.past(one, row, running)
                moved = self.walker.value(rule.points or rule.to, row, running)  # type: ignore[arg-type]  # one is there
                if isinstance(moved, Unknown) or isinstance(running, Unknown):
                    continue
                running = running + moved if rule.points is not None else moved

    def past(self, of: Expression, row: Any, running: Any) -> Iterator[Key]:  # noqa: ANN401  an event, a number
        """What evaluating an expression comes past."""
        match of:
            case Apply(operator="if", operands=(condition, then, otherwise)):
                value = yield from self.condition(condition, row, running)
                if isinstance(value, bool):
                    yield from self.past(then if value else otherwise, row, running)
            case Apply(operator="and" | "or" as operator, operands=operands):
                for one in operands:
                    if (yield from self.condition(one, row, running)) is (operator == "or"):
                        return  # the rest cannot change the result
            case Lookup(table=table, key=key):
                yield from self.past(key, row, running)
                yield from self.band(table, self.walker.value(key, row, running))
            case Aggregate():
                yield from self.rows(of)
            case Has():
                return
            case _:
                for one in subexpressions(of):
                    yield from self.past(one, row, running)

    def condition(self, of: Expression, row: Any, running: Any) -> Any:  # noqa: ANN401  a generator that gives the value
        yield from self.past(of, row, running)
        value = self.walker.value(of, row, running)
        if isinstance(value, bool):
            yield _branch(of, value)
        return value

    def rows(self, of: Aggregate) -> Iterator[Key]:
        rows = self.walker.rows.get(of.table, ())
        for row in () if isinstance(rows, Unknown) else rows:
            if of.where is not None:
                yield from self.past(of.where, row, None)
                if self.walker.value(of.where, row, None) is not True:
                    continue
            if (of.value is not None and of.value.type.kind is Of.BOOL) or of.fold is Fold.SUM:
                assert of.value is not None  # noqa: S101  so the checker builds it
                yield from self.past(of.value, row, None)

    def band(self, name: str, key: Any) -> Iterator[Key]:  # noqa: ANN401  a number, a text, or Unknown
        """The band of a table that a key falls into; of an upper edge the one below."""
        if isinstance(key, Unknown):
            return
        table = self.tables[name]
        bands = in_force(table.versions, self.period.end)
        start = next(start for start, several in reversed(table.versions) if several is bands)
        if table.kind == "exact":
            found = [at for at, band in enumerate(bands) if band.start == key]
        else:
            upper = table.kind == "whole" and table.edge == "upper"
            found = [at for at, band in enumerate(bands) if (band.start < key if upper else band.start <= key)]
            if found and (end := bands[-1].end) is not None and key > end:
                found = []
        if found:
            yield ("bands", name, start, found[-1])
