"""`scorecore record operator`: who may do what in a record, and by which key."""

from pathlib import Path

import rich_click as click

from scorecore.record.people import acts
from scorecore.record.people.operators import ROLES
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.operator_key import as_option, find_signer_path, name_key_file
from scorecore_cli.passphrase import passphrase_option
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.proposal_view import describe_maker
from scorecore_cli.public_key import check_key_name, parse_public_key
from scorecore_cli.record_file import (
    anchor_option,
    key_option,
    now,
    open_record,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.signing_key import create_key, has_passphrase, install_next_key, prepare_next_key, read_key
from scorecore_cli.stolen_key import read_stolen_size, show_doubtful, stolen_option
from scorecore_cli.terminal import console, format_instant, show_json, table

_role_option = options.option(
    "--role", "roles", type=click.Choice(ROLES), multiple=True, help="What the operator may do; repeatable."
)
_reason_option = options.option("--reason", default="", help="The reason, which everyone can read.")


@click.group(cls=options.CommandGroup)
@options.lang
def operator() -> None:
    """Add and list the operators of a record, change their roles, and let them leave."""


operator.modules = {
    name: f"scorecore_cli.commands.record.operator:{function}"
    for name, function in {
        "add": "add_operator",
        "change": "change_operator",
        "key": "make_key",
        "list": "list_operators",
        "retire": "retire_operator",
        "rotate": "rotate_key",
    }.items()
}


@click.command("key", cls=options.Command)
@options.argument("path", metavar="FILE", type=PathParameter(dir_okay=False))
@options.option("--name", required=True, help="The name of the operator, as everyone will see it.")
@passphrase_option
@options.lang
def make_key(path: Path, name: str, *, has_passphrase: bool) -> None:
    """Make a key of your own, and print the line with which an administrator adds you. Keep the file secret."""
    check_key_name(name)
    click.echo(str(create_key(path, name, has_passphrase=has_passphrase).verifier))


@click.command("add", cls=options.Command)
@record_argument
@options.option("--name", default="", help="The name of an operator whose key is made here, as RECORD.NAME.key.")
@options.option(
    "--public-key", default="", help="The line that `scorecore record operator key` has printed for the operator."
)
@_role_option
@_reason_option
@as_option
@key_option
@anchor_option
@options.lang
def add_operator(  # noqa: PLR0913, PLR0917  what the command line names
    record_path: Path,
    name: str,
    public_key: str,
    roles: tuple[str, ...],
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Add an operator, if possible with --public-key: then nobody else has ever had the private key."""
    if bool(name) == bool(public_key):
        raise click.UsageError(_("name the operator with --name, or give --public-key"))
    if not roles:
        raise click.UsageError(_("say what the operator may do: --role"))
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        verifier, path = parse_public_key(public_key) if public_key else None, None
        if verifier is None:
            path = name_key_file(record_path, check_key_name(name))
            verifier = create_key(path, name).verifier
        try:
            stop_if_rejected(acts.add_operator, recorded, verifier, roles, now=now(), reason=reason)
        except BaseException:
            if path is not None:
                path.unlink(missing_ok=True)
            raise
    console().print(_("{name} is an operator of the record: {roles}", name=verifier.name, roles=_list_roles(roles)))
    if path is not None:
        console().print(_("give {path} to {name}, and keep no copy: it signs what {name} does", path=path, name=name))


@click.command("change", cls=options.Command)
@record_argument
@options.option("--name", required=True, help="The name of the operator.")
@_role_option
@_reason_option
@as_option
@key_option
@anchor_option
@options.lang
def change_operator(  # noqa: PLR0917  what the command line names
    record_path: Path,
    name: str,
    roles: tuple[str, ...],
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Give an operator other roles; those that are not named end."""
    if not roles:
        raise click.UsageError(_("say what the operator may do: --role"))
    _change_roles(record_path, name, roles, reason, operator, key, anchor)
    console().print(_("{name} is an operator of the record: {roles}", name=name, roles=_list_roles(roles)))


@click.command("retire", cls=options.Command)
@record_argument
@options.option("--name", required=True, help="The name of the operator.")
@_reason_option
@as_option
@key_option
@anchor_option
@options.lang
def retire_operator(
    record_path: Path, name: str, reason: str, operator: Path | None, key: Path | None, anchor: Path | None
) -> None:
    """Take all roles from an operator who leaves, or whose key is lost; what was done before remains valid."""
    _change_roles(record_path, name, (), reason, operator, key, anchor)
    console().print(_("{name} can do nothing more in this record", name=name))


@click.command("rotate", cls=options.Command)
@record_argument
@options.option(
    "--public-key",
    default="",
    help="For somebody else: the line that `scorecore record operator key` has printed for them.",
)
@stolen_option
@_reason_option
@as_option
@key_option
@anchor_option
@options.lang
def rotate_key(  # noqa: PLR0917  what the command line names
    record_path: Path,
    public_key: str,
    stolen_since: Path | None,
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Replace your own key with a new one, or, as an administrator, the key of somebody who has lost theirs."""
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        path = find_signer_path(log, operator)
        if path is None:
            raise click.UsageError(_("the record is kept by a single operator: scorecore record key rotate"))
        new = parse_public_key(public_key) if public_key else None
        if new is None:
            name, is_sealed = read_key(path).name, has_passphrase(path)
            new = prepare_next_key(path, name, is_sealed=is_sealed).verifier
        stolen = read_stolen_size(log, stolen_since)
        stop_if_rejected(acts.rotate_operator_key, recorded, new, now=now(), reason=reason, stolen=stolen)
        if not public_key:
            old_path = install_next_key(path)
            console().print(_("{path} is the new key; the old one is {old}", path=path, old=old_path))
    console().print(_("{name} signs with another key from now on: {key}", name=new.name, key=new))
    show_doubtful(record_path, stolen)


@click.command("list", cls=options.Command)
@record_argument
@anchor_option
@options.as_json
@options.lang
def list_operators(record_path: Path, anchor: Path | None, *, as_json: bool) -> None:
    """List the operators with their roles and public keys."""
    with open_record(record_path, anchor) as log:
        people = stop_if_rejected(Recorded.read, log).people
        rows = [(each, log.entry(each.since).at) for each in people.operators.by_name.values()]
    if as_json:
        fields = [
            {"name": each.name, "roles": list(each.roles), "since": at.isoformat(), "key": str(each.key)}
            for each, at in rows
        ]
        show_json({"single_operator": people.is_single, "operators": fields})
    elif people.is_single:
        console().print(_("the record is kept by a single operator, and nobody approves what is run"))
    else:
        shown = table(_("operator"), _("roles"), _("since"), _("recorded by"), _("public key"))
        for each, at in rows:
            maker = describe_maker(people, each.since)
            shown.add_row(each.name, _list_roles(each.roles), format_instant(at), maker, str(each.key))
        console().print(shown)


def _change_roles(  # noqa: PLR0917  what the command line names
    record_path: Path,
    name: str,
    roles: tuple[str, ...],
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        stop_if_rejected(acts.change_roles, recorded, name, roles, now=now(), reason=reason)


def _list_roles(roles: tuple[str, ...]) -> str:
    names = {
        "author": _("author"),
        "runner": _("runner"),
        "approver": _("approver"),
        "auditor": _("auditor"),
        "administrator": _("administrator"),
        "server": _("server"),
    }
    return ", ".join(names[role] for role in roles) if roles else _("none")
