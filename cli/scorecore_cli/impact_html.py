"""The page of `scorecore diff`: one file, complete in itself, without scripts and without anything from a network."""

from collections.abc import Iterator, Sequence
from html import escape

import polars as pl

from scorecore.analysis import impact_sums
from scorecore.analysis.causes import AFTER, BEFORE
from scorecore.analysis.impact import (
    CHANGE,
    ID,
    PERIOD,
    TOTAL,
)
from scorecore.evaluate.decisions import NET
from scorecore.io.formats import Block
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.html_page import render_document, render_figures
from scorecore_cli.impact_view import ImpactView
from scorecore_cli.language import _
from scorecore_cli.page_style import STYLE
from scorecore_cli.plots import (
    Write,
    changes,
    diverging,
    histogram,
    strip,
)


def render_page(view: ImpactView) -> str:
    """The whole page."""
    head = next(iter(view.blocks()))
    return render_document(head.heading, [f"<h1>{escape(head.heading)}</h1>", *render_parts(view)], STYLE)


def render_parts(view: ImpactView) -> Iterator[str]:
    """What is below the heading of the page."""
    head, *blocks = view.blocks()
    yield from (f"<p>{escape(line)}</p>" for line in head.lines)
    yield _figures(view)
    yield from _plots(view)
    for block in blocks:
        if block.rows:
            yield from _block(block)


def _figures(view: ImpactView) -> str:
    summary = view.summary()
    figures = [(str(summary["differ"]), _("decisions that differ"))]
    if view.new.grades:
        figures += [(f"{summary['grade_up']} / {summary['grade_down']}", _("grade better / worse"))]
    if view.new.pay:
        change = summary["net"]["change"]
        figures += [(f"{summary['pay_up']} / {summary['pay_down']}", _("pay more / less"))]
        figures += [(f"{change:+,.2f} {view.new.currency}".strip(), _("change of net pay"))]
    return render_figures(figures)


def _plots(view: ImpactView) -> Iterator[str]:
    people = view.found.people
    names = (_("before"), _("after"))
    key = f'<p class="key"><i class="b"></i>{escape(names[0])}<i class="a"></i>{escape(names[1])}</p>'
    for name, heading, has in (
        (TOTAL, _("total: before and after"), bool(view.new.items)),
        (NET, _("net pay: before and after"), bool(view.new.pay)),
    ):
        before, after = (_floats(people[name + side]) for side in (BEFORE, AFTER)) if has else ([], [])
        if before or after:
            yield from (_heading(heading), key, histogram(before, after, _short, names))
    if view.new.pay:
        per_person = impact_sums.sum_by_person(view.found)
        moved = _floats(per_person.filter(pl.col(CHANGE) != 0)[CHANGE])
        if moved:
            yield from (_heading(_("change of pay, person by person")), changes(moved, _short))
        for name in (*view.by, *([PERIOD] if len(view.periods) > 1 else [])):
            rows = [
                ("—" if value is None else str(value), float(change), f"{change:+,.2f}")
                for value, change in impact_sums.sum_by_columns(view.found, (name,)).select(name, CHANGE).iter_rows()
            ]
            yield from (_heading(_("change of net pay by {name}", name=view.label()(name))), diverging(rows[:40]))
    yield from _cliffs(view)


def _cliffs(view: ImpactView) -> Iterator[str]:
    """Distances of bands are drawn in per cent of the edge."""
    words, rows = view.label(), []
    for (name, _value, edge), near_edge in view.cliffs.group_by("edge_of", "value", "edge", maintain_order=True):
        scale = 1.0 if name == "grades" else 100 / abs(float(edge)) if edge else 0.0
        dots = [
            (float(distance) * scale, f"{who} {period}: {format_decimal(position)}")
            for who, period, position, distance in near_edge.select(ID, PERIOD, "stands_at", "distance").iter_rows()
        ]
        rows.append((f"{words(str(name))} {format_decimal(edge)}", dots))
    if rows:
        yield from (
            _heading(_("close to an edge")),
            strip(sorted(rows, key=lambda row: row[0])[:30], float(view.near), _plain),
        )


def _block(block: Block) -> Iterator[str]:
    yield _heading(block.heading)
    yield from (f"<p>{escape(line)}</p>" for line in block.lines)
    yield '<div class="wide" tabindex="0"><table>'
    yield _table_row("th", block.headings, block.right)
    yield from (_table_row("td", row, block.right) for row in block.rows)
    yield "</table></div>"


def _table_row(kind: str, cells: Sequence[str], right: Sequence[int]) -> str:
    markup = (
        f"<{kind}{' class=right' if column in right else ''}>{escape(cell)}</{kind}>"
        for column, cell in enumerate(cells)
    )
    return f"<tr>{''.join(markup)}</tr>"


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _floats(values: pl.Series) -> list[float]:
    """For drawing."""
    return values.drop_nulls().cast(pl.Float64).to_list()


def _plain(value: float) -> str:
    return f"{value:+g}" if value else "0"


_short: Write = "{:,.10g}".format
