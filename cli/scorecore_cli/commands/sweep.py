"""`scorecore sweep`: cost and distribution along a figure of a policy."""

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

import rich_click as click
from attrs import evolve, frozen

from scorecore.analysis import sweep as sweeping
from scorecore.analysis.sweep import (
    Figure,
    SweepOutcome,
    divide_values,
    list_reached_figures,
    measure_outcome,
    with_figures,
)
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner, SharedFacts
from scorecore.facts.raw import RawTable, remember_readings
from scorecore.policy.model import Policy
from scorecore.values.period import Period
from scorecore_cli import options
from scorecore_cli.assessment_input import compile_or_stop, get_only, parse_periods, read_tables, stop
from scorecore_cli.language import _
from scorecore_cli.output_path import OutputPath
from scorecore_cli.progress import Report, progress
from scorecore_cli.report_page import write_report_page
from scorecore_cli.sweep_page import build_sweep_report
from scorecore_cli.sweep_view import SweepPoint, SweepResult, show_sweep, sweep_data
from scorecore_cli.table_output import PAGE_ENDINGS, Output, try_file
from scorecore_cli.terminal import console, has_errors, show_json
from scorecore_cli.usage import unknown_name
from scorecore_cli.workspace import CheckedPolicy, Workspace


@click.command(cls=options.Command)
@options.policy
@options.facts
@options.repeated_period
@options.span
@options.option(
    "--vary",
    "texts",
    multiple=True,
    required=True,
    help="What to vary, and over which values: parameters.x=300..800:100, or tables.x.2=0.1,0.2 for the "
    "second band; uses.y.parameters.x for a parameter of the policy used as y. Repeatable.",
)
@options.history
@options.out
@options.file_format
@options.force
@options.option("--html", type=OutputPath(), help="Write a page with plots of cost and grades.")
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
    html: Path | None,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Show how cost and distribution change with a figure of a policy: a parameter, or the value of a band."""
    diagnostics = Diagnostics()
    output = Output.of(out, file_format, force=force)
    try_file(html, PAGE_ENDINGS, force=force)
    with progress() as report:
        program, checked = compile_or_stop(policy, parents)
        periods = parse_periods(program, labels, span)
        variants = _Variants.of(Workspace.open(parents), policy, periods[0], texts)
        report(_("reading facts"))
        plugins, used = checked.plugins, checked.used.values()
        raw = read_tables(program, facts, history, diagnostics, encoding, plugins, used, get_only(periods))
        past = PeriodRunner(program, checked.used).with_past(periods[0], raw) if program.schema.history else raw
        compiled = [variant for variant in variants.policies if variant.program]
        measured_figures = _measure(compiled, periods, past, diagnostics, report)
        points = variants.points(measured_figures)
        result = SweepResult(program, tuple(period.label for period in periods), variants.current_values, points)
        _write(result, output, html, report)
    if as_json:
        show_json(sweep_data(result, diagnostics))
    else:
        show_sweep(result, diagnostics)
        for path in filter(None, (out, html)):
            console().print(_("written to {path}", path=path))
    sys.exit(has_errors(diagnostics) or any(point.figures is None for point in points))


def _write(result: SweepResult, output: Output | None, html: Path | None, report: Report) -> None:
    """Write the tables and the page that were asked for; ends the command where the disk refuses."""
    if output is not None:
        report(_("writing {path}", path=output.path))
        output.write_frames(result.frames(), result.frames, result.sheet_name)
    if html is not None:
        report(_("writing {path}", path=html))
        write_report_page(build_sweep_report(result), html)


@frozen
class _Variants:
    """The policy with every combination of the values that are varied."""

    current_values: dict[str, Decimal]
    """Of the figures that are varied, the values that the policy has."""
    choices: list[dict[str, Decimal]]
    policies: list[CheckedPolicy]
    """One for each choice."""

    @classmethod
    def of(cls, workspace: Workspace, policy: Path, first: Period, texts: Sequence[str]) -> "_Variants":
        """Compile all variants; ends the command where a text does not say what takes which values."""
        figures = _read_figures(workspace, policy, first)
        choices = _choices(texts, figures)
        policies = [_compile_with(workspace, policy, divide_values(values, figures), first) for values in choices]
        return cls({name: figures[name].value for name in choices[0]}, choices, policies)

    def points(self, measured_figures: list[SweepOutcome]) -> tuple[SweepPoint, ...]:
        """The choices with their figures, in order; a refused policy has diagnostics instead."""
        remaining = iter(measured_figures)
        return tuple(
            SweepPoint(values, next(remaining)) if variant.program else SweepPoint(values, None, variant.diagnostics)
            for values, variant in zip(self.choices, self.policies, strict=True)
        )


def _read_figures(workspace: Workspace, policy: Path, first: Period) -> dict[str, Figure]:
    """What can be varied, and its values in the first period."""
    own: list[Policy] = []
    used: dict[str, Policy] = {}

    def look(model: Policy) -> Policy:
        own.append(model)
        return model

    def look_at_used(name: str, model: Policy) -> Policy:
        used[name] = model
        return model

    evolve(workspace, adjust_used=look_at_used).check(policy, look)
    return list_reached_figures(own[0], used, first.start) if own else {}


def _compile_with(
    workspace: Workspace, policy: Path, values: Mapping[str, Mapping[str, Decimal]], first: Period
) -> CheckedPolicy:
    """The policy with other values of its figures, and of those of the policies that it uses."""

    def adjust(name: str, model: Policy) -> Policy:
        return with_figures(model, values.get(name, {}), first.start)

    is_alone = not values.keys() - {""}
    adjusted = workspace if is_alone else evolve(workspace, adjust_used=adjust)  # else the used ones are compiled once
    return adjusted.check(policy, partial(adjust, ""))


def _choices(texts: Sequence[str], figures: Mapping[str, Figure]) -> list[dict[str, Decimal]]:
    """What is varied, in every combination; ends the command where that cannot be."""
    variations = []
    for text in texts:
        variation = sweeping.parse_variation(text)
        if variation is None:
            example = "parameters.x=300..800:100"
            raise click.UsageError(
                _(
                    "{text} does not say what to vary over which values; write it like {example}",
                    text=text,
                    example=example,
                )
            )
        if variation.name not in figures:
            message = _("the policy has no figure {name}", name=variation.name)
            raise unknown_name(message, variation.name, figures)
        variations.append(variation)
    choices = sweeping.combine_variations(variations)
    if len(choices) > sweeping.MAX_POINTS:
        raise click.UsageError(
            _("{count} combinations are too many; at most {most}", count=len(choices), most=sweeping.MAX_POINTS)
        )
    return choices


def _measure(
    variants: Sequence[CheckedPolicy],
    periods: Sequence[Period],
    raw: Mapping[str, RawTable],
    diagnostics: Diagnostics,
    report: Report,
) -> list[SweepOutcome]:
    """The figures of every program over all periods; the facts of a period are taken in once."""
    shared, raw = SharedFacts(), remember_readings(raw)
    runs = [
        PeriodRunner(variant.program, variant.used, shared=shared).decide_each(periods, raw, diagnostics, ledgers=False)
        for variant in variants
        if variant.program
    ]
    decided: list[list[Decisions]] = [[] for run in runs]
    for _period in periods:
        for number, run in enumerate(runs):
            decisions = next(run, None)
            if decisions is not None:
                report(_("deciding {period}", period=decisions.facts.period))
                decided[number].append(decisions)
    if variants and not all(decided):
        stop(tuple(diagnostics), {})
    return list(map(measure_outcome, decided))
