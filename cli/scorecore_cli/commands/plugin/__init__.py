"""`scorecore plugin`: packages that bring scorers, functions, checks, formats of facts and layouts."""

import rich_click as click

from scorecore_cli import options


@click.group(cls=options.CommandGroup)
@options.lang
def plugin() -> None:
    """Write a new plugin, or list what the installed plugins bring."""


plugin.modules = {
    "new": "scorecore_cli.commands.plugin.new:new_plugin",
    "list": "scorecore_cli.commands.plugin.list:list_plugins",
}
