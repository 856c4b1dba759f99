"""`scorecore record prove`: evidence of one person's decision, for somebody who does not trust us."""

from pathlib import Path

import rich_click as click

from scorecore.record.runs.recorded import Recorded
from scorecore.services.proofs import archive_proof
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.output_path import OutputPath
from scorecore_cli.record_file import anchor_option, open_record, record_argument, stop_if_rejected
from scorecore_cli.table_output import try_file, write_file
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@record_argument
@options.option(
    "--person", "subject", required=True, help="The id of the person, or of whatever else the policy assesses."
)
@options.period
@options.option("--out", type=OutputPath(), required=True, help="The zip file to write.")
@anchor_option
@options.force
@options.lang
def prove(record_path: Path, subject: str, period: str, out: Path, anchor: Path | None, *, force: bool) -> None:
    """Write the evidence of one decision, its explanation, and two programs that check it with Python alone."""
    try_file(out, (".zip",), force=force)
    with open_record(record_path, anchor) as log:
        content = stop_if_rejected(archive_proof, stop_if_rejected(Recorded.read, log), subject, period)
    if content is None:
        raise click.UsageError(_("the record has no decision about {id} in {period}", id=subject, period=period))
    write_file(out, content)
    console().print(_("written to {path}", path=out))
    console().print(_("to check it: unpack it, and run in its folder: {command}", command="python verify.py ."))
