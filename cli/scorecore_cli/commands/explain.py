"""`scorecore explain`: the ledgers of one person."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import rich_click as click
from attrs import frozen

from scorecore.analysis import explain as explaining
from scorecore.analysis.goals import Goal, find_goal, list_goals
from scorecore.analysis.why_not import explain_why_not
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.extract import extract_subject_facts
from scorecore.io.formats import Block, Renderer, render_statement
from scorecore.plugins import Plugins
from scorecore.program.model import Program
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore_cli import options
from scorecore_cli.assessment_input import (
    begin,
    period_of,
    prepare,
    stop,
)
from scorecore_cli.explanation_view import blocks as explained
from scorecore_cli.explanation_view import explanation_data, show_markdown, show_text
from scorecore_cli.language import current, several, t
from scorecore_cli.record_file import reading, refused
from scorecore_cli.recorded_versions import absence, version_blocks, version_data
from scorecore_cli.terminal import console, show_json
from scorecore_cli.why_not_view import blocks, why_not_data
from scorecore_cli.workspace import Workspace


@click.command(cls=options.Command)
@options.argument("policy", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@options.option(
    "--facts",
    type=click.Path(exists=True, path_type=Path),
    help="Facts: a folder of .csv, .parquet or .jsonl files, one .jsonl file, one workbook, or what a plugin reads.",
)
@options.option(
    "--record",
    "ledger",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Explain what this record has, instead of a policy and facts.",
)
@options.option("--id", "policy_id", help="The id of the policy, where the record has several about this person.")
@options.period
@options.option("--person", "subject", required=True, help="The id of the person, or whatever the policy is about.")
@options.option(
    "--why-not",
    "goal",
    help="Of a grade, a line of pay or an action: what was missed, and the smallest change for it.",
)
@options.history
@options.no_history
@options.as_of
@options.option(
    "--format",
    "shape",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="For reading, for a document, or for a program.",
)
@options.option("--layout", help="A layout that a plugin brings, such as statement: one HTML page for printing.")
@options.parents
@options.encoding
@options.lang
def explain(  # noqa: PLR0913, PLR0917  what the command line names
    policy: Path | None,
    facts: Path | None,
    ledger: Path | None,
    policy_id: str | None,
    period: str,
    subject: str,
    goal: str | None,
    history: Path | None,
    as_of: date | None,
    shape: str,
    layout: str | None,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    no_history: bool,
) -> None:
    """Show why: the points ledger and the pay ledger of one person, with events, formulas and clauses."""
    if ledger is not None:
        if policy is not None or facts is not None or history is not None:
            raise click.UsageError(t("either --record, or a policy and --facts"))
        with reading(ledger) as log:
            recorded = refused(Recorded.read, log)
            then = recorded.by(as_of) if as_of else recorded
            first = next((one for one in recorded.runs if one.period == period), None)
            if first and first not in then.runs:
                params = {"period": period, "at": f"{first.at:%Y-%m-%d}"}
                raise click.UsageError(t("{period} was recorded on {at}, and not before", **params))
            sys.exit(_recorded(then, _Asked(period, subject, goal, policy_id, shape, layout)))
    if policy is None or facts is None:
        raise click.UsageError(t("a policy and --facts are needed, or --record"))
    task = prepare(policy, facts, period, history, parents, encoding)
    if no_history:
        begin(task)
    known = PeriodRunner(task.program, task.used, known_at=as_of).facts(task.period, task.raw, task.diagnostics)
    if known is None:
        stop(tuple(task.diagnostics), {})
    number = known.ids.index_of(subject)
    if number is None:
        near = suggest(subject, known.ids.to_list()).get("nearest")
        message = t("there is no {id} in {period}", id=subject, period=task.period)
        raise click.UsageError(several([message, t("did you mean `{nearest}`?", nearest=near)]) if near else message)
    wanted = None if goal is None else _goal(task.program, goal)
    decider = SubjectEvaluator.of(task.program, task.period)
    company = range(len(known)) if task.program.grouped else [number]  # a group is always decided complete
    everybody = list(extract_subject_facts(task.program, known, company))
    record = next(one for one in decider.add_group_values(everybody) if one.subject == subject)
    if wanted is not None:
        missed = explain_why_not(task.program, decider, record, wanted, everybody)
        _show(shape, blocks(missed, task.program), why_not_data(missed, task.program))
        sys.exit(bool(missed.held))
    found = explaining.explain(task.program, decider, record)
    if layout is not None:
        _lay_out(found, _layout(task.plugins, layout), list(explained(found)))
        sys.exit(found.is_held)
    _show(shape, explained(found), explanation_data(found))
    sys.exit(found.is_held)


@frozen
class _Asked:
    """What the command line asks of a record."""

    period: str
    subject: str
    goal: str | None
    policy: str | None
    """The id."""
    shape: str
    layout: str | None


def _recorded(recorded: Recorded, asked: _Asked) -> bool:
    """Explain what stands of the subject; whether something is held."""
    period, subject = asked.period, asked.subject
    found: dict[str, Standing] = {}
    for policy in dict.fromkeys(run.id for run in reversed(recorded.runs) if run.period == period):
        several = refused(recorded.standing, policy, period, subject) if asked.policy in {None, policy} else {}
        for one in several.values():
            found[policy] = one
    if not found:
        raise click.UsageError(absence(recorded, period, subject))
    (policy, one), *others = found.items()
    if one.payload is None:
        raise click.UsageError(t("what the record had of {id} was erased", id=subject))
    program, record = refused(recorded.program, one.run), one.payload.record
    decider = SubjectEvaluator.of(program, period_of(program, period))
    if asked.goal is not None:
        everybody = [record]
        if program.grouped:
            several = refused(recorded.standing, policy, period).values()
            everybody = [each.payload.record for each in several if each.payload]
        missed = explain_why_not(program, decider, record, _goal(program, asked.goal), everybody)
        _show(asked.shape, blocks(missed, program), why_not_data(missed, program))
        return bool(missed.held)
    shown = explaining.explain(program, decider, record)
    pages = [*explained(shown), *version_blocks(recorded, one, subject)]
    if asked.layout is not None:
        _lay_out(shown, _layout(Workspace.open().scorers, asked.layout), pages)
    else:
        _show(asked.shape, iter(pages), explanation_data(shown) | version_data(recorded, one, subject))
    if others and asked.shape != "json" and asked.layout is None:
        known = ", ".join(name for name, _ in others)
        console(error=True).print(
            t("other policies have decided about {id} as well; --id names one: {known}", id=subject, known=known)
        )
    return bool(shown.is_held)


def _show(shape: str, page: Iterator[Block], data: dict[str, Any]) -> None:
    if shape == "json":
        show_json(data)
    elif shape == "markdown":
        show_markdown(page)
    else:
        show_text(page)


def _layout(plugins: Plugins, name: str) -> Renderer:
    """The layout of a name; a mistake of usage where no plugin brings it."""
    found = plugins.renderers.get(name)
    if isinstance(found, Renderer):
        return found
    known = ", ".join(sorted(plugins.renderers))
    raise click.UsageError(t("there is no layout {name}; there are {known}", name=name, known=known))


def _lay_out(of: explaining.Explanation, renderer: Renderer, page: list[Block]) -> None:
    diagnostics = Diagnostics()
    text = render_statement(renderer, of, page, current(), diagnostics)
    if text is None:
        stop(tuple(diagnostics), {})
    sys.stdout.write(text)


def _goal(program: Program, text: str) -> Goal:
    """What is asked for; a mistake of usage where the policy has nothing of the name."""
    found = find_goal(program, text)
    if isinstance(found, Goal):
        return found
    known = ", ".join(one.name for one in list_goals(program))
    message = t("there is no grade, pay or action {name}; there are {known}", name=text, known=known)
    near = [t("did you mean `{nearest}`?", **found)] if found else []
    raise click.UsageError(several([message, *near]))
