"""The key that signs a record, in a file that only its owner reads, and what it has signed last, in a file beside it.

A file of a record can be put back from a backup, copied, or begun again; the key then signs a second history beside the
first. So what was signed last is remembered where the key is, and nothing is added to a record that does not have it.
"""

import os
from pathlib import Path
from typing import Final

import rich_click as click
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import RecordRejected
from scorecore.record.log import store
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, NoteError, SigningKey
from scorecore_cli.language import _
from scorecore_cli.output_path import LAST_SUFFIX
from scorecore_cli.terminal import console

_CHANGED: Final = (catalogue.CUT_OFF, catalogue.NOT_THE_ANCHORED, catalogue.FOREIGN_ANCHOR)


def read_key(path: Path) -> SigningKey:
    """Ends the command where there is no key."""
    try:
        return SigningKey.parse(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None
    except ValueError:
        raise click.UsageError(
            _("{path} is not a key: a key is one line, PRIVATE+KEY+name+fingerprint+base64", path=path)
        ) from None


def create_key(path: Path, name: str) -> SigningKey:
    """A new key, in a file that only its owner can read; it is there whole or not at all."""
    signing_key = SigningKey(name, os.urandom(32))
    try:
        _write_whole(path, f"{signing_key.text()}\n")
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None
    return signing_key


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
            return self.path.read_text(encoding="utf-8")
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
    finally:
        beside.unlink(missing_ok=True)
