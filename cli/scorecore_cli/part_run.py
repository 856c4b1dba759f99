"""`run --parts`: facts divided among parts, decided by worker processes, one file a part, resumed where it stopped."""

from __future__ import annotations  # nothing loads Polars when a command starts

import multiprocessing
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any, Final, NoReturn

import polars as pl
import rich_click as click
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.expected import list_expected
from scorecore.io.parquet_files import count_parquet_rows, list_pieces
from scorecore.io.part_files import EVERYWHERE, PartFiles
from scorecore.io.readers import find_table_files
from scorecore.language.expressions import HISTORY
from scorecore.parts.decide import PROBLEMS
from scorecore.parts.job import PartJob, PartsRejected, find_crossings
from scorecore.parts.problems import merge_problems, read_problems
from scorecore.program.model import Program
from scorecore.record.record_run import Signed
from scorecore.record.runs.manifest import Run
from scorecore_cli.assessment_input import (
    Assessment,
    compile_or_stop,
    parse_period,
    require_history,
    require_in_force,
    start_without_history,
    stop,
)
from scorecore_cli.decisions_view import show_recorded
from scorecore_cli.divided_facts import DividedFacts, divide_or_load
from scorecore_cli.labels import name_histories, with_canonical_headings
from scorecore_cli.language import _, current
from scorecore_cli.part_index import PartIndex, describe_run
from scorecore_cli.part_record import PartRecord, describe_record, find_run_of_parts
from scorecore_cli.part_summary import show_part_head, show_part_totals
from scorecore_cli.part_worker import PartWorker
from scorecore_cli.progress import Report, progress
from scorecore_cli.record_file import Recording, take_recorded_history
from scorecore_cli.table_output import refused_by_the_disk
from scorecore_cli.terminal import console, has_errors, show_diagnostics
from scorecore_cli.unused_facts import note_unused_facts

_DIVIDED: Final = "divided"
"""The folder with the facts of parts that are not decided yet."""
_MAX_BROKEN: Final = 3
"""How often in a row workers may be killed without a part being done."""
_UNITS: Final = {"MB": 10**6, "GB": 10**9}
_BASE: Final = 250 * 10**6
"""Bytes of a process before it has any facts."""
_BYTES_PER_ROW: Final = 700
"""Bytes that a row of facts takes at most while its part is decided."""


def parse_memory(text: str) -> int:
    """Bytes, of a text such as 2GB; ends the command where it is none."""
    matched = re.fullmatch(r"([0-9]{1,6})\s*(MB|GB)", text.strip(), re.IGNORECASE)
    if matched is None:
        raise click.UsageError(
            _("{text} is not an amount of memory; write it like {example}", text=text, example="2GB")
        )
    return int(matched[1]) * _UNITS[matched[2].upper()]


@frozen(kw_only=True)
class PartRun:
    """A period that is decided in parts."""

    assessment: Assessment
    """Without the facts, which are in files; of earlier decisions it may have a table."""
    files: Mapping[str, Path]
    out: Path
    jobs: int
    begins: bool
    """Whether nothing was decided before."""
    record: str
    """What the record has in which the decisions will be recorded, as the index says it; empty where there is none."""
    is_trial: bool

    def decide(self, count: int, encoding: str) -> tuple[PartIndex, DividedFacts, tuple[Diagnostic, ...]]:
        """Decide all parts that are not done; gives the index, and what is wrong with the facts."""
        program, period, known_at = self.assessment.program, self.assessment.period, self.assessment.known_at
        options = {"parts": count, "known_at": str(known_at or ""), "no_history": self.begins}
        options |= {"trial": True} if self.is_trial else {}
        with refused_by_the_disk(self.out), progress(_("reading facts")) as report:
            run = describe_run(program, period.label, self.files, options, self.record)
            index = PartIndex.open(self.out, run)
            index.write()
            divided = self._divide(count, encoding)
            remaining = [part for part in range(count) if str(part) not in index.parts]
            if remaining:
                self._decide_remaining(index, divided, remaining, report)
            rmtree(self.out / _DIVIDED / EVERYWHERE, ignore_errors=True)
            people = index.sum("people")
            problems = [problem for part in range(count) for problem in self._read_problems(part)]
        return index, divided, (*divided.diagnostics, *merge_problems(problems, people))

    def _divide(self, count: int, encoding: str) -> DividedFacts:
        program, diagnostics = self.assessment.program, Diagnostics()
        files = PartFiles(
            program,
            self.assessment.period,
            count,
            self.out / _DIVIDED,
            list_expected([program.schema], name_histories()),
            encoding,
            diagnostics,
            lambda past: with_canonical_headings(past, program),
        )
        return divide_or_load(files, self.files, self.assessment.raw)

    def _decide_remaining(self, index: PartIndex, divided: DividedFacts, remaining: list[int], report: Report) -> None:
        try:
            assessment = self.assessment
            job = PartJob(assessment.program, assessment.period, divided.whole, assessment.known_at)
        except PartsRejected as rejected:
            stop(rejected.diagnostics, {})
        worker = PartWorker(job.pack(), self.out / _DIVIDED, self.out, current(), bool(self.record))
        for part, summary in decide_parts(worker, remaining, self.jobs):
            if "rejected" in summary:
                stop(tuple(read_problems(pl.DataFrame(summary["rejected"]))), {})
            index.add(part, summary)
            worker.forget(part)
            report(_("deciding part {number} of {count}", number=len(index.parts), count=index.run["options"]["parts"]))

    def _read_problems(self, part: int) -> Iterator[Diagnostic]:
        return read_problems(pl.read_parquet(self.out / PROBLEMS / f"{part:05}.parquet"))


def decide_parts(worker: PartWorker, remaining: Iterable[int], jobs: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The summary of each part as soon as it is decided: here, or by so many processes at a time."""
    if jobs == 1:
        yield from ((part, worker.decide(part)) for part in remaining)
        return
    undone, broken = set(remaining), 0
    os.environ["POLARS_MAX_THREADS"] = str(max(1, (os.cpu_count() or 1) // jobs))  # the processes start with it
    while undone:
        before = len(undone)
        with suppress(BrokenProcessPool):  # a process was killed: others decide its part
            for part, summary in _decide_in_processes(worker, sorted(undone), jobs):
                undone.discard(part)
                yield part, summary
        broken = 0 if len(undone) < before else broken + 1
        if broken >= _MAX_BROKEN:
            raise click.ClickException(
                _("worker processes were killed, perhaps for want of memory: use more parts, or fewer --jobs")
            )


def _decide_in_processes(
    worker: PartWorker, parts: Sequence[int], jobs: int
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The parts that a pool decides; raises BrokenProcessPool once one of its processes is killed."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(parts)), context) as pool:
        running = {pool.submit(worker.decide, part): part for part in parts}
        for done in as_completed(running):
            yield running[done], done.result()


@frozen
class PartInput:
    """What is decided in parts, and where the parts go."""

    policy: Path
    facts: Path
    period: str
    history: Path | None
    known_at: date | None
    out: Path
    parents: tuple[Path, ...]
    encoding: str
    recording: Recording

    def prepare(self) -> Assessment:
        """What is to be decided, without its facts; ends the command where it cannot be."""
        program, checked = compile_or_stop(self.policy, self.parents)
        period = parse_period(program, self.period)
        require_in_force(program, period)
        return Assessment(
            program,
            checked.used,
            period,
            {},
            Diagnostics(),
            checked.plugins,
            tuple(source.text for source in checked.sources.values()),
            self.known_at,
            checked.participants,
        )


def run_in_parts(
    part_input: PartInput, *, parts: int | None, memory: str | None, jobs: int, begins: bool, fail_on_held: bool
) -> NoReturn:
    """Decide a period in parts, and show the totals; ends the command."""
    limit = None if memory is None else parse_memory(memory)
    assessment, recording = part_input.prepare(), part_input.recording
    files = _find_files(assessment.program, part_input.facts, part_input.history, assessment.diagnostics)
    crossings = tuple(find_crossings(assessment.program, files))
    if crossings:
        stop(crossings, {})
    count = parts or _count_parts(files.values(), limit or 0, jobs)
    with ExitStack() as stack:
        recording.read(stack)
        before = find_run_of_parts(part_input.out, recording.recorded, is_trial=recording.is_trial)
        record = _take_from_record(assessment, recording, before, part_input.history)
        files = {name: path for name, path in files.items() if name not in assessment.raw}
        _settle_history(assessment, recording, files, begins=begins)
        run = PartRun(
            assessment=assessment,
            files=files,
            out=part_input.out,
            jobs=jobs,
            begins=begins,
            record=record,
            is_trial=recording.is_trial,
        )
        index, divided, problems = run.decide(count, part_input.encoding)
        note_unused_facts(assessment.program, {}, divided.whole, part_input.policy.parent, assessment.diagnostics)
        problems = (*assessment.diagnostics, *problems)
        show_part_head(assessment.program, assessment.period, problems)
        _record_and_show(PartRecord(assessment, recording, index), before, files)
    is_refused = any(part["refused"] for part in index.parts.values())
    sys.exit(is_refused or has_errors(problems) or (fail_on_held and bool(index.sum("held"))))


def _take_from_record(assessment: Assessment, recording: Recording, before: Run | None, history: Path | None) -> str:
    """Take earlier decisions from the record, as it was `before` the parts were recorded; gives what it had then."""
    if recording.recorded is None or before is None:
        recording.prepare(assessment, history)
        return describe_record(recording.recorded)
    recorded = recording.recorded.until(before.start)
    take_recorded_history(assessment, recorded, history)
    return describe_record(recorded)


def _settle_history(assessment: Assessment, recording: Recording, files: Mapping[str, Path], *, begins: bool) -> None:
    """Take it that nothing was decided before, if that was said; ends the command where it is needed and was not."""
    if begins and HISTORY in files:
        raise click.UsageError(_("--no-history was given, but there are earlier decisions"))
    if begins:
        start_without_history(assessment)
    elif recording.path is not None:
        require_history(assessment, recording.path, {*files, *assessment.raw})


def _record_and_show(part_record: PartRecord, before: Run | None, files: Mapping[str, Path]) -> None:
    """Record what was decided, if it is to be and was not before; show totals, and what the record has then."""
    recording, program, index = part_record.recording, part_record.assessment.program, part_record.index
    signed: Signed | None = None
    with refused_by_the_disk(index.folder):
        if before is not None and recording.recorded is not None:
            signed = part_record.read_signed(recording.recorded, before)
        elif recording.is_wanted and index.sum("people"):
            with progress(_("recording in {path}", path=recording.path)):
                signed = part_record.record()
        if signed is not None:
            show_diagnostics(part_record.finish(signed, files[program.schema.subject]), {}, console())
    show_part_totals(program, index, signed)
    if recording.path is not None and signed is not None:
        show_recorded(recording.path, signed, part_record.assessment.period)
    elif recording.is_preview:
        console().print(_("a preview: nothing was recorded"))


def _find_files(program: Program, facts: Path, history: Path | None, noted: Diagnostics) -> dict[str, Path]:
    """The files with the tables that a program reads, by name; earlier decisions under the name of the history."""
    if not facts.is_dir():
        raise click.UsageError(_("{path} is not a folder: in parts, each table of the facts is a file", path=facts))
    found = find_table_files(facts, noted)
    schema = program.schema
    names = {schema.subject, *(name for table in schema.events for name in (table.name, table.label))} - {""}
    files = {name: path for name, path in found.items() if name in names}
    for name, path in found.items():
        if name not in names and name not in name_histories():
            noted.add(catalogue.UNUSED_TABLE, Location(str(path), 0, 0), table=name, tables=", ".join(sorted(names)))
    among = next((found[name] for name in name_histories() if name in found), None)
    past = among if history is None else _find_history(history)
    return files | ({HISTORY: past} if past is not None and program.schema.history else {})


def _find_history(history: Path) -> Path:
    """The file, or folder of files, with earlier decisions; of a folder that `run` wrote the decisions."""
    if history.is_file() or list_pieces(history):
        return history
    found = find_table_files(history, Diagnostics())
    name = next((name for name in ("decisions", *name_histories()) if name in found), None)
    if name is None:
        raise click.UsageError(_("{path} has no table of earlier decisions", path=history))
    return found[name]


def _count_parts(files: Iterable[Path], limit: int, jobs: int) -> int:
    """So many parts that all processes together stay below a limit of memory."""
    rows = sum(_count_rows(path) for path in files)
    free = limit - (1 + jobs) * _BASE
    if free <= 0:
        raise click.UsageError(
            _(
                "so many processes take more memory than this: allow at least {memory}",
                memory=f"{(2 + jobs) * _BASE // 10**6}MB",
            )
        )
    return max(1, -(-rows * _BYTES_PER_ROW * jobs // free))


def _count_rows(path: Path) -> int:
    """How many rows a file has; of text about how many."""
    if path.suffix.lower() == ".parquet" or path.is_dir():
        return count_parquet_rows(path)
    return path.stat().st_size // 20
