"""What a record adds to an explanation: which version it is, and what is paid of earlier periods."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from scorecore.evaluate.decisions import NET
from scorecore.io.formats import Block
from scorecore.record.corrections.adjustments import Adjustment, read_adjustments
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.record.runs.runs import ADJUSTMENT, WITHDRAWAL
from scorecore_cli.correction_view import adjustments_data
from scorecore_cli.labels import labeller
from scorecore_cli.language import t


def version_blocks(recorded: Recorded, of: Standing, subject: str) -> Iterator[Block]:
    """The versions of the decision, and the adjustments that its period pays."""
    program, label = recorded.program(of.run), labeller(recorded.program(of.run))
    rows = tuple((f"{number}", at, policy, reason) for number, at, policy, reason in _versions(recorded, of))
    lines = (t("in force is run {number}", number=of.run.number),) if len(rows) > 1 else ()
    yield Block(t("in the record"), lines, (t("run"), t("recorded at"), t("policy"), t("reason")), rows, (0,))
    paid = _paid(recorded, of, subject)
    if paid:
        cells = [
            (one.period, label(one.line), f"{one.amount:+,.2f}", f"{one.effect:+,.2f}", f"{one.run}") for one in paid
        ]
        whole = f"{sum((one.effect for one in paid), Decimal(0)):+,.2f} {program.currency}".strip()
        headings = (t("period"), t("line"), t("amount"), t("effect on net pay"), t("run"))
        lines = (t("in all {amount}", amount=whole),)
        yield Block(t("paid of earlier periods"), lines, headings, tuple(cells), (2, 3, 4))
        first = recorded.of(of.run.id, of.run.period)[0]
        for _, payload in recorded.decisions(first, subject):
            if payload is not None:
                due = Decimal(payload.result["values"].get(NET, 0)) + sum(one.effect for one in paid)
                params = {"number": first.number, "amount": f"{due:,.2f} {program.currency}".strip()}
                yield Block(t("to pay"), (t("net pay of run {number} and adjustments: {amount}", **params),))


def absence(recorded: Recorded, period: str, subject: str) -> str:
    """Why nothing stands of a subject in a period."""
    entries = list(recorded.log.find(period=period, subject=subject))
    for run in reversed([one for one in recorded.runs if one.period == period]):
        mine = {one.kind for one in entries if one.index in run.entries}
        params = {"id": subject, "period": period, "number": run.number}
        if WITHDRAWAL in mine:
            return t("run {number} has taken back what was decided about {id} in {period}", **params)
        if ADJUSTMENT in mine:
            return t("{period} has no decision about {id}; run {number} pays of earlier ones: log --person", **params)
    return t("the record has no decision about {id} in {period}", id=subject, period=period)


def version_data(recorded: Recorded, of: Standing, subject: str) -> dict[str, Any]:
    """The same as plain data."""
    names = ("number", "at", "policy", "reason")
    versions = [{key: one for key, one in zip(names, row, strict=True) if one} for row in _versions(recorded, of)]
    paid = adjustments_data(_paid(recorded, of, subject))
    return {"recorded": {"run": of.run.number, "versions": versions, "adjustments": paid}}


def _versions(recorded: Recorded, of: Standing) -> Iterator[tuple[int, str, str, str]]:
    """The runs that decided about the subject in the period: number, when, policy, why."""
    for run in recorded.of(of.run.id, of.run.period):
        found = recorded.log.entries(run.entries.start, run.entries.stop)
        if any(entry.subject == of.entry.subject for entry in found):
            yield run.number, f"{run.at:%Y-%m-%d %H:%M:%SZ}", run.policy, run.reason


def _paid(recorded: Recorded, of: Standing, subject: str) -> list[Adjustment]:
    runs = recorded.of(of.run.id, of.run.period)
    return [one for run in runs for one in read_adjustments(recorded, run, subject)]
