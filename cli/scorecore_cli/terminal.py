"""What people see in a terminal; the same, without colour and frames, goes into a pipe."""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.catalogue import DAMAGED, RECORD_FAILED
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Source
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.language import _
from scorecore_cli.plugin_options import read_traceback
from scorecore_cli.third_party_messages import translate_third_party
from scorecore_cli.visible_text import make_json_visible, make_line, make_visible

_LINE_WIDTH: Final = 200
"""How many letters of a line are shown: a table of a thousand rows can be in one."""
_PIPE_WIDTH = 10_000
"""Lines in a pipe are never wrapped: the program that reads it cuts them."""


_FOREIGN: Final = (
    *(catalogue.NOT_TOML, catalogue.UNREADABLE, catalogue.PLUGIN_UNFIT, RECORD_FAILED, DAMAGED),
    *(catalogue.DATABASE_UNREADABLE, catalogue.DATABASE_NOT_WRITTEN),
)
"""Kinds whose `reason` was said by another library."""


class _VisibleConsole(Console):
    """Whatever is printed, nothing but our own styles acts on the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=make_visible(segment.text))


class _VisibleTable(Table):
    """A table whose cells are lines."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:  # noqa: ANN401  as rich has them
        super().add_row(*(make_line(cell) if isinstance(cell, str) else cell for cell in cells), **options)


def console(*, error: bool = False) -> Console:
    stream = sys.stderr if error else sys.stdout
    plain = not stream.isatty()
    return _VisibleConsole(
        file=stream,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=plain,
        width=_PIPE_WIDTH if plain else None,
        no_color=plain or None,
    )


def table(*headings: str, title: str = "", right: Iterable[int] = ()) -> Table:
    """An empty table; the columns with numbers in `right` are set flush right."""
    new_table = _VisibleTable(box=None, title=title or None, title_justify="left", pad_edge=False, header_style="bold")
    numbers = set(right)
    for position, heading in enumerate(headings):
        new_table.add_column(make_line(heading), justify="right" if position in numbers else "left", overflow="fold")
    return new_table


def bold(text: str) -> Text:
    """A heading, in one line."""
    return Text(make_line(text), "bold")


def format_instant(instant: datetime) -> str:
    """An instant in UTC, to the second."""
    return f"{instant:%Y-%m-%d %H:%M:%SZ}"


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether anything but warnings is among diagnostics."""
    return any(not diagnostic.kind.warning for diagnostic in diagnostics)


def show_diagnostics(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], out: Console, advised: set[str] | None = None
) -> None:
    """Each problem with its line, a mark under what is meant, and advice; without advice that is among `advised`."""
    for diagnostic in diagnostics:
        colour = "yellow" if diagnostic.kind.warning else "red"
        place = make_line(f"{diagnostic.location}: ")
        head = Text.assemble(place, (diagnostic.kind.code, colour), " ", localize(diagnostic))
        out.print(head)
        source = sources.get(diagnostic.location.source)
        if source and diagnostic.location.column:
            _show_line(diagnostic, source, out)
        advice = _with_visible_params(diagnostic).advice(_)
        if advice and (advised is None or advice not in advised):
            out.print(_help(advice))
        if diagnostic.scorer:
            out.print(_help(_("the scorer `{name}` composed this", name=diagnostic.scorer)))
        if text := read_traceback(diagnostic):
            out.print(Text(text))
        if advised is not None:
            advised.add(advice)


def _help(advice: str) -> Text:
    line = _("help: {advice}", advice=advice)
    return Text.assemble("  ", (line.removesuffix(advice), "cyan"), advice if line.endswith(advice) else "")


def _with_visible_params(diagnostic: Diagnostic) -> Diagnostic:
    return evolve(diagnostic, params={name: make_line(str(param)) for name, param in diagnostic.params.items()})


def localize(diagnostic: Diagnostic) -> str:
    """What a problem says, in the reader's language even where another library gave the reason."""
    diagnostic = _with_visible_params(diagnostic)
    if diagnostic.kind in _FOREIGN:
        diagnostic = evolve(
            diagnostic, params=diagnostic.params | {"reason": translate_third_party(diagnostic.params["reason"])}
        )
    return diagnostic.message(_)


def _show_line(diagnostic: Diagnostic, source: Source, out: Console) -> None:
    line = source.line(diagnostic.location.line)
    number = str(diagnostic.location.line)
    start = diagnostic.location.column - 1
    line, start = _cut(line, start)
    before, meant = line[:start], line[start : start + diagnostic.length]
    # a Chinese letter is two cells wide, a tab as wide as the text says
    lead = "".join(letter if letter == "\t" else " " * cell_len(letter) for letter in before)
    marks = "^" * max(1, cell_len(meant))
    out.print(Text(f"  {number} | {line}"))
    out.print(Text(f"  {' ' * len(number)} | {lead}{marks}"))


def _cut(line: str, start: int) -> tuple[str, int]:
    """A line that fits a screen, and where the mark begins in it: of a long one, what is around the mark."""
    if len(line) <= _LINE_WIDTH:
        return line, start
    first = max(0, min(start - _LINE_WIDTH // 3, len(line) - _LINE_WIDTH))
    shown = line[first : first + _LINE_WIDTH]
    before, after = "…" if first else "", "…" if first + _LINE_WIDTH < len(line) else ""
    return before + shown + after, start - first + len(before)


def show_json(value: Any) -> None:  # noqa: ANN401  plain data of any shape
    """Plain data as JSON that a program may read; decimals are text."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write(make_json_visible(text) + "\n")


def _plain(value: Any) -> str:  # noqa: ANN401  what JSON does not have
    return format_decimal(value) if hasattr(value, "quantize") else str(value)


def diagnostic_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """A problem as plain data, in the reader's language."""
    fields = {
        "code": diagnostic.kind.code,
        "severity": "warning" if diagnostic.kind.warning else "error",
        "source": diagnostic.location.source,
        "line": diagnostic.location.line,
        "column": diagnostic.location.column,
        "cell": diagnostic.location.cell,
        "message": localize(diagnostic),
        "help": diagnostic.advice(_),
        "scorer": diagnostic.scorer,
    }
    return {name: value for name, value in fields.items() if value not in (0, "")}
