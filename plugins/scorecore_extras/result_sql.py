"""Results into SQL databases: tables with keys, and the rows of one policy and period replaced in one transaction."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl
from attrs import frozen

from scorecore.plugin import DatabaseAddress, DatabaseUrl, Diagnostics, FactsQuery, Location, ResultTable, catalogue


class Connection(Protocol):
    """A database in a transaction, which ends with its caller."""

    def execute(self, statement: str, values: Sequence[str] = ()) -> None:
        """Run a statement with `$1`, `$2` … for values."""
        ...

    def find_columns(self, table: str) -> Mapping[str, str]:
        """By name the types of the columns that a table has, as the database writes them; empty without a table."""
        ...

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        """Append rows."""
        ...


@frozen
class SqlDialect:
    """What a database calls the types of columns, each of which holds its values exactly, and what it can do."""

    text: str
    whole: str
    number: str
    truth: str
    day: str
    moment: str
    replaces_parents: bool = True
    """Whether a row to which others referred can be deleted and inserted in one transaction."""

    def name(self, dtype: pl.DataType) -> str:
        if dtype.is_integer() and dtype not in {pl.Int128, pl.UInt64}:
            return self.whole
        if dtype.is_integer() or dtype.is_decimal():
            return self.number
        by_type = {pl.Boolean: self.truth, pl.Date: self.day, pl.Datetime: self.moment}
        return by_type.get(dtype.base_type(), self.text)


def replace_rows(
    connection: Connection,
    dialect: SqlDialect,
    tables: Sequence[ResultTable],
    place: Location,
    diagnostics: Diagnostics,
) -> bool:
    """Whether the tables are there with their rows; else a problem says why, and the transaction must not be kept."""
    for table in tables:
        if not _prepare(connection, dialect, table, place, diagnostics):
            return False
    for table in reversed(tables):  # what refers to others first
        where = " and ".join(f"{quote(column)} = ${number}" for number, column in enumerate(table.scope, 1))
        connection.execute(f"delete from {quote(table.name)} where {where}", tuple(table.scope.values()))  # noqa: S608  quoted
    for table in tables:
        connection.insert(table.name, _plain(table.frame))
    return True


def _prepare(
    connection: Connection, dialect: SqlDialect, table: ResultTable, place: Location, diagnostics: Diagnostics
) -> bool:
    """Create a table, or add the columns that it does not have; False with a problem if it is another's."""
    there = connection.find_columns(table.name)
    if not there:
        connection.execute(_describe(dialect, table))
        return True
    for name, dtype in table.frame.schema.items():
        kind = dialect.name(dtype)
        if name in there and there[name] == kind:
            continue
        if name in there or name in table.key:
            columns = ", ".join(f"{column} {type_name}" for column, type_name in there.items())
            params = {"table": table.name, "columns": columns, "name": name, "type": kind}
            diagnostics.add(catalogue.RESULT_TABLE_UNFIT, place, **params)
            return False
        connection.execute(f"alter table {quote(table.name)} add column {quote(name)} {kind}")
    return True


def _describe(dialect: SqlDialect, table: ResultTable) -> str:
    """The statement that creates a table."""
    columns = [
        f"{quote(name)} {dialect.name(dtype)}{' not null' if name in table.key else ''}"
        for name, dtype in table.frame.schema.items()
    ]
    key = list(map(quote, table.key))
    columns.append(f"primary key ({', '.join(key)})")
    if table.parent and dialect.replaces_parents:
        of_parent = ", ".join(key[: len(table.scope) + 1])
        columns.append(f"foreign key ({of_parent}) references {quote(table.parent)} ({of_parent})")
    return f"create table {quote(table.name)} ({', '.join(columns)})"


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of the few types that databases have."""
    casts = {}
    for name, dtype in frame.schema.items():
        if dtype.is_integer() and dtype not in {pl.Int128, pl.UInt64}:
            casts[name] = pl.col(name).cast(pl.Int64)
        elif dtype.is_integer():
            casts[name] = pl.col(name).cast(pl.Decimal(38, 0))
        elif dtype.base_type() in {pl.Enum, pl.Categorical}:
            casts[name] = pl.col(name).cast(pl.String)
    return frame.with_columns(**casts)


def quote(name: str) -> str:
    """A name as SQL has it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def describe_refusal(error: BaseException, address: DatabaseAddress) -> str:
    """What a driver says, in one line, without a password and without its own names for things."""
    text = " ".join(str(error).partition("Query was:")[0].split())
    for before in ("ERROR: ", "FATAL: ", "failed: ", "Failed to connect: ", "Error: "):
        text = text.rpartition(before)[2]
    text = text.partition(" SQLSTATE")[0].strip().rstrip(".")
    return address.redact(text) if isinstance(address, DatabaseUrl) else text


def refuse_repeated(query: FactsQuery, names: Sequence[str], diagnostics: Diagnostics) -> bool:
    """Whether two columns of a result have one name, which is a problem."""
    repeated = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if repeated is not None:
        reason = f"two of its columns are named `{repeated}`"
        diagnostics.add(catalogue.DATABASE_UNREADABLE, query.location, reason=reason)
    return repeated is not None
