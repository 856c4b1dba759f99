"""`scorecore serve`: the workbench, in a browser."""

import webbrowser
from importlib import import_module
from pathlib import Path

import rich_click as click

from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.operator_key import as_option
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@options.argument("folder", type=PathParameter(exists=True, file_okay=False))
@options.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; default: any that is free.")
@options.option("--read-only", is_flag=True, help="Let nothing be changed or recorded, as for an auditor.")
@options.option("--no-browser", is_flag=True, help="Only show the address; open no browser.")
@as_option
@options.lang
def serve(folder: Path, port: int, operator: Path | None, *, read_only: bool, no_browser: bool) -> None:
    """Open the workbench for a folder: its policies, the facts of each month, runs, people, and the record.

    It serves one person on this machine: only who has the address that is shown can use it.
    """
    try:
        server = import_module("scorecore_web.server")  # needs what only `scorecore[web]` installs
    except ModuleNotFoundError as error:
        message = _("{name} is missing: install scorecore with its web part, scorecore[web]", name=error.name)
        raise click.ClickException(message) from None

    def announce(address: str) -> None:
        console().print(_("the workbench is at {address}", address=address))
        console().print(_("keep this window open while you work; Ctrl+C ends it"))
        if not no_browser:
            webbrowser.open(address)

    server.serve_folder(folder, port, announce, operator=operator, is_read_only=read_only)
