"""The facts of a month: files are dropped, and what is wrong with them is shown at the cell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

import polars as pl
from attrs import frozen
from starlette.responses import RedirectResponse, Response

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.facts.expected import list_expected
from scorecore.facts.raw import RawTable
from scorecore.io.workbooks import WORKBOOKS
from scorecore.program.model import Program
from scorecore_cli.labels import labelling, name_histories
from scorecore_cli.language import _
from scorecore_cli.terminal import diagnostic_data
from scorecore_web.month import Month
from scorecore_web.policy_page import find_policy_file
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, problem_row, render
from scorecore_web.requests import PageRequest, UploadedFile
from scorecore_web.uploads import Upload
from scorecore_web.workbench import FACT_FILES, FACTS_WORKBOOK

ENCODINGS: Final = ("utf-8", "gb18030", "utf-16")
MAX_ROWS: Final = 60
"""Rows of a table on the page; those with problems come first."""
MAX_PROBLEMS: Final = 500


def facts_page(request: PageRequest) -> Response:
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    return render_facts(request, month)


def render_facts(request: PageRequest, month: Month, notice: str = "", status: int = 200) -> Response:
    diagnostics: Sequence[Diagnostic] = ()
    grids: list[FactGrid] = []
    if month.has_facts and month.program.in_force(month.period):
        inspected = month.inspect()
        diagnostics = list(map(labelling(month.program), inspected.diagnostics))
        grids = [FactGrid.of(name, table, diagnostics) for name, table in inspected.tables.items()]
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
        "encodings": ENCODINGS,
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

    @classmethod
    def of(cls, name: str, table: RawTable, diagnostics: Iterable[Diagnostic]) -> "FactGrid":
        marks: dict[int, list[Diagnostic]] = {}
        for diagnostic in diagnostics:
            if diagnostic.location.source == table.source:
                marks.setdefault(diagnostic.location.line, []).append(diagnostic)
        numbers = table.row_numbers.to_list()
        places = sorted(range(len(numbers)), key=lambda place: (numbers[place] not in marks, place))[:MAX_ROWS]
        frame = table.frame[sorted(places)].select(pl.all().cast(pl.String, strict=False))
        rows = []
        for place, cells in zip(sorted(places), frame.iter_rows(), strict=True):
            number = numbers[place]
            rows.append((number, *_mark(table, cells, marks.get(number, ()))))
        return cls(name, table.source, tuple(table.frame.columns), tuple(rows), len(numbers))


def _mark(
    table: RawTable, cells: Sequence[str | None], diagnostics: Sequence[Diagnostic]
) -> tuple[tuple[tuple[str, str], ...], str]:
    """Cells with their problems, and those of the row."""
    headings = table.frame.columns
    by_column: dict[int, list[str]] = {}
    of_row: list[str] = []
    for diagnostic in diagnostics:
        column = _find_column(table, headings, diagnostic)
        (by_column.setdefault(column, []) if column is not None else of_row).append(problem_row(diagnostic)["message"])
    marked = tuple((cell or "", "; ".join(by_column.get(column, ()))) for column, cell in enumerate(cells))
    return marked, "; ".join(of_row)


def _find_column(table: RawTable, headings: Sequence[str], diagnostic: Diagnostic) -> int | None:
    """The position of the cell that is wrong: by its column in the sheet, or by the fact that the problem names."""
    column = diagnostic.location.column
    if table.columns:
        return next((place for place, heading in enumerate(headings) if table.columns.get(heading) == column), None)
    name = diagnostic.params.get("name", "")
    return next((place for place, heading in enumerate(headings) if name and heading.strip() == name), None)


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
        stored_as = name_upload(file, month.program)
        if stored_as is None:
            tables = ", ".join(sorted(_list_names(month.program)))
            message = _(
                "not kept: {name} is neither a workbook nor a file named after a table of the policy: {tables}",
                name=PurePath(file.name).name,
                tables=tables,
            )
            return render_facts(request, month, message, 400)
        uploads.append(Upload(PurePath(file.name).name, stored_as, encoding, file.content))
    with request.workbench.writing:
        request.workbench.uploads.keep(month.policy.key, month.period.label, tuple(uploads))
    return RedirectResponse(_address(month), 303)


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
    names = _list_names(program)
    tables = {table.strip(): table for table in names}
    if ending not in FACT_FILES or name.stem.strip() not in tables:
        return None
    return f"{tables[name.stem.strip()]}{ending}"


def _list_names(program: Program) -> Iterable[str]:
    return list_expected([program.schema], name_histories()).names


def facts_data(request: PageRequest) -> Response:
    """What `scorecore facts check --json` says of the facts of a month."""
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    problems: Sequence[Mapping[str, Any]] = [
        diagnostic_data(labelling(month.program)(diagnostic)) for diagnostic in month.inspect().diagnostics
    ]
    return as_json({"period": month.period.label, "files": [file.name for file in month.uploads], "problems": problems})
