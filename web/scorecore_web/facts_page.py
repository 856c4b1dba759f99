"""The facts of a month: files are dropped, and what is wrong with them is shown at the cell."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

import polars as pl
from attrs import field, frozen
from starlette.responses import RedirectResponse, Response

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.facts.period_cells import find_period_heading, read_periods
from scorecore.facts.raw import RawTable
from scorecore.io.workbooks import WORKBOOKS
from scorecore.program.model import Program
from scorecore_cli.labels import labelling, list_labels
from scorecore_cli.language import _
from scorecore_cli.terminal import diagnostic_data
from scorecore_web.fact_files import FACT_FILES, UTF_8, list_table_names
from scorecore_web.month import Month
from scorecore_web.policy_page import find_policy_file
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, problem_row, render
from scorecore_web.requests import PageRequest, UploadedFile
from scorecore_web.uploads import Upload
from scorecore_web.workbench import FACTS_WORKBOOK

ENCODINGS: Final = (UTF_8, "gb18030", "utf-16")
_TEXT_FILES: Final = FACT_FILES - {".parquet"}
_BYTE_ORDER_MARKS: Final = (BOM_UTF16_LE, BOM_UTF16_BE)
MAX_ROWS: Final = 60
"""Rows of a table on the page; those with problems come first."""
MAX_PROBLEMS: Final = 500


def facts_page(request: PageRequest) -> Response:
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    return render_facts(request, month)


def render_facts(
    request: PageRequest, month: Month, notice: str = "", status: int = 200, encoding: str = UTF_8
) -> Response:
    diagnostics: Sequence[Diagnostic] = ()
    grids: list[FactGrid] = []
    if month.has_facts and month.program.in_force(month.period):
        inspected = month.inspect()
        marking = CellMarks.of(month, inspected.diagnostics)
        diagnostics = list(map(labelling(month.program), inspected.diagnostics))
        grids = [marking.draw(name, table) for name, table in inspected.tables.items()]
    errors = [diagnostic for diagnostic in diagnostics if not diagnostic.kind.warning]
    notes = [diagnostic for diagnostic in diagnostics if diagnostic.kind.warning]
    params = {
        "month": month,
        "policy": month.policy,
        "title": month.program.title,
        "period": month.period.label,
        "is_in_force": month.program.in_force(month.period),
        "sources": list(request.workbench.list_sources()),
        "connected": request.workbench.name(str(month.folder_facts or "")),
        "encodings": [(name, name_encoding(name)) for name in ENCODINGS],
        "encoding": encoding,
        "unreplaced": [str(path.relative_to(request.workbench.folder)) for path in month.unreplaced],
        "tables": list(_describe_tables(month.program)),
        "errors": [problem_row(diagnostic) for diagnostic in errors[:MAX_PROBLEMS]],
        "notes": [problem_row(diagnostic) for diagnostic in notes[:MAX_PROBLEMS]],
        "counts": (len(errors), len(notes)),
        "grids": grids,
        "notice": notice,
    }
    return render(request, "facts.html.jinja", params, status)


@frozen
class FactGrid:
    """A table of facts as its file has it, with marks where something is wrong."""

    name: str
    source: str
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[tuple[str, str], ...], str], ...]
    """Of each row its number, its cells each with what is wrong with it, and what is wrong with all of it."""
    count: int

    @property
    def is_marked(self) -> bool:
        """Whether anything is wrong with it."""
        return any(of_row or any(wrong for _text, wrong in cells) for _number, cells, of_row in self.rows)


@frozen
class CellMarks:
    """What is wrong with the facts of a month, by file and row."""

    program: Program
    period: str
    labels: Mapping[str, str]
    by_row: Mapping[tuple[str, int], list[Diagnostic]] = field(repr=False)

    @classmethod
    def of(cls, month: Month, diagnostics: Iterable[Diagnostic]) -> "CellMarks":
        by_row: dict[tuple[str, int], list[Diagnostic]] = {}
        for diagnostic in diagnostics:
            by_row.setdefault((diagnostic.location.source, diagnostic.location.line), []).append(diagnostic)
        return cls(month.program, month.period.label, list_labels(month.program), by_row)

    def draw(self, name: str, table: RawTable) -> FactGrid:
        """A table with its marks: the rows that have one first, and then those of the month."""
        numbers, is_of_month = table.row_numbers.to_list(), self._find_rows_of_month(table)

        def order(place: int) -> tuple[bool, bool, int]:
            return (table.source, numbers[place]) not in self.by_row, not is_of_month[place], place

        places = sorted(range(len(numbers)), key=order)[:MAX_ROWS]
        frame = table.frame[places].select(pl.all().cast(pl.String, strict=False))
        rows = tuple(
            (numbers[place], *self._mark(table, cells, self.by_row.get((table.source, numbers[place]), ())))
            for place, cells in zip(places, frame.iter_rows(), strict=True)
        )
        return FactGrid(name, table.source, tuple(table.frame.columns), rows, len(numbers))

    def _find_rows_of_month(self, table: RawTable) -> list[bool]:
        """Whether each row says that it is of the month; none does where no column says it."""
        names = {name for column in self.program.schema.columns for name in (column.name, column.label)} - {""}
        heading = find_period_heading(table.frame, self.program.period, names)
        if heading is None:
            return [False] * len(table.frame)
        return read_periods(table.frame[heading], self.program.period).labels.eq_missing(self.period).to_list()

    def _mark(
        self, table: RawTable, cells: Sequence[str | None], diagnostics: Sequence[Diagnostic]
    ) -> tuple[tuple[tuple[str, str], ...], str]:
        """Cells with their problems, and those of the row."""
        with_labels = labelling(self.program)
        by_column: dict[int, list[str]] = {}
        of_row: list[str] = []
        for diagnostic in diagnostics:
            column, message = self._find_column(table, diagnostic), problem_row(with_labels(diagnostic))["message"]
            (by_column.setdefault(column, []) if column is not None else of_row).append(message)
        marked = tuple((cell or "", "; ".join(by_column.get(column, ()))) for column, cell in enumerate(cells))
        return marked, "; ".join(of_row)

    def _find_column(self, table: RawTable, diagnostic: Diagnostic) -> int | None:
        """The position of the cell that is wrong: by its column in the sheet, or by the fact that the problem names."""
        headings, column = table.frame.columns, diagnostic.location.column
        if table.columns:
            return next((place for place, heading in enumerate(headings) if table.columns.get(heading) == column), None)
        name = diagnostic.params.get("name", "")
        names = {name, self._label(diagnostic, name)} - {""}
        return next((place for place, heading in enumerate(headings) if heading.strip() in names), None)

    def _label(self, diagnostic: Diagnostic, name: str) -> str:
        """What the policy calls a field of an event table, or a fact."""
        of_table = (each for each in self.program.schema.events if each.name == diagnostic.params.get("table"))
        fields = {column.name: column.label for table in of_table for column in table.columns}
        return fields.get(name) or self.labels.get(name, "")


def _describe_tables(program: Program) -> Iterator[dict[str, Any]]:
    """What the policy reads, for who brings it."""
    schema = program.schema
    own_columns = [schema.label or schema.subject, *(column.label or column.name for column in schema.columns)]
    yield {"name": schema.subject, "label": schema.label, "columns": own_columns}
    for table in schema.events:
        if table.use is None:
            columns = [schema.label or schema.subject, *(column.label or column.name for column in table.columns)]
            yield {"name": table.name, "label": table.label, "columns": columns}


def bring_facts(request: PageRequest) -> Response:
    """Keep files that were dropped, and show what is wrong with them."""
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    encoding = request.form.get("encoding", ENCODINGS[0])
    if encoding not in ENCODINGS:
        raise Refusal(400, _("the form is damaged"))
    if not request.files:
        return render_facts(request, month, _("choose a file first"), 400)
    uploads = []
    for file in request.files:
        stored_as, name = name_upload(file, month.program), PurePath(file.name.replace("\\", "/")).name
        if stored_as is None:
            return render_facts(request, month, _refuse_name(name, month.program), 400, encoding)
        suggested = suggest_encoding(file.content, encoding) if PurePath(stored_as).suffix in _TEXT_FILES else ""
        if suggested:
            message = _(
                "not kept: {name} does not have this encoding; choose {encoding}, and bring the file once more",
                name=name,
                encoding=name_encoding(suggested),
            )
            return render_facts(request, month, message, 400, suggested)
        uploads.append(Upload(name, stored_as, encoding, file.content))
    with request.workbench.writing:
        request.workbench.uploads.keep(month.policy.key, month.period.label, tuple(uploads))
    return RedirectResponse(_address(month), 303)


def _refuse_name(name: str, program: Program) -> str:
    described = list(_describe_tables(program))
    of_people, of_events = described[0]["name"], [table["label"] or table["name"] for table in described[1:]]
    tables = ", ".join((of_people, *of_events))
    return _(
        "not kept: {name} is neither a workbook nor a file named after a table of the policy: {tables}",
        name=name,
        tables=tables,
    )


def suggest_encoding(content: bytes, encoding: str) -> str:
    """Another encoding, where a text does not have this one; empty where it has, or has none of them."""
    if _is_encoded(content, encoding):
        return ""
    if content.startswith(_BYTE_ORDER_MARKS):
        return ENCODINGS[2]
    return next((other for other in ENCODINGS[:2] if _is_encoded(content, other)), "")


def _is_encoded(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def name_encoding(name: str) -> str:
    return _("GB18030: CSV files of Excel in Chinese") if name == ENCODINGS[1] else name.upper()


def remove_facts(request: PageRequest) -> Response:
    """Forget one of the files of a month."""
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    with request.workbench.writing:
        request.workbench.uploads.remove(month.policy.key, month.period.label, request.form.get("file", ""))
    return RedirectResponse(_address(month), 303)


def connect_facts(request: PageRequest) -> Response:
    """Remember which facts of the folder a policy reads."""
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    source = request.form.get("source", "")
    if source and source not in request.workbench.list_sources():
        raise Refusal(404, _("this folder has no such facts"))
    with request.workbench.writing:
        request.workbench.uploads.connect(month.policy.key, source)
    return RedirectResponse(_address(month), 303)


def _address(month: Month) -> str:
    return f"{month.policy.address}/facts/{month.period.label}"


def name_upload(file: UploadedFile, program: Program) -> str | None:
    """What this program calls a file: never what the person calls it. None for what holds no facts."""
    name = PurePath(file.name.replace("\\", "/"))
    ending = name.suffix.lower()
    if ending in WORKBOOKS:
        return FACTS_WORKBOOK.replace(".xlsx", ending)
    names = list_table_names(program)
    tables = {table.strip(): table for table in names}
    if ending not in FACT_FILES or name.stem.strip() not in tables:
        return None
    return f"{tables[name.stem.strip()]}{ending}"


def facts_data(request: PageRequest) -> Response:
    """What `scorecore facts check --json` says of the facts of a month."""
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    problems: Sequence[Mapping[str, Any]] = [
        diagnostic_data(labelling(month.program)(diagnostic)) for diagnostic in month.inspect().diagnostics
    ]
    return as_json({"period": month.period.label, "files": [file.name for file in month.uploads], "problems": problems})
