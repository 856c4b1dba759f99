"""Results in a database: tables with keys, the rows of one policy and period replaced together or not at all."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Final

import polars as pl
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.io.databases import DatabaseAddress
from scorecore.io.formats import describe_fault, find_address_faults, find_driver, list_addresses
from scorecore.plugins import ExternalHook
from scorecore.program.model import Program
from scorecore.values.period import Period

POLICY: Final = "policy"
VERSION: Final = "policy_version"
PERIOD: Final = "period"
PAID_IN: Final = "paid_in"
"""Of what is paid for an earlier period: the period in which it is."""
NUMBER: Final = "number"
"""Of rows without a name of their own: their number among those of the subject."""
DECISIONS: Final = "decisions"
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {"pay": ("line",), "adjustments": (PERIOD, "line", "run")}
_NUMBERED: Final = frozenset({"entries", "holds"})
_OF_DECISIONS: Final = frozenset({"entries", "pay", "holds"})
"""Tables whose every row belongs to a row of the decisions."""


@frozen(eq=False)
class ResultTable:
    """A table of results for a database."""

    name: str
    frame: pl.DataFrame
    key: tuple[str, ...]
    """The columns that identify a row; no two rows have the same."""
    scope: Mapping[str, str]
    """The values that all rows have in some columns of the key; the rows that had them before are replaced."""
    parent: str = ""
    """The table to which the beginning of the key refers; it is written before."""


@frozen
class Writer(ExternalHook):
    """Databases to which results are written, known by how their URLs begin or their files end."""

    endings: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    write: Callable[[DatabaseAddress, tuple[ResultTable, ...], Diagnostics], None] | None = None
    """Writes all tables or nothing, what cannot be written is a problem; without tables it only tries to connect."""
    hook: ClassVar[str] = "writers"

    def faults(self) -> Iterator[str]:
        yield from ExternalHook.faults(self)
        yield from find_address_faults(self.endings, self.schemes)
        if not callable(self.write):
            yield "`write` is not a function"


def write_results(
    writers: Mapping[str, ExternalHook],
    address: DatabaseAddress,
    tables: tuple[ResultTable, ...],
    diagnostics: Diagnostics,
) -> None:
    """Write tables to a database, all or nothing; without tables, see whether it can be reached."""
    place = Location(str(address), 0, 0)
    writer = find_driver(writers, address)
    if not isinstance(writer, Writer) or writer.write is None:
        known = list_addresses(writers.values())
        diagnostics.add(catalogue.NO_DRIVER, place, database=str(address), known=known)
        return
    try:
        writer.write(address, tables, diagnostics)
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign writer raises, it has a name
        fault = describe_fault(catalogue.WRITER_FAILED, place, writer.name, error, writer.write, address)
        diagnostics.take(fault)


def build_result_tables(
    program: Program, period: Period, frames: Mapping[str, pl.DataFrame]
) -> tuple[ResultTable, ...]:
    """The tables of a run as a database has them: with the policy, a key, and numbers of rows without a name."""
    names = sorted(frames, key=lambda name: name != DECISIONS)  # the others refer to it
    return tuple(_build(program, period, name, frames[name]) for name in names)


def _build(program: Program, period: Period, name: str, frame: pl.DataFrame) -> ResultTable:
    subject, scoped = program.schema.subject, PERIOD
    first: dict[str, str] = {POLICY: program.id}
    if name == DECISIONS:
        first[VERSION] = program.version
    if name == "adjustments":  # their period is the earlier one
        scoped = PAID_IN
        first[PAID_IN] = period.label
    columns = [pl.lit(value, dtype=pl.String).alias(column) for column, value in first.items()]
    if name in _NUMBERED:
        columns.append(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(subject).alias(NUMBER))
    key = (POLICY, scoped, subject, *_KEYS.get(name, (NUMBER,) if name in _NUMBERED else ()))
    return ResultTable(
        name,
        frame.select(*columns, pl.all()),
        key,
        {POLICY: program.id, scoped: period.label},
        DECISIONS if name in _OF_DECISIONS else "",
    )
