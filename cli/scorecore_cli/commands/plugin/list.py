"""`scorecore plugin list`: what plugins bring."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import rich_click as click
from rich.text import Text

from scorecore.io.formats import Reader
from scorecore.io.result_writers import Writer
from scorecore.plugins import ExternalHook, Plugins, Scorer
from scorecore.policy.model import HIDDEN
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
    table,
)
from scorecore_cli.workspace import Workspace


@click.command("list", cls=options.Command)
@options.plugins
@options.as_json
@options.lang
def list_plugins(*, as_json: bool) -> None:
    """List what plugins provide: scorers with their keys, functions, checks, formats of facts, and layouts."""
    workspace = Workspace.open()
    plugins_found = workspace.scorers
    scorers = [plugins_found[name] for name in sorted(plugins_found)]
    if as_json:
        diagnostics = list(map(diagnostic_data, workspace.diagnostics))
        further_kinds = {name: list(named_kinds) for name, _, named_kinds in _others(plugins_found)}
        show_json({"scorers": list(map(_data, scorers)), **further_kinds, "problems": diagnostics})
        sys.exit(bool(diagnostics))
    screen = console()
    for scorer in scorers:
        screen.print(Text.assemble((scorer.name, "bold"), "  ", _(scorer.summary)))
        shown = table(_("key"), _("needed"), _("meaning"))
        for name, needed, about in _keys(scorer):
            shown.add_row(f"  {name}", _("yes") if needed else "", _(about))
        screen.print(shown)
        screen.print()
    for _name, title, named_kinds in _others(plugins_found):
        rows = list(named_kinds)
        if rows:
            shown = table(title, _("meaning"))
            for row in rows:
                shown.add_row(Text(f"  {row['name']}", "bold"), row["summary"])
            screen.print(shown)
            screen.print()
    show_diagnostics(workspace.diagnostics, {}, console(error=True))
    sys.exit(bool(workspace.diagnostics))


def _others(plugins_found: Plugins) -> Iterator[tuple[str, str, Iterator[Mapping[str, str]]]]:
    """The other kinds, each with its title."""
    yield (
        "operators",
        _("functions"),
        (_named(operator.signature, operator.summary) for operator in _sorted(plugins_found.operators)),
    )
    yield "checks", _("checks"), (_named(check.name, check.summary) for check in _sorted(plugins_found.checks))
    yield (
        "readers",
        _("formats of facts"),
        (_named(" ".join(_endings(reader)), reader.about) for reader in _sorted(plugins_found.readers)),
    )
    yield (
        "writers",
        _("databases for results"),
        (_named(" ".join(_endings(writer)), writer.about) for writer in _sorted(plugins_found.writers)),
    )
    yield (
        "renderers",
        _("layouts"),
        (_named(renderer.name, renderer.about) for renderer in _sorted(plugins_found.renderers)),
    )


def _sorted(by_name: Mapping[str, Any]) -> list[Any]:
    return [by_name[name] for name in sorted(by_name)]


def _endings(hook: ExternalHook) -> tuple[str, ...]:
    """How the files and URLs of a format are known."""
    if not isinstance(hook, Reader | Writer):
        return (hook.name,)
    return (*hook.endings, *(f"{scheme}://" for scheme in hook.schemes))


def _named(name: str, english: str) -> dict[str, str]:
    return {"name": name, "summary": _(english)}


def _keys(scorer: Scorer) -> list[tuple[str, bool, str]]:
    return [
        (parameter.name.rstrip("_"), parameter.default is attrs.NOTHING, str(parameter.metadata.get("about", "")))
        for parameter in attrs.fields(scorer.parameters)
        if not parameter.metadata.get(HIDDEN)
    ]


def _data(scorer: Scorer) -> dict[str, Any]:
    keys = [{"key": name, "needed": needed, "meaning": _(about)} for name, needed, about in _keys(scorer)]
    opens = "full" if scorer.opens_full else "empty"
    return {"name": scorer.name, "summary": _(scorer.summary), "opens": opens, "keys": keys}
