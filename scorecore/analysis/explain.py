"""Why: a subject's decision as ledgers, with the events, formulas and clauses that they rest on."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.analysis.bounds import TotalRange, bound_total, find_possible_grades
from scorecore.analysis.recorder import ValueRecorder, record_values
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.observer import Row
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import (
    AppliesIf,
    EventFold,
    Expression,
    GroupValue,
    Lookup,
    Rate,
    Read,
    RowsValue,
    Streak,
    subexpressions,
    walk,
)
from scorecore.language.groups import GroupFold
from scorecore.language.operators import EXACT
from scorecore.language.printer import print_formula
from scorecore.program.ledger import LedgerRule
from scorecore.program.model import Program
from scorecore.program.schema import EventTable
from scorecore.program.steps import GroupStep, Step
from scorecore.values.step_id import GRADE, SCORE_TOTAL, StepId
from scorecore.values.unknown import Maybe, Unknown


@frozen
class ExplainedEntry:
    """One reason for points."""

    reason: str
    label: str
    quantity: Decimal | int | None
    points: Decimal
    table: str
    event: str
    """The key of the event that it rests on; empty if it rests on none."""
    authority: str
    details: "tuple[FormulaInput, ...]" = ()
    """What its table has shown of the event, such as who waived it."""


@frozen
class FormulaInput:
    """A value that a formula reads."""

    name: str
    label: str
    value: Any
    details: "tuple[FormulaInput, ...]" = ()
    """Of an event: what its table has shown of it."""


@frozen
class ExplainedResult:
    """A value of the decision. `held` says why it has none."""

    name: str
    label: str
    value: Any
    authority: str
    held: tuple[Diagnostic, ...] = ()
    formula: str = ""
    inputs: tuple[FormulaInput, ...] = ()


@frozen
class ItemExplanation:
    """An account: what it comes to, and the entries that add up to it."""

    result: ExplainedResult
    most: Decimal | None
    entries: tuple[ExplainedEntry, ...]


@frozen
class GroupComparison:
    """A value that depends on all members of the subject's group."""

    name: str
    group: str
    label: str
    """Of the group."""
    key: Any
    """Which of the groups it is: a value of the fact that makes them; None where everybody is in one."""
    value: Any
    size: int | None = None
    """Of a place: among how many."""
    held: tuple[Diagnostic, ...] = ()


@frozen
class ExplainedPay:
    kind: str
    sign: int
    result: ExplainedResult


@frozen
class Explanation:
    """Everything that a decision about one subject rests on."""

    program: Program
    subject: str
    period: str
    facts: tuple[FormulaInput, ...]
    values: tuple[ExplainedResult, ...]
    """The named values, each with its formula."""
    groups: tuple[GroupComparison, ...]
    items: tuple[ItemExplanation, ...]
    score: ItemExplanation | None
    possible: TotalRange | None
    """Of a total that is held: between what bounds it lies."""
    grade: ExplainedResult | None
    possible_grades: tuple[str, ...]
    """Of a grade that is held: those that it can still be."""
    pay: tuple[ExplainedPay, ...]
    net: Decimal | None
    """Of the lines that are decided; None if the policy has no pay."""
    partial: bool
    carries: tuple[tuple[ExplainedResult, ExplainedResult], ...]
    """The opening and the closing of each balance."""
    actions: tuple[ExplainedResult, ...]
    """Those that are proposed, or held."""

    @property
    def is_held(self) -> bool:
        """Whether any result is held."""
        results = [account.result for account in (*self.items, *filter(None, (self.score,)))]
        results += [*(line.result for line in self.pay), *self.actions, *filter(None, (self.grade,))]
        return any(result.held for result in (*results, *(closing for _, closing in self.carries)))


def explain(program: Program, evaluator: SubjectEvaluator, facts: SubjectFacts) -> Explanation:
    """Decide about a subject and show what every part rests on."""
    return _Explainer(program, evaluator, facts, evaluator.decide(facts)).explain()


class _Explainer:
    def __init__(self, program: Program, evaluator: SubjectEvaluator, facts: SubjectFacts, outcome: Outcome) -> None:
        self.program = program
        self.facts = facts
        self.outcome = outcome
        self.period = evaluator.context.period
        self.steps: dict[str, Maybe] = {**outcome.by_name}
        self.values: dict[str, Any] = {**evaluator.context.values, **facts.values, **self.steps}
        self.environment = Environment(self.values, facts.rows, evaluator.context.tables)
        self.tables = {table.name: table for table in program.schema.events}
        self.labels = {column.name: column.label for column in program.schema.columns}
        self.labels |= {f"parameters.{parameter.name}": parameter.label for parameter in program.parameters}
        self.labels |= {step.name: step.label for step in program.steps}

    def explain(self) -> Explanation:
        program = self.program
        return Explanation(
            program,
            self.facts.subject,
            self.period.label,
            tuple(self.show_value(column.name) for column in program.schema.columns),
            tuple(
                self.explain_result(step.name, has_formula=True)
                for step in program.steps
                if step.name.section == "values"
            ),
            tuple(self.compare_group(step) for step in program.grouped if step.fold is not GroupFold.SIZE),
            tuple(self.explain_items()),
            self.explain_account(SCORE_TOTAL, None) if program.has_step(SCORE_TOTAL) else None,
            self.find_possible_total(),
            self.explain_result(GRADE) if program.has_step(GRADE) else None,
            self.find_possible_grades(),
            tuple(self.explain_pay()),
            self.outcome.net if program.pay else None,
            self.outcome.partial,
            tuple(self.explain_balances()),
            tuple(
                self.explain_result(action.step) for action in program.actions if self.steps[action.step] is not False
            ),
        )

    def explain_items(self) -> Iterator[ItemExplanation]:
        """The items that apply, or may apply."""
        for item in self.program.items:
            if not item.applies or self.steps[item.applies] is not False:
                yield self.explain_account(item.step, item.points)

    def explain_pay(self) -> Iterator[ExplainedPay]:
        """The lines of pay that apply, or may apply."""
        for _, line, _ in self.outcome.lines():
            yield ExplainedPay(line.kind, line.sign, self.explain_result(line.step, has_formula=True))

    def explain_balances(self) -> Iterator[tuple[ExplainedResult, ExplainedResult]]:
        for carry in self.program.carries:
            opening = self.explain_result(StepId("carry", carry.name))
            yield opening, self.explain_result(carry.closes, has_formula=True)

    def find_possible_total(self) -> TotalRange | None:
        if not isinstance(self.steps.get(SCORE_TOTAL), Unknown):
            return None
        with localcontext(EXACT):
            return bound_total(self.program, self.environment)

    def find_possible_grades(self) -> tuple[str, ...]:
        if not isinstance(self.steps.get(GRADE), Unknown):
            return ()
        with localcontext(EXACT):
            return find_possible_grades(self.program, self.environment)

    def compare_group(self, step: GroupStep) -> GroupComparison:
        group, value = self.program.group(step.group), self.steps[step.name]
        sizes = (counted for counted in self.program.grouped if counted.fold is GroupFold.SIZE)
        size = next((self.steps[counted.name] for counted in sizes if _is_same_group(counted, step)), None)
        is_rank = step.fold is GroupFold.RANK and isinstance(size, int) and not isinstance(value, Unknown)
        return GroupComparison(
            step.text,
            group.name,
            group.label,
            _known(self.values[group.by]) if group.by else None,
            _known(value),
            size if is_rank and isinstance(size, int) else None,
            value.causes if isinstance(value, Unknown) else (),
        )

    def explain_result(self, name: StepId | str, *, has_formula: bool = False) -> ExplainedResult:
        step, value = self.program.step(name), self.steps[name]
        text, inputs = "", tuple[FormulaInput, ...]()
        if has_formula and isinstance(step, Step):
            formula = step.expression.value if isinstance(step.expression, AppliesIf) else step.expression
            text, inputs = print_formula(formula), tuple(self.list_inputs(formula))
        held = value.causes if isinstance(value, Unknown) else ()
        return ExplainedResult(name, step.label, _known(value), step.authority, held, text, inputs)

    def list_inputs(self, formula: Expression) -> Iterator[FormulaInput]:
        """What a formula reads, each once: values of the subject, and what tables and events give."""
        for node in dict.fromkeys(_walk_inputs(formula)):
            if isinstance(node, Read):
                yield self.show_value(node.name)
                continue
            with localcontext(EXACT):
                recorder = record_values(self.environment, node)
            yield FormulaInput(print_formula(node), "", _known(recorder.value(node)))
            yield from self.list_events(node, recorder) if isinstance(node, EventFold) else ()

    def list_events(self, fold: EventFold, recorder: ValueRecorder) -> Iterator[FormulaInput]:
        """The events that went into a value one by one, where their table has something shown of them."""
        table = self.tables.get(fold.table)
        rows = self.facts.rows.get(fold.table, ())
        if table is None or not table.shown or isinstance(rows, Unknown):
            return
        bodies = [part for part in subexpressions(fold) if part is not fold.where]
        for row in rows:
            if fold.where is None or recorder.value(fold.where, row) is True:
                value = recorder.value(bodies[0], row) if bodies else True
                name = f"{table.label or table.name} {_event_key(table, row)}"
                yield FormulaInput(name, "", _known(value), tuple(_details(table, row)))

    def show_value(self, name: str) -> FormulaInput:
        return FormulaInput(name, self.labels.get(name, ""), _known(self.values[name]))

    def explain_account(self, name: StepId | str, most: Decimal | None) -> ItemExplanation:
        entries = [
            self.explain_entry(self.program.ledger[rule], quantity, points, position)
            for rule, quantity, points, position in self.outcome.entries
            if self.program.ledger[rule].account == name
        ]
        return ItemExplanation(self.explain_result(name), most, tuple(entries))

    def explain_entry(
        self, rule: LedgerRule, quantity: Decimal | int | None, points: Decimal, position: int
    ) -> ExplainedEntry:
        entry = ExplainedEntry(rule.reason, rule.label, quantity, points, rule.each, "", rule.authority)
        if not rule.each:
            return entry
        table = self.tables[rule.each]
        rows = self.facts.rows[rule.each]
        assert isinstance(rows, Sequence)  # noqa: S101  an entry rests on a row that is there
        event = rows[position]
        return evolve(entry, event=_event_key(table, event), details=tuple(_details(table, event)))


_INPUTS: Final = Read | Lookup | Rate | Streak | GroupValue | RowsValue
"""What an explanation shows the value of, beside a formula."""


def _walk_inputs(node: Expression) -> Iterator[Expression]:
    """The nodes whose values are shown; inside of them only values of the subject."""
    if isinstance(node, _INPUTS):
        yield node
        yield from (part for part in walk(node) if part is not node and isinstance(part, Read))
    else:
        for part in subexpressions(node):
            yield from _walk_inputs(part)


def _known(value: Any) -> Any:  # noqa: ANN401  a value of any type
    """A value as it is shown; None where there is none."""
    return None if isinstance(value, Unknown) else value


def _is_same_group(first: GroupStep, second: GroupStep) -> bool:
    return (first.of, first.group) == (second.of, second.group)


def _event_key(table: EventTable, event: Row) -> str:
    return " ".join(str(event[name]) for name in table.key)


def _details(table: EventTable, event: Row) -> Iterator[FormulaInput]:
    for column in table.columns:
        value = event[column.name]
        if column.name in table.shown and value is not None and not isinstance(value, Unknown):
            yield FormulaInput(column.name, column.label, value)
