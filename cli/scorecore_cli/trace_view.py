"""A trace in a terminal and as plain data: a written rule clause by clause, with what carries it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console

from scorecore.analysis.trace import ClauseStatus, Trace, TracedClause
from scorecore.policy.model import SilenceKind
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.language import _
from scorecore_cli.terminal import bold, table


def name_status(traced: TracedClause) -> str:
    """What becomes of a clause."""
    names: dict[ClauseStatus | None, str] = {
        ClauseStatus.CARRIED: _("carried"),
        ClauseStatus.SILENT: _("silent"),
        ClauseStatus.OPEN: _("open"),
        None: "",
    }
    return names[traced.status]


def name_kind(kind: SilenceKind) -> str:
    """Why no part carries a clause."""
    names: dict[SilenceKind, str] = {
        "purpose": _("purpose"),
        "definition": _("definition"),
        "organization": _("organization"),
        "process": _("process"),
        "judgement": _("judgement"),
        "discretion": _("discretion"),
        "incomplete": _("missing in the text"),
        "elsewhere": _("in another rule"),
    }
    return names[kind]


def explain_clause(traced: TracedClause) -> Iterator[str]:
    """Why a clause has its status: what it lacks, or why it is silent and who decides."""
    if traced.silence:
        declaration = traced.silence.declaration
        yield ": ".join(filter(None, (name_kind(declaration.kind), declaration.reason)))
        if declaration.refer:
            yield _("{who} decides", who=declaration.refer)
    if traced.missing and traced.status is not ClauseStatus.SILENT:
        yield _("figures that no part has: {figures}", figures=", ".join(figure.text for figure in traced.missing))
    if traced.status is ClauseStatus.OPEN and not traced.parts and not traced.silence:
        yield _("no part cites it")
    if traced.lacks_case:
        yield _("no case shows a part that cites it")
    if traced.status is ClauseStatus.OPEN and traced.lacks_decider:
        yield _("it has figures, and nothing says who decides: refer = …")


def list_parts(traced: TracedClause) -> Iterator[str]:
    """The parts that cite a clause, each with its file if there is more than one."""
    files = {text.source.name for text, _part in traced.parts}
    for text, part in traced.parts:
        yield part.name if len(files) == 1 else f"{Path(text.source.name).stem}: {part.name}"


def count_clauses(*traces: Trace) -> list[tuple[int, str]]:
    """The numbers at the end."""
    numbers = [
        (sum(trace.count(ClauseStatus.CARRIED) for trace in traces), _("clauses carried")),
        (
            sum(trace.count(ClauseStatus.SILENT, with_figures=False) for trace in traces),
            _("silent without figures"),
        ),
        (sum(trace.count(ClauseStatus.SILENT, with_figures=True) for trace in traces), _("silent with figures")),
    ]
    more = [
        (sum(trace.count(ClauseStatus.OPEN) for trace in traces), _("open")),
        (sum(trace.not_shown for trace in traces), _("shown by no case")),
        (sum(trace.unknown_citations for trace in traces), _("citations that lead nowhere")),
        (sum(len(trace.foreign) for trace in traces), _("figures without a source")),
    ]
    return numbers + [number for number in more if number[0]]


def show_trace(trace: Trace, out: Console, *, only_open: bool) -> None:
    """The clauses of one text; of many texts only what is open."""
    out.print(bold(trace.regulation.title))
    policies = ", ".join(text.identity for text in trace.texts)
    out.print(_("text: {path}; policies: {policies}", path=trace.regulation.source.name, policies=policies))
    rows = [
        traced
        for traced in trace.clauses
        if traced.status is ClauseStatus.OPEN or (not only_open and traced.status is not None)
    ]
    if rows:
        shown = table(_("clause"), _("status"), _("says"), _("parts"), _("cases"), _("why"))
        for traced in rows:
            why = "; ".join(explain_clause(traced))
            cells = (traced.clause.label, name_status(traced), traced.clause.text, ", ".join(list_parts(traced)))
            shown.add_row(*cells, str(len(traced.cases) or ""), why)
        out.print(shown)
    for foreign in trace.foreign:
        number = print_figure(foreign.figure)
        params = {"place": foreign.place, "part": foreign.part, "figure": number}
        out.print(_("{place}: {part} has the figure {figure}, which neither the text nor an assumption has", **params))
    show_counts([trace], out)


def show_counts(traces: Sequence[Trace], out: Console) -> None:
    out.print("; ".join(f"{what}: {number}" for number, what in count_clauses(*traces)))


def print_figure(figure: Decimal | str) -> str:
    return figure if isinstance(figure, str) else format_decimal(figure)


def plain_trace(trace: Trace) -> dict[str, Any]:
    """A trace as data."""
    return {
        "text": trace.regulation.source.name,
        "title": trace.regulation.title,
        "digest": trace.regulation.digest,
        "policies": [text.identity for text in trace.texts],
        "carried": trace.count(ClauseStatus.CARRIED),
        "silent_without_figures": trace.count(ClauseStatus.SILENT, with_figures=False),
        "silent_with_figures": trace.count(ClauseStatus.SILENT, with_figures=True),
        "shown_by_no_case": trace.not_shown,
        "open": trace.count(ClauseStatus.OPEN),
        "unknown_citations": trace.unknown_citations,
        "clauses": [_plain_clause(traced) for traced in trace.clauses if traced.status],
        "figures_without_source": [
            {"part": foreign.part, "figure": print_figure(foreign.figure), "place": str(foreign.place)}
            for foreign in trace.foreign
        ],
    }


def _plain_clause(traced: TracedClause) -> dict[str, Any]:
    silence = traced.silence.declaration if traced.silence else None
    return {
        "clause": traced.clause.label,
        "line": traced.clause.line,
        "status": str(traced.status),
        "text": traced.clause.text,
        "parts": [{"policy": text.identity, "part": part.name} for text, part in traced.parts],
        "cases": list(traced.cases),
        "figures": [figure.text for figure in traced.figures],
        "missing": [figure.text for figure in traced.missing],
        "silent": {"kind": silence.kind, "reason": silence.reason, "refer": silence.refer} if silence else None,
    }
