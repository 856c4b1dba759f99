"""`scorecore replay`: decide again what was recorded, and compare."""

import sys
from pathlib import Path

import rich_click as click
from attrs import asdict, evolve

from scorecore.record.replay import ReplayedRun, replay_adjustments
from scorecore.record.replay import replay as again
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import t
from scorecore_cli.progress import progress
from scorecore_cli.record_file import ledger, reading, refused
from scorecore_cli.terminal import console, show_json, table


@click.command(cls=options.Command)
@ledger
@options.option("--period", help="Only this period.")
@options.option("--person", "subject", help="Only this person, or whatever the policy is about.")
@options.option(
    "--with",
    "evaluator",
    type=click.Choice(["auto", "rows", "columns"]),
    default="rows",
    help="Decide one by one, as the language is specified, or all at once, whoever decided first; auto: many at once.",
)
@options.as_json
@options.lang
def replay(ledger: Path, period: str | None, subject: str | None, evaluator: str, *, as_json: bool) -> None:
    """Decide again what a record has, from the record alone, and compare: no policy file and no plugin is read."""
    found: list[ReplayedRun] = []
    with reading(ledger) as log, progress() as step:
        recorded = refused(Recorded.read, log)
        for run in recorded.runs:
            if period in {None, run.period}:
                step(t("replaying {period}", period=run.period))
                one = refused(again, log, run, subject, evaluator)
                paid = refused(lambda run=run: tuple(replay_adjustments(recorded, run, subject)))
                found.append(evolve(one, differences=one.differences + paid))
    if subject is not None and not any(one.same + one.erased + len(one.differences) for one in found):
        raise click.UsageError(t("the record has no decision about {id}", id=subject))
    if period is not None and not found:
        raise click.UsageError(t("the record has no run of {period}", period=period))
    if as_json:
        show_json({"runs": [_data(one) for one in found]})
    else:
        _show(found)
    sys.exit(any(one.differences for one in found))


def _show(found: list[ReplayedRun]) -> None:
    screen = console()
    shown = table(t("run"), t("period"), t("policy"), t("the same"), t("differing"), t("erased"), right=(0, 3, 4, 5))
    for one in found:
        differing = len({each.entry for each in one.differences})
        cells = (one.run.number, one.run.period, one.run.policy, one.same, differing, one.erased)
        shown.add_row(*map(str, cells))
    screen.print(shown)
    for one in found:
        for each in one.differences:
            screen.print(
                t(
                    "entry {entry}, {subject}, {what}: recorded {recorded}, replayed {replayed}",
                    entry=each.entry,
                    subject=each.subject,
                    what=each.what,
                    recorded=each.recorded,
                    replayed=each.replayed,
                )
            )


def _data(of: ReplayedRun) -> dict[str, object]:
    return {
        "number": of.run.number,
        "period": of.run.period,
        "same": of.same,
        "erased": of.erased,
        "differences": [asdict(one) for one in of.differences],
    }
