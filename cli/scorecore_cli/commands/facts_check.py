"""`scorecore facts check`: what is wrong with facts, without deciding."""

import sys
from datetime import date
from pathlib import Path

import rich_click as click

from scorecore.evaluate.runner import PeriodRunner
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.assessment_input import begin, prepare
from scorecore_cli.labels import labelled
from scorecore_cli.language import t
from scorecore_cli.record_file import reading, refused, take_history
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
)


@click.command(cls=options.Command)
@options.policy
@options.facts
@options.period
@options.history
@options.no_history
@options.option(
    "--record",
    "ledger",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The record that has what was decided before.",
)
@options.known_at
@options.option("--rows", type=click.IntRange(min=0), default=200, help="How many problems are shown at most.")
@options.parents
@options.encoding
@options.as_json
@options.lang
def check(  # noqa: PLR0913, PLR0917  what the command line names
    policy: Path,
    facts: Path,
    period: str,
    history: Path | None,
    ledger: Path | None,
    known_at: date | None,
    rows: int,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    no_history: bool,
    as_json: bool,
) -> None:
    """Find everything that is wrong with facts, by sheet and cell or by file and line, without deciding."""
    task = prepare(policy, facts, period, history, parents, encoding)
    if ledger is not None:
        with reading(ledger) as log:
            take_history(task, refused(Recorded.read, log), history)
    if no_history:
        begin(task)
    known = PeriodRunner(task.program, task.used, known_at=known_at).inspect(task.period, task.raw, task.diagnostics)
    diagnostics = list(map(labelled(task.program), task.diagnostics))
    errors = sum(not one.kind.warning for one in diagnostics)
    people = 0 if known is None else len(known)
    if as_json:
        show_json({"people": people, "problems": list(map(diagnostic_data, diagnostics))})
        sys.exit(bool(errors))
    screen = console()
    show_diagnostics(diagnostics[:rows], {}, screen)
    if len(diagnostics) > rows:
        screen.print(t("… and {count} more; --rows shows more", count=len(diagnostics) - rows))
    counts = {"people": people, "period": task.period, "errors": errors, "notes": len(diagnostics) - errors}
    screen.print(t("people in {period}: {people}; problems: {errors}; notes: {notes}", **counts))
    sys.exit(bool(errors))
