"""Where a command may write: never over a record, its key, or a checkpoint that somebody keeps as evidence.

Files are known by what is in them, whatever they are called and whichever link leads to them, before anything is
computed or recorded.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import rich_click as click

from scorecore.io.databases import DatabaseUrl, is_url
from scorecore.io.formats import find_driver
from scorecore.io.writers import FORMATS, WORKBOOK
from scorecore.plugins import ExternalHook
from scorecore.record.log.files import BESIDE, VAULT_SUFFIX
from scorecore_cli.language import _
from scorecore_cli.path_parameter import PathParameter

_BEGINNING: Final = 1 << 16
"""How many bytes of a file show what it is: a checkpoint with many signatures has fewer."""
_SQLITE: Final = b"SQLite format 3\0"
_RECORD: Final = b"sclg"
_VAULT: Final = b"sclv"
"""The application ids of a record and of a vault, and where SQLite has them."""
_RECORD_PLACE: Final = slice(68, 72)
_KEYS: Final = (b"PRIVATE+KEY+", b"ENCRYPTED+KEY+")
_CHECKPOINT: Final = re.compile(
    rb"[^\n]+\n[0-9]+\n[A-Za-z0-9+/]{43}=\n(?:[^\n]+\n)*\n\xe2\x80\x94 [^\n]+ [A-Za-z0-9+/=]+\n"
)
KEY_SUFFIX: Final = ".key"
"""How the name of the key's file ends; it is beside the record, unless --key names another."""
LAST_SUFFIX: Final = ".last"
"""How the name of the file ends, beside the key, that has the last checkpoint."""
PAGE_FORMATS: Final = ("html", "pdf")
"""How the names of files for reading end, such as statements in a folder."""


class OutputPath(PathParameter):
    """A file to write, or with `is_folder` a folder of tables or a workbook; with `is_any` a file or a folder.

    With `is_database` it may also be the URL or the file of a database.
    """

    def __init__(self, *, is_folder: bool = False, is_any: bool = False, is_database: bool = False) -> None:
        super().__init__(dir_okay=is_folder or is_any)
        self.is_folder = is_folder
        self.is_database = is_database
        self.endings = (*FORMATS, *(PAGE_FORMATS if is_any else ()))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  as click has it
        if isinstance(value, DatabaseUrl) or is_url(str(value)):
            return self._convert_url(value, param, ctx)
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        for replaced in _find_replaced(path, self.endings):
            self._refuse_kept(replaced, param, ctx)
        is_table_file = path.suffix.lower() == WORKBOOK or (self.is_database and is_file_of_database(path))
        if self.is_folder and path.is_file() and not is_table_file:
            raise click.FileError(str(path), _("name a folder, or a workbook that ends in .xlsx"))
        above = next((folder for folder in (path, *path.absolute().parents) if folder.exists()), path)
        if not os.access(above, os.W_OK):
            raise click.FileError(str(path), _("{path} cannot be written to", path=above))
        return path

    def _convert_url(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> DatabaseUrl:  # noqa: ANN401  as click has it
        url = value if isinstance(value, DatabaseUrl) else DatabaseUrl(str(value))
        if not self.is_database:
            self.fail(_("{url} is a database, and this command writes files: name a folder", url=url), param, ctx)
        return url

    def _refuse_kept(self, path: Path, param: click.Parameter | None, ctx: click.Context | None) -> None:
        """End the command where a file must not be replaced."""
        for record in (path, *_find_records_beside(path.resolve())):
            if is_record(_read_beginning(record)):
                message = _("{path} is a record, which is never overwritten: name another file", path=record)
                self.fail(message, param, ctx)
        beginning = _read_beginning(path)
        if beginning.startswith(_SQLITE) and beginning[_RECORD_PLACE] == _VAULT:
            self.fail(_("{path} is the vault of a record: name another file", path=path), param, ctx)
        if beginning.startswith(_KEYS):
            self.fail(_("{path} is the key of a record: name another file", path=path), param, ctx)
        if _CHECKPOINT.match(beginning):
            self.fail(_("{path} is a signed checkpoint of a record: name another file", path=path), param, ctx)


def is_file_of_database(path: Path) -> bool:
    """Whether a path ends as the files of databases do to which plugins write."""
    if not path.suffix or path.suffix.lower() == WORKBOOK or path.is_dir():
        return False
    return find_driver(load_writers(), path) is not None


def load_writers() -> Mapping[str, ExternalHook]:
    """The databases to which plugins write."""
    from scorecore_cli.workspace import Workspace  # noqa: PLC0415  few commands write to a database

    return Workspace.open().scorers.writers


def is_record(beginning: bytes) -> bool:
    """Whether a file that begins so is a record."""
    return beginning.startswith(_SQLITE) and beginning[_RECORD_PLACE] == _RECORD


def _find_records_beside(path: Path) -> Iterator[Path]:
    """What would be the record, if a path is one of the files that belong beside it."""
    vault_endings = (VAULT_SUFFIX, f"{VAULT_SUFFIX}-journal")
    for ending in (*BESIDE, *vault_endings, KEY_SUFFIX, f"{KEY_SUFFIX}{LAST_SUFFIX}"):
        if path.name.endswith(ending) and path.name != ending:
            yield path.with_name(path.name.removesuffix(ending))


def _find_replaced(path: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    """The files that may be written under a path."""
    if path.is_dir():
        yield from (child for child in sorted(path.iterdir()) if child.suffix.lower().lstrip(".") in endings)
    else:
        yield path


def _read_beginning(path: Path) -> bytes:
    """The first bytes of a file; empty where there is no file, or none that may be read."""
    try:
        if not path.is_file():  # a device would have to be waited for
            return b""
        with path.open("rb") as file:
            return file.read(_BEGINNING)
    except OSError:
        return b""
