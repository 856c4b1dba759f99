"""The command `scorecore`."""

import sys

import rich_click as click

from scorecore_cli import options


@click.group(cls=options.CommandGroup)
@click.version_option(
    package_name="scorecore", prog_name="scorecore", message="%(prog)s %(version)s", cls=options.Option
)
@options.lang
def scorecore() -> None:
    """Assess and pay people by rule: exact to the cent, every point explained."""


scorecore.modules = {
    name: f"scorecore_cli.commands.{module}"
    for name, module in {
        "calendar": "calendar",
        "check": "check",
        "test": "test",
        "run": "run",
        "explain": "explain",
        "diff": "diff",
        "sweep": "sweep",
        "expand": "expand",
        "facts": "facts",
        "fmt": "fmt",
        "new": "new",
        "new-plugin": "new_plugin",
        "plugins": "plugins",
        "schema": "schema",
        "log": "log",
        "correct": "correct",
        "replay": "replay",
        "verify": "verify",
        "prove": "prove",
        "erase": "erase",
    }.items()
}


def main() -> None:
    """Run the program; ends with 0 if all is well, 1 if something was found, 2 if it was used wrongly."""
    for stream in (sys.stdout, sys.stderr):  # Chinese in a pipe or a C locale too
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    scorecore()
