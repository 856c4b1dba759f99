"""Large CSV files read piece by piece, where each line is a row that can be read only in one way.

A file is looked through before its first piece is given: where any line is not plain, the whole of it has to be read,
and so that nothing is said of it by halves, what is noted is known by then.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final, Self

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.raw import RawTable
from scorecore.io.csv_files import CsvFile, distinct_headings, drop_lines, split_records
from scorecore.io.heading_row import MAX_ROWS_ABOVE
from scorecore.io.layout import report_rows_above

PIECE_BYTES: Final = 32 * 2**20
"""How much of a file is in memory at a time; a smaller file is read as a whole."""
_ENCODINGS: Final = frozenset({"", "utf-8", "gbk", "gb2312", "gb18030"})
"""In which no byte of a character looks like the end of a line."""
_MARK: Final = "\ufeff"


class _NotPlainError(Exception):
    """A file has to be read as a whole."""


@frozen
class CsvPieces:
    """A file of which each line is a row."""

    path: Path
    encoding: str
    separator: str
    heading_line: str
    headings: tuple[str, ...]
    first_line: int
    """That of the first row."""
    piece_bytes: int
    notes: Diagnostics
    """What is above the headings and between cells, and which rows are short."""

    @classmethod
    def of(
        cls, path: Path, encoding: str, known_headings: Collection[str], piece_bytes: int = PIECE_BYTES
    ) -> Self | None:
        """The file; None where it is small, or not plain: then it is read, or refused, as a whole."""
        try:
            if encoding.lower() not in _ENCODINGS or path.stat().st_size <= piece_bytes:
                return None
            pieces = cls._read_head(path, encoding or "utf-8", known_headings, piece_bytes)
            short = [line for _table, lines in pieces.read_rows() for line in lines]
        except (OSError, UnicodeDecodeError, csv.Error, _NotPlainError):
            return None
        CsvFile(str(path), pieces.notes, ()).note_short(short)
        return pieces

    @classmethod
    def _read_head(cls, path: Path, encoding: str, known_headings: Collection[str], piece_bytes: int) -> Self:
        """What a file begins with; raises _NotPlainError."""
        notes = Diagnostics()
        file = CsvFile(str(path), notes, known_headings)
        _line, head = next(_read_texts(path, encoding, piece_bytes), (1, ""))
        text = head.lstrip("\n")
        first_line = 1 + len(head) - len(text)
        separator = file.find_separator(text, first_line) if text.count("\n") > MAX_ROWS_ABOVE else None
        if separator is None:
            raise _NotPlainError
        above, heading_line = file.find_rows_above(text, separator)
        report_rows_above({first_line + start: cells for start, cells in above}, str(path), notes)
        text = drop_lines(text, heading_line)
        headings = tuple(next(split_records(text, separator))[1])
        names = [name for name in headings if name.strip()]
        if "\n" in "".join(headings) or not distinct_headings(names, str(path), Diagnostics()):
            raise _NotPlainError
        first_row = first_line + heading_line + 1
        return cls(path, encoding, separator, text.split("\n", 1)[0], headings, first_row, piece_bytes, notes)

    def read(self, diagnostics: Diagnostics) -> Iterator[RawTable]:
        """The table piece by piece; raises OSError where the disk fails in the middle."""
        for note in self.notes:
            diagnostics.take(note)
        yield from (table for table, _short in self.read_rows())

    def read_rows(self) -> Iterator[tuple[RawTable, list[int]]]:
        """The table piece by piece, each with the lines that are short; raises _NotPlainError."""
        count = 0
        for line, text in _read_texts(self.path, self.encoding, self.piece_bytes):
            above = max(0, self.first_line - line)
            rows = drop_lines(text, above)
            if not rows:
                continue
            first_line, found = line + above - 1, Diagnostics()
            body = f"{self.heading_line}\n{rows}"
            frame, short = CsvFile.read_plain(body, self.separator, len(self.headings), first_line)
            if frame is None:
                raise _NotPlainError
            table = CsvFile(str(self.path), found, ()).name_columns(frame, self.headings, first_line, ())
            if tuple(found):
                raise _NotPlainError
            count += len(frame)
            yield table, short
        if not count:
            raise _NotPlainError


def _read_texts(path: Path, encoding: str, piece_bytes: int) -> Iterator[tuple[int, str]]:
    """The lines of a file in pieces, each with the number of its first line; raises _NotPlainError."""
    line, rest, is_first = 1, b"", True
    with path.open("rb") as file:
        while block := file.read(piece_bytes):
            data = rest + block
            end = data.rfind(b"\n") + 1
            if not end and len(data) > piece_bytes:
                raise _NotPlainError
            text, rest = data[:end].decode(encoding), data[end:]
            yield line, _normalize(text.removeprefix(_MARK) if is_first else text)
            line, is_first = line + text.count("\n"), False
    if rest:
        yield line, _normalize(rest.decode(encoding))


def _normalize(text: str) -> str:
    """A text whose lines end as they do here; raises _NotPlainError where some end otherwise."""
    normal = text.replace("\r\n", "\n")
    if "\r" in normal:
        raise _NotPlainError
    return normal
