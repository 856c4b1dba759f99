"""Decides parts in processes of their own; what it gives back is a summary, the tables are files."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from typing import Any

import polars as pl
from attrs import evolve, frozen

from scorecore.analysis.odd_results import find_odd_results
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.io.own_files import write_tables_beside
from scorecore.io.part_files import read_part
from scorecore.parts.decide import PART_TABLES, DecidedPart, decide_frames, list_results, make_raw_tables
from scorecore.parts.job import PartJob, PartsRejected
from scorecore.parts.problems import problems_table
from scorecore_cli.decisions_view import DecidedTotals
from scorecore_cli.fact_faults import find_faults, find_unnoticed
from scorecore_cli.labels import localizer
from scorecore_cli.language import choose
from scorecore_cli.part_payloads import get_payload_folder, write_payloads
from scorecore_cli.terminal import has_errors


@frozen
class PartWorker:
    """Decides parts of one run; it is handed to the processes as a whole."""

    job: bytes
    divided: Path
    """The folder with the facts of the parts."""
    out: Path
    language: str
    is_recorded: bool
    """Whether the decisions will be recorded."""

    def decide(self, part: int) -> Mapping[str, Any]:
        """Decide a part, write its tables, and throw its facts away; gives what the summary of all parts needs."""
        choose(["--lang", self.language])
        job = PartJob.unpack(self.job)
        try:
            facts = read_part(self.divided, part, job.whole)
            decided = decide_frames(job, facts)
        except PartsRejected as rejected:
            return {"rejected": problems_table(rejected.diagnostics).rows(named=True)}
        faults = find_part_faults(job, facts, decided)
        notes = (*find_unnoticed(faults, decided.decisions, decided.diagnostics), *find_odd_results(decided.decisions))
        decided = evolve(decided, diagnostics=(*decided.diagnostics, *notes))
        frames = list_results(decided, localizer(job.program))
        for name in PART_TABLES:
            folder = self.out / name
            folder.mkdir(parents=True, exist_ok=True)
            write_tables_beside(folder, {f"{part:05}.parquet": frames[name].write_parquet}, is_listed=False)
        summary = summarize(decided.decisions) | {"refused": has_errors(faults)}
        if self.is_recorded:
            summary["payloads"] = write_payloads(get_payload_folder(self.out, part), decided.decisions)
        return summary | {"rows": {name: len(frames[name]) for name in PART_TABLES}}

    def forget(self, part: int) -> None:
        """Throw away the facts of a part that is done."""
        rmtree(self.divided / f"{part:05}", ignore_errors=True)


def find_part_faults(job: PartJob, facts: Mapping[str, pl.DataFrame], decided: DecidedPart) -> list[Diagnostic]:
    """The faults of the facts of a part; none where its tables could not be read."""
    if not len(decided.decisions.facts):
        return []
    runner = PeriodRunner(job.program, known_at=job.known_at)
    return find_faults(runner, decided.decisions, make_raw_tables(job, facts))


def summarize(decisions: Decisions) -> dict[str, Any]:
    """The totals of a part, as the index has them."""
    totals = DecidedTotals.of(decisions)
    summary: dict[str, Any] = {"people": totals.people, "held": totals.held, "grades": dict(totals.grades)}
    return summary | ({"net": f"{totals.net:f}", "partial": totals.is_partial} if decisions.program.pay else {})
