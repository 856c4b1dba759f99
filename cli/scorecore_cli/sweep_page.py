"""The page of `scorecore sweep`: cost and grades along a figure, in the look of the page of a run."""

from collections.abc import Iterator
from typing import Any

from scorecore.values.canonical_json import format_decimal
from scorecore_cli.language import _, join_sentences
from scorecore_cli.report_tables import GRADES, MONTHS, BranchReport, CellKind, ReportColumn, ReportTable
from scorecore_cli.sweep_view import SweepPoint, SweepResult
from scorecore_cli.visible_text import make_line


def build_sweep_report(result: SweepResult) -> BranchReport:
    """The points of a sweep as tables with plots; what the policy refuses is said above them."""
    program = result.program
    span = result.periods[0] + (f"…{result.periods[-1]}" if len(result.periods) > 1 else "")
    lines = [f"{program.id}@{program.version}  {program.authority}".strip(), *_list_remarks(result)]
    names = _name_varied(result)
    headings = [names.get(heading, heading) for heading in result.headings()]
    money = set(range(len(result.now), len(result.now) + (5 if program.pay else 0)))
    columns = [ReportColumn(heading, _kind(number, result, money)) for number, heading in enumerate(headings)]
    rows = tuple(tuple(result.cells(point)) for point in result.points if point.figures)
    return BranchReport(
        make_line(f"{program.title}  {span}"),
        tuple(map(make_line, lines)),
        (),
        tuple(_list_plotted(result)),
        ReportTable("points", _("all values"), tuple(columns), rows),
        program.currency,
    )


def _kind(number: int, result: SweepResult, money: set[int]) -> CellKind:
    if number < len(result.now):
        return "number"
    return "money" if number in money else "count"


def _name_varied(result: SweepResult) -> dict[str, str]:
    """What people call the figures that are varied: their labels, where each has one of its own."""
    labels = {f"parameters.{parameter.name}": parameter.label for parameter in result.program.parameters}
    names = {name: labels.get(name) or name for name in result.now}
    return names if len(set(names.values())) == len(names) else {name: name for name in result.now}


def _list_remarks(result: SweepResult) -> Iterator[str]:
    labels = {f"parameters.{parameter.name}": parameter.label for parameter in result.program.parameters}
    for name, value in result.now.items():
        words = labels.get(name, "")
        yield _("{name} is {value} in the policy", name=f"{name} {words}".strip(), value=format_decimal(value))
    for point in result.points:
        if point.figures is None:
            reasons = join_sentences([error.message(_) for error in point.errors])
            yield _("the policy refuses {values}:", values=_name(point)) + f" {reasons}"


def _list_plotted(result: SweepResult) -> Iterator[ReportTable]:
    """The tables that are drawn: what each value costs, and how many reach each grade."""
    program = result.program
    decided = [(_name(point), point.figures) for point in result.points if point.figures]
    first = ReportColumn(", ".join(_name_varied(result).values()))
    if program.pay:
        rows = tuple((name, figures.net) for name, figures in decided)
        yield ReportTable(MONTHS, _("net pay"), (first, ReportColumn(_("net pay"), "money")), rows)
    if program.grades:
        grades = [ReportColumn(grade.label or grade.id, "count") for grade in program.grades]
        counts: tuple[tuple[Any, ...], ...] = tuple(
            (name, figures.decisions, *(figures.grades[grade.id] for grade in program.grades))
            for name, figures in decided
        )
        yield ReportTable(GRADES, _("grades"), (first, ReportColumn(_("decisions"), "count"), *grades), counts)


def _name(point: SweepPoint) -> str:
    """A point as its row is named: the value alone, or each with its name."""
    if len(point.values) == 1:
        (value,) = point.values.values()
        return format_decimal(value)
    return ", ".join(f"{name} = {format_decimal(value)}" for name, value in point.values.items())
