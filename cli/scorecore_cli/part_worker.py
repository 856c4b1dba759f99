"""Decides parts in processes of their own; what it gives back is a summary, the tables are files."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from typing import Any

from attrs import frozen

from scorecore.evaluate.decisions import Decisions
from scorecore.io.own_files import write_tables_beside
from scorecore.io.part_files import read_part
from scorecore.parts.decide import PART_TABLES, decide_frames, list_results
from scorecore.parts.job import PartJob, PartsRejected
from scorecore.parts.problems import problems_table
from scorecore_cli.decisions_view import DecidedTotals
from scorecore_cli.labels import localizer
from scorecore_cli.language import choose


@frozen
class PartWorker:
    """Decides parts of one run; it is handed to the processes as a whole."""

    job: bytes
    divided: Path
    """The folder with the facts of the parts."""
    out: Path
    language: str

    def decide(self, part: int) -> Mapping[str, Any]:
        """Decide a part, write its tables, and throw its facts away; gives what the summary of all parts needs."""
        choose(["--lang", self.language])
        job = PartJob.unpack(self.job)
        try:
            decided = decide_frames(job, read_part(self.divided, part, job.whole))
        except PartsRejected as rejected:
            return {"rejected": problems_table(rejected.diagnostics).rows(named=True)}
        frames = list_results(decided, localizer(job.program))
        for name in PART_TABLES:
            folder = self.out / name
            folder.mkdir(parents=True, exist_ok=True)
            write_tables_beside(folder, {f"{part:05}.parquet": frames[name].write_parquet}, is_listed=False)
        return summarize(decided.decisions) | {"rows": {name: len(frames[name]) for name in PART_TABLES}}

    def forget(self, part: int) -> None:
        """Throw away the facts of a part that is done."""
        rmtree(self.divided / f"{part:05}", ignore_errors=True)


def summarize(decisions: Decisions) -> dict[str, Any]:
    """The totals of a part, as the index has them."""
    totals = DecidedTotals.of(decisions)
    summary: dict[str, Any] = {"people": totals.people, "held": totals.held, "grades": dict(totals.grades)}
    return summary | ({"net": f"{totals.net:f}", "partial": totals.is_partial} if decisions.program.pay else {})
