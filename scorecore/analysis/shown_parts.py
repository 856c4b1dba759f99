"""Which parts of a policy a case shows: those that its expected results rest on, as far as they had an effect.

A case that expects a total shows the items that were rated, the entries that were made, the exceptions that held, and
what these read. A line of nothing, an action that is not proposed and an exception that does not hold show nothing. So
no case has to say which clauses it is about, and it is about no part whose loss it would not notice.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, field, frozen

from scorecore.analysis.cases.names import SCORE
from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.cases.verdict import judge_case, list_expected_values
from scorecore.analysis.coverage import CoverageObserver, Target, branch_target, entry_target
from scorecore.diagnostics.source import Location
from scorecore.evaluate.outcome import Outcome
from scorecore.language.expressions import (
    Apply,
    ByText,
    Choice,
    DependencyValue,
    EventFold,
    Expression,
    GroupValue,
    Lookup,
    ParameterOn,
    Read,
    subexpressions,
)
from scorecore.language.rows import KeyedField
from scorecore.policy.regulation.cited import CitedPart, PolicyText
from scorecore.program.model import Program
from scorecore.program.steps import Account, AnyStep, GroupStep, step_expressions
from scorecore.values.calendar import Calendar
from scorecore.values.step_id import APPLIES, GRADE, SCORE_TOTAL, StepId
from scorecore.values.unknown import Maybe, Unknown

_NEED_AN_EFFECT: Final = frozenset({"values", "pay", "actions", "holds", "carry"})
"""Sections whose steps show nothing where they are false, zero or empty."""


@frozen(eq=False)
class ShownParts:
    """What a case shows of a policy: places in its files, and parts by name."""

    case: str
    files: frozenset[str]
    """That the policy is made of, each by its path or by the `id@version` of the policy in it."""
    places: frozenset[Location]
    names: frozenset[str]
    """Such as `parameters.rate`, `facts.visits` and `facts.person.sales`. Bounds are checked where there is a value."""

    def has(self, text: PolicyText, part: CitedPart) -> bool:
        """Whether it shows a part of a file."""
        files = self.files & {text.source.name, text.identity}
        is_named = bool(files) and part.name.removesuffix(".bounds").removesuffix(".edges") in self.names
        return is_named or any(place.source in files and part.contains(place) for place in self.places)


def find_shown_parts(program: Program, cases: Sequence[PreparedCase]) -> Iterator[ShownParts]:
    """What each case shows that decides as it expects."""
    observer = CoverageObserver(program)
    places = [step.place for step in program.steps] + [place for part in program.parameters for place in part.places]
    files = frozenset(place.source for place in places)
    for case in cases:
        observer.touched = set()
        outcome = observer.decide(case)
        if not judge_case(case, program, outcome).differences:
            yield _CaseWalk(program, case, outcome, observer.touched).walk(files)


@define
class _CaseWalk:
    """From the expected results of a case backwards through what had an effect on them."""

    program: Program
    case: PreparedCase
    outcome: Outcome
    touched: set[Target]
    places: set[Location] = field(factory=set)
    names: set[str] = field(factory=set)
    values: Mapping[str, Maybe | None] = field(init=False)
    tables: Mapping[str, str] = field(init=False)
    """By name, what the parts of tables of rows are called."""

    @values.default
    def _values(self) -> Mapping[str, Maybe | None]:
        return {**self.case.facts.values, **self.outcome.by_name}

    @tables.default
    def _tables(self) -> Mapping[str, str]:
        events = self.program.schema.events
        return {table.name: table.name if table.use else f"facts.{table.name}" for table in events}

    def walk(self, files: frozenset[str]) -> ShownParts:
        pending, seen = list(self.list_results()), set[str]()
        while pending:
            name = pending.pop()
            if name not in seen and self.program.has_step(name):
                seen.add(name)
                pending += self.pass_step(self.program.step(name))
        return ShownParts(self.case.case.name, files, frozenset(self.places), frozenset(self.names))

    def list_results(self) -> Iterator[str]:
        """The steps whose values a case expects, and what holds those that it expects to be held."""
        expected = self.case.case.expect
        yield from (name for name, _ in list_expected_values(expected))
        if expected.net is not None:
            yield from (line.step for line in self.program.pay)
        if expected.actions:
            yield from (action.step for action in self.program.actions)
        for entry in expected.entries or ():
            yield SCORE_TOTAL if entry.item == SCORE else StepId("items", entry.item)
        if expected.held:
            yield from (name for name in self.program.results() if isinstance(self.values[name], Unknown))

    def pass_step(self, step: AnyStep) -> Iterator[str]:
        """What a step has read; nothing if it had no effect."""
        value = self.values[step.name]
        if isinstance(value, Unknown):
            yield from self.pass_unknown(step)
            return
        if step.name.role != APPLIES and step.name.section in _NEED_AN_EFFECT and not value:
            return
        self.places.add(step.place)
        if isinstance(step, GroupStep):
            self.names.add(f"groups.{step.group}")
            yield from step.operands
        for expression in self.list_effective(step):
            for node in self.walk_taken(expression):
                yield from self.pass_node(node)

    def pass_unknown(self, step: AnyStep) -> Iterator[str]:
        """What keeps a step without a value: holds, and what it reads that has none either."""
        self.places.add(step.place)
        yield from (name for name in step.held_by if self.values[name] is True)
        for expression in step_expressions(step):
            for node in self.walk_taken(expression):
                if isinstance(node, Read) and not isinstance(self.values.get(node.name), Unknown):
                    continue
                yield from self.pass_node(node)

    def list_effective(self, step: AnyStep) -> Iterator[Expression]:
        """The expressions of a step that had an effect: of an account those of the entries that were made."""
        if not isinstance(step, Account):
            yield from step_expressions(step)
            return
        yield step.opening
        for rule in step.entries:
            if entry_target(step, rule) in self.touched:
                self.places.add(rule.place)
                if rule.each:
                    self.names.add(self.tables.get(rule.each, rule.each))
                yield from filter(None, (rule.points, rule.to, rule.when, rule.quantity))

    def walk_taken(self, expression: Expression) -> Iterator[Expression]:
        """An expression and what it is made of, without the branches that were not taken."""
        yield expression
        parts = subexpressions(expression)
        match expression:
            case Apply(operator="if", operands=(condition, then, otherwise)):
                taken = [then] if self.was(condition, outcome=True) else []
                taken += [otherwise] if self.was(condition, outcome=False) else []
                parts = iter((condition, *taken))
            case Choice(exceptions=exceptions, otherwise=otherwise):
                held = [exception for exception in exceptions if self.was(exception.when, outcome=True)]
                self.places.update(exception.value.place for exception in held)
                is_other = not held or expression.hit == "sum"
                parts = iter([part for exception in held for part in (exception.when, exception.value)])
                if is_other and otherwise is not None:
                    parts = iter([*parts, otherwise])
        for part in parts:
            yield from self.walk_taken(part)

    def was(self, condition: Expression, *, outcome: bool) -> bool:
        return branch_target(condition, outcome=outcome) in self.touched

    def pass_node(self, node: Expression) -> Iterator[str]:
        """The names of what a part of an expression reads; steps among them are yielded."""
        match node:
            case Read(name=name):
                yield name
                self.names.add(name)
                if name in self.case.facts.values and self.case.facts.values[name] is not None:
                    subject = self.program.schema.subject
                    self.names.update((f"facts.{subject}", f"facts.{subject}.{name}"))
            case GroupValue(step=step):
                yield step
            case ParameterOn(name=name):
                self.names.add(f"parameters.{name}")
            case Lookup(table=table) | ByText(table=table):
                self.pass_table(table)
            case EventFold(table=table) | KeyedField(table=table):
                self.pass_rows(table)
            case DependencyValue(field=read):
                self.pass_rows(read.table)
            case Apply(options=options):
                self.names.update(f"calendars.{option.name}" for option in options if isinstance(option, Calendar))
        if isinstance(node, Read) and node.name == GRADE:
            yield GRADE

    def pass_table(self, name: str) -> None:
        """A table of bands: those that were used, each at its place."""
        self.names.add(f"tables.{name}")
        for table in self.program.tables:
            for start, bands in table.versions if table.name == name else ():
                for position, band in enumerate(bands):
                    if ("bands", name, start, position) in self.touched and band.place:
                        self.places.add(band.place)

    def pass_rows(self, name: str) -> None:
        rows = self.case.facts.rows.get(name, ())
        if isinstance(rows, Unknown) or rows:
            self.names.add(self.tables.get(name, name))
