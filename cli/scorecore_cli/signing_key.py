"""The key that signs a record, in a file that only its owner reads, and what it has signed last, in a file beside it.

The file may be under a passphrase. The next key waits in a file beside it until the record names it: a command that is
interrupted in between leaves a key that fits the record, and the next command puts it into its place.

A file of a record can be put back from a backup, copied, or begun again; the key then signs a second history beside the
first. So what was signed last is remembered where the key is, and nothing is added to a record that does not have it.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import rich_click as click
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import RecordRejected
from scorecore.record.log import store
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, NoteError, SigningKey
from scorecore.record.log.sealed_key import is_sealed, seal_key
from scorecore_cli.bounded_file import read_bounded, read_bounded_text
from scorecore_cli.language import _
from scorecore_cli.output_path import LAST_SUFFIX
from scorecore_cli.passphrase import choose_passphrase, open_sealed_key
from scorecore_cli.terminal import console

_NEXT_SUFFIX: Final = ".next"
_OTHERS: Final = 0o077
"""The bits of a mode by which others than the owner may do something."""
_warned: Final[set[Path]] = set()
_CHANGED: Final = (
    catalogue.CUT_OFF,
    catalogue.NOT_THE_ANCHORED,
    catalogue.FOREIGN_ANCHOR,
    catalogue.KEY_REPLACED,
)


def read_key(path: Path) -> SigningKey:
    """Ends the command where there is no key, or no passphrase opens it."""
    try:
        line = read_bounded(path).decode().strip()
        if is_sealed(line):
            return open_sealed_key(line, path)
        key = SigningKey.parse(line)
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None
    except ValueError:
        raise click.UsageError(
            _("{path} is not a key: a key is one line, PRIVATE+KEY+name+fingerprint+base64", path=path)
        ) from None
    if os.name == "posix" and path.stat().st_mode & _OTHERS and path not in _warned:
        _warned.add(path)
        warning = _("others can read {path}, which signs for you: chmod 600 {path}, or give it a passphrase", path=path)
        console(error=True).print(warning)
    return key


def create_key(path: Path, name: str, *, has_passphrase: bool = False) -> SigningKey:
    """A new key, in a file that only its owner can read; it is there whole or not at all."""
    signing_key = SigningKey(name, os.urandom(32))
    write_key(path, signing_key, choose_passphrase(path) if has_passphrase else "")
    return signing_key


def write_key(path: Path, key: SigningKey, passphrase: str, *, is_replaced: bool = False) -> None:
    """Write a key, under a passphrase if there is one; ends the command where that fails, and changes nothing."""
    line = seal_key(key, passphrase, os.urandom) if passphrase else key.text()
    try:
        _write_whole(path, f"{line}\n", is_replaced=is_replaced)
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None


def has_passphrase(path: Path) -> bool:
    """Whether the key of a file is under a passphrase."""
    return path.exists() and is_sealed(read_bounded_text(path))


def next_key_path(key_path: Path) -> Path:
    """Where the next key is until the record names it."""
    return key_path.with_name(f"{key_path.name}{_NEXT_SUFFIX}")


def prepare_next_key(key_path: Path, name: str, *, is_sealed: bool) -> SigningKey:
    """The next key, in its file: a new one, or that of a rotation that was interrupted."""
    path = next_key_path(key_path)
    return read_key(path) if path.exists() else create_key(path, name, has_passphrase=is_sealed)


def install_next_key(key_path: Path) -> Path | None:
    """Put the next key, which the record names, into its place; gives where the old one is now, if it is there."""
    old_path = None
    try:
        if key_path.exists():
            _kind, _key, _name, fingerprint, _ = read_bounded(key_path).decode().split("+", 4)
            old_path = key_path.with_name(f"{key_path.name}.{fingerprint}")
            if not old_path.exists():
                old_path.hardlink_to(key_path)
        next_key_path(key_path).replace(key_path)
        sync_folder(key_path.absolute().parent)
    except (OSError, ValueError) as error:
        raise click.FileError(str(key_path), getattr(error, "strerror", None) or str(error)) from None
    return old_path


def sync_folder(folder: Path) -> None:
    """What was renamed in a folder is on the disk."""
    with suppress(OSError):  # not every system can
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@frozen
class LastSigned:
    """What a key has signed last."""

    path: Path

    @classmethod
    def of(cls, key_path: Path) -> "LastSigned":
        return cls(key_path.with_name(key_path.name + LAST_SUFFIX))

    def read(self) -> str:
        """The checkpoint as text; empty where nothing is remembered."""
        if self.path.exists() and not self.path.is_file():  # reading a pipe may never end
            raise click.FileError(str(self.path), _("this is not a file"))
        try:
            return read_bounded(self.path).decode()
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            raise click.FileError(str(self.path), str(error)) from None

    def checkpoint(self) -> Checkpoint:
        """The checkpoint; ends the command where the file is not ours."""
        try:
            return Checkpoint.parse(self.read())[0]
        except NoteError:
            raise click.UsageError(_("{path} is not the checkpoint that the key remembers", path=self.path)) from None

    def check(self, log: Log) -> None:
        """Raises RecordRejected where a record is not the one that was signed, or an older copy of it."""
        if not self.read():
            return
        size = self.checkpoint().size
        try:
            log.check_anchor(self.read())
        except RecordRejected as rejected:
            if rejected.diagnostics[0].kind in _CHANGED:
                raise store.refuse(catalogue.NOT_LAST_SIGNED, log.path, size=log.size, signed=size) from None
            raise

    def check_unused(self, path: Path) -> None:
        """Raises RecordRejected where the key has signed a record, which is not to be begun a second time."""
        if self.read():
            raise store.refuse(catalogue.NOT_LAST_SIGNED, path, size=0, signed=self.checkpoint().size)

    def remember(self, checkpoint: Checkpoint) -> None:
        """Keep what was signed; where that fails, the record is complete nevertheless, and the failure is reported."""
        try:
            _write_whole(self.path, checkpoint.note, is_replaced=True)
        except OSError as error:
            reason = error.strerror or str(error)
            message = _("recorded, but {path} could not be written: {reason}", path=self.path, reason=reason)
            console(error=True).print(message)


def _write_whole(path: Path, content: str, *, is_replaced: bool = False) -> None:
    """Write a file beside, which takes its name when it is on the disk; raises OSError, also where there is one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if is_replaced:
            beside.replace(path)
        else:
            path.hardlink_to(beside)  # fails where somebody was quicker
        sync_folder(path.absolute().parent)  # a record names a key only once its file cannot be lost any more
    finally:
        beside.unlink(missing_ok=True)
