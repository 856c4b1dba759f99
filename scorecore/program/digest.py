"""A program as plain data: what is printed as JSON, and what its digest is taken of."""

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import attrs

from scorecore.diagnostics.source import Location
from scorecore.language.expressions import Expression
from scorecore.language.identity import plain_expression
from scorecore.program.model import Account, GroupStep, Program, Step
from scorecore.values.canonical_json import digest
from scorecore.values.period import PeriodKind
from scorecore.values.types import Type, from_units


def program_digest(program: Program) -> str:
    """The identity of a program: the same text, parents and plugins give the same, on any machine."""
    return digest("program", to_plain(program))


def to_plain(of: Any) -> dict[str, Any]:  # noqa: ANN401  an attrs class
    """A program, or a part of one, as nested dicts and lists of text, numbers, decimals, dates and truth values."""
    return _fields(of)


_DERIVED: Final = frozenset({"ledger", "spans"})


def _fields(of: Any) -> dict[str, Any]:  # noqa: ANN401  an attrs class
    """The fields that say something: absent ones, and those that follow from others, are left out."""
    found = {}
    for one in attrs.fields(type(of)):
        value = getattr(of, one.name)
        empty = value is None or value in ("", ()) or value is False
        if not one.name.startswith("_") and one.name not in _DERIVED and not empty:
            found[one.name] = _data(value)
    return found


def _data(value: Any) -> Any:  # noqa: ANN401  a value of any type
    match value:
        case Expression():
            return plain_expression(value)
        case Type():
            return _type(value)
        case Location():
            return str(value)
        case Enum():
            return value.value
        case PeriodKind(every=every, closes=closes):
            return {"every": every} | ({"closes": closes} if closes else {})
        case Step() | Account() | GroupStep():
            return {"kind": _STEP_KINDS[type(value)], **_fields(value)}
        case tuple() | list():
            return [_data(one) for one in value]
        case bool() | int() | str() | Decimal() | date():
            return value
        case _:
            return _fields(value)


def _type(of: Type) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": of.kind.value}
    if of.is_number:
        found |= {"min": from_units(of.low), "max": from_units(of.high)}
        found |= {"places": of.places} if of.is_decimal else {}
    return found | ({"among": list(of.among)} if of.among is not None else {})


_STEP_KINDS: Final = {Step: "step", Account: "account", GroupStep: "grouped"}
