"""What a correction leaves to be paid: the difference between what is in force and what was paid, line by line.

A correction never touches what was recorded, nor what was paid. The next run of the policy pays the differences of all
corrections since the last, as `adjustment` lines beside the period's own. What is held was not paid, and a line that
is held now is not taken back before it is known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from attrs import define, field, frozen

from scorecore.evaluate.decisions import PARTIAL
from scorecore.program.model import Program
from scorecore.record.log.entries import LogEntry
from scorecore.record.runs.manifest import DECISION, Run
from scorecore.record.runs.payload_order import PlainData
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import (
    ADJUSTMENT,
    WITHDRAWAL,
    Pseudonyms,
    read_payloads,
    refuse_payload,
)
from scorecore.values.canonical_json import decode, encode

LineAmounts = Mapping[tuple[str, int], Decimal | None]
"""By pay line, its step and sign, the amount; None while it is held."""


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


def line_amounts(program: Program, result: PlainData) -> LineAmounts:
    """The lines of a recorded decision; where one is held, all others that are not there are held as well."""
    absent = None if result["values"].get(PARTIAL) else Decimal(0)
    pay = result["pay"]
    return {(line.step, line.sign): Decimal(pay[line.step]) if line.step in pay else absent for line in program.pay}


@define
class PayAccount:
    """Of one subject and period: what was paid, and what is in force."""

    subject: str
    paid: dict[tuple[str, int], Decimal] = field(factory=dict)
    now: dict[tuple[str, int], Decimal] = field(factory=dict)
    partial: bool = False
    """Whether a line is held."""

    def post(self, amounts: LineAmounts | None, *, pay: bool) -> None:
        """What a run says; a line that it does not have is nothing, and None takes back what was said before."""
        amounts = {**dict.fromkeys(self.now, Decimal(0)), **(amounts or {})}
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
        """What is in force and was not paid, line by line."""
        for line in self.now:
            if difference := self.now[line] - self.paid.get(line, Decimal(0)):
                yield *line, difference


@frozen
class PayPosting:
    """What a correction that is not recorded yet says of one subject and period."""

    subject: str
    period: str
    run: int
    amounts: LineAmounts | None
    """None takes back what was said before."""


def find_unpaid(recorded: Recorded, policy: str) -> list[Run]:
    """The corrections of a policy whose differences no run has paid yet."""
    runs = recorded.of(policy)
    paid = {number for run in runs for number in run.pays}
    return [run for run in runs if run.corrects and not run.apart and run.number not in paid]


def find_owed(recorded: Recorded, policy: str, coming: Sequence[PayPosting] = ()) -> list[Adjustment]:
    """What the next run of a policy has to pay, by subject, period and line; raises RecordRejected.

    `coming` is not recorded yet, and counts as if it were.
    """
    unpaid = find_unpaid(recorded, policy)
    adjustments: list[Adjustment] = []
    for label in sorted({run.period for run in unpaid} | {posting.period for posting in coming}):
        corrections = [run for run in unpaid if run.period == label]
        postings = [posting for posting in coming if posting.period == label]
        concerned = {name for run in corrections for name in decided_subjects(recorded, run)}
        concerned |= {recorded.log.pseudonym(posting.subject) for posting in postings}
        runs = recorded.of(policy, label)
        accounts = post_runs(recorded, runs, lambda run: run not in unpaid, concerned)
        for posting in postings:
            _account(recorded, accounts, posting.subject).post(posting.amounts, pay=False)
        last = postings[-1].run if postings else corrections[-1].number
        adjustments += (
            Adjustment(account.subject, label, line, sign, amount, last)
            for account in accounts.values()
            for line, sign, amount in account.differences()
        )
    return _sort_adjustments(adjustments)


def find_paid_apart(recorded: Recorded, policy: str, coming: Sequence[PayPosting]) -> list[Adjustment]:
    """What a correction that is not recorded yet pays by itself; raises RecordRejected."""
    unpaid = find_unpaid(recorded, policy)
    adjustments: list[Adjustment] = []
    for label in sorted({posting.period for posting in coming}):
        postings = [posting for posting in coming if posting.period == label]
        concerned = {recorded.log.pseudonym(posting.subject) for posting in postings}
        runs = recorded.of(policy, label)
        accounts = post_runs(recorded, runs, lambda run: run not in unpaid, concerned)
        for posting in postings:
            account = _account(recorded, accounts, posting.subject)
            before = dict(account.paid)
            account.post(posting.amounts, pay=True)
            for (line, sign), amount in account.paid.items():
                if difference := amount - before.get((line, sign), Decimal(0)):
                    adjustments.append(Adjustment(posting.subject, label, line, sign, difference, posting.run))
    return _sort_adjustments(adjustments)


def _sort_adjustments(adjustments: Iterable[Adjustment]) -> list[Adjustment]:
    return sorted(adjustments, key=lambda adjustment: (adjustment.subject, adjustment.period, adjustment.line))


def _account(recorded: Recorded, accounts: dict[str, PayAccount], subject: str) -> PayAccount:
    return accounts.setdefault(recorded.log.pseudonym(subject), PayAccount(subject))


def post_runs(
    recorded: Recorded, runs: Iterable[Run], is_paid: Callable[[Run], bool], among: Pseudonyms | None = None
) -> dict[str, PayAccount]:
    """By pseudonym the accounts of one period, to which runs are posted in their order; raises RecordRejected."""
    accounts: dict[str, PayAccount] = {}
    for run in runs:
        for pseudonym, subject, amounts in _postings(recorded, run, among):
            accounts.setdefault(pseudonym, PayAccount(subject)).post(amounts, pay=is_paid(run))
    return accounts


def decided_subjects(recorded: Recorded, run: Run) -> set[str]:
    """The pseudonyms of those about whom a run decides."""
    entries = recorded.log.entries(run.entries.start, run.entries.stop)
    return {str(entry.subject) for entry in entries if entry.kind in {DECISION, WITHDRAWAL}}


def _postings(recorded: Recorded, run: Run, among: Pseudonyms | None) -> Iterator[tuple[str, str, LineAmounts | None]]:
    """What a run says of some subjects by their pseudonyms; None where it takes a decision back."""
    program = recorded.program(run)
    for entry, decision in recorded.decisions(run, among=among):
        if decision is not None:
            yield str(entry.subject), decision.facts.subject, line_amounts(program, decision.result)
    for entry, payload in read_payloads(recorded.log, run, WITHDRAWAL, among=among):
        if payload is not None:
            yield str(entry.subject), decode(payload)["subject"], None


def compare_adjustments(
    recorded: Recorded, run: Run
) -> Iterator[tuple[LogEntry, Sequence[Adjustment], Sequence[Adjustment]]]:
    """Where a run does not pay what was owed before it: the entry of the subject, what was paid, and what was due.

    Erased subjects are left out; for a subject without an entry, that of the run is in force. Raises RecordRejected.
    """
    before = recorded.before(run)
    due = _by_subject(find_owed(before, run.id) if run.pays else ())
    paid = _by_subject(read_adjustments(recorded, run))
    entries = {entry.subject: entry for entry, _ in read_payloads(recorded.log, run, ADJUSTMENT)}
    for subject in sorted(due.keys() | paid.keys()):
        if paid.get(subject, []) != due.get(subject, []):
            entry = entries.get(recorded.log.pseudonym(subject), recorded.log.entry(run.start))
            yield entry, paid.get(subject, []), due.get(subject, [])


def _by_subject(adjustments: Iterable[Adjustment]) -> dict[str, list[Adjustment]]:
    by_subject: dict[str, list[Adjustment]] = {}
    for adjustment in adjustments:
        by_subject.setdefault(adjustment.subject, []).append(adjustment)
    return by_subject


# as they are recorded


def adjustment_payloads(adjustments: Iterable[Adjustment]) -> Iterator[tuple[str, bytes]]:
    """For each subject the bytes of what is paid; `adjustments` are sorted by subject."""
    for subject, lines in groupby(adjustments, key=lambda adjustment: adjustment.subject):
        yield subject, encode({"subject": subject, "lines": list(map(_line_data, lines))})


def _line_data(adjustment: Adjustment) -> PlainData:
    return {
        "period": adjustment.period,
        "line": adjustment.line,
        "sign": adjustment.sign,
        "amount": adjustment.amount,
        "run": adjustment.run,
    }


def read_adjustments(recorded: Recorded, run: Run, subject: str | None = None) -> Iterator[Adjustment]:
    """What a run has paid of earlier periods; what was erased is left out. Raises RecordRejected."""
    for entry, payload in read_payloads(recorded.log, run, ADJUSTMENT, subject):
        if payload is None:
            continue
        try:
            data = decode(payload)
            for line in data["lines"]:
                amount = Decimal(line["amount"])
                yield Adjustment(data["subject"], line["period"], line["line"], line["sign"], amount, line["run"])
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            raise refuse_payload(recorded.log, entry, error) from None
