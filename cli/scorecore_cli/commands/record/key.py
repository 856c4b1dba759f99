"""`scorecore record key`: the key of a record, its passphrase, and what follows it."""

from pathlib import Path

import rich_click as click

from scorecore.record.log.key_history import KeyChange
from scorecore.record.log.note import SigningKey
from scorecore.record.people import acts
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import _, ngettext
from scorecore_cli.operator_key import as_option
from scorecore_cli.output_path import KEY_SUFFIX
from scorecore_cli.passphrase import choose_passphrase, passphrase_option
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
from scorecore_cli.signing_key import (
    create_key,
    has_passphrase,
    install_next_key,
    prepare_next_key,
    read_key,
    write_key,
)
from scorecore_cli.stolen_key import read_stolen_size, show_doubtful, stolen_option
from scorecore_cli.terminal import console, format_instant, show_json, table

_reason_option = options.option("--reason", default="", help="The reason, which everyone can read.")


@click.group(cls=options.CommandGroup)
@options.lang
def key() -> None:
    """Replace the key of a record, report it lost or stolen, and protect keys with a passphrase."""


key.modules = {
    name: f"scorecore_cli.commands.record.key:{function}"
    for name, function in {
        "list": "list_keys",
        "rotate": "rotate",
        "recovery": "name_recovery",
        "confirm": "confirm",
        "passphrase": "change_passphrase",
    }.items()
}


@click.command("list", cls=options.Command)
@record_argument
@anchor_option
@options.as_json
@options.lang
def list_keys(record_path: Path, anchor: Path | None, *, as_json: bool) -> None:
    """List the public keys of a record, each of which named the next, and which were lost or stolen."""
    with open_record(record_path, anchor) as log:
        stop_if_rejected(Recorded.read, log)
        keys, first = log.keys, log.entry(0)
        rows = [(0, first.at, keys.first, _("signs the record"), "")]
        rows += [
            (change.index, change.entry.at, change.key, _describe(change), change.reason) for change in keys.changes
        ]
    if as_json:
        fields = [
            {"entry": index, "at": at.isoformat(), "key": str(public), "what": what, "reason": reason}
            for index, at, public, what, reason in rows
        ]
        show_json({"keys": fields, "current": str(keys.current)})
        return
    shown = table(_("entry"), _("recorded at"), _("what"), _("reason"), _("public key"), right=(0,))
    for index, at, public, what, reason in rows:
        shown.add_row(str(index), format_instant(at), what, reason, str(public))
    console().print(shown)


@click.command("rotate", cls=options.Command)
@record_argument
@options.option(
    "--recovery",
    type=PathParameter(exists=True, dir_okay=False),
    help="The file of the recovery key, which signs because the key of the record is lost or stolen.",
)
@stolen_option
@_reason_option
@as_option
@key_option
@anchor_option
@options.lang
def rotate(  # noqa: PLR0917  what the command line names
    record_path: Path,
    recovery: Path | None,
    stolen_since: Path | None,
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Make a new key, and let the old one name it as its successor: from then on only the new one signs."""
    if (recovery or stolen_since) and not reason.strip():
        raise click.UsageError(_("say what has happened with --reason; everyone can read it"))
    key_path = key or record_path.with_name(record_path.name + KEY_SUFFIX)
    with open_record_to_write(record_path, key, anchor, operator, recovery=recovery) as log:
        stop_if_rejected(Recorded.read, log)
        stolen = read_stolen_size(log, stolen_since)
        is_sealed = has_passphrase(key_path if recovery is None or key_path.exists() else recovery)
        new = prepare_next_key(key_path, log.keys.first.name, is_sealed=is_sealed)
        stop_if_rejected(log.rotate, new, now=now(), after=log.size, reason=reason, stolen=stolen)
        old_path = install_next_key(key_path)
    console().print(_("{path} is the new key; keep a copy of it elsewhere", path=key_path))
    if old_path is not None:
        console().print(_("the old one is {path}: it signs nothing any more", path=old_path))
    console().print(_("give the new public key to everyone who verifies or witnesses: {key}", key=new.verifier))
    show_doubtful(record_path, stolen)


@click.command("recovery", cls=options.Command)
@record_argument
@options.argument("recovery_path", metavar="FILE", type=PathParameter(dir_okay=False))
@passphrase_option
@_reason_option
@as_option
@key_option
@anchor_option
@options.lang
def name_recovery(
    record_path: Path,
    recovery_path: Path,
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
    *,
    has_passphrase: bool,
) -> None:
    """Make a recovery key in FILE, which can only name the next key: keep it offline, for the day the key is lost."""
    with open_record_to_write(record_path, key, anchor, operator) as log:
        stop_if_rejected(Recorded.read, log)
        if recovery_path.exists():  # of a command that was interrupted
            recovery = read_key(recovery_path)
        else:
            recovery = create_key(recovery_path, log.keys.first.name, has_passphrase=has_passphrase)
        stop_if_rejected(log.name_recovery_key, recovery, now=now(), after=log.size, reason=reason)
    console().print(
        _("{path} can name the next key when this one is lost or stolen: move it to a safe place", path=recovery_path)
    )


@click.command("confirm", cls=options.Command)
@record_argument
@options.option("--theft", type=click.IntRange(min=1), required=True, help="The entry that says the key was stolen.")
@options.option("--reason", required=True, help="How it was checked, which everyone can read.")
@as_option
@key_option
@anchor_option
@options.lang
def confirm(
    record_path: Path, theft: int, reason: str, operator: Path | None, key: Path | None, anchor: Path | None
) -> None:
    """Confirm what a stolen key has signed, after you have looked at it and corrected what was not yours."""
    if not reason.strip():
        raise click.UsageError(_("--reason is empty"))
    with open_record_to_write(record_path, key, anchor, operator) as log:
        stop_if_rejected(acts.confirm, stop_if_rejected(Recorded.read, log), theft, reason, now=now())
    console().print(_("confirmed: what the stolen key has signed counts"))


@click.command("passphrase", cls=options.Command)
@options.argument("key_path", metavar="FILE", type=PathParameter(exists=True, dir_okay=False))
@options.option("--remove", is_flag=True, help="Store the key without a passphrase.")
@options.lang
def change_passphrase(key_path: Path, *, remove: bool) -> None:
    """Give the key in FILE a passphrase, or another one: the key of a record, an operator or a witness."""
    signing_key: SigningKey = read_key(key_path)
    write_key(key_path, signing_key, "" if remove else choose_passphrase(key_path), is_replaced=True)
    if remove:
        console().print(_("{path} has no passphrase: whoever can read it can sign", path=key_path))
    else:
        message = _("{path} has this passphrase now; copies of it still have the old one, or none", path=key_path)
        console().print(message)


def _describe(change: KeyChange) -> str:
    """What an entry that names a key says of it and of the one before."""
    if not change.is_rotation:
        return _("may name the next key when one is lost or stolen")
    if change.stolen is not None:
        return ngettext(
            "signs from here on; the one before was stolen after {count} entry",
            "signs from here on; the one before was stolen after {count} entries",
            change.stolen,
        )
    return _("signs from here on; the one before was lost") if change.is_recovered else _("signs from here on")
