"""`scorecore diff`: what another version of a policy does to everyone."""

import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import rich_click as click
from attrs import frozen

from scorecore.analysis import impact_sums
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.plugins import Plugins
from scorecore.program.model import Program
from scorecore.record.runs.manifest import Run, used_by
from scorecore.record.runs.recorded import Recorded
from scorecore.services.policy_comparison import ComparedPolicy, PolicyComparison
from scorecore.values.period import Period
from scorecore.values.types import TypeKind
from scorecore_cli import options
from scorecore_cli.assessment_input import compile_or_stop, get_only, parse_periods, read_tables, stop
from scorecore_cli.explanation_view import show_text
from scorecore_cli.impact_html import render_page
from scorecore_cli.impact_view import ImpactView
from scorecore_cli.language import _
from scorecore_cli.output_path import OutputPath
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.progress import Report, progress
from scorecore_cli.record_file import open_record, stop_if_rejected
from scorecore_cli.table_output import PAGE_ENDINGS, Output, try_file, write_file
from scorecore_cli.terminal import console, diagnostic_data, has_errors, show_diagnostics, show_json
from scorecore_cli.usage import unknown_name
from scorecore_cli.version_claims_view import check_version_claim
from scorecore_cli.visible_text import make_visible
from scorecore_cli.workspace import find_policy

_MAX_DISTANCE: Final = 10**9
"""Of an edge, in points or per cent."""


@click.command(cls=options.Command)
@options.argument("policies", metavar="[OLD] NEW", nargs=-1, required=True)
@options.facts_or_claim
@options.option(
    "--claim",
    help="Without facts: prove that both decide the same where this holds, or find facts that break it.",
)
@options.option(
    "--record",
    "record_path",
    type=PathParameter(exists=True, dir_okay=False),
    help="Use the program of a recorded run as OLD, so that the effect of updated plugins is visible too.",
)
@options.option(
    "--run",
    "number",
    type=click.IntRange(min=1),
    help="With --record: the run; default: the policy's last one.",
)
@options.repeated_period
@options.span
@options.history
@options.option("--by", multiple=True, help="Also total by this fact, such as the branch; repeatable.")
@options.option(
    "--near",
    default="1",
    show_default=True,
    help="How close to an edge counts: in points for a grade, in per cent for a band.",
)
@options.option("--rows", type=click.IntRange(min=0), default=20, help="Show at most this many people in a table.")
@options.out
@options.file_format
@options.force
@options.option("--html", type=OutputPath(), help="Write a self-contained HTML page with plots.")
@options.parents
@options.encoding
@options.as_json
@options.lang
def diff(  # noqa: PLR0913, PLR0917  what the command line names
    policies: tuple[str, ...],
    facts: Path | None,
    claim: str | None,
    record_path: Path | None,
    number: int | None,
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
    **switches: bool,
) -> None:
    """Show what a change of policy does to everyone: files, or `id@version` in the folders of --parents.

    With --record, name only the new policy; the old one is the program of a recorded run.
    """
    if claim is not None:
        sys.exit(check_version_claim(policies, parents, claim, as_json=switches["as_json"]))
    where = _need_facts(facts)
    diagnostics = Diagnostics()
    output = _try_paths(out, file_format, html, force=switches["force"])
    with progress() as report:
        sides, plugins = _open_sides(policies, record_path, number, parents)
        _check_facts(by, *(side.program for side in sides))
        periods = _choose_periods(sides, labels, span)
        report(_("reading facts"))
        others = (sides[1].program, *(used for side in sides for used in side.used.values()))
        raw = read_tables(sides[0].program, where, history, diagnostics, encoding, plugins, others, get_only(periods))
        raw |= {} if history else _read_history(record_path, sides[0].program, periods[0])
        request = _ImpactRequest(periods, by, _parse_distance(near))
        _write(impact := _find_impact(sides, request, raw, diagnostics, report, rows), output, html, report)
    _show(impact, diagnostics, filter(None, (out, html)), as_json=switches["as_json"])
    sys.exit(has_errors(diagnostics))


def _need_facts(facts: Path | None) -> Path:
    """Where the facts are, which only a claim does not need."""
    if facts is None:
        raise click.MissingParameter(param_hint="'--facts'", param_type="option")
    return facts


def _try_paths(out: Path | None, file_format: str, html: Path | None, *, force: bool) -> Output | None:
    """Where tables go; ends the command where they, or the page, cannot be written."""
    try_file(html, PAGE_ENDINGS, force=force)
    return Output.of(out, file_format, force=force)


def _write(impact: ImpactView, output: Output | None, html: Path | None, report: Report) -> None:
    """The tables and the page, where they are asked for."""
    if output is not None:
        report(_("writing {path}", path=output.path))
        output.write_frames(impact.tables(), impact.readable, impact.headings())
    if html is not None:
        report(_("writing {path}", path=html))
        write_file(html, make_visible(render_page(impact)).encode())


@frozen
class _Side:
    """The old or the new policy."""

    program: Program
    used: Mapping[str, Program]
    """By `id@version` the policies that it uses."""
    run: Run | None = None
    """The run that it decided, if it is from a record."""


def _open_sides(
    policies: tuple[str, ...], record_path: Path | None, number: int | None, parents: tuple[Path, ...]
) -> tuple[tuple[_Side, _Side], Plugins]:
    """Both policies, the old one from a file or a record, and what plugins bring; ends the command without them."""
    if len(policies) != (2 if record_path is None else 1):
        raise click.UsageError(_("name two policies; with --record only the new one"))
    if number is not None and record_path is None:
        raise click.UsageError(_("--run goes with --record"))
    programs = [compile_or_stop(find_policy(policy, parents), parents) for policy in policies]
    sides = [_Side(program, checked.used) for program, checked in programs]
    if record_path is not None:
        sides.insert(0, _open_recorded(record_path, number, sides[0].program.id))
    check_alike(sides[0].program, sides[1].program)
    return (sides[0], sides[1]), programs[0][1].plugins


def _choose_periods(sides: tuple[_Side, _Side], labels: tuple[str, ...], span: str | None) -> list[Period]:
    """The periods that are named, or that of a recorded run."""
    run = sides[0].run
    return parse_periods(sides[1].program, (run.period,) if run and not labels and not span else labels, span)


def _open_recorded(path: Path, number: int | None, policy: str) -> _Side:
    """What decided a run; without its number, the last one of the policy."""
    with open_record(path) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        runs = recorded.of(policy) if number is None else [run for run in recorded.runs if run.number == number]
        if not runs and number is None:
            raise click.UsageError(_("the record has no run of {policy}; name one with --run", policy=policy))
        if not runs:
            raise click.UsageError(_("the record has no run {number}", number=number))
        program = stop_if_rejected(recorded.program, runs[-1])
        return _Side(program, stop_if_rejected(used_by, log, runs[-1]), runs[-1])


def _read_history(path: Path | None, program: Program, period: Period) -> dict[str, RawTable]:
    """What a record has of earlier periods, where the old policy reads it and there is a record."""
    if path is None or not program.schema.history:
        return {}
    with open_record(path) as log:
        past = stop_if_rejected(lambda: Recorded.read(log).history(program, period.label))
    return {} if past is None else {HISTORY: RawTable(past, HISTORY)}


def _find_impact(
    sides: tuple["_Side", "_Side"],
    request: "_ImpactRequest",
    raw: dict[str, RawTable],
    diagnostics: Diagnostics,
    report: Report,
    rows: int,
) -> ImpactView:
    """What the new policy does to everyone; ends the command where nobody is decided by both."""
    old, new = (ComparedPolicy(side.program, side.used) for side in sides)
    comparison = PolicyComparison(old, new, request.periods, request.by, request.near)
    impact_tables, thresholds = comparison.compare(
        raw, diagnostics, lambda period: report(_("deciding {period}", period=period))
    )
    if impact_tables is None:
        stop(tuple(diagnostics), {})
    labels = tuple(period.label for period in request.periods)
    return ImpactView(old.program, new.program, labels, impact_tables, thresholds, request.near, request.by, rows)


@frozen
class _ImpactRequest:
    """Over which periods two policies are compared, and how."""

    periods: list[Period]
    by: tuple[str, ...]
    near: Decimal


def check_alike(before: Program, after: Program) -> None:
    """A mistake of usage where two policies decide about others, or pay in another currency."""
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
    if not distance.is_finite() or distance < 0 or distance > _MAX_DISTANCE:
        raise click.UsageError(_("{text} is not a distance: write a number such as 1 or 0.5", text=text))
    return distance


def _show(impact: ImpactView, diagnostics: Diagnostics, written: Iterable[Path], *, as_json: bool) -> None:
    if as_json:
        show_json(impact_data(impact, diagnostics))
        return
    screen = console()
    show_diagnostics(diagnostics, {}, screen)
    page = list(impact.blocks())
    show_text([*page[:1], *(block for block in page[1:] if block.rows)])
    for path in written:
        screen.print(_("written to {path}", path=path))


def impact_data(impact: ImpactView, diagnostics: Diagnostics) -> dict[str, Any]:
    """A comparison as plain data."""
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
