"""Policy text to Policy: parents found and merged, positions kept, names checked."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from attrs import field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Source
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.scope import PREFIXES
from scorecore.policy.model import EventsDeclaration, FactDeclaration, Policy, PolicyHeader
from scorecore.policy.overlay import overlay
from scorecore.policy.salvage import Salvage, find_broken_names, list_part_names, make_header
from scorecore.policy.shared_calendars import take_calendars
from scorecore.policy.structure import check_name, structure
from scorecore.policy.toml import (
    Node,
    TomlArray,
    TomlScalar,
    TomlTable,
    is_unreadable,
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
    """A policy, and the texts it was made of: its own first, then those that lend it calendars, then its parents."""

    policy: Policy
    documents: tuple[Document, ...]
    salvage: Salvage = field(factory=Salvage)
    """What was kept of texts with problems."""
    broken: frozenset[str] = frozenset()
    """The names of parts that were left out, which have problems of their own."""
    is_sound: bool = True
    """Whether all of it could be read."""


def load(source: Source, parents: Mapping[str, Source], diagnostics: Diagnostics) -> Loaded | None:
    """Read a policy and those that it extends or takes calendars from; None if it has problems.

    `parents` gives these by `id@version`.
    """
    loaded = load_what_fits(source, parents, diagnostics)
    return loaded if loaded and loaded.is_sound else None


def load_what_fits(source: Source, parents: Mapping[str, Source], diagnostics: Diagnostics) -> Loaded | None:
    """As `load`, but a policy with problems is read as far as it goes, so that all of it can be checked."""
    sources, count_before = [source], len(diagnostics)
    tree = read_toml(source, diagnostics, leaves_out=True)
    chain = [tree] if tree else []
    while chain:
        extends = chain[-1].get("policy", "extends")
        if not isinstance(extends, TomlScalar) or not isinstance(extends.value, str) or not extends.value:
            break
        parent = None
        if not is_unreadable(extends):
            parent = _read_parent(extends.value, extends.snippet.locate(0), parents, sources, diagnostics)
        if parent is None:
            _report_unparsed(chain[0], source, diagnostics)
            return None
        chain.append(parent)
    if not chain:
        return None
    lenders = dict.fromkeys(lender for text in chain for lender in take_calendars(text, parents, diagnostics))
    sources[1:1] = [lender for lender in lenders if lender not in sources]
    is_sound = len(diagnostics) == count_before
    salvage = Salvage(is_complete=all(text.is_whole for text in chain))
    lost = frozenset[str]().union(*(text.lost for text in chain))
    merged = chain.pop()
    while chain:
        merged = overlay(merged, chain.pop(), diagnostics)
    count_before = len(diagnostics)
    policy, broken = _build_policy(merged, source, salvage, diagnostics)
    if policy is None:
        return None
    policy_id = f"{policy.policy.id}@{policy.policy.version}"
    ids = [policy_id, *(identify(text) or text.name for text in sources[1:])]
    is_sound &= len(diagnostics) == count_before
    return Loaded(policy, tuple(map(Document, ids, sources)), salvage, broken | lost, is_sound)


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
    return read_toml(parents[name], diagnostics, leaves_out=True)


def _report_unparsed(tree: TomlTable, source: Source, diagnostics: Diagnostics) -> None:
    """The expressions that cannot be read in a text whose parent is not there, without which nothing else is known."""
    found = Diagnostics()
    _build_policy(tree, source, Salvage(), found)
    for diagnostic in found:
        if diagnostic.kind in _UNPARSED:
            diagnostics.take(diagnostic)


_UNPARSED: Final = frozenset(
    [
        catalogue.UNEXPECTED,
        catalogue.EXPRESSION_ENDS,
        catalogue.EXPRESSION_TOO_LONG,
        catalogue.EXPRESSION_TOO_DEEP,
        catalogue.NOT_IN_POLICIES,
        catalogue.RESERVED_WORD,
        catalogue.BAD_ESCAPE,
    ]
)


def identify(source: Source) -> str | None:
    """`id@version` of a policy text, if it has both; how parents are found among files."""
    tree = read_toml(source, Diagnostics())
    policy_id, version = (_text(tree.get("policy", key)) if tree else None for key in ("id", "version"))
    return f"{policy_id}@{version}" if policy_id is not None and version is not None else None


def _text(node: Node | None) -> str | None:
    if not isinstance(node, TomlScalar) or is_unreadable(node):
        return None
    return node.value if isinstance(node.value, str) else None


def _build_policy(
    tree: TomlTable, source: Source, salvage: Salvage, diagnostics: Diagnostics
) -> tuple[Policy | None, frozenset[str]]:
    """The policy, and the names of its parts that do not fit."""
    facts = tree.entries.get("facts", TomlTable(tree.location))
    facts_place = tree.keys.get("facts", tree.location)
    if not isinstance(facts, TomlTable):
        diagnostics.add(catalogue.EXPECTED_TABLE, facts_place, found="facts")
        facts = TomlTable(tree.location)
    subject = _find_subject(tree, facts, diagnostics)
    names = list_part_names(tree, subject)
    subject_facts: dict[str, FactDeclaration] = {}
    events: dict[str, EventsDeclaration] = {}
    for name, node in facts.entries.items():
        if name != subject:
            declaration = structure(node, EventsDeclaration, diagnostics, salvage=salvage)
            events |= {name: declaration} if declaration else {}
        elif isinstance(node, TomlTable):
            for field_name, child in node.entries.items():
                fact = structure(child, FactDeclaration, diagnostics, salvage=salvage)
                subject_facts |= {field_name: fact} if fact else {}
        else:
            diagnostics.add(catalogue.EXPECTED_TABLE, facts.keys[name], len(name), found=name)
    _check_names(tree, facts, subject, diagnostics)
    _ensure_header(tree, subject, source, salvage, diagnostics)
    sections = TomlTable(tree.location, dict(tree.entries), tree.keys, name=tree.name)
    sections.entries.pop("facts", None)
    policy = structure(sections, Policy, diagnostics, salvage=salvage, subject=subject_facts, events=events)
    return policy, find_broken_names(names, policy) if policy else frozenset()


def _ensure_header(tree: TomlTable, subject: str, source: Source, salvage: Salvage, diagnostics: Diagnostics) -> None:
    """A header that is missing or does not fit is reported, and replaced by one with which the rest can be checked."""
    header = tree.entries.get("policy")
    if header is None:
        diagnostics.add(catalogue.MISSING_KEY, *tree.span, key="policy")
        salvage.is_complete = False
    elif structure(header, PolicyHeader, diagnostics, salvage=salvage) is not None:
        return
    tree.entries["policy"] = make_header(tree, subject, source)
    tree.keys.setdefault("policy", tree.location)


def _find_subject(tree: TomlTable, facts: TomlTable, diagnostics: Diagnostics) -> str:
    """The table of the subject's facts; where the policy names none that is there, the one that it may mean."""
    node = tree.get("policy", "subject")
    subject = _text(node) or ""
    flat_tables = [
        name for name, table in facts.entries.items() if isinstance(table, TomlTable) and "fields" not in table.entries
    ]
    if not subject:
        return next(iter(flat_tables), "")
    if subject in facts.entries:
        return subject
    nearest = suggest(subject, facts.entries)
    place = node.snippet.locate(0) if isinstance(node, TomlScalar) else tree.location
    diagnostics.add(catalogue.NO_SUBJECT_TABLE, place, len(subject), subject=subject, **nearest)
    return nearest.get("nearest") or next(iter(flat_tables), subject)  # so that its facts are not taken for events


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
