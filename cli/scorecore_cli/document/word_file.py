"""A document as a file of Word: headings, numbered articles, tables, and the comparison of two versions."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import rich_click as click

from scorecore.io.own_files import AUTHOR
from scorecore_cli.document.model import Article, PolicyDocument
from scorecore_cli.document.numbering import number_chapters
from scorecore_cli.document.revision import Amendment, Change, Revision, mark_changes
from scorecore_cli.document.revision_words import list_sides, name_amendment, summarize_revision
from scorecore_cli.document.stamp import name_digest, write_stamp
from scorecore_cli.language import _
from scorecore_cli.visible_text import make_visible

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_NEVER: Final = datetime(2000, 1, 1)  # Word keeps no time zone, and no clock may be in a file
_LONGEST_TITLE: Final = 255
"""Characters that a property of the file may have."""
_FONTS: Final = {"ascii": "Calibri", "hAnsi": "Calibri", "eastAsia": "宋体"}


def write_word_file(document: PolicyDocument, revision: Revision | None = None) -> bytes:
    """The whole file; with a revision, what it changes instead of all articles."""
    try:
        from docx import Document  # noqa: PLC0415  an extra
    except ImportError:
        raise click.UsageError(
            _("a document for Word needs the library python-docx: pip install 'scorecore[word]'")
        ) from None
    file = Document()
    _set_fonts(file)
    file.add_heading(_clean(document.title), level=0)
    file.add_paragraph(_clean(document.subtitle))
    if document.notice:
        file.add_paragraph().add_run(_clean(document.notice)).bold = True
    if revision is None:
        _add_chapters(file, document)
    else:
        _add_revision(file, revision)
    file.add_paragraph(name_digest(document))
    _sign(file, document, is_whole=revision is None)
    return _pack(file)


def _clean(text: str) -> str:
    """A text without the control characters that XML cannot hold."""
    return make_visible(text)


def _set_fonts(file: "WordDocument") -> None:
    """Let every style have fonts for both scripts; the built-in ones follow a theme that has no Chinese."""
    for style in file.styles:
        properties = getattr(style.element, "rPr", None)
        if properties is None:
            continue
        fonts = properties.get_or_add_rFonts()
        for script, name in _FONTS.items():
            for theme in [key for key in fonts.attrib if key.endswith(f"{script}Theme")]:
                del fonts.attrib[theme]
            fonts.set(f"{{{fonts.nsmap['w']}}}{script}", name)


def _add_chapters(file: "WordDocument", document: PolicyDocument) -> None:
    for heading, articles in number_chapters(document):
        file.add_heading(_clean(heading), level=1)
        for title, article in articles:
            _add_article(file, title, article)


def _add_article(file: "WordDocument", title: str, article: Article) -> None:
    clause = _(" ({words})", words=article.clause) if article.clause else ""
    file.add_heading(_clean(f"{title}{clause}"), level=2)
    for sentence in article.sentences:
        file.add_paragraph(_clean(sentence))
    if article.grid:
        _add_table(file, article.grid.headings, article.grid.rows)


def _add_table(file: "WordDocument", headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Any:  # noqa: ANN401  a table of another library
    table = file.add_table(rows=1, cols=len(headings), style="Table Grid")
    for cell, heading in zip(table.rows[0].cells, headings, strict=True):
        cell.paragraphs[0].add_run(_clean(heading)).bold = True
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = _clean(text)
    return table


def _add_revision(file: "WordDocument", revision: Revision) -> None:
    file.add_paragraph(summarize_revision(revision))
    table = _add_table(file, (_("article"), _("before"), _("after")), ())
    for amendment in revision.amendments:
        title, *sides = table.add_row().cells
        title.text = _clean(name_amendment(amendment))
        for cell, spans in zip(sides, _split(amendment), strict=True):
            for change, words in spans:
                run = cell.paragraphs[0].add_run(_clean(words))
                run.font.strike = change is Change.REMOVED
                run.font.underline = change is Change.ADDED


def _split(amendment: Amendment) -> Iterator[list[tuple[Change, str]]]:
    """What stands in each column."""
    spans = list(mark_changes(*list_sides(amendment)))
    yield [span for span in spans if span[0] is not Change.ADDED]
    yield [span for span in spans if span[0] is not Change.REMOVED]


def _sign(file: "WordDocument", document: PolicyDocument, *, is_whole: bool) -> None:
    properties = file.core_properties
    properties.author, properties.title = AUTHOR, _clean(document.title)[:_LONGEST_TITLE]
    properties.comments, properties.keywords = "", ""
    properties.created = properties.modified = _NEVER
    properties.language = {"zh": "zh-CN"}.get(document.language, document.language)
    if is_whole:
        properties.identifier = write_stamp(document)


def _pack(file: "WordDocument") -> bytes:
    """The bytes of the file; a library writes the clock into them."""
    written, packed = BytesIO(), BytesIO()
    file.save(written)
    with ZipFile(written) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(ZipInfo(name), source.read(name), ZIP_DEFLATED)
    return packed.getvalue()
