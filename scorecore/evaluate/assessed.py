"""Who is assessed at all: `applies` of [policy] is asked before anybody is compared with anybody."""

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import Decisions
from scorecore.facts.model import ROW, Facts
from scorecore.facts.selection import select_facts
from scorecore.language.expressions import Apply, Expression, Read
from scorecore.language.printer import print_formula
from scorecore.program.model import Program
from scorecore.program.steps import Step
from scorecore.values.step_id import ASSESSED, StepId

Evaluate = Callable[[Program, Facts, tuple[str, ...]], Decisions]
"""Decides everybody, and shows the values of some steps."""


@frozen(eq=False)
class Assessed:
    """Those who are assessed, and why others are not."""

    facts: Facts
    excluded: Mapping[int, tuple[str, ...]]
    """By number in the facts of everybody, the conditions that do not hold."""


def find_assessed(program: Program, everybody: Facts, evaluate: Evaluate) -> Assessed:
    """Leave out those of whom it is known that they are not assessed; others wait until it is known."""
    if not program.has_step(ASSESSED) or not len(everybody):
        return Assessed(everybody, {})
    conditions = {StepId("policy", f"applies{number}"): part for number, part in enumerate(_list_conditions(program))}
    steps = tuple(Step(name, part, place=part.place) for name, part in conditions.items())
    part = program.narrowed([ASSESSED])
    frame = evaluate(evolve(part, steps=(*part.steps, *steps)), everybody, (ASSESSED, *conditions)).frame
    kept = frame[ASSESSED].fill_null(value=True)
    if kept.all():
        return Assessed(everybody, {})
    numbers = (~kept).arg_true()
    failing = [(frame[name][numbers], _name(program, condition)) for name, condition in conditions.items()]
    excluded = {
        int(number): tuple(text for holds, text in failing if holds[place] is False)
        for place, number in enumerate(numbers)
    }
    return Assessed(select_facts(everybody, kept), excluded)


def _list_conditions(program: Program) -> Iterator[Expression]:
    """What has to hold, condition by condition."""
    step = program.step(ASSESSED)
    assert isinstance(step, Step)  # noqa: S101  so the compiler makes it
    pending = [step.expression]
    while pending:
        match pending.pop():
            case Apply(operator="and", operands=operands):
                pending += reversed(operands)
            case condition:
                yield condition


def _name(program: Program, condition: Expression) -> str:
    """A condition by its label and clause, if it is a named value that has them."""
    if isinstance(condition, Read) and program.has_step(condition.name):
        step = program.step(condition.name)
        named = f"{step.label} ({step.authority})" if step.authority else step.label
        return named if step.label else print_formula(condition)
    return print_formula(condition)


def report_excluded(everybody: Facts, assessed: Assessed, diagnostics: Diagnostics) -> None:
    """Name everybody who is not assessed, with the conditions that do not hold."""
    rows = everybody.subjects[ROW]
    for number, conditions in sorted(assessed.excluded.items(), key=lambda excluded: rows[excluded[0]]):
        row = int(rows[number])
        params = {"id": everybody.ids[number], "conditions": "; ".join(f"`{text}`" for text in conditions)}
        diagnostics.add(catalogue.NOT_ASSESSED, Location(everybody.source, row, 0), **params)
