"""Steps and accounts as cells: each with its formula, the recorded value, and a check beside it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import define, field

from scorecore.evaluate.outcome import Outcome
from scorecore.language.expressions import AccountSoFar, Expression, Field, walk
from scorecore.language.printer import print_formula
from scorecore.program.model import Program
from scorecore.program.steps import Account, AnyStep, EntryRule, GroupStep, Step
from scorecore.values.types import Type, TypeKind
from scorecore.values.unknown import Unknown
from scorecore_cli.language import _
from scorecore_cli.live_workbook.expression_formulas import FormulaWriter
from scorecore_cli.live_workbook.grid import CellFormula, GridBook, SheetGrid
from scorecore_cli.live_workbook.operator_formulas import NoFormulaError
from scorecore_cli.live_workbook.row_sheets import RowSheet
from scorecore_cli.visible_text import make_line

GROUPS: Final = "groups"
"""The section of the steps that are compared within groups; their names are digests."""
SAME, DIFFERENT = "✓", "≠"
WHAT, NAME, VALUE, RECORDED, CHECK, FORMULA, CLAUSE, NOTE = range(8)
"""The columns of the sheet of steps."""
_ITEM, _REASON, _EVENT, _APPLIES, _POINTS, _CHANGE, _SO_FAR, _RECORDED_CHANGE, ENTRY_CHECK, _ENTRY_NOTE = range(10)
"""The columns of the ledger."""
_RELATIVE: Final = "0.0000000000001"
_LONGEST_FORMULA: Final = 400


def write_check(cell: str, recorded: str, of: Type, value: Any) -> CellFormula:  # noqa: ANN401  a value of any type
    """Whether a cell has what was recorded: numbers to their last place, as far as a spreadsheet holds them."""
    if isinstance(value, Unknown):
        return CellFormula(f'IF(ISERROR({cell}),"{SAME}","{DIFFERENT}")', SAME)
    if of.kind is TypeKind.STRING:
        is_same = f"EXACT({cell},{recorded})"
    elif of.is_number or of.kind is TypeKind.TIMESTAMP:
        places = min(of.places, 6) if of.ends and of.is_number else 6
        least = f"0.{'0' * (places + 1)}5"
        is_same = f"ABS({cell}-{recorded})<=MAX({least},ABS({recorded})*{_RELATIVE})"
    else:
        is_same = f"{cell}={recorded}"
    return CellFormula(f'IF(ISERROR({cell}),"{DIFFERENT}",IF({is_same},"{SAME}","{DIFFERENT}"))', SAME)


def _strip(formula: str) -> str:
    """Without brackets around the whole."""
    depth = 0
    for position, letter in enumerate(formula):
        depth += (letter == "(") - (letter == ")")
        if not depth and position < len(formula) - 1:
            return formula
    return formula.removeprefix("(").removesuffix(")")


@define
class StepSheet:
    """The sheet of steps; as the place of a formula it is the subject."""

    grid: SheetGrid
    row: int = 2
    words: str = ""
    """Of the step that is being written, for its helpers."""

    def __attrs_post_init__(self) -> None:
        headings = (
            *(_("step"), _("name in formulas"), _("computed"), _("recorded"), _("check")),
            *(_("the formula in the policy"), _("clause"), _("why it is a value")),
        )
        self.grid.put(0, 0, _("steps"), "title")
        for column, heading in enumerate(headings):
            self.grid.put(1, column, heading, "value_heading" if column in {VALUE, RECORDED} else "heading")
            self.grid.widths[column] = (34, 26, 16, 16, 7, 60, 20, 40)[column]

    def read_field(self, node: Field) -> str:  # noqa: ARG002  as of every place
        raise NoFormulaError(_("it reads an event where there is none"))

    field_cell = read_field

    def read_so_far(self) -> str:
        raise NoFormulaError(_("it reads the points so far outside of an account"))

    def read_column(self, span: str) -> str:  # noqa: ARG002  as of every place
        raise NoFormulaError(_("it reads an event where there is none"))

    def add_helper(self, formula: str, words: str) -> str | None:
        self.grid.put(self.row, WHAT, f"    {words or _('part of {step}', step=self.words)}", "note")
        self.grid.put(self.row, VALUE, CellFormula(formula), "helper")
        self.row += 1
        return self.grid.refer(self.row - 1, VALUE)


@define
class _EntryPlace:
    """Where a rule of an account makes an entry: for the subject, or for an event."""

    steps: StepSheet
    so_far: str
    sheet: RowSheet | None
    number: int

    def read_field(self, node: Field) -> str:
        assert self.sheet is not None  # noqa: S101  the compiler lets fields stand only where there is an event
        return self.sheet.write_field(self.field_cell(node), node.name)

    def field_cell(self, node: Field) -> str:
        assert self.sheet is not None  # noqa: S101  as above
        return self.sheet.cell_of(self.number, node.name)

    def read_so_far(self) -> str:
        return self.so_far

    def read_column(self, span: str) -> str:
        assert self.sheet is not None  # noqa: S101  as above
        return self.sheet.cell_in(span, self.number)

    def add_helper(self, formula: str, words: str) -> str | None:
        return self.steps.add_helper(formula, words)


@define
class StepWriter:
    """Writes the steps of a program in their order."""

    program: Program
    outcome: Outcome
    book: GridBook
    writer: FormulaWriter
    steps: StepSheet
    ledger: SheetGrid
    label: Callable[[str], str]
    """The words of a step without a label."""
    marked: dict[str, str] = field(factory=dict)
    """The steps that are values, and why."""
    _ledger_row: int = 2
    _recorded: Mapping[tuple[int, int], Decimal] = field(init=False)

    def __attrs_post_init__(self) -> None:
        changes: dict[tuple[int, int], Decimal] = {}
        for rule, _quantity, points, event in self.outcome.entries:
            changes[rule, event] = changes.get((rule, event), Decimal(0)) + points
        self._recorded = changes
        headings = (
            *(_("item"), _("reason"), _("event"), _("applies"), _("points"), _("change"), _("points so far")),
            *(_("recorded"), _("check"), _("why it is a value")),
        )
        self.ledger.put(0, 0, _("points ledger"), "title")
        for column, heading in enumerate(headings):
            self.ledger.put(1, column, heading, "heading")
            self.ledger.widths[column] = (30, 30, 16, 10, 12, 12, 14, 12, 7, 40)[column]

    def write_all(self) -> None:
        printed = {step.name: step for step in self.program.steps}
        for step in self.program.core.steps:
            self._write_step(step, printed[step.name])

    def _write_step(self, step: AnyStep, printed: AnyStep) -> None:
        value = self.outcome.value(step.name)
        self.steps.words = make_line(step.label or self.label(step.name))
        formula: CellFormula | None = None
        reason = ""
        try:
            formula = CellFormula(self._hold(step, self._formula(step)), None if isinstance(value, Unknown) else value)
        except NoFormulaError as error:
            reason = str(error)
        self._put(step, printed, formula, reason, value)
        if not step.held_by and formula is not None and self._is_sure(step):
            self.writer.known.add(step.name)

    def _is_sure(self, step: AnyStep) -> bool:
        return isinstance(step, Step) and self.writer.is_known(step.expression)

    def _formula(self, step: AnyStep) -> str:
        match step:
            case Account():
                return self._account(step)
            case Step(expression=expression):
                return self.writer.write(expression, self.steps)
        raise NoFormulaError(_("it depends on everybody in the group"))

    def _hold(self, step: AnyStep, formula: str) -> str:
        holds = [self.writer.names[name] for name in step.held_by]
        return f"IF(OR({','.join(holds)}),NA(),{formula})" if holds else _strip(formula)

    def _put(self, step: AnyStep, printed: AnyStep, formula: CellFormula | None, reason: str, value: Any) -> None:  # noqa: ANN401  of any type
        grid, row = self.steps.grid, self.steps.row
        place = grid.refer(row, VALUE)
        is_named = step.name.section != GROUPS
        self.writer.names[step.name] = name = self.book.define_name(step.name, place) if is_named else place
        grid.put(row, WHAT, self.steps.words)
        grid.put(row, NAME, name if name != place else None, "note")
        held = isinstance(value, Unknown)
        if formula is not None:
            grid.put(row, VALUE, formula, "value")
        else:
            grid.put(row, VALUE, CellFormula("NA()") if held else value, "marked")
            grid.put(row, NOTE, reason, "note")
            self.marked[step.name] = reason
        grid.put(row, RECORDED, _("held") if held else value, "recorded")
        grid.put(row, CHECK, write_check(place, grid.refer(row, RECORDED), step.type, value), "check")
        if isinstance(printed, Step):
            grid.put(row, FORMULA, print_formula(printed.expression)[:_LONGEST_FORMULA], "note")
        elif isinstance(printed, GroupStep):
            grid.put(row, FORMULA, printed.text, "note")
        grid.put(row, CLAUSE, make_line(step.authority) or None, "note")
        self.steps.row += 1

    # accounts

    def _account(self, account: Account) -> str:
        """Write the entries of an account into the ledger; its points are those after the last."""
        first = next((number for number, rule in enumerate(self.program.ledger) if rule.account == account.name), 0)
        words = make_line(account.label or self.label(account.name))
        opening = self.writer.write(account.opening, self.steps)
        row = self._ledger_row
        self.ledger.put(row, _ITEM, words)
        self.ledger.put(row, _REASON, _("opening points"))
        self.ledger.put(row, _SO_FAR, CellFormula(opening), "value")
        self._ledger_row += 1
        for number, rule in enumerate(account.entries, first + bool(account.opens_with)):
            sheet = self.writer.sheet(rule.each) if rule.each else None
            for event in range(sheet.count) if sheet else (-1,):
                self._entry(account, rule, number, sheet, event)
        self._ledger_row += 1
        return self.ledger.refer(self._ledger_row - 2, _SO_FAR)

    def _entry(self, account: Account, rule: EntryRule, number: int, sheet: RowSheet | None, event: int) -> None:
        row, before = self._ledger_row, self.ledger.refer(self._ledger_row - 1, _SO_FAR)
        recorded = self._recorded.get((number, event))
        is_held = isinstance(self.outcome.value(account.name), Unknown)
        self.ledger.put(row, _REASON, make_line(rule.label or rule.reason))
        if sheet is not None:
            key = next(table.key for table in self.program.schema.events if table.name == rule.each)
            self.ledger.put(row, _EVENT, " ".join(str(sheet.rows[event].get(name)) for name in key))
        place = _EntryPlace(self.steps, before, sheet, event)
        points = self.ledger.refer(row, _POINTS)
        try:
            condition = None if rule.when is None else self._part(rule.when, place)
            part = rule.to if rule.to is not None else rule.points
            assert part is not None  # noqa: S101  a rule adds or sets
            self.ledger.put(row, _POINTS, CellFormula(self._part(part, place)), "helper")
        except NoFormulaError as error:
            self.ledger.put(row, _CHANGE, CellFormula("NA()") if is_held else recorded or Decimal(0), "marked")
            self.ledger.put(row, _ENTRY_NOTE, str(error), "note")
            self.marked[f"{account.name} / {rule.reason}"] = str(error)
        else:
            change = f"{points}-{before}" if rule.to is not None else points
            if condition is not None:
                self.ledger.put(row, _APPLIES, CellFormula(condition), "helper")
                change = f"IF({self.ledger.refer(row, _APPLIES)},{change},0)"
            self.ledger.put(row, _CHANGE, CellFormula(change), "value")
        change_cell = self.ledger.refer(row, _CHANGE)
        self.ledger.put(row, _SO_FAR, CellFormula(f"{before}+{change_cell}"), "value")
        if not is_held:
            self.ledger.put(row, _RECORDED_CHANGE, recorded or Decimal(0), "recorded")
            check = write_check(change_cell, self.ledger.refer(row, _RECORDED_CHANGE), account.type, Decimal(0))
            self.ledger.put(row, ENTRY_CHECK, check, "check")
        self._ledger_row += 1

    def _part(self, expression: Expression, place: _EntryPlace) -> str:
        """A part of a rule: about an event in a column of its sheet, unless it reads the points so far."""
        reads_so_far = any(isinstance(part, AccountSoFar) for part in walk(expression))
        if place.sheet is None or reads_so_far:
            return self.writer.write(expression, place)
        return place.sheet.cell_in(place.sheet.add_column(self.writer.write(expression, place.sheet)), place.number)
