"""A branch file laid over its parent: maps merge by key, lists by id, and only where the parent allows it."""

from typing import Final

from attrs import frozen

from scorecore import kinds
from scorecore.document import Array, Node, Scalar, Table
from scorecore.problems import Problems, hint
from scorecore.source import Location

_OWN: Final = ("id", "version", "title", "authority", "effective", "extends", "status", "assumptions")
"""Keys of [policy] that an overlay says anew."""
_INHERITED: Final = ("authority", "status", "assumptions")
"""Those of them that hold on where it does not."""
_LISTS: Final = ("items", "grades", "pay", "holds", "actions")
_MAPS: Final = ("parameters", "tables", "calendars", "facts", "values", "groups", "carry")
_SETTABLE: Final = ("values", "authority")
"""Keys of a parameter that an overlay may always set."""


def overlay(parent: Table, child: Table, problems: Problems) -> Table:
    """The parent with the child's changes; what the parent does not allow is a problem and left out."""
    return _Overlay(parent, problems).merge(child)


@frozen
class _Overlay:
    parent: Table
    problems: Problems

    def merge(self, child: Table) -> Table:
        merged = Table(child.location, dict(self.parent.entries), dict(self.parent.keys), child.name)
        for name, node in child.entries.items():
            place = child.keys[name]
            mine = self.parent.get(name)
            if name == "policy" and isinstance(node, Table) and isinstance(mine, Table):
                merged.entries[name] = self.header(mine, node)
            elif name == "open" and isinstance(node, Table):
                merged.entries[name] = self.opened(node)
            elif name in _MAPS and isinstance(node, Table):
                merged.entries[name] = self.map(name, mine if isinstance(mine, Table) else Table(place), node)
            elif name in _LISTS and isinstance(node, Array):
                merged.entries[name] = self.list(name, mine if isinstance(mine, Array) else Array(place), node)
            elif name == "score" and isinstance(node, Table):
                merged.entries[name] = self.part(name, mine if isinstance(mine, Table) else Table(place), node)
            elif name == "monotone" and isinstance(node, Array) and isinstance(mine, Array):
                merged.entries[name] = Array(node.location, [*mine.items, *node.items])  # claims only add up
            elif name == "uses":
                self.refused(name, mine if isinstance(mine, Table) else self.parent, place)
            else:  # a wrong key or shape, which the checks of the merged policy report
                merged.entries[name] = node
            merged.keys[name] = place
        return merged

    def header(self, mine: Table, node: Table) -> Table:
        for key, place in node.keys.items():
            if key not in _OWN:
                self.refused(f"policy.{key}", mine, place)
        kept = {key: value for key, value in mine.entries.items() if key not in _OWN or key in _INHERITED}
        own = {key: value for key, value in node.entries.items() if key in _OWN}
        before, more = kept.get("assumptions"), own.get("assumptions")
        if isinstance(before, Array) and isinstance(more, Array):  # what the parent assumed is assumed on
            own["assumptions"] = Array(more.location, [*before.items, *more.items])
        return Table(node.location, kept | own, mine.keys | node.keys, node.name)

    def opened(self, node: Table) -> Table:
        for key, child in node.entries.items():
            wanted = isinstance(child, Scalar) and child.value is True
            if wanted and not self.is_open("open", key):
                self.refused(f"open.{key}", self.parent.get("policy"), node.keys[key])
        return node

    def is_open(self, *path: str) -> bool:
        node = self.parent.get(*path)
        return isinstance(node, Scalar) and node.value is True

    def refused(self, path: str, clause_of: Node | None, place: Location) -> None:
        clause = _text(clause_of, "authority") or _text(self.parent.get("policy"), "authority")
        blanks = {"authority": clause} if clause else {}
        self.problems.add(kinds.NOT_OPEN, place, len(path.rpartition(".")[2]), path=path, **blanks)

    def map(self, path: str, mine: Table, node: Table) -> Table:
        """Parts by their names; the facts of the subject are a map of their own."""
        section = path.partition(".")[0]
        subject = f"facts.{_text(self.parent.get('policy'), 'subject')}"
        merged = Table(node.location, dict(mine.entries), dict(mine.keys), node.name)
        for key, child in node.entries.items():
            place = node.keys[key]
            old = mine.entries.get(key)
            if old is None:
                if self.is_open("open", section):
                    merged.entries[key], merged.keys[key] = child, place
                else:
                    self.unknown(f"{path}.{key}", key, mine.entries, place)
            elif isinstance(old, Table) and isinstance(child, Table):
                change = self.map if f"{path}.{key}" == subject else self.part
                merged.entries[key] = change(f"{path}.{key}", old, child)
            else:
                merged.entries[key] = child
        return merged

    def list(self, section: str, mine: Array, node: Array) -> Array:
        merged = list(mine.items)
        at = {_text(item, "id"): number for number, item in enumerate(mine.items)}
        first: dict[str, int] = {}
        for child in node.items:
            name = _text(child, "id")
            old = mine.items[at[name]] if name in at else None
            if isinstance(old, Table) and isinstance(child, Table):
                if name in first:
                    self.problems.add(kinds.NAMED_TWICE, child.location, name=name, first=first[name])
                first.setdefault(name, child.location.line)
                merged[at[name]] = self.part(f"{section}.{name}", old, child)
            elif self.is_open("open", section):
                merged.append(child)
            else:
                self.unknown(f"{section}.{name}", name, filter(None, at), child.location)
        return Array(node.location, merged)

    def unknown(self, path: str, name: str, known: object, place: Location) -> None:
        near = hint(name, list(known))  # type: ignore[call-overload]
        blanks = {"section": path.partition(".")[0], **near}
        self.problems.add(kinds.NOT_IN_PARENT, place, len(name), path=path, **blanks)

    def part(self, path: str, old: Table, child: Table) -> Table:
        free = _is_true(old.get("open"))
        for key, where in child.keys.items():
            settable = path.startswith("parameters.") and key in _SETTABLE
            if not (free or settable or key == "id"):
                self.refused(f"{path}.{key}", old, where)
        return _merge(old, child, child.location)


def _merge(old: Table, child: Table, place: Location) -> Table:
    merged = Table(place, dict(old.entries), dict(old.keys), child.name)
    for key, node in child.entries.items():
        before = old.entries.get(key)
        both = isinstance(before, Table) and isinstance(node, Table)
        merged.entries[key] = _merge(before, node, child.keys[key]) if both else node  # type: ignore[arg-type]
        merged.keys[key] = child.keys[key]
    return merged


def _text(node: Node | None, key: str) -> str:
    found = node.entries.get(key) if isinstance(node, Table) else None
    return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else ""


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is True
