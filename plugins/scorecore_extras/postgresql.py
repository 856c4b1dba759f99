"""Facts from PostgreSQL, and results into it, through ADBC: columns all the way, and no digit of a number is lost."""

from __future__ import annotations  # nothing loads Polars when a command starts

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl
from attrs import frozen

from scorecore.plugin import (
    DatabaseAddress,
    DatabaseUrl,
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
from scorecore_extras.result_sql import SqlDialect, describe_refusal, refuse_repeated, replace_rows

READS: Final = "Facts in PostgreSQL: a query for each table."
WRITES: Final = "Results in tables of PostgreSQL, in one transaction."
SCHEMES: Final = ("postgresql", "postgres")
_DIALECT: Final = SqlDialect("text", "bigint", "numeric", "boolean", "date", "timestamp without time zone")
_EXACT: Final = frozenset(
    {"bool", "int2", "int4", "int8", "numeric", "float8", "date", "timestamp", "text", "varchar", "bpchar", "name"}
)
"""Types that arrive as they are, float8 with the 15 digits that it keeps. Money would arrive as cents."""
_TYPE: Final = b"POSTGRESQL:type"
_PATIENCE: Final = 15
"""Seconds after which a server that does not answer is a problem."""
_LOCK: Final = "select pg_advisory_xact_lock(hashtext('scorecore'))"
"""Two runs at once write one after the other."""


def _limit_waiting(url: str) -> str:
    if "connect_timeout" in url or "PGCONNECT_TIMEOUT" in os.environ:
        return url
    return f"{url}{'&' if '?' in url else '?'}connect_timeout={_PATIENCE}"


def _open(module: Any, address: DatabaseAddress, _for_results: bool) -> Any:  # noqa: ANN401, FBT001  an optional module
    assert isinstance(address, DatabaseUrl)  # noqa: S101  known by its scheme
    return module.connect(_limit_waiting(address.text))


_DRIVER: Final = DatabaseDriver("adbc_driver_postgresql.dbapi", "postgresql", _open)


def query(address: DatabaseAddress, queries: Sequence[FactsQuery], diagnostics: Diagnostics) -> dict[str, RawTable]:
    """What queries return, as it is at one moment."""
    tables: dict[str, RawTable] = {}
    place = queries[0].location if queries else Location(str(address), 0, 0)
    with _DRIVER.connect(address, place, diagnostics) as connection:
        if connection is None:
            return {}
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        for asked in queries:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(asked.text, asked.parameters or None)
                    frame = _read_columns(cursor.fetch_arrow_table(), asked, diagnostics)
            except _DRIVER.error as error:
                reason = describe_refusal(error, address)
                diagnostics.add(catalogue.DATABASE_UNREADABLE, asked.location, reason=reason)
                return {}
            if frame is None:
                return {}
            tables[asked.table] = RawTable(frame, asked.source, first_row=1)
    return tables


def write(address: DatabaseAddress, tables: tuple[ResultTable, ...], diagnostics: Diagnostics) -> None:
    """All tables in one transaction; without tables it only connects."""
    place = Location(str(address), 0, 0)
    with _DRIVER.connect(address, place, diagnostics, for_results=True) as connection:
        if connection is None or not tables:
            return
        try:
            results = _PostgresqlConnection(connection)
            results.execute(_LOCK)
            if replace_rows(results, _DIALECT, tables, place, diagnostics):
                connection.commit()
        except _DRIVER.error as error:
            diagnostics.add(catalogue.DATABASE_NOT_WRITTEN, place, reason=describe_refusal(error, address))


def _read_columns(table: Any, asked: FactsQuery, diagnostics: Diagnostics) -> pl.DataFrame | None:  # noqa: ANN401  Arrow
    """The columns of a result; None with a problem where a type does not arrive as it is."""
    if refuse_repeated(asked, table.column_names, diagnostics):
        return None
    columns: dict[str, pl.Series] = {}
    for field, column in zip(table.schema, table.columns, strict=True):
        type_name = (field.metadata or {}).get(_TYPE, b"?").decode()
        if type_name not in _EXACT:
            diagnostics.add(catalogue.COLUMN_UNREADABLE, asked.location, name=field.name, type=type_name)
            return None
        chunks = [getattr(chunk, "storage", chunk) for chunk in column.chunks]  # numbers are texts in a type of ADBC
        series = [pl.Series(field.name, pl.from_arrow(chunk)) for chunk in chunks]
        columns[field.name] = pl.concat(series) if series else pl.Series(field.name, [], dtype=pl.String)
    return pl.DataFrame(columns)


@frozen
class _PostgresqlConnection:
    """A connection as results are written."""

    connection: Any

    def execute(self, statement: str, values: Sequence[str] = ()) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, tuple(values) or None)

    def find_columns(self, table: str) -> Mapping[str, str]:
        with self.connection.cursor() as cursor:
            cursor.execute(LIST_COLUMNS, (table,))
            return dict(cursor.fetchall())

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        with self.connection.cursor() as cursor:
            cursor.adbc_ingest(table, frame.to_arrow(), mode="append")


@hookimpl
def readers() -> Iterable[Reader]:
    return [Reader("postgresql", READS, schemes=SCHEMES, query=query)]


@hookimpl
def writers() -> Iterable[Writer]:
    return [Writer("postgresql", WRITES, schemes=SCHEMES, write=write)]


@hookimpl
def words() -> Mapping[str, Mapping[str, str]]:
    return {
        "zh": {
            READS: "PostgreSQL 数据库中的事实：每张表一条查询。",
            WRITES: "结果写入 PostgreSQL 的表，在同一个事务中完成。",
        }
    }
