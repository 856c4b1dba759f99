"""Keys of an item that are spoilt one at a time: each must become a problem with a place, and never a failure."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import attrs
from attrs import evolve

from scorecore import kinds, policy
from scorecore.document import Array, Node, Scalar, Table, Value
from scorecore.expand.accounts import scored
from scorecore.kit.subject import Example, Subject
from scorecore.policy import HIDDEN
from scorecore.problems import Problem, Problems
from scorecore.source import Location, Snippet, Source

UNKNOWN: Final = "no_such_key"
_VALUES: Final[tuple[Value, ...]] = (True, 5, "?", "", date(1979, 5, 27))


def accepted(subject: Subject) -> Iterator[str]:
    """What the scorer makes of nonsense, where it is not a problem with a place."""
    for example, item in subject.used:
        yield from _of_item(subject, example, item)


def _of_item(subject: Subject, example: Example, item: policy.Item) -> Iterator[str]:
    where = f"{item.place}: item `{item.id}`"
    for what, rest, wanted in _spoilt(item.rest, subject.scorer.parameters):
        found = _problems(subject, example, evolve(item, rest=rest))
        codes = {one.kind.code for one in found}
        if codes & {kinds.SCORER_FAILED.code, kinds.SCORER_UNFIT.code}:
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


def _problems(subject: Subject, example: Example, item: policy.Item) -> list[Problem]:
    problems = Problems()
    assert example.policy is not None  # noqa: S101  it has items
    scored(item, example.policy, subject.scorers, problems)
    return list(problems)


def _spoilt(rest: Table, cls: type) -> Iterator[tuple[str, Table, str]]:
    """The keys spoilt in one place each, what was done, and the code of the problem that must come; empty: any."""
    place = next(iter(rest.keys.values()), rest.location)
    yield "an unknown key", _with(rest, UNKNOWN, _scalar(5, place), place), kinds.UNKNOWN_KEY.code
    for one in attrs.fields(cls):
        name = one.name.rstrip("_")
        if one.default is attrs.NOTHING and not one.metadata.get(HIDDEN) and name in rest.entries:
            yield f"without `{name}`", _with(rest, name, None, place), kinds.MISSING_KEY.code
    yield from ((what, table, "") for what, table in _values(rest))


def _values(of: Table) -> Iterator[tuple[str, Table]]:
    """A table with one value of another type in it, at any depth."""
    for name, node in of.entries.items():
        at = of.keys[name]
        for value in _VALUES:
            yield f"`{name} = {value!r}`", _with(of, name, _scalar(value, at), at)
        yield f"`{name} = []`", _with(of, name, Array(at), at)
        yield f"`{name} = [[]]`", _with(of, name, Array(at, [Array(at)]), at)
        yield f"`{name} = {{}}`", _with(of, name, Table(at), at)
        if isinstance(node, Table):
            for what, inner in _values(node):
                yield f"{what} in `{name}`", _with(of, name, inner, at)
        for number, part in enumerate(node.items if isinstance(node, Array) else ()):
            for what, inner in _values(part) if isinstance(part, Table) else ():
                items: list[Node] = [*node.items[:number], inner, *node.items[number + 1 :]]  # type: ignore[union-attr]
                yield f"{what} in `{name}`", _with(of, name, Array(at, items), at)


def _with(of: Table, name: str, node: Node | None, at: Location) -> Table:
    """A table with another node for a key, or without the key."""
    entries = {key: one for key, one in of.entries.items() if key != name or node is not None}
    keys = {key: one for key, one in of.keys.items() if key in entries}
    if node is not None:
        entries[name], keys[name] = node, of.keys.get(name, at)
    return Table(of.location, entries, keys, of.name)


def _scalar(value: Value, at: Location) -> Scalar:
    """A value that nobody wrote, at the place of its key."""
    text = str(value)
    line = Source(at.source, "\n" * (at.line - 1) + " " * (at.column - 1) + text)
    start = at.line - 1 + at.column - 1
    return Scalar(value, at, Snippet(text, line, range(start, start + len(text) + 1)), max(1, len(text)))
