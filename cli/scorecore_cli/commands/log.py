"""`scorecore log`: what a record has."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import rich_click as click
from attrs import frozen

from scorecore.analysis.impact import TOTAL
from scorecore.evaluate.decisions import NET, PARTIAL
from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import adjustments_in
from scorecore.record.log.entries import ERASED, ERASURE, LogEntry
from scorecore.record.log.log import Log
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import WITHDRAWAL, Run
from scorecore.values.canonical_json import format_decimal
from scorecore_cli import options
from scorecore_cli.language import several, t
from scorecore_cli.record_file import ledger, reading, refused
from scorecore_cli.terminal import console, show_json, table


@click.command(cls=options.Command)
@ledger
@options.option("--checkpoint", is_flag=True, help="Print the last signed checkpoint, to be kept elsewhere.")
@options.option("--period", help="Only this period.")
@options.option("--person", "subject", help="What there is about this person: every decision, and what was paid.")
@options.as_json
@options.lang
def log(ledger: Path, *, checkpoint: bool, period: str | None, subject: str | None, as_json: bool) -> None:
    """List the runs of a record, or the decisions about one person, and what was erased."""
    with reading(ledger) as found:
        if checkpoint:
            click.echo(refused(found.checkpoint).note, nl=False)
            return
        recorded = refused(Recorded.read, found)
        runs = [one for one in recorded.runs if period in {None, one.period}]
        if period is not None and not runs:
            raise click.UsageError(t("the record has no run of {period}", period=period))
        if subject is not None:
            lines = refused(lambda: [line for run in runs for line in _lines(recorded, run, subject)])
            if not lines:
                raise click.UsageError(t("the record has no decision about {id}", id=subject))
            if as_json:
                show_json({"decisions": [line.data() for line in lines]})
            else:
                _show_lines(lines)
            return
        erased = refused(lambda: list(found.find(kind=ERASURE)))
        if as_json:
            show_json(_data(found, runs))
            return
        _show(found, runs)
        for entry in erased:
            params = {"count": entry.fields["payloads"], "reason": entry.fields["reason"]}
            at = f"{entry.at:%Y-%m-%d %H:%M:%SZ}"
            console().print(t("erased at {at}: {count} payloads ({reason})", at=at, **params))


def _show(found: Log, runs: list[Run]) -> None:
    screen = console()
    headings = (t("run"), t("recorded at"), t("entry"), t("period"), t("policy"), t("subjects"), t("held"))
    shown = table(*headings, t("corrects"), t("pays"), t("reason"), right=(0, 5, 6, 7, 8))
    for run in runs:
        shown.add_row(
            str(run.number),
            f"{run.at:%Y-%m-%d %H:%M:%SZ}",
            f"{run.start}-{run.stop - 1}",
            run.period,
            run.policy,
            str(run.close["subjects"]),
            str(run.close["held"]),
            str(run.corrects or ""),
            ", ".join(map(str, run.pays)),
            _remarks(run),
        )
    screen.print(shown)
    screen.print(t("{count} entries, signed by {name}", count=found.size, name=found.verifier.name))


def _remarks(run: Run) -> str:
    """Why, and what else is out of the ordinary."""
    known_at = run.manifest.get("known_at")
    parts = [run.reason] if run.reason else []
    parts += [t("paid apart")] if run.apart else []
    parts += [t("with what was known on {day}", day=known_at)] if known_at else []
    return several(parts) if parts else ""


def _data(found: Log, runs: list[Run]) -> dict[str, Any]:
    return {
        "entries": found.size,
        "key": str(found.verifier),
        "runs": [
            {"number": run.number, "at": run.at.isoformat(), "manifest": dict(run.manifest), "close": dict(run.close)}
            for run in runs
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

    def data(self) -> dict[str, Any]:
        found = {
            "entry": self.entry.index,
            "what": self.what,
            "run": self.run.number,
            "at": self.run.at.isoformat(),
            "period": self.run.period,
            "policy": self.run.policy,
            "reason": self.run.reason,
            "values": self.values,
        }
        found = {name: one for name, one in found.items() if one not in ("", {})}
        return found | ({} if self.adjustment is None else {"adjustment": format_decimal(self.adjustment)})


def _lines(recorded: Recorded, run: Run, subject: str) -> Iterator[_LogLine]:
    program = recorded.program(run)
    paid = sum((one.effect for one in adjustments_in(recorded, run, subject)), Decimal(0))
    adjustment = paid or None
    for entry in recorded.log.find(period=run.period, subject=subject):
        if entry.index in run.entries and entry.kind == WITHDRAWAL:
            yield _LogLine(run, program, entry, WITHDRAWAL, {}, None)
    for entry, payload in recorded.decided(run, subject):
        what, values = (entry.kind, payload.result["values"]) if payload else (ERASED.value, {})
        yield _LogLine(run, program, entry, what, values, adjustment)
        adjustment = None
    if adjustment is not None:
        yield _LogLine(run, program, recorded.log.entry(run.start), "adjustment", {}, adjustment)


def _show_lines(lines: list[_LogLine]) -> None:
    names = {
        "decision": t("decision"),
        "withdrawal": t("withdrawn"),
        "adjustment": t("adjustment"),
        "erased": t("erased"),
    }
    headings = (t("entry"), t("run"), t("recorded at"), t("period"), t("policy"), t("what"))
    figures = (t("total"), t("grade"), t("net pay"), t("adjustment"))
    shown = table(*headings, *figures, t("reason"), right=(0, 1, 6, 8, 9))
    for line in lines:
        values, run = line.values, line.run
        grades = {grade.id: grade.label or grade.id for grade in line.program.grades}
        net = "" if NET not in values else f"{Decimal(values[NET]):,.2f}{' *' if values.get(PARTIAL) else ''}"
        shown.add_row(
            str(line.entry.index),
            str(run.number),
            f"{run.at:%Y-%m-%d %H:%M:%SZ}",
            run.period,
            run.policy,
            names[line.what],
            str(values.get(TOTAL, "")),
            grades.get(str(values.get("grade")), ""),
            net,
            "" if line.adjustment is None else f"{line.adjustment:+,.2f}",
            _remarks(run),
        )
    console().print(shown)
    if any(line.values.get(PARTIAL) for line in lines):
        console().print(t("* a line of pay is held: net pay is of the other lines only"))
