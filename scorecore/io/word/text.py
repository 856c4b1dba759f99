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
_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, ET.ParseError, WorkbookRefused, NotImplementedError, RuntimeError, EOFError),
)
"""What is raised of an archive that is damaged or protected, and of parts that are nested too deep."""
_OFF: Final = frozenset({"0", "false", "off"})
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
        return _read_archive(content)
    except _DAMAGED as error:
        raise WordRefused from error


def _read_archive(content: bytes) -> WordText:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = {name: _read_part(archive, f"word/{name}.xml") for name in ("document", "numbering", "styles")}
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
                    yield from self.read_row(element)
                case "del" | "moveFrom":
                    self.pending += 1
                case "sectPr" | "tblPr" | "tblGrid":
                    continue
                case name:
                    self.pending += name in _CHANGES
                    yield from self.read_blocks(element)

    def read_row(self, row: ET.Element) -> Iterator[str]:
        """The cells of a row in one line; none of a row that was taken away."""
        marks = [mark.tag.removeprefix(WORD) for mark in row.iterfind(f"{WORD}trPr/*")]
        self.pending += sum(mark in _CHANGES for mark in marks)
        if "del" not in marks:
            cells = (" ".join(self.read_blocks(cell)) for cell in _find_cells(row))
            yield " ".join(filter(None, cells))

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
            elif name == "r" and _is_hidden(element):
                self.unread += 1
            elif name not in {"del", "moveFrom", "pPr", "rPr", "rt", "txbxContent", "instrText"}:
                fallback = element.tag.endswith("}Fallback")  # the same content again, for old programs
                yield from () if fallback else self._read_runs(element)


def _find_cells(row: ET.Element) -> Iterator[ET.Element]:
    """The cells of a row, and not those of tables in them."""
    for element in row:
        if element.tag == f"{WORD}tc":
            yield element
        else:
            yield from _find_cells(element)


def _is_hidden(run: ET.Element) -> bool:
    mark = run.find(f"{WORD}rPr/{WORD}vanish")
    return mark is not None and mark.get(f"{WORD}val", "") not in _OFF
