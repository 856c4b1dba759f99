"""Tables as --out writes them, a folder for programs or a workbook for people; a path is tried before anything else."""

import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import polars as pl
import rich_click as click
from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.databases import DatabaseAddress, DatabaseUrl
from scorecore.io.own_files import is_own_file, is_own_table, try_to_write, write_beside
from scorecore.io.result_writers import ResultTable, write_results
from scorecore.io.template import LAST_ROW
from scorecore.io.writers import WORKBOOK, write_folder, write_workbook
from scorecore.program.model import Program
from scorecore_cli.assessment_input import stop
from scorecore_cli.labels import labeller, with_readable_words
from scorecore_cli.language import _
from scorecore_cli.output_path import is_file_of_database, load_writers

PAGE_ENDINGS: Final = (".html", ".htm")
Frames = Mapping[str, pl.DataFrame]
AddFront = Callable[[Any], None]
"""Puts sheets of its own into a workbook of xlsxwriter."""
_FILE_ENDING: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}")
"""What nobody gives a folder: somebody who writes `may.xls` wants a workbook."""


@frozen
class Output:
    """Where tables go."""

    path: Path | DatabaseUrl
    """A folder, a workbook, or a database."""
    file_format: str = "csv"
    force: bool = False
    """Whether a file that scorecore did not write may be overwritten."""
    is_database: bool = False

    @classmethod
    def of(
        cls,
        path: Path | DatabaseUrl | None,
        file_format: str = "csv",
        *,
        force: bool = False,
        names: Iterable[str] = (),
        may_be_database: bool = False,
    ) -> "Output | None":
        """Where the command line says; ends the command where tables of these names cannot be written there."""
        if path is None:
            return None
        if isinstance(path, DatabaseUrl) or (may_be_database and is_file_of_database(path)):
            write_to_database(path, ())
            return cls(path, file_format, force, is_database=True)
        output = cls(path, file_format, force)
        ending = path.suffix.lower()
        if not output.is_workbook and _FILE_ENDING.fullmatch(ending) and not path.is_dir():
            message = _("{path} ends in {ending}: tables go to a folder, or to a workbook ending in .xlsx")
            raise click.UsageError(message.format(path=path, ending=ending))
        with refused_by_the_disk(path):
            try_to_write(path if output.is_workbook else path / "tables")
            output.check_overwriting(names)
        return output

    @property
    def is_workbook(self) -> bool:
        return self.file.suffix.lower() == WORKBOOK

    @property
    def file(self) -> Path:
        """The path of what is no server."""
        return self.path if isinstance(self.path, Path) else Path()

    def check_overwriting(self, names: Iterable[str]) -> None:
        """End the command where a table of one of these names, or the workbook, would overwrite another's work."""
        if self.is_workbook:
            check_own(self.file, is_own_file, force=self.force)
            return
        for name in names:
            check_own(self.file / f"{name}.{self.file_format}", is_own_table, force=self.force)

    def check_sizes(self, frames: Frames, headings: Callable[[str], str]) -> None:
        """End the command where a sheet would lose rows."""
        for name, frame in frames.items() if self.is_workbook else ():
            if len(frame) > LAST_ROW:
                reason = _("a sheet holds at most {limit:,} rows, and {table} has {count:,}: write a folder instead")
                filled = reason.format(limit=LAST_ROW, table=headings(name), count=len(frame))
                raise click.FileError(str(self.path), filled)

    def write_tables(self, frames: Frames, program: Program, add_front: AddFront | None = None) -> None:
        """Write tables of a program's decisions; ends the command where the disk refuses."""
        self.write_frames(frames, lambda: with_readable_words(frames, program), labeller(program), add_front)

    def write_frames(
        self,
        frames: Frames,
        readable: Callable[[], Frames],
        headings: Callable[[str], str],
        add_front: AddFront | None = None,
    ) -> None:
        """Write tables: as they are to a folder, in readable words to a workbook, with sheets before them."""
        with refused_by_the_disk(self.file):
            self.check_overwriting(frames)
            if self.is_workbook:
                self.check_sizes(frames, headings)
                write_workbook(self.file, readable(), headings, add_front)
            else:
                write_folder(self.file, frames, self.file_format, is_listed=True)


def write_to_database(address: DatabaseAddress, tables: tuple[ResultTable, ...]) -> None:
    """Write tables to a database; ends the command where it refuses. Without tables, see whether it can be reached."""
    diagnostics = Diagnostics()
    write_results(load_writers(), address, tables, diagnostics)
    if diagnostics:
        stop(tuple(diagnostics), {})


def check_own(path: Path, is_own: Callable[[Path], bool], *, force: bool) -> None:
    """End the command where a file is there that scorecore did not write, or that was changed since; raises OSError."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.is_file() and not force and not is_own(path):
        raise click.UsageError(
            _(
                "{path} is there, and scorecore did not write it so: name another, or overwrite it with --force",
                path=path,
            )
        )


def try_file(path: Path | None, endings: tuple[str, ...], *, force: bool) -> None:
    """End the command where a page or an archive, which has one of these endings, cannot be written to a path."""
    if path is None:
        return
    if path.suffix.lower() not in endings:
        raise click.UsageError(_("{path} does not end in {ending}", path=path, ending=", ".join(endings)))
    with refused_by_the_disk(path):
        try_to_write(path)
        check_own(path, is_own_file, force=force)


def try_new_file(path: Path, *, force: bool) -> None:
    """End the command where a file of no kind of ours cannot be written, or would take the place of another."""
    with refused_by_the_disk(path):
        try_to_write(path)
        check_own(path, lambda _path: False, force=force)


def write_file(path: Path, content: bytes) -> None:
    """Write what was tried before; ends the command where the disk refuses."""
    with refused_by_the_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_beside(path, content)


@contextmanager
def refused_by_the_disk(path: Path) -> Iterator[None]:
    """End the command where the disk refuses what is done to a path."""
    try:
        yield
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None
