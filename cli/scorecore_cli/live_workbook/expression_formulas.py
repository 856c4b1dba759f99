"""Expressions as formulas: operators by their table, lookups by the sheet of tables, events by their columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from attrs import define, field

from scorecore.language.expressions import (
    AGO,
    HISTORY,
    AccountSoFar,
    Apply,
    Constant,
    Count,
    DependencyValue,
    EventFold,
    Exists,
    ExistsOne,
    Expression,
    Field,
    ForAll,
    Has,
    HistoryAt,
    Latest,
    Lookup,
    Nth,
    PrecedingRun,
    Read,
    SumOver,
    constant_value,
)
from scorecore.language.operators import OPERATORS
from scorecore.language.rows import GreatestOver, KeyedField, LatestField, LeastOver, Neighbour, SumTo
from scorecore.values.types import TypeKind
from scorecore_cli.language import _
from scorecore_cli.live_workbook.band_formulas import TablePlace
from scorecore_cli.live_workbook.operator_formulas import (
    ABSORBING,
    OPERATOR_FORMULAS,
    REPEATED,
    ROUNDINGS,
    NoFormulaError,
    can_be_compared,
    explain_absence,
    needs_near,
    write_constant,
    write_near,
)
from scorecore_cli.live_workbook.row_sheets import RowSheet

_FAILING = frozenset({"/", "round_quotient", "quotient", "require", "within", "not_negative", "add_days", "+"})
"""Operators that may have no value though their operands have one."""
MOST_FORMULA = 8000
"""Characters of a formula."""
_DEEPEST = 60


class FormulaPlace(Protocol):
    """Where a formula stands: what it reads of an event, and where a part of it gets a cell of its own."""

    def read_field(self, node: Field) -> str:
        """A field of the event, or of the earlier period."""

    def field_cell(self, node: Field) -> str:
        """Its cell, which may be empty."""

    def read_column(self, span: str) -> str:
        """The cell that belongs to the event in a column of its sheet."""

    def read_so_far(self) -> str:
        """The points of the account before."""

    def add_helper(self, formula: str, words: str) -> str | None:
        """A cell with a part of the formula; None where there is no room."""


@define
class FormulaWriter:
    """Writes expressions; what they read is known by name."""

    names: dict[str, str] = field(factory=dict)
    """By the name of a value of the subject what a formula says to read it."""
    optional: set[str] = field(factory=set)
    """The values that may be absent: their cells may be empty."""
    known: set[str] = field(factory=set)
    """The values that are there for sure."""
    tables: dict[str, TablePlace] = field(factory=dict)
    sheets: dict[str, RowSheet] = field(factory=dict)
    """The rows of events, of earlier periods and of other policies, by table."""

    def write(self, node: Expression, place: FormulaPlace) -> str:
        """The formula of an expression; raises NoFormulaError."""
        formula = self._write(node, place)
        if len(formula) > MOST_FORMULA or _depth(formula) > _DEEPEST:
            raise NoFormulaError(_("the formula is too long for a cell"))
        return formula

    def _write(self, node: Expression, place: FormulaPlace) -> str:
        match node:
            case Constant():
                return write_constant(constant_value(node))
            case Read():
                return self._read(node)
            case Field():
                return place.read_field(node)
            case AccountSoFar():
                return place.read_so_far()
            case Apply():
                return self._apply(node, place)
            case Lookup():
                return self._look_up(node, place)
            case Has(operand=operand):
                return self._has(operand, place)
            case Nth() | KeyedField():
                return self._other_rows(node, place)
            case EventFold():
                return self._fold(node)
            case HistoryAt() | Latest() | PrecedingRun() | DependencyValue():
                return self._past(node)
        raise NoFormulaError(_("this part of the language has no form in a spreadsheet"))

    def cell(self, node: Expression, place: FormulaPlace) -> str:
        """An expression as something that may be named more than once."""
        formula = self._write(node, place)
        if isinstance(node, Constant | Field) or (isinstance(node, Read) and node.name not in self.optional):
            return formula
        return place.add_helper(formula, "") or formula

    def _read(self, node: Read) -> str:
        if node.name not in self.names:
            raise NoFormulaError(_("what it reads is not in this workbook"))
        name = self.names[node.name]
        return f"IF(ISBLANK({name}),NA(),{name})" if node.name in self.optional else name

    def _apply(self, node: Apply, place: FormulaPlace) -> str:
        if node.operator not in OPERATOR_FORMULAS:
            raise NoFormulaError(explain_absence(node.operator))
        write = self.cell if node.operator in REPEATED else self._write
        operands = [write(operand, place) for operand in node.operands]
        if node.operator in ROUNDINGS:
            operands = [self._number_to_round(node, operands, place)]
        is_known = all(map(self.is_known, node.operands))
        formulas = OPERATOR_FORMULAS if is_known else {**OPERATOR_FORMULAS, **ABSORBING}
        return formulas[node.operator](node, operands)

    def _number_to_round(self, node: Apply, operands: Sequence[str], place: FormulaPlace) -> str:
        sign = ROUNDINGS[node.operator]
        number = f"({sign.join(operands)})" if sign else operands[0]
        if not needs_near(node):
            return number
        number = place.add_helper(number, _("to be rounded")) or number
        return place.add_helper(write_near(number), _("to fourteen digits")) or number

    def is_known(self, node: Expression) -> bool:
        """Whether an expression has a value for sure."""
        match node:
            case Constant() | Has() | AccountSoFar():
                return True
            case Read(name=name):
                return name in self.known
            case Field(table=table, name=name):
                return self.sheets[table].is_filled(name) and table != HISTORY
            case Apply(operator=operator, operands=operands):
                joins_texts = operator == "+" and node.type.kind is TypeKind.STRING
                can_fail = operator in _FAILING and (operator != "+" or joins_texts)
                return not can_fail and OPERATORS[operator].name != "require" and all(map(self.is_known, operands))
        return False

    def _look_up(self, node: Lookup, place: FormulaPlace) -> str:
        table = self.tables[node.table]
        key = self.cell(node.key, place)
        position = table.write_position(key)
        return table.write(key, place.add_helper(position, _("band of {table}", table=table.label)) or position)

    # rows

    def sheet(self, table: str) -> RowSheet:
        """The rows of a table; raises NoFormulaError where they are not known."""
        sheet = self.sheets.get(table)
        if sheet is None:
            raise NoFormulaError(_("its rows are not known"))
        return sheet

    def _has(self, operand: Expression, place: FormulaPlace) -> str:
        match operand:
            case Read(name=name):
                cell = self.names[name]
            case Field():
                cell = place.field_cell(operand)
            case HistoryAt(field=of, ago=ago):
                found = self.sheet(HISTORY).find_cell(of.name, AGO, ago)
                if found is None:
                    return "FALSE"
                cell = found
            case DependencyValue(field=of):
                sheet = self.sheet(of.table)
                if not sheet.count:
                    return "FALSE"
                cell = sheet.cell_of(0, of.name)
            case KeyedField():
                return self._keyed(operand, place, asks=True)
            case Neighbour():
                return self._other_rows(operand, place, asks=True)
            case _:
                raise NoFormulaError(_("this part of the language has no form in a spreadsheet"))
        return f"IF(ISBLANK({cell}),FALSE,{cell}={cell})"

    def _past(self, node: HistoryAt | Latest | PrecedingRun | DependencyValue) -> str:
        match node:
            case HistoryAt(field=of, ago=ago):
                found = self.sheet(HISTORY).find_cell(of.name, AGO, ago)
                return "NA()" if found is None else f"IF(ISBLANK({found}),NA(),{found})"
            case Latest(field=of, default=default):
                sheet = self.sheet(HISTORY)
                if not sheet.count:
                    return write_constant(constant_value(default))
                cell = sheet.cell_of(0, of.name)
                return f"IF(ISBLANK({cell}),NA(),{cell})"
            case DependencyValue(field=of):
                sheet = self.sheet(of.table)
                cell = sheet.cell_of(0, of.name) if sheet.count else ""
                return f"IF(ISBLANK({cell}),NA(),{cell})" if cell else "NA()"
            case PrecedingRun(condition=condition):
                sheet = self.sheet(HISTORY)
                return sheet.count_run(self._write(condition, sheet)) if sheet.count else "0"

    def _fold(self, node: EventFold) -> str:
        sheet = self.sheet(node.table)
        where = None if node.where is None else self._write(node.where, sheet)
        if isinstance(node, Count):
            counts = None if where is None else sheet.add_column(f"IF({where},1,0)", _("counts"))
            return f"SUM({counts})" if counts and sheet.count else str(sheet.count)
        body = self._write(_body(node), sheet)
        if not sheet.count:
            return _EMPTY.get(type(node), "NA()")
        write_cell, write_result, otherwise = _FOLDS[type(node)]
        column = sheet.add_column(write_cell(body if where is None else f"IF({where},{body},{otherwise})"))
        result = write_result(column)
        if node.where is None or where is None or self.is_known(node.where):
            return result
        counts = sheet.add_column(f"IF({where},1,0)", _("counts"))
        return f"IF(ISERROR(SUM({counts})),NA(),{result})"

    def _keyed(self, node: KeyedField, place: FormulaPlace, *, asks: bool = False) -> str:
        sheet = self.sheet(node.table)
        if not sheet.count:
            return "FALSE" if asks else "NA()"
        equal = [
            _write_equal(sheet.column_of(name), self.cell(key, place), key)
            for name, key in zip(node.key_names, node.keys, strict=True)
        ]
        if isinstance(node, LatestField):
            last = sheet.column_of(node.key_names[-1])
            alike = "*".join([*equal[:-1], f"({last}<={self.cell(node.keys[-1], place)})"])
            latest = f"SUMPRODUCT(MAX({alike}*{last}))"
            latest = place.add_helper(latest, _("the last row up to it")) or latest
            equal = [alike, f"({last}={latest})"]
        position = f"SUMPRODUCT({'*'.join(equal)}*{sheet.numbers})"
        position = place.add_helper(position, _("row of {table}", table=sheet.label)) or position
        cell = f"INDEX({sheet.column_of(node.name)},MAX(1,{position}))"
        if asks:
            return f"IF({position}=0,FALSE,NOT(ISBLANK({cell})))"
        return f"IF({position}=0,NA(),IF(ISBLANK({cell}),NA(),{cell}))"

    def _other_rows(self, node: Nth | KeyedField, place: FormulaPlace, *, asks: bool = False) -> str:
        if isinstance(node, KeyedField):
            return self._keyed(node, place)
        sheet = self.sheet(node.table)
        if not sheet.count:
            return "NA()"
        if not all(can_be_compared(order.type) for order in node.orders):
            raise NoFormulaError(_("spreadsheets put texts in another order"))
        where = "1" if node.where is None else f"IF({self._write(node.where, sheet)},1,0)"
        counts = sheet.add_column(where)
        alike = counts
        if node.by is not None:
            by = sheet.add_column(self._write(node.by, sheet))
            alike = f"{alike}*{_write_equal(by, sheet.here(by), node.by)}"
        orders = [sheet.add_column(f"ROUND({self._write(order, sheet)},9)") for order in node.orders]
        before, same = "", "1"
        for order in orders:
            own = sheet.here(order)
            before = f"{before}+{same}*({order}<{own})" if before else f"({order}<{own})"
            same = f"{same}*({order}={own})"
        is_tied = f"SUMPRODUCT({alike}*{same})>{sheet.here(counts)}"
        if isinstance(node, SumTo):
            body = sheet.add_column(f"IF({sheet.here(counts)}=1,{self._write(node.body, sheet)},0)")
            number = f"SUMPRODUCT({alike}*({before}+{same})*{body})"
        else:
            number = f"1+SUMPRODUCT({alike}*({before}))"
        if isinstance(node, Neighbour):
            numbers = sheet.add_column(number, _("number of the event"))
            wanted = f"{sheet.here(numbers)}+{sheet.here(counts)}" if node.is_next else f"{sheet.here(numbers)}-1"
            is_near = f"{alike}*({numbers}={wanted})"
            cell = f"INDEX({sheet.column_of(node.name)},MAX(1,SUMPRODUCT({is_near}*{sheet.numbers})))"
            is_there = f"SUMPRODUCT({is_near})"
            is_tied = f"OR({is_tied},{is_there}>1)"
            number = f"IF({is_there}=0,NA(),IF(ISBLANK({cell}),NA(),{cell}))"
            number = f"IF({is_there}=0,FALSE,NOT(ISBLANK({cell})))" if asks else number
            return place.read_column(sheet.add_column(f"IF({is_tied},NA(),{number})", _("the event beside it")))
        column = sheet.add_column(f"IF({is_tied},NA(),{number})", _("number of the event"))
        return place.read_column(column)


def _write_equal(cells: str, key: str, of: Expression) -> str:
    return f"EXACT({cells},{key})" if of.type.kind is TypeKind.STRING else f"({cells}={key})"


def _body(node: EventFold) -> Expression:
    body: Expression = node.body  # type: ignore[attr-defined]  # all but Count have one
    return body


def _depth(formula: str) -> int:
    depth = deepest = 0
    for letter in formula:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    return deepest


_FOLDS: Mapping[type, tuple[Callable[[str], str], Callable[[str], str], str]] = {
    SumOver: (str, "SUM({})".format, "0"),
    GreatestOver: (str, "IF(COUNT({0})=0,SUM({0})/0,MAX({0}))".format, '""'),
    LeastOver: (str, "IF(COUNT({0})=0,SUM({0})/0,MIN({0}))".format, '""'),
    Exists: ("IF({},1,0)".format, "IF(COUNTIF({0},1)>0,TRUE,SUM({0})>0)".format, "FALSE"),
    ForAll: ("IF({},0,1)".format, "IF(COUNTIF({0},1)>0,FALSE,SUM({0})=0)".format, "TRUE"),
    ExistsOne: ("IF({},1,0)".format, "(SUM({})=1)".format, "FALSE"),
}
"""What each row has, how the rows become one value, and what a row has that is not asked for.

Of `exists` and `all` a row without a value counts only where no other decides.
"""
_EMPTY: Mapping[type, str] = {Count: "0", SumOver: "0", Exists: "FALSE", ForAll: "TRUE", ExistsOne: "FALSE"}
