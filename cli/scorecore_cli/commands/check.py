"""`scorecore check`: every problem of policies, in the order of the files."""

import sys
from pathlib import Path

import rich_click as click

from scorecore.files.policies import policy_files
from scorecore_cli import options
from scorecore_cli.language import t
from scorecore_cli.terminal import console, problem_data, show_json, show_problems
from scorecore_cli.workspace import Workspace


@click.command(cls=options.Command)
@options.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@options.parents
@options.as_json
@options.lang
def check(paths: tuple[Path, ...], parents: tuple[Path, ...], *, as_json: bool) -> None:
    """Report every problem of policies: files, or folders with all policies below them."""
    workspace = Workspace.open(parents)
    checked = [workspace.check(path) for path in policy_files(paths)]
    refused = any(one.refused for one in checked) or bool(workspace.problems)
    problems = {id(problem): problem for one in checked for problem in one.problems}
    if as_json:
        show_json({"files": len(checked), "problems": [problem_data(one) for one in problems.values()]})
        sys.exit(refused)
    out = console()
    shown: set[str] = set()
    for one in checked:
        # a problem of a parent is found again with each of its children
        new = [problem for problem in one.problems if str(problem) not in shown]
        show_problems(new, one.sources, out)
        shown.update(map(str, new))
    errors = len({str(problem) for one in checked for problem in one.problems if not problem.kind.warning})
    notes = len(shown) - errors
    blanks = {"files": len(checked), "errors": errors, "notes": notes}
    out.print(t("policies checked: {files}; problems: {errors}; notes: {notes}", **blanks))
    sys.exit(refused)
