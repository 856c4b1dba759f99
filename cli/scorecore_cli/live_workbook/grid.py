"""Sheets on their way into a workbook: cells by place, names of cells, and how a formula refers to them."""

import re
from collections.abc import Iterator
from typing import Any, Final, Literal

from attrs import define, field, frozen

ROW: Final = "\ue000"
"""Stands in a formula for the row of an event, until it is written for each of them."""
_Fixed = Literal["plain", "heading", "value_heading", "title", "note", "check"]
CellStyle = _Fixed | Literal["input", "value", "recorded", "marked", "helper"]
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_LONGEST_SHEET_NAME: Final = 31


@frozen
class CellFormula:
    """A formula without its `=`, and the value that it has now."""

    text: str
    value: Any = None


@frozen
class GridCell:
    content: Any
    """A value, or a CellFormula."""
    style: CellStyle = "plain"


@define
class SheetGrid:
    """A sheet: its cells by row and column, both from 0."""

    name: str
    cells: dict[tuple[int, int], GridCell] = field(factory=dict)
    widths: dict[int, int] = field(factory=dict)

    def put(self, row: int, column: int, content: Any, style: CellStyle = "plain") -> None:  # noqa: ANN401  a cell
        if content is not None:
            self.cells[row, column] = GridCell(content, style)

    @property
    def quoted(self) -> str:
        """The name as a formula has it."""
        return "'" + self.name.replace("'", "''") + "'"

    def refer(self, row: int | str, column: int) -> str:
        """A cell from any sheet; the row may be ROW."""
        return f"{self.quoted}!{refer_here(row, column)}"

    def span(self, column: int, first: int, last: int) -> str:
        """The cells of a column from one row to another, from any sheet."""
        return f"{self.refer(first, column)}:{refer_here(last, column)}"


def refer_here(row: int | str, column: int) -> str:
    """A cell of the same sheet: `$C$5`."""
    number = row if isinstance(row, str) else str(row + 1)
    return f"${column_letters(column)}{number if isinstance(row, str) else f'${number}'}"


def column_letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@define
class GridBook:
    """All sheets of a workbook, and the names of its cells."""

    grids: list[SheetGrid] = field(factory=list)
    names: dict[str, str] = field(factory=dict)
    """What each name refers to."""

    def add(self, wanted: str) -> SheetGrid:
        """A sheet of a name that no other has."""
        base = _cut(_FORBIDDEN.sub(" ", wanted).strip(" '"), _LONGEST_SHEET_NAME).strip(" '") or "sheet"
        name, number = base, 2
        while name.lower() in {grid.name.lower() for grid in self.grids}:
            ending = f" {number}"
            name, number = _cut(base, _LONGEST_SHEET_NAME - len(ending)) + ending, number + 1
        grid = SheetGrid(name)
        self.grids.append(grid)
        return grid

    def define_name(self, name: str, place: str) -> str:
        """Name a cell; what a formula says to read it: the name, or the place where it cannot have the name."""
        taken = {known.lower() for known in self.names}
        if not _NAME.fullmatch(name) or "." not in name or len(name) > 200 or name.lower() in taken:  # noqa: PLR2004
            return place
        self.names[name] = place
        return name

    def formulas(self) -> Iterator[tuple[SheetGrid, tuple[int, int], CellFormula]]:
        for grid in self.grids:
            for place, cell in grid.cells.items():
                if isinstance(cell.content, CellFormula):
                    yield grid, place, cell.content


def _cut(text: str, length: int) -> str:
    """As spreadsheets count it, by which a rare character or an emoji is two; none is cut in half."""
    return text.encode("utf-16-le", "replace")[: 2 * length].decode("utf-16-le", "ignore")
