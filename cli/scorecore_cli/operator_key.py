"""The key of the operator who gives a command, in a file that only its owner reads."""

import glob
from pathlib import Path
from typing import Final

import rich_click as click

from scorecore.diagnostics import catalogue
from scorecore.record.log import store
from scorecore.record.log.log import Log
from scorecore.record.log.signatures import OPERATOR_KEY, Signer
from scorecore.record.people.operators import OPERATOR_ROTATION
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.output_path import KEY_SUFFIX
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.signing_key import install_next_key, next_key_path, read_key

OPERATOR_VARIABLE: Final = "SCORECORE_OPERATOR"

as_option: Final = options.option(
    "--as",
    "operator",
    type=PathParameter(dir_okay=False),
    envvar=OPERATOR_VARIABLE,
    help="The file with your own key, if the record has operators; default: the only file named RECORD.NAME.key.",
)


def name_key_file(record_path: Path, name: str) -> Path:
    """Where the key of an operator is, unless --as names another file."""
    return record_path.with_name(f"{record_path.name}.{name.replace('/', '-')}{KEY_SUFFIX}")


def find_signer(log: Log, path: Path | None) -> Signer | None:
    """Who gives the command, where a record has operators; raises RecordRejected where nobody says so."""
    path = find_signer_path(log, path)
    if path is None:
        return None
    if next_key_path(path).exists():
        _finish_rotation(log, path)
    return Signer(read_key(path))


def _finish_rotation(log: Log, path: Path) -> None:
    """Put the operator's next key into its place, where the record names it already."""
    named = {str(entry.fields.get(OPERATOR_KEY)) for entry in log.by_kind(OPERATOR_ROTATION)}
    if str(read_key(next_key_path(path)).verifier) in named:
        install_next_key(path)


def find_signer_path(log: Log, path: Path | None) -> Path | None:
    """The file of the key of the operator who gives the command, where a record has operators."""
    if OPERATOR_KEY not in log.entry(0).fields:
        if path is not None:
            raise click.UsageError(_("the record is kept by a single operator: leave --as out"))
        return None
    if path is None:
        known = sorted(log.path.parent.glob(f"{glob.escape(log.path.name)}.*{KEY_SUFFIX}"))
        if len(known) > 1:
            names = ", ".join(click.format_filename(each) for each in known)
            raise click.UsageError(_("which of these keys is yours: {names}? name it with --as", names=names))
        if not known:
            raise store.refuse(catalogue.OPERATOR_NEEDED, log.path)
        (path,) = known
    return path
