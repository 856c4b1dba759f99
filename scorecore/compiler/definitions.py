"""The second stage: a definition for everything that computes something, and which holds hold it."""

from collections.abc import Callable, Iterator, Mapping

from scorecore.compiler.accounts import define_composed_value, define_item, define_score, item_applies
from scorecore.compiler.declarations import Declarations
from scorecore.compiler.define import (
    Definition,
    define_assessed,
    define_closing_balance,
    define_expression,
    define_grade,
    define_opening_balance,
    define_pay,
    define_value,
    grade_applies,
)
from scorecore.compiler.scorers import expand_scorer
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.scope import PREFIXES
from scorecore.plugins import Entry, Scorer
from scorecore.plugins.contract import name_value
from scorecore.policy import model as policy
from scorecore.values.step_id import APPLIES, EXCLUDED, GRADE, SCORE_TOTAL, StepId
from scorecore.values.types import TypeKind

HeldBy = Callable[[StepId], tuple[StepId, ...]]
"""The holds that hold a step."""


def define_steps(
    declared: policy.Policy,
    declarations: Declarations,
    scorers: Mapping[str, Scorer],
    diagnostics: Diagnostics,
) -> Iterator[Definition]:
    """Everything that computes something, in the order of the file."""
    held_by = _find_holds(declared, diagnostics)
    if declared.policy.applies is not None:
        yield from define_assessed(declared.policy, declared.policy.applies)
    yield from _define_score(declared, scorers, held_by, diagnostics)
    for hold in declared.holds:
        yield define_expression(StepId("holds", hold.id), hold, hold.when, hold.reason, expect=TypeKind.BOOL)
    for name, value in declared.values.items():
        yield define_value(name, value, declarations.named_results.get(name), held_by(StepId("values", name)))
    for line in declared.pay:
        step = StepId("pay", line.id)
        if line.when is not None:
            applies = step.with_role(APPLIES)
            yield define_expression(applies, line, line.when, line.label, held_by(step), TypeKind.BOOL)
        yield define_pay(line, held_by(step))
    balances = declarations.balances
    for name, carry in declared.carry.items():
        yield define_opening_balance(name, carry, balances[name])
        yield define_closing_balance(name, carry, balances[name], held_by(StepId("carry", name)))
    for action in declared.actions:
        step, reason = StepId("actions", action.id), action.label or action.reason
        yield define_expression(step, action, action.when, reason, held_by(step), TypeKind.BOOL)


def _define_score(
    declared: policy.Policy, scorers: Mapping[str, Scorer], held_by: HeldBy, diagnostics: Diagnostics
) -> Iterator[Definition]:
    """Items, total and grades."""
    taken = {*PREFIXES, *declared.subject, *declared.events, *declared.values}
    for item in declared.items:
        applies = item_applies(item)
        if applies and item.when is not None:
            yield define_expression(applies, item, item.when, item.label, expect=TypeKind.BOOL)
        scorer = scorers.get(item.scorer)
        opens_full = scorer is not None and scorer.opens_full
        entries: list[Entry] = []
        for contribution in expand_scorer(item, declared, scorers, diagnostics) or ():
            if isinstance(contribution, Entry):
                entries.append(contribution)
            elif _is_free(name := name_value(item.id, contribution), item, taken, diagnostics):
                yield define_composed_value(name, contribution, item)
        yield define_item(item, entries, opens_full=opens_full, held_by=held_by(StepId("items", item.id)))
    if declared.items:
        score = declared.score or policy.ScoreDeclaration(place=declared.place)
        yield define_score(score, declared.items, held_by(SCORE_TOTAL))
    elif declared.grades:
        diagnostics.add(catalogue.NO_SCORE, *declared.grades[0].at())
    if declared.items and declared.grades:
        for number, grade in enumerate(declared.grades):
            if grade.when is not None:
                applies = grade_applies(number)
                yield define_expression(applies, grade, grade.when, grade.label, expect=TypeKind.BOOL)
        yield define_grade(declared.grades, held_by(GRADE))


def _is_free(name: str, item: policy.ItemDeclaration, taken: set[str], diagnostics: Diagnostics) -> bool:
    """Whether a value of a scorer can have its name, which is taken then; a name that is there has a diagnostic."""
    if name in taken:
        diagnostics.add(catalogue.VALUE_TAKEN, *item.at("scorer"), name=item.scorer, value=name)
        return False
    taken.add(name)
    return True


def _find_holds(declared: policy.Policy, diagnostics: Diagnostics) -> HeldBy:
    """Which holds hold a step; a hold without `of` holds everything."""
    targets = _targets(declared)
    sections = {target.section for target in targets}
    targets += [StepId("values", name) for name, value in declared.values.items() if value.result]
    # what a hold reads cannot be held by it, so that values are held only where a hold names them
    holds: dict[StepId, dict[StepId, None]] = {}
    if declared.policy.applies is not None:
        holds |= {target: {EXCLUDED: None} for target in targets if target.section != "values"}
    for hold in declared.holds:
        for number, name in enumerate(hold.of or sorted(sections)):
            if name not in targets and name not in sections:
                nearest = suggest(name, [*targets, *sections])
                diagnostics.add(catalogue.UNKNOWN_TARGET, *hold.at(f"of.{number}"), name=name, **nearest)
            for target in targets:
                if name in {target, target.section}:
                    holds.setdefault(target, {})[StepId("holds", hold.id)] = None
    return lambda step: tuple(holds.get(step, ()))


def _targets(declared: policy.Policy) -> list[StepId]:
    """What can be held."""
    targets = [StepId("items", item.id) for item in declared.items]
    targets += [SCORE_TOTAL] if declared.items else []
    targets += [GRADE] if declared.grades else []
    targets += [StepId("pay", line.id) for line in declared.pay]
    targets += [StepId("carry", name) for name in declared.carry]
    return targets + [StepId("actions", action.id) for action in declared.actions]
