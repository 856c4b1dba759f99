"""`scorecore record witness serve` and `ask`: the same over HTTP."""

from http import HTTPStatus
from pathlib import Path

import rich_click as click

from scorecore.record.log.note import Checkpoint, VerifierKey
from scorecore.record.log.witness import Witness, find_cosignatures, read_cosignature, write_request
from scorecore_cli import options
from scorecore_cli.commands.record.witness import (
    MEMORY_SUFFIX,
    keep_answer,
    parse_witnesses,
    witness_logs_option,
    witness_option,
)
from scorecore_cli.language import _
from scorecore_cli.operator_key import as_option
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.public_key import read_public_keys
from scorecore_cli.record_file import anchor_option, key_option, open_record, record_argument, stop_if_rejected
from scorecore_cli.signing_key import read_key
from scorecore_cli.terminal import console
from scorecore_cli.witness_client import WitnessAnswer, parse_url, send_request
from scorecore_cli.witness_server import WitnessServer


@click.command("serve", cls=options.Command)
@options.argument("key", metavar="WITNESSKEY", type=PathParameter(exists=True, dir_okay=False))
@witness_logs_option
@options.option("--host", default="127.0.0.1", show_default=True, help="The address of this machine to listen on.")
@options.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; default: any that is free.")
@options.lang
def serve(key: Path, logs: tuple[str, ...], host: str, port: int) -> None:
    """Be the witness for everyone who asks over HTTP, until you interrupt it (Ctrl+C).

    It signs and remembers as `scorecore record witness sign` does. Put an HTTPS server in front of it if anyone but
    you can reach it.
    """
    witness = Witness(read_key(key), read_public_keys(logs), key.with_name(key.name + MEMORY_SUFFIX))
    try:
        server = WitnessServer(host, port, witness, lambda line: console().print(line))
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.ClickException(_("cannot listen on {host}: {reason}", host=host, reason=reason)) from None
    with server:
        console().print(_("the witness listens on {url}; Ctrl+C ends it", url=server.url))
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            console().print(_("the witness has ended"))


@click.command("ask", cls=options.Command)
@record_argument
@options.option("--url", required=True, help="Where the witness listens, such as https://witness.example.com.")
@witness_option
@as_option
@key_option
@anchor_option
@options.lang
def ask(
    record_path: Path,
    url: str,
    witnesses: tuple[str, ...],
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Ask a witness over HTTP about the last checkpoint, and keep in the record what it has signed."""
    keys = parse_witnesses(witnesses, is_required=True)
    address = parse_url(url)
    request, checkpoint, old = _prepare(record_path, anchor, keys)
    answer = send_request(address, request)
    # once: a witness that names another size each time would be asked for ever
    if answer.signed_size not in {None, old}:
        request, checkpoint, old = _prepare(record_path, anchor, keys, answer.signed_size)
        answer = send_request(address, request)
    if answer.status != HTTPStatus.OK:
        raise click.ClickException(_describe(answer, old))
    lines = [line for line in answer.text.splitlines() if read_cosignature(line, checkpoint, keys)]
    if not lines:
        raise click.ClickException(_("the answer has no signature of this witness on the checkpoint: nothing is kept"))
    keep_answer(record_path, "\n".join(lines), keys, operator, key, anchor)


def _prepare(
    record_path: Path, anchor: Path | None, keys: list[VerifierKey], old: int | None = None
) -> tuple[str, Checkpoint, int]:
    """The request about the last checkpoint, that checkpoint, and how many entries the witness is taken to know.

    The record is closed before the witness is asked, so that nobody waits for a witness.
    """
    with open_record(record_path, anchor) as log:
        if old is None:
            latest = stop_if_rejected(find_cosignatures, log, keys)
            old = max((cosignature.size for cosignature in latest.values()), default=0)
        if old > log.size:
            raise click.ClickException(
                _(
                    "the witness has signed {signed} entries of this record, which has only {size}:"
                    " it is an older copy, or not the only history",
                    signed=old,
                    size=log.size,
                )
            )
        return stop_if_rejected(write_request, log, old), log.checkpoint(), old


def _describe(answer: WitnessAnswer, old: int) -> str:
    """Why a witness has not signed."""
    if answer.status == HTTPStatus.CONFLICT and answer.signed_size not in (None, old):
        return _("the witness has signed another checkpoint in the meantime: ask again")
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return _("the witness refers to another address, which is not followed: name it with --url")
    refused = _("the witness has not signed: this record does not continue what it signed before")
    return {
        403: _("the witness knows another key of this record: give it the present public key"),
        404: _("the witness does not know this record, or there is no witness at this address"),
        409: refused,
        422: refused,
    }.get(answer.status, _("the witness has not signed: it answered with status {status}", status=answer.status))
