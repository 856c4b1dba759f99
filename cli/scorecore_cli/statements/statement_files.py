"""Statements as files: one PDF or HTML page of all, or a file for each person."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from attrs import frozen

from scorecore.io.own_files import mark_pdf, write_tables_beside
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
        is_pdf = path.suffix.lower() == PDF
        content = PdfWriter.open(self.font, self.day).render_all(self.title, statements) if is_pdf else b""
        write = partial(_write_content, content) if is_pdf else partial(_write_page, self.title, statements)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_tables_beside(path.parent, {path.name: write}, is_listed=False)

    def write_each(self, statements: Sequence[PayStatement], folder: Path, ending: str) -> None:
        """A file for each person, as `list_files` names it; raises OSError where the disk refuses."""
        writer = PdfWriter.open(self.font, self.day) if ending == PDF else None
        writes = [
            partial(_write_page, statement.headline, [statement])
            if writer is None
            else partial(_write_pdf, writer, statement)
            for statement in statements
        ]
        names = [path.name for path in list_files(statements, folder, ending)]
        folder.mkdir(parents=True, exist_ok=True)
        write_tables_beside(folder, dict(zip(names, writes, strict=True)), is_listed=False)


def list_files(statements: Sequence[PayStatement], folder: Path, ending: str) -> list[Path]:
    """The files of statements that are written one by one, named by id and name."""
    return [folder / f"{name}{ending}" for name in _name_files(statements)]


def _write_content(content: bytes, path: Path) -> None:
    path.write_bytes(mark_pdf(content))


def _write_pdf(writer: PdfWriter, statement: PayStatement, path: Path) -> None:
    path.write_bytes(mark_pdf(writer.render(statement.headline, [statement])))


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
