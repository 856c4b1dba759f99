"""What one person reads about their own pay: who, when and how much, and then how it came about."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from scorecore.analysis.explain import ExplainedEntry, ExplainedPay, ExplainedResult, Explanation, ItemExplanation
from scorecore.analysis.formula_inputs import FormulaInput
from scorecore.analysis.period_split import NetChange
from scorecore.evaluate.decisions import NET
from scorecore.io.formats import Block
from scorecore.program.steps import Step
from scorecore.record.corrections.adjustments import Adjustment
from scorecore.record.corrections.payroll import NAME, Payable
from scorecore_cli.earlier_periods import EarlierPeriod
from scorecore_cli.explanation_view import describe_place
from scorecore_cli.labels import labeller, localizer, reason_words, write_as_prose
from scorecore_cli.language import _, join_sentences
from scorecore_cli.statements.change_words import ChangeWords
from scorecore_cli.statements.formula_words import FormulaWords, format_figure
from scorecore_cli.statements.money import format_change, format_money
from scorecore_cli.statements.objection_words import Objection, list_objection_lines
from scorecore_cli.statements.privacy import OtherPeople, list_policy_words
from scorecore_cli.visible_text import make_line

_INDENT = "– "


@frozen
class RecordedPayments:
    """What a record adds: what is paid of earlier periods, and what is to be paid in all, by subject."""

    adjustments: Mapping[str, Sequence[Adjustment]]
    payables: Mapping[str, Payable]
    reasons: Mapping[str, str]
    """Why a decision was decided again."""
    objections: Mapping[str, Sequence[str]] = field(factory=dict)
    """What somebody has objected to, and what became of it, line by line."""
    objecting: Mapping[str, date] = field(factory=dict)
    """The last day on which somebody may object, where the policy has one."""


@frozen
class PayStatement:
    """The statement of one person, in the reader's language."""

    subject: str
    name: str
    headline: str
    lines: tuple[str, ...]
    blocks: tuple[Block, ...]


@frozen
class StatementWriter:
    """Writes the statements of one period."""

    people: OtherPeople
    earlier: EarlierPeriod | None = None
    payments: RecordedPayments | None = None
    objection: Objection = field(factory=Objection)
    split: Callable[[str], NetChange | None] = lambda _subject: None
    """What has changed somebody's net pay since the period before, as far as that is known."""
    _policy_words: dict[int, frozenset[str]] = field(factory=dict, init=False, repr=False, eq=False)

    def write(self, explanation: Explanation) -> PayStatement:
        program = explanation.program
        if id(program) not in self._policy_words:
            self._policy_words[id(program)] = list_policy_words(program)
        return _Writing(self, explanation, self._policy_words[id(program)]).statement()


def closing_words() -> dict[str, str]:
    """What is below every statement."""
    return {"signature": _("received and read: signature"), "day": _("day")}


class _Writing:
    """One statement while it is written."""

    def __init__(self, writer: StatementWriter, explanation: Explanation, policy_words: frozenset[str]) -> None:
        self.writer = writer
        self.explanation = explanation
        self.program = explanation.program
        self.policy_words = policy_words
        self.label = labeller(self.program)
        self.localize = localizer(self.program)
        self.subject = explanation.subject
        facts = {fact.name: fact.value for fact in explanation.facts}
        self.name = str(facts.get(NAME) or "")
        self.group_keys = {str(facts[group.by]) for group in self.program.groups if facts.get(group.by) is not None}
        self.words = FormulaWords.of(self.program, self.show_text)
        earlier = writer.earlier
        self.before: Mapping[str, Any] = earlier.results.get(self.subject, {}) if earlier else {}

    def statement(self) -> PayStatement:
        blocks = [
            *self.pay(),
            *self.net_change(),
            *self.adjustments(),
            *self.points(),
            *self.values(),
            *self.balances(),
            *self.actions(),
        ]
        blocks += [*self.facts(), self.objection()]
        who = make_line(self.name or self.subject)
        return PayStatement(self.subject, self.name, self.headline(who), tuple(self.lines()), tuple(blocks))

    # texts of the facts

    def show_text(self, text: str) -> str:
        """A text of the facts, if the policy has this word or it says where the reader belongs; else nothing."""
        if text in self.policy_words or text in {self.name, self.subject} - {""}:
            return make_line(text)
        return self.conceal(text) if text in self.group_keys else ""

    def conceal(self, text: str) -> str:
        return make_line(self.writer.people.conceal(text, self.subject, self.name))

    def why(self, result: ExplainedResult) -> str:
        reasons = join_sentences(self.localize(cause) for cause in result.held)
        return _("held: {why}", why=write_as_prose(self.conceal(reasons)))

    # the head

    def headline(self, who: str) -> str:
        """Name, period, and what it is all about."""
        explanation, parts = self.explanation, [who, self.explanation.period]
        if explanation.net is not None:
            amount = f"{format_money(explanation.net)} {self.program.currency}".strip()
            parts.append(_("net pay {amount}", amount=amount))
        elif explanation.score:
            parts.append(f"{_('total')} {self.points_of(explanation.score.result)}")
        return "  ".join(parts)

    def lines(self) -> Iterator[str]:
        explanation, program = self.explanation, self.program
        if self.name:
            yield f"{self.label(program.schema.subject)} {make_line(self.subject)}"
        yield make_line(f"{program.title}  {program.authority}".strip())
        if program.status != "in force":
            yield _("status of this policy: {status}", status=_(program.status))
        if explanation.partial:
            yield _("a pay line is held: net pay is the sum of the other lines")
        if self.writer.earlier and explanation.net is not None and not explanation.partial:
            yield from self.compare_net(self.writer.earlier.label, explanation.net)
        reason = self.writer.payments.reasons.get(self.subject) if self.writer.payments else None
        if reason:
            yield _("decided again: {reason}", reason=self.conceal(reason))

    def compare_net(self, label: str, net: Decimal) -> Iterator[str]:
        before = self.before_of(NET)
        if before is None or self.before.get("partial"):
            return
        params = {"change": format_money(abs(net - before)), "before": format_money(before), "period": label}
        if net == before:
            yield _("the same as in {period}", period=label)
        elif net > before:
            yield _("{change} more than in {period}, when it was {before}", **params)
        else:
            yield _("{change} less than in {period}, when it was {before}", **params)

    def before_of(self, name: str) -> Decimal | None:
        value = self.before.get(name)
        return value if isinstance(value, Decimal) else None

    def change_cells(self, name: str, amount: Decimal | None, sign: int = 1) -> tuple[str, ...]:
        """What a line was in the period before, and how it has changed; no cells where nothing is compared."""
        if not self.before:
            return ()
        before = self.paid_before(name)
        if before is None:
            return "", ""
        change = "" if amount is None else format_change(amount - sign * before)
        return format_money(sign * before), change

    def paid_before(self, name: str) -> Decimal | None:
        """What a line was; nothing where all were decided and it was none of them; None where that is not known."""
        is_complete = NET in self.before and not self.before.get("partial")
        before = self.before_of(name)
        return Decimal(0) if before is None and is_complete else before

    def point_cells(self, result: ExplainedResult) -> tuple[str, ...]:
        """The same of points."""
        before = self.before_of(result.name)
        if before is None:
            return ("", "") if self.before else ()
        change = "" if result.held else format_figure(result.value - before)
        return format_figure(before), f"+{change}" if not result.held and result.value > before else change

    def change_headings(self) -> tuple[str, ...]:
        return (self.writer.earlier.label, _("change")) if self.before and self.writer.earlier else ()

    # pay

    def pay(self) -> Iterator[Block]:
        explanation = self.explanation
        if explanation.net is None:
            return
        rows = [self.pay_row(line) for line in explanation.pay]
        rows += [*self.ended_lines(), *self.former_lines()]
        net = format_money(explanation.net)
        rows.append((_("net pay"), "", net, *self.change_cells(NET, None if explanation.partial else explanation.net)))
        headings = (_("line"), _("clause"), explanation.period, *self.change_headings())
        yield Block(_("your pay"), (), headings, tuple(rows), tuple(range(2, len(headings))))

    def pay_row(self, line: ExplainedPay) -> tuple[str, ...]:
        result = line.result
        amount = None if result.held else line.sign * result.value
        how = self.why(result) if result.held else self.describe(result)
        shown = "—" if amount is None else format_money(amount)
        name = _join_lines(result.label or self.words.label(result.name), how)
        return name, result.authority, shown, *self.change_cells(result.name, amount, line.sign)

    def ended_lines(self) -> Iterator[tuple[str, ...]]:
        """Lines that were paid in the period before and do not apply any more."""
        applying = {line.result.name for line in self.explanation.pay}
        for line in self.program.pay:
            before = self.before_of(line.step)
            if before and line.step not in applying:
                step = self.program.step(line.step)
                cells = self.change_cells(line.step, Decimal(0), line.sign)
                yield _join_lines(step.label or self.words.label(line.step), _("does not apply")), "", "0.00", *cells

    def former_lines(self) -> Iterator[tuple[str, ...]]:
        """What an earlier version of the policy paid by lines that no longer exist, so that all changes add up."""
        net = self.before_of(NET)
        lines = [(line.sign, self.paid_before(line.step)) for line in self.program.pay]
        if net is not None and not self.before.get("partial"):
            rest = net - sum(sign * amount for sign, amount in lines if amount)
            if rest:
                yield _("lines that the policy had before"), "", "0.00", format_money(rest), format_change(-rest)

    def net_change(self) -> Iterator[Block]:
        """What has changed since the period before, unless it was decided with other facts than those of now."""
        earlier, change = self.writer.earlier, self.writer.split(self.subject) if self.before else None
        if earlier and change and (change.before, change.after) == (self.before_of(NET), self.explanation.net):
            yield from ChangeWords(self.words, self.program, self.show_text).list_parts(change, earlier.label)

    def describe(self, result: ExplainedResult) -> str:
        step = self.program.step(result.name)
        if not isinstance(step, Step):
            return ""
        words = self.words.describe(step.expression, result.inputs)
        return "" if words in {result.label, self.words.label(result.name)} else words

    def adjustments(self) -> Iterator[Block]:
        payments = self.writer.payments
        paid = payments.adjustments.get(self.subject, ()) if payments else ()
        if not payments or not paid:
            return
        rows = [(amount.period, self.label(amount.line), format_change(amount.effect)) for amount in paid]
        payable = payments.payables.get(self.subject)
        rows += [("", _("to pay"), format_money(payable.to_pay))] if payable else []
        headings = (_("period"), _("line"), _("effect on net pay"))
        yield Block(_("paid or taken back"), (), headings, tuple(rows), (2,))

    # points

    def points(self) -> Iterator[Block]:
        explanation = self.explanation
        rows = [row for item in explanation.items for row in self.account_rows(item)]
        if explanation.score:
            rows += self.account_rows(explanation.score, explanation.score.result.label or _("total"))
        if explanation.possible:
            least, most = format_figure(explanation.possible.least), format_figure(explanation.possible.most)
            rows.append((_("still possible: {least} to {most}", least=least, most=most), "", ""))
        if explanation.grade:
            grade = explanation.grade
            shown = self.why(grade) if grade.held else self.grade_label(grade.value)
            before = self.grade_label(self.before.get(grade.name))
            rows.append((_("grade"), grade.authority, shown, *((before, "") if self.before else ())))
        if rows:
            headings = (_("item"), _("clause"), explanation.period, *self.change_headings())
            width = len(headings)
            filled = tuple((*row, *("",) * (width - len(row))) for row in rows)
            yield Block(_("your points"), (), headings, filled, tuple(range(2, width)))

    def account_rows(self, item: ItemExplanation, name: str = "") -> Iterator[tuple[str, ...]]:
        result = item.result
        most = f" / {format_figure(item.most)}" if item.most is not None else ""
        shown = _join_lines(name or result.label or self.label(result.name), self.why(result) if result.held else "")
        yield shown, result.authority, self.points_of(result) + most, *self.point_cells(result)
        is_plain = [entry.reason for entry in item.entries] == ["opening"]  # which says what is above it
        for entry in () if is_plain else item.entries:
            clause = entry.authority if entry.authority != result.authority else ""
            sign = "+" if entry.points > 0 else ""
            yield f"{_INDENT}{self.entry_words(entry)}", clause, sign + format_figure(entry.points)

    def points_of(self, result: ExplainedResult) -> str:
        return "—" if result.held else format_figure(result.value)

    def entry_words(self, entry: ExplainedEntry) -> str:
        words = reason_words(entry.reason, entry.label)
        parts = [words or ("" if entry.event else entry.reason)]  # the event says more than a code
        if entry.event:
            table = next(table for table in self.program.schema.events if table.name == entry.table)
            parts.append(f"{table.label or self.words.label(table.name)} {self.event_day(entry)}".strip())
        if entry.quantity is not None:
            parts.append(f"{_('quantity')} {format_figure(entry.quantity)}")
        parts += [self.words.list_inputs(entry.inputs)] if entry.formula else []
        return join_sentences(filter(None, parts))

    def event_day(self, entry: ExplainedEntry) -> str:
        """When an event was; its other key can name anybody."""
        shown = [self.show_detail(detail) for detail in entry.details]
        return " ".join(filter(None, (*map(format_figure, entry.days), *shown)))

    def show_detail(self, detail: FormulaInput) -> str:
        text = self.show_text(detail.value) if isinstance(detail.value, str) else ""
        if isinstance(detail.value, bool | int | Decimal | date | datetime):
            text = format_figure(detail.value)
        return f"{detail.label or self.words.label(detail.name)} {text}" if text else ""

    def grade_label(self, grade_id: Any) -> str:  # noqa: ANN401  a cell of whatever file
        labels = {grade.id: grade.label or grade.id for grade in self.program.grades}
        return labels.get(grade_id, "")

    # what else it rests on

    def values(self) -> Iterator[Block]:
        rows = []
        for result in self.explanation.values:
            how = self.why(result) if result.held else self.describe(result)
            value = self.show_text(result.value) if isinstance(result.value, str) else format_figure(result.value)
            if result.held or value:
                name = _join_lines(result.label or self.words.label(result.name), how)
                rows.append((name, result.authority, "—" if result.held else value))
        for comparison in self.explanation.groups:
            place = describe_place(comparison, self.why)  # type: ignore[arg-type]  # it has causes as well
            group = comparison.label or self.words.label(comparison.group)
            rows.append((_("compared within {group}", group=group), "", place))
        if rows:
            headings = (_("figure"), _("clause"), _("value"))
            yield Block(_("figures used"), (), headings, tuple(rows), (2,))

    def balances(self) -> Iterator[Block]:
        rows = [
            (opening.label or self.words.label(opening.name), *(map(self.balance, (opening, closing))))
            for opening, closing in self.explanation.carries
        ]
        if rows:
            yield Block(_("balances"), (), (_("balance"), _("opens"), _("closes")), tuple(rows), (1, 2))

    def balance(self, result: ExplainedResult) -> str:
        return self.why(result) if result.held else format_money(result.value)

    def actions(self) -> Iterator[Block]:
        rows = [
            (action.label or self.words.label(action.name), action.authority, self.action_state(action))
            for action in self.explanation.actions
        ]
        if rows:
            yield Block(_("proposed measures"), (), (_("measure"), _("clause"), _("state")), tuple(rows))

    def action_state(self, action: ExplainedResult) -> str:
        return self.why(action) if action.held else _("proposed")

    def facts(self) -> Iterator[Block]:
        shown = []
        for fact in self.explanation.facts:
            is_text = isinstance(fact.value, str)
            text = self.show_text(fact.value) if is_text else self.words.write_figure(fact.name, fact.value)
            if text and fact.name != NAME:
                shown.append((fact.label or self.words.label(fact.name), text))
        if len(shown) == 1:
            yield Block(_("facts about you"), (), (_("fact"), _("value")), tuple(shown), (1,))
        elif shown:
            half = (len(shown) + 1) // 2  # side by side, so that a statement stays on its page
            right = [*shown[half:], ("", "")]
            rows = tuple((*pair, *right[number]) for number, pair in enumerate(shown[:half]))
            yield Block(_("facts about you"), (), (_("fact"), _("value")) * 2, rows, (1, 3))

    def objection(self) -> Block:
        payments = self.writer.payments
        before = payments.objections.get(self.subject, ()) if payments else ()
        last_day = payments.objecting.get(self.subject) if payments else None
        lines = list_objection_lines(self.writer.objection, self.program.objections, last_day)
        return Block(_("if you disagree"), (*before, *lines))


def _join_lines(name: str, how: str) -> str:
    """A name, and below it in small letters how it came about."""
    return "\n".join(filter(None, (make_line(name), make_line(how))))
