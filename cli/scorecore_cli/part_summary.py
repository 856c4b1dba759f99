"""What `run --parts` shows: what is wrong with the facts, and totals; the tables are too long for a screen."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, localcontext

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.program.model import Program
from scorecore.record.record_run import Signed
from scorecore.values.period import Period
from scorecore.values.ratio import EXACT
from scorecore_cli.correction_view import name_adjustments, show_paid
from scorecore_cli.decisions_view import DecidedTotals, show_notes, show_totals
from scorecore_cli.labels import labelling
from scorecore_cli.language import _
from scorecore_cli.part_index import PartIndex
from scorecore_cli.part_record import find_decided
from scorecore_cli.terminal import bold, console


def show_part_head(program: Program, period: Period, problems: Sequence[Diagnostic]) -> None:
    """What is decided, and what is wrong."""
    console().print(bold(f"{program.title}  {period}"))
    show_notes([*map(labelling(program), problems)])


def show_part_totals(program: Program, index: PartIndex, signed: Signed | None) -> None:
    """The totals of all parts, what is paid of earlier periods if they were recorded, and where the tables are."""
    totals = add_totals(index)
    show_totals(program, totals)
    if signed is not None and signed.adjustments:
        decided = find_decided(index, program, signed.adjustments)
        show_paid(signed.adjustments, program, name_adjustments(signed.adjustments), decided)
        with localcontext(EXACT):
            to_pay = sum((adjustment.effect for adjustment in signed.adjustments), totals.net)
        console().print(_("total to pay {amount}", amount=f"{to_pay:,.2f} {program.currency}".strip()))
    console().print(_("written to {path}", path=index.folder))


def add_totals(index: PartIndex) -> DecidedTotals:
    """The totals of all parts together."""
    parts = index.parts.values()
    grades: Counter[str] = Counter()
    for part in parts:
        grades.update(part["grades"])
    with localcontext(EXACT):
        net = sum((Decimal(part.get("net", 0)) for part in parts), Decimal(0))
    return DecidedTotals(
        people=sum(part["people"] for part in parts),
        held=sum(part["held"] for part in parts),
        grades=grades,
        net=net,
        is_partial=any(part.get("partial", False) for part in parts),
    )
