"""What the sheets and columns of a comparison are called, for people."""

from collections.abc import Callable, Sequence
from typing import Final

from scorecore.analysis.causes import AFTER, BEFORE
from scorecore.analysis.impact import CAUSES, CHANGE, ID, PAY_CAUSES, PERIOD, TOTAL
from scorecore.evaluate.decisions import NET
from scorecore.values.step_id import GRADE
from scorecore_cli.language import _

COUNTS: Final = {
    "decisions": "count of decisions",
    "differ": "count that differ",
    "up": "count with more",
    "down": "count with less",
    "people": "count of people",
}
"""Columns that count, by names that no sheet has."""


def make_headings(
    words: Callable[[str], str], subject: str, facts: Sequence[str], counted: Sequence[str]
) -> Callable[[str], str]:
    """Names of sheets and columns; `counted` are those of `COUNTS` in their order."""
    labels = _sheets() | _columns() | dict(zip(COUNTS.values(), counted, strict=True))
    labels |= {"people": _("by {name}", name=words(subject)), ID: words(subject)}
    labels |= {f"by_{name}": _("by {name}", name=words(name)) for name in facts}
    return lambda name: labels.get(name) or words(name)


def _sheets() -> dict[str, str]:
    return {
        "edits": _("what was edited"),
        "causes": _("because of"),
        "reasons": _("points"),
        "moves": _("grades"),
        "by_grade": _("by {name}", name=_("grade after")),
        "decisions": _("decisions"),
        "lines": _("pay ledger"),
        "entries": _("points ledger"),
        "cliffs": _("close to an edge"),
    }


def _columns() -> dict[str, str]:
    columns = {
        "name": _("part"),
        "before": _("before"),
        "after": _("after"),
        CHANGE: _("change"),
        CAUSES: _("because of"),
        PAY_CAUSES: _("pay: because of"),
        "periods": _("periods that differ"),
        "edge_of": _("edge of"),
        "value": _("value"),
        "edge": _("edge"),
        "stands_at": _("now at"),
        "distance": _("distance"),
        "line": _("line"),
        "item": _("item"),
        "reason": _("reason"),
        PERIOD: _("period"),
    }
    sides = {BEFORE: _("before"), AFTER: _("after")}
    for name, result in {TOTAL: _("total"), GRADE: _("grade"), NET: _("net pay"), "held": _("held")}.items():
        columns |= {f"{name}{side}": f"{result} {when}" for side, when in sides.items()}
    return columns
