"""Typed expressions as text that reads like the policy.

The law: what an author can write is printed so that it resolves to the same expression again. What only the compiler
makes is printed in words without an operator between them, so that no expression of an author can be taken for it.
"""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from attrs import field, frozen

from scorecore.diagnostics import catalogue
from scorecore.language.expressions import (
    HISTORY,
    AccountSoFar,
    AppliesIf,
    Apply,
    ByText,
    Choice,
    Constant,
    Count,
    DependencyValue,
    EventFold,
    Exists,
    ExistsOne,
    Expression,
    Field,
    ForAll,
    GroupValue,
    Guarded,
    Has,
    HistoryAt,
    Ladder,
    Latest,
    Lookup,
    MatterState,
    Nth,
    ParameterOn,
    PrecedingRun,
    Rate,
    Read,
    Rung,
    Streak,
    SumOver,
    Widened,
    walk,
)
from scorecore.language.rows import GreatestOver, KeyedField, LatestField, LeastOver, Neighbour, SumTo, find_first
from scorecore.values.calendar import Calendar
from scorecore.values.canonical_json import format_decimal
from scorecore.values.step_id import StepId
from scorecore.values.types import Value

_SIGNS: Final = {
    "or": ("||", 1),
    "and": ("&&", 2),
    "==": ("==", 3),
    "!=": ("!=", 3),
    "<": ("<", 3),
    "<=": ("<=", 3),
    ">": (">", 3),
    ">=": (">=", 3),
    "+": ("+", 4),
    "-": ("-", 4),
    "*": ("*", 5),
    "/": ("/", 5),
}
_CONDITIONAL, _NEGATIVE, _UNARY, _TIGHT = 0, 3, 6, 9
"""How tightly a text holds together, beside the signs; what is inside something tighter is put in brackets."""
_METHODS: Final = frozenset({"contains", "startsWith", "endsWith"})
_QUANTIFIERS: Final = {Exists: "exists", ForAll: "all", ExistsOne: "exists_one"}


def print_expression(expression: Expression, taken_names: Collection[str] = ()) -> str:
    """The text of an expression; `taken_names` are names that a variable for events cannot have."""
    return _Printer(frozenset(taken_names) | _bare_names(expression)).text(expression)


def print_formula(expression: Expression) -> str:
    """The text of an expression for people: without guards that change no value, numbers as usually written."""
    return _Printer(_bare_names(expression), exact=False).text(expression)


def print_constant(value: Value) -> str:
    """A constant as the language writes it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value.translate(_ESCAPES)}"'
        case int():
            return str(value)
        case datetime():
            return f'at(date("{value.date().isoformat()}"), "{value.time().isoformat()}")'
        case date():
            return f'date("{value.isoformat()}")'
    return format_decimal(value)


def _print_literal(value: Value) -> str:
    """A constant that reads as the same type again."""
    text = print_constant(value)
    return f"{text}.0" if isinstance(value, Decimal) and "." not in text else text


_ESCAPES: Final = {
    **{code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F)},
    **str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}),
}


def event_variable(table: str, taken_names: Collection[str] = ()) -> str:
    """A variable for an event of a table: its first letter, as often as nothing else is named so."""
    letter = variable = table.rpartition(".")[2][0].lower()
    while variable in taken_names:
        variable += letter
    return variable


def _bare_names(expression: Expression) -> frozenset[str]:
    """The names without a prefix that an expression mentions."""
    names = {_read_name(part.name) for part in walk(expression) if isinstance(part, Read)}
    return frozenset(names | {part.table for part in walk(expression) if isinstance(part, EventFold | KeyedField)})


def _read_name(name: str) -> str:
    return name.name if isinstance(name, StepId) and name.section == "values" else name


@frozen
class _Printer:
    taken_names: frozenset[str]
    exact: bool = field(default=True, kw_only=True)

    def text(self, expression: Expression) -> str:
        return self.leveled(expression)[0]

    def inside(self, expression: Expression, least: int) -> str:
        text, level = self.leveled(expression)
        return text if level >= least else f"({text})"

    def leveled(self, expression: Expression) -> tuple[str, int]:
        """The text, and how tightly it holds together."""
        match expression:
            case Constant(value=value):
                text = self.constant(value)
                return text, _NEGATIVE if text.startswith("-") else _TIGHT
            case Read(name=name):
                return _read_name(name), _TIGHT
            case Field(table=table, name=name) | MatterState(table=table, name=name):
                return (name if table == HISTORY else f"{self.variable(table)}.{name}"), _TIGHT
            case Has(operand=operand):
                return f"has({self.text(operand)})", _TIGHT
            case Lookup(table=table, key=key):
                return f"tables.{table}({self.text(key)})", _TIGHT
            case Nth():
                return self.numbering(expression), _TIGHT
            case KeyedField(table=table, name=name, keys=keys):
                method = "on" if isinstance(expression, LatestField) else "row"
                return f"{table}.{method}({self.joined(keys)}).{name}", _TIGHT
            case EventFold():
                return self.fold(expression), _TIGHT
            case HistoryAt(field=past, ago=ago):
                return f"history[{ago}].{past.name}", _TIGHT
            case DependencyValue(field=decided):
                return f"{decided.table}.{decided.name}", _TIGHT
            case Apply():
                return self.operator(expression)
        return self.sugar(expression)

    def sugar(self, expression: Expression) -> tuple[str, int]:
        """What an author writes in short."""
        match expression:
            case Widened(operand=operand):
                return self.leveled(operand)
            case Rate(lookup=Lookup(table=table, key=key)):
                return f"tables.{table}.rate({self.text(key)})", _TIGHT
            case ByText(table=table, values=(value, *_)):
                rate = ".rate" if isinstance(value, Rate) else ""
                key = value.lookup.key if isinstance(value, Rate) else value.key  # type: ignore[attr-defined]  # a lookup
                return f"tables.{table}{rate}({self.text(find_first(expression))}, {self.text(key)})", _TIGHT
            case ParameterOn(name=name, day=day):
                return f"parameters.{name}.on({self.text(day)})", _TIGHT
            case Streak(now=now):
                return f"streak({self.text(now)})", _TIGHT
            case GroupValue():
                return self.group_value(expression), _TIGHT
        return self.compiled(expression)

    def constant(self, value: Value) -> str:
        return _print_literal(value) if self.exact else print_constant(value)

    def joined(self, expressions: Collection[Expression]) -> str:
        return ", ".join(map(self.text, expressions))

    def variable(self, table: str) -> str:
        return event_variable(table, self.taken_names)

    def numbering(self, nth: Nth) -> str:
        """`nth(…)` and its like; an order by more than one value is a list."""
        order = f"[{self.joined(nth.orders)}]" if nth.further else self.text(nth.order)
        operands = [order] if nth.by is None else [self.text(nth.by), order]
        operands += [] if nth.where is None else [self.text(nth.where)]
        if isinstance(nth, SumTo):
            return f"sum_to({', '.join([self.text(nth.body), *operands])})"
        if isinstance(nth, Neighbour):
            field = self.text(Field(nth.type, nth.place, nth.table, nth.name))
            return f"{'next' if nth.is_next else 'previous'}({', '.join([field, *operands])})"
        return f"nth({', '.join(operands)})"

    def fold(self, fold: EventFold) -> str:
        variable = self.variable(fold.table)
        rows = fold.table if fold.where is None else f"{fold.table}.filter({variable}, {self.text(fold.where)})"
        match fold:
            case Count():
                return f"{rows}.size()"
            case SumOver(body=body):
                return f"{rows}.map({variable}, {self.text(body)}).sum()"
            case GreatestOver(body=body) | LeastOver(body=body):
                method = "max" if isinstance(fold, GreatestOver) else "min"
                return f"{rows}.map({variable}, {self.text(body)}).{method}()"
            case Exists(body=body) | ForAll(body=body) | ExistsOne(body=body):
                return f"{rows}.{_QUANTIFIERS[type(fold)]}({variable}, {self.text(body)})"
        raise TypeError(fold)

    def group_value(self, value: GroupValue) -> str:
        places = [str(value.places)] if value.function == "pool" else []
        return f"{value.function}({', '.join([*map(self.text, value.operands), print_constant(value.group), *places])})"

    def operator(self, applied: Apply) -> tuple[str, int]:
        name, operands, options = applied.operator, applied.operands, applied.options
        if name in _SIGNS:
            sign, level = _SIGNS[name]
            return f"{self.inside(operands[0], level)} {sign} {self.inside(operands[1], level + 1)}", level
        match name, operands:
            case "round" | "round_product" | "round_quotient", _:
                return self.rounding(applied), _TIGHT
            case "require", _:
                return self.required(applied)
            case "if", (condition, then, otherwise):
                text = f"{self.inside(condition, 1)} ? {self.inside(then, 1)} : {self.text(otherwise)}"
                return text, _CONDITIONAL
            case "not" | "negate", (operand,):
                return f"{'!' if name == 'not' else '-'}{self.inside(operand, _TIGHT)}", _UNARY
            case "in", (operand,):
                return f"{self.inside(operand, 4)} in [{', '.join(map(self.constant, options))}]", 3
            case "within" | "not_negative", (operand,):
                return self.guarded(operand, options)
        if name in _METHODS:
            return f"{self.inside(operands[0], _TIGHT)}.{name}({self.text(operands[1])})", _TIGHT
        return f"{name}({', '.join((*map(self.text, operands), *map(_print_option, options)))})", _TIGHT

    def rounding(self, applied: Apply) -> str:
        operands, (places, mode) = applied.operands, applied.options
        sign = {"round_product": "*", "round_quotient": "/"}.get(applied.operator)
        number = self.text(operands[0])
        if sign:
            number = f"{self.inside(operands[0], 5)} {sign} {self.inside(operands[1], 6)}"
        return f"round({number}, {places}{'' if mode == 'half_up' else f', {print_constant(mode)}'})"

    def required(self, applied: Apply) -> tuple[str, int]:
        (condition, value), (code, *params) = applied.operands, applied.options
        if code == catalogue.HELD.code:
            return f"require({self.text(condition)}, {self.text(value)}, {print_constant(params[0])})", _TIGHT
        return self.compiler_text(value, f"known only if {self.inside(condition, _TIGHT)}")

    def guarded(self, operand: Expression, bounds: tuple[Value, ...]) -> tuple[str, int]:
        limits = " to ".join(map(print_constant, bounds)) if bounds else "zero or more"
        return self.compiler_text(operand, f"known only as {limits}")

    def compiler_text(self, value: Expression, guard: str) -> tuple[str, int]:
        """A value with a guard of the compiler's own, which changes no value that is known."""
        return (f"{self.inside(value, _TIGHT)} {guard}", _CONDITIONAL) if self.exact else self.leveled(value)

    def compiled(self, expression: Expression) -> tuple[str, int]:
        """What only the compiler makes."""
        match expression:
            case AccountSoFar():
                return "points so far", _CONDITIONAL
            case Guarded(operand=operand, low=low, high=high):
                return self.guarded(operand, () if low is None or high is None else (low, high))
            case AppliesIf(condition=condition, value=value):
                return self.compiler_text(value, f"if it applies by {condition.name}")
            case Latest(field=past, default=default):
                return f"latest {past.name} or else {print_constant(default.value)}", _CONDITIONAL
            case PrecedingRun(condition=condition):
                return f"preceding periods with {self.inside(condition, _TIGHT)}", _CONDITIONAL
            case Choice():
                return self.choice(expression), _CONDITIONAL
            case Ladder(rungs=rungs):
                return "; ".join(map(_print_rung, rungs)), _CONDITIONAL
        raise TypeError(expression)

    def choice(self, choice: Choice) -> str:
        """The exceptions or rows in their order, and what the value is otherwise."""
        cases = [f"{self.text(case.value)} if {self.text(case.when)}" for case in choice.exceptions]
        cases += [] if choice.otherwise is None else [f"else {self.text(choice.otherwise)}"]
        return (f"{choice.hit} of: " if choice.hit else "") + "; ".join(cases)


def _print_rung(rung: Rung) -> str:
    least = "lowest" if rung.least is None else print_constant(rung.least.value)
    return f"{print_constant(rung.grade)} from {least}" + (f" if {rung.applies.name}" if rung.applies else "")


def _print_option(value: Value | Calendar) -> str:
    return print_constant(value.name if isinstance(value, Calendar) else value)
