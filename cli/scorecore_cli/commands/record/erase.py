"""`scorecore record erase`: destroy what a record has of people; the record still verifies."""

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import rich_click as click

from scorecore.record.log.log import Log
from scorecore.record.losses import Loss, find_losses
from scorecore.record.retained import RetainedPerson, find_retained, read_id
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import _, join_sentences, ngettext
from scorecore_cli.loss_view import describe_loss
from scorecore_cli.operator_key import as_option
from scorecore_cli.record_file import (
    anchor_option,
    describe_absence,
    key_option,
    now,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@record_argument
@options.option("--person", "subject", help="The id of the person, or of whatever else the policy assesses.")
@options.option(
    "--until",
    "day",
    type=options.DATE,
    metavar="DATE",
    help="Erase everybody whose retention is over and whose last period ended on or before this day.",
)
@options.option("--reason", required=True, help="The reason, which everyone can read; do not name anyone.")
@options.option(
    "--anyway",
    is_flag=True,
    help="Erase even while something is still owed, carried over or waiting, or the retention is not over.",
)
@as_option
@key_option
@anchor_option
@options.lang
def erase(  # noqa: PLR0913, PLR0917  what the command line names
    record_path: Path,
    subject: str | None,
    day: date | None,
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
    *,
    anyway: bool,
) -> None:
    """Destroy the keys and the payloads of people, and say so in the record. This cannot be taken back."""
    if not reason.strip():
        raise click.UsageError(_("--reason is empty"))
    if (subject is None) == (day is None):
        raise click.UsageError(_("say either who is erased, with --person, or until when, with --until"))
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        if day is not None:
            _erase_until(recorded, day, reason, anyway=anyway)
        elif subject is not None:
            _erase_person(log, recorded, subject, reason, anyway=anyway)


def _erase_person(log: Log, recorded: Recorded, subject: str, reason: str, *, anyway: bool) -> None:
    losses = stop_if_rejected(find_losses, recorded, {log.pseudonym(subject)})
    if losses and not anyway:
        for loss in (loss for listed in losses.values() for loss in listed):
            console().print(describe_loss(loss))
        console().print(_("nothing was erased: this would be lost; --anyway erases it regardless"))
        sys.exit(1)
    try:
        stop_if_rejected(log.erase, subject, now=now(), reason=reason, after=recorded.size)
    except LookupError:
        raise click.UsageError(describe_absence(log, subject)) from None
    console().print(_("erased; the record still verifies, and a replay says that it was erased"))


def _erase_until(recorded: Recorded, day: date, reason: str, *, anyway: bool) -> None:
    """Erase everybody together whose last period ended by a day, and name those who are kept, and why."""
    if recorded.people.retention is None and not anyway:
        console().print(_("nothing was erased: the record declares no retention, so nobody is due"))
        console().print(_("declare it with scorecore record retention --set, or erase regardless with --anyway"))
        sys.exit(1)
    ended = [person for person in stop_if_rejected(find_retained, recorded) if person.ended <= day]
    if not ended:
        console().print(_("nothing was erased: nobody's last period ended by {day}", day=day))
        return
    losses = stop_if_rejected(find_losses, recorded, {person.pseudonym for person in ended})
    why_kept = {} if anyway else _explain_kept(ended, losses)
    ids = {person.pseudonym: stop_if_rejected(read_id, recorded, person) for person in ended}
    erased = [id_ for name, id_ in ids.items() if name not in why_kept]
    if erased:
        stop_if_rejected(recorded.log.erase, *erased, now=now(), reason=reason, after=recorded.size)
    for name, reasons in why_kept.items():
        console().print(_("{id} was not erased: {why}", id=ids[name], why=join_sentences(reasons)))
    count = len(erased)
    totals = [ngettext("{count} person was erased", "{count} people were erased", count)]
    if why_kept:
        kept = len(why_kept)
        totals.append(ngettext("{count} person was not erased", "{count} people were not erased", kept))
    console().print(join_sentences(totals))
    if erased:
        console().print(_("the record still verifies, and a replay says that they were erased"))
    if why_kept:
        console().print(_("--anyway erases them regardless"))
        sys.exit(1)


def _explain_kept(ended: list[RetainedPerson], losses: Mapping[str, list[Loss]]) -> dict[str, list[str]]:
    """By pseudonym why somebody is not erased."""
    today = now().date()
    why_kept: dict[str, list[str]] = {}
    for person in ended:
        reasons = [] if person.is_due(today) else [_("not due before {day}", day=person.due)]
        reasons += map(describe_loss, losses.get(person.pseudonym, ()))
        if reasons:
            why_kept[person.pseudonym] = reasons
    return why_kept
