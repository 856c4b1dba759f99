"""`scorecore record witness`: somebody outside signs that a record has one history, over files or over HTTP."""

from pathlib import Path
from typing import Final

import rich_click as click

from scorecore.record.log.note import VerifierKey
from scorecore.record.log.witness import (
    Witness,
    WitnessError,
    cosigner_line,
    find_cosignatures,
    parse_cosigner,
    read_answer,
    write_request,
)
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.bounded_file import read_bounded_text
from scorecore_cli.language import _, ngettext
from scorecore_cli.operator_key import as_option
from scorecore_cli.output_path import OutputPath
from scorecore_cli.passphrase import passphrase_option
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.public_key import check_key_name, parse_public_key, read_public_keys
from scorecore_cli.record_file import (
    anchor_option,
    key_option,
    now,
    open_record,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.signing_key import create_key, read_key
from scorecore_cli.table_output import try_new_file, write_file
from scorecore_cli.terminal import console
from scorecore_cli.witness_refusal import describe_refusal

MEMORY_SUFFIX: Final = ".memory"
"""How the name of the file ends, beside the key of a witness, that has what it signed last."""
witness_option: Final = options.option(
    "--witness", "witnesses", multiple=True, metavar="KEY", help="The public key of a witness; repeatable."
)
_out_option: Final = options.option("--out", type=OutputPath(), required=True, help="The file to write.")
witness_logs_option: Final = options.option(
    "--log",
    "logs",
    multiple=True,
    required=True,
    metavar="KEY",
    help="The public key of a record to witness; repeatable.",
)


@click.group(cls=options.CommandGroup)
@options.lang
def witness() -> None:
    """Have a record witnessed by somebody outside, or be the witness, over files or HTTP as C2SP specifies them."""


witness.modules = {
    name: f"scorecore_cli.commands.record.witness:{function}"
    for name, function in {
        "key": "make_key",
        "request": "request",
        "sign": "sign",
        "add": "add",
    }.items()
} | {name: f"scorecore_cli.commands.record.witness_http:{name}" for name in ("serve", "ask")}


@click.command("key", cls=options.Command)
@options.argument("path", metavar="FILE", type=PathParameter(dir_okay=False))
@options.option("--name", required=True, help="The name of the witness, such as audit.example.com.")
@passphrase_option
@options.lang
def make_key(path: Path, name: str, *, has_passphrase: bool) -> None:
    """Make the key of a witness, and print the line by which others know it. Keep the file secret."""
    click.echo(cosigner_line(create_key(path, check_key_name(name), has_passphrase=has_passphrase).verifier))


@click.command("request", cls=options.Command)
@record_argument
@options.option(
    "--old",
    type=click.IntRange(min=0),
    default=0,
    help="How many entries the checkpoint had that the witness signed last.",
)
@_out_option
@anchor_option
@options.force
@options.lang
def request(record_path: Path, old: int, out: Path, anchor: Path | None, *, force: bool) -> None:
    """Write the request to a witness: the last checkpoint, and the proof that it continues the first --old entries."""
    try_new_file(out, force=force)
    with open_record(record_path, anchor) as log:
        if old > log.size:
            raise click.UsageError(
                ngettext("the record has only {count} entry", "the record has only {count} entries", log.size)
            )
        write_file(out, stop_if_rejected(write_request, log, old).encode())
    console().print(_("written to {path}: send it to the witness", path=out))


@click.command("sign", cls=options.Command)
@options.argument("request_path", metavar="REQUEST", type=PathParameter(exists=True, dir_okay=False))
@options.option(
    "--key", "key", type=PathParameter(exists=True, dir_okay=False), required=True, help="The key of the witness."
)
@witness_logs_option
@_out_option
@options.force
@options.lang
def sign(request_path: Path, key: Path, logs: tuple[str, ...], out: Path, *, force: bool) -> None:
    """Be the witness: sign a checkpoint if it continues all that you have signed of this record before.

    What was signed last is remembered beside the key, in KEY.memory: keep it as carefully as the key.
    """
    try_new_file(out, force=force)  # before anything is signed, and remembered as signed
    known = read_public_keys(logs)
    asked = Witness(read_key(key), known, key.with_name(key.name + MEMORY_SUFFIX))
    try:
        answer = asked.answer(read_bounded_text(request_path), now())
    except WitnessError as refused:
        raise click.ClickException(describe_refusal(refused)) from None
    write_file(out, answer.encode())
    console().print(_("signed: send {path} back", path=out))


@click.command("add", cls=options.Command)
@record_argument
@options.argument("answer_path", metavar="ANSWER", type=PathParameter(exists=True, dir_okay=False))
@witness_option
@as_option
@key_option
@anchor_option
@options.lang
def add(
    record_path: Path,
    answer_path: Path,
    witnesses: tuple[str, ...],
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Keep in the record what a witness has signed, if it is by the key that you name."""
    keys = parse_witnesses(witnesses, is_required=True)
    answer = read_bounded_text(answer_path)
    if not keep_answer(record_path, answer, keys, operator, key, anchor):
        raise click.ClickException(_("{path} has no signature of this witness on this record", path=answer_path))


def keep_answer(
    record_path: Path,
    answer: str,
    keys: list[VerifierKey],
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> bool:
    """Keep what some witnesses have signed, and say so; False where they have signed nothing of this record."""
    with open_record_to_write(record_path, key, anchor, operator) as log:
        stop_if_rejected(Recorded.read, log)
        entries = stop_if_rejected(lambda: list(read_answer(log, answer, keys)))
        if not entries:
            return False
        stop_if_rejected(log.append, entries, now=now(), after=log.size)
        latest = stop_if_rejected(find_cosignatures, log, keys)
    for each in latest.values():
        message = ngettext(
            "{name} has witnessed the first {count} entry",
            "{name} has witnessed the first {count} entries",
            each.size,
            name=each.witness,
        )
        console().print(message)
    return True


def parse_witnesses(lines: tuple[str, ...], *, is_required: bool = False) -> list[VerifierKey]:
    """The keys of witnesses; ends the command where a line is none."""
    if is_required and not lines:
        raise click.UsageError(_("name the key of the witness: --witness"))
    keys = [parse_public_key(line, parse_cosigner) for line in lines]
    if len({key.public for key in keys}) < len(keys):
        raise click.UsageError(_("one key is named twice as a witness"))
    return keys
