"""Cost and distribution along a figure of a policy, as people and programs read them."""

from decimal import Decimal
from typing import Any

import polars as pl
from attrs import frozen
from rich.text import Text

from scorecore.analysis.sweep import SweepOutcome
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.program.model import Program
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.language import _
from scorecore_cli.terminal import bold, console, diagnostic_data, show_diagnostics, table

Cell = Decimal | int | None


@frozen
class SweepPoint:
    """The policy at some values. Without figures it was refused, and `diagnostics` say why."""

    values: dict[str, Decimal]
    figures: SweepOutcome | None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def errors(self) -> list[Diagnostic]:
        return [diagnostic for diagnostic in self.diagnostics if not diagnostic.kind.warning]


@frozen
class SweepResult:
    """A policy at all combinations of the values that are varied."""

    program: Program
    periods: tuple[str, ...]
    now: dict[str, Decimal]
    """The values that the policy has."""
    points: tuple[SweepPoint, ...]

    def change(self, figures: SweepOutcome) -> Decimal | None:
        """The cost beside that of the policy as it is, if that is among the points."""
        current_figures = next(
            (point.figures for point in self.points if point.figures and point.values == self.now), None
        )
        return figures.net - current_figures.net if current_figures else None

    def headings(self) -> list[str]:
        pay = [_("net pay"), _("change"), _("a tenth up to"), _("half up to"), _("nine tenths up to")]
        grades = [grade.label or grade.id for grade in self.program.grades]
        return [*self.now, *(pay if self.program.pay else []), *grades, _("held")]

    def cells(self, point: SweepPoint) -> list[Cell]:
        """A row, as numbers; only the values if the policy was refused."""
        values: list[Cell] = [point.values[name] for name in self.now]
        figures = point.figures
        if figures is None:
            return values
        pay = [figures.net, self.change(figures), *(figures.tenths or (None, None, None))]
        grades = [figures.grades[grade.id] for grade in self.program.grades]
        return [*values, *(pay if self.program.pay else []), *grades, figures.held]

    def frames(self) -> dict[str, pl.DataFrame]:
        """The points that have figures, as a table for a file."""
        rows = [self.cells(point) for point in self.points if point.figures]
        columns = {}
        for position, heading in enumerate(self.headings()):
            cells = [row[position] for row in rows]
            is_integer = all(isinstance(cell, int) for cell in cells)
            columns[heading] = pl.Series(values=cells, dtype=pl.Int64 if is_integer else pl.Decimal(38, 12))
        return {"sweep": pl.DataFrame(columns)}

    def sheet_name(self, name: str) -> str:
        return _("sweep") if name == "sweep" else name


def show_sweep(result: SweepResult, diagnostics: Diagnostics) -> None:
    screen = console()
    show_diagnostics(diagnostics, {}, screen)
    span = result.periods[0] + (f"…{result.periods[-1]}" if len(result.periods) > 1 else "")
    screen.print(bold(f"{result.program.title}  {span}"))
    headings = result.headings()
    shown = table(*headings, right=range(len(headings)))
    for point in result.points:
        first, *further = _texts(result, point)
        shown.add_row(f"{first} *" if point.values == result.now else first, *further)
    screen.print(shown)
    if any(point.values == result.now for point in result.points):
        screen.print(_("* as the policy has it"))
    for point in result.points:
        if point.figures is None:
            values = ", ".join(f"{name} = {format_decimal(value)}" for name, value in point.values.items())
            screen.print(Text(_("the policy refuses {values}:", values=values), "yellow"))
            show_diagnostics(point.errors, {}, screen)


def _texts(result: SweepResult, point: SweepPoint) -> list[str]:
    """A row as people read it: sums of money with two places, their change with a sign."""
    change = len(result.now) + 1
    money = range(len(result.now), len(result.now) + (5 if result.program.pay else 0))
    return [
        _money(cell, signed=column == change) if column in money else _plain(cell)
        for column, cell in enumerate(result.cells(point))
    ]


def _money(amount: Cell, *, signed: bool) -> str:
    if amount is None:
        return "—"
    return f"{amount:+,.2f}" if signed and amount else f"{amount:,.2f}"


def _plain(number: Cell) -> str:
    return format_decimal(number) if isinstance(number, Decimal) else str(number)


def sweep_data(result: SweepResult, diagnostics: Diagnostics) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "policy": f"{result.program.id}@{result.program.version}",
        "periods": list(result.periods),
        "now": result.now,
        "points": [_point_data(result, point) for point in result.points],
        "problems": [diagnostic_data(diagnostic) for diagnostic in diagnostics],
    }


def _point_data(result: SweepResult, point: SweepPoint) -> dict[str, Any]:
    figures = point.figures
    if figures is None:
        return {"values": point.values, "problems": list(map(diagnostic_data, point.errors))}
    return {
        "values": point.values,
        "decisions": figures.decisions,
        "held": figures.held,
        "net": figures.net,
        "grades": dict(figures.grades),
        "change": result.change(figures),
        "tenths": list(figures.tenths or ()),
    }
