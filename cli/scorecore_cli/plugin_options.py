"""Which plugins a command loads, and whether it shows where one of them failed."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from traceback import format_exception

import rich_click as click

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.plugins import installed
from scorecore.plugins.reserved import comes_with_scorecore
from scorecore_cli.language import _


class _Chosen:
    """What the command line says; each command that takes the options sets all of them."""

    without: tuple[str, ...] = ()
    no_plugins = False
    traceback = False


def leave_out(_context: click.Context, _option: click.Parameter, names: tuple[str, ...]) -> None:
    """Keep the names of `--without`; a mistake of usage where no plugin has one of them."""
    _Chosen.without = names
    if not names:
        return
    named = {name for plugin in installed() for name in (plugin.name, plugin.value)}
    unknown = next((name for name in names if name not in named), None)
    if unknown is not None:
        there = ", ".join(sorted({plugin.name for plugin in installed()}))
        raise click.UsageError(_("no plugin is named {name}; there are {names}", name=unknown, names=there))


def choose_own(_context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001  as click calls it
    """Keep whether only what comes with scorecore is loaded."""
    _Chosen.no_plugins = value


def choose_traceback(_context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001  the same
    """Keep whether tracebacks are shown."""
    _Chosen.traceback = value


def chosen_plugins() -> Iterator[EntryPoint]:
    """The installed plugins that the command line does not leave out."""
    for plugin in installed():
        if _Chosen.no_plugins and not comes_with_scorecore(plugin.value):
            continue
        if not {plugin.name, plugin.value} & set(_Chosen.without):
            yield plugin


def read_traceback(diagnostic: Diagnostic) -> str:
    """What a plugin raised, if it is to be shown; empty if nothing was raised."""
    if diagnostic.cause is None or not _Chosen.traceback:
        return ""
    return "".join(format_exception(diagnostic.cause)).rstrip()
