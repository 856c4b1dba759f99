"""Keys of an item that are spoilt one at a time: each must become a problem with a place, and never a failure."""

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


def accepted(subject: Subject) -> Iterator[str]:
    """What the scorer makes of nonsense, where it is not a problem with a place."""
    for example, item in subject.used:
        yield from _of_item(subject, example, item)


def _of_item(subject: Subject, example: Example, item: policy.ItemDeclaration) -> Iterator[str]:
    where = f"{item.place}: item `{item.id}`"
    for what, rest, wanted in _spoilt(item.rest, subject.scorer.parameters):
        found = _diagnostics(subject, example, evolve(item, rest=rest))
        codes = {one.kind.code for one in found}
        if codes & {catalogue.SCORER_FAILED.code, catalogue.SCORER_UNFIT.code}:
            yield f"{where}: {what}: {'; '.join(map(str, found))}"
        if wanted and wanted not in codes:
            yield f"{where}: {what} is no problem {wanted}"
        for one in found:
            if not one.location.line or one.location.source not in {example.source.name, *_parents(example)}:
                yield f"{where}: {what}: the problem {one.kind.code} has no place in the policy"
            if not one.message().strip():
                yield f"{where}: {what}: the problem {one.kind.code} says nothing"


def _parents(example: Example) -> set[str]:
    return {one.name for one in example.parents.values()}


def _diagnostics(subject: Subject, example: Example, item: policy.ItemDeclaration) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    assert example.policy is not None  # noqa: S101  it has items
    expand_scorer(item, example.policy, subject.scorers, diagnostics)
    return list(diagnostics)


def _spoilt(rest: TomlTable, cls: type) -> Iterator[tuple[str, TomlTable, str]]:
    """The keys spoilt in one place each, what was done, and the code of the problem that must come; empty: any."""
    place = next(iter(rest.keys.values()), rest.location)
    yield "an unknown key", _with(rest, UNKNOWN, _scalar(5, place), place), catalogue.UNKNOWN_KEY.code
    for one in attrs.fields(cls):
        name = one.name.rstrip("_")
        if one.default is attrs.NOTHING and not one.metadata.get(HIDDEN) and name in rest.entries:
            yield f"without `{name}`", _with(rest, name, None, place), catalogue.MISSING_KEY.code
    yield from ((what, table, "") for what, table in _values(rest))


def _values(of: TomlTable) -> Iterator[tuple[str, TomlTable]]:
    """A table with one value of another type in it, at any depth."""
    for name, node in of.entries.items():
        at = of.keys[name]
        for value in _VALUES:
            yield f"`{name} = {value!r}`", _with(of, name, _scalar(value, at), at)
        yield f"`{name} = []`", _with(of, name, TomlArray(at), at)
        yield f"`{name} = [[]]`", _with(of, name, TomlArray(at, [TomlArray(at)]), at)
        yield f"`{name} = {{}}`", _with(of, name, TomlTable(at), at)
        if isinstance(node, TomlTable):
            for what, inner in _values(node):
                yield f"{what} in `{name}`", _with(of, name, inner, at)
        for number, part in enumerate(node.items if isinstance(node, TomlArray) else ()):
            for what, inner in _values(part) if isinstance(part, TomlTable) else ():
                items: list[Node] = [*node.items[:number], inner, *node.items[number + 1 :]]  # type: ignore[union-attr]
                yield f"{what} in `{name}`", _with(of, name, TomlArray(at, items), at)


def _with(of: TomlTable, name: str, node: Node | None, at: Location) -> TomlTable:
    """A table with another node for a key, or without the key."""
    entries = {key: one for key, one in of.entries.items() if key != name or node is not None}
    keys = {key: one for key, one in of.keys.items() if key in entries}
    if node is not None:
        entries[name], keys[name] = node, of.keys.get(name, at)
    return TomlTable(of.location, entries, keys, of.name)


def _scalar(value: Value, at: Location) -> TomlScalar:
    """A value that nobody wrote, at the place of its key."""
    text = str(value)
    line = Source(at.source, "\n" * (at.line - 1) + " " * (at.column - 1) + text)
    start = at.line - 1 + at.column - 1
    return TomlScalar(value, at, Snippet(text, line, range(start, start + len(text) + 1)), max(1, len(text)))
