"""Policy text to Policy: parents found and merged, positions kept, names checked."""

from collections.abc import Mapping
from hashlib import sha256

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Source
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.scope import PREFIXES
from scorecore.policy.model import EventsDeclaration, FactDeclaration, Policy
from scorecore.policy.overlay import overlay
from scorecore.policy.structure import check_name, structure
from scorecore.policy.toml import (
    Node,
    TomlArray,
    TomlScalar,
    TomlTable,
    read_toml,
)


@frozen
class Document:
    """A policy text that went into a policy."""

    id: str
    """`id@version`."""
    source: Source

    @property
    def digest(self) -> str:
        return sha256(self.source.text.encode()).hexdigest()


@frozen
class Loaded:
    """A policy, and the texts it was made of: its own first, then its parents."""

    policy: Policy
    documents: tuple[Document, ...]


def load(source: Source, parents: Mapping[str, Source], diagnostics: Diagnostics) -> Loaded | None:
    """Read a policy and the parents it extends, which `parents` gives by `id@version`."""
    sources = [source]
    tree = read_toml(source, diagnostics)
    chain = [tree] if tree else []
    while chain:
        extends = chain[-1].get("policy", "extends")
        if not isinstance(extends, TomlScalar) or not isinstance(extends.value, str) or not extends.value:
            break
        parent = _read_parent(extends.value, extends.snippet.locate(0), parents, sources, diagnostics)
        if parent is None:
            return None
        chain.append(parent)
    if not chain:
        return None
    merged = chain.pop()
    while chain:
        merged = overlay(merged, chain.pop(), diagnostics)
    policy = _build_policy(merged, diagnostics)
    if policy is None:
        return None
    policy_id = f"{policy.policy.id}@{policy.policy.version}"
    names = [policy_id, *(identify(text) or text.name for text in sources[1:])]
    return Loaded(policy, tuple(map(Document, names, sources)))


def _read_parent(
    name: str, place: Location, parents: Mapping[str, Source], sources: list[Source], diagnostics: Diagnostics
) -> TomlTable | None:
    if name not in parents:
        diagnostics.add(catalogue.NO_PARENT, place, len(name), name=name, **suggest(name, parents))
        return None
    if parents[name] in sources:
        diagnostics.add(catalogue.PARENT_CIRCLE, place, len(name), name=name)
        return None
    sources.append(parents[name])
    return read_toml(parents[name], diagnostics)


def identify(source: Source) -> str | None:
    """`id@version` of a policy text, if it has both; how parents are found among files."""
    tree = read_toml(source, Diagnostics())
    policy_id, version = (_text(tree.get("policy", key)) if tree else None for key in ("id", "version"))
    return f"{policy_id}@{version}" if policy_id is not None and version is not None else None


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, TomlScalar) and isinstance(node.value, str) else None


def _build_policy(tree: TomlTable, diagnostics: Diagnostics) -> Policy | None:
    count_before = len(diagnostics)
    facts = tree.entries.pop("facts", TomlTable(tree.location))
    facts_place = tree.keys.pop("facts", tree.location)
    if not isinstance(facts, TomlTable):
        diagnostics.add(catalogue.EXPECTED_TABLE, facts_place, found="facts")
        facts = TomlTable(tree.location)
    subject = _find_subject(tree, facts, diagnostics)
    subject_facts: dict[str, FactDeclaration] = {}
    events: dict[str, EventsDeclaration] = {}
    for name, node in facts.entries.items():
        if name != subject:
            declaration = structure(node, EventsDeclaration, diagnostics)
            events |= {name: declaration} if declaration else {}
        elif isinstance(node, TomlTable):
            for field, child in node.entries.items():
                fact = structure(child, FactDeclaration, diagnostics)
                subject_facts |= {field: fact} if fact else {}
        else:
            diagnostics.add(catalogue.EXPECTED_TABLE, facts.keys[name], len(name), found=name)
    _check_names(tree, facts, subject, diagnostics)
    policy = structure(tree, Policy, diagnostics, subject=subject_facts, events=events)
    return policy if len(diagnostics) == count_before else None


def _find_subject(tree: TomlTable, facts: TomlTable, diagnostics: Diagnostics) -> str:
    """The table of the subject's facts; where the policy names none that is there, the one that it may mean."""
    node = tree.get("policy", "subject")
    subject = _text(node) or ""
    if not subject or subject in facts.entries:
        return subject
    nearest = suggest(subject, facts.entries)
    place = node.snippet.locate(0) if isinstance(node, TomlScalar) else tree.location
    diagnostics.add(catalogue.NO_SUBJECT_TABLE, place, len(subject), subject=subject, **nearest)
    flat_tables = (
        name for name, table in facts.entries.items() if isinstance(table, TomlTable) and "fields" not in table.entries
    )
    return nearest.get("nearest") or next(flat_tables, subject)  # so that its facts are not taken for events


def _check_names(tree: TomlTable, facts: TomlTable, subject: str, diagnostics: Diagnostics) -> None:
    """Names are what expressions can use, and bare names are used once."""
    first_places: dict[str, Location] = {}
    subject_facts, values = facts.get(subject), tree.get("values")
    for table in (facts, subject_facts, values):
        _check_bare_names(table.keys if isinstance(table, TomlTable) else {}, first_places, diagnostics)
    for name, events in facts.entries.items():
        fields = events.get("fields") if isinstance(events, TomlTable) and name != subject else None
        _check_each_name(fields, diagnostics)
    for section in ("parameters", "tables", "calendars", "groups", "carry", "uses"):
        _check_each_name(tree.get(section), diagnostics)
    for section in ("items", "pay", "holds", "actions", "grades"):
        _check_ids(tree.get(section), diagnostics, are_names=section != "grades")


def _check_bare_names(
    names: Mapping[str, Location], first_places: dict[str, Location], diagnostics: Diagnostics
) -> None:
    """Names that expressions use without a prefix; `first_places` are those of the names before."""
    for name, place in names.items():
        check_name(name, place, diagnostics)
        if name in PREFIXES:
            diagnostics.add(catalogue.PREFIX_NAME, place, len(name), name=name)
        elif name in first_places:
            diagnostics.add(catalogue.NAMED_TWICE, place, len(name), name=name, first=first_places[name].line)
        first_places.setdefault(name, place)


def _check_each_name(table: Node | None, diagnostics: Diagnostics) -> None:
    for name, place in table.keys.items() if isinstance(table, TomlTable) else ():
        check_name(name, place, diagnostics)


def _check_ids(section: Node | None, diagnostics: Diagnostics, *, are_names: bool) -> None:
    """Ids of a list are there once; `are_names`: expressions use them."""
    first_places: dict[tuple[object, ...], Location] = {}
    for part in section.items if isinstance(section, TomlArray) else ():
        node = part.get("id") if isinstance(part, TomlTable) else None
        if not isinstance(part, TomlTable) or not isinstance(node, TomlScalar) or not isinstance(node.value, str):
            continue
        if are_names:
            check_name(node.value, node.snippet.locate(0), diagnostics)
        # two grades may share a name where they are for different people
        condition = part.get("when")
        scope = None if are_names or not isinstance(condition, TomlScalar) else condition.value
        if (node.value, scope) in first_places:
            params = {"name": node.value, "first": first_places[node.value, scope].line}
            diagnostics.add(catalogue.NAMED_TWICE, node.snippet.locate(0), len(node.value), **params)
        first_places.setdefault((node.value, scope), node.location)
