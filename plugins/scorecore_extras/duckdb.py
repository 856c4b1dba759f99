"""Facts in a DuckDB file, and results into one."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

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
from scorecore_extras.database_driver import LIST_COLUMNS, DatabaseDriver
from scorecore_extras.result_sql import SqlDialect, describe_refusal, quote, refuse_repeated, replace_rows

READS: Final = "Facts in a DuckDB file: its tables and views, or a query for each table."
WRITES: Final = "Results in tables of a DuckDB file, in one transaction."
NO_TABLES: Final = "the database has no tables"
ENDINGS: Final = (".duckdb", ".ddb")
_DIALECT: Final = SqlDialect(
    "VARCHAR", "BIGINT", "DECIMAL(38,12)", "BOOLEAN", "DATE", "TIMESTAMP", replaces_parents=False
)
_EXACT: Final = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT"}
    | {"DECIMAL", "DOUBLE", "DATE", "TIMESTAMP", "VARCHAR", "UUID", "ENUM"}
)
"""Types that arrive as they are, DOUBLE with the 15 digits that it keeps."""


def _open(module: Any, address: DatabaseAddress, for_results: bool) -> Any:  # noqa: ANN401, FBT001  an optional module
    settings = {"autoinstall_known_extensions": "false"}  # a query loads nothing from elsewhere
    return module.connect(str(address), read_only=not for_results, config=settings)


_DRIVER: Final = DatabaseDriver("duckdb", "duckdb", _open)


def read(path: Path, diagnostics: Diagnostics) -> dict[str, RawTable]:
    """Every table and view."""
    place = Location(str(path), 0, 0)
    with _DRIVER.connect(path, place, diagnostics) as connection:
        if connection is None:
            return {}
        found = connection.execute(
            "select table_name from information_schema.tables where table_schema = current_schema() order by 1"
        )
        names = [str(name) for (name,) in found.fetchall()]
        if not names:
            diagnostics.add(catalogue.UNREADABLE, place, reason=NO_TABLES)
        queries = [
            FactsQuery(name, f"select * from {quote(name)}", (), place, f"{path}[{name}]")  # noqa: S608  quoted
            for name in names
        ]
        return _run(connection, queries, path, diagnostics)


def query(address: DatabaseAddress, queries: Sequence[FactsQuery], diagnostics: Diagnostics) -> dict[str, RawTable]:
    """What queries return, as it is at one moment."""
    place = queries[0].location if queries else Location(str(address), 0, 0)
    with _DRIVER.connect(address, place, diagnostics) as connection:
        return {} if connection is None else _run(connection, queries, address, diagnostics)


def write(address: DatabaseAddress, tables: tuple[ResultTable, ...], diagnostics: Diagnostics) -> None:
    """All tables in one transaction; without tables it only sees whether the file is a database."""
    place = Location(str(address), 0, 0)
    if not tables and not Path(str(address)).exists():
        return
    with _DRIVER.connect(address, place, diagnostics, for_results=True) as connection:
        if connection is None or not tables:
            return
        try:
            connection.begin()
            if replace_rows(_DuckdbConnection(connection), _DIALECT, tables, place, diagnostics):
                connection.commit()
        except _DRIVER.error as error:
            diagnostics.add(catalogue.DATABASE_NOT_WRITTEN, place, reason=describe_refusal(error, address))


def _run(
    connection: Any,  # noqa: ANN401  of an optional module
    queries: Sequence[FactsQuery],
    address: DatabaseAddress,
    diagnostics: Diagnostics,
) -> dict[str, RawTable]:
    tables: dict[str, RawTable] = {}
    connection.begin()
    for asked in queries:
        try:
            found = connection.sql(asked.text, params=list(asked.parameters))
            types = list(zip(found.columns, map(str, found.types), strict=True)) if found is not None else []
            if _refuse_columns(asked, types, diagnostics):
                return {}
            frame = pl.DataFrame(pl.from_arrow(found.to_arrow_table())) if found is not None else pl.DataFrame()
        except _DRIVER.error as error:
            reason = describe_refusal(error, address)
            diagnostics.add(catalogue.DATABASE_UNREADABLE, asked.location, reason=reason)
            return {}
        tables[asked.table] = RawTable(frame, asked.source, first_row=1)
    return tables


def _refuse_columns(query: FactsQuery, types: Sequence[tuple[str, str]], diagnostics: Diagnostics) -> bool:
    """Whether a column has a type that does not arrive as it is, or the name of another, which is a problem."""
    for name, type_name in types:
        if type_name.partition("(")[0] not in _EXACT or type_name.endswith("]"):
            diagnostics.add(catalogue.COLUMN_UNREADABLE, query.location, name=name, type=type_name)
            return True
    return refuse_repeated(query, [name for name, _ in types], diagnostics)


@frozen
class _DuckdbConnection:
    """A connection as results are written."""

    connection: Any

    def execute(self, statement: str, values: Sequence[str] = ()) -> None:
        self.connection.execute(statement, list(values))

    def find_columns(self, table: str) -> Mapping[str, str]:
        return dict(self.connection.execute(LIST_COLUMNS, [table]).fetchall())

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        columns = ", ".join(map(quote, frame.columns))
        self.connection.register("rows_to_insert", frame.to_arrow())
        self.connection.execute(f"insert into {quote(table)} ({columns}) select {columns} from rows_to_insert")  # noqa: S608  quoted
        self.connection.unregister("rows_to_insert")


@hookimpl
def readers() -> Iterable[Reader]:
    return [Reader("duckdb", READS, ENDINGS, read, query=query)]


@hookimpl
def writers() -> Iterable[Writer]:
    return [Writer("duckdb", WRITES, ENDINGS, write=write)]


@hookimpl
def words() -> Mapping[str, Mapping[str, str]]:
    return {
        "zh": {
            READS: "DuckDB 文件中的事实：其中的表和视图，或每张表一条查询。",
            WRITES: "结果写入 DuckDB 文件的表，在同一个事务中完成。",
            NO_TABLES: "数据库中没有表",
        }
    }
