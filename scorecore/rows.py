"""Decides one subject at a time by walking the program: the specification, and the standard for replay."""

from decimal import Decimal, localcontext
from typing import Any

from attrs import frozen

from scorecore import kinds
from scorecore.expressions import Expression
from scorecore.facts import Record
from scorecore.operators import EXACT
from scorecore.problems import Problem
from scorecore.program import Account, EntryRule, Program, Step
from scorecore.setting import Setting
from scorecore.unknown import Unknown
from scorecore.walker import Row, Walker

Posting = tuple[int, Any, Decimal, int]
"""An entry: its rule's number in `program.ledger`, quantity (or None), points, and which event (or -1)."""


@frozen
class Outcome:
    """What a program gives for one subject: the value of every step in its order, and the entries."""

    values: tuple[Any, ...]
    entries: tuple[Posting, ...]


def decide(program: Program, at: Setting, record: Record) -> Outcome:
    """Every step in order; one that is held, or reads what is unknown, is Unknown with its causes."""
    values: dict[str, Any] = {**at.values, **record.values}
    keys = {table.name: table.key for table in program.schema.events}
    walker = Walker(values, record.rows, at.tables, keys)
    entries: list[Posting] = []
    first = {rule.account: number for number, rule in reversed(list(enumerate(program.ledger)))}
    with localcontext(EXACT):
        for step in program.steps:
            held = _held(program, step, values)
            if held:
                values[step.name] = held
            elif isinstance(step, Step):
                values[step.name] = walker.value(step.expression)
            else:
                ledger = _Ledger(step, walker, first.get(step.name, 0))
                values[step.name] = ledger.total
                entries += ledger.entries
    order = sorted(range(len(entries)), key=lambda at: entries[at][0])
    return Outcome(tuple(values[step.name] for step in program.steps), tuple(entries[at] for at in order))


def _held(program: Program, step: Step | Account, values: dict[str, Any]) -> Unknown | None:
    """Why a step is held; None if it is not."""
    causes: list[Any] = []
    for name in step.held_by:
        holds = values[name]
        if holds is True:
            hold = next(one for one in program.holds if one.step == name)
            blanks = {"reason": hold.reason} | ({"refer": hold.refer} if hold.refer else {})
            kind = kinds.HELD_REFERRED if hold.refer else kinds.HELD
            causes.append(Unknown((Problem(kind, program.step(name).place, blanks),)))
        causes.append(holds)
    return Unknown.of(*causes)


class _Ledger:
    """Runs an account: its opening, then entry after entry."""

    def __init__(self, account: Account, walker: Walker, first: int) -> None:
        self.walker = walker
        self.unknown: list[Any] = []
        self.entries: list[Posting] = []
        self.running: Any = self.known(walker.value(account.opening), Decimal(0))
        if account.opens_with:
            self.post(first, None, self.running, -1, always=False)
            first += 1
        for number, rule in enumerate(account.entries, first):
            if rule.each:
                self.events(number, rule)
            else:
                self.once(number, rule)
        unknown = Unknown.of(*self.unknown)
        self.total: Decimal | Unknown = unknown or self.running
        if unknown:
            self.entries = []  # they would not add up to anything

    def known(self, value: Any, otherwise: Any) -> Any:  # noqa: ANN401  a value of any type
        if isinstance(value, Unknown):
            self.unknown.append(value)
            return otherwise
        return value

    def post(self, rule: int, quantity: Any, points: Decimal, event: int, *, always: bool) -> None:  # noqa: ANN401
        if always or points:
            self.entries.append((rule, quantity, points, event))

    def events(self, number: int, rule: EntryRule) -> None:
        rows = self.known(self.walker.rows[rule.each], ())
        for at, row in enumerate(rows):
            self.once(number, rule, row, at)

    def once(self, number: int, rule: EntryRule, event: Row | None = None, at: int = -1) -> None:
        def value(of: Expression | None, otherwise: Any) -> Any:  # noqa: ANN401  a value of any type
            found = otherwise if of is None else self.walker.value(of, event, self.running)
            return self.known(found, otherwise)

        if not value(rule.when, otherwise=rule.when is None):
            return
        # a quantity only explains; where it is unknown the points may still be known
        quantity = rule.quantity and self.walker.value(rule.quantity, event, self.running)
        quantity = None if isinstance(quantity, Unknown) else quantity
        before = self.running
        if rule.to is None:
            points = value(rule.points, Decimal(0))
            self.running = before + points
        else:
            self.running = value(rule.to, before)
            points = self.running - before
        self.post(number, quantity, points, at, always=rule.to is None or rule.when is not None)
