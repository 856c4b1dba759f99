"""A branch file laid over its parent: maps merge by key, lists by id, and only where the parent allows it."""

from typing import Final

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.policy.toml import (
    Node,
    TomlArray,
    TomlScalar,
    TomlTable,
)

_OWN: Final = ("id", "version", "title", "authority", "effective", "extends", "status", "assumptions")
"""Keys of [policy] that an overlay says anew."""
_INHERITED: Final = ("authority", "status", "assumptions")
"""Those of them that hold on where it does not."""
_LISTS: Final = ("items", "grades", "pay", "holds", "actions")
_MAPS: Final = ("parameters", "tables", "calendars", "facts", "values", "groups", "carry")
_SETTABLE: Final = ("values", "authority")
"""Keys of a parameter that an overlay may always set."""


def overlay(parent: TomlTable, child: TomlTable, diagnostics: Diagnostics) -> TomlTable:
    """The parent with the child's changes; what the parent does not allow is a problem and left out."""
    return _Overlay(parent, diagnostics).merge(child)


@frozen
class _Overlay:
    parent: TomlTable
    diagnostics: Diagnostics

    def merge(self, child: TomlTable) -> TomlTable:
        merged = TomlTable(child.location, dict(self.parent.entries), dict(self.parent.keys), child.name)
        for name, node in child.entries.items():
            place = child.keys[name]
            mine = self.parent.get(name)
            if name == "policy" and isinstance(node, TomlTable) and isinstance(mine, TomlTable):
                merged.entries[name] = self.header(mine, node)
            elif name == "open" and isinstance(node, TomlTable):
                merged.entries[name] = self.opened(node)
            elif name in _MAPS and isinstance(node, TomlTable):
                merged.entries[name] = self.map(name, mine if isinstance(mine, TomlTable) else TomlTable(place), node)
            elif name in _LISTS and isinstance(node, TomlArray):
                merged.entries[name] = self.list(name, mine if isinstance(mine, TomlArray) else TomlArray(place), node)
            elif name == "score" and isinstance(node, TomlTable):
                merged.entries[name] = self.part(name, mine if isinstance(mine, TomlTable) else TomlTable(place), node)
            elif name == "monotone" and isinstance(node, TomlArray) and isinstance(mine, TomlArray):
                merged.entries[name] = TomlArray(node.location, [*mine.items, *node.items])  # claims only add up
            elif name == "uses":
                self.refused(name, mine if isinstance(mine, TomlTable) else self.parent, place)
            else:  # a wrong key or shape, which the checks of the merged policy report
                merged.entries[name] = node
            merged.keys[name] = place
        return merged

    def header(self, mine: TomlTable, node: TomlTable) -> TomlTable:
        for key, place in node.keys.items():
            if key not in _OWN:
                self.refused(f"policy.{key}", mine, place)
        kept = {key: value for key, value in mine.entries.items() if key not in _OWN or key in _INHERITED}
        own = {key: value for key, value in node.entries.items() if key in _OWN}
        before, more = kept.get("assumptions"), own.get("assumptions")
        if isinstance(before, TomlArray) and isinstance(more, TomlArray):  # what the parent assumed is assumed on
            own["assumptions"] = TomlArray(more.location, [*before.items, *more.items])
        return TomlTable(node.location, kept | own, mine.keys | node.keys, node.name)

    def opened(self, node: TomlTable) -> TomlTable:
        for key, child in node.entries.items():
            wanted = isinstance(child, TomlScalar) and child.value is True
            if wanted and not self.is_open("open", key):
                self.refused(f"open.{key}", self.parent.get("policy"), node.keys[key])
        return node

    def is_open(self, *path: str) -> bool:
        node = self.parent.get(*path)
        return isinstance(node, TomlScalar) and node.value is True

    def refused(self, path: str, clause_of: Node | None, place: Location) -> None:
        clause = _text(clause_of, "authority") or _text(self.parent.get("policy"), "authority")
        params = {"authority": clause} if clause else {}
        self.diagnostics.add(catalogue.NOT_OPEN, place, len(path.rpartition(".")[2]), path=path, **params)

    def map(self, path: str, mine: TomlTable, node: TomlTable) -> TomlTable:
        """Parts by their names; the facts of the subject are a map of their own."""
        section = path.partition(".")[0]
        subject = f"facts.{_text(self.parent.get('policy'), 'subject')}"
        merged = TomlTable(node.location, dict(mine.entries), dict(mine.keys), node.name)
        for key, child in node.entries.items():
            place = node.keys[key]
            old = mine.entries.get(key)
            if old is None:
                if self.is_open("open", section):
                    merged.entries[key], merged.keys[key] = child, place
                else:
                    self.unknown(f"{path}.{key}", key, mine.entries, place)
            elif isinstance(old, TomlTable) and isinstance(child, TomlTable):
                change = self.map if f"{path}.{key}" == subject else self.part
                merged.entries[key] = change(f"{path}.{key}", old, child)
            else:
                merged.entries[key] = child
        return merged

    def list(self, section: str, mine: TomlArray, node: TomlArray) -> TomlArray:
        merged = list(mine.items)
        at = {_text(item, "id"): number for number, item in enumerate(mine.items)}
        first: dict[str, int] = {}
        for child in node.items:
            name = _text(child, "id")
            old = mine.items[at[name]] if name in at else None
            if isinstance(old, TomlTable) and isinstance(child, TomlTable):
                if name in first:
                    self.diagnostics.add(catalogue.NAMED_TWICE, child.location, name=name, first=first[name])
                first.setdefault(name, child.location.line)
                merged[at[name]] = self.part(f"{section}.{name}", old, child)
            elif self.is_open("open", section):
                merged.append(child)
            else:
                self.unknown(f"{section}.{name}", name, filter(None, at), child.location)
        return TomlArray(node.location, merged)

    def unknown(self, path: str, name: str, known: object, place: Location) -> None:
        near = suggest(name, list(known))  # type: ignore[call-overload]
        params = {"section": path.partition(".")[0], **near}
        self.diagnostics.add(catalogue.NOT_IN_PARENT, place, len(name), path=path, **params)

    def part(self, path: str, old: TomlTable, child: TomlTable) -> TomlTable:
        free = _is_true(old.get("open"))
        for key, where in child.keys.items():
            settable = path.startswith("parameters.") and key in _SETTABLE
            if not (free or settable or key == "id"):
                self.refused(f"{path}.{key}", old, where)
        return _merge(old, child, child.location)


def _merge(old: TomlTable, child: TomlTable, place: Location) -> TomlTable:
    merged = TomlTable(place, dict(old.entries), dict(old.keys), child.name)
    for key, node in child.entries.items():
        before = old.entries.get(key)
        both = isinstance(before, TomlTable) and isinstance(node, TomlTable)
        merged.entries[key] = _merge(before, node, child.keys[key]) if both else node  # type: ignore[arg-type]
        merged.keys[key] = child.keys[key]
    return merged


def _text(node: Node | None, key: str) -> str:
    found = node.entries.get(key) if isinstance(node, TomlTable) else None
    return found.value if isinstance(found, TomlScalar) and isinstance(found.value, str) else ""


def _is_true(node: Node | None) -> bool:
    return isinstance(node, TomlScalar) and node.value is True
