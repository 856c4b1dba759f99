"""The stage that verifies: what can only be seen when all steps are built."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from attrs import evolve

from scorecore.compiler.accounts import item_applies
from scorecore.compiler.checks.branch_bounds import BranchBounds
from scorecore.compiler.checks.condition_cases import check_exceptions, check_grades, check_points
from scorecore.compiler.checks.objections import check_objections
from scorecore.compiler.declarations import Declarations
from scorecore.compiler.define import grade_applies
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.scope import Scope
from scorecore.language.expressions import Choice, Expression, Guarded
from scorecore.policy import model as policy
from scorecore.program.model import BoundClaim, MonotoneClaim, ObjectionRules, PaidOnceClaim
from scorecore.program.schema import Schema
from scorecore.program.steps import AnyStep, Step
from scorecore.values.step_id import GRADE, SCORE_TOTAL, StepId
from scorecore.values.types import MAX_DECIMAL

Steps = Mapping[StepId, AnyStep]
_Key = TypeVar("_Key")


def verify(declared: policy.Policy, steps: Steps, diagnostics: Diagnostics) -> None:
    """Everything that holds of the policy as a whole."""
    for name, value in declared.values.items():
        expression = _expression(steps, StepId("values", name))
        choice = expression.operand if isinstance(expression, Guarded) else expression
        if isinstance(choice, Choice) and choice.hit in {None, "unique"}:
            whens = [exception.when for exception in choice.exceptions]
            check_exceptions(list(zip(value.rows or value.exceptions, whens, strict=True)), steps, diagnostics)
    _check_conditions(declared, steps, diagnostics)
    score = declared.score
    if score and score.min is not None and score.max is not None and score.min > score.max:
        diagnostics.add(catalogue.CONTRADICTION, *score.at("min"), low=score.min, high=score.max)
    lines = [steps[name] for line in declared.pay if (name := StepId("pay", line.id)) in steps]
    if sum(line.type.magnitude for line in lines) > MAX_DECIMAL:
        diagnostics.add(catalogue.NET_TOO_LARGE, *declared.pay[-1].at("amount"))


def check_branch_bounds(
    declared: policy.Policy, declarations: Declarations, scope: Scope, diagnostics: Diagnostics
) -> None:
    """What a branch sets lies within what its head office allows."""
    in_force = {name: parameter for name, parameter in declarations.parameters.items() if parameter.values}
    bounds = BranchBounds(evolve(scope, facts={}, steps={}, groups={}), in_force, diagnostics)
    for name, parameter in in_force.items():
        bounds.parameter(declared.parameters[name], parameter)
    for name, table in declarations.tables.items():
        if declared.tables[name].bands or declared.tables[name].versions:
            bounds.table(declared.tables[name], table)


def _check_conditions(declared: policy.Policy, steps: Steps, diagnostics: Diagnostics) -> None:
    """For everybody the points add up, and the grades go down to the lowest."""
    items = {item.id: item_applies(item) for item in declared.items}
    item_conditions = _conditions({item: step for item, step in items.items() if step}, steps)
    if item_conditions is not None:
        check_points(declared, item_conditions, steps, diagnostics)
    grades = {number: grade_applies(number) for number, grade in enumerate(declared.grades) if grade.when is not None}
    grade_conditions = _conditions(grades, steps)
    if grade_conditions is not None:
        check_grades(declared.grades, grade_conditions, steps, diagnostics)


def _conditions(named: Mapping[_Key, StepId], steps: Steps) -> dict[_Key, Expression] | None:
    """The conditions of parts of a policy; None where one has a diagnostic of its own."""
    conditions = {key: expression for key, name in named.items() if (expression := _expression(steps, name))}
    return conditions if len(conditions) == len(named) else None


def _expression(steps: Steps, name: StepId) -> Expression | None:
    step = steps.get(name)
    return step.expression if isinstance(step, Step) else None


class Claims(NamedTuple):
    """What a policy says of itself that decides nothing."""

    monotone: tuple[MonotoneClaim, ...]
    bounded: tuple[BoundClaim, ...]
    paid_once: tuple[PaidOnceClaim, ...]
    objections: ObjectionRules | None


def check_claims(declared: policy.Policy, schema: Schema, steps: Steps, diagnostics: Diagnostics) -> Claims:
    """What the policy claims of itself; a claim names facts and results that there are."""
    claims: list[policy.MonotoneDeclaration | policy.BoundedDeclaration] = [*declared.monotone, *declared.bounded]
    numbers = [name for name, step in steps.items() if step.type.is_number]
    ordered = {*numbers, *([GRADE] if GRADE in steps else [])}
    results = {SCORE_TOTAL, *(StepId("items", item.id) for item in declared.items)}
    results |= {StepId("pay", line.id) for line in declared.pay}
    broken = results - steps.keys() if len(diagnostics) else set()  # these have diagnostics already
    for claim in claims:
        for number, name in enumerate(claim.of):
            comparable = ordered if isinstance(claim, policy.MonotoneDeclaration) else numbers
            if name not in comparable and name not in broken:
                place = claim.at(f"of.{number}")
                diagnostics.add(catalogue.NO_NUMBER, *place, name=name, **suggest(name, sorted(comparable)))
    _check_growing(declared.monotone, schema, diagnostics)
    _check_ends(declared.bounded, diagnostics)
    _check_lines(declared, diagnostics)
    monotone = tuple(MonotoneClaim(claim.more, claim.of, claim.never) for claim in declared.monotone)
    bounded = tuple(BoundClaim(claim.of, claim.min, claim.max) for claim in declared.bounded)
    paid_once = tuple(PaidOnceClaim(claim.of) for claim in declared.paid_once)
    return Claims(monotone, bounded, paid_once, check_objections(declared, diagnostics))


def _check_growing(claims: Sequence[policy.MonotoneDeclaration], schema: Schema, diagnostics: Diagnostics) -> None:
    """There can be more of a number, and of the events of a table."""
    more = [table.name for table in schema.events]
    more += [column.name for column in schema.columns if column.type.is_number]
    for claim in claims:
        if claim.more not in more:
            nearest = suggest(claim.more, more)
            diagnostics.add(catalogue.NO_MORE_OF, *claim.at("more"), name=claim.more, **nearest)


def _check_lines(declared: policy.Policy, diagnostics: Diagnostics) -> None:
    """Only a pay line can be paid."""
    lines = [StepId("pay", line.id) for line in declared.pay]
    for claim in declared.paid_once:
        for number, name in enumerate(claim.of):
            if name not in lines:
                diagnostics.add(catalogue.NO_PAY_LINE, *claim.at(f"of.{number}"), name=name, **suggest(name, lines))


def _check_ends(claims: Sequence[policy.BoundedDeclaration], diagnostics: Diagnostics) -> None:
    """A claim of bounds has one, and something lies between two."""
    for claim in claims:
        if claim.min is None and claim.max is None:
            diagnostics.add(catalogue.MISSING_KEY, *claim.at(), key="min")
        elif claim.min is not None and claim.max is not None and claim.min > claim.max:
            diagnostics.add(catalogue.EMPTY_BOUNDS, *claim.at("min"), low=claim.min, high=claim.max)
