"""What `run` and `explain` share: a program, its facts, and a period."""

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

import polars as pl
import rich_click as click
from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.facts.raw import RawTable
from scorecore.io.readers import read_facts
from scorecore.language.expressions import HISTORY
from scorecore.plugins import Plugins
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore_cli.labels import history_among, history_in, with_names
from scorecore_cli.language import t
from scorecore_cli.terminal import console, show_diagnostics
from scorecore_cli.workspace import Checked, Workspace


@frozen
class Task:
    """What is to be decided."""

    program: Program
    used: Mapping[str, Program]
    """By `id@version` the programs that it uses, and that they use."""
    period: Period
    raw: dict[str, RawTable]
    diagnostics: Diagnostics
    """Of the facts; they hold nobody up but whom they concern."""
    plugins: Plugins
    texts: tuple[str, ...] = ()
    """The texts of the policy, of its parents and of those that it uses."""
    known_at: date | None = None
    """The day whose knowledge of facts counts; None if all of it does."""


def compiled(policy: Path, parents: tuple[Path, ...]) -> tuple[Program, Checked]:
    """The program of a policy file; ends the run with its problems if it has none."""
    workspace = Workspace.open(parents)
    checked = workspace.check(policy)
    if checked.program is None:
        stop(checked.diagnostics, checked.sources)
    return checked.program, checked


def stop(diagnostics: tuple[Diagnostic, ...], sources: Mapping[str, Source]) -> NoReturn:
    """End with the problems that keep anything from being decided."""
    show_diagnostics(diagnostics, sources, console(error=True))
    sys.exit(1)


def prepare(
    policy: Path, facts: Path, period: str, history: Path | None, parents: tuple[Path, ...], encoding: str
) -> Task:
    """Compile the policy and read the facts; ends the run where that cannot be done."""
    program, checked = compiled(policy, parents)
    of = period_of(program, period)
    if not program.in_force(of):
        message = t("{name} is not in force on {day}", name=f"{program.id}@{program.version}", day=of.end)
        raise click.UsageError(message)
    diagnostics = Diagnostics()
    raw = read_tables(program, facts, history, diagnostics, encoding, checked.plugins)
    texts = tuple(one.text for one in checked.sources.values())
    return Task(program, checked.used, of, raw, diagnostics, checked.plugins, texts)


def begin(task: Task) -> None:
    """Let it be known that nothing was decided in earlier periods; a mistake of usage where something was."""
    if HISTORY in task.raw:
        raise click.UsageError(t("--no-history is given, and there are earlier decisions"))
    names = (task.program.schema.subject, "period", *(one.name for one in task.program.schema.history))
    task.raw[HISTORY] = RawTable(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), HISTORY)


def period_of(program: Program, label: str) -> Period:
    """The period that a label names; ends the run where it names none."""
    found = program.period.period(label)
    if found is None:
        message = t(
            "{period} is not a period of this policy; write it like {example}",
            period=label,
            example=program.period.example,
        )
        raise click.UsageError(message)
    return found


def periods_of(program: Program, labels: Sequence[str], span: str | None) -> list[Period]:
    """The periods that `--period` and `--periods` name, in their order; ends the run where there are none."""
    found = {period_of(program, label) for label in labels}
    if span is not None:
        first, _, last = span.partition("..")
        one, end = period_of(program, first), period_of(program, last or first)
        while one.end <= end.end:
            found.add(one)
            one = program.period.ago(one, -1) or end
    if not found:
        raise click.UsageError(
            t("no period is named: {example}", example="--period 2024-05, --periods 2024-01..2024-12")
        )
    return sorted(found)


def read_tables(
    program: Program, facts: Path, history: Path | None, diagnostics: Diagnostics, encoding: str, plugins: Plugins
) -> dict[str, RawTable]:
    """The tables of facts, and the decisions of earlier periods."""
    raw = dict(read_facts(facts, diagnostics, encoding, plugins.readers))
    past = history_among(raw)
    if history is not None:
        past = history_in(read_facts(history, diagnostics, encoding, plugins.readers))
    if past is not None:
        raw[HISTORY] = with_names(past, program)
    return raw
