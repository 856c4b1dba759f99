"""Commands and options that speak the reader's language."""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from functools import partial, reduce
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import rich_click as click
from rich_click import RichCommandPanel, RichContext, RichHelpFormatter

from scorecore.diagnostics.diagnostic import Rejected
from scorecore.facts.cells import check_cell
from scorecore.io.translations import LANGUAGES
from scorecore.io.writers import FORMATS
from scorecore.values.types import DATE as DATE_TYPE
from scorecore_cli.language import _, choose
from scorecore_cli.output_path import OutputPath
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.plugin_options import choose_own, choose_traceback, leave_out
from scorecore_cli.third_party_messages import translate_third_party
from scorecore_cli.visible_text import make_visible


class _Formatter(RichHelpFormatter):
    """Usage and mistakes in usage, which click and rich-click would say in English."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or _("Usage:"))

    def write_error(self, e: click.ClickException) -> None:
        shown = click.ClickException(make_visible(translate_third_party(e.format_message())))
        if isinstance(e, click.UsageError) and e.ctx:
            shown = click.UsageError(shown.message, e.ctx)
            command = f"{e.ctx.command_path} {HELP_NAMES[-1]}"
            self.config = replace(self.config, errors_suggestion=_("try `{command}` for help", command=command))
        super().write_error(shown)


class _HelpContext(RichContext):
    formatter_class = _Formatter


HELP_NAMES: Final = ("-h", "--help")


class _Translated:
    """A text that is English when it is set, and in the reader's language when it is read."""

    def __get__(self, owner: Any, _owner: type) -> str | None:  # noqa: ANN401  whatever has a help
        english = vars(owner).get("_english")
        return _(english) if english else None

    def __set__(self, owner: Any, english: str | None) -> None:  # noqa: ANN401  the same
        vars(owner)["_english"] = english


class Argument(click.Argument):
    """An argument whose name in the usage line is translated when it is shown."""

    def make_metavar(self, ctx: click.Context) -> str:
        return _(super().make_metavar(ctx))


class Option(click.Option):
    """An option whose help is translated when it is shown."""

    help = _Translated()  # click takes it for the text that it gives

    def make_metavar(self, ctx: click.Context) -> str:
        return _(super().make_metavar(ctx))


class Command(click.RichCommand):
    """A command whose help is translated when it is shown."""

    context_class = _HelpContext

    help = _Translated()  # click takes it for the text that it gives

    def get_help_option_names(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the same in every context
        return list(HELP_NAMES)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        help_option = super().get_help_option(ctx)  # type: ignore[arg-type]  # any context will do
        if help_option:
            help_option.help = _("Show this message and exit.")
        return help_option

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [_(piece) for piece in super().collect_usage_pieces(ctx)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if isinstance(self, click.Group):  # what follows belongs to its commands
            return super().parse_args(ctx, args)
        own = {name for parameter in self.params for name in parameter.opts}
        return super().parse_args(ctx, [_current_option(argument, own) for argument in args])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  whatever the command gives
        """Run the command; what it did not expect to be rejected ends it with its problems as well."""
        try:
            return super().invoke(ctx)
        except Rejected as rejected:
            from scorecore_cli.terminal import console, show_diagnostics  # noqa: PLC0415  help should not wait for it

            show_diagnostics(rejected.diagnostics, {}, console(error=True))
            sys.exit(1)

    def main(self, args: Sequence[str] | None = None, *positional: Any, **extra: Any) -> Any:  # noqa: ANN401  whatever click takes and gives
        """Run in the language that the arguments or the locale name; it also decides what help and mistakes say."""
        choose(sys.argv[1:] if args is None else args)
        self.context_settings = {**self.context_settings, "rich_help_config": _help_words()}
        return super().main(args, *positional, **extra)


RENAMED_OPTIONS: Final = {"--as-of": "--known-at"}
"""Old names of options, which are understood for one more version."""


def _current_option(argument: str, own: Collection[str]) -> str:
    """An argument with the name that an option has now, unless it is one of the command's own."""
    name, equals, value = argument.partition("=")
    if name not in RENAMED_OPTIONS or name in own:
        return argument
    _announce_new_name(name, RENAMED_OPTIONS[name])
    return f"{RENAMED_OPTIONS[name]}{equals}{value}"


def _announce_new_name(old: str, new: str) -> None:
    click.echo(_("note: `{old}` is now `{new}`", old=old, new=new), err=True)


class CommandGroup(Command, click.RichGroup):  # type: ignore[misc]  # as rich-click's own group is
    """A group of commands. It imports a command when it is needed: `check` should not wait for `run`."""

    command_class = Command
    modules: Mapping[str, str] = {}
    """Where each command is, as `module:function`."""
    renamed: Mapping[str, str] = {}
    """Old names of commands, each with the words that are typed now; help does not show them."""
    roles: Callable[[], Mapping[str, Sequence[str]]] = dict
    """The commands of each role that help shows apart, in the reader's language."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the same in every context
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.renamed:
            return self._alias(ctx, cmd_name)
        if cmd_name in self.modules and cmd_name not in self.commands:
            module, _colon, function = self.modules[cmd_name].partition(":")
            self.add_command(getattr(import_module(module), function), cmd_name)
        return super().get_command(ctx, cmd_name)

    def _alias(self, ctx: click.Context, old_name: str) -> click.Command:
        """A command under its old name: it says the new one, and does the same."""
        new_name = self.renamed[old_name]
        command: click.Command | None = self
        for word in new_name.split():
            command = command.get_command(ctx, word) if isinstance(command, click.Group) else None
        assert command is not None  # noqa: S101  `renamed` names commands that exist
        run = command.callback

        def announce_and_run(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  whatever the command takes
            _announce_new_name(f"scorecore {old_name}", f"scorecore {new_name}")
            return run and run(*arguments, **options)

        alias = copy(command)
        alias.callback, alias.hidden = announce_and_run, True
        return alias

    def main(self, args: Sequence[str] | None = None, *positional: Any, **extra: Any) -> Any:  # noqa: ANN401  the same
        choose(sys.argv[1:] if args is None else args)
        self.panels = [RichCommandPanel(role, list(commands)) for role, commands in self.roles().items()]
        return super().main(args, *positional, **extra)


def _help_words() -> dict[str, str]:
    """What rich-click itself says."""
    return {
        "options_panel_title": _("Options"),
        "commands_panel_title": _("Commands"),
        "errors_panel_title": _("Error"),
        "aborted_text": _("Aborted."),
        "required_long_string": rf"\[{_('required')}]",
        "default_string": rf"\[{_('default: {value}', value='{}')}]",
    }


class _DateParameter(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.2
    """A date, written as in files of facts."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401  as click has it
        day = check_cell(value, DATE_TYPE)
        if not isinstance(day, date):
            self.fail(
                _("{value} is not a date; write it like {example}", value=value, example="2024-05-31"), param, ctx
            )
        return day


DATE: Final = _DateParameter()


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

option = partial(click.option, cls=Option)
argument = partial(click.argument, cls=Argument)

lang: Final[Decorator] = option(
    "--lang", type=click.Choice(LANGUAGES), expose_value=False, help="Language of messages; default from the locale."
)
as_json: Final[Decorator] = option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
_PLUGIN_OPTIONS: Final = (
    option(
        "--without",
        metavar="PLUGIN",
        multiple=True,
        expose_value=False,
        callback=leave_out,
        help="Do not load the plugin with this name or module; repeatable.",
    ),
    option(
        "--no-plugins",
        is_flag=True,
        expose_value=False,
        callback=choose_own,
        help="Load only the plugins that come with scorecore; for policies from unknown sources.",
    ),
    option(
        "--traceback",
        is_flag=True,
        expose_value=False,
        callback=choose_traceback,
        help="Show where a plugin failed, for its author.",
    ),
)


def plugins(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every command that loads plugins."""
    return reduce(lambda decorated, decorate: decorate(decorated), reversed(_PLUGIN_OPTIONS), command)


_parents: Final[Decorator] = option(
    "--parents",
    type=PathParameter(exists=True, file_okay=False),
    multiple=True,
    help="Another folder with policies that are extended or used; repeatable.",
)


def parents(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every command that compiles policies."""
    return _parents(plugins(command))


policy: Final[Decorator] = argument("policy", type=PathParameter(exists=True, dir_okay=False))
FACTS_HELP: Final = (
    "Facts: a folder of .csv, .parquet or .jsonl files, one .jsonl file, one workbook, a .toml file with queries to a "
    "database, or what a plugin reads."
)
_MAPPING: Final = "scorecore.mapping"


def _keep_mapping(ctx: click.Context, _param: click.Parameter, path: Path | None) -> None:
    ctx.meta[_MAPPING] = path


def _get_meta() -> dict[str, Any]:
    """What the options of this command keep for later use."""
    context = click.get_current_context(silent=True)
    return context.meta if context else {}


def find_mapping() -> Path | None:
    """The file of --mapping; None without one."""
    path: Path | None = _get_meta().get(_MAPPING)
    return path


def forget_missing_mapping() -> Path | None:
    """The file of --mapping that is still to be written; facts are then read without one."""
    path = find_mapping()
    if path is None or path.exists():
        return None
    _get_meta()[_MAPPING] = None
    return path


mapping: Final[Decorator] = option(
    "--mapping",
    type=PathParameter(dir_okay=False),
    expose_value=False,  # the code that reads facts asks for it
    callback=_keep_mapping,
    help="A file that says what sheets, headings and units of the facts mean; `scorecore facts check` proposes one.",
)


def facts(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the facts are, and what they are called there."""
    return _facts(command, is_required=True)


def facts_or_claim(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same of a command that can do without."""
    return _facts(command, is_required=False)


def _facts(command: Callable[..., Any], *, is_required: bool) -> Callable[..., Any]:
    where = option("--facts", type=PathParameter(exists=True), required=is_required, help=FACTS_HELP)
    return where(mapping(command))


history: Final[Decorator] = option(
    "--history",
    type=PathParameter(exists=True),
    help="Decisions of earlier periods: a file, or a folder that --out wrote.",
)
no_history: Final[Decorator] = option(
    "--no-history", is_flag=True, help="Nothing was decided in earlier periods: balances open as the policy says."
)
period: Final[Decorator] = option("--period", required=True, help="The period, such as 2024-05.")
repeated_period: Final[Decorator] = option(
    "--period", "labels", multiple=True, help="A period, such as 2024-05; repeatable."
)
span: Final[Decorator] = option("--periods", "span", help="All periods from one to another, such as 2024-01..2024-12.")
known_at: Final[Decorator] = option(
    "--known-at",
    type=DATE,
    metavar="DATE",
    help="Use only what was known on this day: facts, or what was recorded; default: everything.",
)
out: Final[Decorator] = option(
    "--out", type=OutputPath(is_folder=True), help="Write all tables: a folder, or a workbook ending in .xlsx."
)
out_or_database: Final[Decorator] = option(
    "--out",
    type=OutputPath(is_folder=True, is_database=True),
    help="Write all tables: a folder, a workbook ending in .xlsx, or a database such as postgresql://host/name.",
)
force: Final[Decorator] = option(
    "--force",
    is_flag=True,
    help="Also overwrite files that scorecore did not write, or that were changed since it wrote them.",
)
file_format: Final[Decorator] = option(
    "--format", "file_format", type=click.Choice(FORMATS), default="csv", help="Format of the files in the folder."
)
fail_on_held: Final[Decorator] = option(
    "--fail-on-held", is_flag=True, help="Also end with exit code 1 when the policy leaves something undecided."
)
person: Final[Decorator] = option(
    "--person", "subject", required=True, help="The id of the person, or of whatever else the policy assesses."
)
record_path: Final[Decorator] = option(
    "--record",
    "record_path",
    type=PathParameter(exists=True, dir_okay=False),
    help="The record that has what was decided before.",
)
encoding: Final[Decorator] = option(
    "--encoding", default="utf-8", show_default=True, help="The encoding of text files, such as gb18030."
)
