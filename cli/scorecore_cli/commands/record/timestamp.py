"""`scorecore record timestamp`: an authority outside says when a record had its entries."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.bounded_file import read_bounded
from scorecore_cli.language import _, ngettext
from scorecore_cli.operator_key import as_option
from scorecore_cli.output_path import OutputPath
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
from scorecore_cli.table_output import try_new_file, write_file
from scorecore_cli.terminal import console, format_instant

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from scorecore.record.log.timestamps import Timestamp

tsa_option: Final = options.option(
    "--tsa",
    "tsa_paths",
    type=PathParameter(exists=True, dir_okay=False),
    multiple=True,
    help="A root certificate of time-stamp authorities; repeatable.",
)

_LARGEST: Final = 1024 * 1024
"""How many bytes a reply or a bundle of certificates may have."""


@click.group(cls=options.CommandGroup)
@options.lang
def timestamp() -> None:
    """Have the last checkpoint stamped by a time-stamp authority (RFC 3161); request and reply are files."""


timestamp.modules = {
    "query": "scorecore_cli.commands.record.timestamp:query",
    "add": "scorecore_cli.commands.record.timestamp:add",
}


@click.command("query", cls=options.Command)
@record_argument
@options.option("--out", type=OutputPath(), required=True, help="The file to write.")
@anchor_option
@options.force
@options.lang
def query(record_path: Path, out: Path, anchor: Path | None, *, force: bool) -> None:
    """Write the request to the authority, as `openssl ts -query` does."""
    check_installed()
    try_new_file(out, force=force)
    from scorecore.record.log.timestamps import write_query  # noqa: PLC0415  an extra

    with open_record(record_path, anchor) as log:
        write_file(out, stop_if_rejected(write_query, log))
    console().print(_("written to {path}: send it to the authority", path=out))


@click.command("add", cls=options.Command)
@record_argument
@options.argument("reply_path", metavar="REPLY", type=PathParameter(exists=True, dir_okay=False))
@tsa_option
@as_option
@key_option
@anchor_option
@options.lang
def add(
    record_path: Path,
    reply_path: Path,
    tsa_paths: tuple[Path, ...],
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Keep the reply of an authority in the record, if it is valid under a certificate that you name."""
    certificates = read_tsa(tsa_paths)
    if not certificates:
        raise click.UsageError(_("name the certificate of the authority: --tsa"))
    from scorecore.record.log.timestamps import read_reply  # noqa: PLC0415  an extra

    reply = read_bounded(reply_path, _LARGEST)
    with open_record_to_write(record_path, key, anchor, operator) as log:
        stop_if_rejected(Recorded.read, log)
        kept = stop_if_rejected(read_reply, log, reply, certificates)
        if kept is None:
            message = _("{path} is not a time-stamp of this record under this certificate", path=reply_path)
            raise click.ClickException(message)
        entry, stamped = kept
        stop_if_rejected(log.append, [entry], {entry.blobs[0]: reply}, now=now(), after=log.size)
    console().print(describe_stamp(stamped))


def read_tsa(paths: tuple[Path, ...]) -> "list[Certificate]":
    """The certificates of some files; ends the command where one has none."""
    if not paths:
        return []
    check_installed()
    from scorecore.record.log.timestamps import read_certificates  # noqa: PLC0415  an extra

    certificates = []
    for path in paths:
        try:
            certificates += read_certificates(read_bounded(path, _LARGEST))
        except ValueError:
            raise click.UsageError(_("{path} is not a certificate", path=path)) from None
    return certificates


def describe_stamp(stamp: "Timestamp") -> str:
    """What an authority says."""
    return ngettext(
        "the first {count} entry existed at {at}, as the authority says",
        "the first {count} entries existed at {at}, as the authority says",
        stamp.size,
        at=format_instant(stamp.at),
    )


def check_installed() -> None:
    """End the command where what reads time-stamps is not installed."""
    try:
        import rfc3161_client  # noqa: F401, PLC0415  an extra
    except ImportError:
        raise click.UsageError(_("time-stamps need the extra: pip install 'scorecore[timestamps]'")) from None
