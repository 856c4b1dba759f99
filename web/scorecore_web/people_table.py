"""Everybody in a month, filtered, searched and sorted; who is held comes first, with what would release them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.record.corrections.payroll import NAME
from scorecore_cli.labels import labelling
from scorecore_cli.language import _
from scorecore_cli.report_page import format_cell
from scorecore_cli.report_tables import BranchReport, CellKind, ReportTable
from scorecore_cli.terminal import localize
from scorecore_cli.visible_text import make_line
from scorecore_web.month import DecidedMonth

PAGE_SIZE: Final = 200
MAX_HELD: Final = 100
FEWEST_ALIKE: Final = 3
"""People for whom the same cause is said once."""
HELD_FIRST: Final = "held"


@frozen
class PeopleQuery:
    """What the reader of the table asks for."""

    search: str = ""
    only_held: bool = False
    division: str = ""
    grade: str = ""
    sort: str = HELD_FIRST
    """`held`, or the position of a column."""
    is_descending: bool = False
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "PeopleQuery":
        page = query.get("page", "1")
        return cls(
            query.get("search", "").strip(),
            query.get("only") == "held",
            query.get("division", ""),
            query.get("grade", ""),
            query.get("sort", HELD_FIRST),
            query.get("order") == "descending",
            int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1,  # noqa: PLR2004  digits
        )


@frozen
class PersonRow:
    """One person as the table shows them."""

    subject: str
    name: str
    cells: tuple[str, ...]
    causes: tuple[Mapping[str, str], ...]
    """Of what is held, each with what would release it."""


@frozen
class PeopleTable:
    """The rows of a page, and what the filters offer."""

    headings: tuple[str, ...]
    kinds: tuple[CellKind, ...]
    rows: tuple[PersonRow, ...]
    count: int
    """How many fit the filters."""
    pages: int
    total: tuple[str, ...]
    held: tuple[PersonRow, ...]
    """Who fits the filters and has something held, up to a limit; all that fit are in the rows."""
    shared: tuple[Mapping[str, str], ...]
    """What holds everybody who fits the filters and is held."""
    held_count: int
    divisions: tuple[str, ...]
    grades: tuple[str, ...]


def build_people_table(report: BranchReport, decided: DecidedMonth, query: PeopleQuery) -> PeopleTable:
    """The table of a report, without its column of holds, which are shown with their advice."""
    table = report.people
    width = len(table.columns) - 1
    identity = 1 if table.columns[0].kind == "count" else 0  # a rank comes before the id
    ids = {make_line(subject): subject for subject in decided.decisions.facts.ids}
    held = _list_held(decided)
    names = _list_names(decided)
    division, grade = _find_columns(report, table)
    rows = [row for row in table.rows if _fits(row, query, held, identity, division, grade)]
    rows = _sort(rows, query, held, identity, width)
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    first = (min(query.page, pages) - 1) * PAGE_SIZE
    kinds = tuple(column.kind for column in table.columns[:width])

    def show(row: Sequence[Any]) -> PersonRow:
        cells = tuple(format_cell(cell, kind) for cell, kind in zip(row[:width], kinds, strict=True))
        return PersonRow(
            ids[row[identity]], names.get(ids[row[identity]], ""), cells, tuple(held.get(row[identity], ()))
        )

    shown = tuple(map(show, rows[first : first + PAGE_SIZE]))
    waiting = [row for row in rows if row[identity] in held]
    return PeopleTable(
        tuple(column.heading for column in table.columns[:width]),
        kinds,
        shown,
        len(rows),
        pages,
        tuple(format_cell(cell, kind) for cell, kind in zip(table.total[:width], kinds, strict=True))
        if table.total
        else (),
        tuple(map(show, waiting[:MAX_HELD])),
        _list_shared([held[row[identity]] for row in waiting]),
        len(waiting),
        _list_values(table, division),
        _list_values(table, grade),
    )


def _list_names(decided: DecidedMonth) -> Mapping[str, str]:
    """The names of people by their ids."""
    named = ((person.subject, person.values.get(NAME)) for person in decided.everybody)
    return {subject: make_line(name) for subject, name in named if isinstance(name, str)}


def _list_held(decided: DecidedMonth) -> Mapping[str, list[Mapping[str, str]]]:
    """By id, as it is shown, why something is held, each cause once, with what would release it."""
    ids, with_labels = decided.decisions.facts.ids, labelling(decided.program)
    held: dict[str, list[Mapping[str, str]]] = {}
    for number, steps in decided.decisions.held.items():
        causes = dict.fromkeys(_say(with_labels(cause)) for step_causes in steps.values() for cause in step_causes)
        held[make_line(ids[number])] = [dict(zip(("why", "place", "release"), cause, strict=True)) for cause in causes]
    return held


def _list_shared(causes: Sequence[Sequence[Mapping[str, str]]]) -> tuple[Mapping[str, str], ...]:
    """The causes that all of many people have: said once, and not of each of them."""
    if len(causes) < FEWEST_ALIKE:
        return ()
    return tuple(cause for cause in causes[0] if all(cause in others for others in causes))


def _say(cause: Diagnostic) -> tuple[str, str, str]:
    return localize(cause), str(cause.location), cause.advice(_)


def _find_columns(report: BranchReport, table: ReportTable) -> tuple[int | None, int | None]:
    """Where the division and the grade are."""
    headings = [column.heading for column in table.columns]
    grades = report.table("grades")
    division = grades.columns[0].heading if grades else ""
    return (
        headings.index(division) if division in headings else None,
        headings.index(_("grade")) if _("grade") in headings else None,
    )


def _list_values(table: ReportTable, column: int | None) -> tuple[str, ...]:
    return () if column is None else tuple(sorted({str(row[column]) for row in table.rows if row[column]}))


def _fits(
    row: Sequence[Any],
    query: PeopleQuery,
    held: Mapping[str, Any],
    identity: int,
    division: int | None,
    grade: int | None,
) -> bool:
    if query.only_held and row[identity] not in held:
        return False
    for column, value in ((division, query.division), (grade, query.grade)):
        if value and (column is None or str(row[column]) != value):
            return False
    needle = query.search.casefold()
    return not needle or any(needle in cell.casefold() for cell in row if isinstance(cell, str))


def _sort(
    rows: list[tuple[Any, ...]], query: PeopleQuery, held: Mapping[str, Any], identity: int, width: int
) -> list[tuple[Any, ...]]:
    if not (query.sort.isascii() and query.sort.isdigit() and int(query.sort) < width):
        return sorted(rows, key=lambda row: row[identity] not in held)
    column = int(query.sort)

    def order(row: tuple[Any, ...]) -> tuple[int, Any]:
        cell = row[column]
        return (0, Decimal(cell)) if isinstance(cell, int | Decimal) else (1, str(cell or ""))

    return sorted(rows, key=order, reverse=query.is_descending)
