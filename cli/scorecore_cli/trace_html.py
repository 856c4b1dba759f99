"""The page of `scorecore trace`: the text of a written rule on the left, beside each clause the parts that carry it."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

from scorecore.analysis.trace import ClauseStatus, Trace, TracedClause
from scorecore.policy.regulation.cited import CitedPart, PolicyText
from scorecore_cli.html_page import render_document, render_figures
from scorecore_cli.language import _
from scorecore_cli.trace_view import count_clauses, explain_clause, name_status, print_figure

_STYLE: Final = """
body { max-width: 84rem; }
td { width: 50%; padding: .45rem 1rem .45rem 0; } td.open { border-left: 3px solid var(--less); padding-left: .7rem; }
td.carried { border-left: 3px solid var(--more); padding-left: .7rem; }
td.silent { border-left: 3px solid var(--line); padding-left: .7rem; }
td b { margin-right: .5rem; } td mark { background: none; color: var(--less); }
details { margin: .1rem 0; } summary { cursor: pointer; }
pre { margin: .3rem 0 .6rem; padding: .5rem .7rem; overflow-x: auto; border: 1px solid var(--line);
  font: .82rem/1.45 ui-monospace, "Noto Sans Mono CJK SC", monospace; white-space: pre-wrap; }
"""


def render_trace(traces: Sequence[Trace], without_text: Sequence[str]) -> str:
    """The whole page; policies without a text are named at its end."""
    title = _name_text(traces[0]) if len(traces) == 1 else _("written rules and policies")
    body = [f"<h1>{escape(title)}</h1>"]
    for trace in traces:
        body += _render_text(trace, has_heading=len(traces) > 1)
    if without_text:
        body.append(f"<p>{escape(_('policies without a text: {names}', names=', '.join(without_text)))}</p>")
    return render_document(title, body, _STYLE)


def _render_text(trace: Trace, *, has_heading: bool) -> Iterator[str]:
    if has_heading:
        yield f"<h2>{escape(_name_text(trace))}</h2>"
    policies = ", ".join(text.identity for text in trace.texts)
    line = _("text: {path}; policies: {policies}", path=trace.regulation.source.name, policies=policies)
    yield f"<p>{escape(line)}</p>"
    yield render_figures([(str(number), what) for number, what in count_clauses(trace)])
    yield f"<table><tr><th>{escape(_('text'))}</th><th>{escape(_('policy'))}</th></tr>"
    for traced in trace.clauses:
        yield _render_clause(traced)
    yield "</table>"
    if trace.foreign:
        yield f"<h2>{escape(_('figures without a source'))}</h2><table>"
        for foreign in trace.foreign:
            cells = (str(foreign.place), f"{foreign.part} = {print_figure(foreign.figure)}")
            yield f"<tr><td>{escape(cells[0])}</td><td>{escape(cells[1])}</td></tr>"
        yield "</table>"


def _name_text(trace: Trace) -> str:
    """The title of a text; its file where it has none."""
    return trace.regulation.title or Path(trace.regulation.source.name).name


def _render_clause(traced: TracedClause) -> str:
    clause = traced.clause
    depth = clause.label.count("(") + (0 if clause.parent is None or not clause.parent.markers else 1)
    text = f"<b>{escape('、'.join(map(str, clause.markers)))}</b>{_mark_missing(traced)}"
    status = traced.status or ""
    left = f'<td class="{status}" title="{escape(clause.label)}" style="padding-left:{0.7 + depth}rem">{text}</td>'
    notes = [escape(line) for line in explain_clause(traced)]
    heading = f"<b>{escape(name_status(traced))}</b>" if traced.status else ""
    parts = "".join(_render_part(policy, part) for policy, part in traced.parts)
    return f"<tr>{left}<td>{heading}{'; '.join(notes)}{parts}{_render_cases(traced)}</td></tr>"


def _render_cases(traced: TracedClause) -> str:
    """The cases that show the parts of a clause, folded; empty where no case does."""
    if not traced.cases:
        return ""
    names = "".join(f"<li>{escape(case)}</li>" for case in traced.cases)
    head = f"{_('cases')}: {len(traced.cases)}"
    return f"<details><summary>{escape(head)}</summary><ul>{names}</ul></details>"


def _mark_missing(traced: TracedClause) -> str:
    """The text of a clause, with the figures that no part has."""
    markup = escape(traced.clause.text)
    if traced.status is ClauseStatus.OPEN:
        for figure in dict.fromkeys(escape(figure.text) for figure in traced.missing):
            markup = markup.replace(figure, f"<mark>{figure}</mark>")
    return markup


def _render_part(text: PolicyText, part: CitedPart) -> str:
    head = f"{Path(text.source.name).name}:{part.place.line} {part.name} {part.label}"
    return f"<details><summary>{escape(head)}</summary><pre>{escape(_source_of(text, part))}</pre></details>"


def _source_of(text: PolicyText, part: CitedPart) -> str:
    """The lines of a part in its file, up to the next one."""
    lines = text.source.text.split("\n")[part.place.line - 1 :]
    end = next(
        (number for number, line in enumerate(lines[1:], 1) if not line.strip() or line.startswith(("[", "# ---"))),
        len(lines),
    )
    return "\n".join(lines[:end])
