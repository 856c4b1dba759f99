"""What is said of a key that somebody else has had: since when, and what it has signed since."""

from pathlib import Path
from typing import Final

import rich_click as click

from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.bounded_file import read_bounded_text
from scorecore_cli.language import _
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.record_file import open_record, stop_if_rejected
from scorecore_cli.terminal import console

stolen_option: Final = options.option(
    "--stolen-since",
    type=PathParameter(exists=True, dir_okay=False),
    help="If the key was stolen: the last checkpoint signed before that. What the key has signed since must "
    "be confirmed.",
)


def read_stolen_size(log: Log, path: Path | None) -> int | None:
    """How many entries there were when nobody else had the key yet; ends the command where a file is no checkpoint."""
    if path is None:
        return None
    text = read_bounded_text(path)
    stop_if_rejected(log.check_anchor, text)
    return Checkpoint.parse(text)[0].size


def show_doubtful(record_path: Path, stolen: int | None) -> None:
    """What is to be confirmed after a theft."""
    if stolen is None:
        return
    with open_record(record_path) as log:
        thefts = stop_if_rejected(Recorded.read, log).people.thefts
    if not thefts or not thefts[-1].is_open:
        console().print(_("nothing was signed with the stolen key alone since"))
        return
    theft = thefts[-1]
    spans = ", ".join(f"{first}-{last}" for first, last in theft.signed)
    command = f"scorecore record key confirm {click.format_filename(record_path)} --theft {theft.entry} --reason …"
    params = {"entries": spans, "command": command}
    message = _("look at the entries {entries}, and return or correct what is not yours; then: {command}", **params)
    console().print(message)
