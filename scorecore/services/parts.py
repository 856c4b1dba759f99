"""What the texts say of a name that they declare: its label, type, unit, bounds, clause and value."""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from scorecore.diagnostics.diagnostic import Translate
from scorecore.services import wording
from scorecore.services.names import LISTS, MAPS, Symbol
from scorecore.services.text_family import TextFamily
from scorecore.services.tolerant_toml import KeyPath, TolerantDocument
from scorecore.values.types import Type, from_units

_SECTIONS: Final = {kind: section for section, kind in (*MAPS.items(), *LISTS.items())}
_MOST_ROWS: Final = 12
"""Of a table of bands that are shown."""


@frozen(eq=False)
class PartText:
    """Of each key of a part how its value is written, in the text itself or in one that it extends."""

    documents: list[tuple[TolerantDocument, KeyPath]]
    """Where the part is written: in the text itself first."""

    def read(self, *keys: str | int) -> str:
        """How a value is written; a text without its quotes. Empty if it is written nowhere."""
        return next(filter(None, (_read(document, (*path, *keys)) for document, path in self.documents)), "")

    def count(self, key: str) -> tuple[TolerantDocument, KeyPath, int] | None:
        """The list under a key, and how many elements it has, where it is written."""
        for document, path in self.documents:
            numbers = [
                at[len(path) + 1]
                for at in document.raw
                if at[: len(path) + 1] == (*path, key) and len(at) > len(path) + 1
            ]
            elements = [number for number in numbers if isinstance(number, int)]
            if elements:
                return document, (*path, key), max(elements) + 1
        return None


def _read(document: TolerantDocument, path: KeyPath) -> str:
    return document.texts.get(path) or document.raw.get(path, "")


def find_part(family: TextFamily, symbol: Symbol) -> PartText:
    """What the texts say of a name."""
    subject = family.names.subject
    places: list[tuple[TolerantDocument, KeyPath]] = []
    for document in family.chain:
        match symbol.kind:
            case "fact":
                places.append((document, ("facts", subject, symbol.name)))
            case "field":
                places.append((document, ("facts", symbol.owner, "fields", symbol.name)))
            case "clock":
                places.append((document, ("matters", symbol.owner, "clocks", symbol.name)))
            case "events" | "subject":
                places.append((document, ("facts", symbol.name)))
            case kind if kind in MAPS.values():
                places.append((document, (_SECTIONS[kind], symbol.name)))
            case kind if kind in LISTS.values():
                section = _SECTIONS[kind]
                places += [
                    (document, path[:2])
                    for path, text in document.texts.items()
                    if path[0] == section and path[2:] == ("id",) and text == symbol.name
                ]
    return PartText(places)


def list_among(family: TextFamily, symbol: Symbol) -> list[str]:
    """The texts that a fact or a field may have; of the grade its names."""
    if symbol == Symbol("result", "grade"):
        return family.names.list_names("grade")
    listed = find_part(family, symbol).count("among")
    if listed is None:
        return []
    document, path, count = listed
    return [text for number in range(count) if (text := document.texts.get((*path, number)))]


def describe_part(
    family: TextFamily, symbol: Symbol, translate: Translate, computed: Type | None = None
) -> Iterator[str]:
    """Paragraphs about a name, in Markdown: what it is, its type, its value, and its clause."""
    part = find_part(family, symbol)
    label = part.read("label")
    yield f"**`{symbol.name}`**" + (f" {label}" if label else "")
    facts = [translate(wording.KINDS.get(symbol.kind, symbol.kind)), *_list_type(part, translate)]
    facts += [_describe_computed(computed, translate)] if computed else []
    yield " · ".join(facts)
    for key in ("is", "amount", "closes", "when"):
        written = part.read(key)
        if written:
            yield f"`{key}`: `{written}`" if key == "when" else f"```\n{written}\n```"
    rows = list(_list_rows(part, translate))
    if rows:
        yield "\n".join(f"- {row}" for row in rows)
    for key in ("reason", "authority"):
        if part.read(key):
            yield part.read(key)


def _list_type(part: PartText, translate: Translate) -> Iterator[str]:
    for key in ("type", "kind", "scorer", "points", "unit"):
        if part.read(key):
            yield part.read(key)
    low, high = part.read("min"), part.read("max")
    if low and high:
        yield translate(wording.BETWEEN).format(low=low, high=high)
    elif low or high:
        yield translate(wording.AT_LEAST if low else wording.AT_MOST).format(low=low, high=high)
    if part.read("places"):
        yield translate(wording.PLACES).format(places=part.read("places"))
    if part.read("optional") == "true":
        yield translate(wording.OPTIONAL)


def _describe_computed(computed: Type, translate: Translate) -> str:
    """The type of what is computed, with the bounds that are proved of it."""
    if not computed.is_number:
        return str(computed)
    bounds = {"low": f"{from_units(computed.low):f}", "high": f"{from_units(computed.high):f}"}
    return f"{computed} · {translate(wording.BETWEEN).format(**bounds)}"


def _list_rows(part: PartText, translate: Translate) -> Iterator[str]:
    """The values of a parameter, or the bands of a table."""
    for key in ("values", "bands"):
        listed = part.count(key)
        if listed is None:
            continue
        document, path, count = listed
        for number in range(min(count, _MOST_ROWS)):
            start = _read(document, (*path, number, "from")) or _read(document, (*path, number, "of"))
            value = _read(document, (*path, number, "is"))
            yield translate(wording.IN_FORCE).format(start=start, value=value) if start else value
        if count > _MOST_ROWS:
            yield "…"
