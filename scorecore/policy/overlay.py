"""A branch file laid over its parent: maps merge by key, lists by id, and only where the parent allows it."""

from collections.abc import Iterable, Sequence
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

_HEADER_KEYS: Final = (
    *("id", "version", "title", "authority", "text", "text_digest", "effective", "extends", "status", "assumptions"),
)
"""Keys of [policy] that an overlay sets for itself."""
_PINS: Final = "plugins"
"""A key of [policy] to which an overlay only adds."""
_INHERITED: Final = ("authority", "status", "assumptions")
"""Those of them that hold on where it does not."""
_LISTS: Final = ("items", "grades", "pay", "holds", "actions")
_CLAIMS: Final = ("monotone", "bounded", "paid_once")
_MAPS: Final = ("parameters", "tables", "calendars", "facts", "matters", "values", "groups", "carry")
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
            section = self.merge_section(name, node, place)
            if section is not None:
                merged.entries[name] = section
            merged.keys[name] = place
        return merged

    def merge_section(self, name: str, node: Node, place: Location) -> Node | None:
        """A section of the file; None where the parent's stays as it is."""
        parent = self.parent.get(name)
        match node:
            case TomlTable() if name == "policy" and isinstance(parent, TomlTable):
                return self.merge_header(parent, node)
            case TomlTable() if name == "open":
                return self.merge_open(node)
            case TomlTable() if name in _MAPS:
                return self.merge_map(name, parent if isinstance(parent, TomlTable) else TomlTable(place), node)
            case TomlArray() if name in _LISTS:
                return self.merge_list(name, parent if isinstance(parent, TomlArray) else TomlArray(place), node)
            case TomlTable() if name == "score":
                return self.merge_part(name, parent if isinstance(parent, TomlTable) else TomlTable(place), node)
            case TomlArray() if name in _CLAIMS and isinstance(parent, TomlArray):
                return TomlArray(node.location, [*parent.items, *node.items])  # claims only add up
            case _ if name == "uses" or (name == "objections" and parent is not None):
                self.refuse(name, parent if isinstance(parent, TomlTable) else self.parent, place)
                return None
            case _:  # a wrong key or shape, which the checks of the merged policy report
                return node

    def merge_header(self, parent: TomlTable, node: TomlTable) -> TomlTable:
        for key, place in node.keys.items():
            if key not in (*_HEADER_KEYS, _PINS):
                self.refuse(f"policy.{key}", parent, place)
        inherited = {
            key: value for key, value in parent.entries.items() if key not in _HEADER_KEYS or key in _INHERITED
        }
        own_entries = {key: value for key, value in node.entries.items() if key in _HEADER_KEYS}
        before, more = inherited.get("assumptions"), own_entries.get("assumptions")
        if isinstance(before, TomlArray) and isinstance(more, TomlArray):  # what the parent assumed stays assumed
            own_entries["assumptions"] = TomlArray(more.location, [*before.items, *more.items])
        if _PINS in node.entries:
            own_entries[_PINS] = self.merge_pins(parent.get(_PINS), node.entries[_PINS])
        return TomlTable(node.location, inherited | own_entries, parent.keys | node.keys, node.name)

    def merge_pins(self, parent: Node | None, child: Node) -> Node:
        """The plugins that both pin; what the parent pins stays so."""
        if not isinstance(parent, TomlTable) or not isinstance(child, TomlTable):
            return child
        for name, place in child.keys.items():
            if name in parent.entries and _read_text(parent, name) != _read_text(child, name):
                self.refuse(f"policy.{_PINS}.{name}", self.parent.get("policy"), place)
        return TomlTable(child.location, child.entries | parent.entries, child.keys | parent.keys, child.name)

    def merge_open(self, node: TomlTable) -> TomlTable:
        for key, child in node.entries.items():
            if _is_true(child) and not self.is_open(key):
                self.refuse(f"open.{key}", self.parent.get("policy"), node.keys[key])
        return node

    def is_open(self, section: str) -> bool:
        """Whether the parent allows new parts in a section."""
        return _is_true(self.parent.get("open", section))

    def refuse(self, path: str, clause_of: Node | None, place: Location) -> None:
        """Report a change that the parent does not allow, with the parent's clause."""
        clause = _read_text(clause_of, "authority") or _read_text(self.parent.get("policy"), "authority")
        params = {"authority": clause} if clause else {}
        self.diagnostics.add(catalogue.NOT_OPEN, place, len(path.rpartition(".")[2]), path=path, **params)

    def merge_map(self, path: str, parent: TomlTable, node: TomlTable) -> TomlTable:
        """Parts by their names; the facts of the subject are a map of their own."""
        section = path.partition(".")[0]
        subject = f"facts.{_read_text(self.parent.get('policy'), 'subject')}"
        merged = TomlTable(node.location, dict(parent.entries), dict(parent.keys), node.name)
        for key, child in node.entries.items():
            before = parent.entries.get(key)
            if before is None:
                if self.is_open(section):
                    merged.entries[key], merged.keys[key] = child, node.keys[key]
                else:
                    self.report_unknown(f"{path}.{key}", key, parent.entries, node.keys[key])
            elif isinstance(before, TomlTable) and isinstance(child, TomlTable):
                merge = self.merge_map if f"{path}.{key}" == subject else self.merge_part
                merged.entries[key] = merge(f"{path}.{key}", before, child)
            else:
                merged.entries[key] = child
        return merged

    def merge_list(self, section: str, parent: TomlArray, node: TomlArray) -> TomlArray:
        """Parts by their ids, in the order of the parent; new ones follow."""
        merged = list(parent.items)
        first_lines: dict[int, int] = {}
        for child in node.items:
            name = _read_text(child, "id")
            numbers = _find_same(parent.items, child)
            before = parent.items[numbers[0]] if len(numbers) == 1 else None
            if len(numbers) > 1:
                self.diagnostics.add(catalogue.AMBIGUOUS_PART, child.location, name=name)
            elif isinstance(before, TomlTable) and isinstance(child, TomlTable):
                if first := first_lines.get(numbers[0]):
                    self.diagnostics.add(catalogue.NAMED_TWICE, child.location, name=name, first=first)
                first_lines.setdefault(numbers[0], child.location.line)
                merged[numbers[0]] = self.merge_part(f"{section}.{name}", before, child)
            elif self.is_open(section):
                merged.append(child)
            else:
                names = dict.fromkeys(_read_text(part, "id") for part in parent.items)
                self.report_unknown(f"{section}.{name}", name, filter(None, names), child.location)
        return TomlArray(node.location, merged)

    def report_unknown(self, path: str, name: str, names: Iterable[str], place: Location) -> None:
        """Report a part that the parent does not have, where new ones are not allowed."""
        params = {"section": path.partition(".")[0], **suggest(name, list(names))}
        self.diagnostics.add(catalogue.NOT_IN_PARENT, place, len(name), path=path, **params)

    def merge_part(self, path: str, parent: TomlTable, child: TomlTable) -> TomlTable:
        """One part: every key where the part is open, else only those that a branch may always set."""
        is_open = _is_true(parent.get("open"))
        for key, place in child.keys.items():
            is_settable = path.startswith("parameters.") and key in _SETTABLE
            if not (is_open or is_settable or key == "id"):
                self.refuse(f"{path}.{key}", parent, place)
        return _merge_tables(parent, child, child.location)


def _find_same(parts: Sequence[Node], child: Node) -> list[int]:
    """The numbers of the parts that have the id of another; of grades with one id, those with its condition as well."""
    name = _read_text(child, "id")
    same = [number for number, part in enumerate(parts) if name and _read_text(part, "id") == name]
    condition = _read_text(child, "when")
    same_condition = [number for number in same if condition and _read_text(parts[number], "when") == condition]
    return same_condition if len(same) > 1 and same_condition else same


def _merge_tables(parent: TomlTable, child: TomlTable, place: Location) -> TomlTable:
    merged = TomlTable(place, dict(parent.entries), dict(parent.keys), child.name)
    for key, node in child.entries.items():
        before = parent.entries.get(key)
        if isinstance(before, TomlTable) and isinstance(node, TomlTable):
            node = _merge_tables(before, node, child.keys[key])  # noqa: PLW2901  the parent's keys come to it
        merged.entries[key] = node
        merged.keys[key] = child.keys[key]
    return merged


def _read_text(node: Node | None, key: str) -> str:
    """The text under a key; empty where there is none."""
    child = node.entries.get(key) if isinstance(node, TomlTable) else None
    return child.value if isinstance(child, TomlScalar) and isinstance(child.value, str) else ""


def _is_true(node: Node | None) -> bool:
    return isinstance(node, TomlScalar) and node.value is True
