"""Tables of bands as cells, and what a formula says to look a number or a text up in them."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from attrs import frozen

from scorecore.language.bands import Band, BandTable
from scorecore_cli.language import _
from scorecore_cli.live_workbook.grid import CellFormula, SheetGrid, refer_here

_NUMBER, _START, _VALUE, _STEP = range(4)
"""The columns of a table: the number of the band, where it begins, its value, and what is computed of both."""
_NEAR: Final = 9
"""To how many places a number is compared with an edge."""


@frozen
class TablePlace:
    """A table of bands on a sheet."""

    table: BandTable
    label: str
    numbers: str
    starts: str
    values: str
    steps: str
    """Of a marginal table by how much each rate is above the one before; of an interpolated one the slopes."""
    end: str
    """The cell with the end of the last band; empty where it has none."""

    def write_position(self, key: str) -> str:
        """The number of the band that covers a key; 0 where none does."""
        if self.table.kind == "exact":
            return f"SUMPRODUCT(EXACT({self.starts},{key})*{self.numbers})"
        near = f"ROUND({key},{_NEAR})"
        is_whole, is_upper = self.table.kind == "whole", self.table.edge == "upper"
        position = f"SUMPRODUCT(--({self.starts}{'<' if is_whole and is_upper else '<='}{near}))"
        if not self.end:
            return position
        return f"{position}*({near}{'<' if is_whole and not is_upper else '<='}{self.end})"

    def write(self, key: str, position: str) -> str:
        """What the table gives."""
        match self.table.kind:
            case "marginal":
                value = f"SUMPRODUCT(({key}>{self.starts})*({key}-{self.starts})*{self.steps})"
            case "interpolated":
                start, value, slope = (f"INDEX({of},{position})" for of in (self.starts, self.values, self.steps))
                value = f"{value}+({key}-{start})*{slope}"
            case _:
                value = f"INDEX({self.values},{position})"
        return f"IF({position}=0,NA(),{value})"


def put_table(grid: SheetGrid, top: int, table: BandTable, label: str, bands: Sequence[Band]) -> TablePlace:
    """Write the bands that are in force on a sheet, from a row on."""
    grid.put(top, 0, label, "title")
    headings = ("", _("text") if table.kind == "exact" else _("from"), _("value"), _STEP_HEADINGS[table.kind]())
    for column, heading in enumerate(headings):
        grid.put(top + 1, column, heading or None, "value_heading")
    first, last = top + 2, top + 1 + len(bands)
    steps = _STEPS.get(table.kind, _no_steps)(first, len(bands))
    for number, band in enumerate(bands):
        row = first + number
        grid.put(row, _NUMBER, number + 1, "note")
        grid.put(row, _START, band.start if table.kind == "exact" else Decimal(band.start), "input")
        grid.put(row, _VALUE, band.value, "input")
        grid.put(row, _STEP, steps[number], "helper")
    end = _find_end(table, bands)
    if end is not None:
        grid.put(last + 1, 0, _("end"), "note")
        grid.put(last + 1, _START, end, "input")
    numbers, starts, values, of_steps = (grid.span(column, first, last) for column in range(4))
    return TablePlace(
        table, label, numbers, starts, values, of_steps, grid.refer(last + 1, 1) if end is not None else ""
    )


def _find_end(table: BandTable, bands: Sequence[Band]) -> Decimal | None:
    if table.kind == "exact" or bands[-1].end is not None:
        return bands[-1].end
    return Decimal(bands[-1].start) if table.kind == "interpolated" else None


def _no_steps(_first: int, count: int) -> list[CellFormula | None]:
    return [None] * count


def _write_increments(first: int, count: int) -> list[CellFormula | None]:
    """By how much each rate is above the one before, from which the sum over all slices is computed."""
    rates = [refer_here(first + number, _VALUE) for number in range(count)]
    return [CellFormula(rates[0]), *(CellFormula(f"{rate}-{before}") for before, rate in pairwise(rates))]


def _write_slopes(first: int, count: int) -> list[CellFormula | None]:
    """How steep the line from each point to the next is; it ends at the last one."""
    places = [(refer_here(first + number, _VALUE), refer_here(first + number, _START)) for number in range(count)]
    slopes = [CellFormula(f"({then}-{value})/({end}-{start})") for (value, start), (then, end) in pairwise(places)]
    return [*slopes, CellFormula("0")]


_STEPS: Final[dict[str, Callable[[int, int], list[CellFormula | None]]]] = {
    "marginal": _write_increments,
    "interpolated": _write_slopes,
}
_STEP_HEADINGS: Final[dict[str, Callable[[], str]]] = {
    "marginal": lambda: _("more than the band before"),
    "interpolated": lambda: _("slope up to the next"),
    "whole": lambda: "",
    "exact": lambda: "",
}
