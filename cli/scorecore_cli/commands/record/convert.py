"""`scorecore record convert`: a record of format 1, which has its keys within, becomes one with a vault."""

import os
from pathlib import Path

import rich_click as click

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint
from scorecore.record.log.verify import verify
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.assessment_input import stop
from scorecore_cli.language import _
from scorecore_cli.operator_key import as_option
from scorecore_cli.output_path import KEY_SUFFIX
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.record_file import (
    anchor_option,
    find_vault,
    key_option,
    now,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.signing_key import LastSigned
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@record_argument
@options.argument("new_path", metavar="NEW", type=PathParameter(dir_okay=False))
@as_option
@key_option
@anchor_option
@options.lang
def convert(record_path: Path, new_path: Path, operator: Path | None, key: Path | None, anchor: Path | None) -> None:
    """Convert a record with its keys inside to one with a vault; signed entries and the signing key stay the same."""
    key_path = key or record_path.with_name(record_path.name + KEY_SUFFIX)
    vault = find_vault(new_path)
    for path, kind in ((new_path, catalogue.RECORD_EXISTS), (vault, catalogue.VAULT_EXISTS)):
        if path.exists():
            stop((Diagnostic(kind, Location(str(path), 0, 0), {}),), {})
    with open_record_to_write(record_path, key, anchor, operator) as log:
        if not log.has_keys_within:
            raise click.UsageError(_("{path} has a vault already: there is nothing to convert", path=record_path))
        is_single = stop_if_rejected(Recorded.read, log).people.is_single
        signed = _convert(log, new_path, vault)
    LastSigned.of(key_path).remember(signed)
    own_key = new_path.with_name(new_path.name + KEY_SUFFIX)
    is_moved = key is None and not own_key.exists()
    if is_moved:
        _move_key(key_path, own_key, signed)
    screen = console()
    screen.print(_("{path} has all entries and checkpoints of {old}", path=new_path, old=record_path))
    if is_single:
        screen.print(_("its runs so far count as approved by a single operator"))
    screen.print(_("{path} opens what is recorded about people: keep it where nobody else can read it", path=vault))
    if is_moved:
        screen.print(_("{old} is {path} now: it signs the new record alone", old=key_path, path=own_key))
    else:
        screen.print(_("{path} signs the new record alone from now on: name it with --key", path=key_path))
    screen.print(
        _("{old} has its keys within: check the new record, then destroy {old} and its copies", old=record_path)
    )


def _convert(log: Log, new_path: Path, vault: Path) -> Checkpoint:
    """Make the new file beside, and give it its name once all of it was verified; ends the command where it is not."""
    beside = new_path.with_name(f"{new_path.name}.{os.getpid()}.tmp")
    is_whole = False
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        before = log.checkpoint()
        signed = stop_if_rejected(log.convert, beside, now=now(), vault=vault)
        report = verify(beside, anchor=before.note, vault=vault)
        if report.diagnostics:
            stop(report.diagnostics, {})
        new_path.hardlink_to(beside)  # fails where somebody was quicker
        is_whole = True
    except OSError as error:
        raise click.FileError(str(new_path), error.strerror or str(error)) from None
    finally:
        for left in beside.parent.glob(f"{beside.name}*"):
            left.unlink(missing_ok=True)
        if not is_whole:  # it was not there before, and nothing refers to it
            vault.unlink(missing_ok=True)
    return signed


def _move_key(old: Path, new: Path, signed: Checkpoint) -> None:
    """Give the key the name that the commands look for; what it signed last is there before it is."""
    LastSigned.of(new).remember(signed)
    try:
        old.rename(new)
        LastSigned.of(old).path.unlink(missing_ok=True)
    except OSError as error:
        raise click.FileError(str(new), error.strerror or str(error)) from None
