"""`scorecore record resume`: after a loss, continue from an older copy of a record."""

from pathlib import Path

import rich_click as click

from scorecore.diagnostics.diagnostic import RecordRejected
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.log import Log
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import RESUMPTION
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.operator_key import as_option
from scorecore_cli.output_path import KEY_SUFFIX
from scorecore_cli.record_file import key_option, now, open_record_to_write, record_argument, stop_if_rejected
from scorecore_cli.signing_key import LastSigned
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@record_argument
@options.option("--reason", required=True, help="The reason, which everyone can read; do not name anyone.")
@as_option
@key_option
@options.lang
def resume(record_path: Path, reason: str, operator: Path | None, key: Path | None) -> None:
    """Continue from a backup when the newest file is lost; what is missing is visible in the record for ever."""
    if not reason.strip():
        raise click.UsageError(_("--reason is empty"))
    last = LastSigned.of(key or record_path.with_name(record_path.name + KEY_SUFFIX))
    with open_record_to_write(record_path, key, operator=operator, is_resumed=True) as log:
        if not _is_behind(log, last):
            raise click.UsageError(_("nothing is missing: the record has all that its key has signed"))
        stop_if_rejected(Recorded.read, log)
        signed = last.checkpoint()
        fields = {"reason": reason, "signed": signed.size, "root": signed.root}
        stop_if_rejected(log.append, [NewLogEntry(RESUMPTION, fields)], now=now(), after=log.size)
        size = log.size
    params = {"first": size - 1, "last": signed.size - 1}
    console().print(
        _("resumed; what was signed as entries {first} to {last} is lost, and the record says so", **params)
    )


def _is_behind(log: Log, last: LastSigned) -> bool:
    """Whether a record has not what its key signed last."""
    try:
        last.check(log)
    except RecordRejected:
        return True
    return False
