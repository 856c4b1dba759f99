"""`scorecore diff`: what another version of a policy does to everyone."""

import sys
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import rich_click as click
from attrs import evolve
from rich.text import Text

from scorecore.analysis import impact_sums
from scorecore.analysis.impact import ImpactAnalysis, ImpactTables
from scorecore.analysis.thresholds import Thresholds, concat_thresholds
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.evaluate.runner import PeriodRunner, SharedFacts
from scorecore.facts.raw import RawTable
from scorecore.io.writers import (
    FORMATS,
    WORKBOOK,
    write_folder,
    write_workbook,
)
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore.values.types import TypeKind
from scorecore_cli import options
from scorecore_cli.assessment_input import (
    compiled,
    periods_of,
    read_tables,
    stop,
)
from scorecore_cli.impact_html import page
from scorecore_cli.impact_view import ImpactView
from scorecore_cli.language import several, t
from scorecore_cli.progress import progress
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
    table,
)
from scorecore_cli.workspace import Checked, located


@click.command(cls=options.Command)
@options.argument("old")
@options.argument("new")
@options.facts
@options.several_periods
@options.span
@options.history
@options.option(
    "--by", multiple=True, help="Add up by this fact as well, such as the branch; may be given several times."
)
@options.option(
    "--near", default="1", show_default=True, help="How close to an edge: points of a grade, per cent of a band."
)
@options.option("--rows", type=click.IntRange(min=0), default=20, help="How many people a table shows at most.")
@options.option(
    "--out", type=click.Path(path_type=Path), help="Write all tables: a folder, or a workbook ending in .xlsx."
)
@options.option(
    "--format", "file_format", type=click.Choice(FORMATS), default="csv", help="Of the files in the folder."
)
@options.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write one page with plots, complete in itself."
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
    with progress() as step:
        sides = [compiled(located(one, parents), parents) for one in (old, new)]
        before, after = (program for program, _ in sides)
        _check_alike(before, after)
        _check_facts(by, before, after)
        periods = periods_of(after, labels, span)
        step(t("reading facts"))
        diagnostics = Diagnostics()
        raw = read_tables(before, facts, history, diagnostics, encoding, sides[0][1].plugins)
        found, cliffs = _compared((sides[0], sides[1]), periods, raw, diagnostics, by, _distance(near), step)
        if found is None:
            stop(tuple(diagnostics), {})
        impact = ImpactView(
            before, after, tuple(one.label for one in periods), found, cliffs, _distance(near), by, rows
        )
        if out is not None:
            step(t("writing {path}", path=out))
            _write(impact, out, file_format)
        if html is not None:
            step(t("writing {path}", path=html))
            _write_page(impact, html)
    if as_json:
        show_json(_data(impact, diagnostics))
    else:
        _show(impact, diagnostics)
        for path in filter(None, (out, html)):
            console().print(t("written to {path}", path=path))
    sys.exit(any(not one.kind.warning for one in diagnostics))


def _compared(  # noqa: PLR0917  everything that goes in
    sides: tuple[tuple[Program, Checked], tuple[Program, Checked]],
    periods: list[Period],
    raw: dict[str, RawTable],
    diagnostics: Diagnostics,
    by: tuple[str, ...],
    near: Decimal,
    step: Any,  # noqa: ANN401  says what is being done
) -> tuple[ImpactTables | None, Any]:
    """Both policies over all periods. What was before the first is the same for both: as the old one decides it."""
    (before, checked_before), (after, checked_after) = sides
    comparing = ImpactAnalysis(before, after, by)
    watched = comparing.watched(periods)
    edges = Thresholds.of(after, periods)
    tell = lambda one: step(t("deciding {period}", period=one))  # noqa: E731
    shared = SharedFacts()
    old = PeriodRunner(before, checked_before.used, report=tell, steps=watched[0], shared=shared)
    new = PeriodRunner(edges.program, checked_after.used, report=tell, steps=(*watched[1], *edges.steps), shared=shared)
    past = evolve(old, steps=(), shared=None).with_past(periods[0], raw) if before.schema.history else raw
    both = zip(_each(old, periods, past, diagnostics), _each(new, periods, past, diagnostics), strict=True)
    comparisons, cliffs = [], []
    for was, now in both:
        if was is not None and now is not None:
            comparisons.append(comparing.compare(was, now))
            cliffs.append(edges.near(now, near))
    return (ImpactTables.of(comparisons) if comparisons else None), concat_thresholds(cliffs)


def _each(chain: PeriodRunner, periods: list[Period], raw: Any, diagnostics: Diagnostics) -> Iterator[Any]:  # noqa: ANN401
    """The decisions of each period; None where there is nobody."""
    made = chain.decide_each(periods, raw, diagnostics)
    found = next(made, None)
    for period in periods:
        if found is not None and found.facts.period == period:
            yield found
            found = next(made, None)
        else:
            yield None


def _check_alike(before: Program, after: Program) -> None:
    for what, one, other in (
        (t("subject"), before.schema.subject, after.schema.subject),
        (t("period"), _every(before), _every(after)),
        (t("currency"), before.currency, after.currency),
    ):
        if one != other:
            message = t(
                "the policies cannot be compared: {what} is {one} in the old one, {other} in the new one",
                what=what,
                one=one,
                other=other,
            )
            raise click.UsageError(message)


def _every(program: Program) -> str:
    return t(program.period.every)


def _check_facts(by: tuple[str, ...], before: Program, after: Program) -> None:
    texts = {one.name for side in (before, after) for one in side.schema.columns if one.type.kind is TypeKind.STRING}
    for name in by:
        if name not in texts:
            near = suggest(name, texts).get("nearest")
            message = t("there is no fact {name} that is a text", name=name)
            raise click.UsageError(
                several([message, t("did you mean `{nearest}`?", nearest=near)]) if near else message
            )


def _distance(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or found < 0:
        raise click.UsageError(t("{text} is no distance: write a number such as 1 or 0.5", text=text))
    return found


def _write(impact: ImpactView, out: Path, file_format: str) -> None:
    try:
        if out.suffix.lower() == WORKBOOK:
            write_workbook(out, impact.readable(), impact.headings())
        else:
            write_folder(out, impact.tables(), file_format)
    except OSError as error:
        raise click.FileError(str(out), error.strerror or str(error)) from None


def _write_page(impact: ImpactView, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(impact), encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None


def _show(impact: ImpactView, diagnostics: Diagnostics) -> None:
    screen = console()
    show_diagnostics(diagnostics, {}, screen)
    for number, block in enumerate(impact.blocks()):
        if number and not block.rows:
            continue
        screen.print(Text(block.heading, "bold"))
        for line in block.lines:
            screen.print(Text(line))
        if block.rows:
            shown = table(*block.headings, right=block.right)
            for row in block.rows:
                shown.add_row(*map(Text, row))
            screen.print(shown)
        screen.print()


def _data(impact: ImpactView, diagnostics: Diagnostics) -> dict[str, Any]:
    found = impact.found
    return {
        "old": f"{impact.old.id}@{impact.old.version}",
        "new": f"{impact.new.id}@{impact.new.version}",
        "periods": list(impact.periods),
        "summary": impact.summary(),
        "edits": found.edits.rows(named=True),
        "causes": impact_sums.sum_by_cause(found).rows(named=True),
        "reasons": impact_sums.sum_by_reason(found).rows(named=True),
        "moves": impact_sums.count_grade_moves(found).rows(named=True),
        "by": {name: impact_sums.sum_by_columns(found, (name,)).rows(named=True) for name in impact.by},
        "people": impact_sums.sum_by_person(found).rows(named=True),
        "cliffs": impact.cliffs.rows(named=True),
        "problems": [diagnostic_data(one) for one in diagnostics],
    }
