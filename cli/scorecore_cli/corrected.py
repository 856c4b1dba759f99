"""What a correction changes, as people and programs read it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from rich.text import Text

from scorecore.canonical import decimal_text
from scorecore.decisions import NET, PARTIAL
from scorecore.program import result_name
from scorecore.record.corrections import Change
from scorecore_cli.labels import labeller
from scorecore_cli.language import t
from scorecore_cli.terminal import console, table

TOTAL = "score.total"


def show_changes(changes: Sequence[Change], rows: int = 60) -> None:
    """Points, grade and pay before and after, period by period, and below them the lines of pay."""
    screen = console()
    for label in dict.fromkeys(one.period for one in changes):
        everybody = [one for one in changes if one.period == label]
        program = everybody[0].program
        mine = [one for one in everybody if any(one.values()) or one.after is None]
        name = labeller(program)
        screen.print(Text(f"{program.title}  {label}", "bold"))
        scored = program.has_step(TOTAL)
        headings = [name(program.schema.subject)]
        headings += [name(TOTAL), t("after"), t("difference")] if scored else []
        headings += [name("grade"), t("after")] if program.grades else []
        headings += [name(NET), t("after"), t("difference")] if program.pay else []
        headings.append(t("what changes"))
        texts = {at for at, heading in enumerate(headings) if heading == name("grade")} | {0, len(headings) - 1}
        texts |= {at + 1 for at in texts if headings[at] == name("grade")}
        shown = table(*headings, right=[at for at in range(len(headings)) if at not in texts])
        for one in mine[:rows]:
            shown.add_row(*_cells(one, scored=scored))
        if mine:
            screen.print(shown)
        if len(mine) > rows:
            screen.print(t("… and {count} more; --json has all", count=len(mine) - rows))
        if len(everybody) > len(mine):
            others = len(everybody) - len(mine)
            screen.print(t("{count} read other facts now, and are decided the same", count=others))


def _cells(of: Change, *, scored: bool) -> Iterator[str]:
    program = of.program
    yield of.subject
    if scored:
        yield from _numbers(*of.value(TOTAL), places=False)
    if program.grades:
        names = {grade.id: grade.label or grade.id for grade in program.grades}
        yield from (names.get(str(one), "—") for one in of.value("grade"))
    if program.pay:
        yield from _numbers(*of.value(NET), places=True)
    yield ", ".join(_parts(of))


def _parts(of: Change) -> Iterator[str]:
    """Items, lines of pay and balances by how much they differ, and actions that are proposed or no longer."""
    label, program = labeller(of.program), of.program
    for name, before, after in of.values():
        if name in {TOTAL, "grade", NET, PARTIAL} or name in {line.step for line in program.pay}:
            continue
        if isinstance(before, bool) or isinstance(after, bool):
            yield f"{label(result_name(name))} {t('yes') if after else t('no')}"
        elif after is None:
            yield f"{label(result_name(name))} {t('held')}"
        else:
            *_, difference = _numbers(before, after, places=False)
            yield f"{label(result_name(name))} {difference}"
    for step, _, first, last in of.lines():
        yield f"{label(step)} {t('held') if last is None else f'{last - (first or Decimal(0)):+,.2f}'}"


def _numbers(before: Any, after: Any, *, places: bool) -> Iterator[str]:  # noqa: ANN401  plain data
    several = [None if one is None else Decimal(one) for one in (before, after)]
    yield from ("—" if one is None else f"{one:,.2f}" if places else decimal_text(one) for one in several)
    first, last = several
    if first is None and last is None:
        yield ""
    else:
        difference = (last or Decimal(0)) - (first or Decimal(0))
        yield f"{difference:+,.2f}" if places else f"{'+' if difference > 0 else ''}{decimal_text(difference)}"


def changes_data(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The same as plain data: every result that differs, and the lines of pay by how much."""
    return [
        {
            "period": one.period,
            "subject": one.subject,
            "run": one.run,
            "values": {name: _both(before, after) for name, before, after in one.values()},
            "lines": {
                step: _both(before, after)
                | ({} if after is None else {"difference": decimal_text(after - (before or Decimal(0)))})
                for step, _, before, after in one.lines()
            },
        }
        for one in changes
    ]


def _both(before: Any, after: Any) -> dict[str, Any]:  # noqa: ANN401  plain data
    found = {"before": before, "after": after}
    return {
        name: decimal_text(one) if isinstance(one, Decimal) else one for name, one in found.items() if one is not None
    }
