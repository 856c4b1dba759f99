"""Typed expressions as text that reads like the policy."""

from datetime import date, datetime
from typing import Final

from scorecore.diagnostics import catalogue
from scorecore.language.expressions import (
    HISTORY,
    Aggregate,
    Apply,
    Constant,
    Expression,
    Field,
    Fold,
    Has,
    Lookup,
    Nth,
    Read,
    Running,
)
from scorecore.values.calendar import Calendar
from scorecore.values.canonical_json import decimal_text
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
_TIGHT: Final = 9
_METHODS: Final = frozenset({"contains", "startsWith", "endsWith"})


def print_expression(of: Expression) -> str:
    """The text of an expression, in the words of the language."""
    return _text(of)[0]


def print_constant(value: Value) -> str:
    """A constant as the language writes it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case int():
            return str(value)
        case datetime():
            return f'at(date("{value.date().isoformat()}"), "{value.time().isoformat()}")'
        case date():
            return f'date("{value.isoformat()}")'
        case _:
            return decimal_text(value)


def _text(of: Expression) -> tuple[str, int]:
    """The text, and how tightly it holds together."""
    match of:
        case Constant(value=value):
            text = print_constant(value)
            return text, 6 if text.startswith("-") else _TIGHT
        case Read(name=name):
            return name.removeprefix("values."), _TIGHT
        case Field(table=table, name=name):
            return (name if table == HISTORY else f"{_variable(table)}.{name}"), _TIGHT
        case Running():
            return "points", _TIGHT
        case Has(of=asked):
            return f"has({print_expression(asked)})", _TIGHT
        case Lookup(table=table, key=key):
            return f"tables.{table}({print_expression(key)})", _TIGHT
        case Nth(by=by, order=order, where=where):
            operands = ([by] if by else []) + [order] + ([where] if where else [])
            return f"nth({', '.join(map(print_expression, operands))})", _TIGHT
        case Aggregate():
            return _fold(of), _TIGHT
        case Apply():
            return _apply(of)
    raise TypeError(of)


def _variable(table: str) -> str:
    return table.rpartition(".")[2][0]


def _apply(of: Apply) -> tuple[str, int]:
    name, operands, options = of.operator, of.operands, of.options
    if name in {"within", "not_negative", "decimal"}:  # they change no value
        return _text(operands[0])
    if name == "require":
        return _required(of)
    if name in {"round_product", "round_quotient", "round"}:
        sign = {"round_product": "*", "round_quotient": "/"}.get(name)
        inner = f" {sign} ".join(_inside(one, 6 if at else 5) for at, one in enumerate(operands)) if sign else None
        mode = "" if options[1] == "half_up" else f', "{options[1]}"'
        return f"round({inner or print_expression(operands[0])}, {options[0]}{mode})", _TIGHT
    if name in _SIGNS:
        sign, level = _SIGNS[name]
        left, right = _inside(operands[0], level), _inside(operands[1], level + 1)
        return f"{left} {sign} {right}", level
    if name == "if" and (short := _short(of)):
        return short, _TIGHT
    if name == "if":
        condition, then, otherwise = operands
        return f"{_inside(condition, 1)} ? {_inside(then, 1)} : {_inside(otherwise, 0)}", 0
    if name == "not":
        return f"!{_inside(operands[0], 6)}", 6
    if name == "negate":
        return f"-{_inside(operands[0], 6)}", 6
    if name == "in":
        return f"{_inside(operands[0], 4)} in [{', '.join(map(print_constant, options))}]", 3
    if name in _METHODS:
        return f"{_inside(operands[0], _TIGHT)}.{name}({print_expression(operands[1])})", _TIGHT
    return f"{name}({', '.join((*map(print_expression, operands), *map(_option, options)))})", _TIGHT


def _required(of: Apply) -> tuple[str, int]:
    """A value with the reason that its author gave; other guards change no value."""
    (condition, value), (code, *blanks) = of.operands, of.options
    if code != catalogue.HELD.code:
        return _text(value)
    return f"require({print_expression(condition)}, {print_expression(value)}, {print_constant(blanks[0])})", _TIGHT


def _option(value: Value | Calendar) -> str:
    return print_constant(value.name if isinstance(value, Calendar) else value)


def _short(of: Apply) -> str:
    """How the author wrote what was opened up: `tables.x.rate(y)` and `streak(condition)`."""
    match of.operands:
        case (_, _, Apply(operator="within", operands=(Apply(operands=(Lookup(table=table, key=key), _)),))):
            return f"tables.{table}.rate({print_expression(key)})"
        case (now, Apply(operator="+", operands=(_, Aggregate(fold=Fold.RUN))), _):
            return f"streak({print_expression(now)})"
        case _:
            return ""


def _inside(of: Expression, least: int) -> str:
    text, level = _text(of)
    return text if level >= least else f"({text})"


def _fold(of: Aggregate) -> str:
    variable = _variable(of.table)
    rows = of.table if of.where is None else f"{of.table}.filter({variable}, {print_expression(of.where)})"
    match of.fold:
        case Fold.SIZE:
            return f"{rows}.size()"
        case Fold.SUM:
            assert of.value is not None  # noqa: S101  so the checker builds it
            return f"{rows}.map({variable}, {print_expression(of.value)}).sum()"
        case Fold.ONE:
            assert isinstance(of.value, Field)  # noqa: S101  so the checker builds it
            return f"{of.table}.{of.value.name}"
        case Fold.AT:
            assert isinstance(of.value, Field)  # noqa: S101  so the checker builds it
            return f"history[{of.ago}].{of.value.name}"
        case Fold.LAST:
            assert isinstance(of.value, Field)  # noqa: S101  so the checker builds it
            assert of.default is not None  # noqa: S101  so the checker builds it
            return f"latest({of.value.name}, else {print_constant(of.default.value)})"
        case Fold.RUN:
            assert of.value is not None  # noqa: S101  so the checker builds it
            return f"preceding({print_expression(of.value)})"
    assert of.value is not None  # noqa: S101  so the checker builds it
    return f"{rows}.{of.fold.value}({variable}, {print_expression(of.value)})"
