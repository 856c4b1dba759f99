"""Plots as inline SVG. What is drawn is rounded to a tenth of a pixel; figures beside it stay exact."""

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final

WIDTH: Final = 720
_HEIGHT: Final = 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 10, 30
_BINS: Final = 24
_MAX_BARS: Final = 360
_MAX_DOTS: Final = 400
_ROW: Final = 26

Write = Callable[[float], str]
"""How a figure on an axis is written."""


def histogram(before: Sequence[float], after: Sequence[float], write: Write, names: tuple[str, str]) -> str:
    """How many have which value: before as an outline, after as bars."""
    all_values = [*before, *after]
    if not all_values:
        return ""
    width = _nice((max(all_values) - min(all_values)) / _BINS or 1)
    first = floor(min(all_values) / width)
    count = floor(max(all_values) / width) - first + 1
    counts = [_counted(values, first, width, count) for values in (before, after)]
    x = _scale((first * width, (first + count) * width), (_LEFT, WIDTH - _RIGHT))
    most = max(*counts[0], *counts[1])
    y = _scale((0, most), (_HEIGHT - _BOTTOM, _TOP))
    bars, line = [], []
    for position in range(count):
        left, right = x((first + position) * width), x((first + position + 1) * width)
        ends = f"{write((first + position) * width)} – {write((first + position + 1) * width)}"
        said = f"{ends}: {names[0]} {counts[0][position]}, {names[1]} {counts[1][position]}"
        bars.append(
            _bar(left + 0.5, y(counts[1][position]), right - left - 1, y(0) - y(counts[1][position]), "after", said)
        )
        line += [f"{left:.1f},{y(counts[0][position]):.1f}", f"{right:.1f},{y(counts[0][position]):.1f}"]
    outline = f'<polyline class="before" points="{" ".join(line)}"/>'
    ticks = _ticks(first * width, (first + count) * width)
    axes = _across(ticks, x, write) + _up(_ticks(0, most, integer=True), y)
    return _svg(_HEIGHT, axes + "".join(bars) + outline)


def changes(values: Sequence[float], write: Write) -> str:
    """The change of each, from the least to the greatest; of very many, evenly chosen ones, the ends among them."""
    ordered = sorted(values)
    if not ordered:
        return ""
    count = min(len(ordered), _MAX_BARS)
    chosen = [ordered[round(position * (len(ordered) - 1) / max(1, count - 1))] for position in range(count)]
    low, high = min(0, chosen[0]), max(0, chosen[-1])
    y = _scale((low, high if high > low else low + 1), (_HEIGHT - _BOTTOM, _TOP))
    step = (WIDTH - _LEFT - _RIGHT) / count
    bars = [
        _bar(
            _LEFT + position * step,
            min(y(value), y(0)),
            max(step - 0.4, 0.6),
            abs(y(value) - y(0)),
            "more" if value > 0 else "less",
            write(value),
        )
        for position, value in enumerate(chosen)
    ]
    zero = f'<line class="axis" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(0):.1f}" y2="{y(0):.1f}"/>'
    return _svg(_HEIGHT, _up(_ticks(low, high), y, write) + "".join(bars) + zero)


def diverging(rows: Sequence[tuple[str, float, str]]) -> str:
    """A bar to the left or the right for each name: name, value, and what is written beside it."""
    if not rows:
        return ""
    low, high = min(0.0, *(value for _, value, _ in rows)), max(0.0, *(value for _, value, _ in rows))
    room = 170
    x = _scale((low, high if high > low else low + 1), (room, WIDTH - 130))
    parts = []
    for position, (name, value, said) in enumerate(rows):
        top = position * _ROW + 4
        parts.append(_text(room - 10, top + 13, name[:24], "end"))
        parts.append(
            _bar(min(x(value), x(0)), top, abs(x(value) - x(0)), _ROW - 10, "more" if value > 0 else "less", said)
        )
        parts.append(_text(WIDTH - 4, top + 13, said, "end"))
    height = len(rows) * _ROW + 6
    return _svg(height, "".join(parts) + f'<line class="axis" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="0" y2="{height}"/>')


def bars(rows: Sequence[tuple[str, float, str]]) -> str:
    """A bar for each name: name, value, and what is written beside it."""
    if not rows:
        return ""
    low, high = min(0.0, *(value for _, value, _ in rows)), max(0.0, *(value for _, value, _ in rows))
    room = 190
    x = _scale((low, high if high > low else low + 1), (room, WIDTH - 130))
    parts = []
    for position, (name, value, said) in enumerate(rows):
        top = position * _ROW + 4
        parts.append(_text(room - 10, top + 13, name[:26], "end"))
        side = "p0" if value >= 0 else "less"
        parts.append(_bar(min(x(value), x(0)), top, abs(x(value) - x(0)), _ROW - 10, side, f"{name}: {said}"))
        parts.append(_text(max(x(value), x(0)) + 6, top + 13, said, "start"))
    return _svg(len(rows) * _ROW + 6, "".join(parts))


PARTS: Final = 6
"""Colours of parts; further parts have the last one."""


def stacked(rows: Sequence[tuple[str, Sequence[int]]], names: Sequence[str]) -> str:
    """A bar for each row, divided into parts that have a name each."""
    most = max((sum(counts) for _, counts in rows), default=0)
    if not most:
        return ""
    room = 190
    x = _scale((0, most), (room, WIDTH - 20))
    parts = []
    for position, (name, counts) in enumerate(rows):
        top, before = position * _ROW + 4, 0
        parts.append(_text(room - 10, top + 13, name[:26], "end"))
        for number, count in enumerate(counts):
            kind, left = f"p{min(number, PARTS - 1)}", x(before)
            before += count
            if count:
                parts.append(_bar(left, top, x(before) - left, _ROW - 8, kind, f"{name}, {names[number]}: {count}"))
    return _svg(len(rows) * _ROW + 6, "".join(parts))


def strip(rows: Sequence[tuple[str, Sequence[tuple[float, str]]]], near: float, write: Write) -> str:
    """A row for each edge, with a dot for each subject close to it: how far from it, and who."""
    if not rows:
        return ""
    room = 190
    x = _scale((-near or -1, near or 1), (room, WIDTH - 20))
    parts = []
    for position, (name, people) in enumerate(rows):
        middle = position * _ROW + 16
        parts.append(_text(room - 14, middle + 4, name[:26], "end"))
        parts.append(f'<line class="grid" x1="{room}" x2="{WIDTH - 20}" y1="{middle}" y2="{middle}"/>')
        for distance, who in people[:_MAX_DOTS]:
            side = "more" if distance >= 0 else "less"
            parts.append(
                f'<circle class="{side}" cx="{x(distance):.1f}" cy="{middle}" r="4">'
                f"<title>{escape(who)}</title></circle>"
            )
    height = len(rows) * _ROW + _BOTTOM
    edge = f'<line class="axis" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="4" y2="{height - 20}"/>'
    labels = [_text(x(value), height - 6, write(value), "middle") for value in (-near, 0.0, near)]
    return _svg(height, edge + "".join(parts) + "".join(labels))


def _counted(values: Sequence[float], first: int, width: float, count: int) -> list[int]:
    counts = [0] * count
    for value in values:
        counts[min(count - 1, max(0, floor(value / width) - first))] += 1
    return counts


def _nice(width: float) -> float:
    """A round width that is not less."""
    unit = 10.0 ** floor(log10(width))
    return next(part * unit for part in (1, 2, 2.5, 5, 10) if part * unit >= width * 0.999)


def _ticks(low: float, high: float, *, integer: bool = False) -> list[float]:
    step = _nice((high - low) / 5 or 1)
    step = max(1.0, ceil(step)) if integer else step
    return [multiple * step for multiple in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def _scale(values: tuple[float, float], to: tuple[float, float]) -> Callable[[float], float]:
    (low, high), (start, end) = values, to
    return lambda value: start + (value - low) / ((high - low) or 1) * (end - start)


def _bar(x: float, y: float, width: float, height: float, kind: str, said: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(0, width):.1f}" height="{max(0, height):.1f}">'
        f"<title>{escape(said)}</title></rect>"
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _across(ticks: Sequence[float], x: Callable[[float], float], write: Write) -> str:
    base = _HEIGHT - _BOTTOM
    line = f'<line class="axis" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{base}" y2="{base}"/>'
    return line + "".join(_text(x(tick), base + 18, write(tick), "middle") for tick in ticks)


def _up(ticks: Sequence[float], y: Callable[[float], float], write: Write = "{:,.0f}".format) -> str:
    lines = (
        f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
        for tick in ticks
    )
    return "".join(lines) + "".join(_text(_LEFT - 6, y(tick) + 4, write(tick), "end") for tick in ticks)


def _svg(height: float, inside: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}">{inside}</svg>'
