"""Commands and options that speak the reader's language."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import rich_click as click
from rich_click import RichContext, RichHelpFormatter

from scorecore.facts.cells import check_cell
from scorecore.values.types import DATE
from scorecore_cli.language import LANGUAGES, choose, t
from scorecore_cli.third_party_messages import foreign


class _Formatter(RichHelpFormatter):
    """Usage and mistakes in usage, which click and rich-click would say in English."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or t("Usage:"))

    def write_error(self, e: click.ClickException) -> None:
        shown = click.ClickException(foreign(e.format_message()))
        if isinstance(e, click.UsageError) and e.ctx:
            shown = click.UsageError(shown.message, e.ctx)
            command = f"{e.ctx.command_path} {HELP_NAMES[-1]}"
            self.config = replace(self.config, errors_suggestion=t("try `{command}` for help", command=command))
        super().write_error(shown)


class _Context(RichContext):
    formatter_class = _Formatter


HELP_NAMES: Final = ("-h", "--help")


class _Translated:
    """A text that is English when it is set, and in the reader's language when it is read."""

    def __get__(self, of: Any, _owner: type) -> str | None:  # noqa: ANN401  whatever has a help
        english = vars(of).get("_english")
        return t(english) if english else None

    def __set__(self, of: Any, english: str | None) -> None:  # noqa: ANN401  the same
        vars(of)["_english"] = english


class Argument(click.Argument):
    """An argument whose name in the usage line is translated when it is shown."""

    def make_metavar(self, ctx: click.Context) -> str:
        return t(super().make_metavar(ctx))


class Option(click.Option):
    """An option whose help is translated when it is shown."""

    help = _Translated()  # click takes it for the text that it gives

    def make_metavar(self, ctx: click.Context) -> str:
        return t(super().make_metavar(ctx))


class Command(click.RichCommand):
    """A command whose help is translated when it is shown."""

    context_class = _Context

    help = _Translated()  # click takes it for the text that it gives

    def get_help_option_names(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the same in every context
        return list(HELP_NAMES)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        found = super().get_help_option(ctx)  # type: ignore[arg-type]  # any context will do
        if found:
            found.help = t("Show this message and exit.")
        return found

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [t(piece) for piece in super().collect_usage_pieces(ctx)]

    def main(self, args: Sequence[str] | None = None, *others: Any, **extra: Any) -> Any:  # noqa: ANN401  whatever click takes and gives
        """Run in the language that the arguments or the locale name; it also decides what help and mistakes say."""
        choose(sys.argv[1:] if args is None else args)
        self.context_settings = {**self.context_settings, "rich_help_config": _own_words()}
        return super().main(args, *others, **extra)


class CommandGroup(Command, click.RichGroup):  # type: ignore[misc]  # as rich-click's own group is
    """The same for the whole program. It imports a command when it is needed: `check` should not wait for `run`."""

    command_class = Command
    modules: Mapping[str, str] = {}
    """Where each command is: the module, which has it by its own name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the same in every context
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.modules and cmd_name not in self.commands:
            self.add_command(getattr(import_module(self.modules[cmd_name]), cmd_name.replace("-", "_")))
        return super().get_command(ctx, cmd_name)


def _own_words() -> dict[str, str]:
    """What rich-click itself says."""
    return {
        "options_panel_title": t("Options"),
        "commands_panel_title": t("Commands"),
        "errors_panel_title": t("Error"),
        "aborted_text": t("Aborted."),
        "required_long_string": rf"\[{t('required')}]",
        "default_string": rf"\[{t('default: {value}', value='{}')}]",
    }


class _Day(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.2
    """A date, written as in files of facts."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401  as click has it
        day = check_cell(value, DATE)
        if not isinstance(day, date):
            self.fail(t("{value} is no date; write it like {example}", value=value, example="2024-05-31"), param, ctx)
        return day


DAY: Final = _Day()

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

option = partial(click.option, cls=Option)
argument = partial(click.argument, cls=Argument)

lang: Final[Decorator] = option(
    "--lang", type=click.Choice(LANGUAGES), expose_value=False, help="Language of messages; default from the locale."
)
as_json: Final[Decorator] = option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
parents: Final[Decorator] = option(
    "--parents",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Another folder with policies that may be extended.",
)
policy: Final[Decorator] = argument("policy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
facts: Final[Decorator] = option(
    "--facts",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="Facts: a folder of .csv, .parquet or .jsonl files, one .jsonl file, one workbook, or what a plugin reads.",
)
history: Final[Decorator] = option(
    "--history",
    type=click.Path(exists=True, path_type=Path),
    help="Decisions of earlier periods: a file, or a folder that --out wrote.",
)
no_history: Final[Decorator] = option(
    "--no-history", is_flag=True, help="Nothing was decided in earlier periods: balances open as the policy says."
)
period: Final[Decorator] = option("--period", required=True, help="The period, such as 2024-05.")
several_periods: Final[Decorator] = option(
    "--period", "labels", multiple=True, help="A period, such as 2024-05; may be given several times."
)
span: Final[Decorator] = option("--periods", "span", help="All periods from one to another, such as 2024-01..2024-12.")
known_at: Final[Decorator] = option(
    "--known-at",
    type=DAY,
    metavar="DATE",
    help="Decide with the facts that were known on this day; without it, with all.",
)
as_of: Final[Decorator] = option(
    "--as-of",
    type=DAY,
    metavar="DATE",
    help="Explain what held on this day: with the facts that were known, or what the record had.",
)
encoding: Final[Decorator] = option(
    "--encoding", default="utf-8", show_default=True, help="How text files are written, such as gb18030."
)
