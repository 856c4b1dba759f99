"""Accounts as plain steps, for evaluation in columns: a sum of conditional amounts, and where each entry comes from."""

from collections.abc import Iterator
from decimal import Decimal

from attrs import evolve, frozen

from scorecore.expressions import (
    Aggregate,
    Apply,
    Constant,
    Expression,
    Fold,
    Has,
    Lookup,
    Read,
    Running,
    apply,
    literal,
)
from scorecore.program import Account, EntryRule, Grouped, Program, Step
from scorecore.types import MOST_EVENTS, Kind, Type


@frozen
class Posting:
    """Where the entries of one rule come from: one for each row of `each`, or for the subject, that meets `when`."""

    rule: int
    each: str
    when: Expression | None
    quantity: Expression | None
    points: Expression


def flatten(program: Program) -> tuple[list[Step | Grouped], list[Posting]]:
    """All steps with accounts opened up, in an order in which each reads only earlier ones; and the entries."""
    steps: list[Step | Grouped] = []
    postings: list[Posting] = []
    first: dict[str, int] = {}
    for number, rule in enumerate(program.ledger):
        first.setdefault(rule.account, number)
    for step in program.steps:
        if isinstance(step, Step | Grouped):
            steps.append(step)
        else:
            several, posted = _account(step, first.get(step.name, 0))
            steps += several
            postings += posted
    return steps, sorted(postings, key=lambda one: one.rule)


def _account(account: Account, rule: int) -> tuple[list[Step], list[Posting]]:
    steps: list[Step] = []
    postings: list[Posting] = []
    running = account.opening
    place = account.place
    zero = literal(Decimal(0), place)

    def named(value: Expression) -> Read:
        name = f"{account.name}#{len(steps)}"
        steps.append(Step(name, value, place=place))
        return Read(value.type, place, name)

    if account.opens_with:
        changes = apply("!=", (account.opening, zero), place)
        postings.append(Posting(rule, "", changes, None, account.opening))
        rule += 1
    for number, one in enumerate(account.entries, rule):
        if one.points is not None:
            running = apply("+", (running, _amount(one, zero)), place)
            postings.append(Posting(number, one.each, one.when, one.quantity, one.points))
            continue
        assert one.to is not None  # noqa: S101  a rule adds or sets
        before = named(running)
        after = _with(one.to, before)
        when = one.when and _with(one.when, before)
        running = named(apply("if", (when, after, before), place) if when else after)
        points = apply("-", (running, before), place)
        postings.append(Posting(number, "", when or apply("!=", (points, zero), place), None, points))
    steps.append(Step(account.name, _as_fine(running, account.type), held_by=account.held_by, place=place))
    return steps, postings


def _as_fine(of: Expression, account: Type) -> Expression:
    """A sum with the places of its account: what is constant was folded, and may have fewer."""
    if of.type.places == account.places:
        return of
    nothing = Constant(Type(Kind.DECIMAL, places=account.places), of.place, Decimal(0))
    return Apply(account, of.place, "+", (of, nothing))


def _amount(rule: EntryRule, zero: Expression) -> Expression:
    """What a rule adds in all."""
    assert rule.points is not None  # noqa: S101  the caller has looked
    points = rule.points
    if rule.each:
        low, high = min(0, points.type.low) * MOST_EVENTS, max(0, points.type.high) * MOST_EVENTS
        of = Type(points.type.kind, low, high, points.type.places)
        return Aggregate(of, rule.place, Fold.SUM, rule.each, rule.when, points)
    return points if rule.when is None else apply("if", (rule.when, points, zero), rule.place)


def _with(of: Expression, running: Expression) -> Expression:
    """An expression with `running` in place of the account so far."""
    match of:
        case Running():
            return running
        case Apply(operands=operands):
            return evolve(of, operands=tuple(_with(one, running) for one in operands))
        case Lookup(key=key):
            return evolve(of, key=_with(key, running))
        case _:  # nothing else can have it inside
            return of


def folds(of: Expression) -> Iterator[Aggregate]:
    """The folds in an expression; they do not nest."""
    match of:
        case Aggregate():
            yield of
        case Apply(operands=operands):
            for one in operands:
                yield from folds(one)
        case Lookup(key=key):
            yield from folds(key)
        case Has(of=Aggregate() as fold):
            yield fold
