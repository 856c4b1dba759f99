"""Tables as --out writes them: a folder for programs, a workbook for people."""

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import rich_click as click

from scorecore.io.template import LAST_ROW
from scorecore.io.writers import WORKBOOK, write_folder, write_workbook
from scorecore.program.model import Program
from scorecore_cli.labels import labeller, with_readable_words
from scorecore_cli.language import _

Frames = Mapping[str, pl.DataFrame]


def write_tables(frames: Frames, program: Program, out: Path, file_format: str = "csv") -> None:
    """Write tables of a program's decisions; ends the command where the disk refuses."""
    write_frames(frames, lambda: with_readable_words(frames, program), labeller(program), out, file_format)


def write_frames(
    frames: Frames, readable: Callable[[], Frames], headings: Callable[[str], str], out: Path, file_format: str
) -> None:
    """Write tables: as they are to a folder, in readable words to a workbook."""
    try:
        if out.suffix.lower() == WORKBOOK:
            _check_sizes(frames, out, headings)
            write_workbook(out, readable(), headings)
        else:
            write_folder(out, frames, file_format)
    except OSError as error:
        raise click.FileError(str(out), error.strerror or str(error)) from None


def _check_sizes(frames: Frames, out: Path, headings: Callable[[str], str]) -> None:
    """End the command where a sheet would lose rows."""
    for name, frame in frames.items():
        if len(frame) > LAST_ROW:
            reason = _("a sheet holds at most {limit:,} rows, and {table} has {count:,}: write a folder instead")
            raise click.FileError(str(out), reason.format(limit=LAST_ROW, table=headings(name), count=len(frame)))
