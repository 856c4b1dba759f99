"""The first sheets of a workbook of decisions: an overview with charts, and everybody with names, to be printed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import define, field

from scorecore.io.writers import count_cells, fit_height, set_up_page
from scorecore_cli.language import _
from scorecore_cli.report_tables import (
    DISTRIBUTION,
    GRADES,
    LOST,
    MONTHS,
    REGRADED,
    BranchReport,
    CellKind,
    ReportColumn,
    ReportTable,
)
from scorecore_cli.visible_text import make_visible

_PATTERNS: Final[Mapping[CellKind, str]] = {
    "count": "#,##0",
    "number": "General",
    "points": "#,##0.00",
    "money": "#,##0.00;[Red]-#,##0.00",
}
_WIDTHS: Final[Mapping[CellKind, int]] = {
    "text": 14,
    "long text": 34,
    "count": 9,
    "number": 14,
    "points": 12,
    "money": 14,
}
_CHART: Final = {"width": 440, "height": 250}
_BESIDE: Final = 452
"""Where the second of two charts begins."""
_CHART_ROWS: Final = 13
"""Rows that a chart is high."""
_RIGHT_HALF: Final = 3
"""The column where a table begins beside a narrow one."""
_LONGEST_TEXT: Final = 32767
_WIDEST_NAME: Final = 28


def add_report(book: Any, report: BranchReport) -> None:  # noqa: ANN401  a workbook of xlsxwriter
    """Put the overview and the list of everybody into a workbook."""
    writer = _ReportWriter(book, report.currency)
    writer.overview(report)
    writer.everybody(report)


@define
class _ReportWriter:
    book: Any
    currency: str
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(factory=dict)

    def style(self, kind: CellKind = "text", **properties: Any) -> Any:  # noqa: ANN401  a format of xlsxwriter
        if kind in _PATTERNS:
            properties["num_format"] = _PATTERNS[kind]
        if kind == "long text":
            properties |= {"text_wrap": True, "indent": 1, "align": "left"}
        key = tuple(sorted({"valign": "top", **properties}.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(dict(key))
        return self.formats[key]

    def overview(self, report: BranchReport) -> None:
        sheet = self.book.add_worksheet(_("overview"))
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 9, 12)
        sheet.write_string(0, 0, report.title, self.style(bold=True, font_size=14))
        row = 1
        for line in report.lines:
            sheet.write_string(row, 0, line, self.style(font_color="#555555"))
            row += 1
        row += 1
        for name, value, kind in report.figures:
            heading = f"{name} ({report.currency})" if kind == "money" and report.currency else name
            sheet.write_string(row, 0, heading, self.style(bold=True))
            self.cell(sheet, (row, 1), value, ReportColumn(name, kind))
            row += 1
        row, last_column = row + 1, 1
        places: dict[str, int] = {}
        for table in report.tables:
            if table.key == REGRADED and report.table(DISTRIBUTION):
                continue
            beside = report.table(REGRADED) if table.key == DISTRIBUTION else None
            places[table.key] = row + 1
            height = self.headed_table(sheet, table, row)
            height = max(height, self.headed_table(sheet, beside, row, _RIGHT_HALF)) if beside else height
            row += height
            last_column = max(last_column, len(table.columns) - 1)
        last_row = self.charts(sheet, report, places, row)
        set_up_page(sheet, report.title, (last_row, max(last_column, 8)))
        sheet.set_portrait()
        sheet.freeze_panes(1, 0)

    def headed_table(self, sheet: Any, table: ReportTable, top: int, left: int = 0) -> int:  # noqa: ANN401  of xlsxwriter
        """How many rows it takes, with its heading and an empty row below it."""
        sheet.write_string(top, left, table.heading, self.style(bold=True, font_size=12))
        self.table(sheet, table, top + 1, left)
        return len(table.rows) + (4 if table.total else 3)

    def everybody(self, report: BranchReport) -> None:
        people = report.people
        sheet = self.book.add_worksheet(people.heading)
        widths = [self.width(people, position, column) for position, column in enumerate(people.columns)]
        for position, width in enumerate(widths):
            sheet.set_column(position, position, width)
        self.table(sheet, people, 0)
        sheet.set_row(0, fit_height((column.heading, widths[n]) for n, column in enumerate(people.columns)))
        for number, row in enumerate(people.rows, 1):
            texts = [(row[n], widths[n]) for n, column in enumerate(people.columns) if column.kind == "long text"]
            sheet.set_row(number, fit_height(texts))
        frozen = sum(column.kind == "text" for column in people.columns[:4]) + (people.columns[0].kind == "count")
        sheet.freeze_panes(1, min(frozen, 3))
        count = len(people.rows)
        if count:
            sheet.autofilter(0, 0, count, len(people.columns) - 1)
        set_up_page(sheet, report.title, (count + bool(people.total), len(people.columns) - 1))

    def width(self, table: ReportTable, position: int, column: ReportColumn) -> int:
        if column.kind != "text":
            return _WIDTHS[column.kind]
        texts = (str(row[position] or "") for row in table.rows[:200])
        widest = max(map(count_cells, texts), default=0)
        return max(8, min(_WIDEST_NAME, widest + 2))

    def table(self, sheet: Any, table: ReportTable, top: int, left: int = 0) -> None:  # noqa: ANN401  of xlsxwriter
        """Headings, rows and a total, from a row and a column on."""
        for position, column in enumerate(table.columns):
            place = left + position
            align = "left" if column.kind in {"text", "long text"} else "right"
            indent: dict[str, Any] = {"indent": 1} if align == "left" and place else {}
            style = self.style(bold=True, bottom=1, text_wrap=True, align=align, **indent)
            sheet.write_string(top, place, make_visible(column.heading), style)
            for number, row in enumerate(table.rows, top + 1):
                self.cell(sheet, (number, place), row[position], column)
            if table.total:
                total = top + len(table.rows) + 1
                self.cell(sheet, (total, place), table.total[position], column, bold=True, top=1)

    def cell(
        self,
        sheet: Any,  # noqa: ANN401  of xlsxwriter
        place: tuple[int, int],
        value: Any,  # noqa: ANN401  a cell of a report
        column: ReportColumn,
        **properties: Any,  # noqa: ANN401  of a format of xlsxwriter
    ) -> None:
        if column.kind == "text" and place[1]:
            properties |= {"indent": 1, "align": "left"}  # a number may stand before it
        style = self.style(column.kind, **properties)
        if value is None or value == "":
            sheet.write_blank(*place, None, style)
        elif isinstance(value, Decimal | int):
            sheet.write_number(*place, value, style)
        else:
            sheet.write_string(*place, make_visible(str(value))[:_LONGEST_TEXT], style)

    # charts

    def charts(self, sheet: Any, report: BranchReport, places: Mapping[str, int], row: int) -> int:  # noqa: ANN401  of xlsxwriter
        """Charts two beside each other, below the tables; the last row that they cover."""
        number = 0
        for key, kind in ((GRADES, "column"), (DISTRIBUTION, "column"), (LOST, "bar"), (MONTHS, "line")):
            table = report.table(key)
            series = self.series(table) if table else ()
            if table is None or not series:
                continue
            chart = self.chart(sheet, table, (kind, key == GRADES), series, places[key])
            chart.set_size(_CHART)
            sheet.insert_chart(row + number // 2 * _CHART_ROWS, 0, chart, {"x_offset": number % 2 * _BESIDE})
            number += 1
        return row + (number + 1) // 2 * _CHART_ROWS

    def series(self, table: ReportTable) -> Sequence[int]:
        """The columns that are drawn: grades beside each other, of other tables one."""
        if table.key == GRADES:
            counts = [position for position, column in enumerate(table.columns) if column.kind == "count"]
            return counts[1:] or counts
        if table.key == MONTHS:
            return [len(table.columns) - 1] if len(table.rows) > 1 else []
        return [1]

    def chart(
        self,
        sheet: Any,  # noqa: ANN401  of xlsxwriter
        table: ReportTable,
        form: tuple[str, bool],
        series: Sequence[int],
        top: int,
    ) -> Any:  # noqa: ANN401  of xlsxwriter
        kind, is_stacked = form
        chart = self.book.add_chart({"type": kind, **({"subtype": "stacked"} if is_stacked else {})})
        name, first, last = sheet.get_name(), top + 1, top + len(table.rows)
        for position in series:
            chart.add_series(
                {
                    "name": [name, top, position],
                    "categories": [name, first, 0, last, 0],
                    "values": [name, first, position, last, position],
                    "gap": 60,
                    **({"marker": {"type": "circle"}} if kind == "line" else {}),
                }
            )
        chart.set_title({"name": table.heading, "name_font": {"size": 11}, "overlay": False})
        if len(series) == 1:
            chart.set_legend({"none": True})
        else:
            chart.set_legend({"position": "bottom"})
        self.name_axes(chart, table, kind, series)
        return chart

    def name_axes(self, chart: Any, table: ReportTable, kind: str, series: Sequence[int]) -> None:  # noqa: ANN401  of xlsxwriter
        font = {"size": 9, "bold": False}
        categories = {"name": make_visible(table.columns[0].heading), "name_font": font}
        values = {"name": self.name_unit(table.columns[series[0]]), "name_font": font, "num_format": "#,##0"}
        if kind == "bar":
            chart.set_x_axis(values)
            chart.set_y_axis(categories | {"reverse": True})  # the first row above
        else:
            chart.set_x_axis(categories)
            chart.set_y_axis(values)

    def name_unit(self, column: ReportColumn) -> str:
        """What an axis counts."""
        units = {"count": _("people"), "points": _("points"), "money": make_visible(self.currency)}
        return units.get(column.kind) or make_visible(column.heading)
