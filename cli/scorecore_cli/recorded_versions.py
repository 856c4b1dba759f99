"""What a record adds to an explanation: which version it is, and what is paid of earlier periods."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from scorecore.evaluate.decisions import NET
from scorecore.io.formats import Block
from scorecore.record.corrections.adjustments import Adjustment, read_adjustments
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.record.runs.runs import ADJUSTMENT, WITHDRAWAL
from scorecore_cli.correction_view import adjustments_data, name_adjustments
from scorecore_cli.labels import labeller
from scorecore_cli.language import _
from scorecore_cli.objection_view import objection_blocks, objections_data
from scorecore_cli.record_file import now
from scorecore_cli.terminal import format_instant


def version_blocks(recorded: Recorded, standing: Standing, subject: str) -> Iterator[Block]:
    """The versions of the decision, and the adjustments that its period pays."""
    program, label = recorded.program(standing.run), labeller(recorded.program(standing.run))
    rows = tuple(
        (f"{number}", recorded_at, policy, reason)
        for number, recorded_at, policy, reason in _versions(recorded, standing, subject)
    )
    lines = (_("in force is run {number}", number=standing.run.number),) if len(rows) > 1 else ()
    yield Block(_("in the record"), lines, (_("run"), _("recorded at"), _("policy"), _("reason")), rows, (0,))
    paid = _paid(recorded, standing, subject)
    if paid:
        cells = [
            (
                adjustment.period,
                label(adjustment.line),
                f"{adjustment.amount:+,.2f}",
                f"{adjustment.effect:+,.2f}",
                f"{adjustment.run}",
            )
            for adjustment in paid
        ]
        total = f"{sum((adjustment.effect for adjustment in paid), Decimal(0)):+,.2f} {program.currency}".strip()
        headings = (_("period"), _("line"), _("amount"), _("effect on net pay"), _("run"))
        lines = (_("total {amount}", amount=total),)
        yield Block(name_adjustments(paid), lines, headings, tuple(cells), (2, 3, 4))
        first = recorded.of(standing.run.id, standing.run.period)[0]
        for _entry, payload in recorded.decisions(first, subject):
            if payload is not None:
                due = Decimal(payload.result["values"].get(NET, 0)) + sum(adjustment.effect for adjustment in paid)
                params = {"number": first.number, "amount": f"{due:,.2f} {program.currency}".strip()}
                yield Block(_("to pay"), (_("net pay of run {number} and adjustments: {amount}", **params),))
    yield from objection_blocks(recorded, standing, now())


def explain_absence(recorded: Recorded, period: str, subject: str) -> str:
    """Why nothing is in force for a subject in a period."""
    for run in reversed([run for run in recorded.runs if run.period == period]):
        mine = {entry.kind for entry in recorded.about(run, subject)}
        params = {"id": subject, "period": period, "number": run.number}
        if WITHDRAWAL in mine:
            return _("run {number} has withdrawn the decision about {id} in {period}", **params)
        if ADJUSTMENT in mine:
            return _(
                "{period} has no decision about {id}; run {number} pays of earlier periods: see record log --person",
                **params,
            )
    return _("the record has no decision about {id} in {period}", id=subject, period=period)


def version_data(recorded: Recorded, standing: Standing, subject: str) -> dict[str, Any]:
    """The same as plain data."""
    names = ("number", "at", "policy", "reason")
    versions = [
        {key: cell for key, cell in zip(names, row, strict=True) if cell}
        for row in _versions(recorded, standing, subject)
    ]
    paid = adjustments_data(_paid(recorded, standing, subject))
    objections = objections_data(recorded, standing, now())
    return {"recorded": {"run": standing.run.number, "versions": versions, "adjustments": paid, **objections}}


def _versions(recorded: Recorded, standing: Standing, subject: str) -> Iterator[tuple[int, str, str, str]]:
    """The runs that decided about the subject in the period: number, when, policy, why."""
    for run in recorded.of(standing.run.id, standing.run.period):
        if any(recorded.about(run, subject)):
            yield run.number, format_instant(run.at), run.policy, run.reason


def _paid(recorded: Recorded, standing: Standing, subject: str) -> list[Adjustment]:
    runs = recorded.of(standing.run.id, standing.run.period)
    return [adjustment for run in runs for adjustment in read_adjustments(recorded, run, subject)]
