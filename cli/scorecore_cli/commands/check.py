"""`scorecore check`: every problem of policies, in the order of the files."""

import sys
from pathlib import Path

import rich_click as click

from scorecore.io.policy_files import find_policy_files
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
)
from scorecore_cli.workspace import Workspace


@click.command(cls=options.Command)
@options.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@options.parents
@options.as_json
@options.lang
def check(paths: tuple[Path, ...], parents: tuple[Path, ...], *, as_json: bool) -> None:
    """Report every problem of policies: files, or folders with all policies below them."""
    workspace = Workspace.open(parents)
    checked = [workspace.check(path) for path in find_policy_files(paths)]
    refused = any(policy_file.refused for policy_file in checked) or bool(workspace.diagnostics)
    diagnostics = {id(diagnostic): diagnostic for policy_file in checked for diagnostic in policy_file.diagnostics}
    if as_json:
        show_json(
            {"files": len(checked), "problems": [diagnostic_data(diagnostic) for diagnostic in diagnostics.values()]}
        )
        sys.exit(refused)
    out = console()
    shown: set[str] = set()
    for policy_file in checked:
        # a problem of a parent is found again with each of its children
        new = [diagnostic for diagnostic in policy_file.diagnostics if str(diagnostic) not in shown]
        show_diagnostics(new, policy_file.sources, out)
        shown.update(map(str, new))
    errors = len(
        {
            str(diagnostic)
            for policy_file in checked
            for diagnostic in policy_file.diagnostics
            if not diagnostic.kind.warning
        }
    )
    notes = len(shown) - errors
    params = {"files": len(checked), "errors": errors, "notes": notes}
    out.print(_("policies checked: {files}; problems: {errors}; notes: {notes}", **params))
    sys.exit(refused)
