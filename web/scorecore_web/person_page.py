"""The page of a person: the ledger as bars and as words, what would have been needed, and what if."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen
from starlette.responses import Response

from scorecore.analysis.explain import Explanation
from scorecore.analysis.goals import Goal, find_goal, list_goals
from scorecore.analysis.why_not import explain_why_not
from scorecore.evaluate.decisions import NET
from scorecore.facts.model import SubjectFacts
from scorecore.io.formats import Block
from scorecore.program.model import result_name
from scorecore.record.runs.recorded import Recorded
from scorecore.services.what_if import WhatIf, explain_person, explain_what_if
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore.values.types import TypeKind
from scorecore.values.unknown import Unknown
from scorecore_cli.explanation_view import explanation_blocks, explanation_data, format_value
from scorecore_cli.labels import labeller
from scorecore_cli.language import _
from scorecore_cli.recorded_versions import version_blocks
from scorecore_cli.why_not_view import why_not_blocks, why_not_data
from scorecore_web.month import DecidedMonth, Month
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, format_money, format_number, problem_row, render
from scorecore_web.requests import PageRequest
from scorecore_web.run_page import RECORD, open_month
from scorecore_web.waterfall import draw_waterfall, list_item_bars, list_pay_bars, list_points_bars

WHAT_IF: Final = "if."
"""Before the name of a fact in the address of a page that asks what if."""


@frozen(eq=False)
class ShownPerson:
    """Whom a page is about."""

    month: Month
    decided: DecidedMonth
    origin: str
    facts: SubjectFacts
    explanation: Explanation

    @classmethod
    def of(cls, request: PageRequest) -> "ShownPerson":
        """Raises Refusal where there is nobody of that id in the month."""
        opened = open_month(request)
        month, decided = opened.month, opened.decided
        wanted = request.query.get("person", "")
        facts = next((person for person in decided.everybody if person.subject == wanted), None)
        if facts is None:
            raise Refusal(404, _("there is no {id} in {period}", id=wanted, period=month.period.label))
        explanation = explain_person(decided.program, decided.evaluator, facts, decided.everybody)
        return cls(month, decided, opened.origin, facts, explanation)


def person_page(request: PageRequest) -> Response:
    shown = ShownPerson.of(request)
    program, explanation = shown.decided.program, shown.explanation
    texts = {name.removeprefix(WHAT_IF): text for name, text in request.query.items() if name.startswith(WHAT_IF)}
    what_if = _ask_what_if(shown, texts) if texts else None
    head, *blocks = explanation_blocks(explanation)
    params = {
        "month": shown.month,
        "policy": shown.month.policy,
        "title": program.title,
        "policy_id": program.id,
        "period": shown.month.period.label,
        "origin": shown.origin,
        "person": shown.facts.subject,
        "name": _find_name(shown),
        "head": head,
        "results": list(list_results(explanation)),
        "blocks": [*blocks, *_recorded_blocks(request, shown)],
        "points": draw_waterfall(list_points_bars(explanation)),
        "items": [(name, draw_waterfall(bars)) for name, bars in list_item_bars(explanation) if bars],
        "pay": draw_waterfall(list_pay_bars(explanation), format_money),
        "goals": [(goal.name, goal.label or goal.name) for goal in list_goals(program)],
        "goal": request.query.get("goal", ""),
        "why_not": _ask_why_not(shown, request.query.get("goal", "")),
        "facts": list(list_questions(shown, texts)),
        "what_if": what_if and list(compare_results(what_if)),
        "if_problems": [problem_row(problem, shown.facts.subject) for problem in what_if.problems] if what_if else [],
        "prefix": WHAT_IF,
        "kept": {"person": shown.facts.subject, "from": shown.origin},
    }
    return render(request, "person.html.jinja", params)


def _find_name(shown: ShownPerson) -> str:
    name = shown.facts.values.get("name")
    return name if isinstance(name, str) else ""


def list_results(explanation: Explanation) -> Iterator[tuple[str, str]]:
    """The figures that a person looks for first."""
    if explanation.net is not None:
        yield _("net pay"), f"{format_money(explanation.net)} {explanation.program.currency}".strip()
    if explanation.score:
        total = explanation.score.result
        yield total.label or _("total"), _("held") if total.held else format_number(total.value)
    if explanation.grade:
        yield _("grade"), name_grade(explanation)


def name_grade(explanation: Explanation) -> str:
    if explanation.grade is None:
        return ""
    if explanation.grade.held:
        return _("held")
    value = explanation.grade.value
    return next((grade.label or grade.id for grade in explanation.program.grades if grade.id == value), str(value))


def _recorded_blocks(request: PageRequest, shown: ShownPerson) -> Sequence[Block]:
    """The history of a recorded decision: its versions, and what was paid later."""
    if shown.origin != RECORD:  # what waits has no history yet
        return ()
    with request.workbench.open_record() as log:
        recorded = Recorded.read(log)
        standings = recorded.standing(shown.decided.program.id, shown.month.period.label, shown.facts.subject)
        return tuple(
            block
            for standing in standings.values()
            for block in version_blocks(recorded, standing, shown.facts.subject)
        )


def _ask_why_not(shown: ShownPerson, name: str) -> Sequence[Block]:
    program = shown.decided.program
    goal = find_goal(program, name) if name else None
    if not isinstance(goal, Goal):
        return ()
    own_facts = _with_group_values(shown)
    answer = explain_why_not(program, shown.decided.evaluator, own_facts, goal, shown.decided.everybody)
    return tuple(why_not_blocks(answer, program))


def _with_group_values(shown: ShownPerson) -> SubjectFacts:
    if not shown.decided.program.grouped:
        return shown.facts
    population = shown.decided.evaluator.add_group_values(list(shown.decided.everybody))
    return next(member for member in population if member.subject == shown.facts.subject)


# what if


def _ask_what_if(shown: ShownPerson, texts: Mapping[str, str]) -> WhatIf:
    decided = shown.decided
    return explain_what_if(decided.program, decided.evaluator, shown.facts, decided.everybody, texts)


def list_questions(shown: ShownPerson, texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The facts of the person as fields, with what was asked."""
    for column in shown.decided.program.schema.columns:
        value = shown.facts.values.get(column.name)
        text = "" if value is None or isinstance(value, Unknown) else format_fact(value)
        choices = column.type.among or (("true", "false") if column.type.kind is TypeKind.BOOL else ())
        yield {
            "name": column.name,
            "label": column.label or column.name,
            "unit": column.unit,
            "value": text,
            "asked": texts.get(column.name, text),
            "is_number": column.type.is_number,
            "choices": [
                (choice, choice if column.type.among else format_value(choice == "true")) for choice in choices
            ],
        }


def format_fact(value: object) -> str:
    """A fact as a field has it, and as a cell of a file could have it."""
    return str(value).lower() if isinstance(value, bool) else format_value(value)


def compare_results(what_if: WhatIf) -> Iterator[tuple[str, str, str, str]]:
    """Each result as it is, as it would be, and the difference."""
    before, after = what_if.before, what_if.after
    label = labeller(before.program)
    sides = (_list_values(before), _list_values(after))
    for name in sides[0]:
        is_money = name == NET
        show = format_money if is_money else format_number
        old, new = sides[0][name], sides[1].get(name)
        if name == GRADE:
            yield label(name), name_grade(before), name_grade(after), "" if old == new else "→"
            continue
        difference = new - old if old is not None and new is not None else None
        shown = "" if difference is None or not difference else f"{'+' if difference > 0 else ''}{show(difference)}"
        yield label(name), _("held") if old is None else show(old), _("held") if new is None else show(new), shown


def _list_values(explanation: Explanation) -> dict[str, Any]:
    """The results by name; None for what is held."""
    values: dict[str, Any] = {
        result_name(item.result.name): None if item.result.held else item.result.value for item in explanation.items
    }
    if explanation.score:
        values[SCORE_TOTAL] = None if explanation.score.result.held else explanation.score.result.value
    if explanation.grade:
        values[GRADE] = None if explanation.grade.held else explanation.grade.value
    for line in explanation.pay:
        values[line.result.name] = None if line.result.held else line.result.value
    if explanation.net is not None:
        values[NET] = explanation.net
    return values


def person_data(request: PageRequest) -> Response:
    """What `scorecore explain --format json` says, with what was asked beside it."""
    shown = ShownPerson.of(request)
    data = explanation_data(shown.explanation) | {"from": shown.origin}
    texts = {name.removeprefix(WHAT_IF): text for name, text in request.query.items() if name.startswith(WHAT_IF)}
    if texts:
        what_if = _ask_what_if(shown, texts)
        data["what_if"] = explanation_data(what_if.after)
    goal = find_goal(shown.decided.program, request.query.get("goal", ""))
    if isinstance(goal, Goal):
        program, evaluator = shown.decided.program, shown.decided.evaluator
        answer = explain_why_not(program, evaluator, _with_group_values(shown), goal, shown.decided.everybody)
        data["why_not"] = why_not_data(answer, program)
    return as_json(data)
