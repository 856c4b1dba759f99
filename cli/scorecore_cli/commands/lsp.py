"""`scorecore lsp`: policies in an editor."""

from importlib import import_module
from pathlib import Path

import rich_click as click

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.plugins import Plugins, load_scorers
from scorecore.services.open_texts import OpenTexts
from scorecore_cli import options
from scorecore_cli.language import _, learn_plugin_words
from scorecore_cli.plugin_options import chosen_plugins


@click.command(cls=options.Command)
@options.parents
@options.lang
def lsp(parents: tuple[Path, ...]) -> None:
    """Serve an editor over standard input and output (Language Server Protocol); the editor starts this itself."""
    try:
        server = import_module("scorecore_cli.language_server.server")  # needs what only `scorecore[lsp]` installs
    except ModuleNotFoundError as error:
        message = _("{name} is missing: install scorecore with its editor part, scorecore[lsp]", name=error.name)
        raise click.ClickException(message) from None
    server.serve_editor(OpenTexts(parents, load_plugins=_load_plugins))


def _load_plugins() -> tuple[Plugins, tuple[Diagnostic, ...]]:
    diagnostics = Diagnostics()
    plugins = load_scorers(chosen_plugins(), diagnostics)
    learn_plugin_words(plugins.words)
    return plugins, tuple(diagnostics)
