"""What people see in a terminal; the same, without colour and frames, goes into a pipe."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import evolve
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scorecore import kinds
from scorecore.canonical import decimal_text
from scorecore.problems import Problem
from scorecore.record.kinds import DAMAGED, RECORD_FAILED
from scorecore.source import Source
from scorecore_cli.foreign import foreign
from scorecore_cli.language import t

_PIPE_WIDTH = 10_000
"""Lines in a pipe are never wrapped: the program behind it cuts them."""


_FOREIGN: Final = (kinds.NOT_TOML, kinds.UNREADABLE, kinds.PLUGIN_UNFIT, RECORD_FAILED, DAMAGED)
"""Kinds whose `reason` was said by another library."""


def console(*, error: bool = False) -> Console:
    stream = sys.stderr if error else sys.stdout
    plain = not stream.isatty()
    return Console(
        file=stream, highlight=False, soft_wrap=plain, width=_PIPE_WIDTH if plain else None, no_color=plain or None
    )


def table(*headings: str, title: str = "", right: Iterable[int] = ()) -> Table:
    """An empty table; the columns with numbers in `right` are set flush right."""
    made = Table(box=None, title=title or None, title_justify="left", pad_edge=False, header_style="bold")
    numbers = set(right)
    for at, heading in enumerate(headings):
        made.add_column(heading, justify="right" if at in numbers else "left", overflow="fold")
    return made


def show_problems(problems: Iterable[Problem], sources: Mapping[str, Source], out: Console) -> None:
    """Each problem with its line, a mark under what is meant, and advice."""
    for problem in problems:
        colour = "yellow" if problem.kind.warning else "red"
        head = Text.assemble(f"{problem.location}: ", (problem.kind.code, colour), " ", said(problem))
        out.print(head)
        source = sources.get(problem.location.source)
        if source and problem.location.column:
            _show_line(problem, source, out)
        advice = problem.advice(t)
        if advice:
            out.print(_help(advice))


def _help(advice: str) -> Text:
    line = t("help: {advice}", advice=advice)
    return Text.assemble("  ", (line.removesuffix(advice), "cyan"), advice if line.endswith(advice) else "")


def said(problem: Problem) -> str:
    """What a problem says, in the reader's language even where another library gave the reason."""
    if problem.kind in _FOREIGN:
        problem = evolve(problem, blanks=problem.blanks | {"reason": foreign(problem.blanks["reason"])})
    return problem.message(t)


def _show_line(problem: Problem, source: Source, out: Console) -> None:
    line = source.line(problem.location.line)
    number = str(problem.location.line)
    start = problem.location.column - 1
    before, meant = line[:start], line[start : start + problem.length]
    # a Chinese letter is two cells wide, a tab as wide as the text says
    lead = "".join(letter if letter == "\t" else " " * cell_len(letter) for letter in before)
    marks = "^" * max(1, cell_len(meant))
    out.print(Text(f"  {number} | {line}"))
    out.print(Text(f"  {' ' * len(number)} | {lead}{marks}"))


def show_json(value: Any) -> None:  # noqa: ANN401  plain data of any shape
    """Plain data as JSON that a program may read; decimals are text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: Any) -> str:  # noqa: ANN401  what JSON does not have
    return decimal_text(value) if hasattr(value, "quantize") else str(value)


def problem_data(problem: Problem) -> dict[str, Any]:
    """A problem as plain data, in the reader's language."""
    found = {
        "code": problem.kind.code,
        "severity": "warning" if problem.kind.warning else "error",
        "source": problem.location.source,
        "line": problem.location.line,
        "column": problem.location.column,
        "cell": problem.location.cell,
        "message": said(problem),
        "help": problem.advice(t),
    }
    return {name: value for name, value in found.items() if value not in (0, "")}
