"""The identity of a program: what it means, however it is written.

Two programs with one digest decide the same: every value, entry and pay line, and the reasons of what is held. What
says something to people and decides nothing has no part in it (see `scorecore.program.texts`), nor has the order of
parts that do not depend on their order: parameters, tables, steps, items. The order of grades, of an account's entries
and of the operands of an expression counts.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import attrs

from scorecore.language.bands import BandTable
from scorecore.language.expressions import Apply, Expression
from scorecore.language.identity import plain_expression
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, PolicyDependency
from scorecore.program.steps import Account, GroupStep, Step
from scorecore.program.wire_names import TEXT_FIELDS, WIRE_NAMES, written_fields
from scorecore.values.canonical_json import LARGEST, digest, encode, format_decimal
from scorecore.values.types import Type, from_units

PlainData = Any
"""Dicts, lists, texts, whole numbers and truth values, which `canonical_json.encode` takes."""

_UNORDERED: Final = frozenset(
    {
        *("actions", "calendars", "carries", "columns", "events", "groups", "history", "holds", "items", "parameters"),
        *("named_values", "pay", "steps", "tables"),
        *("among", "days", "held_by", "holidays", "hours", "of", "workdays"),
    }
)
"""The fields whose parts have no order that matters."""


def program_digest(program: Program) -> str:
    """The identity of a program: SHA-256 of its canonical form, in hexadecimal digits."""
    return digest("meaning", canonical_form(program))


def canonical_form(part: Any) -> dict[str, PlainData]:  # noqa: ANN401  a part of a program of any class
    """What a program, or a part of one, means: nested dicts by the names of the fields, lists, texts and numbers."""
    form = _fields(part)
    match part:
        case Program(level=level) if level > 1:
            form["level"] = level
        case Step() | Account() | GroupStep():
            form["is"] = WIRE_NAMES[type(part)]
            if isinstance(part, Account) and not part.opens_with:
                form["opening"] = _sum(part.opening)
        case BandTable(kind="exact"):
            form["versions"] = [[_data(start), _in_order_of_names(bands)] for start, bands in part.versions]
        case PolicyDependency():
            form |= _dependency(part)
        case EventTable():
            form |= _event_order(part)
    return form


def _fields(part: Any) -> dict[str, PlainData]:  # noqa: ANN401  a part of a program of any class
    form: dict[str, PlainData] = {}
    for field in written_fields(part):
        member = getattr(part, field.name)
        if field.name in TEXT_FIELDS or member is None or (isinstance(part, Program) and field.name == "level"):
            continue
        is_unordered = field.name in _UNORDERED and isinstance(member, tuple)
        form[field.name] = _in_order_of_names(member) if is_unordered else _data(member)
    return form


def _in_order_of_names(parts: Sequence[Any]) -> list[PlainData]:
    """Parts in an order that does not depend on how they were written: by their names, or else by what they mean."""
    forms = [(getattr(part, "name", None) or getattr(part, "step", None), _data(part)) for part in parts]
    forms.sort(key=lambda named: named[0].encode() if named[0] else encode(named[1]))
    return [form for _, form in forms]


def _data(member: Any) -> PlainData:  # noqa: ANN401  a value or a part of a program
    match member:
        case Expression():
            return plain_expression(member)
        case Enum():
            return member.value
        case bool() | str():
            return member
        case int():
            return member if abs(member) <= LARGEST else {"int": str(member)}
        case Decimal():
            return {"decimal": format_decimal(member)}
        case datetime():
            return {"timestamp": member.isoformat()}
        case date():
            return {"date": member.isoformat()}
        case None:
            return {}
        case tuple():
            return [_data(element) for element in member]
        case Type():
            return _type(member)
        case _ if attrs.has(type(member)):
            return canonical_form(member)
    raise TypeError(f"{type(member).__name__} is not a part of a program")


def _event_order(events: EventTable) -> dict[str, PlainData]:
    """The closed lists of texts in a key: events, and so entries, are in their order."""
    lists = {column.name: list(column.type.among or ()) for column in events.columns if column.name in events.key}
    orders = {name: among for name, among in lists.items() if among}
    return {"order": [[name, among] for name, among in sorted(orders.items())]} if orders else {}


def _type(accepted: Type) -> dict[str, PlainData]:
    form: dict[str, PlainData] = {"kind": accepted.kind.value}
    if accepted.is_number:
        form |= {"min": from_units(accepted.low), "max": from_units(accepted.high)}
        form |= {"places": accepted.places} if accepted.is_decimal else {}
    return form if accepted.among is None else form | {"among": sorted(accepted.among)}


def _sum(opening: Expression) -> PlainData:
    """The opening of the score: the sum of the items, in any order."""
    terms = [plain_expression(term) for term in _terms(opening)]
    return terms[0] if len(terms) == 1 else {"node": "sum", "of": sorted(terms, key=encode)}


def _terms(expression: Expression) -> Iterator[Expression]:
    match expression:
        case Apply(operator="+", operands=(left, right)):
            yield from _terms(left)
            yield from _terms(right)
        case _:
            yield expression


def _dependency(dependency: PolicyDependency) -> dict[str, PlainData]:
    """Other policies are known by what they mean; their names and versions are words."""
    variants = sorted([text, meaning] for text, _, meaning in dependency.among)
    form: dict[str, PlainData] = {"policy": "", "among": variants}
    return form | {"digest": ""} if variants else form
