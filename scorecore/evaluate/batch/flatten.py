"""Accounts as plain steps, for evaluation in columns: a sum of conditional amounts, and where each entry comes from."""

from collections.abc import Iterator
from decimal import Decimal

from attrs import frozen

from scorecore.language.build import apply_operator, make_constant
from scorecore.language.expressions import (
    AccountSoFar,
    Apply,
    Constant,
    DependencyValue,
    EventFold,
    Expression,
    Has,
    HistoryAt,
    Latest,
    Lookup,
    PrecedingRun,
    Read,
    RowsValue,
    SumOver,
    map_subexpressions,
)
from scorecore.program.model import Program
from scorecore.program.steps import Account, EntryRule, GroupStep, Step
from scorecore.values.types import MAX_EVENTS, Type, TypeKind


@frozen
class FlatPosting:
    """Where the entries of one rule come from: one for each row of `each`, or for the subject, that meets `when`."""

    rule: int
    each: str
    when: Expression | None
    quantity: Expression | None
    points: Expression

    def expressions(self) -> Iterator[Expression]:
        """What the rule evaluates."""
        yield from (part for part in (self.when, self.quantity, self.points) if part is not None)


def flatten(program: Program) -> tuple[list[Step | GroupStep], list[FlatPosting]]:
    """All steps with accounts opened up, in an order in which each reads only earlier ones; and the entries."""
    steps: list[Step | GroupStep] = []
    postings: list[FlatPosting] = []
    first: dict[str, int] = {}
    for number, rule in enumerate(program.ledger):
        first.setdefault(rule.account, number)
    for step in program.core.steps:
        if isinstance(step, Step | GroupStep):
            steps.append(step)
        else:
            account_steps, account_postings = _flatten_account(step, first.get(step.name, 0))
            steps += account_steps
            postings += account_postings
    return steps, sorted(postings, key=lambda posting: posting.rule)


def _flatten_account(account: Account, rule: int) -> tuple[list[Step], list[FlatPosting]]:
    steps: list[Step] = []
    postings: list[FlatPosting] = []
    so_far = account.opening
    place = account.place
    zero = make_constant(Decimal(0), place)

    def named(value: Expression) -> Read:
        name = account.name.with_role(f"#{len(steps)}")
        steps.append(Step(name, value, place=place))
        return Read(value.type, place, name)

    if account.opens_with:
        changes = apply_operator("!=", (account.opening, zero), place)
        postings.append(FlatPosting(rule, "", changes, None, account.opening))
        rule += 1
    for number, entry in enumerate(account.entries, rule):
        if entry.points is not None:
            so_far = apply_operator("+", (so_far, _amount(entry, zero)), place)
            postings.append(FlatPosting(number, entry.each, entry.when, entry.quantity, entry.points))
            continue
        assert entry.to is not None  # noqa: S101  a rule adds or sets
        before = named(so_far)
        after = _with(entry.to, before)
        when = entry.when and _with(entry.when, before)
        so_far = named(apply_operator("if", (when, after, before), place) if when else after)
        points = apply_operator("-", (so_far, before), place)
        postings.append(FlatPosting(number, "", when or apply_operator("!=", (points, zero), place), None, points))
    steps.append(Step(account.name, _with_places(so_far, account.type), held_by=account.held_by, place=place))
    return steps, postings


def _with_places(total: Expression, account: Type) -> Expression:
    """A sum with the places of its account: what is constant was folded, and may have fewer."""
    if total.type.places == account.places:
        return total
    nothing = Constant(Type(TypeKind.DECIMAL, places=account.places), total.place, Decimal(0))
    return Apply(account, total.place, "+", (total, nothing))


def _amount(rule: EntryRule, zero: Expression) -> Expression:
    """What a rule adds in all."""
    assert rule.points is not None  # noqa: S101  the caller has looked
    points = rule.points
    if rule.each:
        low, high = min(0, points.type.low) * MAX_EVENTS, max(0, points.type.high) * MAX_EVENTS
        sum_type = Type(points.type.kind, low, high, points.type.places)
        return SumOver(sum_type, rule.place, rule.each, rule.when, points)
    return points if rule.when is None else apply_operator("if", (rule.when, points, zero), rule.place)


def _with(expression: Expression, so_far: Expression) -> Expression:
    """An expression with `so_far` in place of the account so far."""
    if isinstance(expression, AccountSoFar):
        return so_far
    return map_subexpressions(expression, lambda part: _with(part, so_far))


def folds(expression: Expression) -> Iterator[RowsValue]:
    """What is made from rows in an expression; such values do not nest."""
    match expression:
        case EventFold() | HistoryAt() | Latest() | PrecedingRun() | DependencyValue():
            yield expression
        case Apply(operands=operands):
            for operand in operands:
                yield from folds(operand)
        case Lookup(key=key):
            yield from folds(key)
        case Has(operand=HistoryAt() | DependencyValue() as value):
            yield value
