"""The ledger: why there are entries in an account."""

from collections.abc import Iterator

from attrs import frozen

from scorecore.language.build import round_quantity
from scorecore.program.steps import Account
from scorecore.values.step_id import StepId
from scorecore.values.types import (
    MAX_EVENTS,
    Type,
    TypeKind,
    union_type,
)


@frozen
class LedgerRule:
    """Why an entry is there: shared by all entries that one rule, or one opening, brings."""

    account: StepId
    reason: str
    label: str
    authority: str
    each: str
    type: Type
    """Of the points."""
    quantity: Type | None


def ledger_rules(account: Account) -> Iterator[LedgerRule]:
    """The reasons of an account, its opening first, in the order in which they are applied."""
    if account.opens_with:
        opening = (account.opens_with, account.label, account.authority, "")
        yield LedgerRule(account.name, *opening, account.opening.type, None)
    running = account.opening.type
    for rule in account.entries:
        points = rule.points.type if rule.points else running
        if rule.to is not None:
            after = rule.to.type
            low, high = after.low - running.high, after.high - running.low
            points = Type(TypeKind.DECIMAL, min(0, low), max(0, high), max(after.places, running.places))
            running = after if rule.when is None else union_type(running, after) or after
        elif rule.points is not None:
            times = MAX_EVENTS if rule.each else 1
            low, high = min(0, points.low) * times, max(0, points.high) * times
            places = max(running.places, points.places)
            running = Type(TypeKind.DECIMAL, running.low + low, running.high + high, places)
        quantity = round_quantity(rule.quantity).type if rule.quantity else None
        yield LedgerRule(account.name, rule.reason, rule.label, rule.authority, rule.each, points, quantity)
