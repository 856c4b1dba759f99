"""`scorecore record replay`: decide again what was recorded, and compare."""

import sys
from pathlib import Path

import rich_click as click
from attrs import asdict, evolve

from scorecore.record.replay import ReplayedRun, replay_adjustments
from scorecore.record.replay import replay as replay_run
from scorecore.record.runs.manifest import Run
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.progress import Report, progress
from scorecore_cli.record_file import (
    anchor_option,
    describe_absence,
    engine_name,
    open_record,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.terminal import console, show_json, table


@click.command(cls=options.Command)
@record_argument
@options.option("--period", help="Only this period.")
@options.option("--person", "subject", help="Only this person, or whatever else the policy assesses.")
@options.option(
    "--with",
    "evaluator",
    type=click.Choice(["auto", "rows", "columns"]),
    default="rows",
    help="Decide one by one, as the language is specified, or all at once; auto: all at once if there are many.",
)
@anchor_option
@options.as_json
@options.lang
def replay(
    record_path: Path,
    *,
    period: str | None,
    subject: str | None,
    evaluator: str,
    anchor: Path | None,
    as_json: bool,
) -> None:
    """Decide again what the record has, from the record alone, and compare. No policy file and no plugin is read."""
    with open_record(record_path, anchor) as log, progress() as report:
        recorded = stop_if_rejected(Recorded.read, log)
        replays = [
            _replay(recorded, run, subject, evaluator, report)
            for run in recorded.all_runs
            if period in {None, run.period}
        ]
    if subject is not None and not any(map(_has_decided, replays)):
        raise click.UsageError(describe_absence(recorded.log, subject))
    if period is not None and not replays:
        raise click.UsageError(_("the record has no run of {period}", period=period))
    if as_json:
        show_json({"engine": engine_name(), "runs": [_data(replayed) for replayed in replays]})
    else:
        _show(replays)
    sys.exit(any(replayed.differences for replayed in replays))


def _replay(recorded: Recorded, run: Run, subject: str | None, evaluator: str, report: Report) -> ReplayedRun:
    """A run decided again, with what it paid of earlier periods."""
    report(_("replaying {period}", period=run.period))
    replayed = stop_if_rejected(replay_run, recorded.log, run, subject, evaluator)
    paid = stop_if_rejected(lambda: tuple(replay_adjustments(recorded, run, subject)))
    return evolve(replayed, differences=replayed.differences + paid)


def _has_decided(replayed: ReplayedRun) -> bool:
    return bool(replayed.same or replayed.erased or replayed.differences)


def _show(replays: list[ReplayedRun]) -> None:
    screen = console()
    headings = (_("run"), _("period"), _("policy"), _("decided by"))
    shown = table(*headings, _("the same"), _("differing"), _("erased"), right=(0, 4, 5, 6))
    for replayed in replays:
        differing = len({difference.entry for difference in replayed.differences})
        cells = (
            replayed.run.number,
            replayed.run.period,
            replayed.run.policy,
            replayed.run.manifest["engine"],
            replayed.same,
            differing,
            replayed.erased,
        )
        shown.add_row(*map(str, cells))
    screen.print(shown)
    screen.print(_("replayed by {engine}, without plugins", engine=engine_name()))
    for replayed in replays:
        for difference in replayed.differences:
            screen.print(
                _(
                    "entry {entry}, {subject}, {what}: recorded {recorded}, replayed {replayed}",
                    entry=difference.entry,
                    subject=difference.subject,
                    what=difference.what,
                    recorded=difference.recorded,
                    replayed=difference.replayed,
                )
            )


def _data(replayed: ReplayedRun) -> dict[str, object]:
    return {
        "number": replayed.run.number,
        "period": replayed.run.period,
        "engine": replayed.run.manifest["engine"],
        "plugins": dict(replayed.run.plugins),
        "same": replayed.same,
        "erased": replayed.erased,
        "differences": [asdict(difference) for difference in replayed.differences],
    }
