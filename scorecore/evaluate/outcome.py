"""What a program gives for one subject: values, entries, pay lines, and what is held."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.program.model import PayLine, Program
from scorecore.values.step_id import EXCLUDED
from scorecore.values.unknown import Maybe, Unknown

Posting = tuple[int, Decimal | int | None, Decimal, int]
"""An entry: its rule's number in `program.ledger`, quantity (or None), points, and which event (or -1)."""


class Payment(NamedTuple):
    """A pay line that applies to a subject."""

    number: int
    """Of the line in `program.pay`."""
    line: PayLine
    amount: Decimal | None
    """None: the amount, or whether the line applies, is held."""


class Outcome(NamedTuple):  # quicker to make than a frozen class, and there is one for each subject
    """The value of every step of a program in its order, and the entries; the rest is computed when it is asked for."""

    values: tuple[Maybe, ...]
    entries: tuple[Posting, ...]
    program: Program

    def __eq__(self, outcome: object) -> bool:
        """Whether the same was decided; a program that was changed may decide the same."""
        return isinstance(outcome, Outcome) and (self.values, self.entries) == (outcome.values, outcome.entries)

    def __hash__(self) -> int:
        return hash((self.values, self.entries))

    def value(self, name: str) -> Maybe:
        """The value of a step."""
        return self.values[self.program.step_number(name)]

    @property
    def by_name(self) -> dict[str, Maybe]:
        """The value of every step by its name."""
        return dict(zip((step.name for step in self.program.steps), self.values, strict=True))

    @property
    def is_excluded(self) -> bool:
        """Whether the subject is not assessed at all."""
        return self.program.has_step(EXCLUDED) and self.value(EXCLUDED) is True

    def lines(self) -> list[Payment]:
        """The pay lines that apply, or may apply, in the order of the program."""
        lines = []
        for number, line in enumerate(self.program.pay):
            if line.applies and self.value(line.applies) is False:
                continue
            lines.append(Payment(number, line, _decided(self.value(line.step))))
        return lines

    def held(self) -> dict[str, tuple[Diagnostic, ...]]:
        """The results that have no value, each with its causes, in the order of the steps."""
        results = frozenset(self.program.results())
        return {
            step.name: value.causes
            for step, value in zip(self.program.steps, self.values, strict=True)
            if isinstance(value, Unknown) and step.name in results
        }

    @property
    def net(self) -> Decimal:
        """The sum of the lines that are decided, each with its sign; 0 where the program pays nothing."""
        return sum_payments(self.lines())

    @property
    def partial(self) -> bool:
        """Whether a pay line is held, so that `net` is only of the others."""
        return has_held_payment(self.lines())


def _decided(amount: Maybe) -> Decimal | None:
    if isinstance(amount, Unknown):
        return None
    assert isinstance(amount, int | Decimal)  # noqa: S101  of the compiler a decimal; a mutant may have a whole number
    return Decimal(amount)


def sum_payments(payments: Iterable[Payment]) -> Decimal:
    """Net pay: the sum of the payments that are decided, each with its sign."""
    return sum((payment.line.sign * payment.amount for payment in payments if payment.amount is not None), Decimal(0))


def has_held_payment(payments: Iterable[Payment]) -> bool:
    """Whether net pay is only of some lines, since another one is held."""
    return any(payment.amount is None for payment in payments)
