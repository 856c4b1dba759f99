"""`scorecore run`: decide a period for everyone."""

import sys
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import rich_click as click
from attrs import evolve

from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.record.log.log import Log
from scorecore.record.record_run import Signed, record_run
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.assessment_input import Assessment, prepare_assessment, require_history, start_without_history, stop
from scorecore_cli.correction_view import recorded_message
from scorecore_cli.decisions_view import build_tables, decisions_data, show_decisions, show_recorded
from scorecore_cli.language import _
from scorecore_cli.progress import Report, progress
from scorecore_cli.record_file import (
    anchor_option,
    engine_name,
    find_changed_texts,
    key_option,
    now,
    open_record_to_write,
    policy_documents,
    stop_if_rejected,
    take_recorded_history,
)
from scorecore_cli.table_output import write_tables
from scorecore_cli.terminal import console, has_errors, show_json


@click.command(cls=options.Command)
@options.policy
@options.facts
@options.period
@options.history
@options.no_history
@options.known_at
@options.out
@options.file_format
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
    type=click.Path(dir_okay=False, path_type=Path),
    help="Record the decisions in this file; what was decided before, and what is still to be paid, is read from it.",
)
@options.option("--reason", default="", help="Why a period is recorded after a gap, or after a later one.")
@key_option
@anchor_option
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
    out: Path | None,
    file_format: str,
    rows: int,
    evaluator: str,
    record_path: Path | None,
    reason: str,
    key: Path | None,
    anchor: Path | None,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    no_history: bool,
    as_json: bool,
) -> None:
    """Decide a period for everyone: points, grade and pay, and what is held and why."""
    with progress(_("reading facts")) as report, ExitStack() as stack:
        assessment = evolve(prepare_assessment(policy, facts, period, history, parents, encoding), known_at=known_at)
        log = recorded = None
        if record_path is not None:
            log = stack.enter_context(open_record_to_write(record_path, key, anchor))
            recorded = _read_record(log, assessment, history, begins=no_history)
        decisions = _decide(assessment, evaluator, report, begins=no_history)
        signed = None
        if log is not None and recorded is not None:
            report(_("recording in {path}", path=record_path))
            signed = _record(log, recorded, decisions, assessment, reason)
        if out is not None:
            report(_("writing {path}", path=out))
            _write(decisions, signed, out, file_format, record_path)
    if as_json:
        show_json(decisions_data(decisions, assessment, signed))
    else:
        _show(decisions, assessment, rows, out, signed, record_path)
    sys.exit(bool(decisions.held) or has_errors(assessment.diagnostics))


def _write(decisions: Decisions, signed: Signed | None, out: Path, file_format: str, record_path: Path | None) -> None:
    """Write the tables; where that fails, say that the run is in the record all the same."""
    try:
        write_tables(build_tables(decisions, signed), decisions.program, out, file_format)
    except click.ClickException:
        if record_path is not None and signed is not None:
            console(error=True).print(recorded_message(record_path, signed.size))
        raise


def _read_record(log: Log, assessment: Assessment, history: Path | None, *, begins: bool) -> Recorded:
    """The runs that a record has; the assessment gets its history, and its policies are compared with the record's."""
    recorded = stop_if_rejected(Recorded.read, log)
    take_recorded_history(assessment, recorded, history)
    for diagnostic in find_changed_texts(recorded, assessment):
        assessment.diagnostics.take(diagnostic)
    if not begins:
        require_history(assessment)
    return recorded


def _decide(assessment: Assessment, evaluator: str, report: Report, *, begins: bool) -> Decisions:
    """The decisions of the period, the first of a history if it `begins`; ends the command if nobody can be decided."""
    if begins:
        start_without_history(assessment)
    runner = PeriodRunner(
        assessment.program,
        assessment.used,
        evaluator,
        lambda period: report(_("deciding {period}", period=period)),
        known_at=assessment.known_at,
    )
    decisions = runner.decide(assessment.period, assessment.raw, assessment.diagnostics)
    if decisions is None:
        stop(tuple(assessment.diagnostics), {})
    return decisions


def _record(log: Log, recorded: Recorded | None, decisions: Decisions, assessment: Assessment, reason: str) -> Signed:
    """Append the run to the record; ends the command if the record refuses it."""
    return stop_if_rejected(
        record_run,
        log,
        decisions,
        policy_documents(assessment),
        now=now(),
        engine=engine_name(),
        used=assessment.used,
        reason=reason,
        plugins=assessment.plugin_versions,
        about={"known_at": assessment.known_at},
        recorded=recorded,
    )


def _show(
    decisions: Decisions,
    assessment: Assessment,
    rows: int,
    out: Path | None,
    signed: Signed | None,
    record_path: Path | None,
) -> None:
    show_decisions(decisions, assessment, rows, signed)
    if out is not None:
        console().print(_("written to {path}", path=out))
    if record_path is not None and signed is not None:
        show_recorded(record_path, signed, decisions.facts.period)
