"""A branch's own database."""

from collections.abc import Iterable

from scorecore.plugin import DatabaseAddress, Diagnostics, ResultTable, Writer, hookimpl


def write(address: DatabaseAddress, _tables: tuple[ResultTable, ...], _diagnostics: Diagnostics) -> None:
    raise ConnectionError(f"cannot reach {getattr(address, 'text', address)}")


@hookimpl
def writers() -> Iterable[Writer]:
    return [Writer("ledger", "Results in a ledger.", schemes=("ledger",), write=write)]
