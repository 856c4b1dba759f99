"""Facts in a SQLite database: each table or view is a table of facts."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import polars as pl

from scorecore.plugin import Diagnostics, Location, RawTable, Reader, catalogue, hookimpl

ABOUT: Final = "Facts in a SQLite database: each table or view is a table of facts."
NO_TABLES: Final = "the database has no tables"
NO_DATABASE: Final = "it is not a SQLite database, or it is damaged or locked"


def read(path: Path, diagnostics: Diagnostics) -> dict[str, RawTable]:
    """Every table with its cells as text; SQLite keeps 15 digits of a number with a fraction, and these are read."""
    tables = {}
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            names = database.execute(
                "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%'"
            )
            for (name,) in names.fetchall():
                quoted = str(name).replace('"', '""')
                cursor = database.execute(f'select * from "{quoted}"')  # noqa: S608  the name is the database's own
                headings = [description[0] for description in cursor.description]
                rows = cursor.fetchall()
                columns = {head: [_text(row[number]) for row in rows] for number, head in enumerate(headings)}
                frame = pl.DataFrame({head: pl.Series(cells, dtype=pl.String) for head, cells in columns.items()})
                tables[str(name)] = RawTable(frame, f"{path}[{name}]", first_row=1)
        if not tables:
            diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason=NO_TABLES)
    except sqlite3.Error:
        diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason=NO_DATABASE)
    return tables


def _text(value: object) -> str | None:
    if value is None:
        return None
    return f"{value:.15g}" if isinstance(value, float) else str(value)


@hookimpl
def readers() -> Iterable[Reader]:
    return [Reader("sqlite", ABOUT, (".sqlite", ".sqlite3", ".db"), read)]


@hookimpl
def words() -> Mapping[str, Mapping[str, str]]:
    return {
        "zh": {
            ABOUT: "SQLite 数据库中的事实：每个表或视图是一张事实表。",
            NO_TABLES: "数据库中没有表",
            NO_DATABASE: "它不是 SQLite 数据库，或者已损坏、被锁定",
        }
    }
