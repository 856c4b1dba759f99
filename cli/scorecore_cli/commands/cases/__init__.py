"""`scorecore cases`: the cases of a policy."""

import rich_click as click

from scorecore_cli import options


@click.group(cls=options.CommandGroup)
@options.lang
def cases() -> None:
    """Look for the cases that a policy lacks."""


cases.modules = {"suggest": "scorecore_cli.commands.cases.suggest:suggest"}
