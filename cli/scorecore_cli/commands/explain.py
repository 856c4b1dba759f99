"""`scorecore explain`: the ledgers of one person."""

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import rich_click as click
from attrs import evolve, frozen

from scorecore.analysis.explain import explain as explain_decision
from scorecore.analysis.goals import Goal, find_goal, list_goals
from scorecore.analysis.why_not import explain_why_not
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import SubjectFacts
from scorecore.io.formats import Block, Statement
from scorecore.io.writers import WORKBOOK
from scorecore.program.model import Program
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore_cli import options
from scorecore_cli.assessment_input import (
    Assessment,
    parse_period,
    prepare_assessment,
    start_without_history,
    stop,
)
from scorecore_cli.explanation_view import explanation_blocks, explanation_data, show_markdown, show_text
from scorecore_cli.language import _, join_sentences
from scorecore_cli.layouts import find_layout, lay_out, lay_out_everyone
from scorecore_cli.output_path import OutputPath
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.proposal_view import describe_state
from scorecore_cli.record_file import anchor_option, open_record, stop_if_rejected
from scorecore_cli.recorded_versions import explain_absence, version_blocks, version_data
from scorecore_cli.table_output import try_file
from scorecore_cli.terminal import console, show_json
from scorecore_cli.usage import unknown_name
from scorecore_cli.why_not_view import why_not_blocks, why_not_data
from scorecore_cli.workspace import Workspace


@click.command(cls=options.Command)
@options.argument("policy", type=PathParameter(exists=True, dir_okay=False), required=False)
@options.option(
    "--facts",
    type=PathParameter(exists=True),
    help=options.FACTS_HELP,
)
@options.mapping
@options.option(
    "--record",
    "record_path",
    type=PathParameter(exists=True, dir_okay=False),
    help="Explain what this record has, instead of a policy and facts.",
)
@options.option("--id", "policy_id", help="The id of the policy, if more than one in the record assesses this person.")
@options.option("--run", "number", type=click.IntRange(min=1), help="With --record: what was valid after this run.")
@anchor_option
@options.period
@options.option("--person", "subject", help="The id of the person, or of whatever else the policy assesses.")
@options.option("--everyone", is_flag=True, help="With --layout: the statements of everybody in one.")
@options.option(
    "--why-not",
    "goal",
    help="Show what was missed for a grade, a pay line or an action, and the smallest change that reaches it.",
)
@options.history
@options.no_history
@options.known_at
@options.option(
    "--format",
    "shape",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="Output for reading, for a document, or for a program.",
)
@options.option(
    "--out",
    type=OutputPath(),
    help="Also write a workbook (.xlsx) whose cells compute the decision: change a fact, and see what follows.",
)
@options.force
@options.option("--layout", help="A layout from a plugin, such as statement: one HTML page for printing.")
@options.parents
@options.encoding
@options.lang
def explain(  # noqa: PLR0913, PLR0917  what the command line names
    policy: Path | None,
    facts: Path | None,
    record_path: Path | None,
    policy_id: str | None,
    number: int | None,
    anchor: Path | None,
    period: str,
    subject: str | None,
    goal: str | None,
    history: Path | None,
    known_at: date | None,
    shape: str,
    out: Path | None,
    layout: str | None,
    parents: tuple[Path, ...],
    encoding: str,
    *,
    everyone: bool,
    no_history: bool,
    force: bool,
) -> None:
    """Show why: the points ledger and the pay ledger of one person, with events, formulas and clauses."""
    if everyone == (subject is not None) or (everyone and (layout is None or goal is not None)):
        raise click.UsageError(_("name one person with --person, or everybody with --everyone and --layout"))
    try_file(out, (WORKBOOK,), force=force)
    request = _ExplainRequest(period, subject or "", goal, policy_id, known_at, shape, layout, number, out)
    if record_path is not None:
        if policy is not None or facts is not None or history is not None:
            raise click.UsageError(_("either --record, or a policy and --facts"))
        sys.exit(_explain_record(record_path, anchor, request))
    if number is not None:
        raise click.UsageError(_("--run goes with --record"))
    if policy is None or facts is None:
        raise click.UsageError(_("a policy and --facts are needed, or --record"))
    assessment = prepare_assessment(policy, facts, period, history, parents, encoding)
    if no_history:
        start_without_history(assessment)
    sys.exit((_explain_everyone if everyone else _explain_assessed)(assessment, request))


@frozen
class _ExplainRequest:
    """What is to be explained, and how."""

    period: str
    subject: str
    """Empty: everybody."""
    goal: str | None
    policy_id: str | None
    known_at: date | None
    shape: str
    layout: str | None
    number: int | None
    """Of the run after which it is asked what was valid."""
    out: Path | None
    """Where the workbook goes that computes the decision."""

    def __attrs_post_init__(self) -> None:
        if self.out is not None and (self.goal is not None or self.layout is not None):
            raise click.UsageError(_("--out writes the decision about one person: leave --why-not and --layout out"))


@frozen
class _Decided:
    """A subject whose decision is explained, with everyone whom a comparison needs."""

    program: Program
    evaluator: SubjectEvaluator
    subject: SubjectFacts
    everybody: list[SubjectFacts]


def _explain_assessed(assessment: Assessment, request: _ExplainRequest) -> bool:
    """Explain what a policy decides from facts; whether something is held."""
    decided = _find_subject(assessment, request)
    if request.goal is not None:
        return _explain_why_not(decided, request.goal, request.shape)
    population = decided.evaluator.add_group_values(decided.everybody) if decided.program.grouped else ()
    explanation = explain_decision(decided.program, decided.evaluator, decided.subject, population)
    page = list(explanation_blocks(explanation))
    if request.layout is not None:
        lay_out(find_layout(assessment.plugins, request.layout), (explanation, page))
    else:
        _show(request.shape, page, explanation_data(explanation))
    _write_workbook(request, decided)
    return bool(explanation.is_held)


def _write_workbook(request: _ExplainRequest, decided: _Decided) -> None:
    """Write the workbook that computes the decision, if it is asked for."""
    if request.out is not None:
        from scorecore_cli.live_workbook.write import write_decision  # noqa: PLC0415  xlsxwriter takes its time

        period = parse_period(decided.program, request.period)
        write_decision(request.out, decided.program, period, decided.evaluator, decided.subject)
        console(error=request.shape != "text").print(_("written to {path}", path=request.out))


def _find_subject(assessment: Assessment, request: _ExplainRequest) -> _Decided:
    """The subject among the facts; ends the command where there is none of the name."""
    program, period = assessment.program, assessment.period
    runner = PeriodRunner(program, assessment.used, known_at=request.known_at)
    facts = runner.facts_of_everybody(period, assessment.raw, assessment.diagnostics)
    if facts is None:
        stop(tuple(assessment.diagnostics), {})
    number = facts.ids.index_of(request.subject)
    if number is None:
        message = _("there is no {id} in {period}", id=request.subject, period=period)
        raise unknown_name(message, request.subject, facts.ids.to_list())
    evaluator = SubjectEvaluator.of(program, period)
    numbers = range(len(facts)) if program.grouped else [number]  # a group is always decided complete
    everybody = list(extract_subject_facts(program, facts, numbers))
    subject = next(member for member in evaluator.add_group_values(everybody) if member.subject == request.subject)
    return _Decided(program, evaluator, subject, everybody)


def _explain_everyone(assessment: Assessment, request: _ExplainRequest) -> bool:
    """Lay out what a policy decides about everybody; whether something is held."""
    renderer = find_layout(assessment.plugins, str(request.layout), of_everyone=True)
    program, period = assessment.program, assessment.period
    runner = PeriodRunner(program, assessment.used, known_at=request.known_at)
    facts = runner.facts(period, assessment.raw, assessment.diagnostics)
    if facts is None:
        stop(tuple(assessment.diagnostics), {})
    evaluator = SubjectEvaluator.of(program, period)
    everybody = list(evaluator.add_group_values(list(extract_subject_facts(program, facts, range(len(facts))))))
    population = everybody if program.grouped else ()
    explanations = [explain_decision(program, evaluator, subject, population) for subject in everybody]
    lay_out_everyone(renderer, [(explanation, list(explanation_blocks(explanation))) for explanation in explanations])
    return any(explanation.is_held for explanation in explanations)


# from a record


def _explain_record(path: Path, anchor: Path | None, request: _ExplainRequest) -> bool:
    """Explain what a record has, of one person or of everybody; whether something is held."""
    explain_recorded = _explain_recorded if request.subject else _explain_everyone_recorded
    with open_record(path, anchor) as log:
        return explain_recorded(stop_if_rejected(Recorded.read, log), request)


def _state(
    recorded: Recorded, standing: Standing, standings: Iterable[Standing], request: _ExplainRequest
) -> Statement:
    """The statement of a recorded decision."""
    assert standing.payload is not None  # noqa: S101  it was not erased
    program, subject = recorded.program(standing.run), standing.payload.facts
    evaluator = SubjectEvaluator.of(program, parse_period(program, request.period))
    population = [member.payload.facts for member in standings if member.payload] if program.grouped else ()
    explanation = explain_decision(program, evaluator, subject, population)
    return explanation, [*explanation_blocks(explanation), *version_blocks(recorded, standing, subject.subject)]


def _explain_everyone_recorded(recorded: Recorded, request: _ExplainRequest) -> bool:
    """Lay out what a record has of everybody; whether something is held."""
    renderer = find_layout(Workspace.open().scorers, str(request.layout), of_everyone=True)
    recorded = _known_by(recorded, request)
    policies = {run.id for run in recorded.runs if run.period == request.period and request.policy_id in {None, run.id}}
    if not policies:
        raise click.UsageError(_("the record has no run of {period}", period=request.period))
    if len(policies) > 1:
        message = _(
            "the record has more than one policy for {period}; name one with --id: {known}",
            period=request.period,
            known=", ".join(sorted(policies)),
        )
        raise click.UsageError(message)
    standings = stop_if_rejected(recorded.standing, policies.pop(), request.period).values()
    statements = [_state(recorded, standing, standings, request) for standing in standings if standing.payload]
    statements.sort(key=lambda statement: statement[0].subject)
    lay_out_everyone(renderer, statements)
    return any(explanation.is_held for explanation, _page in statements)


def _explain_recorded(recorded: Recorded, request: _ExplainRequest) -> bool:
    """Explain what a record has of the subject; whether something is held."""
    recorded = _known_by(recorded, request)
    standing, further_policies = _find_standing(recorded, request)
    if standing.payload is None:
        raise click.UsageError(_("the decision about {id} was erased from the record", id=request.subject))
    program = stop_if_rejected(recorded.program, standing.run)
    evaluator = SubjectEvaluator.of(program, parse_period(program, request.period))
    subject = standing.payload.facts
    if request.goal is not None:
        everybody = _everybody(recorded, standing, program)
        return _explain_why_not(_Decided(program, evaluator, subject, everybody), request.goal, request.shape)
    population = _everybody(recorded, standing, program) if program.grouped else ()
    explanation = explain_decision(program, evaluator, subject, population)
    page = [*explanation_blocks(explanation), *version_blocks(recorded, standing, request.subject)]
    if request.layout is not None:
        lay_out(find_layout(Workspace.open().scorers, request.layout), (explanation, page))
        return bool(explanation.is_held)
    _show(request.shape, page, explanation_data(explanation) | version_data(recorded, standing, request.subject))
    _write_workbook(request, _Decided(program, evaluator, subject, []))
    if further_policies and request.shape != "json":
        names = ", ".join(further_policies)
        message = _(
            "other policies have also decided about {id}; --id names one: {known}", id=request.subject, known=names
        )
        console(error=True).print(message)
    return bool(explanation.is_held)


def _known_by(recorded: Recorded, request: _ExplainRequest) -> Recorded:
    """What had been recorded by the day, or up to the run, that was asked for."""
    if request.number is not None:
        recorded = _up_to_run(recorded, request.number, request.period)
    if request.known_at is None:
        return recorded
    known = recorded.by(request.known_at)
    first = next((run for run in recorded.runs if run.period == request.period), None)
    if first and first not in known.runs:
        day = f"{first.in_force_at:%Y-%m-%d}"
        raise click.UsageError(_("{period} was recorded on {at}, and not before", period=request.period, at=day))
    return known


def _up_to_run(recorded: Recorded, number: int, period: str) -> Recorded:
    """What there was after a run, of its policy alone; a mistake of usage where it is no run of the period."""
    run = next((run for run in recorded.all_runs if run.number == number), None)
    if run is None:
        raise click.UsageError(_("the record has no run {number}", number=number))
    if run.period != period:
        message = _("run {number} decided {period}, not {wanted}", number=number, period=run.period, wanted=period)
        raise click.UsageError(message)
    if run not in recorded.runs:
        state = describe_state(recorded.people, run)
        console(error=True).print(_("run {number} is not in force: {state}", number=number, state=state))
        return evolve(recorded, runs=(*recorded.before(run).of(run.id), run))
    runs = tuple(earlier for earlier in recorded.of(run.id) if earlier.number <= number)
    return evolve(recorded, runs=runs)


def _find_standing(recorded: Recorded, request: _ExplainRequest) -> tuple[Standing, list[str]]:
    """What is in force for the subject by the policy that decided last, and the names of other deciding policies."""
    standing_by_policy: dict[str, Standing] = {}
    for policy in dict.fromkeys(run.id for run in reversed(recorded.runs) if run.period == request.period):
        if request.policy_id in {None, policy}:
            standings = stop_if_rejected(recorded.standing, policy, request.period, request.subject)
            for standing in standings.values():
                standing_by_policy[policy] = standing
    if not standing_by_policy:
        raise click.UsageError(explain_absence(recorded, request.period, request.subject))
    policy, *further_policies = standing_by_policy
    return standing_by_policy[policy], further_policies


def _everybody(recorded: Recorded, standing: Standing, program: Program) -> list[SubjectFacts]:
    """Whom a comparison needs: the whole group, or only the subject."""
    standings = [standing]
    if program.grouped:
        standings = list(stop_if_rejected(recorded.standing, standing.run.id, standing.run.period).values())
    return [member.payload.facts for member in standings if member.payload]


# how it is shown


def _explain_why_not(decided: _Decided, goal_name: str, shape: str) -> bool:
    program = decided.program
    goal = _find_goal(program, goal_name)
    answer = explain_why_not(program, decided.evaluator, decided.subject, goal, decided.everybody)
    _show(shape, list(why_not_blocks(answer, program)), why_not_data(answer, program))
    return bool(answer.held)


def _show(shape: str, page: Sequence[Block], data: dict[str, Any]) -> None:
    if shape == "json":
        show_json(data)
    elif shape == "markdown":
        show_markdown(page)
    else:
        show_text(page)


def _find_goal(program: Program, name: str) -> Goal:
    """The goal of a name; a mistake of usage where the policy has none of this name."""
    goal_or_advice = find_goal(program, name)
    if isinstance(goal_or_advice, Goal):
        return goal_or_advice
    goal_names = ", ".join(goal.name for goal in list_goals(program))
    message = _("there is no grade, pay or action {name}; there are {known}", name=name, known=goal_names)
    advice = [_("did you mean `{nearest}`?", **goal_or_advice)] if goal_or_advice else []
    raise click.UsageError(join_sentences([message, *advice]))
