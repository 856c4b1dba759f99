"""Tables as --out writes them: a folder for programs, a workbook for people."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import rich_click as click

from scorecore.io.writers import WORKBOOK, write_folder, write_workbook
from scorecore.program.model import Program
from scorecore_cli.labels import labeller, readable


def write_tables(found: Mapping[str, pl.DataFrame], program: Program, out: Path, file_format: str = "csv") -> None:
    """Write tables of a program's decisions; ends the command where the disk refuses."""
    try:
        if out.suffix.lower() == WORKBOOK:
            write_workbook(out, readable(found, program), labeller(program))
        else:
            write_folder(out, found, file_format)
    except OSError as error:
        raise click.FileError(str(out), error.strerror or str(error)) from None
