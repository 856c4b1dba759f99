"""What databases whose drivers are extras have in common: a connection or a problem, and the columns of a table."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from attrs import frozen

from scorecore.plugin import DatabaseAddress, Diagnostics, Location, catalogue
from scorecore_extras.result_sql import describe_refusal

LIST_COLUMNS: Final = (
    "select column_name::text, data_type::text from information_schema.columns "
    "where table_schema = current_schema() and table_name = $1 order by ordinal_position"
)


@frozen
class DatabaseDriver:
    """A module of the DB API that an extra installs; it is loaded when it is first used."""

    module: str
    extra: str
    open: Callable[[Any, DatabaseAddress, bool], Any]
    """From the module, the address, and whether it is for results."""

    def load(self) -> Any | None:  # noqa: ANN401  an optional module
        try:
            return import_module(self.module)
        except ImportError:
            return None

    @property
    def error(self) -> Any:  # noqa: ANN401  the class of an optional module
        """What the driver raises."""
        return import_module(self.module).Error

    @contextmanager
    def connect(
        self, address: DatabaseAddress, place: Location, diagnostics: Diagnostics, *, for_results: bool = False
    ) -> Iterator[Any]:
        """A connection that keeps nothing which is not committed; None with a problem."""
        module = self.load()
        if module is None:
            diagnostics.add(catalogue.NO_DRIVER, place, database=str(address), extra=self.extra)
            yield None
            return
        try:
            connection = self.open(module, address, for_results)
        except module.Error as error:
            kind = catalogue.DATABASE_NOT_WRITTEN if for_results else catalogue.DATABASE_UNREADABLE
            diagnostics.add(kind, place, reason=describe_refusal(error, address))
            yield None
            return
        try:
            yield connection
        finally:
            connection.close()
