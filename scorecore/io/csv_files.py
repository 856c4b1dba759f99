"""CSV files as raw tables: every line is a row, and every cell is in it.

Polars reads what is plain. Whatever it could read otherwise than it is written (quotes that do not match, rows over
more than one line, ends of lines of old computers) is read record by record.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final

import polars as pl
from attrs import define, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import RawTable
from scorecore.io.heading_row import MAX_ROWS_ABOVE, find_heading_row
from scorecore.io.layout import list_ranges, report_cells_without_heading, report_rows_above
from scorecore.io.policy_files import read_source

NO_CSV: Final = "a quote does not end, or a cell is too long"
"""What is said instead of what Python says: that is in English, and about its own insides."""
TOO_WIDE: Final = "a row has more than 100,000 cells"
_MAX_CELLS: Final = 100_000
"""Of a row; a sheet has 16,384 columns."""
TOO_LONG: Final = "a cell has more than 131,072 characters"
_MAX_CHARACTERS: Final = 131_072
"""Of a cell, as many as Python's reader takes; a cell of a sheet has 32,767. More is a quote that does not end."""
_MAX_REFUSED: Final = 100
"""Rows that are too wide and named by themselves; the others are counted."""
_PIECE: Final = 2**20
_BATCH: Final = 20_000
"""Of rows that are in memory as lists."""
_QUOTED_CELL: Final = '"(?:[^"]|"")*"'
GUARD: Final = "'"
"""Stands in a CSV file before text that a spreadsheet would take for a formula."""
FORMULA: Final = r"[=+\-@\t\r\n＝＋－＠]"
"""What a formula can begin with; East Asian spreadsheets take the wide signs too."""
_COMMA: Final = ","
_TAB: Final = "\t"
_OTHER_SEPARATORS: Final = (";", "|", "；", "，", "、")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


def read_csv(path: Path, diagnostics: Diagnostics, encoding: str, known_headings: Collection[str]) -> RawTable | None:
    """The table of a file; None with a problem where rows or cells could be lost."""
    source = read_source(path, diagnostics, encoding)
    if source is None:
        return None
    if not source.text.strip():
        return RawTable(pl.DataFrame(), str(path))
    text = source.text.lstrip("\n")
    first_line = 1 + len(source.text) - len(text)
    if "\n" not in text or '"' not in text:
        text = text.replace("\r", "\n")
    return CsvFile(str(path), diagnostics, known_headings).read(text, first_line)


@frozen
class CsvFile:
    """Reads the text of one file."""

    source: str
    diagnostics: Diagnostics
    known_headings: Collection[str]

    def read(self, text: str, first_line: int) -> RawTable | None:
        """The table of a text that begins in a line of the file."""
        separator = self.find_separator(text, first_line)
        if separator is None:
            return None
        long = _find_long_cell(text, separator)
        if long is not None:
            above_it = text[:long].replace("\r\n", "\n")
            self._refuse(TOO_LONG, first_line + above_it.count("\n") + above_it.count("\r"))
            return None
        try:
            above, heading_line = self.find_rows_above(text, separator)
            report_rows_above({first_line + start: cells for start, cells in above}, self.source, self.diagnostics)
            text, first_line = drop_lines(text, heading_line), first_line + heading_line
            headings = next(split_records(text, separator))[1]
        except csv.Error as error:
            self._refuse_rows(error, first_line)
            return None
        if not distinct_headings(
            (name for name in headings if name.strip()), self.source, self.diagnostics, first_line
        ):
            return None
        frame, short = self.read_plain(text, separator, len(headings), first_line)
        self.note_short(short)
        lines: tuple[int, ...] = ()
        if frame is None:
            records = self._read_records(text, separator, len(headings), first_line)
            if records is None:
                return None
            lines, frame = records.list_lines(), records.join()
        return self.name_columns(frame, headings, first_line, lines)

    def name_columns(
        self, frame: pl.DataFrame, headings: Sequence[str], first_line: int, lines: tuple[int, ...]
    ) -> RawTable:
        """The table below the headings; cells without one are noted."""
        columns = [column.alias(name) for column, name in zip(frame, headings, strict=True) if name.strip()]
        table = RawTable(_unguard(pl.DataFrame(columns)), self.source, first_line + 1, lines)
        numbered = zip(range(1, frame.width + 1), frame, headings, strict=True)
        without_heading = {number: column for number, column, name in numbered if not name.strip()}
        report_cells_without_heading(without_heading, table.row_numbers, self.source, self.diagnostics, in_sheet=False)
        return table

    def _refuse(self, reason: str, line: int) -> None:
        self.diagnostics.add(catalogue.UNREADABLE, Location(self.source, line, 0), reason=reason)

    def _refuse_rows(self, error: csv.Error, first_line: int, start: int = 0) -> None:
        """Refuse the file for a row; it begins so many lines after the first, unless the error says where."""
        if isinstance(error, _RowTooWide):
            self._refuse(TOO_WIDE, first_line + error.position)
        else:
            self._refuse(NO_CSV, first_line + start)

    def find_separator(self, text: str, first_line: int) -> str | None:
        """What separates cells: commas, or tabs, which is noted; whatever else may be a decimal comma's file."""
        head = [line for line in _LINE_END.split(text, MAX_ROWS_ABOVE)[:MAX_ROWS_ABOVE] if line.strip()]
        counts = {sign: sum(sign in line for line in head) for sign in (_COMMA, _TAB, *_OTHER_SEPARATORS)}
        sign = max(counts, key=lambda sign: counts[sign])  # of equals the first
        if _COMMA in head[0] or counts[sign] <= counts[_COMMA]:
            return _COMMA
        place = Location(self.source, first_line, 0)
        if sign == _TAB:
            self.diagnostics.add(catalogue.TABS_BETWEEN_CELLS, place)
            return _TAB
        self.diagnostics.add(catalogue.OTHER_SEPARATOR, place, sign=sign)
        return None

    def find_rows_above(self, text: str, separator: str) -> tuple[list[tuple[int, list[str]]], int]:
        """The records above the row of headings, each with its line (from 0), and the line of that row."""
        records = list(islice(split_records(text, separator), MAX_ROWS_ABOVE)) if self.known_headings else []
        position = find_heading_row((cells for _, cells in records), self.known_headings)
        return (records[:position], records[position][0]) if position else ([], 0)

    @staticmethod
    def read_plain(text: str, separator: str, width: int, first_line: int) -> tuple[pl.DataFrame | None, list[int]]:
        """The columns of a text in which each line is a row that can be read only in one way, and the short lines.

        Else None. The first line has the headings.
        """
        if "\r" in text:
            return None, []
        short: list[int] = []
        count = 0
        for piece in _split_pieces(text):
            lines = pl.Series(values=piece.removesuffix("\n").split("\n"), dtype=pl.String)
            widths = _count_cells(lines, separator)
            if widths is None or (widths > width).any():
                return None, []
            is_short = (widths < width) & (lines.str.strip_chars() != "")
            short += (is_short.arg_true() + (first_line + count)).to_list()
            count += len(lines)
        frame = pl.read_csv(
            text.encode(), separator=separator, infer_schema=False, null_values="", raise_if_empty=False
        )
        if len(frame) != count - 1 or frame.width != width:
            return None, []
        return frame, short

    def note_short(self, lines: Sequence[int]) -> None:
        """Note the rows that have fewer cells than there are headings."""
        self._note(catalogue.SHORT_ROWS, lines)

    def _read_records(self, text: str, separator: str, width: int, first_line: int) -> _Records | None:
        """The records of a text; None with a problem if one has too many cells, or does not end."""
        records, written = _Records(width, separator), list[str]()
        reader = csv.reader(_split_lines(text, separator, written), delimiter=separator, strict=True)
        start, ends = 0, list[int]()
        try:
            next(reader)
            del written[: reader.line_num]
            while True:
                start, ends, rows = reader.line_num, [], []
                for cells in islice(reader, _BATCH):
                    rows.append(cells)
                    ends.append(reader.line_num)
                if not rows:
                    break
                records.add(rows, start, ends, written, first_line)
        except csv.Error as error:
            self._refuse_rows(error, first_line, ends[-1] if ends else start)
            return None
        for line, count in records.wide:
            self._refuse(f"{count} cells below {width} headings", line)
        if records.more_wide:
            self._refuse(f"{records.more_wide} more rows have more cells than there are headings", records.next_wide)
        if records.wide:
            return None
        for kind in (catalogue.SHORT_ROWS, catalogue.FOLDED_ROWS, catalogue.STRAY_QUOTES):
            if kind in records.noted:
                self._note(kind, pl.concat(records.noted[kind]))
        return records

    def _note(self, kind: DiagnosticKind, rows: Sequence[int] | pl.Series) -> None:
        if len(rows):
            listed = list_ranges(rows, len(rows))
            self.diagnostics.add(kind, Location(self.source, rows[0], 0), rows=listed, count=len(rows))


def drop_lines(text: str, count: int) -> str:
    """A text without its first lines, whichever end they have."""
    start = 0
    for _ in range(count):
        ended = _LINE_END.search(text, start)
        start = ended.end() if ended else len(text)
    return text[start:]


def _write_record_pattern(separator: str) -> str:
    """A line in which every quote that is not doubled begins or ends a cell."""
    cell = rf'(?:{_QUOTED_CELL}|[^"{separator}]*)'
    return f"{cell}(?:{separator}{cell})*"


def _count_cells(lines: pl.Series, separator: str) -> pl.Series | None:
    """How many cells each line has; None if one can be read in two ways, or may have a cell that is too long."""
    if (lines.str.len_bytes() > _MAX_CHARACTERS).any():
        return None
    quoted = lines.str.contains('"', literal=True)
    if not quoted.any():
        return lines.str.count_matches(separator, literal=True) + 1
    if not lines.filter(quoted).str.contains(f"^{_write_record_pattern(separator)}$").all():
        return None
    return lines.str.replace_all(_QUOTED_CELL, "").str.count_matches(separator, literal=True) + 1


def _find_long_cell(text: str, separator: str) -> int | None:
    """Where text begins that goes on for too long without a separator or the end of a line.

    Of a file of any size only a few characters are looked at: the last ends before each limit.
    """
    start = 0
    while len(text) - start > _MAX_CHARACTERS:
        limit = start + _MAX_CHARACTERS + 1
        last = max(text.rfind(sign, start, limit) for sign in (separator, "\n", "\r"))
        if last < 0:
            return start
        start = last + 1
    return None


class _RowTooWide(csv.Error):
    """A row of which the cells alone would fill the memory; `position` is that of its line, from 0."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position


def _split_pieces(text: str) -> Iterator[str]:
    """A text in pieces that end where lines do: its lines are never in memory all at once."""
    start = 0
    while start < len(text):
        ended = _LINE_END.search(text, start + _PIECE)
        end = ended.end() if ended else len(text)
        yield text[start:end]
        start = end


def _split_lines(text: str, separator: str, written: list[str] | None = None) -> Iterator[str]:
    """The lines of a text with their ends; they are added to `written` before they are given."""
    return chain.from_iterable(_list_lines(text, separator, [] if written is None else written))


def _list_lines(text: str, separator: str, written: list[str]) -> Iterator[list[str]]:
    position = 0
    for piece in _split_pieces(text):
        lines = list(io.StringIO(piece, newline=""))
        if max(map(len, lines)) > _MAX_CELLS:
            for number, line in enumerate(lines, position):
                if line.count(separator) > _MAX_CELLS:
                    raise _RowTooWide(number)
        position += len(lines)
        written += lines
        yield lines


@define
class _Records:
    """The rows of a file as records, in columns; no object is kept for a row or a line."""

    width: int
    separator: str
    frames: list[pl.DataFrame] = field(factory=list)
    starts: list[pl.Series] = field(factory=list)
    """The lines in which rows begin."""
    noted: dict[DiagnosticKind, list[pl.Series]] = field(factory=dict)
    """By what is unusual about them the lines of rows."""
    wide: list[tuple[int, int]] = field(factory=list)
    """The first rows with too many cells, by line, and how many they have."""
    more_wide: int = 0
    next_wide: int = 0

    def add(self, rows: list[list[str]], start: int, ends: Sequence[int], written: list[str], first_line: int) -> None:
        """Add rows that begin after some lines, and take their lines away from what is `written`."""
        after = pl.Series(values=ends, dtype=pl.UInt32)
        before = after.shift(1, fill_value=start)
        lines = pl.Series(values=written[: ends[-1] - start], dtype=pl.String).gather(before - start)
        del written[: ends[-1] - start]
        numbers, is_folded = before + first_line, after - before > 1
        widths = pl.Series(values=[len(cells) for cells in rows], dtype=pl.UInt32)
        is_plain = lines.str.contains(f"^{_write_record_pattern(self.separator)}[\\r\\n]*$")
        self.starts.append(numbers)
        for kind, mask in (
            (catalogue.SHORT_ROWS, (widths > 0) & (widths < self.width)),
            (catalogue.FOLDED_ROWS, is_folded),
            (catalogue.STRAY_QUOTES, ~is_folded & ~is_plain),
        ):
            if mask.any():
                self.noted.setdefault(kind, []).append(numbers.filter(mask))
        is_wide = widths > self.width
        if is_wide.any():
            self._count_wide(numbers.filter(is_wide), widths.filter(is_wide))
        if not self.wide:
            self.frames.append(_transpose(rows, self.width))

    def _count_wide(self, numbers: pl.Series, widths: pl.Series) -> None:
        room = _MAX_REFUSED - len(self.wide)
        self.wide += zip(numbers.head(room), widths.head(room), strict=True)
        if len(numbers) > room:
            self.next_wide = self.next_wide or numbers[room]
            self.more_wide += len(numbers) - room

    def join(self) -> pl.DataFrame:
        """All columns."""
        return pl.concat(self.frames) if self.frames else _transpose([], self.width)

    def list_lines(self) -> tuple[int, ...]:
        """The lines of rows up to the first after which each row is one line."""
        if not self.starts:
            return ()
        lines = pl.concat(self.starts)
        folded = self.noted.get(catalogue.FOLDED_ROWS)
        return tuple(lines.head(1 + int((lines <= folded[-1][-1]).sum()) if folded else 1))


def split_records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV text, each with the line (from 0) in which it begins."""
    reader = csv.reader(_split_lines(text, separator), delimiter=separator)
    start = 0
    for cells in reader:
        yield start, cells
        start = reader.line_num


def _transpose(rows: Sequence[list[str]], width: int) -> pl.DataFrame:
    """Rows of texts as columns; what a row lacks is empty."""
    cells = list(chain.from_iterable(row if len(row) == width else row + [""] * (width - len(row)) for row in rows))
    columns = {str(number): cells[number::width] for number in range(width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in columns)


def distinct_headings(headings: Iterable[str], source: str, diagnostics: Diagnostics, row: int = 1) -> bool:
    """Whether no heading occurs twice, which is a problem."""
    seen: set[str] = set()
    for heading in headings:
        if heading in seen:
            diagnostics.add(catalogue.COLUMN_TWICE, Location(source, row, 0), heading=heading)
            return False
        seen.add(heading)
    return True


def _unguard(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(f"^{GUARD}+{FORMULA}"))
        .then(pl.col(name).str.slice(1))
        .otherwise(pl.col(name))
        for name in frame.columns
        if frame[name].str.starts_with(GUARD).any()
    )
