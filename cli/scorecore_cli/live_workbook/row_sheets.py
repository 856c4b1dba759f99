"""The rows of a table of events, of earlier periods or of another policy, with a column for each part of a formula."""

from collections.abc import Sequence
from typing import Any

from attrs import define, field

from scorecore.facts.model import SubjectRow
from scorecore.language.expressions import AGO, Field
from scorecore.values.unknown import Unknown
from scorecore_cli.language import _
from scorecore_cli.live_workbook.grid import ROW, CellFormula, SheetGrid, refer_here
from scorecore_cli.live_workbook.operator_formulas import NoFormulaError

_FIRST = 2
"""The row of the first event; above are the label of the table and the headings."""


@define
class RowSheet:
    """A sheet with a row for each event; a formula about an event stands in a column of its own.

    As the place of a formula it is every row at once: ROW stands for the row.
    """

    grid: SheetGrid
    label: str
    rows: Sequence[SubjectRow]
    fields: Sequence[tuple[str, str]]
    """The fields by name and label."""
    columns: dict[str, int] = field(init=False, factory=dict)
    _by_formula: dict[str, int] = field(init=False, factory=dict)
    _by_span: dict[str, int] = field(init=False, factory=dict)
    _next: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self.grid.put(0, 0, self.label, "title")
        self.grid.put(1, 0, _("row"), "note")
        for column, (name, label) in enumerate(self.fields, 1):
            self.columns[name] = column
            self.grid.put(1, column, label, "value_heading")
            self.grid.widths[column] = 14
        for number, row in enumerate(self.rows):
            self.grid.put(_FIRST + number, 0, number + 1, "note")
            for name, column in self.columns.items():
                value = row.get(name)
                content = CellFormula("NA()") if isinstance(value, Unknown) else value
                self.grid.put(_FIRST + number, column, content, "input")
        self._next = len(self.fields) + 1

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def numbers(self) -> str:
        """The numbers of the rows, from 1."""
        return self._span(0)

    def _span(self, column: int) -> str:
        return self.grid.span(column, _FIRST, _FIRST + self.count - 1)

    def column_of(self, name: str) -> str:
        """The cells of a field."""
        return self._span(self.columns[name])

    def cell_of(self, number: int, name: str) -> str:
        """A field of a row, from any sheet."""
        return self.grid.refer(_FIRST + number, self.columns[name])

    def find_cell(self, name: str, by: str, value: Any) -> str | None:  # noqa: ANN401  a value of any type
        """A field of the row in which another one has a value."""
        found = next((number for number, row in enumerate(self.rows) if row.get(by) == value), None)
        return None if found is None else self.cell_of(found, name)

    def is_filled(self, name: str) -> bool:
        """Whether every row has a value of a field."""
        return not any(row.get(name) is None or isinstance(row.get(name), Unknown) for row in self.rows)

    def write_field(self, cell: str, name: str) -> str:
        """A cell of a field; one that may be empty has no value then."""
        return cell if all(row.get(name) is not None for row in self.rows) else f"IF(ISBLANK({cell}),NA(),{cell})"

    # as the place of a formula

    def read_field(self, node: Field) -> str:
        return self.write_field(self.field_cell(node), node.name)

    def field_cell(self, node: Field) -> str:
        return refer_here(ROW, self.columns[node.name])

    def read_so_far(self) -> str:
        raise NoFormulaError(_("the points so far are not among the facts of an event"))

    def add_helper(self, formula: str, words: str) -> str | None:
        return self.here(self.add_column(formula, words))

    def read_column(self, span: str) -> str:
        return self.here(span)

    # columns with formulas

    def add_column(self, formula: str, words: str = "") -> str:
        """A column in which each row has a formula; gives its cells."""
        if formula not in self._by_formula:
            column = self._by_formula[formula] = self._next
            self._by_span[self._span(column)] = column
            self._next += 1
            self.grid.put(1, column, words or _("computed"), "note")
            for number in range(self.count):
                row = _FIRST + number
                self.grid.put(row, column, CellFormula(formula.replace(ROW, str(row + 1))), "helper")
        return self._span(self._by_formula[formula])

    def here(self, span: str) -> str:
        """The cell of the same row in a column."""
        return refer_here(ROW, self._by_span[span])

    def cell_in(self, span: str, number: int) -> str:
        """The cell of a row in a column, from any sheet."""
        return self.grid.refer(_FIRST + number, self._by_span[span])

    def count_run(self, condition: str) -> str:
        """How many rows from the first on, period before period, meet a condition."""
        column = self._next
        self._next += 1
        self.grid.put(1, column, _("periods in a row"), "note")
        before = "0"
        for number in range(self.count):
            row = _FIRST + number
            holds = condition.replace(ROW, str(row + 1))
            is_next = f"AND({refer_here(row, self.columns[AGO])}={number + 1},{before}={number})"
            self.grid.put(row, column, CellFormula(f"IF({is_next},IF({holds},{number + 1},0),0)"), "helper")
            before = refer_here(row, column)
        return f"MAX({self._span(column)})"
