"""A policy file beside its written rule: its parts with the clauses that they cite, and what it declares silent."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from attrs import field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Source
from scorecore.diagnostics.suggest import suggest
from scorecore.policy.model import SilenceDeclaration
from scorecore.policy.regulation.citations import Citation, read_citations
from scorecore.policy.regulation.clauses import Clause, Regulation
from scorecore.policy.regulation.figures import find_figures
from scorecore.policy.structure import structure
from scorecore.policy.toml import Node, TomlArray, TomlScalar, TomlTable

WORD_FORMAT: Final = ".docx"
FORMATS: Final = (".txt", ".md", WORD_FORMAT)
_NOT_PARTS: Final = frozenset({"policy", "text", "monotone", "bounded", "paid_once", "open"})


@frozen(eq=False)
class CitedPart:
    """A part of a policy file that cites clauses."""

    name: str
    """Such as `pay.commission`."""
    label: str
    place: Location
    authority: TomlScalar
    citations: tuple[Citation, ...]
    node: TomlTable

    def cites(self, clause: Clause) -> bool:
        """Whether it cites a clause, or one around it."""
        return any(clause.is_within(cited) for citation in self.citations for cited in citation.clauses)

    def contains(self, place: Location) -> bool:
        """Whether a place in its file lies in the part."""
        return self._span[0] <= (place.line, place.column) <= self._span[1]

    @cached_property
    def _span(self) -> tuple[tuple[int, int], tuple[int, int]]:
        end = max(_locate_values(self.node), default=self.place)
        return (self.place.line, self.place.column), (end.line, end.column)

    def cites_below(self, clause: Clause) -> bool:
        """Whether it cites a clause below another."""
        return any(cited.is_within(clause) for citation in self.citations for cited in citation.clauses)


@frozen(eq=False)
class Silence:
    """Clauses, or figures of them, that no part has to carry."""

    declaration: SilenceDeclaration
    citations: tuple[Citation, ...]
    authority: TomlScalar | None

    def covers(self, clause: Clause) -> bool:
        return any(clause.is_within(cited) for citation in self.citations for cited in citation.clauses)


@frozen(eq=False)
class PolicyText:
    """A policy file, and the written rule that its authorities cite."""

    source: Source
    tree: TomlTable
    regulation: Regulation
    is_own: bool
    """Whether the file names the text itself; else it is that of the policy that it extends."""
    parts: tuple[CitedPart, ...] = field(init=False)
    silences: tuple[Silence, ...] = field(init=False)

    @parts.default
    def _find_parts(self) -> tuple[CitedPart, ...]:
        return tuple(_find_cited_parts(self.tree, self.regulation))

    @silences.default
    def _find_silences(self) -> tuple[Silence, ...]:
        nodes = self.tree.get("text", "silent")
        return tuple(
            silence
            for node in (nodes.items if isinstance(nodes, TomlArray) else ())
            if (silence := _read_silence(node, self.regulation))
        )

    @property
    def identity(self) -> str:
        """Its `id@version`."""
        return f"{read_header(self.tree, 'id')}@{read_header(self.tree, 'version')}"

    @property
    def is_illustrative(self) -> bool:
        """Whether its figures are invented, and say so."""
        return read_header(self.tree, "status") == "illustrative"

    def check(self, diagnostics: Diagnostics) -> None:
        """Note what the policy and its text do not agree in."""
        file = self.regulation.source.name
        if self.is_own:
            self._check_digest(diagnostics)
            self._check_word(diagnostics)
        cited = [(part.authority, part.citations) for part in self.parts]
        cited += [(silence.authority, silence.citations) for silence in self.silences if silence.authority]
        for authority, citations in cited:
            for citation in citations:
                if not citation.clauses:
                    params = {"file": _last_name(file), "clause": citation.text}
                    params |= {"nearest": citation.nearest} if citation.nearest else {}
                    place = authority.snippet.locate(citation.offset)
                    diagnostics.add(catalogue.NO_CLAUSE, place, citation.length, **params)
        for silence in self.silences:
            _check_figures(silence, diagnostics)

    def _check_word(self, diagnostics: Diagnostics) -> None:
        file = _last_name(self.regulation.source.name)
        for kind, count in (
            (catalogue.TEXT_NOT_READ, self.regulation.unread),
            (catalogue.CHANGES_PENDING, self.regulation.pending),
        ):
            if count:
                diagnostics.add(kind, *_span_of_text(self.tree), file=file, count=count)

    def _check_digest(self, diagnostics: Diagnostics) -> None:
        pinned = self.tree.get("policy", "text_digest")
        params = {"file": _last_name(self.regulation.source.name), "policy": self.source.name}
        if not isinstance(pinned, TomlScalar):
            diagnostics.add(catalogue.TEXT_NOT_PINNED, *_span_of_text(self.tree), **params)
        elif pinned.value != self.regulation.digest:
            diagnostics.add(catalogue.RULE_CHANGED, *_span_of_text(self.tree), **params)


def read_header(tree: TomlTable, key: str) -> str:
    """The text under a key of `[policy]`; empty where there is none."""
    node = tree.get("policy", key)
    return node.value if isinstance(node, TomlScalar) and isinstance(node.value, str) else ""


def _span_of_text(tree: TomlTable) -> tuple[Location, int]:
    node = tree.get("policy", "text")
    return (node.location, node.length) if isinstance(node, TomlScalar) else (tree.location, 1)


def report_unread(tree: TomlTable, diagnostics: Diagnostics) -> None:
    """Note that a text is named that could not be read."""
    file = read_header(tree, "text")
    is_known = file.endswith(FORMATS)
    params = {"file": file} | ({} if is_known else {"formats": ", ".join(FORMATS)})
    diagnostics.add(catalogue.NO_TEXT_FILE if is_known else catalogue.TEXT_FORMAT, *_span_of_text(tree), **params)


def _last_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _find_cited_parts(tree: TomlTable, regulation: Regulation) -> Iterator[CitedPart]:
    for section, node in tree.entries.items():
        if section not in _NOT_PARTS:
            yield from _walk_parts(node, section, regulation, _named(node, section))


def _named(node: Node, name: str) -> Mapping[int, str]:
    """By their identity, the names of the tables in a list or a map."""
    if isinstance(node, TomlArray):
        return {id(child): f"{name}.{_read_id(child) or number}" for number, child in enumerate(node.items, 1)}
    entries = node.entries.items() if isinstance(node, TomlTable) else ()
    return {id(child): f"{name}.{key}" for key, child in entries}


def _walk_parts(node: Node, name: str, regulation: Regulation, names: Mapping[int, str]) -> Iterator[CitedPart]:
    if isinstance(node, TomlArray):
        for child in node.items:
            yield from _walk_parts(child, names.get(id(child), name), regulation, names)
        return
    if not isinstance(node, TomlTable):
        return
    authority = node.entries.get("authority")
    if isinstance(authority, TomlScalar) and isinstance(authority.value, str) and authority.value:
        citations = read_citations(authority.value, regulation)
        yield CitedPart(name, _read_text(node, "label"), node.span[0], authority, citations, node)
    for key, child in node.entries.items():
        inner = names.get(id(child), f"{name}.{key}")
        yield from _walk_parts(child, inner, regulation, {**names, **_named(child, inner)})


def _locate_values(node: Node) -> Iterator[Location]:
    """Where each value below a node ends."""
    match node:
        case TomlTable():
            for child in node.entries.values():
                yield from _locate_values(child)
        case TomlArray():
            for child in node.items:
                yield from _locate_values(child)
        case TomlScalar(value=str()):
            yield node.snippet.locate(len(node.snippet.text))
        case TomlScalar():
            yield node.location


def _read_id(node: Node) -> str:
    return _read_text(node, "id") or _read_text(node, "reason")


def _read_text(node: Node, key: str) -> str:
    child = node.entries.get(key) if isinstance(node, TomlTable) else None
    return child.value if isinstance(child, TomlScalar) and isinstance(child.value, str) else ""


def _read_silence(node: Node, regulation: Regulation) -> Silence | None:
    """What is declared silent; what is wrong with a declaration is reported when the policy is compiled."""
    declaration = structure(node, SilenceDeclaration, Diagnostics())
    if declaration is None or not isinstance(node, TomlTable):
        return None
    authority = node.entries.get("authority")
    citations = read_citations(declaration.authority, regulation)
    return Silence(declaration, citations, authority if isinstance(authority, TomlScalar) else None)


def _check_figures(silence: Silence, diagnostics: Diagnostics) -> None:
    clauses = [cited for citation in silence.citations for cited in citation.clauses]
    figures = {figure.text for clause in clauses for below in clause.walk() for figure in find_figures(below.text)}
    for number, figure in enumerate(silence.declaration.figures):
        if clauses and figure not in figures:
            nearest = suggest(figure, figures)
            known = {} if nearest or not figures else {"known": ", ".join(f"`{text}`" for text in sorted(figures))}
            params = {"figure": figure, "clause": silence.declaration.authority, **nearest, **known}
            diagnostics.add(catalogue.NO_FIGURE, *silence.declaration.at(f"figures.{number}"), **params)
