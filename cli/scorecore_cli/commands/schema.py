"""`scorecore schema`: what editors need to complete and explain the keys of a policy."""

import json
import sys
from pathlib import Path

import rich_click as click

from scorecore.analysis.cases.json_schema import build_cases_schema
from scorecore.policy.json_schema import build_policy_schema
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.output_path import OutputPath
from scorecore_cli.table_output import try_file, write_file
from scorecore_cli.terminal import console, show_diagnostics
from scorecore_cli.workspace import Workspace


@click.command(cls=options.Command)
@options.option("--cases", is_flag=True, help="Write the schema of case files instead of that of policies.")
@options.option("--out", type=OutputPath(), help="The file to write; by default it is printed.")
@options.plugins
@options.force
@options.lang
def schema(out: Path | None, *, cases: bool, force: bool) -> None:
    """Write the JSON Schema of policies, for editors: all keys, and those of the installed scorers, explained."""
    try_file(out, (".json",), force=force)
    workspace = Workspace.open()
    show_diagnostics(workspace.diagnostics, {}, console(error=True))
    if workspace.diagnostics:
        sys.exit(1)
    json_schema = build_cases_schema(_) if cases else build_policy_schema(workspace.scorers, _)
    text = json.dumps(json_schema, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        sys.stdout.write(text)
        return
    write_file(out, text.encode())
    screen = console()
    screen.print(_("written to {path}", path=out))
    screen.print(_("a file names it in its first line: {line}", line=f"#:schema ./{out.name}"))
