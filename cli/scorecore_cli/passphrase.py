"""The passphrase of a key: from a file or a variable, or asked for on the terminal; never on the command line."""

import os
import sys
from pathlib import Path
from typing import Final

import rich_click as click

from scorecore.record.log.note import NoteError, SigningKey
from scorecore.record.log.sealed_key import PassphraseError, open_key
from scorecore_cli import options
from scorecore_cli.bounded_file import read_bounded
from scorecore_cli.language import _

VARIABLE: Final = "SCORECORE_PASSPHRASE"
"""The variable with the passphrase; with _FILE at its end, the one that names a file with passphrases, one a line."""
NEW_VARIABLE: Final = "SCORECORE_NEW_PASSPHRASE"
"""The same for the passphrase that a key gets."""
_FILE_ENDING: Final = "_FILE"
_opened: Final[dict[str, SigningKey]] = {}
"""Keys by their lines: a server asks once."""

passphrase_option: Final = options.option(
    "--passphrase",
    "has_passphrase",
    is_flag=True,
    help="Protect the key with a passphrase, which you are asked to type.",
)


def open_sealed_key(line: str, path: Path) -> SigningKey:
    """The key of a line; ends the command where no passphrase opens it."""
    if line not in _opened:
        known = _read_known(VARIABLE)
        for passphrase in known or [_ask(_("passphrase of {path}", path=path), VARIABLE, path)]:
            try:
                _opened[line] = open_key(line, passphrase)
                break
            except PassphraseError:
                continue
            except NoteError:
                raise click.ClickException(_("{path} is a damaged key: use a copy of it", path=path)) from None
        else:
            raise click.ClickException(_("this is not the passphrase of {path}", path=path))
    return _opened[line]


def choose_passphrase(path: Path) -> str:
    """The passphrase that a key gets; ends the command where there is none."""
    known = _read_known(NEW_VARIABLE)
    chosen = known[0] if known else _ask(_("new passphrase of {path}", path=path), NEW_VARIABLE, path, is_new=True)
    if not chosen:
        raise click.UsageError(_("an empty passphrase protects nothing"))
    return chosen


def _read_known(variable: str) -> list[str]:
    """The passphrases that the environment has."""
    if named := os.environ.get(f"{variable}{_FILE_ENDING}"):
        try:
            lines = read_bounded(Path(named)).decode().splitlines()
        except (OSError, ValueError) as error:
            raise click.FileError(named, getattr(error, "strerror", None) or str(error)) from None
        return [line for line in lines if line] or [""]
    passphrase = os.environ.get(variable)
    return [] if passphrase is None else [passphrase]


def _ask(question: str, variable: str, path: Path, *, is_new: bool = False) -> str:
    if not sys.stdin.isatty():
        params = {"path": path, "variable": f"{variable}{_FILE_ENDING}"}
        if is_new:
            message = _("{path} needs a passphrase: name a file with one in {variable}, or use a terminal", **params)
        else:
            message = _("{path} has a passphrase: name a file with it in {variable}, or use a terminal", **params)
        raise click.UsageError(message)
    again = _("the same again") if is_new else False
    answer: str = click.prompt(
        question, hide_input=True, confirmation_prompt=again, err=True, default="", show_default=False
    )
    return answer
