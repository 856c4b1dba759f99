"""The parts of a workbook: its zip archive within limits, its sheets by name, formats, and texts that cells share."""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, Final, NamedTuple
from xml.etree import ElementTree as ET
from xml.parsers import expat

from scorecore.io.xlsx.number_formats import Render, compile_render

DAMAGED: Final = "it is not a workbook, or it is damaged"
PROTECTED: Final = "it is protected by a password"
TOO_LARGE: Final = "it unpacks to far more data than a workbook of facts has"
TOO_SLOW: Final = "it takes too much time or memory"
TEXT_TOO_LONG: Final = "a text in it has more than 32,767 characters"
"""Why workbooks are refused."""
MAX_UNPACKED: Final = 2 << 30
"""Bytes of a part; a million rows have a fifth of it."""
_MAX_RATIO: Final = 150
SMALL: Final = 64 << 20
"""Bytes of a part that may be packed at any ratio."""
MAX_TEXT: Final = 32_767
"""Characters of a cell, which is the limit of Excel."""
_MAX_PARTS: Final = 10_000
CHUNK: Final = 1 << 20
MAX_UNBROKEN: Final = 32 << 20
"""Bytes of a row, which Excel's longest one with texts of a usual length does not reach."""
MAIN: Final = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DECLARATION: Final = re.compile(r"(?:<\?xml[^<>]*\?>)?")
_ENCODING: Final = re.compile(r"""encoding\s*=\s*["']([^"']*)""")
_SURROGATES: Final = range(0xD800, 0xE000)
_SHARED: Final = re.compile(
    r'<si><t(?: xml:space="preserve")?>([^<&]*)</t></si>|(<si\b[^<>]*/>|<si\b.*?</si>)', re.DOTALL
)


class WorkbookRefused(Exception):  # noqa: N818  the file is refused; this is not an error of ours
    """A workbook is not read; the text says why, and the rest where, as far as that is known."""

    def __init__(self, reason: str, row: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.sheet = ""
        self.row = row
        self.column = column


class NotCommon(Exception):  # noqa: N818  the other way of reading is taken
    """XML that is written in an uncommon way; a parser of XML reads it."""


class SheetPart(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    part: str
    is_hidden: bool


class Package:
    """An open workbook."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        if len(archive.infolist()) > _MAX_PARTS:
            raise WorkbookRefused(TOO_LARGE)
        self.archive = archive
        self.opened: dict[str, zipfile.ZipInfo] = {}
        self.names = {info.filename.lstrip("/").lower(): info for info in archive.infolist()}
        workbook = self._find_workbook()
        root = self.read_small(workbook)
        check_root(root.tag, "workbook")
        self.is_1904 = any(properties.get("date1904") in {"1", "true"} for properties in root.iterfind("{*}workbookPr"))
        targets = self._read_targets(workbook)
        self.sheets = [
            SheetPart(sheet.get("name", ""), part, sheet.get("state", "visible") != "visible")
            for sheet in root.iterfind("{*}sheets/{*}sheet")
            if (part := targets.get(sheet.get(_RELATION) or sheet.get(_STRICT_RELATION) or "", ("", ""))[1])
            and targets[sheet.get(_RELATION) or sheet.get(_STRICT_RELATION) or ""][0] == "worksheet"
        ]
        by_kind = dict(targets.values())
        self.renders: list[Render | None] = [None]
        """By the number of a style how its numbers are shown."""
        self.struck: frozenset[int] = frozenset()
        """The styles in which what a cell says is struck through."""
        if by_kind.get("styles"):
            self._read_styles(by_kind["styles"])
        self.texts = self._read_texts(by_kind.get("sharedStrings", ""))

    def _find_workbook(self) -> str:
        for target in self._read_targets("").values():
            if target[0] == "officeDocument":
                return target[1]
        return "xl/workbook.xml"

    def _read_targets(self, part: str) -> dict[str, tuple[str, str]]:
        """By its id the kind of each part that a part refers to, and its name."""
        folder, name = str(PurePosixPath(part).parent), PurePosixPath(part).name
        folder = "" if folder == "." else folder
        relations = f"{folder}/_rels/{name}.rels".lstrip("/")
        if relations.lower() not in self.names:
            return {}
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                _resolve(folder, relation.get("Target", "")),
            )
            for relation in self.read_small(relations).iterfind("{*}Relationship")
            if relation.get("TargetMode") != "External"
        }

    def open(self, part: str) -> IO[bytes]:
        """A part to read; refused if it unpacks to more than a workbook has."""
        info = self.names.get(part.lower())
        if info is None:
            raise WorkbookRefused(DAMAGED)
        self.opened[info.filename] = info
        packed = sum(part.compress_size for part in self.opened.values())
        unpacked = sum(part.file_size for part in self.opened.values())
        if unpacked > max(SMALL, _MAX_RATIO * packed) or info.file_size > MAX_UNPACKED:
            raise WorkbookRefused(TOO_LARGE)
        if info.flag_bits & 1:
            raise WorkbookRefused(PROTECTED)
        return self.archive.open(info)

    def read_small(self, part: str) -> ET.Element:
        """The tree of a part that is small in every workbook."""
        with self.open(part) as stream:
            text = stream.read(SMALL + 1)
        if len(text) > SMALL:
            raise WorkbookRefused(TOO_LARGE)
        return parse_tree(text)

    def list_comments(self, sheet: str) -> list[str]:
        """The cells of a sheet that have a comment, as the file names them."""
        parts = [part for kind, part in self._read_targets(sheet).values() if kind == "comments"]
        trees = [self.read_small(part) for part in parts if part.lower() in self.names]
        return [comment.get("ref", "") for tree in trees for comment in tree.iterfind("{*}commentList/{*}comment")]

    def _read_styles(self, part: str) -> None:
        root = self.read_small(part)
        codes = {
            int(code.get("numFmtId", "0")): code.get("formatCode", "") for code in root.iterfind("{*}numFmts/{*}numFmt")
        }
        styles = root.findall("{*}cellXfs/{*}xf")
        ids = [int(style.get("numFmtId", "0")) for style in styles]
        by_id = {number: compile_render(number, codes.get(number), is_1904=self.is_1904) for number in set(ids)}
        self.renders = [by_id[number] for number in ids] or [None]
        strikes = (font.find("{*}strike") for font in root.iterfind("{*}fonts/{*}font"))
        struck_fonts = {
            str(number)
            for number, strike in enumerate(strikes)
            if strike is not None and strike.get("val", "1") not in {"0", "false"}
        }
        self.struck = frozenset(
            number for number, style in enumerate(styles) if style.get("fontId", "0") in struck_fonts
        )

    def _read_texts(self, part: str) -> list[str]:
        if not part:
            return []
        try:
            with self.open(part) as stream:
                return list(_find_texts(stream))
        except NotCommon:
            with self.open(part) as stream:
                return list(_parse_texts(stream))


def _resolve(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    names: list[str] = []
    for name in f"{folder}/{target}".split("/"):
        if name == ".." and names:
            names.pop()
        elif name not in {"", ".", ".."}:
            names.append(name)
    return "/".join(names)


def check_root(tag: str, name: str) -> None:
    """Refuse a part that is not what the workbook says."""
    if tag not in {f"{{{space}}}{name}" for space in MAIN}:
        raise WorkbookRefused(DAMAGED)


def make_parser() -> expat.XMLParserType:
    """A parser that reads no declaration of a document type: no workbook has one, and entities can grow without end."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.buffer_size = CHUNK

    def refuse_doctype(*_: object) -> None:
        raise WorkbookRefused(DAMAGED)

    parser.StartDoctypeDeclHandler = refuse_doctype
    return parser


def parse_tree(text: bytes) -> ET.Element:
    """A tree of XML without a document type."""
    if b"<!DOCTYPE" in text or b"<\0!\0D" in text or b"\0<\0!\0D" in text:
        raise WorkbookRefused(DAMAGED)
    return ET.fromstring(text)  # noqa: S314  without a document type there are no entities to grow


def unescape(text: str) -> str:
    """A text with the characters that XML cannot have, which workbooks write as `_x000D_`."""
    return _ESCAPED.sub(_unescape_one, text) if "_x" in text else text


def _unescape_one(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if code in _SURROGATES else chr(code)


def read_chunks(stream: IO[bytes], end: str) -> Iterator[str]:
    """The text of a part in pieces that end with `end`; what follows the last one comes last."""
    rest, marker = b"", end.encode()
    while block := stream.read(CHUNK):
        rest += block
        cut = rest.rfind(marker) + len(marker)
        if cut >= len(marker):
            yield _decode(rest[:cut])
            rest = rest[cut:]
        elif len(rest) > MAX_UNBROKEN:
            raise WorkbookRefused(TEXT_TOO_LONG)
    yield _decode(rest)


def _decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise NotCommon from None


def check_common(text: str) -> str:
    """A piece of a part in which every tag is a tag: no comments, no marked sections, no processing."""
    if "<!" in text or "<?" in text:
        raise NotCommon
    return text


def without_head(chunks: Iterator[str], root: str) -> Iterator[str]:
    """The pieces without what comes before the tag of the root, which names the encoding."""
    first = next(chunks, "")
    start = first.find(f"<{root}")
    declaration = _DECLARATION.fullmatch(first[: max(0, start)].removeprefix("\ufeff").strip())
    encoding = declaration and _ENCODING.search(declaration[0])
    if start < 0 or declaration is None or (encoding and encoding[1].lower() != "utf-8"):
        raise NotCommon
    yield first[start:]
    yield from chunks


def _find_texts(stream: IO[bytes]) -> Iterator[str]:
    """The texts of a part that is written as most are."""
    for chunk in without_head(read_chunks(stream, "</si>"), "sst"):
        check_common(chunk)
        matches = _SHARED.findall(chunk)
        if chunk.count("<si>") + chunk.count("<si/>") != len(matches):
            raise NotCommon
        for text, uncommon in matches:
            if len(text) > MAX_TEXT:
                raise WorkbookRefused(TEXT_TOO_LONG)
            yield unescape(text or (_read_uncommon_text(uncommon) if uncommon else ""))


def _read_uncommon_text(xml: str) -> str:
    try:
        return join_text(ET.fromstring(xml))  # noqa: S314  without a document type, as all of it
    except ET.ParseError:
        raise NotCommon from None


def join_text(element: ET.Element) -> str:
    """The text of a cell with runs of letters that look different; without readings beside Japanese text."""
    text = "".join(run.text or "" for run in (*element.iterfind("{*}t"), *element.iterfind("{*}r/{*}t")))
    if len(text) > MAX_TEXT:
        raise WorkbookRefused(TEXT_TOO_LONG)
    return text


def _parse_texts(stream: IO[bytes]) -> Iterator[str]:
    """The texts of a part that is written in whatever way."""
    texts: list[str] = []
    runs, length, in_text, in_reading = [""], 0, False, 0
    names = {f"{space}}}{name}": name for space in MAIN for name in ("si", "t", "rPh")}

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal in_text, in_reading, length
        name = names.get(tag)
        in_text = name == "t" and not in_reading
        in_reading += name == "rPh"
        if name == "si":
            runs.clear()
            length = 0

    def end(tag: str) -> None:
        nonlocal in_text, in_reading
        name = names.get(tag)
        in_text = False
        in_reading -= name == "rPh"
        if name == "si":
            texts.append(unescape("".join(runs)))

    def collect(text: str) -> None:
        nonlocal length
        if in_text:
            runs.append(text)
            length += len(text)
            if length > MAX_TEXT:
                raise WorkbookRefused(TEXT_TOO_LONG)

    parse(stream, start, end, collect)
    return iter(texts)


def parse(
    stream: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    collect: Callable[[str], None],
) -> None:
    """Tell the tags and texts of a part, which is not kept in memory."""
    parser = make_parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, collect
    parser.ParseFile(stream)
