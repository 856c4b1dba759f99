"""`scorecore serve`: the workbench, in a browser."""

import signal
import webbrowser
from collections.abc import Iterator
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
@options.option("--sample", is_flag=True, help="Open an invented firm with half a year of decisions, to try things on.")
@options.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; default: any that is free.")
@options.option("--read-only", is_flag=True, help="Let nothing be changed or recorded, as for an auditor.")
@options.option("--no-browser", is_flag=True, help="Only show the address; open no browser.")
@as_option
@options.lang
def serve(
    folder: Path | None, port: int, operator: Path | None, *, sample: bool, read_only: bool, no_browser: bool
) -> None:
    """Open the workbench for a folder: its policies, the facts of each month, runs, people, and the record.

    It serves one person on this machine: only who has the address that is shown can use it. With --sample the folder
    is made where it is not there; without a folder, what is done to the sample is forgotten when the command ends.
    """
    server = _import_server()

    def announce(address: str) -> None:
        console().print(_("the workbench is at {address}", address=address))
        console().print(_("keep this window open while you work; Ctrl+C ends it"))
        if not no_browser:
            webbrowser.open(address)

    with suppress(KeyboardInterrupt), _open_folder(folder, is_sample=sample) as opened:
        server.serve_folder(opened, port, announce, operator=operator, is_read_only=read_only)


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
            make_sample_firm(folder)
        yield folder
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # which would end the process at once otherwise
    with TemporaryDirectory(prefix="scorecore-sample-") as beside:
        sample = Path(beside, "sample-firm")
        make_sample_firm(sample)
        yield sample
