"""Statements as PDF, set by Typst: all text is data, can be searched and copied, and nothing of it is markup."""

import io
import json
import re
from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

import rich_click as click
from attrs import frozen

from scorecore_cli.language import _, current
from scorecore_cli.statements.fonts import Fonts, choose_fonts
from scorecore_cli.statements.statement import PayStatement, closing_words
from scorecore_cli.visible_text import make_visible

if TYPE_CHECKING:
    from pathlib import Path

    from typst import Compiler

_Standard = Literal["ua-1", "a-2b"]
_TAGGED: Final[_Standard] = "ua-1"
_UNTAGGED: Final[_Standard] = "a-2b"
"""Both standards refuse a letter that no font has, which would be an empty box."""
_TOGETHER: Final = 20
"""Statements that are set at once: Typst looks for the last page of each among all, and keeps all in memory."""
_UNSHOWN: Final = re.compile(r'the text `"(?P<text>.*)"` could not be displayed', re.DOTALL)


@frozen
class PdfWriter:
    """A compiler that has read the fonts, and the template."""

    compiler: "Compiler"
    fonts: Fonts
    template: str
    day: date

    @classmethod
    def open(cls, font: "Path | None", day: date) -> "PdfWriter":
        """Ends the command where Typst is not installed."""
        try:
            import pypdf  # noqa: F401, PLC0415  only a PDF needs them
            import typst  # noqa: PLC0415
        except ImportError:
            raise click.UsageError(
                _("a PDF needs the extra `pdf`: pip install 'scorecore[pdf]'; an .html file prints as well")
            ) from None
        fonts = choose_fonts(font)
        template = files("scorecore_cli").joinpath("templates/pages/statements.typ").read_text(encoding="utf-8")
        compiler = typst.Compiler(b"", font_paths=fonts.paths)  # type: ignore[misc]  # generic for nothing
        return cls(compiler, fonts, template, day)

    def render_all(self, title: str, statements: Sequence[PayStatement]) -> bytes:
        """One PDF of any length; a long one has no structure for screen readers, which would be most of it."""
        from pypdf import PdfWriter as Joined  # noqa: PLC0415  only a PDF needs it

        if len(statements) <= _TOGETHER:
            return self.render(title, statements)
        joined = Joined()
        for start in range(0, len(statements), _TOGETHER):
            part = self.render(title, statements[start : start + _TOGETHER], _UNTAGGED)
            joined.append(io.BytesIO(part), import_outline=False)
        joined.add_metadata({"/Title": make_visible(title)})
        content = io.BytesIO()
        joined.write(content)
        return content.getvalue()

    def render(self, title: str, statements: Sequence[PayStatement], standard: _Standard = _TAGGED) -> bytes:
        """One PDF; ends the command where no font has a letter."""
        from typst import TypstError  # noqa: PLC0415  only a PDF needs it

        try:
            pdf = self.compiler.compile(
                f"#let data = json(bytes({_quote(self._data(title, statements))}))\n{self.template}".encode(),
                format="pdf",
                pdf_standards=standard,
                pdf_tags=standard == _TAGGED,
            )
        except TypstError as error:
            letters = _UNSHOWN.search(str(error))
            if letters is None:
                raise
            message = _("no font has the letters {text}; name one that has them with --font", text=letters["text"][:20])
            raise click.UsageError(message) from None
        assert isinstance(pdf, bytes)  # noqa: S101  as it is when no file is named
        return pdf

    def _data(self, title: str, statements: Sequence[PayStatement]) -> dict[str, Any]:
        return {
            "title": make_visible(title),
            "date": {"year": self.day.year, "month": self.day.month, "day": self.day.day},
            "lang": current(),
            "fonts": list(self.fonts.families),
            "statements": list(map(_statement_data, statements)),
            **closing_words(),
        }


def _quote(data: dict[str, Any]) -> str:
    """JSON as a text of Typst, in which only the quote and the backslash mean something."""
    text = json.dumps(data, ensure_ascii=False)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _statement_data(statement: PayStatement) -> dict[str, Any]:
    blocks = [
        {
            "heading": make_visible(block.heading),
            "lines": list(map(make_visible, block.lines)),
            "headings": list(map(make_visible, block.headings)),
            "rows": [list(map(make_visible, row)) for row in block.rows],
            "right": list(block.right),
        }
        for block in statement.blocks
    ]
    return {
        "headline": make_visible(statement.headline),
        "lines": list(map(make_visible, statement.lines)),
        "blocks": blocks,
    }
