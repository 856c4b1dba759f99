"""What no case touches, and whether anything can: met by facts that are drawn, dead by bounds, or neither."""

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.claim_search import ClaimSearch, sample_cases
from scorecore.analysis.coverage import CoverageObserver, Target, list_targets
from scorecore.analysis.joined_programs import ProgramSide
from scorecore.analysis.samples import FactSample
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.language.expressions import Read
from scorecore.program.model import Program
from scorecore.values.step_id import GRADE, StepId

TRIES: Final = 200


@frozen
class Reachability:
    """The parts of a program that no case touches."""

    met: tuple[tuple[Diagnostic, FactSample], ...]
    """Each with the first facts that touch it."""
    dead: tuple[Diagnostic, ...]
    """What the bounds of facts and formulas exclude."""
    unmet: tuple[Diagnostic, ...]
    """What none of the facts that were drawn touches."""


def explore_untouched(program: Program, cases: Sequence[PreparedCase]) -> Reachability:
    """Draw facts until every part is touched that no case touches, or there were enough of them."""
    observer = CoverageObserver(program)
    for case in cases:
        observer.decide(case)
    pending = {target: each for target, each in list_targets(program) if target not in observer.touched}
    dead = dict(_list_dead(program))
    search, met = ClaimSearch(program, sample_cases(cases, program)), list[tuple[Diagnostic, FactSample]]()
    pending = {target: each for target, each in pending.items() if target not in dead}
    for number in range(TRIES if cases else 0):
        if not pending:
            break
        sample = search.draw_facts(number)
        observer.decide(PreparedCase(cases[0].case, search.find_evaluator(sample.period), search.read_facts(sample)))
        for target in [target for target in pending if target in observer.touched]:
            met.append((pending.pop(target), sample))
    return Reachability(tuple(met), tuple(dead.values()), tuple(pending.values()))


def _list_dead(program: Program) -> Iterator[tuple[Target, Diagnostic]]:
    """The holds, lines, actions and grades that bounds exclude, through all steps that they read."""
    side = ProgramSide(program, "")
    conditions = [("holds", hold.step, hold.step) for hold in program.holds]
    conditions += [("actions", action.step, action.step) for action in program.actions]
    conditions += [("lines", line.step, StepId.parse(line.applies)) for line in program.pay if line.applies]
    for kind, name, condition in conditions:
        step = program.step(condition)
        if side.ranges.find_truths(Read(step.type, step.place, condition)) == {False}:
            yield (kind, name), Diagnostic(catalogue.NEVER_HOLDS, step.place)
    if program.has_step(GRADE):
        step = program.step(GRADE)
        possible = side.ranges.interpret(Read(step.type, step.place, GRADE))
        for grade in program.grades:
            if isinstance(possible, frozenset) and grade.id not in possible:
                yield ("grades", grade.id), Diagnostic(catalogue.NEVER_HOLDS, step.place)
