"""Fact files as raw tables: a folder of CSV, Parquet or JSON lines, one file of JSON lines, or one workbook.

Nothing is guessed here: cells of text files stay text, and only `intake` gives them a meaning. A spreadsheet keeps
numbers in binary with 15 digits that count; they are read with these 15 digits, as the spreadsheet shows them.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import ExpectedTables, RawTable
from scorecore.io.formats import read_with_plugin
from scorecore.io.layout import report_cells_without_heading
from scorecore.io.policy_files import read_source
from scorecore.io.workbooks import WORKBOOKS, read_workbook
from scorecore.plugins import ExternalHook

_TABLE: Final = "table"
"""In one file of JSON lines: the key that says to which table a line belongs."""


def read_facts(
    path: Path,
    diagnostics: Diagnostics,
    encoding: str = "utf-8",
    readers: Mapping[str, ExternalHook] | None = None,
    expected: ExpectedTables | None = None,
) -> dict[str, RawTable]:
    """All tables that a folder or a file holds, by name. A file that cannot be read is a problem, and left out.

    `readers` are those of plugins, for files with all tables in other formats. `expected` says what the tables and
    their headings are called: without it a table begins with its first row that is not empty.
    """
    if not path.exists():
        diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason="no such file or folder")
        return {}
    if path.is_dir():
        tables: dict[str, RawTable] = {}
        for file in sorted(path.iterdir()):
            read_file = _READERS.get(file.suffix.lower())
            table = read_file(file, diagnostics, encoding) if read_file else None
            if table is not None and file.stem in tables:
                diagnostics.add(catalogue.TWO_FILES, Location(str(file), 0, 0), table=file.stem)
            elif table is not None:
                tables[file.stem] = table
        return tables
    by_plugin = read_with_plugin(readers or {}, path, diagnostics)
    if by_plugin is not None:
        return by_plugin
    if path.suffix.lower() in WORKBOOKS:
        return read_workbook(path, diagnostics, expected)
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return _mixed_lines(path, diagnostics, encoding)
    read_file = _READERS.get(path.suffix.lower())
    table = read_file(path, diagnostics, encoding) if read_file else None
    if read_file is None:
        diagnostics.add(catalogue.UNKNOWN_FORMAT, Location(str(path), 0, 0), ending=path.suffix)
    return {} if table is None else {path.stem: table}


NO_CSV: Final = "a quote does not end, or a cell is too long"
NO_PARQUET: Final = "it is not a Parquet file, or it is damaged"
"""What is said instead of what another library says: that is in English, and about its own insides."""


def _unreadable(path: Path, reason: str, row: int = 0, *, diagnostics: Diagnostics) -> None:
    diagnostics.add(catalogue.UNREADABLE, Location(str(path), row, 0), reason=reason)


def _refusal(error: BaseException, otherwise: str) -> str:
    """Why a file cannot be read: what the disk says, or what a file of its kind would have."""
    return (error.strerror if isinstance(error, OSError) else None) or otherwise


def _csv(path: Path, diagnostics: Diagnostics, encoding: str) -> RawTable | None:
    source = read_source(path, diagnostics, encoding)
    if source is None:
        return None
    if not source.text.strip():
        return RawTable(pl.DataFrame(), str(path))
    text = source.text.lstrip("\n")
    text = text if "\n" in text else text.replace("\r", "\n")
    first_line = 1 + len(source.text) - len(text)
    try:
        headings = next(_records(text))[1]
    except csv.Error:
        _unreadable(path, NO_CSV, first_line, diagnostics=diagnostics)
        return None
    filled = [heading for heading in headings if heading.strip()]
    if not _distinct(filled, str(path), diagnostics, first_line):
        return None
    try:
        frame = pl.read_csv(text.encode(), infer_schema=False, null_values="", raise_if_empty=False)
    except pl.exceptions.PolarsError:
        _unreadable(path, *_too_long(text, len(headings), first_line), diagnostics=diagnostics)
        return None
    if frame.width != len(headings):  # two opinions of where lines end
        _unreadable(path, "a line ends among the headings", first_line, diagnostics=diagnostics)
        return None
    columns = [column.alias(heading) for column, heading in zip(frame, headings, strict=True) if heading.strip()]
    lines = _lines_over(text, first_line, len(frame))
    table = RawTable(_unguarded(pl.DataFrame(columns)), str(path), first_line + 1, lines)
    numbered = zip(range(1, frame.width + 1), frame, headings, strict=True)
    without_heading = {number: column for number, column, heading in numbered if not heading.strip()}
    report_cells_without_heading(without_heading, table.row_numbers, str(path), diagnostics, in_sheet=False)
    return table


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV text, each with the line (from 0) in which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""))
    start = 0
    for cells in reader:
        yield start, cells
        start = reader.line_num


def _too_long(text: str, width: int, first: int) -> tuple[str, int]:
    """What keeps a CSV text from being read: the first record with more cells than headings, if there is one."""
    with suppress(csv.Error):
        for start, cells in _records(text):
            if len(cells) > width:
                return f"{len(cells)} cells below {width} headings", first + start
    return NO_CSV, 0


def _lines_over(text: str, first: int, rows: int) -> tuple[int, ...]:
    """The lines in which the rows begin, where a cell goes over several lines; else none."""
    if text.count("\n") + (not text.endswith("\n")) == rows + 1:
        return ()
    with suppress(csv.Error):
        lines = tuple(first + start for start, _ in _records(text))[1:]
        return lines if len(lines) == rows else ()
    return ()


def _distinct(headings: Iterable[str], source: str, diagnostics: Diagnostics, row: int = 1) -> bool:
    seen: set[str] = set()
    for heading in headings:
        if heading in seen:
            diagnostics.add(catalogue.COLUMN_TWICE, Location(source, row, 0), heading=heading)
            return False
        seen.add(heading)
    return True


GUARD: Final = "'"
"""Stands in a CSV file before text that a spreadsheet would take for a formula."""
FORMULA: Final = r"[=+\-@\t\r\n＝＋－＠]"
"""What a formula can begin with; East Asian spreadsheets take the wide signs too."""


def _unguarded(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(f"^{GUARD}+{FORMULA}"))
        .then(pl.col(name).str.slice(1))
        .otherwise(pl.col(name))
        for name in frame.columns
        if frame[name].str.starts_with(GUARD).any()
    )


def _parquet(path: Path, diagnostics: Diagnostics, _encoding: str) -> RawTable | None:
    try:
        return RawTable(_single(pl.read_parquet(path)), str(path), first_row=1)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        _unreadable(path, _refusal(error, NO_PARQUET), diagnostics=diagnostics)
        return None


def _single(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of lists, bytes and the like, which no fact is, as text."""
    unfit = {pl.Binary, pl.Duration, pl.Object}
    foreign = [name for name, dtype in frame.schema.items() if dtype.is_nested() or dtype.base_type() in unfit]
    return frame.with_columns(
        pl.Series(name, [None if cell is None else str(cell) for cell in frame[name].to_list()], dtype=pl.String)
        for name in foreign
    )


def _lines(path: Path, diagnostics: Diagnostics, encoding: str) -> list[tuple[int, dict[str, object]]] | None:
    """The objects of a file of JSON lines with the numbers of their lines; numbers stay as they are written."""
    source = read_source(path, diagnostics, encoding)
    if source is None:
        return None
    rows = []
    for number, line in enumerate(source.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once_each)
            if "\\u" in line:
                json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = f"`\\u{ord(error.object[error.start]):04x}` is half of a character"
            _unreadable(path, half, number, diagnostics=diagnostics)
            continue
        except RecursionError:
            _unreadable(path, catalogue.TOO_DEEP.message, number, diagnostics=diagnostics)
            continue
        except json.JSONDecodeError as error:
            _unreadable(path, f"not valid JSON at column {error.colno}", number, diagnostics=diagnostics)
            continue
        except _RewoundReader as error:
            _unreadable(path, f"`{error}` occurs twice", number, diagnostics=diagnostics)
            continue
        if isinstance(value, dict):
            rows.append((number, value))
        else:
            diagnostics.add(catalogue.NOT_AN_OBJECT, Location(str(path), number, 0))
    return rows


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        repeated = next(key for position, (key, _) in enumerate(pairs) if key in dict(pairs[:position]))
        raise _RewoundReader(repeated)
    return unique


class _RewoundReader(Exception):  # noqa: N818  becomes a problem
    """A key that an object has twice."""


def _frame(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Rows of single values as text."""
    columns: dict[str, list[str | None]] = {}
    for row_count, row in enumerate(rows):
        for name in row.keys() - columns.keys():
            columns[name] = [None] * row_count
        for name, values in columns.items():
            values.append(_text(row.get(name)))
    return pl.DataFrame({name: pl.Series(values, dtype=pl.String) for name, values in sorted(columns.items())})


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.15g}"
        case datetime():  # a workbook keeps fractions of days
            second = (value + timedelta(milliseconds=500)).replace(microsecond=0)
            return second.date().isoformat() if second.time() == time() else second.isoformat(" ")
        case str() | int() | Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def _json_lines(path: Path, diagnostics: Diagnostics, encoding: str) -> RawTable | None:
    rows = _lines(path, diagnostics, encoding)
    return None if rows is None else _numbered(rows, str(path))


def _numbered(rows: Sequence[tuple[int, Mapping[str, object]]], source: str) -> RawTable:
    """Objects with the numbers of their lines as a table."""
    lines, objects = zip(*rows, strict=True) if rows else ((), ())
    return RawTable(_frame(objects), source, first_row=1, lines=lines)


def _mixed_lines(path: Path, diagnostics: Diagnostics, encoding: str) -> dict[str, RawTable]:
    by_table: dict[str, list[tuple[int, dict[str, object]]]] = {}
    for number, row in _lines(path, diagnostics, encoding) or ():
        name = row.pop(_TABLE, None)
        if isinstance(name, str):
            by_table.setdefault(name, []).append((number, row))
        else:
            diagnostics.add(catalogue.LINE_WITHOUT_TABLE, Location(str(path), number, 0))
    return {name: _numbered(rows, f"{path}[{name}]") for name, rows in by_table.items()}


_READERS: Final[dict[str, Callable[[Path, Diagnostics, str], RawTable | None]]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
