"""`scorecore record begin`: make a record, with the key that signs it."""

import os
from pathlib import Path
from typing import Any

import rich_click as click
from attrs import define

from scorecore.diagnostics import catalogue
from scorecore.record.log import store
from scorecore.record.log.files import BESIDE
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, NoteError, SigningKey
from scorecore.record.log.signatures import Signer
from scorecore.record.people.operators import ADMINISTRATOR, FIRST_ROLES, ROLES
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.operator_key import OPERATOR_VARIABLE, name_key_file
from scorecore_cli.output_path import KEY_SUFFIX
from scorecore_cli.passphrase import passphrase_option
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.record_file import find_vault, now, stop_if_rejected
from scorecore_cli.signing_key import LastSigned, create_key, read_key, sync_folder
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@options.argument("record_path", metavar="RECORD", type=PathParameter(dir_okay=False))
@options.option("--name", default="", help="The name of the record and its key; default: the file's name.")
@options.option("--single-operator", is_flag=True, help="One person keeps the record, and nobody approves what is run.")
@options.option(
    "--operator", "operator_name", default="", help="The name of the first operator, if there will be more than one."
)
@options.option(
    "--role",
    "roles",
    type=click.Choice(ROLES),
    multiple=True,
    help="A role of the first operator; repeatable. Default: author, runner and administrator.",
)
@options.option(
    "--as",
    "operator",
    type=PathParameter(dir_okay=False),
    envvar=OPERATOR_VARIABLE,
    help="The key file of the first operator, made if it does not exist; default: RECORD.NAME.key.",
)
@options.option(
    "--key",
    type=PathParameter(dir_okay=False),
    help="The file of the signing key, made if it does not exist; default: RECORD.key.",
)
@passphrase_option
@options.lang
def begin(  # noqa: PLR0913  what the command line names
    record_path: Path,
    name: str,
    operator_name: str,
    roles: tuple[str, ...],
    operator: Path | None,
    key: Path | None,
    *,
    single_operator: bool,
    has_passphrase: bool,
) -> None:
    """Create a record and, next to it, its signing key. The record always shows who keeps it."""
    if single_operator == bool(operator_name.strip()):
        raise click.UsageError(_("say who keeps the record: --single-operator, or --operator with a name"))
    signing = _Signing.of(record_path, operator_name.strip(), roles, operator, has_passphrase=has_passphrase)
    key_path = key or record_path.with_name(record_path.name + KEY_SUFFIX)
    last = LastSigned.of(key_path)
    vault = find_vault(record_path)
    own = {vault.resolve(), *_own_files(record_path)}
    if {path.resolve() for path in (key_path, last.path)} & own or vault.resolve() in _own_files(record_path):
        raise click.UsageError(_("{path} cannot be the record and its key as well", path=record_path))
    stop_if_rejected(last.check_unused, record_path)
    if record_path.exists() and not store.is_unbegun(record_path):
        stop_if_rejected(_refuse_existing, record_path)
    signing_key = _find_key(key_path, name or record_path.stem, is_named=bool(name), has_passphrase=has_passphrase)
    signing.find_key()
    checkpoint = stop_if_rejected(_begin, record_path, vault, signing_key, signing)
    last.remember(checkpoint)
    console().print(_("{path} has been created, signed by {name}", path=record_path, name=signing_key.name))
    console().print(_("keep {path} secret, and a copy of it elsewhere: without it nothing can be added", path=key_path))
    console().print(_("{path} opens what is recorded about people: keep it where nobody else can read it", path=vault))
    if signing.path is not None:
        message = _(
            "{path} is the key of {name} alone: it signs what {name} does", path=signing.path, name=signing.name
        )
        console().print(message)


@define
class _Signing:
    """Who keeps the record: a single operator, or the first of many, with a key of their own."""

    name: str
    path: Path | None
    """Of the key; None for a single operator."""
    roles: tuple[str, ...]
    has_passphrase: bool
    key: SigningKey | None = None

    @classmethod
    def of(
        cls, record_path: Path, name: str, roles: tuple[str, ...], path: Path | None, *, has_passphrase: bool
    ) -> "_Signing":
        if not name and (roles or path):
            raise click.UsageError(_("--role and --as are about the first operator: name one with --operator"))
        if roles and ADMINISTRATOR not in roles:
            raise click.UsageError(_("the first operator must be an administrator, who can add others"))
        own_path = (path or name_key_file(record_path, name)) if name else None
        return cls(name, own_path, roles or FIRST_ROLES, has_passphrase)

    def find_key(self) -> None:
        """The key that is there, or a new one; ends the command where it is another's."""
        if self.path is not None:
            self.key = _find_key(self.path, self.name, is_named=True, has_passphrase=self.has_passphrase)

    @property
    def about(self) -> dict[str, Any]:
        """What the first entry says of it."""
        return {"single_operator": True} if self.key is None else {"roles": sorted(self.roles)}


def _own_files(record_path: Path) -> set[Path]:
    """The record, and what SQLite has beside it."""
    return {Path(f"{record_path.resolve()}{ending}") for ending in ("", *BESIDE)}


def _refuse_existing(path: Path) -> None:
    raise store.refuse(catalogue.RECORD_EXISTS, path)


def _find_key(path: Path, name: str, *, is_named: bool, has_passphrase: bool) -> SigningKey:
    """The key of a beginning that failed, or a new one; ends the command where the name can be no key's."""
    if path.exists():
        signing_key = read_key(path)
        if is_named and signing_key.name != name:
            message = _(
                "{path} is the key of `{theirs}`, not of `{name}`", path=path, theirs=signing_key.name, name=name
            )
            raise click.UsageError(message)
        return signing_key
    try:
        SigningKey(name, bytes(32))
    except NoteError:
        message = _(
            "`{name}` cannot name a record: it must not contain spaces or +; choose another with --name", name=name
        )
        raise click.UsageError(message) from None
    return create_key(path, name, has_passphrase=has_passphrase)


def _begin(path: Path, vault: Path, key: SigningKey, signing: _Signing) -> Checkpoint:
    """Make the file beside, and give it its name when it is whole: a crash leaves no half of a record."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        signer = None if signing.key is None else Signer(signing.key)
        options: dict[str, Any] = {"about": signing.about, "signer": signer, "vault": vault}
        with Log.create(beside, key=key, now=now(), chance=os.urandom, **options) as log:
            checkpoint = log.checkpoint()
        if store.is_unbegun(path):  # what an earlier beginning has left
            for ending in BESIDE:
                Path(f"{path}{ending}").unlink(missing_ok=True)
            beside.replace(path)
        else:
            path.hardlink_to(beside)  # fails where somebody was quicker
    except FileExistsError:
        raise store.refuse(catalogue.RECORD_EXISTS, path) from None
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None
    finally:
        for left in path.parent.glob(f"{beside.name}*"):
            left.unlink(missing_ok=True)
    sync_folder(path.absolute().parent)
    return checkpoint
