"""`scorecore serve`: the workbench, in a browser."""

import signal
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rich_click as click

from scorecore_cli import options
from scorecore_cli.commands.new import make_sample_firm
from scorecore_cli.language import _
from scorecore_cli.operator_key import as_option
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@options.argument("folder", type=PathParameter(file_okay=False), required=False)
@options.option(
    "--sample", is_flag=True, help="Open an invented firm with half a year of decisions, for trying things out."
)
@options.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; default: any that is free.")
@options.option(
    "--accounts", is_flag=True, help="Serve many people, who sign in; the first address is an administrator's."
)
@options.option(
    "--sign-on",
    "sign_on",
    type=PathParameter(exists=True, dir_okay=False),
    help="A TOML file that says where --accounts listens, and how the firm's sign-on lets people in.",
)
@options.option(
    "--read-only", is_flag=True, help="Allow nothing to be changed or recorded, for example for an auditor."
)
@options.option("--no-browser", is_flag=True, help="Only show the address; open no browser.")
@as_option
@options.lang
def serve(
    folder: Path | None, port: int, operator: Path | None, sign_on: Path | None, *, sample: bool, **switches: bool
) -> None:
    """Open the workbench for a folder: its policies, the facts of each month, runs, people, and the record.

    It serves one person on this machine: only somebody with the address shown can use it. With --sample the folder is
    created if it does not exist, and you choose whom in the firm to act as; without a folder, all changes to the sample
    are lost when the command ends. With --accounts people sign in, and each may do what their roles allow.
    """
    server = _import_server()
    is_many = switches["accounts"]
    if (is_many and (sample or switches["read_only"])) or (sign_on and (not is_many or port)):
        raise click.UsageError(
            _("--accounts goes without --sample and --read-only; --sign-on with it, and without --port")
        )

    def announce(address: str) -> None:
        console().print(_("the workbench is at {address}", address=address))
        console().print(_("keep this window open while you work; Ctrl+C ends it"))
        if not switches["no_browser"]:
            webbrowser.open(address)

    with suppress(KeyboardInterrupt), _open_folder(folder, is_sample=sample) as opened:
        if is_many:
            _serve_many(opened, port, operator, sign_on, announce)
            return
        if sample:
            server.open_sample(opened)
        is_read_only = switches["read_only"]
        server.serve_folder(opened, port, announce, operator=operator, is_read_only=is_read_only, is_sample=sample)


def _serve_many(
    folder: Path, port: int, operator: Path | None, sign_on: Path | None, announce: Callable[[str], None]
) -> None:
    server, reading = _import_server(), import_module("scorecore_web.sign_on")
    try:
        read = reading.read_sign_on(sign_on) if sign_on else reading.SignOn(port=port)
        server.serve_many(folder, read, announce, operator)
    except reading.SignOnMistake as mistake:
        message = _("{path}, {key}: {problem}", path=sign_on, key=mistake.key, problem=mistake.problem)
        raise click.ClickException(message) from None
    except ModuleNotFoundError as error:
        message = _("{name} is missing: install scorecore with its sign-on part, scorecore[sso]", name=error.name)
        raise click.ClickException(message) from None


def _import_server() -> Any:  # noqa: ANN401  a module that need not be there
    try:
        return import_module("scorecore_web.server")  # needs what only `scorecore[web]` installs
    except ModuleNotFoundError as error:
        message = _("{name} is missing: install scorecore with its web part, scorecore[web]", name=error.name)
        raise click.ClickException(message) from None


@contextmanager
def _open_folder(folder: Path | None, *, is_sample: bool) -> Iterator[Path]:
    """The folder that is served; that of a sample without one goes when the command ends, however it is ended."""
    if folder is None and not is_sample:
        raise click.UsageError(_("name the folder that is served, or use --sample"))
    if folder is not None:
        if not folder.exists() and not is_sample:
            raise click.UsageError(_("there is no folder {path}", path=folder))
        if not folder.exists():
            make_sample_firm(folder, is_shared=True)
        yield folder
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # which would end the process at once otherwise
    with TemporaryDirectory(prefix="scorecore-sample-") as beside:
        sample = Path(beside, "sample-firm")
        make_sample_firm(sample, is_shared=True)
        yield sample
