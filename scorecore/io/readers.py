"""Fact files as raw tables: a folder of CSV, Parquet or JSON lines, one file of JSON lines, or one workbook.

Nothing is guessed here: cells of text files stay text, and only `intake` gives them a meaning. A spreadsheet keeps
numbers in binary with 15 digits that count; they are read with these 15 digits, as the spreadsheet shows them.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import ExpectedTables, RawTable
from scorecore.io.csv_files import read_csv
from scorecore.io.csv_pieces import CsvPieces
from scorecore.io.databases import QUERIES_ENDING
from scorecore.io.formats import read_database, read_with_plugin
from scorecore.io.parquet_files import list_pieces, read_parquet, read_parquet_chunks
from scorecore.io.policy_files import read_source
from scorecore.io.workbooks import WORKBOOKS, read_workbook
from scorecore.plugins import ExternalHook
from scorecore.values.period import Period

_OF_PROGRAMS: Final = re.compile(r"\.|~\$|Thumbs\.db$|desktop\.ini$|.*\.toml$")
"""Names of files that are no facts: of systems, of programs that have a file open, and mappings and policies."""
_TABLE: Final = "table"
"""In one file of JSON lines: the key that says to which table a line belongs."""


def read_facts(
    path: Path,
    diagnostics: Diagnostics,
    encoding: str = "utf-8",
    readers: Mapping[str, ExternalHook] | None = None,
    expected: ExpectedTables | None = None,
    period: Period | None = None,
) -> dict[str, RawTable]:
    """All tables that a folder or a file holds, by name. A file that cannot be read is a problem, and left out.

    `readers` are those of plugins, for files with all tables in other formats, and for databases. `expected` says what
    the tables and their headings are called: without it a table begins with its first row that is not empty. `period`
    is what queries of databases ask for; None where more than one period is decided.
    """
    if not path.exists():
        diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason="no such file or folder")
        return {}
    if path.is_dir() and not list_pieces(path):
        return _read_folder(path, diagnostics, encoding, expected)
    if path.suffix.lower() == QUERIES_ENDING:
        return read_database(readers or {}, path, period, diagnostics)
    by_plugin = read_with_plugin(readers or {}, path, diagnostics)
    if by_plugin is not None:
        return by_plugin
    if path.suffix.lower() in WORKBOOKS:
        return read_workbook(path, diagnostics, expected)
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return _mixed_lines(path, diagnostics, encoding)
    table = _read_table(path, diagnostics, encoding, expected)
    if path.suffix.lower() not in _READERS and not path.is_dir():
        diagnostics.add(catalogue.UNKNOWN_FORMAT, Location(str(path), 0, 0), ending=path.suffix)
    return {} if table is None else {_name_table(path): table}


def _read_folder(
    folder: Path, diagnostics: Diagnostics, encoding: str, expected: ExpectedTables | None
) -> dict[str, RawTable]:
    tables: dict[str, RawTable] = {}
    for name, path in list_tables(folder, diagnostics):
        table = _read_table(path, diagnostics, encoding, expected)
        if table is not None and name in tables:
            diagnostics.add(catalogue.TWO_FILES, Location(str(path), 0, 0), table=name)
        elif table is not None:
            tables[name] = table
    return tables


def find_table_files(folder: Path, diagnostics: Diagnostics) -> dict[str, Path]:
    """What of a folder holds a table each, by name, unread; what else is there is noted as `read_facts` does.

    A table is a file, or a folder of Parquet files. Of two for one table, which is a problem, the first is taken.
    """
    files: dict[str, Path] = {}
    for name, path in list_tables(folder, diagnostics):
        if name in files:
            diagnostics.add(catalogue.TWO_FILES, Location(str(path), 0, 0), table=name)
        else:
            files[name] = path
    return files


def list_tables(folder: Path, diagnostics: Diagnostics) -> Iterator[tuple[str, Path]]:
    """The name of each table of a folder, and its file or folder; what else is there is noted."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _READERS or list_pieces(path):
            yield _name_table(path), path
        else:
            _note_unread(path, diagnostics)


def _name_table(path: Path) -> str:
    """The name of a file without its ending; that of a folder may have points in it."""
    return path.name if path.is_dir() else path.stem


def _note_unread(file: Path, diagnostics: Diagnostics) -> None:
    """Note what stands among the files of facts and is none, but may have some."""
    if _OF_PROGRAMS.match(file.name):
        return
    if file.is_dir():
        count = _count_facts(file, diagnostics)
        if count:
            diagnostics.add(catalogue.UNREAD_FOLDER, Location(str(file), 0, 0), count=count)
    elif file.is_file():
        workbook = {"workbook": str(file)} if file.suffix.lower() in WORKBOOKS else {}
        diagnostics.add(catalogue.UNUSED_FILE, Location(str(file), 0, 0), **workbook)


def _count_facts(folder: Path, diagnostics: Diagnostics) -> int:
    """How many files right in a folder could be facts."""
    try:
        return sum(file.suffix.lower() in {*_READERS, *WORKBOOKS} for file in folder.iterdir() if file.is_file())
    except OSError as error:
        _unreadable(folder, _refusal(error, ""), diagnostics=diagnostics)
        return 0


def _read_table(
    path: Path, diagnostics: Diagnostics, encoding: str, expected: ExpectedTables | None
) -> RawTable | None:
    """The table of a file; nothing is noted of a file that no policy names, only what keeps it from being read."""
    read_file = _parquet if path.is_dir() else _READERS.get(path.suffix.lower())
    if read_file is None:
        return None
    is_expected = expected is None or _name_table(path) in expected.names
    of_file = Diagnostics()
    table = read_file(path, of_file, encoding, expected.headings if expected and is_expected else ())
    for diagnostic in of_file:
        if is_expected or not diagnostic.kind.warning:
            diagnostics.take(diagnostic)
    return table


def read_chunks(
    path: Path, rows: int, diagnostics: Diagnostics, encoding: str, expected: ExpectedTables
) -> Iterator[RawTable]:
    """A table in pieces of at most so many rows, which know their place; one without rows if it is empty.

    Of Parquet, and of a plain CSV file, one piece after the other is read; another file is read whole first.
    """
    is_scanned = path.suffix.lower() == ".csv" and path.stem in expected.names
    pieces = CsvPieces.of(path, encoding, expected.headings) if is_scanned else None
    if pieces is not None:
        yield from pieces.read(diagnostics)
        return
    if path.suffix.lower() == ".parquet" or path.is_dir():
        yield from read_parquet_chunks(path, rows, diagnostics)
        return
    table = _read_table(path, diagnostics, encoding, expected)
    if table is not None:
        for start in range(0, max(1, len(table.frame)), rows):
            numbers = tuple(table.row_numbers[start : start + rows])
            yield evolve(table, frame=table.frame[start : start + rows], lines=numbers)


def _unreadable(path: Path, reason: str, row: int = 0, *, diagnostics: Diagnostics) -> None:
    diagnostics.add(catalogue.UNREADABLE, Location(str(path), row, 0), reason=reason)


def _refusal(error: BaseException, otherwise: str) -> str:
    """Why a file cannot be read: what the disk says, or what a file of its kind would have."""
    return (error.strerror if isinstance(error, OSError) else None) or otherwise


def _parquet(path: Path, diagnostics: Diagnostics, _encoding: str, _headings: Collection[str]) -> RawTable | None:
    return read_parquet(path, diagnostics)


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


def _json_lines(path: Path, diagnostics: Diagnostics, encoding: str, _headings: Collection[str]) -> RawTable | None:
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


_READERS: Final[dict[str, Callable[[Path, Diagnostics, str, Collection[str]], RawTable | None]]] = {
    ".csv": read_csv,
    ".parquet": _parquet,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
