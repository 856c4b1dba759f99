"""A formula in plain words: labels with the values that they had, and signs as people write them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from scorecore.analysis.formula_inputs import FormulaInput
from scorecore.language.expressions import (
    AppliesIf,
    Apply,
    Constant,
    Count,
    DependencyValue,
    EventFold,
    Expression,
    Field,
    GroupValue,
    Guarded,
    HistoryAt,
    Latest,
    Lookup,
    MatterState,
    Nth,
    PrecedingRun,
    Rate,
    Read,
    Streak,
    SumOver,
    Widened,
)
from scorecore.program.model import Program
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.labels import list_labels
from scorecore_cli.language import _, join_sentences
from scorecore_cli.statements.money import format_money

_SHOWN_PLACES: Final = 6
_SIGNS: Final = {"+": ("+", 1), "-": ("\u2212", 1), "*": ("×", 2), "/": ("÷", 2)}
_ROUNDED: Final = {"round_product": "*", "round_quotient": "/"}
_WHOLE, _TIGHT = 0, 3
"""How tightly words hold together, beside the signs."""
_TRANSPARENT: Final = frozenset({"within", "not_negative"})
"""Operators of the compiler's own that change no value."""


def format_figure(value: Any) -> str:  # noqa: ANN401  a value of any type
    """A value as people write it: thousands apart, a long fraction cut short, yes or no."""
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case int() | Decimal():
            return _group_thousands(format_decimal(Decimal(value)))
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
    text = str(value)
    return text if isinstance(value, str) else _group_thousands(text.rstrip("…"))  # a quotient that does not end


def _group_thousands(text: str) -> str:
    whole, _point, places = text.partition(".")
    sign, digits = ("\u2212", whole[1:]) if whole.startswith("-") else ("", whole)
    shown = f"{sign}{int(digits or 0):,}"
    if len(places) > _SHOWN_PLACES:
        return f"{shown}.{places[:_SHOWN_PLACES]}…"
    return f"{shown}.{places}" if places else shown


@frozen
class FormulaWords:
    """Writes the formulas of one program in words."""

    labels: Mapping[str, str]
    tables: Mapping[str, str]
    """The words of tables of bands and of events."""
    show_text: Callable[[str], str]
    """A text of the facts as a statement may show it; empty where it may not."""
    amounts: Collection[str]
    """What is counted in the currency of the policy: lines, balances, and facts with this unit."""

    @classmethod
    def of(cls, program: Program, show_text: Callable[[str], str]) -> "FormulaWords":
        labels = list_labels(program) | {step.name: step.label for step in program.steps if step.label}
        labels |= {f"parameters.{parameter.name}": parameter.label for parameter in program.parameters}
        labels |= {f"groups.{group.name}": group.label for group in program.groups}
        tables = {table.name: table.label for table in program.tables}
        tables |= {table.name: table.label for table in program.schema.events}
        amounts = {column.name for column in program.schema.columns if column.unit and column.unit == program.currency}
        amounts |= {line.step for line in program.pay} | {f"carry.{carry.name}" for carry in program.carries}
        return cls(labels, tables, show_text, amounts)

    def write_figure(self, name: str, value: Any) -> str:  # noqa: ANN401  a value of any type
        """An amount of money with its cents, anything else as it is."""
        is_money = name in self.amounts and isinstance(value, Decimal | int) and not isinstance(value, bool)
        return format_money(Decimal(value)) if is_money else format_figure(value)

    def _write_value(self, node: Expression | None, value: Any) -> str:  # noqa: ANN401  a value of any type
        return self.write_figure(node.name if isinstance(node, Read) else "", value)

    def label(self, name: str) -> str:
        """The policy's label of a name, or the name as words."""
        return self.labels.get(name) or self.labels.get(f"values.{name}") or spell(name)

    def describe(self, formula: Expression, inputs: Sequence[FormulaInput]) -> str:
        """How a value came about; empty where the formula is one name or number, whose value is the value itself."""
        while isinstance(formula, AppliesIf | Widened | Guarded):
            formula = formula.value if isinstance(formula, AppliesIf) else formula.operand
        if isinstance(formula, Constant):
            return ""
        if isinstance(formula, Read):
            return self.label(formula.name)
        values = {part.expression: part.value for part in inputs if part.expression is not None}
        written = self._write(formula, values)
        return written[0] if written else self.list_inputs(inputs)

    def list_inputs(self, inputs: Sequence[FormulaInput]) -> str:
        """What a formula that is not plain arithmetic has read."""
        parts = [self._valued(part.expression, part.value) for part in inputs if self._is_shown(part)]
        return _("from {inputs}", inputs=join_sentences(parts)) if parts else ""

    @staticmethod
    def _is_shown(part: FormulaInput) -> bool:
        is_clock = isinstance(part.expression, Read) and part.name.startswith("period.")
        return part.expression is not None and part.value is not None and not is_clock

    def _valued(self, node: Expression | None, value: Any) -> str:  # noqa: ANN401  a value of any type
        figure = self.show_text(value) if isinstance(value, str) else self._write_value(node, value)
        return f"{self._name(node)} {figure}".strip() if node is not None else figure

    def _name(self, node: Expression) -> str:  # noqa: PLR0911  a name for each kind of expression
        match node:
            case Read(name=name):
                return self.label(name)
            case Field(name=name):
                return self.label(name)
            case Lookup(table=table):
                return self._table(table)
            case Rate(lookup=Lookup(table=table)):
                return _("mean rate of {table}", table=self._table(table))
            case SumOver(table=table):
                return _("sum of {table}", table=self._table(table))
            case Count(table=table):
                return _("number of {table}", table=self._table(table))
            case EventFold(table=table):
                return self._table(table)
            case HistoryAt(field=Field(name=name), ago=ago):
                return _("{label}, {count} periods earlier", label=self.label(name), count=ago)
            case Latest(field=Field(name=name)) | DependencyValue(field=Field(name=name)):
                return self.label(name)
            case Streak() | PrecedingRun():
                return _("periods in a row")
            case Nth(table=table):
                return _("count of {table}", table=self._table(table))
            case GroupValue(group=group):
                return _("compared within {group}", group=self.labels.get(f"groups.{group}") or self.label(group))
        return node.clause if isinstance(node, MatterState) else ""

    def _table(self, name: str) -> str:
        return self.tables.get(name) or spell(name)

    # arithmetic

    def _write(self, node: Expression, values: Mapping[Expression, Any]) -> tuple[str, int] | None:
        """The words of arithmetic, and how tightly they hold together; None for anything else."""
        match node:
            case Widened(operand=operand) | Guarded(operand=operand) | AppliesIf(value=operand):
                return self._write(operand, values)
            case Constant(value=bool() | str()):
                return None
            case Constant(value=number):
                return format_figure(number), _TIGHT
            case Apply(operator=operator, operands=(operand, *_rest)) if operator in _TRANSPARENT:
                return self._write(operand, values)
            case Apply():
                return self._apply(node, values)
        value = values.get(node)
        if value is None or isinstance(value, str):
            return None
        name, figure = self._name(node), self._write_value(node, value)
        return (_("{name} ({figure})", name=name, figure=figure) if name else figure), _TIGHT

    def _apply(self, node: Apply, values: Mapping[Expression, Any]) -> tuple[str, int] | None:
        operator = _ROUNDED.get(node.operator, node.operator)
        if operator not in {*_SIGNS, "least", "greatest", "negate", "round"}:
            return None
        operands = [self._write(operand, values) for operand in node.operands]
        if not all(operands):
            return None
        written = [operand for operand in operands if operand]
        if operator in _SIGNS:
            sign, level = _SIGNS[operator]
            text = f" {sign} ".join(_bracket(operand, level + (number > 0)) for number, operand in enumerate(written))
            return (_rounded(text, node), _WHOLE) if node.operator in _ROUNDED else (text, level)
        if operator == "negate":
            return f"\u2212{_bracket(written[0], _TIGHT)}", _TIGHT
        if operator == "round":
            return _rounded(written[0][0], node), _WHOLE
        parts = join_sentences(_bracket(operand, _WHOLE + 1) for operand in written)
        least = operator == "least"
        return _("the least of {parts}", parts=parts) if least else _("the greatest of {parts}", parts=parts), _WHOLE


def _rounded(text: str, node: Apply) -> str:
    return _("{figures}, rounded to {count} places", figures=text, count=node.options[0])


def _bracket(written: tuple[str, int], least: int) -> str:
    text, level = written
    return text if level >= least else f"({text})"


def spell(name: str) -> str:
    """A name of the language as words."""
    return name.rpartition(".")[2].replace("_", " ")
