"""The rows of a sheet with the texts that their cells stand for, and what is said of the sheet beside its rows."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from scorecore.io.xlsx.number_formats import render_plain
from scorecore.io.xlsx.package import (
    DAMAGED,
    MAIN,
    MAX_TEXT,
    TEXT_TOO_LONG,
    NotCommon,
    Package,
    WorkbookRefused,
    check_common,
    check_root,
    join_text,
    parse,
    parse_tree,
    read_chunks,
    unescape,
    without_head,
)

NO_STORED_RESULT: Final = "#FORMULA?"
"""The text of a formula whose result the file does not have; `facts.error_cells` knows it too."""
MAX_ROW: Final = 1_048_576
MAX_COLUMN: Final = 16_384
_ROW: Final = re.compile(r"\s*(?:<row\b[^<>]*/>\s*)*<row\b([^<>]*)(?<!/)>")
_WITHOUT_CELLS: Final = re.compile(r"\s*(?:<row\b[^<>]*/>\s*)*")
_MAX_SHAPES: Final = 3
_MAX_HEAD: Final = 500
_ROW_NUMBER: Final = re.compile(r'(?:^|\s)r="(\d{1,7})"')
_ROW_HIDDEN: Final = re.compile(r'(?:^|\s)(?:hidden="(?:1|true)"|ht="0(?:\.0*)?")')
_CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})\d{1,7}"(?: s="(\d{1,6})")?(?: t="(s|str|n|b|e|inlineStr)")?'
    r"(?:/>|>(?:(<f)(?:[^<>]*/>|[^<>]*>[^<]*</f>))?(?:<v>([^<&]*)(</v>))?"
    r'(?:<is><t(?: xml:space="preserve")?>([^<&]*)</t></is>)?</c>)'
    r"|(<c\b[^<>]*/>|<c\b(?:(?!<c\b).)*?</c>)",
    re.DOTALL,
)
_NOTHING: Final = frozenset({"0", "0.0"})
"""The height of a row, or the width of a column, that hides it too."""
_NUMBERS: Final = ("", "n")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")


class SheetRow(NamedTuple):
    """A row, with what its cells stand for."""

    number: int
    is_hidden: bool
    columns: tuple[int, ...]
    """The numbers of columns, from 1; rows in a row often have the same tuple."""
    texts: list[str]
    """The content of these columns; a text may be empty, or blanks only."""
    struck: tuple[int, ...] = ()
    """Those of the columns whose content is struck through."""


class SheetBlock(NamedTuple):
    """Rows of one shape that follow one another."""

    numbers: Sequence[str]
    is_hidden: bool
    columns: tuple[int, ...]
    texts: list[list[str]]
    """By column, its content row by row."""

    def split(self) -> Iterator[SheetRow]:
        """The rows one by one."""
        for number, *texts in zip(self.numbers, *self.texts, strict=True):
            yield SheetRow(int(number), self.is_hidden, self.columns, texts)


class CellRange(NamedTuple):
    """Cells that are merged."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class RowShape(NamedTuple):
    """What rows of the same columns, formats and kinds of cells look like."""

    pattern: re.Pattern[str]
    columns: tuple[int, ...]
    kinds: tuple[str, ...]
    shows: tuple[Callable[[str], str], ...]
    is_hidden: bool


class Cell(NamedTuple):
    """A cell as the file has it."""

    style: str
    kind: str
    has_formula: bool
    value: str | None
    """None if there is none."""
    inline: str


class SheetReader:
    """Reads one sheet; `hidden_columns` and `merged` are known when its rows have been read."""

    def __init__(self, package: Package, part: str) -> None:
        self.package = package
        self.part = part
        self.hidden_columns: list[tuple[int, int]] = []
        self.merged: list[CellRange] = []
        self._columns: dict[str, int] = {}
        self._shapes: list[RowShape] = []

    def read_rows(self) -> Iterator[SheetRow | SheetBlock]:
        """The rows that are not empty, in the order of the file.

        Raises NotCommon, possibly after some rows, if the part is written in an uncommon way: `parse_rows` reads it.
        """
        with self.package.open(self.part) as stream:
            pieces = without_head(read_chunks(stream, "</row>"), "worksheet")
            first = check_common(next(pieces))
            head, tag, rest = first.partition("<sheetData>")
            if not tag:
                raise NotCommon
            for chunk in pieces:
                yield from self._read_chunk(rest)
                rest = chunk
        rows, tag, tail = check_common(rest).rpartition("</sheetData>")
        if not tag:
            raise NotCommon
        yield from self._read_chunk(rows)
        self._read_frame(parse_tree(f"{head}<sheetData/>{tail}".encode()))

    def _read_frame(self, root: ET.Element) -> None:
        """What is said of the sheet before and after its rows."""
        check_root(root.tag, "worksheet")
        for column in root.iterfind("{*}cols/{*}col"):
            self.note_column(column.attrib)
        for merged in root.iterfind("{*}mergeCells/{*}mergeCell"):
            self.note_merged(merged.get("ref", ""))

    def note_column(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in {"1", "true"} or attributes.get("width") in _NOTHING:
            self.hidden_columns.append((int(attributes.get("min", "0")), int(attributes.get("max", "0"))))

    def note_merged(self, reference: str) -> None:
        corners = [self.find_corner(corner) for corner in reference.split(":")]
        if len(corners) == 2 and None not in corners:  # noqa: PLR2004  two corners
            (first_row, first_column), (last_row, last_column) = corners  # type: ignore[misc]
            self.merged.append(CellRange(first_row, first_column, last_row, last_column))

    def find_corner(self, reference: str) -> tuple[int, int] | None:
        match = _REFERENCE.fullmatch(reference)
        return (int(match[2]), self._find_column(match[1])) if match else None

    def _find_column(self, letters: str) -> int:
        number = self._columns.get(letters)
        if number is None:
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - ord("A") + 1
            if not 1 <= number <= MAX_COLUMN:
                raise WorkbookRefused(DAMAGED)
            self._columns[letters] = number
        return number

    def _read_block(self, chunk: str) -> SheetBlock | None:
        """A piece of the sheet as rows of the shape that was met last; None if not all of it is so."""
        shape = self._shapes[0] if self._shapes else None
        rows = shape.pattern.findall(chunk) if shape and shape.columns else []
        if shape is None or not rows or not len(rows) == chunk.count("</row>") == chunk.count("<row"):
            return None
        shared = self.package.texts
        numbers, *columns = zip(*rows, strict=True)
        texts = [
            [shared[int(value)] if value else "" for value in values]
            if kind == "s"
            else [show(value) if value else "" for value in values]
            for kind, show, values in zip(shape.kinds, shape.shows, columns, strict=True)
        ]
        return SheetBlock(numbers, shape.is_hidden, shape.columns, texts)

    def _read_chunk(self, chunk: str) -> Iterator[SheetRow | SheetBlock]:
        check_common(chunk)
        block = self._read_block(chunk)
        if block:
            yield block
            return
        pieces = chunk.split("</row>")
        if not _WITHOUT_CELLS.fullmatch(pieces.pop()):
            raise NotCommon
        shapes = self._shapes
        for piece in pieces:
            for shape in shapes:
                match = shape.pattern.fullmatch(piece)
                if match:
                    number, *values = match.groups("")
                    texts = [show(value) if value else "" for show, value in zip(shape.shows, values, strict=True)]
                    yield SheetRow(int(number), shape.is_hidden, shape.columns, texts)
                    break
            else:
                yield self._read_row(piece)

    def _read_row(self, piece: str) -> SheetRow:
        """A row of a shape that was not met lately."""
        head = _ROW.match(piece)
        numbered = head and _ROW_NUMBER.search(head[1])
        if head is None or numbered is None:
            raise NotCommon
        number, cells = int(numbered[1]), {}
        struck, has_struck = [], False
        found = _CELL.findall(piece, head.end())
        if piece.count("<c ") != len(found) or "<c>" in piece:
            raise NotCommon
        for letters, style, kind, formula, value, ends, inline, uncommon in found:
            if uncommon:
                column, cell = self._read_uncommon(uncommon)
            else:
                column = self._find_column(letters)
                cell = Cell(style, kind, bool(formula), value if ends else None, inline)
            text = self.show(cell, number, column)
            if text:
                cells[column] = text
            if self.is_struck(cell.style):
                has_struck = True
                struck += [column] if text else []
        is_hidden = bool(_ROW_HIDDEN.search(head[1]))
        is_usual = not has_struck and not any(uncommon for *_, uncommon in found)
        if is_usual and len(head[0]) < _MAX_HEAD:
            self._shapes.insert(0, self._make_shape(head[0], found, is_hidden=is_hidden))
            del self._shapes[_MAX_SHAPES:]
        return SheetRow(number, is_hidden, tuple(cells), list(cells.values()), tuple(struck))

    def is_struck(self, style: str) -> bool:
        """Whether a style strikes through what its cells say."""
        return bool(self.package.struck) and int(style or 0) in self.package.struck

    def _read_uncommon(self, xml: str) -> tuple[int, Cell]:
        """A cell that is written in an uncommon way, and its column."""
        try:
            element = ET.fromstring(xml)  # noqa: S314  it has no document type
        except ET.ParseError:
            raise NotCommon from None
        place = self.find_corner(element.get("r", ""))
        if place is None:
            raise NotCommon
        value, inline = element.find("v"), element.find("is")
        has_formula, text = element.find("f") is not None, None if value is None else value.text or ""
        style, kind = element.get("s", ""), element.get("t", "")
        return place[1], Cell(style, kind, has_formula, text, "" if inline is None else join_text(inline))

    def _make_shape(self, head: str, cells: Sequence[Sequence[str]], *, is_hidden: bool) -> RowShape:
        """The pattern of rows like this one, in which cells may be missing: it finds no more than their values."""
        number = _ROW_NUMBER.search(head)
        assert number is not None  # noqa: S101  the row has been read
        pattern = [re.escape(head[: number.start(1)]), r"(\d{1,7})", re.escape(head[number.end(1) :])]
        columns, kinds, shows = [], [], []
        for letters, style, kind, formula, *_ in cells:
            attributes = (f' s="{style}"' if style else "") + (f' t="{kind}"' if kind else "")
            formula_pattern = r"(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)" if formula else ""
            text = rf"([^<&]{{1,{MAX_TEXT}}})"
            inline = rf'<is><t(?: xml:space="preserve")?>{text}</t></is>'
            content = f"{inline if kind == 'inlineStr' else f'{formula_pattern}<v>{text}</v>'}</c>"
            pattern.append(rf'(?:<c r="{letters}\d{{1,7}}"{attributes}(?:/>|>{content}))?')
            columns.append(self._find_column(letters))
            kinds.append(kind)
            shows.append(self._choose_show(style, kind))
        end = "(?:</row>|$)"
        return RowShape(re.compile("".join(pattern) + end), tuple(columns), tuple(kinds), tuple(shows), is_hidden)

    def _choose_show(self, style: str, kind: str) -> Callable[[str], str]:
        texts = self.package.texts
        if kind == "s":
            return lambda value: texts[int(value)]
        if kind == "inlineStr":
            return unescape
        if kind in _NUMBERS:
            return self.package.renders[int(style or 0)] or render_plain
        return lambda value: self.show(Cell(style, kind, has_formula=False, value=value, inline=""))

    def show(self, cell: Cell, row: int = 0, column: int = 0) -> str:
        """What a cell stands for; empty if nothing does."""
        value = cell.value or ""
        if len(value) > MAX_TEXT or len(cell.inline) > MAX_TEXT:
            raise WorkbookRefused(TEXT_TOO_LONG, row, column)
        match cell.kind:
            case "s":
                return self.package.texts[int(value)] if value.strip() else ""
            case "inlineStr":
                return unescape(cell.inline)
            case "str":
                return NO_STORED_RESULT if cell.has_formula and cell.value is None else unescape(value)
        value = value.strip()
        if not value:
            return NO_STORED_RESULT if cell.has_formula else "#VALUE!" if cell.kind == "e" else ""
        match cell.kind:
            case "b":
                return "true" if value in {"1", "true"} else "false"
            case "e" | "d":
                return value.replace("T", " ") if cell.kind == "d" else value
            case _:
                render = self.package.renders[int(cell.style or 0)]
                return render(value) if render else render_plain(value)

    def parse_rows(self, take: Callable[[SheetRow], None]) -> None:
        """Hand over the rows of a part that is written in whatever way."""
        self.hidden_columns.clear()
        self.merged.clear()
        with self.package.open(self.part) as stream:
            handlers = _RowParser(self, take)
            parse(stream, handlers.start, handlers.end, handlers.collect)
        if not handlers.is_worksheet:
            raise WorkbookRefused(DAMAGED)


class _RowParser:
    """Makes rows of the tags that an XML parser reports."""

    def __init__(self, reader: SheetReader, take: Callable[[SheetRow], None]) -> None:
        self.reader, self.take = reader, take
        self.is_worksheet = False
        self.names = {f"{space}}}{name}": name for space in MAIN for name in _TAGS}
        self.row, self.is_hidden, self.column = 0, False, 0
        self.cells: dict[int, str] = {}
        self.struck: list[int] = []
        self.attributes: dict[str, str] = {}
        self.in_reading = 0
        self.has_formula, self.value, self.inline = False, "", ""
        self.has_value = False
        self.parts: list[str] = []
        self.length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A tag begins."""
        match self.names.get(tag):
            case "worksheet":
                self.is_worksheet = True
            case "row":
                self.row = int(attributes.get("r", self.row + 1))
                self.is_hidden = attributes.get("hidden") in {"1", "true"} or attributes.get("ht") in _NOTHING
                self.column = 0
            case "c":
                place = self.reader.find_corner(attributes.get("r", ""))
                self.column = place[1] if place else self.column + 1
                self.attributes = attributes
                self.has_formula, self.has_value, self.value, self.inline = False, False, "", ""
            case "f":
                self.has_formula = True
            case "v" | "t":
                self.parts.clear()
                self.length = 0
            case "rPh":
                self.in_reading += 1
            case "col":
                self.reader.note_column(attributes)
            case "mergeCell":
                self.reader.note_merged(attributes.get("ref", ""))

    def collect(self, text: str) -> None:
        """Text between tags."""
        self.parts.append(text)
        self.length += len(text)
        if self.length > MAX_TEXT and text.strip():
            raise WorkbookRefused(TEXT_TOO_LONG, self.row, self.column)

    def end(self, tag: str) -> None:
        """A tag ends."""
        match self.names.get(tag):
            case "v":
                self.value, self.has_value = "".join(self.parts), True
            case "t" if not self.in_reading:
                self.inline += "".join(self.parts)
            case "rPh":
                self.in_reading -= 1
            case "c":
                style, kind = self.attributes.get("s", ""), self.attributes.get("t", "")
                value = self.value if self.has_value else None
                text = self.reader.show(Cell(style, kind, self.has_formula, value, self.inline), self.row, self.column)
                if text:
                    self.cells[self.column] = text
                    self.struck += [self.column] if self.reader.is_struck(style) else []
            case "row" if self.cells:
                texts, struck = list(self.cells.values()), tuple(self.struck)
                self.take(SheetRow(self.row, self.is_hidden, tuple(self.cells), texts, struck))
                self.cells.clear()
                self.struck.clear()
        self.parts.clear()
        self.length = 0


_TAGS: Final = ("worksheet", "row", "c", "f", "v", "t", "rPh", "col", "mergeCell")
