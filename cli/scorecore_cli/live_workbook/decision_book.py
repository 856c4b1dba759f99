"""The whole workbook of a decision, as sheets: results first, then facts, figures, tables, steps and the ledger."""

from collections.abc import Iterator
from typing import Final

from attrs import define, frozen

from scorecore.evaluate.decisions import NET
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.period_context import PeriodContext, period_context
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.record.corrections.payroll import NAME
from scorecore.values.period import Period
from scorecore.values.types import Type, TypeKind
from scorecore.values.unknown import Unknown
from scorecore_cli.labels import labeller
from scorecore_cli.language import _, ngettext
from scorecore_cli.live_workbook.band_formulas import put_table
from scorecore_cli.live_workbook.expression_formulas import FormulaWriter
from scorecore_cli.live_workbook.grid import CellFormula, GridBook, SheetGrid
from scorecore_cli.live_workbook.row_sheets import RowSheet
from scorecore_cli.live_workbook.step_sheets import CHECK, DIFFERENT, ENTRY_CHECK, StepSheet, StepWriter, write_check
from scorecore_cli.visible_text import make_line

_RESULTS: Final = 3
"""The row of the headings of the results."""
_CENT: Final = Type(TypeKind.DECIMAL, places=2)


@frozen
class ComputedDecision:
    """What a workbook is about: one subject, and what was decided."""

    program: Program
    period: Period
    facts: SubjectFacts
    outcome: Outcome


@frozen
class DecisionBook:
    """The sheets, and what in them is a value although the program computes it."""

    book: GridBook
    marked: dict[str, str]


def build_decision_book(decision: ComputedDecision, book: GridBook | None = None) -> DecisionBook:
    """All sheets of the workbook of a decision; they may join those of others in a `book`."""
    return _DecisionBuilder(decision, GridBook() if book is None else book, FormulaWriter()).build()


@define
class _DecisionBuilder:
    decision: ComputedDecision
    book: GridBook
    writer: FormulaWriter

    @property
    def program(self) -> Program:
        return self.decision.program

    def build(self) -> DecisionBook:
        front = self.book.add(_("decision"))
        context = period_context(self.program, self.decision.period)
        self._facts(self.book.add(_("facts")))
        self._figures(self.book.add(_("figures")), context)
        self._tables(self.book.add(_("tables")), context)
        steps = StepSheet(self.book.add(_("steps")))
        ledger = self.book.add(_("points ledger"))
        self._rows()
        writer = StepWriter(
            self.program, self.decision.outcome, self.book, self.writer, steps, ledger, labeller(self.program)
        )
        writer.write_all()
        self._front(front, steps.grid, ledger, writer.marked)
        self.book.grids = [grid for grid in self.book.grids if grid.cells]
        return DecisionBook(self.book, writer.marked)

    # what is read

    def _facts(self, grid: SheetGrid) -> None:
        grid.put(0, 0, _("facts"), "title")
        for column, heading in enumerate((_("fact"), _("value"), _("unit"), _("name in formulas"))):
            grid.put(1, column, heading, "value_heading" if column == 1 else "heading")
            grid.widths[column] = (34, 20, 12, 30)[column]
        for row, column_of in enumerate(self.program.schema.columns, 2):
            value = self.decision.facts.values.get(column_of.name)
            grid.put(row, 0, make_line(column_of.label or column_of.name))
            grid.put(row, 1, CellFormula("NA()") if isinstance(value, Unknown) else value, "input")
            grid.put(row, 2, column_of.unit or None, "note")
            self._name(grid, row, 1, column_of.name, f"facts.{column_of.name}")
            if column_of.optional:
                self.writer.optional.add(column_of.name)
            elif value is not None and not isinstance(value, Unknown):
                self.writer.known.add(column_of.name)

    def _figures(self, grid: SheetGrid, context: PeriodContext) -> None:
        grid.put(0, 0, _("figures of the policy, and the period"), "title")
        labels = {f"parameters.{parameter.name}": parameter.label for parameter in self.program.parameters}
        labels |= {
            "period.start": _("the first day of the period"),
            "period.end": _("the last day of the period"),
            "period.days": _("the days of the period"),
        }
        units = {f"parameters.{parameter.name}": parameter.unit for parameter in self.program.parameters}
        for column, heading in enumerate((_("figure"), _("value"), _("unit"), _("name in formulas"))):
            grid.put(1, column, heading, "value_heading" if column == 1 else "heading")
            grid.widths[column] = (34, 20, 12, 30)[column]
        for row, (name, value) in enumerate(context.values.items(), 2):
            grid.put(row, 0, make_line(labels.get(name) or name))
            grid.put(row, 1, value, "input")
            grid.put(row, 2, units.get(name) or None, "note")
            self._name(grid, row, 1, name, name)
            self.writer.known.add(name)

    def _name(self, grid: SheetGrid, row: int, column: int, read: str, name: str) -> None:
        place = grid.refer(row, column)
        self.writer.names[read] = written = self.book.define_name(name, place)
        grid.put(row, column + 2, written if written != place else None, "note")

    def _tables(self, grid: SheetGrid, context: PeriodContext) -> None:
        row = 0
        for table in self.program.tables:
            bands = context.bands[table.name]
            if bands:
                label = make_line(table.label or table.name)
                self.writer.tables[table.name] = put_table(grid, row, table, label, bands)
                row += len(bands) + 4
        for column in range(4):
            grid.widths[column] = 18

    def _rows(self) -> None:
        """A sheet for each table whose rows are known."""
        schema = self.program.schema
        for table in schema.events:
            self._add_rows(table.name, make_line(table.label or table.name), table.columns)
        if schema.history:
            ago = FactColumn(AGO, Type(TypeKind.INT), _("periods before"))
            self._add_rows(HISTORY, _("earlier decisions"), (ago, *schema.history))

    def _add_rows(self, table: str, label: str, columns: tuple[FactColumn, ...]) -> None:
        rows = self.decision.facts.rows.get(table)
        if rows is not None and not isinstance(rows, Unknown):
            words = labeller(self.program)
            fields = [(column.name, make_line(column.label or words(column.name))) for column in columns]
            self.writer.sheets[table] = RowSheet(self.book.add(label), label, rows, fields)

    # the first sheet

    def _front(self, grid: SheetGrid, steps: SheetGrid, ledger: SheetGrid, marked: dict[str, str]) -> None:
        facts = self.decision.facts
        name = facts.values.get(NAME)
        who = f"{facts.subject}  {name}" if isinstance(name, str) else facts.subject
        grid.put(0, 0, make_line(f"{self.program.title}  {self.decision.period}  {who}"), "title")
        grid.put(1, 0, make_line(f"{self.program.id}@{self.program.version}  {self.program.authority}"), "note")
        for column, heading in enumerate((_("result"), _("computed"), _("recorded"), _("check"))):
            grid.put(_RESULTS, column, heading, "value_heading" if column in {1, 2} else "heading")
            grid.widths[column] = (44, 18, 18, 9)[column]
        row = _RESULTS
        for label, cell, of, value in self._results():
            row += 1
            grid.put(row, 0, label)
            grid.put(row, 1, CellFormula(cell, None if isinstance(value, Unknown) else value), "value")
            grid.put(row, 2, _("held") if isinstance(value, Unknown) else value, "recorded")
            grid.put(row, 3, write_check(grid.refer(row, 1), grid.refer(row, 2), of, value), "check")
        checks = [
            f'COUNTIF({each.span(column, 2, max(place[0] for place in each.cells))},"{DIFFERENT}")'
            for each, column in ((steps, CHECK), (ledger, ENTRY_CHECK))
            if any(place[1] == column for place in each.cells)
        ]
        row += 2
        grid.put(row, 0, _("cells that differ from what was recorded"))
        grid.put(row, 1, CellFormula("+".join(checks) or "0", 0), "value")
        for line in self._lines(marked):
            row += 1
            grid.put(row, 0, line, "note")

    def _results(self) -> Iterator[tuple[str, str, Type, object]]:
        """What was decided: label, formula, type and recorded value."""
        words, outcome = labeller(self.program), self.decision.outcome
        for name in self.program.results():
            step = self.program.step(name)
            label = step.label or words(name)
            label = _("{label}, at the end", label=label) if name.role else label
            yield make_line(label), self.writer.names[name], step.type, outcome.value(name)
        if self.program.pay:
            lines = (
                f"{'+' if line.sign > 0 else '-'}IFERROR({self.writer.names[line.step]},0)" for line in self.program.pay
            )
            yield words(NET), "".join(lines).removeprefix("+"), _CENT, outcome.net

    def _lines(self, marked: dict[str, str]) -> Iterator[str]:
        yield _("Change a blue cell, and everything is computed again: facts, figures, tables and events.")
        yield _("The check compares with what was recorded; after a change it shows what the change does.")
        yield _("Events can be changed, not added. A held result is an error here (#N/A), as no value is known.")
        if marked:
            message = ngettext(
                "{count} step is a value and does not follow a change; it is yellow, with the reason beside it.",
                "{count} steps are values and do not follow a change; they are yellow, with the reason beside them.",
                len(marked),
            )
            yield message
