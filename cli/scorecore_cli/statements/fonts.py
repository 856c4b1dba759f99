"""Which fonts a PDF is set with: one that is named, or those of this computer, Chinese ones first."""

from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Final

import rich_click as click
from attrs import frozen

from scorecore_cli.language import _

_PREFERRED: Final = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC"),
    *("Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "SimHei", "DengXian"),
    *("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "SimSun", "Songti SC", "AR PL UMing CN"),
    *("DejaVu Sans", "Arial", "Helvetica", "Liberation Sans", "Libertinus Serif"),
)
"""Of those that a computer has the first is taken, and the others for letters that it lacks."""


@frozen
class Fonts:
    families: tuple[str, ...]
    folder: "TemporaryDirectory[str] | None" = None
    """Of the font that is named; Typst searches folders, and its own may hold thousands of files."""

    @property
    def paths(self) -> list[str]:
        return [self.folder.name] if self.folder else []


def choose_fonts(path: Path | None) -> Fonts:
    """The fonts to set with; ends the command where a file that is named is not a font."""
    import typst  # noqa: PLC0415  only a PDF needs it

    present = set(typst.Fonts().families())
    usual = tuple(family for family in _PREFERRED if family in present)
    if path is None:
        return Fonts(usual)
    folder = TemporaryDirectory(prefix="scorecore-font-")
    copy(path, folder.name)
    named = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder.name]).families()
    if not named:
        raise click.UsageError(_("{path} is not a font that can be read: .ttf, .otf or .ttc", path=path))
    return Fonts((*named, *usual), folder)
