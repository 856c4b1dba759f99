"""`scorecore record log`: what a record has."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import rich_click as click
from attrs import frozen

from scorecore.analysis.impact import TOTAL
from scorecore.evaluate.decisions import NET, PARTIAL
from scorecore.evaluate.result_tables import TABLES
from scorecore.io.layout import list_ranges
from scorecore.program.model import Program
from scorecore.record.audit import Audit, AuditSelection
from scorecore.record.corrections.adjustments import read_adjustments
from scorecore.record.log.entries import CONVERSION, ERASED, ERASURE, LogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint
from scorecore.record.people.acts import list_waiting
from scorecore.record.run_tables import build_run_tables
from scorecore.record.runs.manifest import RUN, Run
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import RESUMPTION, WITHDRAWAL, read_outside_runs
from scorecore.values.canonical_json import format_decimal
from scorecore_cli import options
from scorecore_cli.audit_view import count_decisions, show_audit, show_audit_json, write_audit
from scorecore_cli.bounded_file import read_bounded_text
from scorecore_cli.decisions_view import RECORDED_TABLES
from scorecore_cli.labels import localizer
from scorecore_cli.language import _, join_sentences, ngettext
from scorecore_cli.objection_view import ShownObjection, show_objections
from scorecore_cli.output_path import OutputPath
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.proposal_view import (
    adoptions_data,
    describe_maker,
    describe_state,
    run_state_data,
    show_adoptions,
    show_waiting,
    waiting_data,
)
from scorecore_cli.record_file import (
    anchor_option,
    describe_absence,
    now,
    open_record,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.record_notices import describe_retention, show_conversions, show_erasures, show_resumptions
from scorecore_cli.table_output import Output
from scorecore_cli.terminal import console, format_instant, show_json, table

_DIGEST_SHOWN: Final = 16
"""How much of a program's digest is shown; --json has all of it."""


@click.command(cls=options.Command)
@record_argument
@options.option("--checkpoint", is_flag=True, help="Print the last signed checkpoint, to be kept elsewhere.")
@options.option("--period", help="Only this period.")
@options.option("--person", "subject", help="What there is about this person: every decision, and what was paid.")
@options.option(
    "--out",
    type=OutputPath(is_folder=True),
    help="Write everything as tables, for sampling: a folder, or a workbook ending in .xlsx.",
)
@options.file_format
@options.option("--valid", "only_valid", is_flag=True, help="Only decisions that are valid: the last of each person.")
@options.option("--sample", type=click.IntRange(min=1), help="Draw this many decisions.")
@options.option("--seed", default="", help="The seed of the sample: the same seed draws the same decisions.")
@options.option(
    "--until",
    type=PathParameter(exists=True, dir_okay=False),
    help="A checkpoint: only what had been recorded when it was signed.",
)
@anchor_option
@options.option(
    "--run", "number", type=click.IntRange(min=1), help="With --out: only the tables of this run, as it was recorded."
)
@options.force
@options.as_json
@options.lang
def log(record_path: Path, anchor: Path | None, **asked: Any) -> None:  # noqa: ANN401  the options above
    """List the runs of a record, its decisions, or those about one person, and what was erased."""
    request = _Request(**asked)
    output = request.try_output()
    with open_record(record_path, anchor) as opened:
        if request.checkpoint:
            click.echo(stop_if_rejected(opened.checkpoint).note, nl=False)
            return
        recorded = _read(opened, request.until)
        period, subject = request.period, request.subject
        runs = [run for run in recorded.all_runs if period in {None, run.period}]
        if period is not None and not runs:
            raise click.UsageError(_("the record has no run of {period}", period=period))
        if request.number is not None and output is not None:
            _write_run(recorded, request.number, output)
        elif request.is_audit:
            _audit(recorded, request, output)
        elif subject is not None:
            _log_subject(recorded, runs, subject, as_json=request.as_json)
        elif request.as_json:
            show_json(_data(recorded, runs))
        else:
            _show(recorded, runs)
            _show_others(recorded)


def _write_run(recorded: Recorded, number: int, output: Output) -> None:
    """Write the tables of a run as they were when it was recorded, without whom was erased since."""
    run = next((run for run in recorded.all_runs if run.number == number), None)
    if run is None:
        numbers = ", ".join(str(run.number) for run in recorded.all_runs)
        raise click.UsageError(_("the record has no run {number}; there are {known}", number=number, known=numbers))
    program = stop_if_rejected(recorded.program, run)
    output.write_tables(stop_if_rejected(build_run_tables, recorded, run, localizer(program)), program)
    console().print(_("written to {path}", path=output.path))
    if run not in recorded.runs:
        state = describe_state(recorded.people, run)
        console().print(_("run {number} is not in force, and pays nothing: {state}", number=number, state=state))


@frozen(kw_only=True)
class _Request:
    """What is asked of a record."""

    checkpoint: bool
    period: str | None
    subject: str | None
    out: Path | None
    file_format: str
    number: int | None
    force: bool
    only_valid: bool
    sample: int | None
    seed: str
    until: Path | None
    as_json: bool

    def __attrs_post_init__(self) -> None:
        if (self.sample is not None) != bool(self.seed):
            message = _("--sample and --seed go together: a stated seed lets others check the sample")
            raise click.UsageError(message)
        if self.number is not None and self.out is None:
            raise click.UsageError(_("--run goes with --out"))

    def try_output(self) -> Output | None:
        """Where tables go; ends the command where they cannot be written."""
        names = (*TABLES, *RECORDED_TABLES) if self.number is not None else ()
        return Output.of(self.out, self.file_format, force=self.force, names=names)

    @property
    def is_audit(self) -> bool:
        """Whether it is about decisions one by one."""
        return self.out is not None or self.only_valid or self.sample is not None

    @property
    def selection(self) -> AuditSelection:
        return AuditSelection(
            period=self.period,
            subject=self.subject,
            only_valid=self.only_valid,
            sample=self.sample,
            seed=self.seed,
        )


def _log_subject(recorded: Recorded, runs: list[Run], subject: str, *, as_json: bool) -> None:
    lines = stop_if_rejected(lambda: [line for run in runs for line in _lines_of(recorded, run, subject)])
    if not lines:
        raise click.UsageError(describe_absence(recorded.log, subject))
    if as_json:
        show_json({"decisions": [line.data() for line in lines]})
    else:
        _show_lines(lines)


def _show_others(recorded: Recorded) -> None:
    """What was erased, and after what loss the record was resumed."""
    others = stop_if_rejected(lambda: list(read_outside_runs(recorded.log)))
    known = [entry for entry in others if entry.index < recorded.size]
    show_waiting(list_waiting(recorded))
    people = recorded.people
    show_adoptions(people.adoptions.values())
    stop_if_rejected(show_objections, recorded, people.objections.values(), now())
    if people.retention is not None:
        console().print(describe_retention(people.retention))
    show_erasures(entry for entry in known if entry.kind == ERASURE)
    show_resumptions(entry for entry in known if entry.kind == RESUMPTION)
    show_conversions((entry for entry in known if entry.kind == CONVERSION), is_single=people.is_single)


def _read(log: Log, until: Path | None) -> Recorded:
    """What a record has, or had when a checkpoint was signed; ends the command where the checkpoint is not of it."""
    recorded = stop_if_rejected(Recorded.read, log)
    if until is None:
        return recorded
    text = read_bounded_text(until)
    stop_if_rejected(log.check_anchor, text)
    return recorded.until(Checkpoint.parse(text)[0].size)


def _audit(recorded: Recorded, request: _Request, output: Output | None) -> None:
    """Show or write decisions."""
    audit = stop_if_rejected(Audit.of, recorded, request.selection, localizer)
    if not audit.decisions and request.subject is not None:
        raise click.UsageError(describe_absence(recorded.log, request.subject))
    if output is not None:
        stop_if_rejected(write_audit, audit, output)
        console(error=request.as_json).print(count_decisions(audit))
        console(error=request.as_json).print(_("written to {path}", path=request.out))
    elif not request.as_json:
        show_audit(audit)
    if request.as_json:
        show_audit_json(audit)


def _show(recorded: Recorded, runs: list[Run]) -> None:
    screen, people = console(), recorded.people
    has_states = any(run.kind != RUN for run in runs)
    headings = (_("run"), _("recorded at"), _("entry"), _("period"), _("policy"), _("subjects"), _("held"))
    states = (_("recorded by"), _("state")) if has_states else ()
    shown = table(*headings, _("corrects"), _("pays"), *states, _("reason"), right=(0, 5, 6, 7, 8))
    for run in runs:
        shown.add_row(
            str(run.number),
            format_instant(run.at),
            f"{run.start}-{run.stop - 1}",
            run.period,
            run.policy,
            str(run.close["subjects"]),
            str(run.close["held"]),
            str(run.corrects or ""),
            ", ".join(map(str, run.pays)),
            *((describe_maker(people, run.start), describe_state(people, run)) if has_states else ()),
            _remarks(run),
        )
    screen.print(shown)
    _show_programs(runs)
    screen.print(
        ngettext(
            "{count} entry, signed by {name}",
            "{count} entries, signed by {name}",
            recorded.size,
            name=recorded.log.verifier.name,
        )
    )
    if people.is_single:
        screen.print(_("kept by a single operator: every run is in force as soon as it is recorded"))


def _show_programs(runs: Iterable[Run]) -> None:
    """What decided: each program by the beginning of its digest, with the versions of scorecore and of the plugins."""
    numbers: dict[tuple[str, ...], list[int]] = {}
    for run in runs:
        digest, engine = str(run.manifest["program"])[:_DIGEST_SHOWN], str(run.manifest["engine"])
        plugins = ", ".join(sorted(set(run.plugins.values())))
        numbers.setdefault((run.policy, digest, engine, plugins), []).append(run.number)
    shown = table(_("policy"), _("program"), _("decided by"), _("plugins"), _("runs"))
    for decided_by, of_runs in numbers.items():
        shown.add_row(*decided_by, list_ranges(of_runs, len(of_runs)))
    console().print(shown)


def _remarks(run: Run) -> str:
    """Why, and what else is out of the ordinary."""
    known_at = run.manifest.get("known_at")
    parts = [run.reason] if run.reason else []
    parts += [_("paid apart")] if run.apart else []
    parts += [_("with what was known on {day}", day=known_at)] if known_at else []
    return join_sentences(parts) if parts else ""


def _data(recorded: Recorded, runs: list[Run]) -> dict[str, Any]:
    return {
        "entries": recorded.size,
        "key": str(recorded.log.verifier),
        "runs": [
            {
                "number": run.number,
                "at": run.at.isoformat(),
                "manifest": dict(run.manifest),
                "close": dict(run.close),
                **run_state_data(recorded, run),
            }
            for run in runs
        ],
        "single_operator": recorded.people.is_single,
        "waiting": waiting_data(list_waiting(recorded)),
        "adoptions": adoptions_data(recorded.people.adoptions.values()),
        "retention": None if recorded.people.retention is None else recorded.people.retention.fields,
        "objections": [
            ShownObjection.of(recorded, objection, now()).data() for objection in recorded.people.objections.values()
        ],
    }


# of one person


@frozen
class _LogLine:
    """One decision about somebody, or what took it back, or what was paid without one."""

    run: Run
    program: Program
    entry: LogEntry
    what: str
    """`decision`, `withdrawal`, `adjustment`, or `erased`."""
    values: dict[str, Any]
    adjustment: Decimal | None
    state: str
    """What its run is, if it is not in force without approval."""

    def data(self) -> dict[str, Any]:
        fields = {
            "entry": self.entry.index,
            "what": self.what,
            "state": self.state,
            "run": self.run.number,
            "at": self.run.at.isoformat(),
            "period": self.run.period,
            "policy": self.run.policy,
            "reason": self.run.reason,
            "values": self.values,
        }
        fields = {name: field for name, field in fields.items() if field not in ("", {})}
        return fields | ({} if self.adjustment is None else {"adjustment": format_decimal(self.adjustment)})


def _lines_of(recorded: Recorded, run: Run, subject: str) -> Iterator[_LogLine]:
    program = recorded.program(run)
    paid = sum((adjustment.effect for adjustment in read_adjustments(recorded, run, subject)), Decimal(0))
    adjustment = paid or None
    state = "" if run.kind == RUN else describe_state(recorded.people, run)
    for entry in recorded.about(run, subject):
        if entry.kind == WITHDRAWAL:
            yield _LogLine(run, program, entry, WITHDRAWAL, {}, None, state)
    for entry, payload in recorded.decisions(run, subject):
        what, values = (entry.kind, payload.result["values"]) if payload else (ERASED.value, {})
        yield _LogLine(run, program, entry, what, values, adjustment, state)
        adjustment = None
    if adjustment is not None:
        yield _LogLine(run, program, recorded.log.entry(run.start), "adjustment", {}, adjustment, state)


def _show_lines(lines: list[_LogLine]) -> None:
    names = {
        "decision": _("decision"),
        "withdrawal": _("withdrawn"),
        "adjustment": _("adjustment"),
        "erased": _("erased"),
    }
    headings = (_("entry"), _("run"), _("recorded at"), _("period"), _("policy"), _("what"))
    figures = (_("total"), _("grade"), _("net pay"), _("adjustment"))
    shown = table(*headings, *figures, _("reason"), right=(0, 1, 6, 8, 9))
    for line in lines:
        values, run = line.values, line.run
        grades = {grade.id: grade.label or grade.id for grade in line.program.grades}
        net = "" if NET not in values else f"{Decimal(values[NET]):,.2f}{' *' if values.get(PARTIAL) else ''}"
        shown.add_row(
            str(line.entry.index),
            str(run.number),
            format_instant(run.at),
            run.period,
            run.policy,
            join_sentences([names[line.what], *([state] if (state := line.state) else [])]),
            str(values.get(TOTAL, "")),
            grades.get(str(values.get("grade")), ""),
            net,
            "" if line.adjustment is None else f"{line.adjustment:+,.2f}",
            _remarks(run),
        )
    console().print(shown)
    if any(line.values.get(PARTIAL) for line in lines):
        console().print(_("* a pay line is held: net pay is the sum of the other lines"))
