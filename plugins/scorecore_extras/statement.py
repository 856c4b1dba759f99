"""A statement as one HTML page that prints on A4: the points ledger and the pay slip of one person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

from scorecore.plugin import Block, Explanation, Renderer, hookimpl

ABOUT: Final = "A statement as one HTML page that prints on A4."
STYLE: Final = """
@page { size: A4; margin: 18mm 16mm }
body { font: 10.5pt/1.5 "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, serif; color: #000; margin: 0 auto; max-width: 178mm }
article + article { break-before: page }
h1 { font-size: 16pt; margin: 0 0 4pt }
h2 { font-size: 12pt; margin: 14pt 0 4pt; break-after: avoid }
p { margin: 0 0 4pt }
table { border-collapse: collapse; width: 100% }
thead { display: table-header-group }
tr { break-inside: avoid }
th, td { border-bottom: 0.5pt solid #999; padding: 2pt 6pt 2pt 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { border-bottom: 1pt solid #000 }
.right { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
"""  # noqa: E501  a line for each rule
LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}


def render(explanation: Explanation, blocks: Sequence[Block], language: str) -> str:
    """The page; it needs no other file."""
    return render_run([(explanation, blocks)], language)


def render_run(statements: Sequence[tuple[Explanation, Sequence[Block]]], language: str) -> str:
    """Everybody's statement, each beginning on a page of its own."""
    first = statements[0][0] if statements else None
    names = [first.program.title, first.period, *([first.subject] if len(statements) == 1 else ())] if first else []
    title = escape(" ".join(names))
    body = "\n".join(f"<article>\n{_render_statement(blocks)}\n</article>" for _, blocks in statements)
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGES.get(language, language)}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _render_statement(blocks: Sequence[Block]) -> str:
    return "\n".join(line for number, block in enumerate(blocks) for line in _render_block(block, 2 if number else 1))


def _render_block(block: Block, level: int) -> Iterator[str]:
    yield f"<h{level}>{escape(block.heading)}</h{level}>"
    yield from (f"<p>{escape(line)}</p>" for line in block.lines)
    if block.rows:
        yield f"<table>\n<thead>{_render_row('th', block.headings, block.right)}</thead>\n<tbody>"
        yield from (_render_row("td", row, block.right) for row in block.rows)
        yield "</tbody>\n</table>"


def _render_row(tag: str, cells: Sequence[str], right: Sequence[int]) -> str:
    html_cells = (
        f'<{tag} class="right">{escape(cell)}</{tag}>' if number in right else f"<{tag}>{escape(cell)}</{tag}>"
        for number, cell in enumerate(cells)
    )
    return f"<tr>{''.join(html_cells)}</tr>"


@hookimpl
def renderers() -> Iterable[Renderer]:
    return [Renderer("statement", ABOUT, render, render_run)]


@hookimpl
def words() -> Mapping[str, Mapping[str, str]]:
    return {"zh": {ABOUT: "一页 HTML 考核单，按 A4 打印。"}}
