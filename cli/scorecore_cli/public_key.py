"""Public keys and names of keys on the command line."""

from collections.abc import Callable, Iterable
from pathlib import Path

import rich_click as click

from scorecore.record.log.note import NoteError, SigningKey, VerifierKey
from scorecore_cli.bounded_file import read_bounded
from scorecore_cli.language import _


def parse_public_key(line: str, parse: Callable[[str], VerifierKey] = VerifierKey.parse) -> VerifierKey:
    """The key of a record or an operator, or with another `parse` of a witness; ends the command where it is none."""
    try:
        return parse(line)
    except NoteError:
        raise click.UsageError(_("`{key}` is not such a public key: name+fingerprint+base64", key=line)) from None


def read_public_keys(named: Iterable[str]) -> list[VerifierKey]:
    """Keys that are named as lines, or by files of such lines; ends the command where one is none."""
    keys = []
    for line in named:
        is_file = "+" not in line or Path(line).is_file()
        keys += [parse_public_key(each) for each in (_read_lines(Path(line)) if is_file else [line])]
    return keys


def check_key_name(name: str) -> str:
    """A name that a key can have; ends the command where it cannot."""
    try:
        return SigningKey(name, bytes(32)).name
    except NoteError:
        raise click.UsageError(_("`{name}` cannot name a key: it must not contain spaces or +", name=name)) from None


def _read_lines(path: Path) -> list[str]:
    try:
        return [line for line in read_bounded(path).decode().splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise click.FileError(str(path), getattr(error, "strerror", None) or str(error)) from None
