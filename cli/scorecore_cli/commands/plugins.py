"""`scorecore plugins`: the scorers that are installed."""

import sys
from typing import Any

import attrs
import rich_click as click
from rich.text import Text

from scorecore.hooks import Scorer
from scorecore.policy import HIDDEN
from scorecore_cli import options
from scorecore_cli.language import t
from scorecore_cli.terminal import console, problem_data, show_json, show_problems, table
from scorecore_cli.workspace import Workspace


@click.command(cls=options.Command)
@options.as_json
@options.lang
def plugins(*, as_json: bool) -> None:
    """List the scorers that are installed, each with its keys."""
    workspace = Workspace.open()
    scorers = [workspace.scorers[name] for name in sorted(workspace.scorers)]
    if as_json:
        problems = list(map(problem_data, workspace.problems))
        show_json({"scorers": list(map(_data, scorers)), "problems": problems})
        sys.exit(bool(problems))
    screen = console()
    for scorer in scorers:
        screen.print(Text.assemble((scorer.name, "bold"), "  ", t(scorer.summary)))
        shown = table(t("key"), t("needed"), t("meaning"))
        for name, needed, about in _keys(scorer):
            shown.add_row(f"  {name}", t("yes") if needed else "", t(about))
        screen.print(shown)
        screen.print()
    show_problems(workspace.problems, {}, console(error=True))
    sys.exit(bool(workspace.problems))


def _keys(scorer: Scorer) -> list[tuple[str, bool, str]]:
    return [
        (one.name.rstrip("_"), one.default is attrs.NOTHING, str(one.metadata.get("about", "")))
        for one in attrs.fields(scorer.parameters)
        if not one.metadata.get(HIDDEN)
    ]


def _data(scorer: Scorer) -> dict[str, Any]:
    keys = [{"key": name, "needed": needed, "meaning": t(about)} for name, needed, about in _keys(scorer)]
    opens = "full" if scorer.opens_full else "empty"
    return {"name": scorer.name, "summary": t(scorer.summary), "opens": opens, "keys": keys}
