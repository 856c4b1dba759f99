"""`scorecore diff`: what another version of a policy does to everyone."""

import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl
import rich_click as click
from attrs import evolve, frozen

from scorecore.analysis import impact_sums
from scorecore.analysis.impact import ImpactAnalysis, ImpactTables
from scorecore.analysis.thresholds import Thresholds, concat_thresholds
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner, SharedFacts
from scorecore.facts.raw import RawTable
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore.values.types import TypeKind
from scorecore_cli import options
from scorecore_cli.assessment_input import compile_or_stop, parse_periods, read_tables, stop
from scorecore_cli.explanation_view import show_text
from scorecore_cli.impact_html import render_page
from scorecore_cli.impact_view import ImpactView
from scorecore_cli.language import _
from scorecore_cli.progress import Report, progress
from scorecore_cli.table_output import write_frames
from scorecore_cli.terminal import console, diagnostic_data, has_errors, show_diagnostics, show_json
from scorecore_cli.usage import unknown_name
from scorecore_cli.visible_text import make_visible
from scorecore_cli.workspace import CheckedPolicy, find_policy


@click.command(cls=options.Command)
@options.argument("old")
@options.argument("new")
@options.facts
@options.repeated_period
@options.span
@options.history
@options.option("--by", multiple=True, help="Also add up by this fact, such as the branch; repeatable.")
@options.option(
    "--near", default="1", show_default=True, help="How close to an edge: points of a grade, per cent of a band."
)
@options.option("--rows", type=click.IntRange(min=0), default=20, help="Show at most this many people in a table.")
@options.out
@options.file_format
@options.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a self-contained HTML page with plots."
)
@options.parents
@options.encoding
@options.as_json
@options.lang
def diff(  # noqa: PLR0913, PLR0917  what the command line names
    old: str,
    new: str,
    facts: Path,
    labels: tuple[str, ...],
    span: str | None,
    history: Path | None,
    by: tuple[str, ...],
    near: str,
    rows: int,
    out: Path | None,
    file_format: str,
    html: Path | None,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    as_json: bool,
) -> None:
    """Show what a change of policy does to everyone: files, or `id@version` in the folders of --parents."""
    diagnostics = Diagnostics()
    with progress() as report:
        sides = tuple(_Side(*compile_or_stop(find_policy(policy, parents), parents)) for policy in (old, new))
        before, after = (side.program for side in sides)
        _check_alike(before, after)
        _check_facts(by, before, after)
        periods = parse_periods(after, labels, span)
        report(_("reading facts"))
        others = (after, *(used for side in sides for used in side.checked.used.values()))
        raw = read_tables(before, facts, history, diagnostics, encoding, sides[0].checked.plugins, others)
        comparison = _PolicyComparison(sides[0], sides[1], periods, by, _parse_distance(near))
        impact = comparison.impact(raw, diagnostics, report, rows)
        _write(impact, out, file_format, html, report)
    if as_json:
        show_json(_data(impact, diagnostics))
    else:
        _show(impact, diagnostics)
        for path in filter(None, (out, html)):
            console().print(_("written to {path}", path=path))
    sys.exit(has_errors(diagnostics))


def _write(impact: ImpactView, out: Path | None, file_format: str, html: Path | None, report: Report) -> None:
    """The tables and the page, where they are asked for."""
    if out is not None:
        report(_("writing {path}", path=out))
        write_frames(impact.tables(), impact.readable, impact.headings(), out, file_format)
    if html is not None:
        report(_("writing {path}", path=html))
        _write_page(impact, html)


@frozen
class _Side:
    """The old or the new policy."""

    program: Program
    checked: CheckedPolicy


@frozen
class _PolicyComparison:
    """Both policies over all periods."""

    old: _Side
    new: _Side
    periods: list[Period]
    by: tuple[str, ...]
    near: Decimal

    def impact(self, raw: dict[str, RawTable], diagnostics: Diagnostics, report: Report, rows: int) -> ImpactView:
        """What the new policy does to everyone; ends the command where nobody is decided by both."""
        before, after = self.old.program, self.new.program
        impact_tables, thresholds = self._compare(raw, diagnostics, report)
        if impact_tables is None:
            stop(tuple(diagnostics), {})
        labels = tuple(period.label for period in self.periods)
        return ImpactView(before, after, labels, impact_tables, thresholds, self.near, self.by, rows)

    def _compare(
        self, raw: dict[str, RawTable], diagnostics: Diagnostics, report: Report
    ) -> tuple[ImpactTables | None, pl.DataFrame]:
        """What was before the first period is the same for both: as the old policy decides it."""
        before, after, periods = self.old.program, self.new.program, self.periods
        analysis = ImpactAnalysis(before, after, self.by)
        watched = analysis.watched(periods)
        edges = Thresholds.of(after, periods)

        def tell(period: Period) -> None:
            report(_("deciding {period}", period=period))

        shared = SharedFacts()
        old = PeriodRunner(before, self.old.checked.used, report=tell, steps=watched[0], shared=shared)
        steps = (*watched[1], *edges.steps)
        new = PeriodRunner(edges.program, self.new.checked.used, report=tell, steps=steps, shared=shared)
        past = evolve(old, steps=(), shared=None).with_past(periods[0], raw) if before.schema.history else raw
        pairs = zip(
            _decide_each(old, periods, past, diagnostics), _decide_each(new, periods, past, diagnostics), strict=True
        )
        comparisons, near_edges = [], []
        for decided_before, decided_now in pairs:
            if decided_before is not None and decided_now is not None:
                comparisons.append(analysis.compare(decided_before, decided_now))
                near_edges.append(edges.near(decided_now, self.near))
        return (ImpactTables.of(comparisons) if comparisons else None), concat_thresholds(near_edges)


def _decide_each(
    runner: PeriodRunner, periods: list[Period], raw: Mapping[str, RawTable], diagnostics: Diagnostics
) -> Iterator[Decisions | None]:
    """The decisions of each period; None where there is nobody."""
    decided = runner.decide_each(periods, raw, diagnostics)
    decisions = next(decided, None)
    for period in periods:
        if decisions is not None and decisions.facts.period == period:
            yield decisions
            decisions = next(decided, None)
        else:
            yield None


def _check_alike(before: Program, after: Program) -> None:
    for what, old_value, new_value in (
        (_("subject"), before.schema.subject, after.schema.subject),
        (_("period"), _every(before), _every(after)),
        (_("currency"), before.currency, after.currency),
    ):
        if old_value != new_value:
            message = _(
                "the policies cannot be compared: {what} is {one} in the old one, {other} in the new one",
                what=what,
                one=old_value,
                other=new_value,
            )
            raise click.UsageError(message)


def _every(program: Program) -> str:
    return _(program.period.every)


def _check_facts(by: tuple[str, ...], before: Program, after: Program) -> None:
    columns = [column for side in (before, after) for column in side.schema.columns]
    texts = {column.name for column in columns if column.type.kind is TypeKind.STRING}
    for name in by:
        if name not in texts:
            raise unknown_name(_("there is no fact {name} that is a text", name=name), name, texts)


def _parse_distance(text: str) -> Decimal:
    try:
        distance = Decimal(text)
    except InvalidOperation:
        distance = Decimal(-1)
    if not distance.is_finite() or distance < 0:
        raise click.UsageError(_("{text} is not a distance: write a number such as 1 or 0.5", text=text))
    return distance


def _write_page(impact: ImpactView, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make_visible(render_page(impact)), encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None


def _show(impact: ImpactView, diagnostics: Diagnostics) -> None:
    screen = console()
    show_diagnostics(diagnostics, {}, screen)
    page = list(impact.blocks())
    show_text([*page[:1], *(block for block in page[1:] if block.rows)])


def _data(impact: ImpactView, diagnostics: Diagnostics) -> dict[str, Any]:
    impact_tables = impact.found
    return {
        "old": f"{impact.old.id}@{impact.old.version}",
        "new": f"{impact.new.id}@{impact.new.version}",
        "periods": list(impact.periods),
        "summary": impact.summary(),
        "edits": impact_tables.edits.rows(named=True),
        "causes": impact_sums.sum_by_cause(impact_tables).rows(named=True),
        "reasons": impact_sums.sum_by_reason(impact_tables).rows(named=True),
        "moves": impact_sums.count_grade_moves(impact_tables).rows(named=True),
        "by": {name: impact_sums.sum_by_columns(impact_tables, (name,)).rows(named=True) for name in impact.by},
        "people": impact_sums.sum_by_person(impact_tables).rows(named=True),
        "cliffs": impact.cliffs.rows(named=True),
        "problems": [diagnostic_data(diagnostic) for diagnostic in diagnostics],
    }
