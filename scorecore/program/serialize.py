"""A program as plain data from which the same program is made again: what a record keeps, and a replay reads.

    {"format": 2, "level": 1, "program": ["of", "program", {...}], "texts": {...}}

An object is a list: `of`, the name of its class, and those of its fields that are not at their defaults, by name. Types
and bounds, which follow from the parts, are kept, so that no replay has to prove again what was once proved. The words,
which decide nothing, are `texts`. What was packed before format 2 is read as well.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final

import attrs

from scorecore.program.digest import PlainData, program_digest
from scorecore.program.model import LANGUAGE_LEVEL, Program
from scorecore.program.serialize_v1 import MalformedError, deserialize_v1
from scorecore.program.texts import program_texts, read_text, texts_digest
from scorecore.program.wire_names import TEXT_FIELDS, WIRE_NAMES, written_fields
from scorecore.values.canonical_json import LARGEST, format_decimal
from scorecore.values.step_id import StepId

FORMAT: Final = 2
"""Of what a program is packed into; the one before had no number, and was a list."""
_CLASSES: Final[Mapping[str, type[Any]]] = {name: part for part, name in WIRE_NAMES.items()}
_SCALARS: Final[Mapping[str, tuple[type[Any], Callable[[str], Any]]]] = {
    "decimal": (Decimal, Decimal),
    "timestamp": (datetime, datetime.fromisoformat),
    "date": (date, date.fromisoformat),
    "int": (int, int),
}


class TextsChangedError(MalformedError):
    """A program with other words than those that were recorded."""


class NewerError(MalformedError):
    """A program that was packed by a newer version: `what` is newer, `found` its number and `known` the newest here."""

    def __init__(self, what: str, found: int, known: int) -> None:
        super().__init__(f"{what} {found} is newer than {known}")
        self.what, self.found, self.known = what, found, known


def serialize(program: Program) -> PlainData:
    """A program as dicts, lists, texts, whole numbers and truth values; `canonical_json.encode` takes it."""
    return {
        "format": FORMAT,
        "level": program.level,
        "program": _packed(program),
        "texts": program_texts(program),
    }


def deserialize(packed: PlainData, program: str, texts: str | None = None) -> Program:
    """The program that was packed, whose digest is `program` and whose words have the digest `texts`.

    Raises MalformedError for other data, and its kinds TextsChangedError for other words, and NewerError for what a
    newer version has packed. Before format 2 words had no digest of their own.
    """
    if isinstance(packed, list):
        return deserialize_v1(packed, program)
    try:
        unpacked = _read(packed)
        is_same = program_digest(unpacked) == program
        has_same_texts = texts is None or texts_digest(unpacked) == texts
    except MalformedError:
        raise
    except Exception as error:  # whatever a changed program breaks
        raise MalformedError(f"{type(error).__name__}: {error}") from error
    if not is_same:
        raise MalformedError(f"this is not the program {program}")
    if not has_same_texts:
        raise TextsChangedError(f"these are not the words {texts}")
    return unpacked


def _read(packed: PlainData) -> Program:
    if not isinstance(packed, dict) or not packed.keys() >= {"format", "level", "program", "texts"}:
        raise MalformedError(f"{packed!r:.60} is not a program")
    for what, newest in (("format", FORMAT), ("level", LANGUAGE_LEVEL)):
        if int(packed[what]) > newest:
            raise NewerError(what, int(packed[what]), newest)
    unpacked = _unpacked(packed["program"], packed["texts"])
    if not isinstance(unpacked, Program):
        raise MalformedError("a program is missing")
    return attrs.evolve(unpacked, level=packed["level"])


def _packed(member: Any) -> PlainData:  # noqa: ANN401  a value or a part of a program
    match member:
        case StepId(section=section, name=name, role=role):
            return ["step", section, name, role]
        case Enum():
            return ["is", WIRE_NAMES[type(member)], member.value]
        case bool() | str():
            return member
        case int() if abs(member) <= LARGEST:
            return member
        case int():
            return ["int", str(member)]
        case Decimal():
            return ["decimal", format_decimal(member)]
        case datetime():
            return ["timestamp", member.isoformat()]
        case date():
            return ["date", member.isoformat()]
        case tuple():
            return ["list", *map(_packed, member)]
        case None:
            return ["none"]
        case _ if type(member) in WIRE_NAMES:
            names = (field.name for field in written_fields(member) if not _is_apart(member, field.name))
            return ["of", WIRE_NAMES[type(member)], {name: _packed(getattr(member, name)) for name in names}]
    raise TypeError(f"{type(member).__name__} is not a part of a program")


def _is_apart(part: Any, name: str) -> bool:  # noqa: ANN401  a part of a program of any class
    """Whether a field is packed elsewhere: with the words, or beside the program."""
    return name in TEXT_FIELDS or (isinstance(part, Program) and name == "level")


def _unpacked(packed: PlainData, texts: PlainData) -> Any:  # noqa: ANN401  a value or a part of a program
    """What was packed, its words put back."""
    match packed:
        case bool() | str() | int():
            return packed
        case ["list", *elements]:
            said = texts if isinstance(texts, list) else [None] * len(elements)
            return tuple([_unpacked(element, words) for element, words in zip(elements, said, strict=True)])
        case ["none"]:
            return None
        case ["is", str(name), str(text)]:
            return _CLASSES[name](text)
        case ["of", str(name), dict(fields)] if name in _CLASSES:
            words = texts if isinstance(texts, dict) else {}
            members = {key: _unpacked(member, words.get(key)) for key, member in fields.items()}
            members |= {key: read_text(key, text) for key, text in words.items() if key in TEXT_FIELDS}
            return _CLASSES[name](**members)
        case ["step", str(section), str(name), str(role)]:
            return StepId(section, name, role=role)
        case [str(kind), str(text)] if kind in _SCALARS:
            try:
                return _SCALARS[kind][1](text)
            except (ValueError, InvalidOperation):
                pass
    raise MalformedError(f"{packed!r:.60} is not a part of a program")
