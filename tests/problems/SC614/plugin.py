"""A branch's own format of facts."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from scorecore.plugin import Diagnostics, RawTable, Reader, hookimpl


def read(path: Path, _diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    raise NotImplementedError(path.suffix)


@hookimpl
def readers() -> Iterable[Reader]:
    return [Reader("ledger", "Facts in a ledger.", (".ledger",), read)]
