"""The page of `scorecore diff`: one file, complete in itself, without scripts and without anything from a network."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

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
from scorecore.io.own_files import PAGE_MARK
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.impact_view import ImpactView
from scorecore_cli.language import _, current
from scorecore_cli.plots import (
    Write,
    changes,
    diverging,
    histogram,
    strip,
)

_STYLE: Final = """
:root { --ink: #1d2433; --soft: #667085; --line: #d9dee7; --paper: #fff; --blue: #2f6fbb; --after: #a9c7ea;
  --more: #2a8c5f; --less: #c0483d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #344054; --paper: #14181f; --blue: #7fb2f0; --after: #34577f;
    --more: #4dbb8a; --less: #e5776c; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.2rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
p { margin: .2rem 0; color: var(--soft); }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0 0; }
.figures div { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; min-width: 9rem; }
.figures b { display: block; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: .85rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 11px; fill: var(--soft); }
.axis { stroke: var(--soft); } .grid { stroke: var(--line); }
.after { fill: var(--after); } .before { fill: none; stroke: var(--blue); stroke-width: 1.6; }
.more { fill: var(--more); } .less { fill: var(--less); }
.key i { display: inline-block; width: 1.1rem; height: .75rem; margin: 0 .35rem 0 .9rem; vertical-align: -1px; }
.key i.a { background: var(--after); } .key i.b { border: 1.6px solid var(--blue); }
@media print { h2 { break-after: avoid; } tr, svg { break-inside: avoid; } }
"""


def render_page(view: ImpactView) -> str:
    """The whole page."""
    head, *blocks = view.blocks()
    body = [f"<h1>{escape(head.heading)}</h1>", *(f"<p>{escape(line)}</p>" for line in head.lines), _figures(view)]
    body += _plots(view)
    for block in blocks:
        if block.rows:
            body += _block(block)
    lang = {"zh": "zh-CN"}.get(current(), current())
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f"{PAGE_MARK}\n"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(head.heading)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _figures(view: ImpactView) -> str:
    summary = view.summary()
    figures = [(str(summary["differ"]), _("decisions that differ"))]
    if view.new.grades:
        figures += [(f"{summary['grade_up']} / {summary['grade_down']}", _("grade better / worse"))]
    if view.new.pay:
        change = summary["net"]["change"]
        figures += [(f"{summary['pay_up']} / {summary['pay_down']}", _("pay more / less"))]
        figures += [(f"{change:+,.2f} {view.new.currency}".strip(), _("change of net pay"))]
    return (
        '<div class="figures">'
        + "".join(f"<div><b>{escape(b)}</b><span>{escape(s)}</span></div>" for b, s in figures)
        + "</div>"
    )


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
    yield '<div class="wide"><table>'
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
