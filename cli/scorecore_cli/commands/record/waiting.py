"""`scorecore record waiting`: what waits for somebody: runs, policies and objections."""

from pathlib import Path

import rich_click as click

from scorecore.record.people.acts import list_waiting
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.objection_view import ShownObjection, show_objections
from scorecore_cli.proposal_view import adoptions_data, show_adoptions, show_waiting, waiting_data
from scorecore_cli.record_file import anchor_option, now, open_record, record_argument, stop_if_rejected
from scorecore_cli.terminal import console, show_json


@click.command(cls=options.Command)
@record_argument
@anchor_option
@options.as_json
@options.lang
def waiting(record_path: Path, anchor: Path | None, *, as_json: bool) -> None:
    """Show what is waiting: runs and policies to be approved, and objections to be answered."""
    with open_record(record_path, anchor) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        people = recorded.people
        proposals = list_waiting(recorded)
        adoptions = [adoption for adoption in people.adoptions.values() if not adoption.is_in_force]
        objections = [objection for objection in people.objections.values() if objection.answer is None]
        if as_json:
            shown = [stop_if_rejected(ShownObjection.of, recorded, each, now()).data() for each in objections]
            data = {"waiting": waiting_data(proposals), "adoptions": adoptions_data(adoptions), "objections": shown}
            show_json(data)
            return
        show_waiting(proposals)
        show_adoptions(adoptions)
        stop_if_rejected(show_objections, recorded, objections, now())
    if not proposals and not adoptions and not objections:
        console().print(_("nothing is waiting"))
