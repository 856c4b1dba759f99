"""An empty workbook for facts: a sheet for each table, with the formats, bounds and choices that its cells have.

It holds nothing that is read back but the headings: what is allowed in a cell is said to the spreadsheet, so that it
can refuse what the policy would, and to people, in notes.
"""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from attrs import frozen

from scorecore.values.types import (
    PLACES,
    STRING,
    Type,
    TypeKind,
    from_units,
)

LAST_ROW: Final = 1_048_575
"""Of a sheet, counted from 0."""
LONGEST_NAME: Final = 31
"""Characters of the name of a sheet."""
_EXACT_DIGITS: Final = 15
"""Digits that a spreadsheet keeps; what may have more must be let through as text."""
_FORBIDDEN: Final = frozenset("[]:*?/\\")
_RESERVED: Final = "history"
"""A name that Excel keeps for itself."""
_SHOWN_TITLE: Final = 32
_SHOWN_TEXT: Final = 255
"""Characters that Excel shows of a title, and of a text, beside a cell."""


@frozen
class TemplateField:
    """A column of a sheet."""

    heading: str
    type: Type
    note: tuple[str, ...]
    """What a person should know of it, line by line; shown beside the heading."""
    rule: str
    """What its cells may contain, in one sentence."""
    needed: bool = True


@frozen
class TemplateSheet:
    name: str
    fields: tuple[TemplateField, ...]


@frozen
class TemplateGuide:
    """The first sheet, for people: lines of text, and a table."""

    name: str
    lines: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@frozen
class TemplateWords:
    """What the workbook says itself, in the reader's language."""

    yes: str
    no: str
    choices: str
    """Name of the sheet with the choices of the drop-downs; people do not see it."""
    unfit: str
    """Title of the message for a cell that does not fit."""


def choose_sheet_name(names: Sequence[str], names_in_use: Sequence[str]) -> str | None:
    """The first of some names that a sheet can have beside others; None if there is none."""
    unavailable = {used.lower() for used in names_in_use} | {_RESERVED}
    for name in names:
        plain = name == name.strip().strip("'") and name.isprintable() and _FORBIDDEN.isdisjoint(name)
        if name and plain and len(name) <= LONGEST_NAME and name.lower() not in unavailable:
            return name
    return None


def write_template(path: Path, guide: TemplateGuide, sheets: Sequence[TemplateSheet], words: TemplateWords) -> None:
    """Write the workbook; raises OSError where the disk refuses, FileExistsError where there is one already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})  # the same policy gives the same file
        _Writer(book, words).write(guide, sheets)
    with path.open("xb") as file:  # one that somebody has filled in is never written over
        file.write(content.getvalue())


class _Writer:
    def __init__(self, book: Any, words: TemplateWords) -> None:  # noqa: ANN401  xlsxwriter has no types
        self.book = book
        self.words = words
        self.needed = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#DDEBF7"}
        )
        self.optional = book.add_format({"bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#F2F2F2"})
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.formats: dict[str, Any] = {}
        self.choices: Any = None
        self.lists = 0

    def write(self, guide: TemplateGuide, sheets: Sequence[TemplateSheet]) -> None:
        self.guide(guide)
        pages = [(self.book.add_worksheet(sheet.name), sheet) for sheet in sheets]
        self.choices = self.book.add_worksheet(self.words.choices)
        self.choices.hide()
        for page, sheet in pages:
            self.sheet(page, sheet)
        if pages:
            pages[0][0].activate()

    def guide(self, guide: TemplateGuide) -> None:
        page = self.book.add_worksheet(guide.name)
        for row, line in enumerate(guide.lines):
            page.write_string(row, 0, line, self.title if not row else None)
        start = len(guide.lines) + 1
        for column, heading in enumerate(guide.headings):
            page.write_string(start, column, heading, self.bold)
            widest = max((_width(row[column]) for row in guide.rows), default=0)
            page.set_column(column, column, min(50, 2 + max(widest, _width(heading))))
        for number, cells in enumerate(guide.rows, start + 1):
            for column, text in enumerate(cells):
                page.write_string(number, column, text, self.wrapped)
        page.hide_gridlines(2)

    def sheet(self, page: Any, sheet: TemplateSheet) -> None:  # noqa: ANN401  xlsxwriter has no types
        page.freeze_panes(1, 1)
        for column, cell_field in enumerate(sheet.fields):
            page.write_string(0, column, cell_field.heading, self.needed if cell_field.needed else self.optional)
            page.write_comment(
                0, column, "\n".join(cell_field.note), {"x_scale": 2.5, "y_scale": 0.3 + 0.25 * len(cell_field.note)}
            )
            page.set_column(
                column, column, max(12, 4 + _width(cell_field.heading)), self.format(_pattern(cell_field.type))
            )
            allowed = self.allowed(cell_field)
            if allowed:
                rejection = {
                    "error_title": self.words.unfit[:_SHOWN_TITLE],
                    "error_message": cell_field.rule[:_SHOWN_TEXT],
                }
                shown = {
                    "input_title": cell_field.heading[:_SHOWN_TITLE],
                    "input_message": cell_field.rule[:_SHOWN_TEXT],
                }
                page.data_validation(1, column, LAST_ROW, column, allowed | rejection | shown)

    def format(self, pattern: str) -> Any:  # noqa: ANN401  xlsxwriter has no types
        if pattern not in self.formats:
            self.formats[pattern] = self.book.add_format({"num_format": pattern})
        return self.formats[pattern]

    def allowed(self, field: TemplateField) -> dict[str, Any]:
        """What the spreadsheet is to check; nothing where any text will do."""
        fact_type = field.type
        if fact_type.kind is TypeKind.BOOL:
            return {"validate": "list", "source": [self.words.yes, self.words.no]}
        if fact_type.among is not None:
            return {"validate": "list", "source": self.listed(field)}
        if fact_type.kind is TypeKind.DATE:
            return {"validate": "date", "criteria": ">=", "value": date(1900, 1, 1), "error_type": "warning"}
        if not fact_type.is_number:
            return {}
        low, high = from_units(fact_type.low), from_units(fact_type.high)
        exact = len(f"{fact_type.magnitude // 10 ** (PLACES - fact_type.places)}") <= _EXACT_DIGITS
        return {
            "validate": "integer" if fact_type.kind is TypeKind.INT else "decimal",
            "criteria": "between",
            "minimum": f"{low:f}",
            "maximum": f"{high:f}",
            "error_type": "stop" if exact else "warning",
        }

    def listed(self, field: TemplateField) -> str:
        """The choices of a field in a column of their own: a list in place ends after 255 characters, or at a comma."""
        column, self.lists = self.lists, self.lists + 1
        texts = field.type.among or ()
        self.choices.write_string(0, column, f"{column + 1} {field.heading}")
        for row, text in enumerate(texts, 1):
            self.choices.write_string(row, column, text)
        letters = xlsxwriter.utility.xl_col_to_name(column)
        sheet = self.words.choices.replace("'", "''")
        return f"='{sheet}'!${letters}$2:${letters}${len(texts) + 1}"


TEXT: Final = STRING
"""The type of a column that keeps what is typed: ids with their zeros, and times of a day."""


def _pattern(fact_type: Type) -> str:
    """How a spreadsheet shows cells of a type; a timestamp is text, for a midnight would lose its time of day."""
    match fact_type.kind:
        case TypeKind.INT:
            return "0"
        case TypeKind.DECIMAL:
            fixed = min(fact_type.places, 2)
            return "#,##0" + (f".{'0' * fixed}{'#' * (fact_type.places - fixed)}" if fact_type.places else "")
        case TypeKind.DATE:
            return "yyyy-mm-dd"
        case TypeKind.BOOL:
            return "General"
        case _:
            return "@"


_WIDE: Final = "\u2e80"


def _width(text: str) -> int:
    """How many letters wide a text is; a Chinese character is two."""
    return sum(1 + (letter >= _WIDE) for letter in text)
