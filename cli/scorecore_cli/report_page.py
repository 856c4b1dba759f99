"""The page of `scorecore run`: one file, in the look of the page of `scorecore diff`."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from scorecore.values.canonical_json import format_decimal
from scorecore_cli.html_page import render_document, render_figures
from scorecore_cli.page_style import STYLE
from scorecore_cli.pages import render_page
from scorecore_cli.plots import bars, stacked
from scorecore_cli.report_tables import (
    DISTRIBUTION,
    GRADES,
    GRADES_BY_PERIOD,
    LOST,
    MONTHS,
    BranchReport,
    CellKind,
    ReportTable,
)
from scorecore_cli.table_output import write_file
from scorecore_cli.visible_text import make_visible

_CLASSES: Final[Mapping[CellKind, str]] = {
    "text": "name",
    "long text": "long",
    "count": "right",
    "points": "right",
    "money": "right",
    "number": "right",
}


def write_report_page(report: BranchReport, path: Path) -> None:
    """Write the page; ends the command where the disk refuses."""
    tables = [
        {"table": table, "plot": Markup(plot_table(table)), "rows": list(list_cells(table))}  # noqa: S704  plots escape their texts
        for table in (*report.tables, report.people)
    ]
    figures = render_figures((format_cell(value, kind), name) for name, value, kind in report.figures)
    params = {"classes": _CLASSES, "report": report, "tables": tables, "figures": Markup(figures)}  # noqa: S704  which are escaped as well
    page = render_document(make_visible(report.title), ["".join(render_page("report.html.jinja", params))], STYLE)
    write_file(path, page.encode())


def format_cell(value: Any, kind: CellKind) -> str:  # noqa: ANN401  a cell of a report
    if value is None:
        return "—" if kind in {"points", "money"} else ""
    if kind == "money":
        return f"{value:,.2f}"
    if kind == "number":
        return format_decimal(Decimal(value))
    if kind == "points":
        text = f"{Decimal(value):,.2f}"
        return text.removesuffix(".00")
    return f"{value:,}" if isinstance(value, int) else str(value)


def list_cells(table: ReportTable) -> Iterator[tuple[str, ...]]:
    kinds = [column.kind for column in table.columns]
    for row in table.rows:
        yield tuple(map(format_cell, row, kinds))
    if table.total:  # of which some columns have none
        yield tuple(
            "" if value is None else format_cell(value, kind) for value, kind in zip(table.total, kinds, strict=True)
        )


def plot_table(table: ReportTable) -> str:
    """What the tables of a workbook have as charts."""
    if table.key in {GRADES, GRADES_BY_PERIOD}:
        counts = [number for number, column in enumerate(table.columns) if column.kind == "count"][1:]
        names = [table.columns[number].heading for number in counts]
        return stacked([(row[0], [row[number] for number in counts]) for row in table.rows], names) if counts else ""
    if table.key == MONTHS and len(table.rows) > 1:
        last = len(table.columns) - 1
        kind = table.columns[last].kind
        return bars([(row[0], float(row[last] or 0), format_cell(row[last], kind)) for row in table.rows])
    if table.key in {DISTRIBUTION, LOST}:
        kind = table.columns[1].kind
        return bars([(row[0], float(row[1]), format_cell(row[1], kind)) for row in table.rows])
    return ""
