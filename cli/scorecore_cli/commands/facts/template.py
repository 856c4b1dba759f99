"""`scorecore facts template`: an empty workbook for the facts of a policy."""

from pathlib import Path

import rich_click as click

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.io.template import write_template
from scorecore.io.writers import WORKBOOK
from scorecore_cli import options
from scorecore_cli.assessment_input import compile_or_stop, stop
from scorecore_cli.language import _, ngettext
from scorecore_cli.output_path import OutputPath
from scorecore_cli.template import (
    SheetNameTaken,
    guide_of,
    sheets_of,
    words,
)
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@options.policy
@options.option(
    "--out",
    type=OutputPath(),
    required=True,
    help="The workbook to write, ending in .xlsx; an existing file is never overwritten.",
)
@options.parents
@options.lang
def template(policy: Path, out: Path, parents: tuple[Path, ...]) -> None:
    """Write an empty workbook: a sheet for each table of facts, with choices, formats, bounds and notes."""
    if out.suffix.lower() != WORKBOOK:
        raise click.UsageError(_("{path} does not end in .xlsx", path=out))
    program, checked = compile_or_stop(policy, parents)
    try:
        sheets = sheets_of(program, checked.used.values())
    except SheetNameTaken as error:
        stop((Diagnostic(catalogue.NO_SHEET_NAME, Location(str(policy), 0, 0), {"name": str(error)}),), {})
    try:
        write_template(out, guide_of(program, sheets), sheets, words())
    except FileExistsError:
        message = _("{path} already exists, and somebody may have filled it in: name another file", path=out)
        raise click.UsageError(message) from None
    except OSError as error:
        raise click.FileError(str(out), error.strerror or str(error)) from None
    screen = console()
    for sheet in sheets:
        screen.print(
            ngettext(
                "sheet {name}: {count} column", "sheet {name}: {count} columns", len(sheet.fields), name=sheet.name
            )
        )
    screen.print(_("written to {path}", path=out))
