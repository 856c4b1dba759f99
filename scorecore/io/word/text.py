"""The paragraphs of a file of Word as lines of text; a row of a table is one line."""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Final
from xml.etree import ElementTree as ET

from attrs import define, field, frozen

from scorecore.io.word.numbering import WORD, Numbering, read_count
from scorecore.io.xlsx.package import WorkbookRefused, parse_tree

MAX_PART: Final = 32_000_000
"""Bytes of a part; the longest measures have a hundredth of it."""
_STRICT: Final = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_NOT_READ: Final = frozenset({"txbxContent", "footnoteReference", "endnoteReference", "vanish"})
_CHANGES: Final = frozenset({"del", "ins", "moveFrom", "moveTo"})
_CLOSING: Final = ("、", ")", "\uff09")
"""After these a number needs no blank."""
_SIGNS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


class WordRefused(Exception):  # noqa: N818  the file is refused; this is not an error of ours
    """A file is not one of Word, or is damaged, protected or too large."""


@frozen
class WordText:
    """What a file says, and how much of it is not so simple."""

    text: str
    unread: int = 0
    """How many text boxes, footnotes and hidden passages are left out."""
    pending: int = 0
    """How many changes nobody has accepted or refused; they are read as if accepted."""


def read_word(content: bytes) -> WordText:
    """The text of a file; raises WordRefused."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = {name: _read_part(archive, f"word/{name}.xml") for name in ("document", "numbering", "styles")}
    except (
        zipfile.BadZipFile,
        ET.ParseError,
        WorkbookRefused,
        NotImplementedError,
        RuntimeError,
        EOFError,
        zlib.error,
    ) as error:
        raise WordRefused from error
    body = None if parts["document"] is None else parts["document"].find(f"{WORD}body")
    if body is None:
        raise WordRefused
    reader = _Reader(Numbering.read(parts["numbering"]), _read_style_lists(parts["styles"]))
    lines = list(reader.read_blocks(body))
    return WordText("\n".join(lines) + "\n", reader.unread, reader.pending)


def _read_part(archive: zipfile.ZipFile, name: str) -> ET.Element | None:
    if name not in archive.namelist():
        return None
    with archive.open(name) as stream:
        content = stream.read(MAX_PART + 1)
    if len(content) > MAX_PART:
        raise WordRefused
    return parse_tree(content.replace(_STRICT[1:-1].encode(), WORD[1:-1].encode()))


Place = tuple[str, int]
"""A list and a level."""


def _read_style_lists(root: ET.Element | None) -> dict[str, Place]:
    """By style the list and level of its paragraphs; a style has those of the one that it is based on."""
    if root is None:
        return {}
    own: dict[str, Place] = {}
    based: dict[str, str] = {}
    for style in root.iterfind(f"{WORD}style"):
        name = style.get(f"{WORD}styleId", "")
        base = style.find(f"{WORD}basedOn")
        based[name] = "" if base is None else base.get(f"{WORD}val", "")
        place = _read_place(style.find(f"{WORD}pPr"))
        if place:
            own[name] = place
    inherited = {}
    for name in based:
        ancestor, seen = name, set[str]()
        while ancestor and ancestor not in own and ancestor not in seen:
            seen.add(ancestor)
            ancestor = based.get(ancestor, "")
        if ancestor in own:
            inherited[name] = own[ancestor]
    return inherited


def _read_place(properties: ET.Element | None) -> Place | None:
    """The list and level that the properties of a paragraph name; list 0 is none."""
    listed = None if properties is None else properties.find(f"{WORD}numPr")
    if listed is None:
        return None
    values = {name: listed.find(f"{WORD}{name}") for name in ("numId", "ilvl")}
    texts = {name: "" if element is None else element.get(f"{WORD}val", "") for name, element in values.items()}
    return texts["numId"], read_count(texts["ilvl"])


@define
class _Reader:
    numbering: Numbering
    style_lists: Mapping[str, Place]
    unread: int = field(default=0, init=False)
    pending: int = field(default=0, init=False)

    def read_blocks(self, parent: ET.Element) -> Iterator[str]:
        """The lines of paragraphs and tables, in their order."""
        for element in parent:
            match element.tag.removeprefix(WORD):
                case "p":
                    yield from self.read_paragraph(element).split("\n")
                case "tr":
                    cells = (" ".join(self.read_blocks(cell)) for cell in element.iterfind(f".//{WORD}tc"))
                    yield " ".join(filter(None, cells))
                case "del" | "moveFrom":
                    self.pending += 1
                case "sectPr" | "tblPr" | "tblGrid":
                    continue
                case name:
                    self.pending += name in _CHANGES
                    yield from self.read_blocks(element)

    def read_paragraph(self, paragraph: ET.Element) -> str:
        """Its number and its text."""
        text = "".join(self._read_runs(paragraph))
        number = self._write_number(paragraph.find(f"{WORD}pPr"))
        blank = "" if number.endswith(_CLOSING) else " "
        return f"{number}{blank}{text}" if number and text.strip() else text

    def _write_number(self, properties: ET.Element | None) -> str:
        style = None if properties is None else properties.find(f"{WORD}pStyle")
        default = self.style_lists.get("" if style is None else style.get(f"{WORD}val", ""))
        place = _read_place(properties) or default
        if place is None:
            return ""
        list_id, level = place
        if not list_id and default:  # a paragraph may name the level alone
            list_id = default[0]
        return self.numbering.write_next(list_id, level)

    def _read_runs(self, parent: ET.Element) -> Iterator[str]:
        for element in parent:
            name = element.tag.removeprefix(WORD)
            self.unread += name in _NOT_READ
            self.pending += name in _CHANGES
            if name == "t":
                yield element.text or ""
            elif name in _SIGNS:
                yield _SIGNS[name]
            elif name == "r" and element.find(f"{WORD}rPr/{WORD}vanish") is not None:
                self.unread += 1
            elif name not in {"del", "moveFrom", "pPr", "rPr", "rt", "txbxContent", "instrText"}:
                fallback = element.tag.endswith("}Fallback")  # the same content again, for old programs
                yield from () if fallback else self._read_runs(element)
