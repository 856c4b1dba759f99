"""Policy text to Policy: parents found and merged, positions kept, names checked."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from attrs import frozen

from scorecore import kinds
from scorecore.cel.scope import PREFIXES
from scorecore.document import Array, Scalar, Table, read
from scorecore.load.overlay import overlay
from scorecore.load.structure import named, structure
from scorecore.policy import Events, Fact, Policy
from scorecore.problems import Problems, hint
from scorecore.source import Location, Source


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


def load(source: Source, parents: Mapping[str, Source], problems: Problems) -> Loaded | None:
    """Read a policy and the parents it extends, which `parents` gives by `id@version`."""
    texts = [source]
    tree = read(source, problems)
    chain = [tree] if tree else []
    while chain:
        name = chain[-1].get("policy", "extends")
        if not isinstance(name, Scalar) or not isinstance(name.value, str) or not name.value:
            break
        parent = _parent(name.value, name.snippet.locate(0), parents, texts, problems)
        if parent is None:
            return None
        chain.append(parent)
    if not chain:
        return None
    merged = chain.pop()
    while chain:
        merged = overlay(merged, chain.pop(), problems)
    policy = _policy(merged, problems)
    if policy is None:
        return None
    own = f"{policy.policy.id}@{policy.policy.version}"
    names = [own, *(_name(text) for text in texts[1:])]
    return Loaded(policy, tuple(map(Document, names, texts)))


def _parent(
    name: str, place: Location, parents: Mapping[str, Source], texts: list[Source], problems: Problems
) -> Table | None:
    if name not in parents:
        problems.add(kinds.NO_PARENT, place, len(name), name=name, **hint(name, parents))
        return None
    if parents[name] in texts:
        problems.add(kinds.PARENT_CIRCLE, place, len(name), name=name)
        return None
    texts.append(parents[name])
    return read(parents[name], problems)


def identify(source: Source) -> str | None:
    """`id@version` of a policy text, if it has both; how parents are found among files."""
    tree = read(source, Problems())
    found = [tree.get("policy", key) for key in ("id", "version")] if tree else []
    values = [node.value for node in found if isinstance(node, Scalar) and isinstance(node.value, str)]
    return "@".join(values) if len(values) == 2 else None  # noqa: PLR2004  an id and a version


def _name(source: Source) -> str:
    return identify(source) or source.name


def _policy(tree: Table, problems: Problems) -> Policy | None:
    before = len(problems)
    facts = tree.entries.pop("facts", Table(tree.location))
    places = dict(tree.keys)
    tree.keys.pop("facts", None)
    subject = tree.get("policy", "subject")
    about = subject.value if isinstance(subject, Scalar) and isinstance(subject.value, str) else ""
    own: dict[str, Fact] = {}
    events: dict[str, Events] = {}
    if not isinstance(facts, Table):
        problems.add(kinds.EXPECTED_TABLE, places["facts"], found="facts")
        facts = Table(tree.location)
    if about and about not in facts.entries:
        near = hint(about, facts.entries)
        place = subject.snippet.locate(0) if isinstance(subject, Scalar) else tree.location
        problems.add(kinds.NO_SUBJECT_TABLE, place, len(about), subject=about, **near)
        flat = (
            name for name, node in facts.entries.items() if isinstance(node, Table) and "fields" not in node.entries
        )
        about = near.get("nearest") or next(flat, about)  # so that its facts are not taken for events
    for name, node in facts.entries.items():
        if name != about:
            found = structure(node, Events, problems)
            events |= {name: found} if found else {}
        elif isinstance(node, Table):
            for field, child in node.entries.items():
                fact = structure(child, Fact, problems)
                own |= {field: fact} if fact else {}
        else:
            problems.add(kinds.EXPECTED_TABLE, facts.keys[name], len(name), found=name)
    _names(tree, facts, about, problems)
    policy = structure(tree, Policy, problems, subject=own, events=events)
    return policy if len(problems) == before else None


def _names(tree: Table, facts: Table, about: str, problems: Problems) -> None:
    """Names are what expressions can use, and bare names are used once."""
    bare: dict[str, Location] = {}

    def bare_names(names: Mapping[str, Location]) -> None:
        for name, place in names.items():
            named(name, place, problems)
            if name in PREFIXES:
                problems.add(kinds.PREFIX_NAME, place, len(name), name=name)
            elif name in bare:
                problems.add(kinds.NAMED_TWICE, place, len(name), name=name, first=bare[name].line)
            bare.setdefault(name, place)

    bare_names(facts.keys)
    own, values = facts.get(about), tree.get("values")
    bare_names(own.keys if isinstance(own, Table) else {})
    bare_names(values.keys if isinstance(values, Table) else {})
    for name, events in facts.entries.items():
        fields = events.get("fields") if isinstance(events, Table) and name != about else None
        _each_named(fields.keys.items() if isinstance(fields, Table) else (), problems)
    for section in ("parameters", "tables", "calendars", "groups", "carry", "uses"):
        table = tree.get(section)
        _each_named(table.keys.items() if isinstance(table, Table) else (), problems)
    for section in ("items", "pay", "holds", "actions", "grades"):
        _ids(tree.get(section), problems, as_names=section != "grades")


def _each_named(names: Iterable[tuple[str, Location]], problems: Problems) -> None:
    for name, place in names:
        named(name, place, problems)


def _ids(section: object, problems: Problems, *, as_names: bool) -> None:
    first: dict[tuple[object, ...], Location] = {}
    for part in section.items if isinstance(section, Array) else ():
        node = part.get("id") if isinstance(part, Table) else None
        if not isinstance(part, Table) or not isinstance(node, Scalar) or not isinstance(node.value, str):
            continue
        if as_names:
            named(node.value, node.snippet.locate(0), problems)
        # two grades may share a name where they are for different people
        condition = part.get("when")
        scope = None if as_names or not isinstance(condition, Scalar) else condition.value
        if (node.value, scope) in first:
            blanks = {"name": node.value, "first": first[node.value, scope].line}
            problems.add(kinds.NAMED_TWICE, node.snippet.locate(0), len(node.value), **blanks)
        first.setdefault((node.value, scope), node.location)
