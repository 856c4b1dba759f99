"""`scorecore correct`: decide a recorded period anew, beside what was decided."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import rich_click as click
from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.program.model import Program
from scorecore.record.corrections.correct import Correction
from scorecore.record.corrections.correct import correct as corrected
from scorecore.record.corrections.payroll import adjustments_table, apart_table
from scorecore.record.runs.manifest import Pins, Run, used_by
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import append
from scorecore.values.period import Period
from scorecore_cli import options
from scorecore_cli.assessment_input import (
    Task,
    compiled,
    period_of,
    read_tables,
    stop,
)
from scorecore_cli.correction_view import (
    adjustments_data,
    changes_data,
    show_changes,
    show_paid,
)
from scorecore_cli.language import several, t
from scorecore_cli.progress import progress
from scorecore_cli.record_file import (
    changed_texts,
    documents,
    engine,
    key_file,
    ledger,
    now,
    reading,
    refused,
    take_history,
    writing,
)
from scorecore_cli.table_output import write_tables
from scorecore_cli.terminal import console, show_diagnostics, show_json
from scorecore_cli.workspace import Workspace


@click.command(cls=options.Command)
@ledger
@options.facts
@options.period
@options.known_at
@options.option("--reason", required=True, help="Why, for everyone to read; name nobody.")
@options.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A corrected policy file; else the period is decided by the policy as it was recorded.",
)
@options.option("--id", "policy_id", help="The id of the policy, where the record has several for the period.")
@options.option(
    "--withdraw", "withdrawn", multiple=True, help="A person about whom nothing should have been decided; repeatable."
)
@options.option(
    "--apart", is_flag=True, help="The difference is paid by itself; no later run pays it as an adjustment."
)
@options.option("--preview", is_flag=True, help="Show what would change; record nothing.")
@options.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write what is to be paid, line by line, and with --apart by person: a folder, or a workbook ending in .xlsx.",
)
@key_file
@options.parents
@options.encoding
@options.as_json
@options.lang
def correct(  # noqa: PLR0913, PLR0917  what the command line names
    ledger: Path,
    facts: Path,
    period: str,
    known_at: date | None,
    reason: str,
    policy: Path | None,
    policy_id: str | None,
    withdrawn: tuple[str, ...],
    out: Path | None,
    key: Path | None,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    apart: bool,
    preview: bool,
    as_json: bool,
) -> None:
    """Decide a recorded period anew with facts as they are known now; what was recorded stays beside it.

    Later periods that read this one are decided anew in their order. The next run pays the difference.
    """
    if not reason.strip():
        raise click.UsageError(t("--reason is empty"))
    with reading(ledger) if preview else writing(ledger, key) as log, progress() as step:
        recorded = refused(Recorded.read, log)
        step(t("reading facts"))
        anew = _anew(recorded, policy, policy_id, period, parents)
        diagnostics, raw = anew.task.diagnostics, anew.task.raw
        for diagnostic in changed_texts(recorded, anew.task) if anew.run is None else ():
            diagnostics.take(diagnostic)
        raw.update(read_tables(anew.program, facts, None, diagnostics, encoding, anew.task.plugins))
        take_history(anew.task, recorded, None)
        step(t("deciding {period}", period=anew.period))
        made = PeriodRunner(anew.program, anew.task.used, known_at=known_at).decide(anew.period, raw, diagnostics)
        if made is None:
            stop(tuple(diagnostics), {})
        pinned = {"reason": reason, "withdrawn": withdrawn, "apart": apart, "about": {"known_at": known_at}}
        found: Correction = refused(corrected, recorded, made, anew.pins(recorded), **pinned)
        if found.drafts and not preview:
            step(t("recording in {path}", path=ledger))
            refused(append, log, found.drafts, now=now(), after=recorded.size)
        size = log.size
        if out is not None:
            step(t("writing {path}", path=out))
            paid = {"adjustments": adjustments_table(made.program, found.pays)}
            paid |= {"payroll": apart_table(made.program, found.pays)} if apart else {}
            write_tables(paid, made.program, out)
    if as_json:
        show_json(_data(found, size))
    else:
        show_diagnostics(diagnostics, {}, console())
        _show(found, made, ledger, size, preview=preview)
    sys.exit(any(one.held() for one in found.changes) or any(not one.kind.warning for one in diagnostics))


@frozen
class _Anew:
    """What a period is decided anew with."""

    task: Task
    run: Run | None
    """Whose policy it is; None for a policy file."""

    @property
    def program(self) -> Program:
        return self.task.program

    @property
    def period(self) -> Period:
        return self.task.period

    def pins(self, recorded: Recorded) -> Pins:
        if self.run is not None:
            return Pins.again(recorded.log, self.run, engine())
        return Pins.of(self.program, self.period, documents(self.task), self.task.used, engine())


def _anew(
    recorded: Recorded, policy: Path | None, policy_id: str | None, period: str, parents: tuple[Path, ...]
) -> _Anew:
    """By the policy file, or by the policy as it was recorded last for the period."""
    if policy is not None:
        program, checked = compiled(policy, parents)
        texts = tuple(one.text for one in checked.sources.values())
        task = Task(program, checked.used, period_of(program, period), {}, Diagnostics(), checked.plugins, texts)
        return _Anew(task, None)
    several_runs = {one.id: one for one in recorded.runs if one.period == period and policy_id in {None, one.id}}
    if not several_runs:
        raise click.UsageError(t("the record has no run of {period}", period=period))
    if len(several_runs) > 1:
        known = ", ".join(sorted(several_runs))
        raise click.UsageError(
            t("the record has several policies for {period}; name one with --id: {known}", period=period, known=known)
        )
    (run,) = several_runs.values()
    program = refused(recorded.program, run)
    workspace = Workspace.open(parents)
    used = refused(used_by, recorded.log, run)
    return _Anew(Task(program, used, period_of(program, period), {}, Diagnostics(), workspace.scorers), run)


def _show(found: Correction, made: Decisions, ledger: Path, size: int, *, preview: bool) -> None:
    screen = console()
    if not found.drafts:
        screen.print(t("nothing changes; nothing was recorded"))
        return
    show_changes(found.changes)
    first, *later = found.drafts
    if later:
        labels = several(one.period for one in later)
        screen.print(t("decided anew, for they read {period}: {labels}", period=first.period, labels=labels))
    for run in found.dependents:
        screen.print(
            t("{policy} of {period} uses these decisions; correct it as well", policy=run.policy, period=run.period)
        )
    for run in found.by_other_programs:
        screen.print(
            t(
                "{period} stays decided by the policy of run {number}; correct it as well",
                period=run.period,
                number=run.number,
            )
        )
    apart = first.about.get("apart")
    heading = t("paid apart; no later run pays it") if apart else t("the next run pays of earlier periods")
    show_paid(found.pays, made.program, heading, {one.subject for one in found.pays})
    if preview:
        screen.print(t("a preview: nothing was recorded"))
    else:
        screen.print(t("recorded in {path}, which has {count} entries now", path=ledger, count=size))


def _data(found: Correction, size: int) -> dict[str, Any]:
    return {
        "runs": [{"number": one.number, "period": one.period, **one.about} for one in found.drafts],
        "changes": changes_data(found.changes),
        "pays": adjustments_data(found.pays),
        "dependents": [{"number": one.number, "policy": one.policy, "period": one.period} for one in found.dependents],
        "entries": size,
    }
