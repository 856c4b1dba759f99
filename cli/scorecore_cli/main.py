"""The command `scorecore`."""

import sys

import rich_click as click

from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.stream_encoding import set_encoding


@click.group(cls=options.CommandGroup)
@click.version_option(
    package_name="scorecore", prog_name="scorecore", message="%(prog)s %(version)s", cls=options.Option
)
@options.lang
def scorecore() -> None:
    """Assess and pay people by rule: exact to the cent, every point explained."""


_DAILY = ("new", "check", "test", "run", "explain", "statements", "diff", "sweep", "trace", "document", "fmt", "serve")
_SELDOM = ("expand", "schema", "calendar", "lsp")
_GROUPS = ("facts", "cases", "record", "plugin")

scorecore.modules = {name: f"scorecore_cli.commands.{name}:{name}" for name in (*_DAILY, *_SELDOM, *_GROUPS)}
scorecore.renamed = {
    **{name: f"record {name}" for name in ("log", "correct", "verify", "replay", "prove", "erase")},
    "plugins": "plugin list",
    "new-plugin": "plugin new",
}
scorecore.roles = lambda: {
    _("Branch author"): (
        "new", "check", "test", "cases", "facts", "run", "explain", "statements", "diff", "sweep", "trace", "document",
        "fmt", "calendar", "serve",
    ),
    _("Developer"): ("plugin", "expand", "schema", "lsp"),
    _("Auditor"): ("record",),
}  # fmt: skip


def main() -> None:
    """Run the program; ends with 0 if all is well, 1 if something was found, 2 if it was used wrongly."""
    for stream in (sys.stdout, sys.stderr):
        set_encoding(stream)
    scorecore()
