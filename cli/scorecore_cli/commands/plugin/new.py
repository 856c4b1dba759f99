"""`scorecore plugin new`: a package with a scorer that works, for a developer to change."""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from typing import Final

import rich_click as click
from rich.text import Text

from scorecore.plugins import installed
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.terminal import console

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST: Final = 40


@click.command("new", cls=options.Command)
@options.argument("name")
@options.option(
    "--out",
    type=PathParameter(),
    help="The folder to write; by default one with the plugin's name, here.",
)
@options.lang
def new_plugin(name: str, out: Path | None) -> None:
    """Write a package with a new scorer: code, cases and tests, ready to install and change."""
    module = name.replace("-", "_")
    _usable(name, module)
    folder = out or Path(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError(_("{path} already exists, and is not empty", path=folder))
    screen = console()
    try:
        for path, text in sorted(_files(name, module)):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            screen.print(Text(_("written: {path}", path=file)))
    except OSError as error:
        raise click.FileError(str(folder), error.strerror or str(error)) from None
    screen.print()
    screen.print(_("next: install it, check that it is listed, run its tests"))
    for line in (f"cd {folder}", "pip install -e '.[test]'", "scorecore plugin list", "pytest"):
        screen.print(Text(f"  {line}"))  # not as markup: [test] is meant


def _usable(name: str, module: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or iskeyword(module):
        raise click.UsageError(
            _("{name} cannot be a name: use lower-case letters and digits, words joined by -", name=name)
        )
    if any(plugin.name == name for plugin in installed()) or find_spec(module) is not None:
        raise click.UsageError(_("{name} is taken by a plugin or module that is installed", name=name))


def _files(name: str, module: str) -> Iterator[tuple[str, str]]:
    """Every file of the package with its text. The template is a package itself, whose names are replaced."""
    words = name.split("-")
    initials = "".join(word[0] for word in words) if len(words) > 1 else name[:2]
    names = {
        "new-plugin": name,
        "new_plugin": module,
        "NewPlugin": "".join(map(str.title, words)),
        "NP101": f"{initials.upper():X<2}101",
    }

    def named(text: str) -> str:
        return re.sub("|".join(names), lambda match: names[match.group()], text)

    for path, file in _below(files("scorecore_cli") / "templates" / "plugin"):
        yield named(path), named(file.read_text(encoding="utf-8"))


def _below(folder: Traversable, before: str = "") -> Iterator[tuple[str, Traversable]]:
    for child in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if child.is_dir() and child.name != "__pycache__":
            yield from _below(child, f"{before}{child.name}/")
        elif child.is_file():
            yield f"{before}{child.name}", child
