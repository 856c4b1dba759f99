"""Facts in a SQLite database, and results into one."""

from __future__ import annotations  # nothing loads Polars when a command starts

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl
from attrs import frozen

from scorecore.plugin import (
    DatabaseAddress,
    Diagnostics,
    FactsQuery,
    Location,
    RawTable,
    Reader,
    ResultTable,
    Writer,
    catalogue,
    hookimpl,
)
from scorecore_extras.result_sql import SqlDialect, quote, refuse_repeated, replace_rows

ABOUT: Final = "Facts in a SQLite database: each table or view is a table of facts, or what a query returns."
WRITES: Final = "Results in tables of a SQLite database, in one transaction; amounts are texts, which keep every digit."
NO_TABLES: Final = "the database has no tables"
NO_DATABASE: Final = "it is not a SQLite database, or it is damaged or locked"
ENDINGS: Final = (".sqlite", ".sqlite3", ".db")
_DIALECT: Final = SqlDialect("TEXT", "INTEGER", "TEXT", "INTEGER", "TEXT", "TEXT")
"""SQLite has no exact number with a fraction: a sum of REAL would not be exact."""


def read(path: Path, diagnostics: Diagnostics) -> dict[str, RawTable]:
    """Every table with its cells as text; SQLite keeps 15 digits of a number with a fraction, and these are read."""
    tables = {}
    try:
        with closing(_open(path)) as database:
            names = database.execute(
                "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%'"
            )
            for (name,) in names.fetchall():
                frame = _read_cells(database.execute(f"select * from {quote(str(name))}"))  # noqa: S608  quoted
                tables[str(name)] = RawTable(frame, f"{path}[{name}]", first_row=1)
        if not tables:
            diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason=NO_TABLES)
    except sqlite3.Error:
        diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason=NO_DATABASE)
    return tables


def query(address: DatabaseAddress, queries: Sequence[FactsQuery], diagnostics: Diagnostics) -> dict[str, RawTable]:
    """What queries return, as it is at one moment."""
    tables: dict[str, RawTable] = {}
    location = queries[0].location if queries else Location(str(address), 0, 0)
    try:
        with closing(_open(Path(str(address)))) as database:
            database.execute("begin")
            for asked in queries:
                location = asked.location
                values = {str(number): _bind(value) for number, value in enumerate(asked.parameters, 1)}
                cursor = database.execute(asked.text, values)
                headings = [str(description[0]) for description in cursor.description or ()]
                if refuse_repeated(asked, headings, diagnostics):
                    return {}
                tables[asked.table] = RawTable(_read_cells(cursor), asked.source, first_row=1)
    except sqlite3.Error as error:
        diagnostics.add(catalogue.DATABASE_UNREADABLE, location, reason=str(error))
        return {}
    return tables


def write(address: DatabaseAddress, tables: tuple[ResultTable, ...], diagnostics: Diagnostics) -> None:
    """All tables in one transaction; without tables it only sees whether the file is a database."""
    path, place = Path(str(address)), Location(str(address), 0, 0)
    if not tables and not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:  # `begin` and `commit` are ours
            database.execute("pragma schema_version")  # reads the file
            database.execute("begin immediate")
            if replace_rows(_SqliteConnection(database), _DIALECT, tables, place, diagnostics):
                database.execute("commit")
    except sqlite3.Error as error:
        diagnostics.add(catalogue.DATABASE_NOT_WRITTEN, place, reason=str(error))


def _open(path: Path) -> sqlite3.Connection:
    """A database that is only read."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _read_cells(cursor: sqlite3.Cursor) -> pl.DataFrame:
    """The rows of a result with their cells as text."""
    headings = [description[0] for description in cursor.description or ()]
    rows = cursor.fetchall()
    columns = {head: [_text(row[number]) for row in rows] for number, head in enumerate(headings)}
    return pl.DataFrame({head: pl.Series(cells, dtype=pl.String) for head, cells in columns.items()})


def _text(value: object) -> str | None:
    if value is None:
        return None
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _bind(value: date | str) -> str:
    return value.isoformat() if isinstance(value, date) else value


@frozen
class _SqliteConnection:
    """A connection as results are written."""

    database: sqlite3.Connection

    def execute(self, statement: str, values: Sequence[str] = ()) -> None:
        self.database.execute(statement, {str(number): value for number, value in enumerate(values, 1)})

    def find_columns(self, table: str) -> Mapping[str, str]:
        found = self.database.execute(f"pragma table_info({quote(table)})")
        return {str(row[1]): str(row[2]) for row in found.fetchall()}

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        columns, marks = ", ".join(map(quote, frame.columns)), ", ".join("?" * frame.width)
        rows = (tuple(map(_cell, row)) for row in frame.iter_rows())
        self.database.executemany(f"insert into {quote(table)} ({columns}) values ({marks})", rows)  # noqa: S608  quoted


def _cell(value: object) -> str | int | None:
    if value is None or isinstance(value, str | int):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


@hookimpl
def readers() -> Iterable[Reader]:
    return [Reader("sqlite", ABOUT, ENDINGS, read, query=query)]


@hookimpl
def writers() -> Iterable[Writer]:
    return [Writer("sqlite", WRITES, ENDINGS, write=write)]


@hookimpl
def words() -> Mapping[str, Mapping[str, str]]:
    return {
        "zh": {
            ABOUT: "SQLite 数据库中的事实：每个表或视图是一张事实表，也可以是查询的结果。",
            WRITES: "结果写入 SQLite 数据库的表，在同一个事务中完成；金额为文本，不丢失任何数位。",
            NO_TABLES: "数据库中没有表",
            NO_DATABASE: "它不是 SQLite 数据库，或者已损坏、被锁定",
        }
    }
