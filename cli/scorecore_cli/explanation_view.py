"""An explanation as text, Markdown or plain data: the points ledger and the pay ledger of one subject."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from rich.text import Text

from scorecore.analysis.explain import (
    ExplainedResult,
    Explanation,
    FormulaInput,
    GroupComparison,
    ItemExplanation,
)
from scorecore.io.formats import Block
from scorecore.program.model import Program
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.labels import (
    kind,
    labeller,
    reason,
    teller,
)
from scorecore_cli.language import several, t
from scorecore_cli.terminal import console, diagnostic_data, table


def cell(value: Any) -> str:  # noqa: ANN401  a value of any type
    match value:
        case None:
            return ""
        case bool():
            return t("yes") if value else t("no")
        case Decimal():
            return format_decimal(value)
        case _:
            return str(value)


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


Why = Callable[[ExplainedResult | GroupComparison], str]
"""Why a result is held, in words."""


def _why(program: Program) -> Why:
    tell = teller(program)
    return lambda of: t("held: {why}", why=several(f"{tell(one)} [{one.location}]" for one in of.held))


def blocks(of: Explanation) -> Iterator[Block]:
    """The page from top to bottom."""
    program = of.program
    label, why = labeller(program), _why(program)
    title = f"{program.title}  {of.period}  {of.subject}"
    name = f"{program.id}@{program.version}"
    based = t("policy {name}, {authority}", name=name, authority=program.authority)
    lines = [based if program.authority else t("policy {name}", name=name)]
    lines += [t("status of this policy: {status}", status=t(program.status))] if program.status != "in force" else []
    yield Block(title, tuple(lines))
    facts = tuple((one.label or one.name, cell(one.value)) for one in of.facts if one.value is not None)
    yield Block(t("facts"), (), (t("fact"), t("value")), facts)
    if of.values:
        rows = tuple(row for one in of.values for row in _formula(one, cell(one.value), why))
        yield Block(t("values"), (), (t("name"), t("value"), t("how it is computed"), t("clause")), rows, (1,))
    if of.groups:
        others = tuple((one.name, _place(one, why), _group(one)) for one in of.groups)
        yield Block(t("compared with others"), (), (t("name"), t("value"), t("group")), others, (1,))
    if of.items or of.score or of.grade:
        yield _points(of, label, why)
    if of.pay:
        yield _pay(of, why)
    if of.carries:
        balances = tuple(
            (opening.label or opening.name, _balance(opening, why), _balance(closing, why), closing.authority)
            for opening, closing in of.carries
        )
        yield Block(t("balances"), (), (t("balance"), t("opens"), t("closes"), t("clause")), balances, (1, 2))
    if of.actions:
        proposed = tuple(
            (one.label or one.name, why(one) if one.held else t("proposed"), one.authority) for one in of.actions
        )
        yield Block(t("actions"), (), (t("action"), t("state"), t("clause")), proposed)


def _place(of: GroupComparison, why: Why) -> str:
    if of.held:
        return why(of)
    return t("rank {place} of {size}", place=cell(of.value), size=of.size) if of.size else cell(of.value)


def _group(of: GroupComparison) -> str:
    return t("everybody") if of.key is None else f"{of.label or of.group} {cell(of.key)}"


def _balance(of: ExplainedResult, why: Why) -> str:
    return why(of) if of.held else _money(of.value)


def _points(of: Explanation, label: Callable[[str], str], why: Why) -> Block:
    rows: list[tuple[str, ...]] = []
    for sheet in of.items:
        most = f" / {format_decimal(sheet.most)}" if sheet.most is not None else ""
        rows += _sheet(sheet, (sheet.result.label or label(sheet.result.name)) + most, why)
    if of.score:
        rows += _sheet(of.score, t("total"), why)
    if of.possible:
        least, most = format_decimal(of.possible.least), format_decimal(of.possible.most)
        rows.append(("", t("still possible: {least} to {most}", least=least, most=most), "", "", "", ""))
    if of.grade:
        grade = next((one for one in of.program.grades if one.id == of.grade.value), None)
        shown = (grade.label or grade.id) if grade else why(of.grade)
        rows.append((t("grade"), shown, "", "", "", of.grade.authority))
    if of.possible_grades:
        known = {one.id: one.label or one.id for one in of.program.grades}
        still = several(known[one] for one in of.possible_grades)
        rows.append(("", t("still possible: {grades}", grades=still), "", "", "", ""))
    headings = (t("item"), t("reason"), t("event"), t("quantity"), t("points"), t("clause"))
    return Block(t("points ledger"), (), headings, tuple(rows), (3, 4))


def _sheet(sheet: ItemExplanation, name: str, why: Why) -> Iterator[tuple[str, ...]]:
    """What the account comes to, and below it the entries that add up to it."""
    result = sheet.result
    value = "—" if result.held else format_decimal(result.value)
    yield name, why(result) if result.held else "", "", "", value, result.authority
    for one in sheet.entries:
        sign = "+" if one.points > 0 else ""
        quantity = "" if one.quantity is None else format_decimal(Decimal(one.quantity))
        clause = one.authority if one.authority != result.authority else ""
        event = _event(one.event, one.details)
        yield "", reason(one.reason, one.label), event, quantity, sign + format_decimal(one.points), clause


def _event(key: str, details: Sequence[FormulaInput]) -> str:
    """An event, and what its table has shown of it."""
    if not details:
        return key
    shown = several(f"{one.label or one.name} {cell(one.value)}" for one in details)
    return t("{name} ({label})", name=key, label=shown)


def _pay(of: Explanation, why: Why) -> Block:
    rows: list[tuple[str, ...]] = []
    for line in of.pay:
        result = line.result
        sign = "-" if line.sign < 0 and result.value else ""
        amount = "—" if result.held else f"{sign}{_money(result.value)}".replace("--", "")
        how = why(result) if result.held else result.formula
        rows.append((result.label or result.name, kind(line.kind), amount, how, result.authority))
        rows += [("", "", "", inputs, "") for inputs in _inputs(result)]
    if of.net is not None:
        note = t("a line of pay is held: net pay is of the other lines only") if of.partial else ""
        rows.append((t("net pay"), "", _money(of.net), note, ""))
    headings = (t("line"), t("kind"), t("amount"), t("how it is computed"), t("clause"))
    return Block(t("pay ledger"), (), headings, tuple(rows), (2,))


def _formula(of: ExplainedResult, amount: str, why: Why) -> Iterator[tuple[str, ...]]:
    """A value and how it comes about, and below it what went in."""
    yield of.label or of.name.removeprefix("values."), amount or "—", why(of) if of.held else of.formula, of.authority
    for inputs in _inputs(of):
        yield "", "", inputs, ""


def _inputs(of: ExplainedResult) -> Iterator[str]:
    """What went into a formula, in one line, and events that are shown; none where it is only a name or a number."""
    plain = [f"{_name(one)} = {cell(one.value)}" for one in of.inputs if one.value is not None and not one.details]
    if plain and of.formula not in {one.name.removeprefix("values.") for one in of.inputs}:
        yield ", ".join(plain)
    yield from (f"{_event(one.name, one.details)} = {cell(one.value) or '—'}" for one in of.inputs if one.details)


def _name(of: FormulaInput) -> str:
    plain = of.name.removeprefix("values.")
    return t("{name} ({label})", name=plain, label=of.label) if of.label else plain


def show_text(page: Iterable[Block]) -> None:
    screen = console()
    for block in page:
        screen.print(Text(block.heading, "bold"))
        for line in block.lines:
            screen.print(Text(line))
        if block.rows:
            shown = table(*block.headings, right=block.right)
            for row in block.rows:
                shown.add_row(*map(Text, row))
            screen.print(shown)
        screen.print()


def show_markdown(page: Iterable[Block]) -> None:
    """Written without wrapping, for a document."""
    out = console()
    for at, block in enumerate(page):
        lines = [f"{'#' if not at else '##'} {block.heading}", *block.lines]
        lines += _markdown(block.headings, block.rows, block.right) if block.rows else []
        for line in lines:
            out.file.write(f"{line}\n")
        out.file.write("\n")


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> Iterator[str]:
    yield ""
    yield _line(headings)
    yield _line(["---:" if at in right else "---" for at in range(len(headings))])
    yield from map(_line, rows)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def explanation_data(of: Explanation) -> dict[str, Any]:
    """The same as plain data, with the names of the language."""
    return {
        "policy": f"{of.program.id}@{of.program.version}",
        "subject": of.subject,
        "period": of.period,
        "facts": {one.name: one.value for one in of.facts if one.value is not None},
        "values": [_result(one) for one in of.values],
        "groups": [_comparison(one) for one in of.groups],
        "items": [_sheet_data(one) for one in of.items],
        "score": _score(of) if of.score else None,
        "grade": _grade(of) if of.grade else None,
        "pay": [{"kind": one.kind, "sign": one.sign, **_result(one.result)} for one in of.pay],
        "net": of.net,
        "partial": of.partial,
        "balances": [{"opens": _result(opening), "closes": _result(closing)} for opening, closing in of.carries],
        "actions": [_result(one) for one in of.actions],
    }


def _score(of: Explanation) -> dict[str, Any]:
    assert of.score is not None  # noqa: S101  the caller has looked
    ends = {"least": of.possible.least, "most": of.possible.most} if of.possible else None
    return _sheet_data(of.score) | ({"possible": ends} if ends else {})


def _grade(of: Explanation) -> dict[str, Any]:
    assert of.grade is not None  # noqa: S101  the caller has looked
    return _result(of.grade) | ({"possible": list(of.possible_grades)} if of.possible_grades else {})


def _sheet_data(of: ItemExplanation) -> dict[str, Any]:
    entries = [{name: value for name, value in _entry(one).items() if value not in (None, "")} for one in of.entries]
    return {**_result(of.result), "most": of.most, "entries": entries}


def _comparison(of: GroupComparison) -> dict[str, Any]:
    found: dict[str, Any] = {"name": of.name, "group": of.group, "key": of.key, "value": of.value, "of": of.size}
    found |= {"held": [diagnostic_data(one) for one in of.held]} if of.held else {}
    return {name: value for name, value in found.items() if value is not None}


def _entry(of: Any) -> dict[str, Any]:  # noqa: ANN401  an Entry
    names = ("reason", "label", "quantity", "points", "table", "event", "authority")
    found = {name: getattr(of, name) for name in names}
    return found | ({"details": {one.name: one.value for one in of.details}} if of.details else {})


def _result(of: ExplainedResult) -> dict[str, Any]:
    found: dict[str, Any] = {"name": of.name, "label": of.label, "value": of.value, "authority": of.authority}
    if of.formula:
        found |= {"formula": of.formula, "inputs": {one.name: one.value for one in of.inputs if one.value is not None}}
    if of.held:
        found["held"] = [diagnostic_data(one) for one in of.held]
    return {name: value for name, value in found.items() if value not in (None, "")}
