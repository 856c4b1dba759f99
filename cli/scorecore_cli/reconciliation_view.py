"""A period beside the one before it, as people and programs read it."""

from decimal import Decimal
from typing import Any

from rich.text import Text

from scorecore.analysis.reconciliation import Reconciliation, TotalChange, name_people
from scorecore.program.model import Program
from scorecore.record.corrections.payroll import format_amount
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.labels import labeller
from scorecore_cli.language import _
from scorecore_cli.terminal import console, table


def show_reconciliation(reconciliation: Reconciliation) -> None:
    """Heads, totals and those who moved most."""
    screen, before, now = console(), reconciliation.before.label, reconciliation.current.label
    screen.print(Text(_("compared with {period}", period=before), "bold"))
    shown = table(_("what"), before, now, _("difference"), right=(1, 2, 3))
    unchanged = []
    for total in reconciliation.totals():
        name = _name(total, reconciliation.program)
        if total.before == total.current and total.kind != "people":
            unchanged.append(name)
            continue
        shown.add_row(name, *(_figure(total, figure) for figure in (total.before, total.current)), _difference(total))
    screen.print(shown)
    if unchanged:
        screen.print(_("unchanged: {names}", names=", ".join(unchanged)))
    for people, sentence in (
        (reconciliation.new, _("new: {who}", who=name_people(reconciliation.new))),
        (reconciliation.gone, _("no longer there: {who}", who=name_people(reconciliation.gone))),
    ):
        if people:
            screen.print(sentence)
    movers = reconciliation.movers()
    if movers:
        moved = ", ".join(f"{mover.subject} {_signed(mover.current - mover.before)}" for mover in movers)
        screen.print(_("the greatest differences: {who}", who=moved))
    screen.print()


def _name(total: TotalChange, program: Program) -> str:
    """What a figure is of, in the words of the policy."""
    label = labeller(program)
    match total.kind:
        case "people":
            return _("people")
        case "rows":
            labels = {events.name: events.label or events.name for events in program.schema.events}
            return _("rows of {table}", table=labels[total.name])
        case "fact":
            return _("sum of {fact}", fact=label(total.name))
        case _:
            return _("sum of {fact}", fact=label(total.name))


def _figure(total: TotalChange, figure: Decimal) -> str:
    """An amount as amounts are shown; anything else with the digits that it has."""
    return format_amount(figure) if total.kind == "result" else f"{Decimal(format_decimal(figure)):,f}"


def _difference(total: TotalChange) -> str:
    difference = total.current - total.before
    return f"{'+' if difference > 0 else ''}{_figure(total, difference)}" if difference else ""


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else ''}{format_amount(amount)}"


def reconciliation_data(reconciliation: Reconciliation) -> dict[str, Any]:
    """The same as plain data, with the names of the language."""
    return {
        "before": reconciliation.before.label,
        "new": reconciliation.new,
        "gone": reconciliation.gone,
        "totals": [
            {
                "kind": total.kind,
                "name": total.name,
                "before": format_decimal(total.before),
                "now": format_decimal(total.current),
            }
            for total in reconciliation.totals()
        ],
        "movers": [
            {"subject": mover.subject, "before": format_decimal(mover.before), "now": format_decimal(mover.current)}
            for mover in reconciliation.movers()
        ],
    }
