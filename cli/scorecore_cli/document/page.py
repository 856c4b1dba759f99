"""A document as a page, and as lines of text."""

from collections.abc import Iterator
from html import escape
from typing import Final

from scorecore_cli.document.model import Article, Grid, PolicyDocument
from scorecore_cli.document.numbering import number_chapters
from scorecore_cli.document.revision import Amendment, Change, Revision, mark_changes
from scorecore_cli.document.revision_words import list_sides, name_amendment, summarize_revision
from scorecore_cli.document.stamp import name_digest, write_stamp
from scorecore_cli.html_page import render_document
from scorecore_cli.language import _
from scorecore_cli.visible_text import make_visible

_STYLE: Final = """
body { max-width: 52rem; } header p { color: var(--soft); } .notice { color: var(--less); font-weight: 600; }
h3 { font-size: 1rem; margin: 1.3rem 0 .2rem; } h3 small { color: var(--soft); font-weight: 400; }
article p { color: var(--ink); }
.revision td { white-space: pre-line; width: 42%; } .revision th { white-space: normal; }
del { color: var(--less); } ins { color: var(--more); } footer { margin-top: 3rem; overflow-wrap: anywhere; }
@media print { body { padding: 0; font-size: 11pt; } article { break-inside: avoid; } }
"""


def render_policy(document: PolicyDocument, revision: Revision | None = None) -> str:
    """The whole page; with a revision, what it changes instead of all articles."""
    notice = f'<p class="notice">{_markup(document.notice)}</p>' if document.notice else ""
    body = [
        f"<header><h1>{_markup(document.title)}</h1><p>{_markup(document.subtitle)}</p>{notice}</header>",
        "<div>",
        *(_render_chapters(document) if revision is None else _render_revision(revision)),
        "</div>",
        f"<footer><p>{_markup(name_digest(document))}</p></footer>",
    ]
    page = render_document(make_visible(document.title), body, _STYLE)
    stamp = "" if revision else f'<meta name="description" content="{write_stamp(document)}">\n'
    return page.replace("<title>", f"{stamp}<title>", 1)


def _render_revision(revision: Revision) -> Iterator[str]:
    yield f"<p>{_markup(summarize_revision(revision))}</p>"
    headings = "".join(
        f'<th scope="col">{_markup(heading)}</th>' for heading in (_("article"), _("before"), _("after"))
    )
    yield f'<div class="wide" tabindex="0"><table class="revision"><thead><tr>{headings}</tr></thead><tbody>'
    yield from map(_render_amendment, revision.amendments)
    yield "</tbody></table></div>"


def _render_amendment(amendment: Amendment) -> str:
    spans = list(mark_changes(*list_sides(amendment)))
    tags = {Change.REMOVED: "del", Change.ADDED: "ins", Change.KEPT: "span"}
    sides = (
        "".join(f"<{tags[change]}>{_markup(words)}</{tags[change]}>" for change, words in spans if change is not hidden)
        for hidden in (Change.ADDED, Change.REMOVED)
    )
    cells = "".join(f"<td>{side}</td>" for side in sides)
    return f'<tr><th scope="row">{_markup(name_amendment(amendment))}</th>{cells}</tr>'


def _markup(text: str) -> str:
    return escape(make_visible(text))


def _render_chapters(document: PolicyDocument) -> Iterator[str]:
    for heading, articles in number_chapters(document):
        yield f"<h2>{_markup(heading)}</h2>"
        yield from (_render_article(title, article) for title, article in articles)


def _render_article(title: str, article: Article) -> str:
    clause = f"<small>{_markup(_(' ({words})', words=article.clause))}</small>" if article.clause else ""
    sentences = "".join(f"<p>{_markup(sentence)}</p>" for sentence in article.sentences)
    grid = _render_grid(article.grid) if article.grid else ""
    return f"<article><h3>{_markup(title)}{clause}</h3>{sentences}{grid}</article>"


def _render_grid(grid: Grid) -> str:
    headings = "".join(f'<th scope="col">{_markup(heading)}</th>' for heading in grid.headings)
    rows = "".join("<tr>" + "".join(f"<td>{_markup(cell)}</td>" for cell in row) + "</tr>" for row in grid.rows)
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def write_lines(document: PolicyDocument, revision: Revision | None = None) -> Iterator[str]:
    """The document as text for a terminal."""
    yield from filter(None, (document.title, document.subtitle, document.notice))
    yield from _write_articles(document) if revision is None else _write_amendments(revision)
    yield ""
    yield name_digest(document)


def _write_articles(document: PolicyDocument) -> Iterator[str]:
    for heading, articles in number_chapters(document):
        yield from ("", heading)
        for title, article in articles:
            clause = _(" ({words})", words=article.clause) if article.clause else ""
            yield from ("", f"{title}{clause}", *(f"  {line}" for line in article.lines))


def _write_amendments(revision: Revision) -> Iterator[str]:
    yield summarize_revision(revision)
    for amendment in revision.amendments:
        yield ""
        yield name_amendment(amendment)
        before, after = list_sides(amendment)
        yield from (f"  - {line}" for line in before.split("\n") if before and line not in after.split("\n"))
        yield from (f"  + {line}" for line in after.split("\n") if after and line not in before.split("\n"))
