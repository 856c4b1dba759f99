"""What a correction leaves to be paid: the difference between what stands and what was paid, line by line.

A correction never touches what was recorded, nor what was paid. The next run of the policy pays the differences of all
corrections since the last, as `adjustment` lines beside the period's own. What is held was not paid, and a line that
came to be held is not taken back before it is known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from attrs import define, evolve, field, frozen

from scorecore.evaluate.decisions import PARTIAL
from scorecore.program.model import Program
from scorecore.record.log.entries import LogEntry
from scorecore.record.runs.payload import Data
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import (
    ADJUSTMENT,
    DECISION,
    WITHDRAWAL,
    Names,
    Run,
    payloads_in,
    unfit,
)
from scorecore.values.canonical_json import decode, encode

Amounts = Mapping[tuple[str, int], Decimal | None]
"""By line of pay, its step and sign, the amount; None while it is held."""


@frozen
class Adjustment:
    """What is paid later of one line of an earlier period."""

    subject: str
    period: str
    """The one that was corrected."""
    line: str
    """The step of the line."""
    sign: int
    """What the line does to net pay: 1 or -1."""
    amount: Decimal
    """By how much the line is more than what was paid."""
    run: int
    """The last correction that it comes from."""

    @property
    def effect(self) -> Decimal:
        """On net pay."""
        return self.sign * self.amount


def amounts(program: Program, result: Data) -> Amounts:
    """The lines of a recorded decision; whoever has a line held has all others that are not there held as well."""
    given = {number: Decimal(amount) for number, amount in result["pay"]}
    absent = None if result["values"].get(PARTIAL) else Decimal(0)
    return {(line.step, line.sign): given.get(number, absent) for number, line in enumerate(program.pay)}


@define
class PayAccount:
    """Of one subject and period: what was paid, and what stands."""

    subject: str
    paid: dict[tuple[str, int], Decimal] = field(factory=dict)
    now: dict[tuple[str, int], Decimal] = field(factory=dict)
    partial: bool = False
    """Whether a line is held."""

    def post(self, amounts: Amounts | None, *, pay: bool) -> None:
        """What a run says; None takes back what was said before."""
        if amounts is None:
            amounts = dict.fromkeys(self.now, Decimal(0))
        self.partial = None in amounts.values()
        for line, amount in amounts.items():
            if amount is None:
                continue
            if pay:
                self.paid[line] = self.paid.get(line, Decimal(0)) + amount - self.now.get(line, Decimal(0))
            self.now[line] = amount

    @property
    def net(self) -> Decimal:
        """What was paid in all."""
        return sum((sign * amount for (_, sign), amount in self.paid.items()), Decimal(0))

    def differences(self) -> Iterator[tuple[str, int, Decimal]]:
        """What stands and was not paid, line by line."""
        for line in self.now:
            if difference := self.now[line] - self.paid.get(line, Decimal(0)):
                yield *line, difference


@frozen
class PayPosting:
    """What a correction that is not recorded yet says of one subject and period."""

    subject: str
    period: str
    run: int
    amounts: Amounts | None
    """None takes back what was said before."""


def pending(recorded: Recorded, policy: str) -> list[Run]:
    """The corrections of a policy whose differences nobody has paid yet."""
    mine = recorded.of(policy)
    paid = {number for one in mine for number in one.pays}
    return [one for one in mine if one.corrects and not one.apart and one.number not in paid]


def owed(recorded: Recorded, policy: str, coming: Sequence[PayPosting] = ()) -> list[Adjustment]:
    """What the next run of a policy has to pay, by subject, period and line; raises Refused.

    `coming` is not recorded yet, and counts as if it were.
    """
    unpaid = pending(recorded, policy)
    found: list[Adjustment] = []
    for label in sorted({one.period for one in unpaid} | {one.period for one in coming}):
        mine = [one for one in unpaid if one.period == label]
        new = [one for one in coming if one.period == label]
        concerned = {name for one in mine for name in subjects_of(recorded, one)}
        concerned |= {recorded.log.pseudonym(one.subject) for one in new}
        accounts = accounts_of(recorded, recorded.of(policy, label), lambda one: one not in unpaid, concerned)
        for one in new:
            _account(recorded, accounts, one.subject).post(one.amounts, pay=False)
        last = new[-1].run if new else mine[-1].number
        found += (
            Adjustment(one.subject, label, line, sign, amount, last)
            for one in accounts.values()
            for line, sign, amount in one.differences()
        )
    return sorted(found, key=lambda one: (one.subject, one.period, one.line))


def paid_apart(recorded: Recorded, policy: str, coming: Sequence[PayPosting]) -> list[Adjustment]:
    """What a correction that is not recorded yet pays by itself; raises Refused."""
    unpaid = pending(recorded, policy)
    found: list[Adjustment] = []
    for label in sorted({one.period for one in coming}):
        new = [one for one in coming if one.period == label]
        concerned = {recorded.log.pseudonym(one.subject) for one in new}
        accounts = accounts_of(recorded, recorded.of(policy, label), lambda one: one not in unpaid, concerned)
        for one in new:
            account = _account(recorded, accounts, one.subject)
            before = dict(account.paid)
            account.post(one.amounts, pay=True)
            for (line, sign), amount in account.paid.items():
                if difference := amount - before.get((line, sign), Decimal(0)):
                    found.append(Adjustment(one.subject, label, line, sign, difference, one.run))
    return sorted(found, key=lambda one: (one.subject, one.period, one.line))


def _account(recorded: Recorded, accounts: dict[str, PayAccount], subject: str) -> PayAccount:
    return accounts.setdefault(recorded.log.pseudonym(subject), PayAccount(subject))


def accounts_of(
    recorded: Recorded, runs: Iterable[Run], pays: Callable[[Run], bool], among: Names | None = None
) -> dict[str, PayAccount]:
    """By pseudonym the accounts of one period, whose runs are posted in their order; raises Refused."""
    found: dict[str, PayAccount] = {}
    for run in runs:
        for name, subject, posted in _posted(recorded, run, among):
            found.setdefault(name, PayAccount(subject)).post(posted, pay=pays(run))
    return found


def subjects_of(recorded: Recorded, run: Run) -> set[str]:
    """The pseudonyms of those about whom a run decides."""
    found = recorded.log.entries(run.entries.start, run.entries.stop)
    return {str(one.subject) for one in found if one.kind in {DECISION, WITHDRAWAL}}


def _posted(recorded: Recorded, run: Run, among: Names | None) -> Iterator[tuple[str, str, Amounts | None]]:
    """What a run says of some subjects by their pseudonyms; None where it takes a decision back."""
    program = recorded.program(run)
    for entry, payload in recorded.decided(run, among=among):
        if payload is not None:
            yield str(entry.subject), payload.record.subject, amounts(program, payload.result)
    for entry, data in payloads_in(recorded.log, run, WITHDRAWAL, among=among):
        if data is not None:
            yield str(entry.subject), decode(data)["subject"], None


def unlike(recorded: Recorded, run: Run) -> Iterator[tuple[LogEntry, Sequence[Adjustment], Sequence[Adjustment]]]:
    """Where a run pays otherwise than what was owed before it: the entry of whom, what was recorded, and what again.

    Who was erased is left out; the entry of the run itself stands for who has none. Raises Refused.
    """
    before = evolve(recorded, runs=tuple(one for one in recorded.runs if one.number < run.number))
    due = _by_subject(owed(before, run.id) if run.pays else ())
    paid = _by_subject(adjustments_in(recorded, run))
    entries = {entry.subject: entry for entry, _ in payloads_in(recorded.log, run, ADJUSTMENT)}
    for subject in sorted(due.keys() | paid.keys()):
        one, again = paid.get(subject, []), due.get(subject, [])
        if one != again:
            yield entries.get(recorded.log.pseudonym(subject), recorded.log.entry(run.start)), one, again


def _by_subject(several: Iterable[Adjustment]) -> dict[str, list[Adjustment]]:
    found: dict[str, list[Adjustment]] = {}
    for one in several:
        found.setdefault(one.subject, []).append(one)
    return found


# as they are recorded


def adjustment_payloads(several: Iterable[Adjustment]) -> Iterator[tuple[str, bytes]]:
    """For each subject the bytes of what is paid; `several` are sorted by subject."""
    for subject, mine in groupby(several, key=lambda one: one.subject):
        lines = [
            {"period": one.period, "line": one.line, "sign": one.sign, "amount": one.amount, "run": one.run}
            for one in mine
        ]
        yield subject, encode({"subject": subject, "lines": lines})


def adjustments_in(recorded: Recorded, run: Run, subject: str | None = None) -> Iterator[Adjustment]:
    """What a run has paid of earlier periods; what was erased is left out. Raises Refused."""
    for entry, data in payloads_in(recorded.log, run, ADJUSTMENT, subject):
        if data is None:
            continue
        try:
            found = decode(data)
            for one in found["lines"]:
                amount = Decimal(one["amount"])
                yield Adjustment(found["subject"], one["period"], one["line"], one["sign"], amount, one["run"])
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            raise unfit(recorded.log, entry, error) from None
