"""`scorecore check`: every problem of policies, in the order of the files."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import rich_click as click
from attrs import evolve
from rich.console import Console

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Source
from scorecore_cli import options
from scorecore_cli.document.outdated import note_outdated
from scorecore_cli.language import _
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
)
from scorecore_cli.workspace import Workspace, find_policies

_MOST_OF_A_KIND: Final = 30
"""How many problems of one kind are shown."""


@click.command(cls=options.Command)
@options.argument("paths", nargs=-1, required=True, type=PathParameter(exists=True))
@options.parents
@options.as_json
@options.lang
def check(paths: tuple[Path, ...], parents: tuple[Path, ...], *, as_json: bool) -> None:
    """Report every problem of policies, given as files or as folders that contain them."""
    workspace = Workspace.open(parents)
    checked = [
        evolve(policy_file, diagnostics=(*policy_file.diagnostics, *note_outdated(policy_file)))
        for policy_file in map(workspace.check, find_policies(paths))
    ]
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
        _show_some(new, policy_file.sources, out)
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


def _show_some(diagnostics: Sequence[Diagnostic], sources: Mapping[str, Source], out: Console) -> None:
    """Problems, and of one kind as many as a screen holds, with the number of the others."""
    count = Counter[str]()
    shown = []
    for diagnostic in diagnostics:
        count[diagnostic.kind.code] += 1
        if count[diagnostic.kind.code] <= _MOST_OF_A_KIND:
            shown.append(diagnostic)
    show_diagnostics(shown, sources, out)
    for code, total in count.items():
        if total > _MOST_OF_A_KIND:
            out.print(_("… and {count} more of {code}; --json has them all", count=total - _MOST_OF_A_KIND, code=code))
