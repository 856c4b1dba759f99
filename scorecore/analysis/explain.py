"""Why: a subject's decision as ledgers, with the events, formulas and clauses that they rest on."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.analysis.bounds import TotalRange, bound_total, find_possible_grades
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.decisions import net_pay
from scorecore.evaluate.reference.closures import evaluate_expression
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.evaluator import Outcome
from scorecore.evaluate.reference.observer import Row
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.subject_facts import SubjectFacts
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
from scorecore.program.model import Account, EventTable, GroupStep, Program, Step
from scorecore.values.unknown import Unknown


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
        results = [sheet.result for sheet in (*self.items, *filter(None, (self.score,)))]
        results += [*(line.result for line in self.pay), *self.actions, *filter(None, (self.grade,))]
        return any(one.held for one in (*results, *(closing for _, closing in self.carries)))


def explain(program: Program, decider: SubjectEvaluator, record: SubjectFacts) -> Explanation:
    """Decide about a subject and show what every part rests on."""
    return _Explainer(program, decider, record, decider.decide(record)).explanation()


class _Explainer:
    def __init__(self, program: Program, decider: SubjectEvaluator, record: SubjectFacts, outcome: Outcome) -> None:
        self.program = program
        self.record = record
        self.outcome = outcome
        self.period = decider.context.period
        names = (step.name for step in program.steps)
        self.steps: dict[str, Any] = dict(zip(names, outcome.values, strict=True))
        self.values: Mapping[str, Any] = {**decider.context.values, **record.values, **self.steps}
        self.walker = Environment(self.values, record.rows, decider.context.tables)
        self.tables = {table.name: table for table in program.schema.events}
        self.labels = {column.name: column.label for column in program.schema.columns}
        self.labels |= {f"parameters.{one.name}": one.label for one in program.parameters}
        self.labels |= {step.name: step.label for step in program.steps}

    def explanation(self) -> Explanation:
        program = self.program
        items = [
            self.sheet(item.step, item.points)
            for item in program.items
            if not item.applies or self.steps[item.applies] is not False
        ]
        lines = [
            ExplainedPay(line.kind, line.sign, self.result(line.step, formula=True))
            for line in program.pay
            if not line.applies or self.steps[line.applies] is not False
        ]
        numbers = {line.step: number for number, line in enumerate(program.pay)}
        amounts = [(numbers[one.result.name], None if one.result.held else one.result.value) for one in lines]
        return Explanation(
            program,
            self.record.subject,
            self.period.label,
            tuple(self.input(column.name) for column in program.schema.columns),
            tuple(self.result(one.name, formula=True) for one in program.steps if one.name.startswith("values.")),
            tuple(self.comparison(one) for one in program.grouped if one.fold is not GroupFold.SIZE),
            tuple(items),
            self.sheet("score.total", None) if program.has_step("score.total") else None,
            self.possible(),
            self.result("grade", formula=False) if program.has_step("grade") else None,
            self.possible_grades(),
            tuple(lines),
            net_pay(program, amounts) if program.pay else None,
            any(one.result.held for one in lines),
            tuple((self.result(f"carry.{one.name}"), self.result(one.closes, formula=True)) for one in program.carries),
            tuple(self.result(action.step) for action in program.actions if self.steps[action.step] is not False),
        )

    def possible(self) -> TotalRange | None:
        if not isinstance(self.steps.get("score.total"), Unknown):
            return None
        with localcontext(EXACT):
            return bound_total(self.program, self.walker)

    def possible_grades(self) -> tuple[str, ...]:
        if not isinstance(self.steps.get("grade"), Unknown):
            return ()
        with localcontext(EXACT):
            return find_possible_grades(self.program, self.walker)

    def comparison(self, of: GroupStep) -> GroupComparison:
        group, value = self.program.group(of.group), self.steps[of.name]
        held = value.causes if isinstance(value, Unknown) else ()
        sizes = (one for one in self.program.grouped if one.fold is GroupFold.SIZE)
        size = next((self.steps[one.name] for one in sizes if (one.of, one.group) == (of.of, of.group)), None)
        known = None if held else value
        size = None if held or of.fold is not GroupFold.RANK else size
        key = self.values[group.by] if group.by else None
        key = None if isinstance(key, Unknown) else key
        return GroupComparison(of.text, group.name, group.label, key, known, size, held)

    def result(self, name: str, *, formula: bool = False) -> ExplainedResult:
        step, value = self.program.step(name), self.steps[name]
        held = value.causes if isinstance(value, Unknown) else ()
        text, inputs = "", tuple[FormulaInput, ...]()
        if formula and isinstance(step, Step):
            part = step.expression.value if isinstance(step.expression, AppliesIf) else step.expression
            text, inputs = print_formula(part), tuple(self.inputs(part))
        shown = None if held else value
        return ExplainedResult(name, step.label, shown, step.authority, held, text, inputs)

    def inputs(self, of: Expression) -> Iterator[FormulaInput]:
        """What a formula reads, each once: values of the subject, and what tables and events give."""
        parts = dict.fromkeys(part for part in walk(of) if isinstance(part, _INPUTS))
        inside = {nested for part in parts if not isinstance(part, Read) for nested in walk(part) if nested != part}
        for part in parts:
            if isinstance(part, Read):
                yield self.input(part.name)
            elif part not in inside:
                with localcontext(EXACT):
                    value = evaluate_expression(self.walker, part)
                yield FormulaInput(print_formula(part), "", None if isinstance(value, Unknown) else value)
                yield from self.events(part) if isinstance(part, EventFold) else ()

    def events(self, fold: EventFold) -> Iterator[FormulaInput]:
        """The events that went into a value one by one, where their table has something shown of them."""
        table = self.tables.get(fold.table)
        rows = self.record.rows.get(fold.table, ())
        if table is None or not table.shown or isinstance(rows, Unknown):
            return
        bodies = [part for part in subexpressions(fold) if part is not fold.where]
        with localcontext(EXACT):
            for row in rows:
                if fold.where is not None and evaluate_expression(self.walker, fold.where, row) is not True:
                    continue
                value = evaluate_expression(self.walker, bodies[0], row) if bodies else True
                known = None if isinstance(value, Unknown) else value
                name = f"{table.label or table.name} {_key(table, row)}"
                yield FormulaInput(name, "", known, tuple(_details(table, row)))

    def input(self, name: str) -> FormulaInput:
        value = self.values[name]
        return FormulaInput(name, self.labels.get(name, ""), None if isinstance(value, Unknown) else value)

    def sheet(self, name: str, most: Decimal | None) -> ItemExplanation:
        account = self.program.step(name)
        assert isinstance(account, Account)  # noqa: S101  items and the score are accounts
        entries = [
            self.entry(rule, quantity, points, event)
            for rule, quantity, points, event in self.outcome.entries
            if self.program.ledger[rule].account == name
        ]
        return ItemExplanation(self.result(name), most, tuple(entries))

    def entry(self, number: int, quantity: Any, points: Decimal, event: int) -> ExplainedEntry:  # noqa: ANN401  a number
        rule = self.program.ledger[number]
        found = ExplainedEntry(rule.reason, rule.label, quantity, points, rule.each, "", rule.authority)
        if not rule.each:
            return found
        table = self.tables[rule.each]
        rows = self.record.rows[rule.each]
        assert isinstance(rows, Sequence)  # noqa: S101  an entry rests on a row that is there
        return evolve(found, event=_key(table, rows[event]), details=tuple(_details(table, rows[event])))


def _key(table: EventTable, row: Row) -> str:
    return " ".join(str(row[name]) for name in table.key)


def _details(table: EventTable, row: Row) -> Iterator[FormulaInput]:
    for column in table.columns:
        value = row[column.name]
        if column.name in table.shown and value is not None and not isinstance(value, Unknown):
            yield FormulaInput(column.name, column.label, value)


_INPUTS: Final = Read | Lookup | Rate | Streak | GroupValue | RowsValue
"""What an explanation shows the value of, beside a formula."""
