"""A branch's own format of facts."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from scorecore.facts.raw import RawTable
from scorecore.hooks import hookimpl
from scorecore.outside import Reader
from scorecore.problems import Problems


def read(path: Path, _problems: Problems) -> Mapping[str, RawTable]:
    raise NotImplementedError(path.suffix)


@hookimpl
def readers() -> Iterable[Reader]:
    return [Reader("ledger", "Facts in a ledger.", (".ledger",), read)]
