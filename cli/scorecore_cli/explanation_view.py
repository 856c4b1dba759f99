"""An explanation as text, Markdown or plain data: the points ledger and the pay ledger of one subject."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from scorecore.analysis.explain import (
    ExplainedResult,
    Explanation,
    GroupComparison,
    ItemExplanation,
)
from scorecore.analysis.explanation_data import describe_explanation
from scorecore.analysis.formula_inputs import FormulaInput
from scorecore.io.formats import Block
from scorecore.program.model import Program
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.labels import (
    labeller,
    localizer,
    pay_kind_label,
    reason_label,
)
from scorecore_cli.language import _, join_sentences
from scorecore_cli.terminal import bold, console, diagnostic_data, table
from scorecore_cli.visible_text import make_line

_MARKDOWN: Final = re.compile(r"[\\`*\[\]<>|]")


def format_value(value: Any) -> str:  # noqa: ANN401  a value of any type
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case Decimal():
            return format_decimal(value)
        case _:
            return str(value)


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


Why = Callable[[ExplainedResult | GroupComparison], str]
"""Why a result is held, in words."""


def _why(program: Program) -> Why:
    tell = localizer(program)
    return lambda result: _(
        "held: {why}", why=join_sentences(f"{tell(cause)} [{cause.location}]" for cause in result.held)
    )


def explanation_blocks(explanation: Explanation) -> Iterator[Block]:
    """The page from top to bottom."""
    why = _why(explanation.program)
    yield _head(explanation)
    facts = tuple(
        (fact.label or fact.name, format_value(fact.value)) for fact in explanation.facts if fact.value is not None
    )
    yield Block(_("facts"), (), (_("fact"), _("value")), facts)
    if explanation.excluded:
        rows = tuple(_formula(explanation.excluded, _("no"), why))
        rows = tuple((_("is assessed") if row[0] else "", *row[1:]) for row in rows)
        columns = (_("name"), _("value"), _("how it is computed"), _("clause"))
        yield Block(_("not assessed: nothing is decided"), (), columns, rows, (1,))
    if explanation.values:
        rows = tuple(row for value in explanation.values for row in _formula(value, format_value(value.value), why))
        yield Block(_("values"), (), (_("name"), _("value"), _("how it is computed"), _("clause")), rows, (1,))
    if explanation.groups:
        comparisons = tuple((group.name, describe_place(group, why), _group(group)) for group in explanation.groups)
        yield Block(_("compared with others"), (), (_("name"), _("value"), _("group")), comparisons, (1,))
    if explanation.items or explanation.score or explanation.grade:
        yield _points(explanation, labeller(explanation.program), why)
    if explanation.pay:
        yield _pay(explanation, why)
    if explanation.carries:
        balances = tuple(
            (opening.label or opening.name, _balance(opening, why), _balance(closing, why), closing.authority)
            for opening, closing in explanation.carries
        )
        yield Block(_("balances"), (), (_("balance"), _("opens"), _("closes"), _("clause")), balances, (1, 2))
    if explanation.actions:
        actions = tuple(
            (action.label or action.name, why(action) if action.held else _("proposed"), action.authority)
            for action in explanation.actions
        )
        yield Block(_("actions"), (), (_("action"), _("state"), _("clause")), actions)
    if explanation.matters:
        yield _open_matters(explanation)


def _open_matters(explanation: Explanation) -> Block:
    """What the next period takes over, and who has it."""
    matters = tuple(
        (matter.table, matter.key, matter.stage, str(matter.since), matter.owner, ", ".join(matter.missing))
        for matter in explanation.matters
    )
    columns = (_("matter"), _("which"), _("stage"), _("since"), _("who has it"), _("not done yet"))
    return Block(_("not finished; the next period takes it over"), (), columns, matters)


def _head(explanation: Explanation) -> Block:
    """Whose decision it is, by which policy."""
    program = explanation.program
    name = f"{program.id}@{program.version}"
    based = _("policy {name}, {authority}", name=name, authority=program.authority)
    lines = [based if program.authority else _("policy {name}", name=name)]
    if program.status != "in force":
        lines.append(_("status of this policy: {status}", status=_(program.status)))
    return Block(f"{program.title}  {explanation.period}  {explanation.subject}", tuple(lines))


def describe_place(comparison: GroupComparison, why: Why) -> str:
    """The place in a group, or the share of what is divided."""
    if comparison.held:
        return why(comparison)
    if comparison.amount is not None and comparison.weight is not None:
        params = {"share": format_value(comparison.value), "amount": format_value(comparison.amount)}
        params["weight"] = format_value(comparison.weight)
        if comparison.total_weight is None:
            return _("{share} of {amount}, by a weight of {weight}", **params)
        total = format_value(comparison.total_weight)
        return _("{share} of {amount}, by a weight of {weight} of {total}", **params, total=total)
    return (
        _("rank {place} of {size}", place=format_value(comparison.value), size=comparison.size)
        if comparison.size
        else format_value(comparison.value)
    )


def _group(comparison: GroupComparison) -> str:
    return (
        _("everybody")
        if comparison.key is None
        else f"{comparison.label or comparison.group} {format_value(comparison.key)}"
    )


def _balance(balance: ExplainedResult, why: Why) -> str:
    return why(balance) if balance.held else _money(balance.value)


def _points(explanation: Explanation, label: Callable[[str], str], why: Why) -> Block:
    rows: list[tuple[str, ...]] = []
    for sheet in explanation.items:
        most = f" / {format_decimal(sheet.most)}" if sheet.most is not None else ""
        rows += _sheet(sheet, (sheet.result.label or label(sheet.result.name)) + most, why)
    if explanation.score:
        rows += _sheet(explanation.score, explanation.score.result.label or _("total"), why)
    if explanation.possible:
        least, most = format_decimal(explanation.possible.least), format_decimal(explanation.possible.most)
        rows.append(("", _("still possible: {least} to {most}", least=least, most=most), "", "", "", ""))
    if explanation.grade:
        grade = next((grade for grade in explanation.program.grades if grade.id == explanation.grade.value), None)
        shown = (grade.label or grade.id) if grade else why(explanation.grade)
        rows.append((_("grade"), shown, "", "", "", explanation.grade.authority))
    if explanation.possible_grades:
        grade_labels = {grade.id: grade.label or grade.id for grade in explanation.program.grades}
        still = join_sentences(grade_labels[grade_id] for grade_id in explanation.possible_grades)
        rows.append(("", _("still possible: {grades}", grades=still), "", "", "", ""))
    headings = (_("item"), _("reason"), _("event"), _("quantity"), _("points"), _("clause"))
    return Block(_("points ledger"), (), headings, tuple(rows), (3, 4))


def _sheet(sheet: ItemExplanation, name: str, why: Why) -> Iterator[tuple[str, ...]]:
    """The balance of the account, and below it the entries that add up to it."""
    result = sheet.result
    value = "—" if result.held else format_decimal(result.value)
    yield name, why(result) if result.held else "", "", "", value, result.authority
    for entry in sheet.entries:
        sign = "+" if entry.points > 0 else ""
        quantity = "" if entry.quantity is None else format_decimal(Decimal(entry.quantity))
        clause = entry.authority if entry.authority != result.authority else ""
        event = _event(entry.event, entry.details)
        yield "", reason_label(entry.reason, entry.label), event, quantity, sign + format_decimal(entry.points), clause
        for line in (entry.formula, *list_input_lines(entry.formula, entry.inputs)) if entry.formula else ():
            yield "", f"  {line}", "", "", "", ""


def _event(key: str, details: Sequence[FormulaInput]) -> str:
    """An event, and what its table has shown of it."""
    if not details:
        return key
    shown = join_sentences(f"{detail.label or detail.name} {format_value(detail.value)}" for detail in details)
    return _("{name} ({label})", name=key, label=shown)


def _pay(explanation: Explanation, why: Why) -> Block:
    rows: list[tuple[str, ...]] = []
    for line in explanation.pay:
        result = line.result
        sign = "-" if line.sign < 0 and result.value else ""
        amount = "—" if result.held else f"{sign}{_money(result.value)}".replace("--", "")
        how = why(result) if result.held else result.formula
        rows.append((result.label or result.name, pay_kind_label(line.kind), amount, how, result.authority))
        rows += [("", "", "", inputs, "") for inputs in _inputs(result)]
    if explanation.net is not None:
        note = _("a pay line is held: net pay is the sum of the other lines") if explanation.partial else ""
        rows.append((_("net pay"), "", _money(explanation.net), note, ""))
    headings = (_("line"), _("kind"), _("amount"), _("how it is computed"), _("clause"))
    return Block(_("pay ledger"), (), headings, tuple(rows), (2,))


def _formula(result: ExplainedResult, amount: str, why: Why) -> Iterator[tuple[str, ...]]:
    """A value and how it comes about, and below it what went in."""
    yield (
        result.label or result.name.removeprefix("values."),
        amount or "—",
        why(result) if result.held else result.formula,
        result.authority,
    )
    for inputs in _inputs(result):
        yield "", "", inputs, ""


def _inputs(result: ExplainedResult) -> Iterator[str]:
    return list_input_lines(result.formula, result.inputs)


def list_input_lines(formula: str, inputs: Sequence[FormulaInput]) -> Iterator[str]:
    """What went into a formula, in one line, slices of tables and events; none where it is only a name or a number."""
    plain = [
        f"{_name(formula_input)} = {format_value(formula_input.value)}"
        for formula_input in inputs
        if formula_input.value is not None and not formula_input.details
    ]
    if plain and formula not in {formula_input.name.removeprefix("values.") for formula_input in inputs}:
        yield ", ".join(plain)
    yield from (
        f"{formula_input.name}: {' + '.join(formula_input.slices)}" for formula_input in inputs if formula_input.slices
    )
    yield from (
        f"{_event(formula_input.name, formula_input.details)} = {format_value(formula_input.value) or '—'}"
        for formula_input in inputs
        if formula_input.details
    )


def _name(formula_input: FormulaInput) -> str:
    plain = formula_input.name.removeprefix("values.")
    return _("{name} ({label})", name=plain, label=formula_input.label) if formula_input.label else plain


def show_text(page: Iterable[Block]) -> None:
    screen = console()
    for block in page:
        screen.print(bold(block.heading))
        for line in block.lines:
            screen.print(make_line(line))
        if block.rows:
            shown = table(*block.headings, right=block.right)
            for row in block.rows:
                shown.add_row(*row)
            screen.print(shown)
        screen.print()


def show_markdown(page: Iterable[Block]) -> None:
    """Written without wrapping, for a document."""
    out = console()
    for position, block in enumerate(page):
        lines = [f"{'#' if not position else '##'} {_inert(block.heading)}", *map(_inert, block.lines)]
        lines += _markdown(block.headings, block.rows, block.right) if block.rows else []
        for line in lines:
            out.file.write(f"{line}\n")
        out.file.write("\n")


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> Iterator[str]:
    yield ""
    yield _markdown_row(headings)
    yield _markdown_row(["---:" if column in right else "---" for column in range(len(headings))])
    yield from map(_markdown_row, rows)


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(_inert, cells)) + " |"


def _inert(text: str) -> str:
    """A text in which nothing is Markdown: no link, no tag, no end of a cell."""
    return _MARKDOWN.sub(r"\\\g<0>", make_line(text))


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """The same as plain data, with the names of the language."""
    return describe_explanation(explanation, diagnostic_data)
