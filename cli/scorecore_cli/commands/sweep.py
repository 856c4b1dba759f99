"""`scorecore sweep`: cost and distribution along a figure of a policy."""

import sys
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import rich_click as click
from attrs import frozen
from rich.text import Text

from scorecore.analysis import sweep as sweeping
from scorecore.analysis.sweep import (
    SweepOutcome,
    list_figures,
    measure_outcome,
    with_figures,
)
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.evaluate.runner import PeriodRunner, SharedFacts
from scorecore.io.writers import (
    FORMATS,
    WORKBOOK,
    write_folder,
    write_workbook,
)
from scorecore.policy.model import Policy
from scorecore.program.model import Program
from scorecore.values.canonical_json import format_decimal
from scorecore.values.period import Period
from scorecore_cli import options
from scorecore_cli.assessment_input import (
    compiled,
    periods_of,
    read_tables,
    stop,
)
from scorecore_cli.language import several, t
from scorecore_cli.progress import progress
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
    table,
)
from scorecore_cli.workspace import Workspace


@frozen
class Point:
    """The policy at some values. Without figures it was refused, and `problems` say why."""

    values: dict[str, Decimal]
    figures: SweepOutcome | None
    diagnostics: tuple[Diagnostic, ...] = ()


@frozen
class Swept:
    program: Program
    periods: tuple[str, ...]
    names: tuple[str, ...]
    now: dict[str, Decimal]
    """The values that the policy has."""
    points: tuple[Point, ...]

    def change(self, of: SweepOutcome) -> Decimal | None:
        """The cost beside that of the policy as it is, if that is among the points."""
        own = next((one.figures for one in self.points if one.figures and one.values == self.now), None)
        return of.net - own.net if own else None


@click.command(cls=options.Command)
@options.policy
@options.facts
@options.several_periods
@options.span
@options.option(
    "--vary",
    "texts",
    multiple=True,
    required=True,
    help="What takes which values: parameters.x=300..800:100, or tables.x.2=0.1,0.2 for the second band.",
)
@options.history
@options.option(
    "--out", type=click.Path(path_type=Path), help="Write all tables: a folder, or a workbook ending in .xlsx."
)
@options.option(
    "--format", "file_format", type=click.Choice(FORMATS), default="csv", help="Of the files in the folder."
)
@options.parents
@options.encoding
@options.as_json
@options.lang
def sweep(  # noqa: PLR0913, PLR0917  what the command line names
    policy: Path,
    facts: Path,
    labels: tuple[str, ...],
    span: str | None,
    texts: tuple[str, ...],
    history: Path | None,
    out: Path | None,
    file_format: str,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    as_json: bool,
) -> None:
    """Show cost and distribution along a figure of a policy: a parameter, or the value of a band."""
    with progress() as step:
        program, checked = compiled(policy, parents)
        periods = periods_of(program, labels, span)
        workspace = Workspace.open(parents)
        known = _figures(workspace, policy, periods[0])
        choices = _choices(texts, known)
        diagnostics = Diagnostics()
        step(t("reading facts"))
        raw = read_tables(program, facts, history, diagnostics, encoding, checked.plugins)
        past = PeriodRunner(program, checked.used).with_past(periods[0], raw) if program.schema.history else raw
        programs: list[tuple[dict[str, Decimal], Program | None, tuple[Diagnostic, ...]]] = []
        for values in choices:
            made = workspace.check(policy, partial(with_figures, values=values, start=periods[0].start))
            programs.append((values, made.program, made.diagnostics))
        found = _decided([one for _, one, _ in programs if one], checked.used, periods, past, diagnostics, step)
        points = []
        for values, one, why in programs:
            points.append(Point(values, found.pop(0), () if one else why) if one else Point(values, None, why))
        names = tuple(choices[0])
        swept = Swept(
            program, tuple(one.label for one in periods), names, {name: known[name] for name in names}, tuple(points)
        )
        if out is not None:
            step(t("writing {path}", path=out))
            _write(swept, out, file_format)
    if as_json:
        show_json(_data(swept, diagnostics))
    else:
        _show(swept, diagnostics)
        if out is not None:
            console().print(t("written to {path}", path=out))
    sys.exit(any(not one.kind.warning for one in diagnostics) or any(one.figures is None for one in points))


def _figures(workspace: Workspace, policy: Path, first: Period) -> dict[str, Decimal]:
    """What can be varied, and what it is."""
    found: dict[str, Decimal] = {}

    def look(of: Policy) -> Policy:
        found.update(list_figures(of, first.start))
        return of

    workspace.check(policy, look)
    return found


def _choices(texts: Sequence[str], known: dict[str, Decimal]) -> list[dict[str, Decimal]]:
    """What is varied, in every combination; ends the run where that cannot be."""
    found = []
    for text in texts:
        one = sweeping.parse_variation(text)
        if one is None:
            example = "parameters.x=300..800:100"
            raise click.UsageError(
                t("{text} does not say what takes which values; write it like {example}", text=text, example=example)
            )
        if one.name not in known:
            near = suggest(one.name, known).get("nearest")
            message = t("the policy has no figure {name}", name=one.name)
            raise click.UsageError(
                several([message, t("did you mean `{nearest}`?", nearest=near)]) if near else message
            )
        found.append(one)
    choices = sweeping.combine_variations(found)
    if len(choices) > sweeping.MAX_POINTS:
        raise click.UsageError(
            t("{count} combinations are too many; at most {most}", count=len(choices), most=sweeping.MAX_POINTS)
        )
    return choices


def _decided(
    programs: Sequence[Program],
    used: Any,  # noqa: ANN401  programs by name
    periods: Sequence[Period],
    raw: Any,  # noqa: ANN401  raw tables by name
    diagnostics: Diagnostics,
    step: Any,  # noqa: ANN401  says what is being done
) -> list[SweepOutcome]:
    """Every program in all periods; the facts of a period are taken in once."""
    shared = SharedFacts()
    chains = [
        PeriodRunner(one, used, shared=shared).decide_each(periods, raw, diagnostics, ledgers=False) for one in programs
    ]
    made: list[list[Any]] = [[] for _ in chains]
    for _ in periods:
        for number, chain in enumerate(chains):
            one = next(chain, None)
            if one is not None:
                step(t("deciding {period}", period=one.facts.period))
                made[number].append(one)
    if programs and not all(made):
        stop(tuple(diagnostics), {})
    return [measure_outcome(one) for one in made]


def _headings(of: Swept) -> list[str]:
    grades = [grade.label or grade.id for grade in of.program.grades]
    pay = (
        [t("net pay"), t("change"), t("a tenth up to"), t("half up to"), t("nine tenths up to")]
        if of.program.pay
        else []
    )
    return [*of.names, *pay, *grades, t("held")]


def _cells(of: Swept, point: Point) -> list[Any]:
    """A row, as numbers."""
    values = [point.values[name] for name in of.names]
    if point.figures is None:
        return values
    found = point.figures
    pay = [found.net, of.change(found), *(found.tenths or (None, None, None))] if of.program.pay else []
    return [*values, *pay, *(found.grades[one.id] for one in of.program.grades), found.held]


def _show(of: Swept, diagnostics: Diagnostics) -> None:
    screen = console()
    show_diagnostics(diagnostics, {}, screen)
    screen.print(
        Text(f"{of.program.title}  {of.periods[0]}" + (f"…{of.periods[-1]}" if len(of.periods) > 1 else ""), "bold")
    )
    headings = _headings(of)
    shown = table(*headings, right=range(len(headings)))
    money = range(len(of.names), len(of.names) + (5 if of.program.pay else 0))
    refused = []
    for point in of.points:
        cells = _cells(of, point)
        texts = [
            _text(cell, signed=at == len(of.names) + 1) if at in money else _plain(cell)
            for at, cell in enumerate(cells)
        ]
        if point.figures is None:
            refused.append(point)
        mark = " *" if point.values == of.now else ""
        shown.add_row(*(f"{text}{mark}" if not at else text for at, text in enumerate(texts)))
    screen.print(shown)
    if any(point.values == of.now for point in of.points):
        screen.print(t("* as the policy has it"))
    for point in refused:
        values = ", ".join(f"{name} = {format_decimal(value)}" for name, value in point.values.items())
        screen.print(Text(t("the policy refuses {values}:", values=values), "yellow"))
        show_diagnostics([one for one in point.diagnostics if not one.kind.warning], {}, screen)


def _text(value: Decimal | None, *, signed: bool) -> str:
    if value is None:
        return "—"
    return f"{value:+,.2f}" if signed and value else f"{value:,.2f}"


def _plain(value: Any) -> str:  # noqa: ANN401  a number
    return format_decimal(value) if isinstance(value, Decimal) else str(value)


def _write(of: Swept, out: Path, file_format: str) -> None:
    headings = _headings(of)
    rows = [_cells(of, point) for point in of.points if point.figures]
    columns = {}
    for at, heading in enumerate(headings):
        cells = [row[at] for row in rows]
        whole = all(isinstance(cell, int) for cell in cells)
        columns[heading] = pl.Series(values=cells, dtype=pl.Int64 if whole else pl.Decimal(38, 12))
    found = {"sweep": pl.DataFrame(columns)}
    try:
        if out.suffix.lower() == WORKBOOK:
            write_workbook(out, found, lambda name: t("sweep") if name == "sweep" else name)
        else:
            write_folder(out, found, file_format)
    except OSError as error:
        raise click.FileError(str(out), error.strerror or str(error)) from None


def _data(of: Swept, diagnostics: Diagnostics) -> dict[str, Any]:
    points = []
    for point in of.points:
        one: dict[str, Any] = {"values": point.values}
        if point.figures is None:
            one["problems"] = [diagnostic_data(each) for each in point.diagnostics if not each.kind.warning]
        else:
            found = point.figures
            one |= {"decisions": found.decisions, "held": found.held, "net": found.net, "grades": dict(found.grades)}
            one |= {"change": of.change(found), "tenths": list(found.tenths or ())}
        points.append(one)
    return {
        "policy": f"{of.program.id}@{of.program.version}",
        "periods": list(of.periods),
        "now": of.now,
        "points": points,
        "problems": [diagnostic_data(one) for one in diagnostics],
    }
