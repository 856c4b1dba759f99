"""`scorecore record`: what was decided, kept so that it can be corrected, checked, proved and erased."""

import rich_click as click

from scorecore_cli import options


@click.group(cls=options.CommandGroup)
@options.lang
def record() -> None:
    """Read, correct, check and prove what was decided: a record that `scorecore run --record` has written."""


_COMMANDS = (
    "begin",
    "log",
    "correct",
    "adopt",
    "waiting",
    "approval",
    "approve",
    "verify",
    "replay",
    "prove",
    "retention",
    "erase",
    "resume",
    "convert",
    "compare",
    "dashboard",
    "operator",
    "key",
    "witness",
    "timestamp",
)

record.modules = {
    **{name: f"scorecore_cli.commands.record.{name}:{name}" for name in _COMMANDS},
    "return": "scorecore_cli.commands.record.approve:send_back",
    "object": "scorecore_cli.commands.record.object:object_",
    "answer": "scorecore_cli.commands.record.object:answer",
}
