"""What `run --parts` shows: what is wrong with the facts, and totals; the tables are too long for a screen."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, localcontext

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore.values.ratio import EXACT
from scorecore_cli.decisions_view import DecidedTotals, show_notes, show_totals
from scorecore_cli.labels import labelling
from scorecore_cli.language import _
from scorecore_cli.part_index import PartIndex
from scorecore_cli.terminal import bold, console


def show_parts(program: Program, period: Period, index: PartIndex, problems: Sequence[Diagnostic]) -> None:
    """What is decided, what is wrong, the totals of all parts, and where the tables are."""
    screen = console()
    screen.print(bold(f"{program.title}  {period}"))
    show_notes([*map(labelling(program), problems)])
    show_totals(program, add_totals(index))
    screen.print(_("written to {path}", path=index.folder))


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
