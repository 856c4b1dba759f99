"""Facts in a database: a small file names the database, and a query for each table.

url = "postgresql://hr@db.example/hr"          # or environment = "HR_DATABASE", or file = "facts.duckdb"

[table.sales]                                  # a table of the policy
query      = "select person, id, amount from sales where day between $1 and $2"
parameters = ["period.start", "period.end"]    # what $1, $2 … are
"""

from __future__ import annotations  # nothing loads Polars when a command starts

import os
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote

from attrs import field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.io.policy_files import read_source
from scorecore.policy.model import Part, key
from scorecore.policy.structure import structure
from scorecore.policy.toml import read_toml
from scorecore.values.period import Period

QUERIES_ENDING: Final = ".toml"
"""How the name of a file of queries ends."""
HIDDEN_TEXT: Final = "***"
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+]*://")
_SECRET_KEYS: Final = re.compile(r"([?&][^=&]*(?:password|secret|token)[^=&]*=)([^&]*)", re.IGNORECASE)
_RESERVED: Final = re.compile(r"[@:/?#\[\] ]")
UNESCAPED: Final = "the password has a sign that is written with % in a URL, such as %40 for @ and %2F for /"
_LOGIN: Final = re.compile(r"(?P<user>[^:@/?]*):(?P<password>.*)", re.DOTALL)


@frozen
class DatabaseUrl:
    """Where a database is, such as `postgresql://hr@db.example/hr`; shown without its password."""

    text: str = field(repr=False)
    """As a driver takes it, with a password if it has one."""

    @property
    def scheme(self) -> str:
        return self.text.partition(":")[0].lower()

    def __str__(self) -> str:
        before, slashes, rest = self.text.partition("://")
        login, at, place = self._split(rest)
        matched = _LOGIN.fullmatch(login)
        shown = f"{matched['user']}:{HIDDEN_TEXT}" if matched else login
        return _SECRET_KEYS.sub(rf"\1{HIDDEN_TEXT}", f"{before}{slashes}{shown}{at}{place}")

    def redact(self, message: str) -> str:
        """A message of a driver, without anything that may be a part of the password."""
        secrets = set(self._find_secrets())
        if any(_RESERVED.search(secret) for secret in secrets):  # a driver takes parts of it for something else
            return UNESCAPED
        written = {text for secret in secrets for text in (secret, unquote(secret))}
        for text in sorted(written, key=len, reverse=True):
            message = message.replace(text, HIDDEN_TEXT)
        return message

    @staticmethod
    def _split(rest: str) -> tuple[str, str, str]:
        """Before and after the last @ of what is no parameter: a password may have signs that should be written %40.

        Where the only @ are after a question mark, that may be one of these signs; then no place is told apart.
        """
        address, question, parameters = rest.partition("?")
        login, at, place = address.rpartition("@")
        if not at and "@" in parameters and _LOGIN.fullmatch(address):
            return rest, "", ""
        return login, at, place + question + parameters

    def _find_secrets(self) -> Iterator[str]:
        login, _, place = self._split(self.text.partition("://")[2])
        matched = _LOGIN.fullmatch(login)
        values = [match[2] for match in _SECRET_KEYS.finditer(place)]
        values += [matched["password"]] if matched else []
        return filter(None, values)


DatabaseAddress = DatabaseUrl | Path
"""A server, or a file."""


@frozen
class FactsQuery:
    """What is asked of a database for a table of facts."""

    table: str
    text: str
    """In the language of the database, with `$1`, `$2` … for the parameters."""
    parameters: tuple[date | str, ...]
    location: Location
    """Of the query in its file; what is wrong with it is reported there."""
    source: str
    """Where the rows of the table are from, for people."""


@frozen(kw_only=True)
class TableQuery(Part):
    """The query of a table."""

    query: str = key("one statement that returns the rows, with $1, $2 … for parameters")
    parameters: tuple[Literal["period.start", "period.end", "period.label"], ...] = key(
        "what $1, $2 … are: days or the label of the period that is decided", default=()
    )


@frozen(kw_only=True)
class DatabaseFacts(Part):
    """A file of queries."""

    url: str = key(
        "the database, such as postgresql://hr@db.example/hr; its password is better kept in ~/.pgpass", default=""
    )
    environment: str = key("the environment variable that has the URL", default="")
    file: str = key("the database file, beside this one", default="")
    table: dict[str, TableQuery] = key("by table its query")

    def find_place(self) -> tuple[Location, int]:
        """Where the file names the database."""
        written = [name for name in ("url", "environment", "file") if getattr(self, name)]
        return self.at(written[-1]) if written else (self.place, 1)

    def find_address(self, path: Path, diagnostics: Diagnostics) -> DatabaseAddress | None:
        """The database; None with a problem where it is not clear which."""
        written = [name for name in ("url", "environment", "file") if getattr(self, name)]
        if len(written) != 1:
            diagnostics.add(catalogue.DATABASE_UNCLEAR, *self.find_place())
            return None
        if self.file:
            return path.parent / self.file
        text = self.url or os.environ.get(self.environment, "")
        if not is_url(text):
            params = {"name": self.environment} if self.environment else {}
            diagnostics.add(catalogue.NOT_A_URL, *self.find_place(), **params)
            return None
        return DatabaseUrl(text)


def is_url(text: str) -> bool:
    """Whether a text is a URL and not a path."""
    return bool(_URL.match(text))


def read_queries(path: Path, diagnostics: Diagnostics) -> DatabaseFacts | None:
    """A file of queries; None with a problem."""
    source = read_source(path, diagnostics)
    tree = read_toml(source, diagnostics) if source else None
    return structure(tree, DatabaseFacts, diagnostics) if tree else None


def fill_queries(
    queries: DatabaseFacts, path: Path, period: Period | None, diagnostics: Diagnostics
) -> tuple[FactsQuery, ...] | None:
    """The queries with the values of their parameters; None with a problem where more than one period is decided."""
    values: Mapping[str, date | str] = (
        {"period.start": period.start, "period.end": period.end, "period.label": period.label} if period else {}
    )
    filled = []
    for name, table in queries.table.items():
        if table.parameters and period is None:
            diagnostics.add(catalogue.MORE_THAN_ONE_PERIOD, *table.at("parameters"), table=name)
            return None
        parameters = tuple(values[parameter] for parameter in table.parameters)
        filled.append(FactsQuery(name, table.query, parameters, table.at("query")[0], f"{path}[{name}]"))
    return tuple(filled)
