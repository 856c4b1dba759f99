"""What a correction changes, as people and programs read it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any

from rich.text import Text

from scorecore.analysis.impact import TOTAL
from scorecore.evaluate.decisions import NET, PARTIAL
from scorecore.program.model import Program, result_name
from scorecore.record.corrections.adjustments import Adjustment
from scorecore.record.corrections.correct import DecisionChange
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.labels import labeller, teller
from scorecore_cli.language import several, t
from scorecore_cli.terminal import console, diagnostic_data, table


def show_changes(changes: Sequence[DecisionChange], rows: int = 60) -> None:
    """Period by period, points, grade and pay before and after, what changes, and why something is held now."""
    screen = console()
    for label in dict.fromkeys(one.period for one in changes):
        everybody = [one for one in changes if one.period == label]
        program = everybody[0].program
        mine = [one for one in everybody if any(one.values()) or one.after is None or one.held()]
        name, tell = labeller(program), teller(program)
        screen.print(Text(f"{program.title}  {label}", "bold"))
        figures = [name(TOTAL)] if program.has_step(TOTAL) else []
        figures += [name("grade")] if program.grades else []
        figures += [name(NET), t("difference")] if program.pay else []
        held = any(one.held() for one in mine)
        texts = [t("what changes"), *([t("held, and why")] if held else [])]
        right = [at for at, heading in enumerate(figures, 1) if heading != name("grade")]
        shown = table(name(program.schema.subject), *figures, *texts, right=right)
        for one in mine[:rows]:
            causes = [tell(cause) for each in one.held().values() for cause in each]
            why = [several(causes) if causes else ""] if held else []
            shown.add_row(one.subject, *_figures(one), ", ".join(_parts(one)), *why)
        if mine:
            screen.print(shown)
        if len(mine) > rows:
            screen.print(t("… and {count} more; --json has all", count=len(mine) - rows))
        if len(everybody) > len(mine):
            others = len(everybody) - len(mine)
            screen.print(t("{count} read other facts now, and are decided the same", count=others))


def show_paid(adjustments: Sequence[Adjustment], program: Program, heading: str, there: Collection[str]) -> None:
    """Lines that are paid of earlier periods, and their sum; `there` are those who are in the period that pays."""
    if not adjustments:
        return
    screen, label = console(), labeller(program)
    screen.print(Text(heading, "bold"))
    headings = (t("period"), label(program.schema.subject), t("line"), t("amount"), t("effect on net pay"), t("run"))
    shown = table(*headings, right=(3, 4, 5))
    for one in adjustments:
        who = one.subject if one.subject in there else t("{id} (not in this period)", id=one.subject)
        shown.add_row(one.period, who, label(one.line), f"{one.amount:+,.2f}", f"{one.effect:+,.2f}", str(one.run))
    screen.print(shown)
    whole = sum((one.effect for one in adjustments), Decimal(0))
    screen.print(t("in all {amount}", amount=f"{whole:+,.2f} {program.currency}".strip()))


def adjustments_data(adjustments: Sequence[Adjustment]) -> list[dict[str, Any]]:
    """The same lines as plain data."""
    return [
        {
            "subject": one.subject,
            "period": one.period,
            "line": one.line,
            "amount": format_decimal(one.amount),
            "effect": format_decimal(one.effect),
            "run": one.run,
        }
        for one in adjustments
    ]


def _figures(of: DecisionChange) -> Iterator[str]:
    program = of.program
    if program.has_step(TOTAL):
        yield _both_sides(*of.value(TOTAL), lambda one: format_decimal(Decimal(one)))
    if program.grades:
        names = {grade.id: grade.label or grade.id for grade in program.grades}
        yield _both_sides(*of.value("grade"), lambda one: names.get(one, one))
    if program.pay:
        before, after = of.value(NET)
        yield _both_sides(before, after, lambda one: f"{Decimal(one):,.2f}")
        yield f"{Decimal(after or 0) - Decimal(before or 0):+,.2f}"


def _both_sides(before: str | None, after: str | None, text: Callable[[str], str]) -> str:
    """What was and what is, once where they are the same."""
    one, other = ("—" if each is None else text(each) for each in (before, after))
    return one if one == other else f"{one} → {other}"


def _parts(of: DecisionChange) -> Iterator[str]:
    """Items, lines of pay and balances by how much they differ, and actions that are proposed or no longer."""
    if of.after is None:
        yield t("withdrawn")
        return
    label, program = labeller(of.program), of.program
    held = of.after.get("held", {})
    for name, before, after in of.values():
        if name in {TOTAL, "grade", NET, PARTIAL} or name in {line.step for line in program.pay}:
            continue
        if isinstance(before, bool) or isinstance(after, bool):
            yield f"{label(result_name(name))} {t('yes') if after else t('no')}"
        elif name in held:
            yield f"{label(result_name(name))} {t('held')}"
        elif after is not None:
            yield f"{label(result_name(name))} {_signed(Decimal(after) - Decimal(before or 0))}"
    for step, _, first, last in of.lines():
        yield f"{label(step)} {t('held') if last is None else f'{last - (first or Decimal(0)):+,.2f}'}"


def _signed(number: Decimal) -> str:
    return f"{'+' if number > 0 else ''}{format_decimal(number)}"


def changes_data(changes: Sequence[DecisionChange]) -> list[dict[str, Any]]:
    """The same as plain data: every result that differs, and the lines of pay by how much."""
    return [
        {
            "period": one.period,
            "subject": one.subject,
            "run": one.run,
            **({"withdrawn": True} if one.after is None else {}),
            "held": {name: [diagnostic_data(cause) for cause in causes] for name, causes in one.held().items()},
            "values": {name: _both(before, after) for name, before, after in one.values()},
            "lines": {
                step: _both(before, after)
                | ({} if after is None else {"difference": format_decimal(after - (before or Decimal(0)))})
                for step, _, before, after in one.lines()
            },
        }
        for one in changes
    ]


def _both(before: Any, after: Any) -> dict[str, Any]:  # noqa: ANN401  plain data
    found = {"before": before, "after": after}
    return {
        name: format_decimal(one) if isinstance(one, Decimal) else one for name, one in found.items() if one is not None
    }
