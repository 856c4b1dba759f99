"""`scorecore facts`: workbooks of facts for those who fill them in."""

import rich_click as click

from scorecore_cli import options


@click.group(cls=options.CommandGroup)
@options.lang
def facts() -> None:
    """Make an empty workbook for the facts of a policy, or find what is wrong with facts."""


facts.modules = {name: f"scorecore_cli.commands.facts.{name}:{name}" for name in ("template", "check")}
