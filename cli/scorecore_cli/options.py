"""Commands and options that speak the reader's language."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import rich_click as click
from rich_click import RichContext, RichHelpFormatter

from scorecore_cli.language import LANGUAGES, t


class Command(click.RichCommand):
    """A command whose help is translated when it is shown."""

    def format_help(self, ctx: RichContext, formatter: RichHelpFormatter) -> None:  # type: ignore[override]
        _translate(self)
        super().format_help(ctx, formatter)


class Group(click.RichGroup):
    """The same for the whole program."""

    command_class = Command

    def format_help(self, ctx: RichContext, formatter: RichHelpFormatter) -> None:  # type: ignore[override]
        _translate(self)
        for command in self.commands.values():
            _translate(command)
        super().format_help(ctx, formatter)


def _translate(command: click.Command) -> None:
    command.help = t(command.help) if command.help else command.help
    for parameter in command.get_params(click.Context(command)):
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = t(parameter.help)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

lang: Final[Decorator] = click.option(
    "--lang", type=click.Choice(LANGUAGES), expose_value=False, help="Language of messages; default from the locale."
)
as_json: Final[Decorator] = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
parents: Final[Decorator] = click.option(
    "--parents",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Another folder with policies that may be extended.",
)
policy: Final[Decorator] = click.argument("policy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
facts: Final[Decorator] = click.option(
    "--facts",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="Facts: a folder of .csv, .parquet or .jsonl files, one .jsonl file, or one workbook.",
)
history: Final[Decorator] = click.option(
    "--history",
    type=click.Path(exists=True, path_type=Path),
    help="Decisions of earlier periods: a file, or a folder that --out wrote.",
)
period: Final[Decorator] = click.option("--period", required=True, help="The period, such as 2024-05.")
encoding: Final[Decorator] = click.option(
    "--encoding", default="utf-8", show_default=True, help="How text files are written, such as gb18030."
)
