"""A program as plain data from which the same program is made again: what a record keeps, and a replay reads.

`scorecore.program.digest` is a program for people, and its identity; types and bounds that follow from its parts are
left out there. Here they are not, so that no replay has to conclude again what was once proved. An object is a list:
the name of its class, and then its fields that are not at their defaults, by name.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final

import attrs

from scorecore.diagnostics import source
from scorecore.language import bands, expressions, groups
from scorecore.program import model as program
from scorecore.program.digest import program_digest
from scorecore.program.model import Program
from scorecore.values import calendar as calendars
from scorecore.values import period as periods
from scorecore.values import types
from scorecore.values.canonical_json import format_decimal

_WIRE_NAMES: Final[Mapping[str, str]] = {
    "TypeKind": "Kind",
    "FactColumn": "Column",
    "PolicyDependency": "Use",
    "GroupStep": "Grouped",
    "MonotoneClaim": "Monotone",
}
"""What the format calls classes that have another name in the code."""
_KNOWN: Final[Mapping[str, type[Any]]] = {
    _WIRE_NAMES.get(part.__name__, part.__name__): part
    for module in (types, calendars, periods, source, expressions, bands, groups, program)
    for part in vars(module).values()
    if isinstance(part, type) and part.__module__ == module.__name__ and (attrs.has(part) or issubclass(part, Enum))
}
"""The classes that a program is made of, by their names in the format."""
_NAMES: Final = {part: name for name, part in _KNOWN.items()}
_SCALARS: Final[Mapping[str, tuple[type[Any], Callable[[str], Any]]]] = {
    "decimal": (Decimal, Decimal),
    "timestamp": (datetime, datetime.fromisoformat),
    "date": (date, date.fromisoformat),
    "int": (int, int),
}
_LARGEST: Final = 2**53 - 1


class MalformedError(ValueError):
    """Data that no program was packed into."""


def serialize(of: Program) -> list[Any]:
    """A program as lists, texts, whole numbers and truth values; `scorecore.values.canonical_json.encode` takes it."""
    packed: list[Any] = _packed(of)
    return packed


def deserialize(data: Any, digest: str) -> Program:  # noqa: ANN401  plain data of any shape
    """The program that was packed; raises MalformedError for other data, or that of a program with another digest."""
    try:
        found = _unpacked(data)
        whole = isinstance(found, Program) and program_digest(found) == digest
    except MalformedError:
        raise
    except Exception as error:  # whatever a changed program breaks
        raise MalformedError(f"{type(error).__name__}: {error}") from error
    if not whole:
        raise MalformedError(f"this is not the program {digest}")
    assert isinstance(found, Program)  # noqa: S101  as was asked
    return found


def _packed(value: Any) -> Any:  # noqa: ANN401  a value of any type
    match value:
        case bool() | str():
            return value
        case Enum():
            return ["is", _NAMES[type(value)], value.value]
        case int() if abs(value) <= _LARGEST:
            return value
        case int():
            return ["int", str(value)]
        case Decimal():
            return ["decimal", format_decimal(value)]
        case datetime():
            return ["timestamp", value.isoformat()]
        case date():
            return ["date", value.isoformat()]
        case tuple():
            return ["list", *map(_packed, value)]
        case None:
            return ["none"]
        case _ if type(value) in _NAMES:
            fields = (one for one in attrs.fields(type(value)) if _is_part(value, one))
            return ["of", _NAMES[type(value)], {one.alias: _packed(getattr(value, one.name)) for one in fields}]
    raise TypeError(f"{type(value).__name__} is no part of a program")


def _is_part(of: Any, field: "attrs.Attribute[Any]") -> bool:  # noqa: ANN401  an attrs class
    """Not what follows from the rest, and not where on this machine it was written."""
    return field.init and not field.name.startswith("_") and not _at_default(of, field)


def _at_default(of: Any, field: "attrs.Attribute[Any]") -> bool:  # noqa: ANN401  an attrs class
    value = getattr(of, field.name)
    return type(value) is type(field.default) and value == field.default


def _unpacked(data: Any) -> Any:  # noqa: ANN401  plain data of any shape
    match data:
        case bool() | str() | int():
            return data
        case ["list", *items]:
            return tuple([_unpacked(one) for one in items])
        case ["none"]:
            return None
        case ["is", str(name), str(value)]:
            return _KNOWN[name](value)
        case ["of", str(name), dict(fields)] if name in _KNOWN:
            return _KNOWN[name](**{key: _unpacked(one) for key, one in fields.items()})
        case [str(kind), str(text)] if kind in _SCALARS:
            try:
                return _SCALARS[kind][1](text)
            except (ValueError, InvalidOperation):
                pass
    raise MalformedError(f"{data!r:.60} is no part of a program")
