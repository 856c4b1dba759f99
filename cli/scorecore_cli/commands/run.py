"""`scorecore run`: decide a period for everyone."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import rich_click as click
from attrs import evolve
from rich.text import Text

from scorecore.evaluate.decisions import NET, PARTIAL, Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.evaluate.tables import decisions_table, tables
from scorecore.io.writers import FORMATS
from scorecore.program.digest import program_digest
from scorecore.program.model import Account, Program
from scorecore.record.corrections.payroll import (
    ADJUSTMENT,
    NAME,
    TO_PAY,
    adjustments_table,
    payroll_table,
)
from scorecore.record.record_run import Signed, record_run
from scorecore.record.runs.recorded import Recorded
from scorecore.values.canonical_json import format_decimal
from scorecore_cli import options
from scorecore_cli.assessment_input import (
    Task,
    begin,
    prepare,
    stop,
)
from scorecore_cli.correction_view import changes_data, show_changes, show_paid
from scorecore_cli.labels import labeller, teller
from scorecore_cli.language import several, t
from scorecore_cli.progress import progress
from scorecore_cli.record_file import (
    changed_texts,
    documents,
    engine,
    key_file,
    now,
    refused,
    take_history,
    writing,
)
from scorecore_cli.table_output import write_tables
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
    table,
)


@click.command(cls=options.Command)
@options.policy
@options.facts
@options.period
@options.history
@options.no_history
@options.known_at
@options.option(
    "--out", type=click.Path(path_type=Path), help="Write all tables: a folder, or a workbook ending in .xlsx."
)
@options.option(
    "--format", "file_format", type=click.Choice(FORMATS), default="csv", help="Of the files in the folder."
)
@options.option("--rows", type=click.IntRange(min=0), default=60, help="How many people the summary shows at most.")
@options.option(
    "--with",
    "evaluator",
    type=click.Choice(["auto", "rows", "columns"]),
    default="auto",
    help="Decide one by one, or all at once; the results are the same.",
)
@options.option(
    "--record",
    "ledger",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Record the decisions in this file; what was decided before, and what is still to be paid, is read from it.",
)
@options.option("--reason", default="", help="Why a period is recorded after a gap, or after a later one.")
@key_file
@options.parents
@options.encoding
@options.as_json
@options.lang
def run(  # noqa: PLR0913, PLR0917  what the command line names
    policy: Path,
    facts: Path,
    period: str,
    history: Path | None,
    known_at: date | None,
    out: Path | None,
    file_format: str,
    rows: int,
    evaluator: str,
    ledger: Path | None,
    reason: str,
    key: Path | None,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    no_history: bool,
    as_json: bool,
) -> None:
    """Decide a period for everyone: points, grade and pay, and what is held and why."""
    with progress() as step, ExitStack() as opened:
        step(t("reading facts"))
        task = evolve(prepare(policy, facts, period, history, parents, encoding), known_at=known_at)
        log = recorded = None
        if ledger is not None and ledger.exists():
            log = opened.enter_context(writing(ledger, key))
            recorded = refused(Recorded.read, log)
            take_history(task, recorded, history)
            for diagnostic in changed_texts(recorded, task):
                task.diagnostics.take(diagnostic)
        if no_history:
            begin(task)
        tell = lambda one: step(t("deciding {period}", period=one))  # noqa: E731
        chain = PeriodRunner(task.program, task.used, evaluator, tell, known_at=known_at)
        made = chain.decide(task.period, task.raw, task.diagnostics)
        if made is None:
            stop(tuple(task.diagnostics), {})
        signed = None
        if ledger is not None:
            step(t("recording in {path}", path=ledger))
            log = log or opened.enter_context(writing(ledger, key))
            pinned = {"engine": engine(), "used": task.used, "reason": reason, "recorded": recorded}
            pinned["about"] = {"known_at": known_at}
            signed = refused(record_run, log, made, documents(task), now=now(), **pinned)
        if out is not None:
            step(t("writing {path}", path=out))
            _write(made, signed, out, file_format)
    if as_json:
        show_json(_data(made, task, signed))
    else:
        _show(made, task, rows, out, signed)
    if ledger is not None and signed is not None and not as_json:
        if signed.changes:
            console().print(t("decided anew, for they read {period}:", period=task.period))
            show_changes(signed.changes)
        console().print(t("recorded in {path}, which has {count} entries now", path=ledger, count=signed.size))
    sys.exit(bool(made.held) or any(not one.kind.warning for one in task.diagnostics))


def _write(made: Decisions, signed: Signed | None, out: Path, file_format: str) -> None:
    found = dict(tables(made, teller(made.program)))
    if signed is not None and made.program.pay:
        found["adjustments"] = adjustments_table(made.program, signed.adjustments)
        found["payroll"] = payroll_table(made, signed.adjustments)
    write_tables(found, made.program, out, file_format)


def _show(made: Decisions, task: Task, rows: int, out: Path | None, signed: Signed | None) -> None:
    program, screen = made.program, console()
    label = labeller(program)
    screen.print(Text(f"{program.title}  {made.facts.period}", "bold"))
    if task.known_at is not None:
        screen.print(t("with what was known on {day}", day=task.known_at))
    if program.status != "in force":
        screen.print(Text(t("status of this policy: {status}", status=t(program.status)), "yellow"))
    show_diagnostics(task.diagnostics, {}, screen)
    held = set(made.held)
    items = [item.step for item in program.items]
    results = [*items, *(name for name in ("score.total", "grade") if program.has_step(name))]
    results += [NET] if program.pay else []
    adjustments = signed.adjustments if signed else ()
    later = (t("adjustment"), t("to pay")) if adjustments else ()
    owed = dict(payroll_table(made, adjustments).select(program.schema.subject, ADJUSTMENT).rows()) if later else {}
    named = NAME in made.facts.subjects.columns
    ranks = [t("rank")] if program.has_step("score.total") else []
    people = [*ranks, label(program.schema.subject), *([label(NAME)] if named else [])]
    numbers = [at for at, name in enumerate((*results, *later)) if name != "grade"]
    right = [*range(len(ranks)), *(len(people) + at for at in numbers)]
    proposals = [t("actions")] if program.actions else []
    shown = table(*people, *map(label, results), *later, *proposals, t("held, and why"), right=right)
    for rank, number, row in _ranked(made)[:rows]:
        cells = [*([rank] if ranks else []), made.facts.ids[number]]
        cells += [str(made.facts.subjects[NAME][number] or "")] if named else []
        cells += [_cell(row, name, program) for name in results]
        if later:
            amount = owed.pop(made.facts.ids[number])
            cells += [f"{amount:,.2f}" if amount else "", f"{row[NET] + amount:,.2f}"]
        cells += [_proposed(row, program, label)] if proposals else []
        cells.append(_why(made, number) if number in held else "")
        shown.add_row(*cells)
    screen.print(shown)
    if len(made) > rows:
        screen.print(t("… and {count} more; --rows shows more, --out writes all", count=len(made) - rows))
    _totals(made, held)
    if signed is not None:
        _adjusted(made, signed)
    if out is not None:
        screen.print(t("written to {path}", path=out))


def _adjusted(made: Decisions, signed: Signed) -> None:
    """What is paid of earlier periods, line by line, and what is to be paid in all."""
    if not signed.adjustments:
        return
    show_paid(signed.adjustments, made.program, t("paid of earlier periods"), set(made.facts.ids))
    whole = sum(payroll_table(made, signed.adjustments)[TO_PAY].to_list(), Decimal(0))
    console().print(t("to pay in all {amount}", amount=f"{whole:,.2f} {made.program.currency}".strip()))


def _ranked(made: Decisions) -> list[tuple[str, int, dict[str, Any]]]:
    """Everyone by total, the highest first; equal totals share the rank; who has no total comes last."""
    rows = list(enumerate(made.frame.iter_rows(named=True)))
    if not made.program.has_step("score.total"):
        return [("", number, row) for number, row in rows]
    rows.sort(key=lambda one: (one[1]["score.total"] is None, -(one[1]["score.total"] or Decimal(0)), one[0]))
    ranked: list[tuple[str, int, dict[str, Any]]] = []
    rank, last = 0, None
    for place, (number, row) in enumerate(rows, 1):
        total = row["score.total"]
        rank = rank if total == last else place
        last = total
        ranked.append(("—" if total is None else str(rank), number, row))
    return ranked


def _cell(row: dict[str, Any], name: str, program: Program) -> str:
    value = row[name]
    if name == NET:
        return f"{value:,.2f}" + (" *" if row[PARTIAL] else "")
    if value is None:
        return "—"
    if name == "grade":
        return next((grade.label or grade.id for grade in program.grades if grade.id == value), str(value))
    is_account = isinstance(program.step(name), Account)
    return f"{value:.2f}" if is_account and name == "score.total" else format_decimal(value)


def _proposed(row: dict[str, Any], program: Program, label: Callable[[str], str]) -> str:
    """What the decision proposes, in one line."""
    steps = [action.step for action in program.actions if row[action.step]]
    return several(map(label, steps)) if steps else ""


def _why(made: Decisions, number: int) -> str:
    """The causes of all that is held, each once."""
    tell = teller(made.program)
    return several(tell(cause) for causes in made.held[number].values() for cause in causes)


def _totals(made: Decisions, held: set[int]) -> None:
    program, screen = made.program, console()
    parts = [t("{count} people", count=len(made)), t("{count} with something held", count=len(held))]
    if program.grades:
        counts = dict(made.frame["grade"].drop_nulls().value_counts().rows())
        parts += [f"{grade.label or grade.id} {counts.get(grade.id, 0)}" for grade in program.grades]
    if program.pay:
        net = sum(made.frame[NET].to_list(), Decimal(0))
        parts.append(t("net pay in all {amount}", amount=f"{net:,.2f} {program.currency}".strip()))
    screen.print("  ".join(parts))
    if program.pay and made.frame[PARTIAL].any():
        screen.print(t("* a line of pay is held: net pay is of the other lines only"))


def _data(made: Decisions, task: Task, signed: Signed | None) -> dict[str, Any]:
    decided = decisions_table(made)
    recorded: dict[str, Any] = {}
    if signed is not None:
        lines = adjustments_table(made.program, signed.adjustments).rows(named=True)
        pay = payroll_table(made, signed.adjustments).rows(named=True) if made.program.pay else []
        recorded = {
            "entries": signed.size,
            "adjustments": lines,
            "payroll": pay,
            "changes": changes_data(signed.changes),
        }
    return {
        "policy": f"{made.program.id}@{made.program.version}",
        "program": program_digest(made.program),
        "period": made.facts.period.label,
        **({"known_at": task.known_at.isoformat()} if task.known_at else {}),
        "problems": [diagnostic_data(one) for one in task.diagnostics],
        "decisions": [
            {
                **{name: value for name, value in row.items() if value is not None},
                **({"held": _held(made, number)} if number in made.held else {}),
            }
            for number, row in enumerate(decided.iter_rows(named=True))
        ],
        **recorded,
    }


def _held(made: Decisions, number: int) -> dict[str, list[dict[str, Any]]]:
    return {name: list(map(diagnostic_data, causes)) for name, causes in made.held[number].items()}
