"""`scorecore record retention`: for how long people are kept, and who is due to be erased."""

from datetime import date
from pathlib import Path
from typing import Any

import rich_click as click
import tomli

from scorecore.record.people import acts
from scorecore.record.people.retention import Retention
from scorecore.record.retained import RetainedPerson, find_retained, read_id
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.bounded_file import read_bounded
from scorecore_cli.language import _, join_sentences, ngettext
from scorecore_cli.operator_key import as_option
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.record_file import (
    anchor_option,
    key_option,
    now,
    open_record,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.record_notices import describe_retention
from scorecore_cli.terminal import console, show_json, table


@click.command(cls=options.Command)
@record_argument
@options.option("--as-of", "day", type=options.DATE, metavar="DATE", help="Who is due on this day; default: today.")
@options.option(
    "--set",
    "retention_path",
    type=PathParameter(exists=True, dir_okay=False),
    help="A TOML file with the table [retention], which has years or months.",
)
@options.option("--reason", default="", help="The reason, which everyone can read.")
@options.as_json
@as_option
@key_option
@anchor_option
@options.lang
def retention(  # noqa: PLR0913, PLR0917  what the command line names
    record_path: Path,
    day: date | None,
    retention_path: Path | None,
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show who is due to be erased, and since when; with --set an administrator says how long people's data is kept."""
    if retention_path is not None:
        declared = _read(retention_path)
        with open_record_to_write(record_path, key, anchor, operator) as log:
            recorded = stop_if_rejected(Recorded.read, log)
            stop_if_rejected(acts.set_retention, recorded, declared, now=now(), reason=reason)
    with open_record(record_path, anchor) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        retained = stop_if_rejected(find_retained, recorded)
        day = day or now().date()
        due = [(stop_if_rejected(read_id, recorded, person), person) for person in retained if person.is_due(day)]
    if as_json:
        show_json(_data(recorded.people.retention, day, due, len(retained)))
    else:
        _show(recorded.people.retention, day, due, retained)


def _read(path: Path) -> Any:  # noqa: ANN401  plain data
    """The table of a file; ends the command where it is not TOML, or has something else."""
    try:
        data = tomli.loads(read_bounded(path).decode())
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(_("{path} is not TOML: {error}", path=path, error=error)) from None
    if data.keys() != {"retention"}:
        raise click.UsageError(_("{path} must have the table [retention], and nothing else", path=path))
    return data["retention"]


def _data(
    declared: Retention | None, day: date, due: list[tuple[str, RetainedPerson]], retained: int
) -> dict[str, Any]:
    people = [
        {
            "subject": id_,
            "policy": person.run.id,
            "period": person.run.period,
            "ended": person.ended.isoformat(),
            "due": str(person.due),
        }
        for id_, person in due
    ]
    return {
        "retention": None if declared is None else declared.fields,
        "as_of": day.isoformat(),
        "due": people,
        "kept": retained - len(due),
    }


def _show(
    declared: Retention | None, day: date, due: list[tuple[str, RetainedPerson]], retained: list[RetainedPerson]
) -> None:
    if declared is None:
        console().print(_("the record declares no retention, so nobody is due; declare it with --set"))
        return
    console().print(describe_retention(declared))
    if due:
        shown = table(_("person"), _("policy"), _("last period"), _("ended on"), _("due since"))
        for id_, person in due:
            shown.add_row(id_, person.run.id, person.run.period, str(person.ended), str(person.due))
        console().print(shown)
    count = len(due)
    people = ngettext("{count} person is due on {day}", "{count} people are due on {day}", count, day=day)
    later = [str(person.due) for person in retained if not person.is_due(day)]
    following = [_("the next on {day}", day=later[0])] if later else []
    console().print(join_sentences([people, *following]))
