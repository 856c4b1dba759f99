"""`scorecore facts check`: what is wrong with facts, without deciding."""

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import rich_click as click

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.runner import PeriodRunner
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.assessment_input import prepare_assessment, start_without_history
from scorecore_cli.labels import labelling
from scorecore_cli.language import _
from scorecore_cli.mapping_file import write_mapping
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.record_file import open_record, stop_if_rejected, take_recorded_history
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
    "record_path",
    type=PathParameter(exists=True, dir_okay=False),
    help="The record that has what was decided before.",
)
@options.known_at
@options.option("--rows", type=click.IntRange(min=0), default=200, help="Show at most this many problems.")
@options.parents
@options.encoding
@options.as_json
@options.lang
def check(  # noqa: PLR0913, PLR0917  what the command line names
    policy: Path,
    facts: Path,
    period: str,
    history: Path | None,
    record_path: Path | None,
    known_at: date | None,
    rows: int,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    no_history: bool,
    as_json: bool,
) -> None:
    """Find everything that is wrong with facts, by sheet and cell or by file and line, without deciding.

    If the file of --mapping does not exist, it is written, with a proposal of what sheets, headings and units mean.
    """
    proposal = options.forget_missing_mapping()
    assessment = prepare_assessment(policy, facts, period, history, parents, encoding)
    if record_path is not None:
        with open_record(record_path) as log:
            take_recorded_history(assessment, stop_if_rejected(Recorded.read, log), history)
    if no_history:
        start_without_history(assessment)
    facts_of_period = PeriodRunner(assessment.program, assessment.used, known_at=known_at).inspect(
        assessment.period, assessment.raw, assessment.diagnostics
    )
    diagnostics = list(map(labelling(assessment.program), assessment.diagnostics))
    errors = sum(not diagnostic.kind.warning for diagnostic in diagnostics)
    people = 0 if facts_of_period is None else len(facts_of_period)
    written = write_mapping(proposal, assessment) if proposal else ""
    if as_json:
        show_json({"people": people, "problems": list(map(diagnostic_data, diagnostics))})
        sys.exit(bool(errors))
    _show(diagnostics, rows, {"people": people, "period": assessment.period, "errors": errors})
    if written:
        console().print(written)
    sys.exit(bool(errors))


def _show(diagnostics: Sequence[Diagnostic], rows: int, counts: Mapping[str, object]) -> None:
    """Show the first problems, and how many there are."""
    screen = console()
    show_diagnostics(diagnostics[:rows], {}, screen)
    if len(diagnostics) > rows:
        screen.print(_("… and {count} more; --rows shows more", count=len(diagnostics) - rows))
    counts = {**counts, "notes": sum(diagnostic.kind.warning for diagnostic in diagnostics)}
    screen.print(_("people in {period}: {people}; problems: {errors}; notes: {notes}", **counts))
