"""Policy text to Policy: parents found and merged, positions kept, names checked."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Source
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.scope import PREFIXES
from scorecore.policy.model import EventsDeclaration, FactDeclaration, Policy
from scorecore.policy.overlay import overlay
from scorecore.policy.structure import named, structure
from scorecore.policy.toml import (
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
    texts = [source]
    tree = read_toml(source, diagnostics)
    chain = [tree] if tree else []
    while chain:
        name = chain[-1].get("policy", "extends")
        if not isinstance(name, TomlScalar) or not isinstance(name.value, str) or not name.value:
            break
        parent = _parent(name.value, name.snippet.locate(0), parents, texts, diagnostics)
        if parent is None:
            return None
        chain.append(parent)
    if not chain:
        return None
    merged = chain.pop()
    while chain:
        merged = overlay(merged, chain.pop(), diagnostics)
    policy = _policy(merged, diagnostics)
    if policy is None:
        return None
    own = f"{policy.policy.id}@{policy.policy.version}"
    names = [own, *(_name(text) for text in texts[1:])]
    return Loaded(policy, tuple(map(Document, names, texts)))


def _parent(
    name: str, place: Location, parents: Mapping[str, Source], texts: list[Source], diagnostics: Diagnostics
) -> TomlTable | None:
    if name not in parents:
        diagnostics.add(catalogue.NO_PARENT, place, len(name), name=name, **suggest(name, parents))
        return None
    if parents[name] in texts:
        diagnostics.add(catalogue.PARENT_CIRCLE, place, len(name), name=name)
        return None
    texts.append(parents[name])
    return read_toml(parents[name], diagnostics)


def identify(source: Source) -> str | None:
    """`id@version` of a policy text, if it has both; how parents are found among files."""
    tree = read_toml(source, Diagnostics())
    found = [tree.get("policy", key) for key in ("id", "version")] if tree else []
    values = [node.value for node in found if isinstance(node, TomlScalar) and isinstance(node.value, str)]
    return "@".join(values) if len(values) == 2 else None  # noqa: PLR2004  an id and a version


def _name(source: Source) -> str:
    return identify(source) or source.name


def _policy(tree: TomlTable, diagnostics: Diagnostics) -> Policy | None:
    before = len(diagnostics)
    facts = tree.entries.pop("facts", TomlTable(tree.location))
    places = dict(tree.keys)
    tree.keys.pop("facts", None)
    subject = tree.get("policy", "subject")
    about = subject.value if isinstance(subject, TomlScalar) and isinstance(subject.value, str) else ""
    own: dict[str, FactDeclaration] = {}
    events: dict[str, EventsDeclaration] = {}
    if not isinstance(facts, TomlTable):
        diagnostics.add(catalogue.EXPECTED_TABLE, places["facts"], found="facts")
        facts = TomlTable(tree.location)
    if about and about not in facts.entries:
        near = suggest(about, facts.entries)
        place = subject.snippet.locate(0) if isinstance(subject, TomlScalar) else tree.location
        diagnostics.add(catalogue.NO_SUBJECT_TABLE, place, len(about), subject=about, **near)
        flat = (
            name for name, node in facts.entries.items() if isinstance(node, TomlTable) and "fields" not in node.entries
        )
        about = near.get("nearest") or next(flat, about)  # so that its facts are not taken for events
    for name, node in facts.entries.items():
        if name != about:
            found = structure(node, EventsDeclaration, diagnostics)
            events |= {name: found} if found else {}
        elif isinstance(node, TomlTable):
            for field, child in node.entries.items():
                fact = structure(child, FactDeclaration, diagnostics)
                own |= {field: fact} if fact else {}
        else:
            diagnostics.add(catalogue.EXPECTED_TABLE, facts.keys[name], len(name), found=name)
    _names(tree, facts, about, diagnostics)
    policy = structure(tree, Policy, diagnostics, subject=own, events=events)
    return policy if len(diagnostics) == before else None


def _names(tree: TomlTable, facts: TomlTable, about: str, diagnostics: Diagnostics) -> None:
    """Names are what expressions can use, and bare names are used once."""
    bare: dict[str, Location] = {}

    def bare_names(names: Mapping[str, Location]) -> None:
        for name, place in names.items():
            named(name, place, diagnostics)
            if name in PREFIXES:
                diagnostics.add(catalogue.PREFIX_NAME, place, len(name), name=name)
            elif name in bare:
                diagnostics.add(catalogue.NAMED_TWICE, place, len(name), name=name, first=bare[name].line)
            bare.setdefault(name, place)

    bare_names(facts.keys)
    own, values = facts.get(about), tree.get("values")
    bare_names(own.keys if isinstance(own, TomlTable) else {})
    bare_names(values.keys if isinstance(values, TomlTable) else {})
    for name, events in facts.entries.items():
        fields = events.get("fields") if isinstance(events, TomlTable) and name != about else None
        _each_named(fields.keys.items() if isinstance(fields, TomlTable) else (), diagnostics)
    for section in ("parameters", "tables", "calendars", "groups", "carry", "uses"):
        table = tree.get(section)
        _each_named(table.keys.items() if isinstance(table, TomlTable) else (), diagnostics)
    for section in ("items", "pay", "holds", "actions", "grades"):
        _ids(tree.get(section), diagnostics, as_names=section != "grades")


def _each_named(names: Iterable[tuple[str, Location]], diagnostics: Diagnostics) -> None:
    for name, place in names:
        named(name, place, diagnostics)


def _ids(section: object, diagnostics: Diagnostics, *, as_names: bool) -> None:
    first: dict[tuple[object, ...], Location] = {}
    for part in section.items if isinstance(section, TomlArray) else ():
        node = part.get("id") if isinstance(part, TomlTable) else None
        if not isinstance(part, TomlTable) or not isinstance(node, TomlScalar) or not isinstance(node.value, str):
            continue
        if as_names:
            named(node.value, node.snippet.locate(0), diagnostics)
        # two grades may share a name where they are for different people
        condition = part.get("when")
        scope = None if as_names or not isinstance(condition, TomlScalar) else condition.value
        if (node.value, scope) in first:
            params = {"name": node.value, "first": first[node.value, scope].line}
            diagnostics.add(catalogue.NAMED_TWICE, node.snippet.locate(0), len(node.value), **params)
        first.setdefault((node.value, scope), node.location)
