"""Statements as files: one PDF or HTML page of all, or a file for each person."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from attrs import frozen

from scorecore_cli.pages import render_page
from scorecore_cli.statements.pdf import PdfWriter
from scorecore_cli.statements.statement import PayStatement, closing_words
from scorecore_cli.visible_text import make_visible

PDF: Final = ".pdf"
PAGE: Final = ".html"
_UNSAFE: Final = re.compile(r"[^\w.-]+")
_LONGEST: Final = 80
"""Letters of a file's name; three bytes each in Chinese, of which a disk takes 255."""


@frozen
class StatementSheet:
    """How statements are written."""

    title: str
    day: date
    """The last of the period, by which a PDF is dated: the same decisions give the same file."""
    font: Path | None = None

    def write(self, statements: Sequence[PayStatement], path: Path) -> None:
        """All of them as one file, a PDF or a page; raises OSError where the disk refuses."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == PDF:
            path.write_bytes(PdfWriter.open(self.font, self.day).render_all(self.title, statements))
        else:
            _write_page(self.title, statements, path)

    def write_each(self, statements: Sequence[PayStatement], folder: Path, ending: str) -> list[Path]:
        """A file for each person, named by their id and name; raises OSError where the disk refuses."""
        folder.mkdir(parents=True, exist_ok=True)
        writer = PdfWriter.open(self.font, self.day) if ending == PDF else None
        paths = [folder / f"{name}{ending}" for name in _name_files(statements)]
        for path, statement in zip(paths, statements, strict=True):
            if writer is not None:
                path.write_bytes(writer.render(statement.headline, [statement]))
            else:
                _write_page(statement.headline, [statement], path)
        return paths


def _write_page(title: str, statements: Sequence[PayStatement], path: Path) -> None:
    params = {"title": make_visible(title), "statements": statements, **closing_words()}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(render_page("statements.html.jinja", params))


def _name_files(statements: Sequence[PayStatement]) -> Iterator[str]:
    """Names that every disk takes, each once, whatever the ids are made of."""
    taken: set[str] = set()
    for statement in statements:
        stem = _UNSAFE.sub("_", f"{statement.subject} {statement.name}".strip()).strip("._")[:_LONGEST] or "_"
        name, number = stem, 2
        while name.casefold() in taken:  # disks of Windows and macOS do not distinguish A from a
            name, number = f"{stem}-{number}", number + 1
        taken.add(name.casefold())
        yield name
