"""What all parts of a run share: the program, and what must be known of the whole tables. It is checked beforehand."""

from __future__ import annotations  # nothing loads Polars when a command starts

import pickle
from collections.abc import Container, Iterator, Mapping
from datetime import date
from typing import Final, Self

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Rejected
from scorecore.diagnostics.source import Location
from scorecore.evaluate.runner import find_undecided_periods
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.program.steps import GroupStep
from scorecore.values.period import Period

PART_ROW: Final = "#row"
"""The column of a part's table that has the number of each row in the whole, so that reasons name the right place."""


class PartsRejected(Rejected):
    """A period cannot be decided in parts; `diagnostics` says why."""


@frozen(eq=False)
class PartJob:
    """A program to be decided for a period in parts.

    Raises PartsRejected where a result would need a subject of another part.
    """

    program: Program
    period: Period
    whole: Mapping[str, RawTable]
    """Each table that the whole has, as `describe_whole` gives it; also by `uses.x` decisions of a used policy."""
    known_at: date | None = None
    """Facts that became known after this day are left out; None: none are."""

    def __attrs_post_init__(self) -> None:
        crossings = (*find_crossings(self.program, self.whole), *self._find_undecided())
        if crossings:
            raise PartsRejected(crossings)

    @property
    def cut_by(self) -> str:
        """The fact by whose value subjects are divided, so that groups stay whole; empty: they are divided by id."""
        return find_cut(self.program)

    def _find_undecided(self) -> Iterator[Diagnostic]:
        """The earlier periods that the whole would decide first; rows of history have a place in the whole only."""
        undecided = find_undecided_periods(self.program, self.period, self.whole) if self.program.schema.history else []
        if undecided:
            place = self.whole[self.program.schema.subject].locate(0)
            params = {"periods": ", ".join(period.label for period in undecided), "table": HISTORY}
            yield Diagnostic(catalogue.PARTS_WITHOUT_HISTORY, place, params)

    def pack(self) -> bytes:
        """The job for another process of this run, with this version of scorecore."""
        return pickle.dumps(self)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """The job that `pack` gave; it must come from a process that is trusted, as it is code."""
        job = pickle.loads(packed)  # noqa: S301  its own processes hand it over
        if not isinstance(job, cls):
            raise TypeError(f"{type(job).__name__} is no job")
        return job


def find_cut(program: Program) -> str:
    """The fact by which the groups of a program are formed; empty where it has none."""
    return next((group.by for group in program.groups if group.by and _is_read(program, group.name)), "")


def find_crossings(program: Program, tables: Container[str]) -> Iterator[Diagnostic]:
    """Why parts cannot decide what the whole would: groups and used policies for which a part lacks subjects.

    `tables` are the names of the tables that the whole has.
    """
    read = [group for group in program.groups if _is_read(program, group.name)]
    keys = {group.by for group in read}
    for group in read:
        if not group.by or len(keys) > 1:
            place = next(step.place for step in program.grouped if step.group == group.name)
            params = {"group": group.label or group.name, **({"by": group.by} if group.by else {})}
            yield Diagnostic(catalogue.GROUP_CROSSES_PARTS, place, params)
    for table in program.schema.events:
        if table.use and table.name not in tables:
            yield Diagnostic(
                catalogue.USE_CROSSES_PARTS,
                Location(table.name, 0, 0),
                {"name": table.name, "policy": ", ".join(table.use.policies)},
            )


def _is_read(program: Program, group: str) -> bool:
    """Whether a value depends on the members of a group."""
    return any(step.group == group for step in program.steps if isinstance(step, GroupStep))
