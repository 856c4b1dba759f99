"""`scorecore fmt`: policies and cases in the usual layout."""

import sys
from pathlib import Path

import rich_click as click

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.own_files import rewrite_text
from scorecore.io.policy_files import read_source
from scorecore.services.layout import format_source
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
)


@click.command(cls=options.Command)
@options.argument("paths", nargs=-1, required=True, type=PathParameter(exists=True))
@options.option("--check", "only_check", is_flag=True, help="Change nothing; only list the files whose layout differs.")
@options.as_json
@options.lang
def fmt(paths: tuple[Path, ...], *, only_check: bool, as_json: bool) -> None:
    """Format policies and cases: spacing, alignment, keys in their usual order. No comment or value changes."""
    diagnostics = Diagnostics()
    sources: dict[str, Source] = {}
    files = [file for path in paths for file in (sorted(path.rglob("*.toml")) if path.is_dir() else [path])]
    if not files:
        raise click.UsageError(_("there is no policy in {path}: policies are files ending in .toml", path=paths[0]))
    otherwise = [file for file in files if _laid_out(file, sources, diagnostics, write=not only_check)]
    wrong = bool(len(diagnostics)) or (only_check and bool(otherwise))
    if as_json:
        summary = {
            "files": len(files),
            "changed": list(map(str, otherwise)),
            "problems": list(map(diagnostic_data, diagnostics)),
        }
        show_json(summary)
        sys.exit(wrong)
    out = console()
    show_diagnostics(diagnostics, sources, out)
    for file in otherwise:
        said = _("the layout of {path} differs", path=file) if only_check else _("layout changed: {path}", path=file)
        out.print(said)
    out.print(_("files: {files}; layout differs: {count}", files=len(files), count=len(otherwise)))
    sys.exit(wrong)


def _laid_out(path: Path, sources: dict[str, Source], diagnostics: Diagnostics, *, write: bool) -> bool:
    """Whether the layout of a file differs from the usual one; `write` changes it."""
    source = read_source(path, diagnostics)
    if source is None:
        return False
    sources[source.name] = source
    text = format_source(source, diagnostics)
    if text is None or text == source.text:
        return False
    if write:
        try:
            rewrite_text(path, text)
        except OSError as error:
            raise click.FileError(str(path), error.strerror or str(error)) from None
    return True
