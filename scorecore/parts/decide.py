"""Decide one part: a pure function of a program and tables, which any process or engine can call."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import Decisions, no_decisions
from scorecore.evaluate.result_tables import TABLES, tables
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.model import PRESENT, ROW, Facts
from scorecore.facts.raw import RawTable
from scorecore.parts.job import PART_ROW, PartJob, PartsRejected
from scorecore.parts.problems import problems_table

if TYPE_CHECKING:
    import pyarrow as pa

PROBLEMS: Final = "problems"
PART_TABLES: Final = (*TABLES, PROBLEMS)
"""The tables that `decide_part` gives, always all of them."""
Say = Callable[[Diagnostic], str]


@frozen(eq=False)
class DecidedPart:
    """The decisions of one part, and what is wrong with its facts."""

    decisions: Decisions
    diagnostics: tuple[Diagnostic, ...]
    """`merge_problems` makes those of the whole of them."""


def decide_part(
    program: bytes,
    period: str,
    tables: Mapping[str, pa.Table],
    given: Mapping[str, pa.Table] | None = None,
) -> dict[str, pa.Table]:
    """The tables `decisions`, `entries`, `pay`, `holds` and `problems` of one part of the facts.

    `program` is a packed `PartJob`, `period` the label of its period. `tables` has each table of the whole, empty if
    the part has no row of it, with the number of each row in the whole under `#row`; `given` likewise has decisions of
    used policies, by `uses.x`. All rows of a subject are in one part, as `find_buckets` divides them, and those that
    are about nobody in every part. A part without people gives empty tables.

    Raises PartsRejected where the part cannot be decided without others, and ValueError for tables that do not belong
    to the job.
    """
    job = PartJob.unpack(program)
    frames = {name: pl.DataFrame(table) for name, table in {**tables, **(given or {})}.items()}
    if period != job.period.label:
        raise ValueError(f"the job is for {job.period}, not for {period}")
    results = list_results(decide_frames(job, frames), Diagnostic.message)
    return {name: to_arrow(frame) for name, frame in results.items()}


def to_arrow(frame: pl.DataFrame) -> pa.Table:
    """A frame for other engines: whole numbers of 128 bits, which Arrow does not have, as decimals without places."""
    wide = [name for name, dtype in frame.schema.items() if dtype == pl.Int128]
    return frame.with_columns(pl.col(wide).cast(pl.Decimal(38, 0))).to_arrow()


def list_results(part: DecidedPart, say: Say) -> dict[str, pl.DataFrame]:
    """All tables of a part by name; `say` makes the reasons of what is held."""
    return {**tables(part.decisions, say), PROBLEMS: problems_table(part.diagnostics)}


def decide_frames(job: PartJob, frames: Mapping[str, pl.DataFrame]) -> DecidedPart:
    """`decide_part` with frames of Polars, before results become tables."""
    runner = PeriodRunner(job.program, known_at=job.known_at)
    diagnostics = Diagnostics()
    decisions = runner.decide(job.period, make_raw_tables(job, frames), diagnostics)
    if decisions is None:  # the tables cannot be read
        return DecidedPart(no_decisions(job.program, job.period), tuple(diagnostics))
    _require_group_keys(job, decisions.facts)
    return DecidedPart(decisions, tuple(diagnostics))


def make_raw_tables(job: PartJob, frames: Mapping[str, pl.DataFrame]) -> dict[str, RawTable]:
    """The tables of a part as files would have them, each with what is known of the whole."""
    if frames.keys() != job.whole.keys():
        raise ValueError(f"a part has the tables {sorted(frames)}, and the whole {sorted(job.whole)}")
    return {name: _make_raw_table(name, table, frames[name]) for name, table in job.whole.items()}


def _make_raw_table(name: str, table: RawTable, frame: pl.DataFrame) -> RawTable:
    columns = [column for column in frame.columns if column != PART_ROW]
    if columns != table.frame.columns or len(columns) == frame.width:
        raise ValueError(f"{name} has the columns {frame.columns}, not {[*table.frame.columns, PART_ROW]}")
    ordered = frame.sort(PART_ROW)
    return evolve(table, frame=ordered.drop(PART_ROW), lines=tuple(ordered[PART_ROW].to_list()))


def _require_group_keys(job: PartJob, facts: Facts) -> None:
    """Reject a part with somebody whose group is not known: every group of every part would have to wait for them."""
    if not job.cut_by:
        return
    keys: Any = facts.subjects[job.cut_by].is_null()
    if f"{PRESENT}{job.cut_by}" in facts.subjects.columns:
        keys &= facts.subjects[f"{PRESENT}{job.cut_by}"].fill_null(value=True)
    unplaced = keys.arg_true()
    if len(unplaced):
        row = int(facts.subjects[ROW][unplaced[0]])
        place = Location(facts.source, row, facts.columns.get(job.cut_by, 0), in_sheet=bool(facts.columns))
        params = {"id": facts.ids[unplaced[0]], "name": job.cut_by, "count": str(len(unplaced))}
        raise PartsRejected((Diagnostic(catalogue.GROUP_OF_PART_UNKNOWN, place, params),))
