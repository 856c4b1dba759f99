"""`scorecore record object` and `record answer`: somebody objects to a decision, and what becomes of it."""

from hashlib import file_digest
from pathlib import Path

import rich_click as click

from scorecore.record.people.contest import answer as answer_objection
from scorecore.record.people.contest import find_deadlines, list_contestable, object_to
from scorecore.record.people.objections import ACCEPTED, REFUSED, RecordedObjection
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.objection_view import list_contestable_rows
from scorecore_cli.operator_key import as_option
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.record_file import (
    anchor_option,
    key_option,
    now,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.recorded_versions import explain_absence
from scorecore_cli.terminal import console, table


@click.command("object", cls=options.Command)
@record_argument
@options.option("--person", "subject", required=True, help="The id of the person who objects.")
@options.period
@options.option("--id", "policy_id", help="The id of the policy, if more than one decided the period.")
@options.option("--entry", "number", type=click.IntRange(min=1), help="The number of what is contested, as listed.")
@options.option("--whole", is_flag=True, help="The whole decision is contested.")
@options.option("--reason", default="", help="The reason; it is kept where it can be erased.")
@options.option(
    "--evidence",
    "documents",
    type=PathParameter(exists=True, dir_okay=False),
    multiple=True,
    help="A document that was handed in: its SHA-256 is recorded; repeatable.",
)
@as_option
@key_option
@anchor_option
@options.lang
def object_(  # noqa: PLR0913, PLR0917  what the command line names
    record_path: Path,
    subject: str,
    period: str,
    policy_id: str | None,
    number: int | None,
    reason: str,
    documents: tuple[Path, ...],
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
    *,
    whole: bool,
) -> None:
    """Record somebody's objection to a decision. Without --entry or --whole, list what can be contested."""
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        standing = _find_standing(recorded, period, subject, policy_id)
        if number is None and not whole:
            _list(recorded, standing)
            return
        if not reason.strip():
            raise click.UsageError(_("--reason is empty"))
        assert standing.payload is not None  # noqa: S101  `_find_standing` gives none that was erased
        contestable = list_contestable(standing.payload)
        if number is not None and (whole or number > len(contestable)):
            raise click.UsageError(
                _("--entry is a number up to {last}, and goes without --whole", last=len(contestable))
            )
        contested = None if number is None else contestable[number - 1]
        digests = [_digest(path) for path in documents]
        signed = stop_if_rejected(
            object_to, recorded, standing, reason, now=now(), contested=contested, evidence=digests
        )
        entry = max(stop_if_rejected(Recorded.read, log).people.objections)
        last_day = find_deadlines(recorded, standing.run, now()).answering
    console().print(_("the objection is entry {entry} of {size}", entry=entry, size=signed.size))
    if last_day is not None:
        console().print(_("it is to be answered by {day}", day=last_day))


def _digest(document: Path) -> str:
    """The SHA-256 of a document, however large it is."""
    with document.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@click.command(cls=options.Command)
@record_argument
@options.option("--objection", "entry", type=click.IntRange(min=1), required=True, help="The entry of the objection.")
@options.option("--refuse", is_flag=True, help="The decision remains as it is.")
@options.option("--correction", type=click.IntRange(min=1), help="Accept it: the number of the run that corrects it.")
@options.option("--reason", required=True, help="The reason; it is kept where it can be erased.")
@as_option
@key_option
@anchor_option
@options.lang
def answer(  # noqa: PLR0913, PLR0917  what the command line names
    record_path: Path,
    entry: int,
    correction: int | None,
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
    *,
    refuse: bool,
) -> None:
    """Answer an objection: refuse it, or accept it with the correction that followed from it."""
    if refuse == (correction is not None):
        raise click.UsageError(_("say what the answer is: --refuse, or --correction with the number of a run"))
    if not reason.strip():
        raise click.UsageError(_("--reason is empty"))
    verdict = REFUSED if refuse else ACCEPTED
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        objection = _find_objection(recorded, entry)
        try:
            stop_if_rejected(answer_objection, recorded, objection, verdict, reason, now=now(), correction=correction)
        except ValueError:
            raise click.UsageError(_("the person was erased: nothing can be answered")) from None
    console().print(_("refused") if refuse else _("accepted, with run {number}", number=correction))


def _find_objection(recorded: Recorded, entry: int) -> RecordedObjection:
    objection = recorded.people.objections.get(entry)
    if objection is None:
        known = ", ".join(map(str, recorded.people.objections)) or "—"
        raise click.UsageError(_("entry {entry} is not an objection; these are: {known}", entry=entry, known=known))
    return objection


def _find_standing(recorded: Recorded, period: str, subject: str, policy_id: str | None) -> Standing:
    """What is in force for somebody; ends the command where nothing is, or by more than one policy."""
    standing_by_policy: dict[str, Standing] = {}
    for policy in dict.fromkeys(run.id for run in recorded.runs if run.period == period):
        if policy_id in {None, policy}:
            standings = stop_if_rejected(recorded.standing, policy, period, subject)
            standing_by_policy |= dict.fromkeys([policy], *standings.values()) if standings else {}
    if len(standing_by_policy) > 1:
        known = ", ".join(sorted(standing_by_policy))
        raise click.UsageError(_("name the policy with --id: {known}", known=known))
    standing = next(iter(standing_by_policy.values()), None)
    if standing is None:
        raise click.UsageError(explain_absence(recorded, period, subject))
    if standing.payload is None:
        raise click.UsageError(_("the decision about {id} was erased from the record", id=subject))
    return standing


def _list(recorded: Recorded, standing: Standing) -> None:
    """Show what can be contested, by the numbers that --entry takes."""
    assert standing.payload is not None  # noqa: S101  `_find_standing` gives none that was erased
    program = stop_if_rejected(recorded.program, standing.run)
    shown = table(_("number"), _("contested"), _("points or amount"), right=(0, 2))
    for row in list_contestable_rows(program, standing.payload, list_contestable(standing.payload)):
        shown.add_row(*row)
    console().print(shown)
    console().print(_("name one with --entry, or the whole decision with --whole"))
