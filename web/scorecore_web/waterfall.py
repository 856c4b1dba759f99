"""A decision as bars: from the opening to the total, and from the lines to net pay, each with what it rests on."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from html import escape
from typing import Final

from attrs import frozen

from scorecore.analysis.explain import Explanation, ItemExplanation
from scorecore_cli.labels import labeller, reason_label
from scorecore_cli.language import _
from scorecore_cli.plots import WIDTH
from scorecore_web.rendering import format_number

_ROW: Final = 28
_LEFT: Final = 230
_RIGHT: Final = 110
_MAX_LABEL: Final = 30


@frozen
class WaterfallBar:
    """A change from one value to another, or a sum that begins at zero."""

    label: str
    start: Decimal
    end: Decimal
    is_sum: bool = False

    @property
    def change(self) -> Decimal:
        return self.end if self.is_sum else self.end - self.start


def list_points_bars(explanation: Explanation) -> list[WaterfallBar]:
    """The entries of the total, or the items that add up to it; nothing where the total is held."""
    score, label = explanation.score, labeller(explanation.program)
    if score is None or score.result.held:
        return []
    steps: list[tuple[str, Decimal]] = []
    for item in explanation.items:
        if item.result.held or item.result.value is None:
            return []
    own_entries = _list_entries(score)
    added = sum((points for _name, points in own_entries), Decimal(0))
    items = [(item.result.label or label(item.result.name), item) for item in explanation.items]
    if added == score.result.value:
        steps = own_entries
    else:
        steps = [(name, Decimal(item.result.value)) for name, item in items] + own_entries
    return _stack(steps, _("total"), Decimal(score.result.value))


def list_item_bars(explanation: Explanation) -> Iterator[tuple[str, list[WaterfallBar]]]:
    """Of each item that is decided, how it came about."""
    label = labeller(explanation.program)
    for item in explanation.items:
        name = item.result.label or label(item.result.name)
        if not item.result.held and len(item.entries) > 1:
            yield name, _stack(_list_entries(item), name, Decimal(item.result.value))


def _list_entries(item: ItemExplanation) -> list[tuple[str, Decimal]]:
    return [
        (" ".join(filter(None, (reason_label(entry.reason, entry.label), entry.event))), entry.points)
        for entry in item.entries
    ]


def list_pay_bars(explanation: Explanation) -> list[WaterfallBar]:
    """The lines of pay, and net pay."""
    if explanation.net is None:
        return []
    lines = [
        (line.result.label or line.result.name, line.sign * Decimal(line.result.value))
        for line in explanation.pay
        if not line.result.held
    ]
    return _stack(lines, _("net pay"), explanation.net)


def _stack(steps: Sequence[tuple[str, Decimal]], name: str, total: Decimal) -> list[WaterfallBar]:
    """Bars that follow one another, and the sum; only where they add up to it."""
    bars, reached = [], Decimal(0)
    for label, change in steps:
        bars.append(WaterfallBar(label, reached, reached + change))
        reached += change
    return [*bars, WaterfallBar(name, Decimal(0), total, is_sum=True)] if reached == total else []


def draw_waterfall(bars: Sequence[WaterfallBar], write: Callable[[Decimal], str] = format_number) -> str:
    """The bars as SVG; what is drawn is rounded, the figures beside it are exact."""
    if not bars:
        return ""
    ends = [float(end) for bar in bars for end in (bar.start, bar.end)] + [0.0]
    low, high = min(ends), max(ends)
    width = WIDTH - _LEFT - _RIGHT

    def across(value: Decimal | float) -> float:
        return _LEFT + (float(value) - low) / ((high - low) or 1) * width

    parts = []
    for number, bar in enumerate(bars):
        top = number * _ROW + 4
        left, right = sorted((across(bar.start), across(bar.end)))
        kind = "p0" if bar.is_sum else "more" if bar.change >= 0 else "less"
        sign = "+" if bar.change > 0 and not bar.is_sum else ""
        said = f"{sign}{write(bar.change)}"
        parts.append(f'<text x="{_LEFT - 10}" y="{top + 14}" text-anchor="end">{escape(_shorten(bar.label))}</text>')
        parts.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{top}" width="{max(right - left, 1.5):.1f}" '
            f'height="{_ROW - 10}"><title>{escape(f"{bar.label}: {said}")}</title></rect>'
        )
        parts.append(f'<text x="{WIDTH - 4}" y="{top + 14}" text-anchor="end">{escape(said)}</text>')
        if not bar.is_sum and number + 1 < len(bars):
            place, below = across(bar.end), top + _ROW - 10
            parts.append(f'<line class="axis" x1="{place:.1f}" x2="{place:.1f}" y1="{below}" y2="{below + 10}"/>')
    zero = f'<line class="grid" x1="{across(0.0):.1f}" x2="{across(0.0):.1f}" y1="0" y2="{len(bars) * _ROW}"/>'
    return f'<svg viewBox="0 0 {WIDTH} {len(bars) * _ROW + 6}" role="img">{zero}{"".join(parts)}</svg>'


def _shorten(label: str) -> str:
    return label if len(label) <= _MAX_LABEL else f"{label[: _MAX_LABEL - 1]}…"
