"""Keys of an item that are spoiled one at a time: each must become a problem with a place, and never a failure."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import attrs
from attrs import evolve

from scorecore.compiler.scorers import expand_scorer
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location, Snippet, Source
from scorecore.kit.subject import Example, Subject
from scorecore.policy import model as policy
from scorecore.policy.model import HIDDEN
from scorecore.policy.toml import (
    Node,
    TomlArray,
    TomlScalar,
    TomlTable,
    Value,
)

UNKNOWN: Final = "no_such_key"
_VALUES: Final[tuple[Value, ...]] = (True, 5, "?", "", date(1979, 5, 27))


def find_accepted(subject: Subject) -> Iterator[str]:
    """What the scorer makes of nonsense, where it is not a problem with a place."""
    for example, item in subject.used:
        yield from _check_item(subject, example, item)


def _check_item(subject: Subject, example: Example, item: policy.ItemDeclaration) -> Iterator[str]:
    where = f"{item.place}: item `{item.id}`"
    for spoiling, keys, expected in _spoil(item.rest, subject.scorer.parameters):
        diagnostics = _expand(subject, example, evolve(item, rest=keys))
        codes = {diagnostic.kind.code for diagnostic in diagnostics}
        if codes & {catalogue.SCORER_FAILED.code, catalogue.SCORER_UNFIT.code}:
            yield f"{where}: {spoiling}: {'; '.join(map(str, diagnostics))}"
        if expected and expected not in codes:
            yield f"{where}: {spoiling} is not reported as {expected}"
        names = {example.source.name, *(parent.name for parent in example.parents.values())}
        for diagnostic in diagnostics:
            if not diagnostic.location.line or diagnostic.location.source not in names:
                yield f"{where}: {spoiling}: the problem {diagnostic.kind.code} has no place in the policy"
            if not diagnostic.message().strip():
                yield f"{where}: {spoiling}: the problem {diagnostic.kind.code} says nothing"


def _expand(subject: Subject, example: Example, item: policy.ItemDeclaration) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    assert example.policy is not None  # noqa: S101  it has items
    expand_scorer(item, example.policy, subject.scorers, diagnostics)
    return list(diagnostics)


def _spoil(keys: TomlTable, cls: type) -> Iterator[tuple[str, TomlTable, str]]:
    """The keys spoiled in one place each, what was done, and the code of the problem that must come; empty: any."""
    place = next(iter(keys.keys.values()), keys.location)
    yield "an unknown key", _with(keys, UNKNOWN, _scalar(5, place), place), catalogue.UNKNOWN_KEY.code
    for field in attrs.fields(cls):
        name = field.name.rstrip("_")
        if field.default is attrs.NOTHING and not field.metadata.get(HIDDEN) and name in keys.entries:
            yield f"without `{name}`", _with(keys, name, None, place), catalogue.MISSING_KEY.code
    yield from ((spoiling, table, "") for spoiling, table in _spoil_values(keys))


def _spoil_values(table: TomlTable) -> Iterator[tuple[str, TomlTable]]:
    """A table with one value of another type in it, at any depth."""
    for name, node in table.entries.items():
        place = table.keys[name]
        for value in _VALUES:
            yield f"`{name} = {value!r}`", _with(table, name, _scalar(value, place), place)
        yield f"`{name} = []`", _with(table, name, TomlArray(place), place)
        yield f"`{name} = [[]]`", _with(table, name, TomlArray(place, [TomlArray(place)]), place)
        yield f"`{name} = {{}}`", _with(table, name, TomlTable(place), place)
        if isinstance(node, TomlTable):
            for spoiling, inner in _spoil_values(node):
                yield f"{spoiling} in `{name}`", _with(table, name, inner, place)
        for number, part in enumerate(node.items if isinstance(node, TomlArray) else ()):
            for spoiling, inner in _spoil_values(part) if isinstance(part, TomlTable) else ():
                items: list[Node] = [*node.items[:number], inner, *node.items[number + 1 :]]  # type: ignore[union-attr]
                yield f"{spoiling} in `{name}`", _with(table, name, TomlArray(place, items), place)


def _with(table: TomlTable, name: str, node: Node | None, place: Location) -> TomlTable:
    """A table with another node for a key, or without the key."""
    entries = {key: child for key, child in table.entries.items() if key != name or node is not None}
    keys = {key: key_place for key, key_place in table.keys.items() if key in entries}
    if node is not None:
        entries[name], keys[name] = node, table.keys.get(name, place)
    return TomlTable(table.location, entries, keys, table.name)


def _scalar(value: Value, place: Location) -> TomlScalar:
    """A value that nobody wrote, at the place of its key."""
    text = str(value)
    line = Source(place.source, "\n" * (place.line - 1) + " " * (place.column - 1) + text)
    start = place.line - 1 + place.column - 1
    return TomlScalar(value, place, Snippet(text, line, range(start, start + len(text) + 1)), max(1, len(text)))
