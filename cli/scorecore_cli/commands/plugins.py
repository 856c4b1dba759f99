"""`scorecore plugins`: what plugins bring."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import rich_click as click
from rich.text import Text

from scorecore.io.formats import Reader
from scorecore.plugins import Plugins, Scorer
from scorecore.policy.model import HIDDEN
from scorecore_cli import options
from scorecore_cli.language import t
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
    table,
)
from scorecore_cli.workspace import Workspace


@click.command(cls=options.Command)
@options.as_json
@options.lang
def plugins(*, as_json: bool) -> None:
    """List what plugins bring: scorers with their keys, functions, checks, formats of facts, and layouts."""
    workspace = Workspace.open()
    found = workspace.scorers
    scorers = [found[name] for name in sorted(found)]
    if as_json:
        diagnostics = list(map(diagnostic_data, workspace.diagnostics))
        others = {name: list(several) for name, _, several in _others(found)}
        show_json({"scorers": list(map(_data, scorers)), **others, "problems": diagnostics})
        sys.exit(bool(diagnostics))
    screen = console()
    for scorer in scorers:
        screen.print(Text.assemble((scorer.name, "bold"), "  ", t(scorer.summary)))
        shown = table(t("key"), t("needed"), t("meaning"))
        for name, needed, about in _keys(scorer):
            shown.add_row(f"  {name}", t("yes") if needed else "", t(about))
        screen.print(shown)
        screen.print()
    for _, title, several in _others(found):
        rows = list(several)
        if rows:
            shown = table(title, t("meaning"))
            for row in rows:
                shown.add_row(Text(f"  {row['name']}", "bold"), row["summary"])
            screen.print(shown)
            screen.print()
    show_diagnostics(workspace.diagnostics, {}, console(error=True))
    sys.exit(bool(workspace.diagnostics))


def _others(of: Plugins) -> Iterator[tuple[str, str, Iterator[Mapping[str, str]]]]:
    """The other kinds, each with its title."""
    yield "operators", t("functions"), (_named(one.signature, one.summary) for one in _sorted(of.operators))
    yield "checks", t("checks"), (_named(one.name, one.summary) for one in _sorted(of.checks))
    yield "readers", t("formats of facts"), (_named(" ".join(_endings(one)), one.about) for one in _sorted(of.readers))
    yield "renderers", t("layouts"), (_named(one.name, one.about) for one in _sorted(of.renderers))


def _sorted(of: Mapping[str, Any]) -> list[Any]:
    return [of[name] for name in sorted(of)]


def _endings(of: Any) -> tuple[str, ...]:  # noqa: ANN401  whatever stands outside
    return of.endings if isinstance(of, Reader) else (of.name,)


def _named(name: str, english: str) -> dict[str, str]:
    return {"name": name, "summary": t(english)}


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
