"""The process that opens workbooks: `python -m scorecore.io.xlsx.extract`, with limits of its own time and memory.

It reads the path and the headings that are expected from its input, as JSON, and writes frames to its output: a
letter, eight bytes with a length, and so many bytes. `R` has rows of a sheet as CSV, each with its number first, `D`
takes those of this sheet back, `S` ends a sheet and says the rest of it as JSON, `X` says why the workbook is refused.
It imports nothing that takes long to import.
"""

import csv
import importlib
import io
import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

from scorecore.io.heading_row import MAX_ROWS_ABOVE, find_heading_row
from scorecore.io.xlsx.package import (
    DAMAGED,
    PROTECTED,
    TOO_LARGE,
    TOO_SLOW,
    NotCommon,
    Package,
    SheetPart,
    WorkbookRefused,
)
from scorecore.io.xlsx.rows import SheetBlock, SheetReader, SheetRow

MAX_LISTED: Final = 1_000
"""Places of which the first are listed; the others are counted."""
_MEGABYTE: Final = 1 << 20
_MEMORY: Final = 450 * _MEGABYTE
_SECONDS: Final = 20
MAX_OUTPUT: Final = 64 * _MEGABYTE
"""Beside a byte of text for each byte of XML: a text that the file has once may be in many cells."""
_MORE: Final = 10
"""How much of these more a workbook may take for each byte that it has, or second for each megabyte."""
FRAME_HEAD: Final = 9
"""Bytes of a frame before its content."""
OLD_FORMAT: Final = "old format"
_DAMAGES: Final = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError, ET.ParseError, ValueError, LookupError, EOFError),
    *(RuntimeError, NotImplementedError, RecursionError, struct.error),
)
"""What a damaged file raises in the libraries that read it."""
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


class TableWriter:
    """Writes the rows of a sheet below its headings, and keeps what is to be said of the others."""

    def __init__(self, output: BinaryIO, headings: Collection[str], max_output: int) -> None:
        self.output, self.headings, self.left = output, headings, max_output
        self.first: list[SheetRow] = []
        """Rows that were read before it was known which has the headings."""
        self.columns: tuple[int, ...] = ()
        self.column_set: set[int] = set()
        self.heading_row: SheetRow | None = None
        self.above: list[SheetRow] = []
        self.hidden_rows: list[int] = []
        self.strays: list[tuple[int, int]] = []
        self.struck: list[tuple[int, int]] = []
        self.stray_count = self.hidden_count = self.struck_count = 0
        self.buffer = io.StringIO()
        self.writer = csv.writer(self.buffer, lineterminator="\r\n")

    def take(self, row: SheetRow) -> None:
        """The next row."""
        if self.heading_row:
            self._write(row)
        elif _is_filled(row.texts):
            self.first.append(row)
            if len(self.first) == MAX_ROWS_ABOVE:
                self._find_headings()

    def take_block(self, block: SheetBlock) -> None:
        """The next rows; those that are below the headings, and in which nothing is unusual, all at once."""
        if block.columns == self.columns and not block.is_hidden and all(map(str.strip, block.texts[0])):
            self.writer.writerows(zip(block.numbers, *block.texts, strict=True))
            self.flush()
        else:
            for row in block.split():
                self.take(row)

    def _find_headings(self) -> None:
        position = find_heading_row((row.texts for row in self.first), self.headings)
        if position is None:
            return
        self.above, self.heading_row = self.first[:position], self.first[position]
        self.columns = tuple(sorted({column for row in self.first[: position + 1] for column in _find_filled(row)}))
        self.column_set = set(self.columns)
        for row in self.first[position + 1 :]:
            self._write(row)

    def _write(self, row: SheetRow) -> None:
        texts = row.texts if row.columns == self.columns else self._arrange(row)
        if row.is_hidden and _is_filled(row.texts):
            self.hidden_count += 1
            if len(self.hidden_rows) < MAX_LISTED:
                self.hidden_rows.append(row.number)
        if row.struck:
            cells = _find_filled(row)
            struck = [(row.number, column) for column in sorted(row.struck) if not cells[column].isspace()]
            self.struck_count += len(struck)
            self.struck += struck[: max(0, MAX_LISTED - len(self.struck))]
        if texts[0].strip() or _is_filled(texts):
            self.writer.writerow([row.number, *texts])
            if self.buffer.tell() > _MEGABYTE:
                self.flush()

    def _arrange(self, row: SheetRow) -> list[str]:
        """The texts below headings; the others are counted."""
        cells = _find_filled(row)
        strays = {column for column in cells.keys() - self.column_set if not cells[column].isspace()}
        if strays:
            self.stray_count += len(strays)
            if len(self.strays) < MAX_LISTED:
                self.strays += [(row.number, column) for column in sorted(strays)]
        return [cells.get(column, "") for column in self.columns]

    def flush(self) -> None:
        """Hand over the rows that were written."""
        text = self.buffer.getvalue().encode("utf-8", "replace")
        self.left -= len(text)
        if self.left < 0:
            raise WorkbookRefused(TOO_LARGE)
        send(self.output, b"R", text)
        self.buffer.seek(0)
        self.buffer.truncate()

    def finish(self, reader: SheetReader, comments: list[tuple[int, int]], *, name: str, is_hidden: bool) -> None:
        """The end of the sheet, of which some cells have comments; those at headings say what is to be entered."""
        if not self.heading_row:
            self._find_headings()
        self.flush()
        heading_row = self.heading_row
        comments = [corner for corner in comments if heading_row and corner[0] > heading_row.number]
        summary = {
            "name": name,
            "is_hidden": is_hidden,
            "heading_row": heading_row.number if heading_row else 0,
            "columns": self.columns,
            "headings": _find_filled(heading_row) if heading_row else {},
            "above": [[row.number, _find_filled(row)] for row in self.above],
            "hidden_rows": self.hidden_rows,
            "hidden_count": self.hidden_count,
            "strays": self.strays[:MAX_LISTED],
            "stray_count": self.stray_count,
            "comments": comments[:MAX_LISTED],
            "comment_count": len(comments),
            "struck": self.struck,
            "struck_count": self.struck_count,
            "hidden_columns": reader.hidden_columns,
            "merged": reader.merged,
        }
        send(self.output, b"S", json.dumps(summary).encode())


def _is_filled(texts: Iterable[str]) -> bool:
    """Whether a row contains more than blanks."""
    return any(text and not text.isspace() for text in texts)


def _find_filled(row: SheetRow) -> dict[int, str]:
    """By the number of its column each text of a row."""
    return {column: text for column, text in zip(row.columns, row.texts, strict=True) if text}


def send(output: BinaryIO, letter: bytes, content: bytes) -> None:
    """Write a frame."""
    output.write(letter + len(content).to_bytes(FRAME_HEAD - 1, "big") + content)


def frame_refusal(reason: str, sheet: str = "", row: int = 0, column: int = 0) -> bytes:
    """The frame that says why a workbook is refused."""
    output = io.BytesIO()
    send(output, b"X", json.dumps({"reason": reason, "sheet": sheet, "row": row, "column": column}).encode())
    return output.getvalue()


def extract(path: Path, headings: Collection[str], output: BinaryIO) -> None:
    """Write the tables of a workbook, or why it is refused."""
    try:
        _extract(path, headings, output)
    except WorkbookRefused as error:
        output.write(frame_refusal(str(error), error.sheet, error.row, error.column))
    except MemoryError:
        output.write(frame_refusal(TOO_SLOW))
    except OSError as error:
        output.write(frame_refusal(error.strerror or DAMAGED))
    except _DAMAGES:
        output.write(frame_refusal(DAMAGED))


def _extract(path: Path, headings: Collection[str], output: BinaryIO) -> None:
    with path.open("rb") as file:
        start = file.read(_MEGABYTE)
    if start.startswith(_OLE):
        raise WorkbookRefused(PROTECTED if _ENCRYPTED in start else OLD_FORMAT)
    with zipfile.ZipFile(path) as archive:
        max_output = MAX_OUTPUT + sum(info.file_size for info in archive.infolist())
        package = Package(archive)
        for sheet in package.sheets:
            try:
                max_output = _extract_sheet(package, sheet, TableWriter(output, headings, max_output))
            except WorkbookRefused as error:
                error.sheet = sheet.name
                raise


def _extract_sheet(package: Package, sheet: SheetPart, writer: TableWriter) -> int:
    """Write a sheet; how much may be written of the sheets after it."""
    reader = SheetReader(package, sheet.part)
    try:
        for part in reader.read_rows():
            if isinstance(part, SheetBlock):
                writer.take_block(part)
            else:
                writer.take(part)
    except NotCommon:
        send(writer.output, b"D", b"")
        writer = TableWriter(writer.output, writer.headings, writer.left)
        reader = SheetReader(package, sheet.part)
        reader.parse_rows(writer.take)
    corners = sorted(filter(None, map(reader.find_corner, package.list_comments(sheet.part))))
    writer.finish(reader, corners, name=sheet.name, is_hidden=sheet.is_hidden)
    return writer.left


def find_limits(path: Path) -> tuple[int, int]:
    """Bytes of memory and seconds of work that a workbook may take by its size."""
    size = 0
    with suppress(OSError):
        size = path.stat().st_size
    return _MEMORY + _MORE * size, _SECONDS + _MORE * size // _MEGABYTE


def main() -> None:
    """Read the request, and answer it within the limits."""
    request = json.loads(sys.stdin.buffer.read())
    path = Path(request["path"])
    memory, seconds = find_limits(path)
    for limit, most in (("RLIMIT_AS", memory), ("RLIMIT_CPU", seconds)):
        with suppress(ImportError, AttributeError, ValueError, OSError):  # not every system can limit a process
            resource = importlib.import_module("resource")
            resource.setrlimit(getattr(resource, limit), (most, most))
    extract(path, request["headings"], sys.stdout.buffer)


if __name__ == "__main__":
    main()
