"""The parts of a policy or of cases, in the order of the text: what an editor lists beside it."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from attrs import define, field

from scorecore.diagnostics.source import Source
from scorecore.services.tolerant_toml import KeyPath, Span, TolerantDocument, WrittenKey, read_tolerantly

_NAMED: Final = ("id", "name")
"""The keys that name an element of a list."""
_DEPTH: Final = {"facts": 3}
"""How many levels of a section are parts; of all others two."""
_USUAL_DEPTH: Final = 2


@define
class OutlinePart:
    """A section, or a part with a name."""

    name: str
    detail: str
    path: KeyPath
    span: Span
    """All of it."""
    selection: Span
    """Its name."""
    children: list["OutlinePart"] = field(factory=list)


def list_outline(source: Source) -> list[OutlinePart]:
    """The sections of a text, with their parts; a section that is written in more than one place is there for each."""
    document = read_tolerantly(source)
    places = sorted(_list_places(document), key=lambda place: place[1])
    return list(_nest(document, places, 1))


def _list_places(document: TolerantDocument) -> Iterator[tuple[KeyPath, Span]]:
    """Everything that is written, with its path."""
    yield from ((heading.path, heading.span) for heading in document.headings)
    yield from ((key.path, key.span) for key in document.keys if not key.in_heading)
    yield from ((value.path, value.span) for value in document.values)
    yield from ((bracket.path, bracket.span) for bracket in document.brackets)


def _nest(document: TolerantDocument, places: list[tuple[KeyPath, Span]], depth: int) -> Iterator[OutlinePart]:
    """The parts of a level; each is a run of places that have the same beginning."""
    long_enough = (place for place in places if len(place[0]) >= depth)
    for path, run in groupby(long_enough, lambda place: place[0][:depth]):
        inside = list(run)
        span = Span(min(span.start for _, span in inside), max(span.end for _, span in inside))
        name, detail, selection = _name(document, path, span)
        part = OutlinePart(name, detail, path, span, selection)
        if depth < _DEPTH.get(str(path[0]), _USUAL_DEPTH):
            part.children = list(_nest(document, inside, depth + 1))
        yield part


def _name(document: TolerantDocument, path: KeyPath, span: Span) -> tuple[str, str, Span]:
    """What a part is called, its label, and where its name is."""
    label = document.texts.get((*path, "label"), "") or document.texts.get((*path, "title"), "")
    if isinstance(path[-1], str):
        key = next((key for key in document.keys if key.path == path and _is_inside(key, span)), None)
        return path[-1] or "…", label, key.span if key else Span(span.start, span.start)
    for named in _NAMED:
        text = document.texts.get((*path, named))
        if text:
            written = next(value.span for value in document.values if value.path == (*path, named))
            is_inside = span.start <= written.start and written.end <= span.end
            return text, label, written if is_inside else Span(span.start, span.start)
    return f"{path[-2]} {int(path[-1]) + 1}", label, Span(span.start, span.start)


def _is_inside(key: WrittenKey, span: Span) -> bool:
    return span.start <= key.span.start and key.span.end <= span.end
