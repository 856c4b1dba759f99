"""Which clauses of a written rule a policy carries out, which it leaves out on purpose, and which it has forgotten.

A clause is carried if a part cites it, or a clause around it, a case shows such a part, and each of its figures occurs
in such a part or in what that part reads. How people object is shown by no case: the record decides with it. A clause
is silent if `[[text.silent]]` names it and, where it has figures, says who decides. Otherwise it is open.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import evolve, field, frozen

from scorecore.analysis.shown_parts import ShownParts
from scorecore.diagnostics.source import Location
from scorecore.policy.regulation.cited import CitedPart, PolicyText, Silence
from scorecore.policy.regulation.clauses import Clause, Regulation
from scorecore.policy.regulation.figures import (
    CONVERSIONS,
    RuleFigure,
    find_date_parts,
    find_figures,
    find_numbers,
    find_policy_figures,
)
from scorecore.policy.regulation.numerals import narrow
from scorecore.policy.toml import Node, TomlArray, TomlScalar, TomlTable

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SOURCES: Final = ("parameters", "tables", "calendars", "values", "items", "pay", "carry", "actions", "holds", "grades")
"""Sections with parts that others read, or that have figures of their own."""
_PERIOD_LENGTHS: Final = {"quarter": (3,), "half-year": (6, Decimal("0.5")), "year": (12,)}
_DECIDED_LATER: Final = "objections"
"""The part that no case can show: the record decides with it."""
_TECHNICAL: Final = {"carry": ("min", "max", "opens"), "score": ("out_of", "min", "max")}
"""Keys that every policy needs, whether or not its rule has their figures."""


class ClauseStatus(StrEnum):
    CARRIED = "carried"
    SILENT = "silent"
    OPEN = "open"


@frozen(eq=False)
class TracedClause:
    """A clause, and what there is of it in the policies."""

    clause: Clause
    status: ClauseStatus | None
    """None for a heading, and for a clause whose text is that of the clauses below it."""
    parts: tuple[tuple[PolicyText, CitedPart], ...] = ()
    silence: Silence | None = None
    figures: tuple[RuleFigure, ...] = ()
    missing: tuple[RuleFigure, ...] = ()
    """Figures that no part has."""
    cases: tuple[str, ...] = ()
    """The names of the cases that show one of the parts."""

    @property
    def lacks_case(self) -> bool:
        """Whether it is open, and no case shows the parts that cite it."""
        return self.status is ClauseStatus.OPEN and bool(self.parts) and not self.cases

    @property
    def lacks_decider(self) -> bool:
        """Whether it is silent with figures, and nothing says who decides."""
        return self.silence is not None and bool(self.figures) and not self.silence.declaration.refer


@frozen(eq=False)
class ForeignFigure:
    """A figure of a policy that neither its text nor an assumption has."""

    text: PolicyText
    part: str
    figure: Decimal | str
    place: Location


@frozen(eq=False)
class Trace:
    """A written rule, article by article, with the policies that carry it out."""

    regulation: Regulation
    texts: tuple[PolicyText, ...]
    clauses: tuple[TracedClause, ...]
    foreign: tuple[ForeignFigure, ...]

    def count(self, status: ClauseStatus, *, with_figures: bool | None = None) -> int:
        """How many clauses have a status, and, if asked, figures or none."""
        return sum(traced.status is status and with_figures in {None, bool(traced.figures)} for traced in self.clauses)

    @property
    def not_shown(self) -> int:
        """How many open clauses have parts that no case shows."""
        return sum(traced.lacks_case for traced in self.clauses)

    @property
    def unknown_citations(self) -> int:
        """How many citations lead to no clause."""
        return sum(not citation.clauses for text in self.texts for part in text.parts for citation in part.citations)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is open, cited in vain, or without a source."""
        return not (self.count(ClauseStatus.OPEN) or self.unknown_citations or self.foreign)


def trace(texts: Sequence[PolicyText], shown: Sequence[ShownParts]) -> Trace:
    """The clauses of one written rule, traced in the policies that carry it out together and in their cases."""
    return _Tracer(texts[0].regulation, tuple(texts), tuple(shown)).trace()


@frozen(eq=False)
class _Tracer:
    regulation: Regulation
    texts: tuple[PolicyText, ...]
    shown: tuple[ShownParts, ...]
    _nodes: dict[str, list[Node]] = field(init=False, factory=dict)
    """By name, what formulas can read."""
    _reached: dict[int, frozenset[Decimal | str]] = field(init=False, factory=dict)

    def trace(self) -> Trace:
        for text in self.texts:
            for name, node in _name_parts(text.tree):
                self._nodes.setdefault(name, []).append(node)
        clauses = tuple(map(self._trace_clause, list(self.regulation.root.walk())[1:]))
        return Trace(self.regulation, self.texts, clauses, tuple(self._find_foreign()))

    def _trace_clause(self, clause: Clause) -> TracedClause:
        figures = tuple(find_figures(clause.text))
        if not clause.text or (clause.clauses and not figures) or (_is_heading(clause) and not figures):
            return TracedClause(clause, None)
        parts = tuple(
            (text, part)
            for text in self.texts
            for part in text.parts
            if part.cites(clause) or (clause.clauses and part.cites_below(clause))
        )
        silences = [silence for text in self.texts for silence in text.silences if silence.covers(clause)]
        excused = {figure for silence in silences for figure in silence.declaration.figures}
        silence = next((silence for silence in silences if not silence.declaration.figures), None)
        known = frozenset[Decimal | str]().union(*(self._figures_of(text, part) for text, part in parts))
        missing = tuple(figure for figure in figures if not figure.values & known and figure.text not in excused)
        cases = tuple(dict.fromkeys(shown.case for shown in self.shown if any(shown.has(*cited) for cited in parts)))
        is_shown = bool(cases) or any(part.name == _DECIDED_LATER for _, part in parts)
        if parts and is_shown and not missing:
            return TracedClause(clause, ClauseStatus.CARRIED, parts, None, figures, cases=cases)
        traced = TracedClause(clause, ClauseStatus.OPEN, parts, silence, figures, missing, cases)
        return evolve(traced, status=ClauseStatus.SILENT) if silence and not traced.lacks_decider else traced

    def _figures_of(self, text: PolicyText, part: CitedPart) -> frozenset[Decimal | str]:
        """The figures of a part, of what it reads, and of the periods of its policy."""
        key = id(part)
        if key not in self._reached:
            header = text.tree.get("policy", "period")
            figures = set(_figures_in(header)) if header else set()
            every = header.value if isinstance(header, TomlScalar) else None
            figures |= set(map(Decimal, _PERIOD_LENGTHS.get(str(every), ())))
            seen: set[int] = set()
            pending: list[Node] = [part.node, *self._nodes.get(part.name.rpartition(".")[2], ())]
            while pending:
                node = pending.pop()
                if id(node) in seen:
                    continue
                seen.add(id(node))
                figures.update(_figures_in(node))
                for word in _find_words(node):
                    pending += self._nodes.get(word, ())
            self._reached[key] = frozenset(figures)
        return self._reached[key]

    def _find_foreign(self) -> Iterator[ForeignFigure]:
        known: set[Decimal | str] = set(CONVERSIONS)
        for clause in self.regulation.root.walk():
            known.update(find_numbers(clause.text))
        for text in self.texts:
            assumptions = text.tree.get("policy", "assumptions")
            for node in assumptions.items if isinstance(assumptions, TomlArray) else ():
                if isinstance(node, TomlScalar) and isinstance(node.value, str):
                    known.update(find_numbers(node.value))
        for text in self.texts:
            if not text.is_illustrative:
                yield from _find_unknown(text, known)


def _is_heading(clause: Clause) -> bool:
    """Whether it is the title of a chapter, which says nothing by itself."""
    return clause.markers[0].form in {"编", "章", "节"} and not re.search("[,。;:]", narrow(clause.text))


def _name_parts(tree: TomlTable) -> Iterator[tuple[str, Node]]:
    """By its name, each part that formulas can read."""
    for section in _SOURCES:
        node = tree.get(section)
        if isinstance(node, TomlTable):
            yield from node.entries.items()
        for child in node.items if isinstance(node, TomlArray) else ():
            name = child.get("id") if isinstance(child, TomlTable) else None
            if isinstance(name, TomlScalar) and isinstance(name.value, str):
                yield name.value, child


def _figures_in(node: Node) -> Iterator[Decimal | str]:
    for alternatives, _ in find_policy_figures(node):
        yield from alternatives
    yield from find_date_parts(node)


def _find_words(node: Node) -> Iterator[str]:
    """The names in the formulas of a part."""
    match node:
        case TomlTable():
            for key, child in node.entries.items():
                if key not in {"label", "authority", "reason", "id"}:
                    yield from _find_words(child)
        case TomlArray():
            for child in node.items:
                yield from _find_words(child)
        case TomlScalar(value=str() as formula):
            yield from _WORD.findall(formula)
        case _:
            return


def _find_unknown(text: PolicyText, known: set[Decimal | str]) -> Iterator[ForeignFigure]:
    sections: Mapping[str, Node] = text.tree.entries
    for section in (*_SOURCES, "score"):
        if section not in sections or section == "calendars":
            continue
        for name, node in _list_parts(section, sections[section]):
            kept = _without(node, _TECHNICAL.get(section, ()))
            for figures, scalar in find_policy_figures(kept):
                if figures.isdisjoint(known):
                    yield ForeignFigure(text, name, min(figures, key=str), scalar.location)


def _list_parts(section: str, node: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(node, TomlTable) and section != "score":
        yield from ((f"{section}.{name}", child) for name, child in node.entries.items())
        return
    children = node.items if isinstance(node, TomlArray) else [node]
    for child in children:
        name = child.get("id") if isinstance(child, TomlTable) else None
        yield (f"{section}.{name.value}" if isinstance(name, TomlScalar) else section), child


def _without(node: Node, keys: Sequence[str]) -> Node:
    if not isinstance(node, TomlTable) or not keys:
        return node
    return TomlTable(node.location, {key: child for key, child in node.entries.items() if key not in keys}, node.keys)
