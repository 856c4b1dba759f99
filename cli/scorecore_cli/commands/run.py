"""`scorecore run`: decide a period for everyone."""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import rich_click as click
from attrs import evolve, frozen

from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.result_tables import TABLES
from scorecore.evaluate.runner import PeriodRunner
from scorecore.io.databases import DatabaseAddress, DatabaseUrl
from scorecore.io.result_writers import build_result_tables
from scorecore.io.writers import WORKBOOK
from scorecore.record.record_run import Signed
from scorecore_cli import options
from scorecore_cli.assessment_input import Assessment, prepare_assessment, require_history, start_without_history, stop
from scorecore_cli.branch_report import build_report
from scorecore_cli.branch_workbook import add_report
from scorecore_cli.decisions_view import (
    RECORDED_TABLES,
    build_tables,
    decisions_data,
    show_head,
    show_ranking,
    show_recorded,
    with_names,
)
from scorecore_cli.earlier_periods import EarlierPeriod, list_earlier_periods
from scorecore_cli.labels import labeller
from scorecore_cli.language import _
from scorecore_cli.month_review import MonthReview, find_odd_payments, review_month
from scorecore_cli.operator_key import as_option
from scorecore_cli.output_path import OutputPath
from scorecore_cli.part_run import PartInput, run_in_parts
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.progress import Report, progress
from scorecore_cli.record_file import Recording, anchor_option, key_option
from scorecore_cli.report_page import write_report_page
from scorecore_cli.table_output import PAGE_ENDINGS, Output, try_file, write_to_database
from scorecore_cli.terminal import console, show_diagnostics, show_json


@click.command(cls=options.Command)
@options.policy
@options.facts
@options.period
@options.history
@options.no_history
@options.known_at
@options.out_or_database
@options.file_format
@options.force
@options.option("--html", type=OutputPath(), help="Write a page with plots and everybody's results.")
@options.option("--rows", type=click.IntRange(min=0), default=60, help="Show at most this many people in the summary.")
@options.option(
    "--with",
    "evaluator",
    type=click.Choice(["auto", "rows", "columns"]),
    default="auto",
    help="Decide one by one, or all at once; the results are the same.",
)
@options.option(
    "--record",
    "record_path",
    type=PathParameter(dir_okay=False),
    help="Record the decisions in this file; what was decided before, and what is still to be paid, is read from it.",
)
@options.option("--preview", is_flag=True, help="Show what would be recorded; record nothing.")
@options.option(
    "--reason",
    default="",
    help="Why, where the record asks for a reason: after a gap or a later period, or for a changed program of "
    "the same version.",
)
@options.option(
    "--trial", is_flag=True, help="Record a trial run: no later run builds on it, and nothing is paid by it."
)
@options.option("--replace", is_flag=True, help="Take the place of the run that is waiting for approval.")
@as_option
@key_option
@anchor_option
@options.option(
    "--parts",
    type=click.IntRange(min=1),
    help="Decide in this many parts, with only some of the facts in memory; --out gets a Parquet file for each part.",
)
@options.option(
    "--memory",
    metavar="AMOUNT",
    help="Decide in as many parts as this amount of memory needs for all processes, such as 2GB.",
)
@options.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many processes decide parts at the same time.",
)
@options.fail_on_held
@options.parents
@options.encoding
@options.as_json
@options.lang
def run(  # noqa: PLR0913, PLR0917  what the command line names
    policy: Path,
    facts: Path,
    period: str,
    history: Path | None,
    known_at: date | None,
    out: Path | DatabaseUrl | None,
    file_format: str,
    html: Path | None,
    rows: int,
    evaluator: str,
    record_path: Path | None,
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
    parents: tuple[Path, ...],
    encoding: str,
    **switches: Any,  # noqa: ANN401  flags, and the options of parts
) -> None:
    """Decide a period for everyone: points, grade and pay, and what is held and why."""
    recording = Recording.of(record_path, key, anchor, reason, operator, switches)
    if switches["parts"] or switches["memory"]:
        out = _require_parts(out, html, is_json=switches["as_json"])
        _decide_parts(PartInput(policy, facts, period, history, known_at, out, parents, encoding, recording), switches)
    names = (*TABLES, *(RECORDED_TABLES if record_path else ()))
    try_file(html, PAGE_ENDINGS, force=switches["force"])
    output = Output.of(out, file_format, force=switches["force"], names=names, may_be_database=True)
    files = _RunFiles(output, html)
    with ExitStack() as stack:
        with progress(_("reading facts")) as report:
            assessment = evolve(
                prepare_assessment(policy, facts, period, history, parents, encoding), known_at=known_at
            )
            recording.open(stack, assessment, history)
            runner = _prepare_runner(assessment, evaluator, recording, report, begins=switches["no_history"])
            decisions = _decide(runner, assessment)
            review = review_month(runner, assessment, decisions, recording.recorded)
        _finish(assessment, decisions, review, recording, files, rows, as_json=switches["as_json"])
    sys.exit(review.is_refused or (switches["fail_on_held"] and bool(decisions.held)))


def _require_parts(out: Path | DatabaseUrl | None, html: Path | None, *, is_json: bool) -> Path:
    """The folder for the parts; ends the command where it is told to do what is not done in parts."""
    unfit = {"--html": html, "--json": is_json, "--mapping": options.find_mapping()}
    named = next((name for name, given in unfit.items() if given), None)
    if named is not None:
        raise click.UsageError(_("{option} is not possible with --parts or --memory", option=named))
    if not isinstance(out, Path) or out.suffix.lower() == WORKBOOK:
        raise click.UsageError(_("--parts and --memory need a folder for the tables: --out FOLDER"))
    return out


def _decide_parts(part_input: PartInput, switches: Mapping[str, Any]) -> NoReturn:
    """Decide in parts, as the options say; ends the command."""
    run_in_parts(
        part_input,
        parts=switches["parts"],
        memory=switches["memory"],
        jobs=switches["jobs"],
        begins=switches["no_history"],
        fail_on_held=switches["fail_on_held"],
    )


@frozen
class _RunFiles:
    """What a run writes beside the screen and the record: tables, and a page."""

    output: Output | None
    html: Path | None

    @property
    def paths(self) -> list[DatabaseAddress]:
        tables = self.output.path if self.output else None
        return [path for path in (tables, self.html) if path is not None]

    @property
    def has_report(self) -> bool:
        """Whether anything is written for the head of a branch."""
        return self.html is not None or (self.output is not None and self.output.is_workbook)

    def check_sizes(self, decisions: Decisions) -> None:
        """End the command where a sheet would lose rows."""
        if self.output is not None and self.output.is_workbook:
            self.output.check_sizes(build_tables(decisions, None), labeller(decisions.program))

    def write(
        self,
        decisions: Decisions,
        signed: Signed | None,
        earlier: Sequence[EarlierPeriod],
        waiting: Collection[str],
    ) -> None:
        """Write the files; ends the command where the disk refuses."""
        report = build_report(decisions, earlier, signed, waiting) if self.has_report else None
        if self.output is not None and self.output.is_database:
            frames = build_tables(decisions, signed)
            program, period = decisions.program, decisions.facts.period
            write_to_database(self.output.path, build_result_tables(program, period, frames))
        elif self.output is not None:
            frames, add_front = build_tables(decisions, signed), None
            if report is not None and self.output.is_workbook:
                frames, add_front = with_names(frames, decisions), partial(add_report, report=report)
            self.output.write_tables(frames, decisions.program, add_front)
        if self.html is not None and report is not None:
            write_report_page(report, self.html)


def _prepare_runner(
    assessment: Assessment, evaluator: str, recording: Recording, report: Report, *, begins: bool
) -> PeriodRunner:
    """What decides the period, the first of a history if it `begins`; ends the command where nobody says so."""
    if begins:
        start_without_history(assessment)
    runner = PeriodRunner(
        assessment.program,
        assessment.used,
        evaluator,
        lambda period: report(_("deciding {period}", period=period)),
        known_at=assessment.known_at,
    )
    if recording.path is not None and not begins:
        require_history(assessment, recording.path)
    return runner


def _decide(runner: PeriodRunner, assessment: Assessment) -> Decisions:
    """The decisions of the period; ends the command if nobody can be decided."""
    decisions = runner.decide(assessment.period, assessment.raw, assessment.diagnostics)
    if decisions is None:
        stop(tuple(assessment.diagnostics), {})
    return decisions


def _finish(
    assessment: Assessment,
    decisions: Decisions,
    review: MonthReview,
    recording: Recording,
    files: _RunFiles,
    rows: int,
    *,
    as_json: bool,
) -> None:
    """Show what is to be known before anything is recorded; then record, write, and show the results."""
    if not as_json:
        show_head(decisions, assessment, review)
    with progress() as report:
        files.check_sizes(decisions)
        earlier = list_earlier_periods(assessment, recording.recorded) if files.has_report else []
        signed = None
        if recording.is_wanted:
            report(_("recording in {path}", path=recording.path))
            signed = recording.record(decisions, assessment)
        for path in files.paths:
            report(_("writing {path}", path=path))
        with _recorded_all_the_same(recording, signed):
            files.write(decisions, signed, earlier, review.waiting)
    odd_payments = find_odd_payments(decisions, signed)
    if as_json:
        show_json(decisions_data(decisions, assessment, signed, review, odd_payments))
        return
    show_diagnostics(odd_payments, {}, console())
    show_ranking(decisions, rows, signed, review.waiting)
    for path in files.paths:
        console().print(_("written to {path}", path=path))
    if recording.path is not None and signed is not None:
        show_recorded(recording.path, signed, decisions.facts.period)
    elif recording.path is not None:
        console().print(_("a preview: nothing was recorded"))


@contextmanager
def _recorded_all_the_same(recording: Recording, signed: Signed | None) -> Iterator[None]:
    """Where the disk or the database refuses the tables, say that what was recorded can be written later."""
    try:
        yield
    except (click.ClickException, SystemExit) as refused:
        if signed is None or recording.path is None:
            raise
        console(error=True).print(_show_how_to_write(recording.path, signed))
        raise refused from None


def _show_how_to_write(path: Path, signed: Signed) -> str:
    command = f"scorecore record log {path} --run {signed.run} --out FOLDER"
    return _("recorded in {path}; this writes the tables of the run: {command}", path=path, command=command)
