"""What an `authority` cites: clauses one after the other, ranges of them, and words that are quoted after them.

第五条至第八条; 第二十七条(四)1, 2; 第九条 30分及以上; 通用条款9.1, 专用条款9.2. A later citation may leave out what it
shares with the one before.
"""

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from scorecore.diagnostics.suggest import find_nearest
from scorecore.policy.regulation.clauses import Clause, Regulation
from scorecore.policy.regulation.labels import Chain, read_chain
from scorecore.policy.regulation.markers import PARAGRAPH, ClauseMarker, expand_range
from scorecore.policy.regulation.numerals import narrow

_SEPARATOR: Final = re.compile(r"\s*[,、;]\s*")
_RANGE: Final = re.compile(r"\s?[至到]\s?")
_ENDS: Final = re.compile(r"\s|$|[,、;至到(]")


@frozen
class Citation:
    """One of the clauses, or ranges, that an authority names."""

    offset: int
    length: int
    text: str
    clauses: tuple[Clause, ...]
    """What it leads to; none if the text has no such clause."""
    nearest: str = ""
    """Where it leads nowhere: the clause that may be meant."""


@frozen
class _Written:
    """A citation as it is written, before it is looked up."""

    offset: int
    end: int
    chain: Chain
    last: Chain = ()
    """Of a range."""


def read_citations(authority: str, regulation: Regulation) -> tuple[Citation, ...]:
    """The citations of an authority, each with the clauses that it means."""
    citations = []
    before: Chain = ()
    for written in _split(narrow(authority), regulation):
        text = authority[written.offset : written.end]
        chain, clauses = _look_up(written, before, regulation)
        nearest = "" if clauses else _find_nearest(text, regulation)
        citations.append(Citation(written.offset, len(text), text, clauses, nearest))
        before = chain if clauses else before
    return tuple(citations)


def _split(authority: str, regulation: Regulation) -> list[_Written]:
    written: list[_Written] = []
    offset = 0
    while offset < len(authority):
        chain, end = read_chain(authority, offset, regulation.names)
        if chain and _ENDS.match(authority, end):
            last: Chain = ()
            joint = _RANGE.match(authority, end)
            if joint:
                last, last_end = read_chain(authority, joint.end(), regulation.names)
                end = last_end if last else end
            written.append(_Written(offset, end, chain, last))
        elif not written:  # words that are not a clause of the text
            pause = _SEPARATOR.search(authority, offset)
            end = pause.start() if pause else len(authority)
            written.append(_Written(offset, end, ()))
        offset = _skip_quote(authority, end, regulation)
    return written


def _skip_quote(authority: str, offset: int, regulation: Regulation) -> int:
    """Where the next citation begins: after the separator that one follows."""
    for pause in _SEPARATOR.finditer(authority, offset):
        chain, end = read_chain(authority, pause.end(), regulation.names)
        if chain and _ENDS.match(authority, end):
            return pause.end()
    return len(authority)


def _look_up(written: _Written, before: Chain, regulation: Regulation) -> tuple[Chain, tuple[Clause, ...]]:
    """The whole chain of a citation, and its clauses; what it leaves out is taken from the citation before."""
    for shared in range(max(len(before) - 1, 0), -1, -1):
        chain = (*before[:shared], *written.chain)
        clauses = find_clauses(chain, regulation.root)
        if clauses and written.last:
            numbers = expand_range(chain[-1], written.last[-1])
            ends = [find_clauses((*chain[:-1], number), regulation.root) for number in numbers]
            if not ends[-1]:
                return chain, ()
            clauses = tuple(dict.fromkeys(clause for found in ends for clause in found))
        if clauses:
            return chain, clauses
    return written.chain, ()


def find_clauses(chain: Sequence[ClauseMarker], root: Clause) -> tuple[Clause, ...]:
    """The clauses that a chain leads to; levels such as chapters may be left out where no other clause is meant."""
    if not chain:
        return ()
    clauses: tuple[Clause, ...] = (root,)
    for position, marker in enumerate(chain):
        below = tuple(found for clause in clauses for found in _find_below(clause, marker))
        if not below and position and marker == ClauseMarker(PARAGRAPH, (1,)):
            continue  # the first paragraph is the clause itself
        clauses = below
    return tuple(dict.fromkeys(clauses))


def _find_below(clause: Clause, cited: ClauseMarker) -> Sequence[Clause]:
    """The clauses with a number right below a clause, or else deeper; none where it could be one or another."""
    level = clause.clauses
    while level:
        for loosely in (False, True):
            matches = [
                below for below in level if any(marker.matches(cited, loosely=loosely) for marker in below.markers)
            ]
            if matches:
                return matches if len({id(match.parent) for match in matches}) == 1 else ()
        level = [lower for below in level for lower in below.clauses]
    return ()


def _find_nearest(text: str, regulation: Regulation) -> str:
    labels = [clause.label for clause in regulation.root.walk() if clause.markers]
    return find_nearest(text, labels) or next((label for label in labels if text and label.endswith(text)), "")
