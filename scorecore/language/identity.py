"""What an expression means, as plain data: its identity, without places, types and the words for people."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import attrs

from scorecore.language.expressions import (
    AccountSoFar,
    AppliesIf,
    Apply,
    ByText,
    Choice,
    ChoiceException,
    Constant,
    Count,
    DependencyValue,
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
    constant_value,
)
from scorecore.language.rows import GreatestOver, KeyedField, LatestField, LeastOver, Neighbour, SumTo
from scorecore.values.calendar import Calendar
from scorecore.values.canonical_json import digest

NODE_NAMES: Final[dict[type, str]] = {
    AccountSoFar: "account_so_far",
    AppliesIf: "applies_if",
    Apply: "apply",
    ByText: "by_text",
    Choice: "choice",
    ChoiceException: "exception",
    Constant: "constant",
    Count: "count",
    DependencyValue: "dependency_value",
    Exists: "exists",
    ExistsOne: "exists_one",
    Field: "field",
    ForAll: "for_all",
    GreatestOver: "greatest_over",
    GroupValue: "group_value",
    Guarded: "guarded",
    Has: "has",
    HistoryAt: "history_at",
    KeyedField: "keyed_field",
    Ladder: "ladder",
    Latest: "latest",
    LatestField: "latest_field",
    LeastOver: "least_over",
    Lookup: "lookup",
    MatterState: "matter_state",
    Neighbour: "neighbour",
    Nth: "nth",
    ParameterOn: "parameter_on",
    PrecedingRun: "preceding_run",
    Rate: "rate",
    Read: "read",
    Rung: "rung",
    Streak: "streak",
    SumOver: "sum_over",
    SumTo: "sum_to",
    Widened: "widened",
}
"""What each kind of node is called in the plain form, for good: a digest rests on it."""
_KINDS: Final = {int: "int", Decimal: "decimal", date: "date", datetime: "timestamp", str: "string", bool: "bool"}
_NO_MEANING: Final = frozenset({"type", "place", "step", "clause"})
"""Fields that follow from the others, say where something is written, or are words for people."""


def plain_expression(expression: Expression) -> dict[str, Any]:
    """What an expression means as dicts, lists, texts, numbers, decimals, dates and truth values."""
    if isinstance(expression, Constant):
        value = constant_value(expression)
        return {"node": "constant", _KINDS[type(value)]: value}
    return _plain_node(expression)


def expression_key(expression: Expression) -> str:
    """A name for what an expression means, of 32 hexadecimal digits: equal for equal meanings, on any machine.

    Nobody can write two expressions that have the same: one would be decided in place of the other.
    """
    return digest("expression", plain_expression(expression))[:32]


def _plain_node(node: Any) -> dict[str, Any]:  # noqa: ANN401  an attrs class of the table above
    plain = {"node": NODE_NAMES[type(node)]}
    for attribute in attrs.fields(type(node)):
        part = getattr(node, attribute.name)
        if attribute.name not in _NO_MEANING and part is not None and part != ():
            plain[attribute.name] = _plain(part)
    return plain


def _plain(part: Any) -> Any:  # noqa: ANN401  a field of a node
    match part:
        case Expression():
            return plain_expression(part)
        case Calendar(name=name):
            return name
        case Enum():
            return part.value
        case tuple():
            return [_plain(element) for element in part]
        case bool() | str() | int() | Decimal() | date():
            return part
    return _plain_node(part)
