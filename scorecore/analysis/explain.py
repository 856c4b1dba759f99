"""Why: a subject's decision as ledgers, with the events, formulas and clauses that they rest on."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from attrs import evolve, frozen

from scorecore.analysis.bounds import TotalRange, bound_total, find_possible_grades
from scorecore.analysis.explanation_data import explanation_to_json
from scorecore.analysis.formula_inputs import FormulaInput, InputReader, event_key, known, list_days, list_details
from scorecore.analysis.open_matters import OpenMatter, list_open_matters
from scorecore.diagnostics.diagnostic import Diagnostic, Translate
from scorecore.evaluate.groups import group_key
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import AppliesIf, Constant, Expression
from scorecore.language.groups import Group, GroupFold
from scorecore.language.operators import EXACT
from scorecore.language.printer import print_formula
from scorecore.program.model import Program
from scorecore.program.steps import Account, EntryRule, GroupStep, Step
from scorecore.values.step_id import ASSESSED, GRADE, SCORE_TOTAL, StepId
from scorecore.values.types import TypeKind
from scorecore.values.unknown import Maybe, Unknown


@frozen
class ExplainedEntry:
    """One reason for points."""

    reason: str
    """A code, the same for all entries of a kind, such as `cap`."""
    label: str
    """The reason in words; empty if the policy has none."""
    quantity: Decimal | int | None
    """How many units the points are for; None if the policy does not say."""
    points: Decimal
    """What is added to the account; may be negative, or 0 for what was waived."""
    table: str
    """The table of the event that it rests on; empty if it rests on none."""
    event: str
    """The key of the event that it rests on; empty if it rests on none."""
    authority: str
    """The clause."""
    details: tuple[FormulaInput, ...] = ()
    """What its table has shown of the event, such as who waived it."""
    formula: str = ""
    """Of points by a formula, and of a veto its condition."""
    inputs: tuple[FormulaInput, ...] = ()
    """What the formula reads."""
    days: tuple[date, ...] = ()
    """When its event was, as its table dates it."""


@frozen
class ExplainedResult:
    """A value of the decision."""

    name: str
    """Its name in the language, such as `pay.bonus`."""
    label: str
    """Its name in words; empty if the policy has none."""
    value: Any
    """Decimal, int, bool, text, date or datetime; None if it is held."""
    authority: str
    """The clause."""
    held: tuple[Diagnostic, ...] = ()
    """Why it has no value."""
    formula: str = ""
    """As the policy has it; of a named value, a line of pay and a balance."""
    inputs: tuple[FormulaInput, ...] = ()
    """What the formula reads."""


@frozen
class ItemExplanation:
    """An account: its total, and the entries that add up to it."""

    result: ExplainedResult
    most: Decimal | None
    """What can be reached; None for the total, and for an item without a limit."""
    entries: tuple[ExplainedEntry, ...]


@frozen
class GroupComparison:
    """A value that depends on all members of the subject's group."""

    name: str
    """The expression, as `scorecore expand` prints it."""
    group: str
    """The name of the group."""
    label: str
    """Of the group."""
    key: Any
    """Which of the groups it is: a value of the fact that makes them; None where everybody is in one."""
    value: Any
    """The place, the sum or the share; None if it is held."""
    size: int | None = None
    """Of a place: among how many."""
    amount: Decimal | None = None
    """Of a share: what is divided."""
    weight: Decimal | None = None
    """Of a share: what the subject counts in it."""
    total_weight: Decimal | None = None
    """Of all members; None where they are not known."""
    held: tuple[Diagnostic, ...] = ()
    """Why it has no value."""


@frozen
class ExplainedPay:
    """A line of pay."""

    kind: str
    """Such as `earning`."""
    sign: int
    """What it does to net pay: 1 adds, -1 subtracts, 0 leaves it as it is."""
    result: ExplainedResult
    """Its amount is not negated for a deduction."""


@frozen
class Explanation:
    """Everything that a decision about one subject rests on."""

    program: Program
    subject: str
    """The subject's id."""
    period: str
    """The label of the period, such as `2024-05`."""
    facts: tuple[FormulaInput, ...]
    """Of the subject; events are with the entries that rest on them."""
    values: tuple[ExplainedResult, ...]
    """The named values, each with its formula."""
    groups: tuple[GroupComparison, ...]
    items: tuple[ItemExplanation, ...]
    """Those that apply, or may apply."""
    score: ItemExplanation | None
    """The total; None if the policy has no score."""
    possible: TotalRange | None
    """Of a total that is held: between what bounds it lies."""
    grade: ExplainedResult | None
    """None if the policy has no grades."""
    possible_grades: tuple[str, ...]
    """Of a grade that is held: those that it can still be."""
    pay: tuple[ExplainedPay, ...]
    """The lines that apply, or may apply, in the policy's order."""
    net: Decimal | None
    """Of the lines that are decided; None if the policy has no pay."""
    partial: bool
    """Whether a line is held, so that `net` is only of the others."""
    carries: tuple[tuple[ExplainedResult, ExplainedResult], ...]
    """The opening and the closing of each balance."""
    actions: tuple[ExplainedResult, ...]
    """Those that are proposed, or held."""
    matters: tuple[OpenMatter, ...] = ()
    """Those that are not finished."""
    excluded: ExplainedResult | None = None
    """Of somebody who is not assessed the condition that does not hold; there is nothing else then."""

    @property
    def is_held(self) -> bool:
        """Whether any result is held."""
        results = [account.result for account in (*self.items, *filter(None, (self.score,)))]
        results += [*(line.result for line in self.pay), *self.actions, *filter(None, (self.grade,))]
        return any(result.held for result in (*results, *(closing for _, closing in self.carries)))

    def to_json(self, translate: Translate = str) -> dict[str, Any]:
        """The same as plain data for `json.dumps`, with the names that `scorecore explain --format json` has.

        Decimals, dates and timestamps are text. A result that is held has no `value`; its `held` has the causes, as
        `Diagnostic.to_json` gives them; `translate` is such as `scorecore.translator("zh")`. A score or a grade that
        the policy does not have is None.
        """
        return explanation_to_json(self, translate)


def explain(
    program: Program, evaluator: SubjectEvaluator, facts: SubjectFacts, population: Sequence[SubjectFacts] = ()
) -> Explanation:
    """Decide about a subject and show what every part rests on.

    `population` has everybody with their group values, where more is to be shown of groups than the subject's share.
    """
    return _Explainer(program, evaluator, facts, evaluator.decide(facts), population).explain()


class _Explainer:
    def __init__(
        self,
        program: Program,
        evaluator: SubjectEvaluator,
        facts: SubjectFacts,
        outcome: Outcome,
        population: Sequence[SubjectFacts],
    ) -> None:
        self.program = program
        self.evaluator = evaluator
        self.population = population
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
        self.inputs = InputReader(program, facts, self.environment, self.labels, self.period)
        self.rules = list(_list_rules(program))

    def explain(self) -> Explanation:
        program = self.program
        facts = tuple(self.inputs.show_value(column.name) for column in program.schema.columns)
        if self.outcome.is_excluded:
            return self.explain_excluded(facts)
        return Explanation(
            program,
            self.facts.subject,
            self.period.label,
            facts,
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
            tuple(list_open_matters(program, self.facts, self.period)),
        )

    def explain_excluded(self, facts: tuple[FormulaInput, ...]) -> Explanation:
        """Why nothing is decided."""
        nothing = ((), (), (), None, None, None, (), (), None, False, (), ())
        excluded = self.explain_result(ASSESSED, has_formula=True)
        return Explanation(self.program, self.facts.subject, self.period.label, facts, *nothing, excluded=excluded)

    def explain_items(self) -> Iterator[ItemExplanation]:
        """The items that apply, or may apply."""
        for item in self.program.items:
            if not item.applies or self.steps[item.applies] is not False:
                yield self.explain_account(item.step, item.points)

    def explain_pay(self) -> Iterator[ExplainedPay]:
        """The pay lines that apply, or may apply."""
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
        comparison = GroupComparison(
            step.text,
            group.name,
            group.label,
            known(self.values[group.by]) if group.by else None,
            known(value),
            size if is_rank and isinstance(size, int) else None,
            held=value.causes if isinstance(value, Unknown) else (),
        )
        if step.fold is not GroupFold.POOL:
            return comparison
        amount, weight = (known(self.steps[name]) for name in step.operands)
        return evolve(comparison, amount=amount, weight=weight, total_weight=self.add_up_weights(step, group))

    def add_up_weights(self, step: GroupStep, group: Group) -> Decimal | None:
        """The weights of all members of the subject's group; None where they are not known."""
        members = [facts for facts in self.population if group_key(group, facts) == group_key(group, self.facts)]
        weights = [known(self.evaluator.decide(facts).value(step.weight)) for facts in members]
        return None if not weights or None in weights else sum(weights, Decimal(0))

    def explain_result(self, name: StepId | str, *, has_formula: bool = False) -> ExplainedResult:
        step, value = self.program.step(name), self.steps[name]
        text, inputs = "", tuple[FormulaInput, ...]()
        if has_formula and isinstance(step, Step):
            formula = step.expression.value if isinstance(step.expression, AppliesIf) else step.expression
            text, inputs = print_formula(formula), tuple(self.inputs.list_inputs(formula))
        held = value.causes if isinstance(value, Unknown) else ()
        return ExplainedResult(name, step.label, known(value), step.authority, held, text, inputs)

    def explain_account(self, name: StepId | str, most: Decimal | None) -> ItemExplanation:
        entries = [
            self.explain_entry(number, quantity, points, position)
            for number, quantity, points, position in self.outcome.entries
            if self.program.ledger[number].account == name
        ]
        return ItemExplanation(self.explain_result(name), most, tuple(entries))

    def explain_entry(
        self, number: int, quantity: Decimal | int | None, points: Decimal, position: int
    ) -> ExplainedEntry:
        rule = self.program.ledger[number]
        entry = ExplainedEntry(rule.reason, rule.label, quantity, points, rule.each, "", rule.authority)
        event = None
        if rule.each:
            rows = self.facts.rows[rule.each]
            assert isinstance(rows, Sequence)  # noqa: S101  an entry rests on a row that is there
            event, table = rows[position], self.tables[rule.each]
            details, days = tuple(list_details(table, event)), tuple(list_days(table, event))
            entry = evolve(entry, event=event_key(table, event), details=details, days=days)
        formula = _find_formula(self.rules[number])
        if formula is None:
            return entry
        is_condition = formula.type.kind is TypeKind.BOOL
        inputs = tuple(self.inputs.list_inputs(formula, event, shows_events=is_condition))
        return evolve(entry, formula=print_formula(formula), inputs=inputs)


def _list_rules(program: Program) -> Iterator[EntryRule | None]:
    """The rule of each ledger rule; None for an opening."""
    for step in program.steps:
        if isinstance(step, Account):
            yield from (None,) if step.opens_with else ()
            yield from step.entries


def _find_formula(rule: EntryRule | None) -> Expression | None:
    """What an entry is explained by: the points by a formula, the condition of a veto."""
    if rule is not None and rule.reason == "veto":
        return rule.when
    formula = rule.points if rule is not None and rule.reason == "formula" else None
    return None if isinstance(formula, Constant) else formula


def _is_same_group(first: GroupStep, second: GroupStep) -> bool:
    return (first.of, first.group) == (second.of, second.group)
