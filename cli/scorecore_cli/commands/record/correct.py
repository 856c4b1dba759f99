"""`scorecore record correct`: decide a recorded period again, beside what was decided."""

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import rich_click as click
from attrs import evolve, frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.plugins.provenance import replace_readers
from scorecore.record.corrections.correct import Correction
from scorecore.record.corrections.correct import correct as correct_period
from scorecore.record.corrections.payroll import adjustments_table, apart_table
from scorecore.record.log.log import Log
from scorecore.record.runs.manifest import Pins, Run, used_by
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import append
from scorecore_cli import options
from scorecore_cli.assessment_input import (
    Assessment,
    compile_or_stop,
    find_readers,
    parse_period,
    read_tables,
    start_without_history,
    stop,
)
from scorecore_cli.correction_view import correction_data, show_correction
from scorecore_cli.decisions_view import show_notes
from scorecore_cli.language import _
from scorecore_cli.month_review import review_facts
from scorecore_cli.operator_key import as_option
from scorecore_cli.output_path import OutputPath
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.payroll_view import PAYROLL
from scorecore_cli.progress import Report, progress
from scorecore_cli.record_file import (
    anchor_option,
    engine_name,
    find_changed_texts,
    find_replaced,
    key_option,
    now,
    open_record,
    open_record_to_write,
    policy_documents,
    record_argument,
    stop_if_rejected,
    take_recorded_history,
)
from scorecore_cli.table_output import Output
from scorecore_cli.terminal import diagnostic_data, show_json
from scorecore_cli.workspace import Workspace


@click.command(cls=options.Command)
@record_argument
@options.facts
@options.period
@options.history
@options.no_history
@options.known_at
@options.option("--reason", required=True, help="The reason, which everyone can read; do not name anyone.")
@options.option(
    "--policy",
    type=PathParameter(exists=True, dir_okay=False),
    help="A corrected policy file; by default, the recorded policy decides.",
)
@options.option("--id", "policy_id", help="The id of the policy, if the record has more than one for the period.")
@options.option(
    "--withdraw", "withdrawn", multiple=True, help="A person who should not have been assessed; repeatable."
)
@options.option("--apart", is_flag=True, help="Pay the difference separately; no later run pays it as an adjustment.")
@options.option("--preview", is_flag=True, help="Show what would change; record nothing.")
@options.option(
    "--out",
    type=OutputPath(is_folder=True),
    help="Write what is to be paid, line by line, and with --apart by person: a folder, or a workbook ending in .xlsx.",
)
@options.option("--replace", is_flag=True, help="Take the place of the run that is waiting for approval.")
@options.force
@as_option
@key_option
@anchor_option
@options.fail_on_held
@options.parents
@options.encoding
@options.as_json
@options.lang
def correct(  # noqa: PLR0913, PLR0917  what the command line names
    record_path: Path,
    facts: Path,
    period: str,
    history: Path | None,
    known_at: date | None,
    reason: str,
    policy: Path | None,
    policy_id: str | None,
    withdrawn: tuple[str, ...],
    out: Path | None,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
    parents: tuple[Path, ...],
    encoding: str,
    **switches: bool,
) -> None:
    """Decide a recorded period again with the facts as known now; the recorded decisions are kept.

    Later periods that read this one are decided again as well, in order. The next run pays the difference.
    """
    request = _CorrectionRequest(facts, history, reason, withdrawn, known_at, encoding, switches)
    is_preview = switches["preview"]
    output = Output.of(out, force=switches["force"], names=("adjustments", PAYROLL))
    with _open(record_path, key, anchor, operator, preview=is_preview) as log:
        with progress() as report:
            recorded = stop_if_rejected(Recorded.read, log)
            basis = _find_basis(recorded, policy, policy_id, period, facts, parents)
            decisions = _decide_again(recorded, basis, request, report)
            correction = _compare(recorded, basis, decisions, request)
            if correction.drafts and not is_preview:
                _record(recorded, correction, report)
            if output is not None:
                report(_("writing {path}", path=output.path))
                output.write_tables(_build_tables(recorded, correction, decisions, request), decisions.program)
        shown = _Shown(None if is_preview else record_path, log.size, recorded.kind_of_new_runs)
        is_refused = _show(basis.assessment, correction, decisions, shown, as_json=switches["as_json"])
    is_held = any(change.held() for change in correction.changes)
    sys.exit(is_refused or (switches["fail_on_held"] and is_held))


@frozen
class _Shown:
    """The record after a correction."""

    path: Path | None
    """None if nothing was recorded."""
    size: int
    state: str
    """Whether the correction is in force, or a proposal."""


def _show(
    assessment: Assessment, correction: Correction, decisions: Decisions, shown: _Shown, *, as_json: bool
) -> bool:
    """Show a correction, and what is wrong or odd in it; gives whether a fact was refused."""
    runner = PeriodRunner(assessment.program, assessment.used, known_at=assessment.known_at)
    review = review_facts(runner, assessment, decisions)
    if as_json:
        show_json(correction_data(correction, shown.size) | {"problems": list(map(diagnostic_data, review.notes))})
    else:
        show_notes([*assessment.diagnostics, *review.notes])
        show_correction(correction, decisions.program, shown.path, shown.size, shown.state)
    return review.is_refused


def _open(path: Path, key: Path | None, anchor: Path | None, operator: Path | None, *, preview: bool) -> Log:
    return open_record(path, anchor) if preview else open_record_to_write(path, key, anchor, operator)


def _record(recorded: Recorded, correction: Correction, report: Report) -> None:
    """Append the runs of a correction; ends the command where the record has changed since it was read."""
    report(_("recording in {path}", path=recorded.log.path))
    stop_if_rejected(append, recorded.log, correction.drafts, now=now(), after=recorded.size)


@frozen
class _CorrectionRequest:
    """What is corrected, and why."""

    facts: Path
    history: Path | None
    reason: str
    withdrawn: tuple[str, ...]
    known_at: date | None
    encoding: str
    switches: Mapping[str, bool]
    """Of the command line: `apart`, and `no_history` where nothing was decided before the period."""

    def __attrs_post_init__(self) -> None:
        if not self.reason.strip():
            raise click.UsageError(_("--reason is empty"))


@frozen
class _Basis:
    """The policy by which a period is decided again."""

    assessment: Assessment
    run: Run | None
    """The run that recorded the policy; None for a policy file."""

    def pins(self, recorded: Recorded) -> Pins:
        assessment = self.assessment
        if self.run is not None:
            plugins = replace_readers(self.run.plugins, assessment.plugin_versions)
            return Pins.again(recorded.log, self.run, engine_name(), plugins)
        documents = policy_documents(assessment)
        plugins = assessment.plugin_versions
        return Pins.of(assessment.program, assessment.period, documents, assessment.used, engine_name(), plugins)


def _find_basis(
    recorded: Recorded, policy: Path | None, policy_id: str | None, period: str, facts: Path, parents: tuple[Path, ...]
) -> _Basis:
    """The policy file, or the policy as it was recorded last for the period."""
    if policy is not None:
        program, checked = compile_or_stop(policy, parents)
        texts = tuple(source.text for source in checked.sources.values())
        label = parse_period(program, period)
        participants = checked.participants | find_readers(checked.plugins, facts)
        assessment = Assessment(program, checked.used, label, {}, Diagnostics(), checked.plugins, texts)
        return _Basis(evolve(assessment, participants=participants), None)
    run = _find_run(recorded, policy_id, period)
    program = stop_if_rejected(recorded.program, run)
    plugins = Workspace.open(parents).scorers
    used = stop_if_rejected(used_by, recorded.log, run)
    assessment = Assessment(program, used, parse_period(program, period), {}, Diagnostics(), plugins)
    return _Basis(evolve(assessment, participants=find_readers(plugins, facts)), run)


def _find_run(recorded: Recorded, policy_id: str | None, period: str) -> Run:
    """The last run of the only policy that decided a period; a mistake of usage where there is not exactly one."""
    last_runs = {run.id: run for run in recorded.runs if run.period == period and policy_id in {None, run.id}}
    if not last_runs:
        raise click.UsageError(_("the record has no run of {period}", period=period))
    if len(last_runs) > 1:
        names = ", ".join(sorted(last_runs))
        message = _(
            "the record has more than one policy for {period}; name one with --id: {known}", period=period, known=names
        )
        raise click.UsageError(message)
    (run,) = last_runs.values()
    return run


def _decide_again(recorded: Recorded, basis: _Basis, request: _CorrectionRequest, report: Report) -> Decisions:
    """The decisions of the period by the facts of the request; ends the command if nobody can be decided."""
    assessment = basis.assessment
    report(_("reading facts"))
    if basis.run is None:
        for diagnostic in find_changed_texts(recorded, assessment):
            assessment.diagnostics.take(diagnostic)
    program, diagnostics = assessment.program, assessment.diagnostics
    plugins, used = assessment.plugins, assessment.used.values()
    period = assessment.period
    tables = read_tables(program, request.facts, request.history, diagnostics, request.encoding, plugins, used, period)
    assessment.raw.update(tables)
    take_recorded_history(assessment, recorded, request.history)
    if request.switches["no_history"]:
        start_without_history(assessment)
    report(_("deciding {period}", period=assessment.period))
    runner = PeriodRunner(program, assessment.used, known_at=request.known_at)
    decisions = runner.decide(assessment.period, assessment.raw, diagnostics)
    if decisions is None:
        stop(tuple(diagnostics), {})
    return decisions


def _compare(recorded: Recorded, basis: _Basis, decisions: Decisions, request: _CorrectionRequest) -> Correction:
    return stop_if_rejected(
        correct_period,
        recorded,
        decisions,
        basis.pins(recorded),
        reason=request.reason,
        withdrawn=request.withdrawn,
        apart=request.switches["apart"],
        replaces=find_replaced(recorded, decisions.program.id) if request.switches["replace"] else None,
        about={"known_at": request.known_at},
    )


def _build_tables(
    recorded: Recorded, correction: Correction, decisions: Decisions, request: _CorrectionRequest
) -> dict[str, pl.DataFrame]:
    """What is paid later, and with --apart at once, unless the correction must be approved first."""
    is_payable = request.switches["apart"] and recorded.people.is_single
    frames = {"adjustments": adjustments_table(decisions.program, correction.pays)}
    return frames | ({PAYROLL: apart_table(decisions.program, correction.pays)} if is_payable else {})
