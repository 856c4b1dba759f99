"""`scorecore record prove`: evidence of one person's decision, for somebody who does not trust us."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import rich_click as click

from scorecore.io.own_files import AUTHOR
from scorecore.record.decided_again import explain_proof
from scorecore.record.log.entries import LogEntry
from scorecore.record.log.proof import proof_bundle
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import (
    ADJUSTMENT,
    DECISION,
    WITHDRAWAL,
    read_erasures,
)
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.output_path import OutputPath
from scorecore_cli.record_file import anchor_option, open_record, record_argument, stop_if_rejected
from scorecore_cli.table_output import try_file, write_file
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@record_argument
@options.option("--person", "subject", required=True, help="The id of the person, or of whatever the policy assesses.")
@options.period
@options.option("--out", type=OutputPath(), required=True, help="The zip file to write.")
@anchor_option
@options.force
@options.lang
def prove(record_path: Path, subject: str, period: str, out: Path, anchor: Path | None, *, force: bool) -> None:
    """Write the evidence of one decision, its explanation, and two programs that need only Python to check them."""
    try_file(out, (".zip",), force=force)
    with open_record(record_path, anchor) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        runs = [run for run in recorded.runs if run.period == period]
        entries = stop_if_rejected(lambda: [entry for run in runs for entry in recorded.about(run, subject)])
        indexes = [entry.index for entry in entries if entry.kind in {DECISION, WITHDRAWAL, ADJUSTMENT}]
        if not indexes:
            raise click.UsageError(_("the record has no decision about {id} in {period}", id=subject, period=period))
        opens = [run.start for run in runs]
        anchors = stop_if_rejected(_find_anchors, recorded)
        files = stop_if_rejected(proof_bundle, log, [*opens, *indexes], anchors, after=_find_first(entries))
    files |= explain_proof(files)
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.comment = AUTHOR.encode()
        for name, data in sorted(files.items()):
            archive.writestr(ZipInfo(name), data, ZIP_DEFLATED)
    write_file(out, content.getvalue())
    console().print(_("written to {path}", path=out))
    console().print(_("to check it: unpack it, and run in its folder: {command}", command="python verify.py ."))


def _find_anchors(recorded: Recorded) -> list[int]:
    """How many entries the record had after each step: of these a reader may hold a checkpoint."""
    erasures = read_erasures(recorded.log)
    return [1, *(run.stop for run in recorded.runs), *(entry.index + 1 for entry in erasures)]


def _find_first(entries: Sequence[LogEntry]) -> int | None:
    """The first decision about the subject: what follows it in the record may take its place."""
    return min((entry.index for entry in entries if entry.kind in {DECISION, WITHDRAWAL}), default=None)
