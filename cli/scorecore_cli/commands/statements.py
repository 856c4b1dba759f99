"""`scorecore statements`: what each person reads about their own pay, of a whole run."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import rich_click as click
from attrs import evolve

from scorecore.io.own_files import is_own_file, try_to_write
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.assessment_input import Assessment, prepare_assessment, start_without_history
from scorecore_cli.labels import labelling
from scorecore_cli.language import _, ngettext
from scorecore_cli.output_path import OutputPath
from scorecore_cli.progress import progress
from scorecore_cli.record_file import anchor_option, open_record, stop_if_rejected
from scorecore_cli.statements.objection_words import Objection
from scorecore_cli.statements.statement import PayStatement
from scorecore_cli.statements.statement_files import PAGE, PDF, StatementSheet, list_files
from scorecore_cli.statements.statement_input import StatementInput, read_assessed, read_recorded
from scorecore_cli.table_output import check_own, refused_by_the_disk
from scorecore_cli.terminal import console, show_diagnostics
from scorecore_cli.usage import unknown_name


@click.command(cls=options.Command)
@options.argument("policy", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@options.option("--facts", type=click.Path(exists=True, path_type=Path), help=options.FACTS_HELP)
@options.mapping
@options.option(
    "--record",
    "record_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Write what this record has, instead of a policy and facts.",
)
@options.option("--id", "policy_id", help="The id of the policy, if the record has more than one in this period.")
@anchor_option
@options.period
@options.history
@options.no_history
@options.known_at
@options.option(
    "--out",
    type=OutputPath(is_any=True),
    required=True,
    help="The output: a file ending in .pdf or .html for all statements, or with --each a folder.",
)
@options.option("--each", type=click.Choice(["pdf", "html"]), help="Write a file for each person, in this format.")
@options.option("--person", "subjects", multiple=True, help="Only the statement of this id; repeatable.")
@options.option("--object-to", default="", help="Who receives objections; by default whom the policy names.")
@options.option(
    "--object-by",
    type=options.DATE,
    metavar="DATE",
    help="The last day for objections; by default what follows from the policy.",
)
@options.option(
    "--font",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A font file for a PDF; by default a font of this computer.",
)
@options.force
@options.parents
@options.encoding
@options.lang
def statements(  # noqa: PLR0913, PLR0917  what the command line names
    policy: Path | None,
    facts: Path | None,
    record_path: Path | None,
    policy_id: str | None,
    anchor: Path | None,
    period: str,
    history: Path | None,
    known_at: date | None,
    out: Path,
    each: str | None,
    subjects: tuple[str, ...],
    object_to: str,
    object_by: date | None,
    font: Path | None,
    parents: tuple[Path, ...],
    encoding: str,
    **switches: bool,
) -> None:
    """Write everybody's statement: pay, how it came about, and how it compares with the period before."""
    _check_out(out, each, force=switches["force"])
    if record_path is not None and not (policy is None and facts is None and history is None):
        raise click.UsageError(_("either --record, or a policy and --facts"))
    with progress(_("reading facts")) as report:
        if record_path is not None:
            source = _read_record(record_path, anchor, period, policy_id, known_at)
        elif policy is None or facts is None:
            raise click.UsageError(_("a policy and --facts are needed, or --record"))
        else:
            assessment = prepare_assessment(policy, facts, period, history, parents, encoding)
            source = _assess(evolve(assessment, known_at=known_at), begins=switches["no_history"])
        report(_("writing {path}", path=out))
        written = _write_statements(source, subjects, Objection(object_to, object_by))
        _check_own(list_files(written, out, f".{each}") if each else [], force=switches["force"])
        _write(written, StatementSheet(_sheet_title(source), source.period.end, font), out, each)
    count = len(written)
    console().print(
        ngettext("{count} statement written to {path}", "{count} statements written to {path}", count, path=out)
    )


def _read_record(
    path: Path, anchor: Path | None, period: str, policy_id: str | None, known_at: date | None
) -> StatementInput:
    with open_record(path, anchor) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        recorded = recorded.by(known_at) if known_at else recorded
        return read_recorded(recorded, _find_policy(recorded, period, policy_id), period)


def _assess(assessment: Assessment, *, begins: bool) -> StatementInput:
    """What the facts give; what is wrong with them is said, and is in the statements of whom it concerns."""
    if begins:
        start_without_history(assessment)
    source = read_assessed(assessment)
    show_diagnostics(map(labelling(assessment.program), assessment.diagnostics), {}, console(error=True))
    return source


def _check_out(out: Path, each: str | None, *, force: bool) -> None:
    """End the command where it is not clear what is to be written, or it cannot be."""
    if each is None and out.suffix.lower() not in {PDF, PAGE}:
        raise click.UsageError(
            _("{path} ends in neither .pdf nor .html; --each writes a file for each person", path=out)
        )
    if each is not None and out.is_file():
        raise click.UsageError(_("{path} is a file; --each writes into a folder", path=out))
    with refused_by_the_disk(out):
        try_to_write(out if each is None else out / "statement")
    if each is None:
        _check_own([out], force=force)


def _check_own(paths: Sequence[Path], *, force: bool) -> None:
    """End the command where a statement would overwrite another's work."""
    for path in paths:
        with refused_by_the_disk(path):
            check_own(path, is_own_file, force=force)


def _find_policy(recorded: Recorded, period: str, policy_id: str | None) -> str:
    """The id of the policy that decided the period; ends the command where that is none, or more than one."""
    policy_ids = sorted({run.id for run in recorded.runs if run.period == period})
    if not policy_ids:
        raise click.UsageError(_("the record has no run of {period}", period=period))
    if policy_id is not None and policy_id not in policy_ids:
        known = ", ".join(policy_ids)
        message = _(
            "policy {name} has not decided {period}; there are {known}", name=policy_id, period=period, known=known
        )
        raise unknown_name(message, policy_id, policy_ids)
    if policy_id is None and len(policy_ids) > 1:
        raise click.UsageError(_("name the policy with --id: {known}", known=", ".join(policy_ids)))
    return policy_id or policy_ids[0]


def _write_statements(source: StatementInput, subjects: tuple[str, ...], objection: Objection) -> list[PayStatement]:
    """The statements that were asked for; ends the command where somebody is not there."""
    ids = [subject.facts.subject for subject in source.subjects]
    missing = next((subject for subject in subjects if subject not in ids), None)
    if missing is not None:
        message = _("there is no {id} in {period}", id=missing, period=source.period)
        raise unknown_name(message, missing, ids)
    writer = source.make_writer(objection)
    return [writer.write(explanation) for explanation in source.explanations(subjects)]


def _sheet_title(source: StatementInput) -> str:
    return f"{source.subjects[0].program.title}  {source.period}" if source.subjects else str(source.period)


def _write(written: list[PayStatement], sheet: StatementSheet, out: Path, each: str | None) -> None:
    """Write the files; ends the command where the disk refuses."""
    with refused_by_the_disk(out):
        if each is None:
            sheet.write(written, out)
        else:
            sheet.write_each(written, out, f".{each}")
