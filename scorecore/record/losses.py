"""What would be lost if people were erased: money that is owed, balances, and what waits for somebody's answer."""

from collections.abc import Collection, Iterator
from decimal import Decimal

from attrs import frozen

from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import Adjustment, find_owed
from scorecore.record.people.objections import RecordedObjection
from scorecore.record.people.proposals import Proposal
from scorecore.record.runs.recorded import Recorded


@frozen
class OwedAmount:
    """What a policy still has to pay to somebody, or to take back."""

    policy: str
    adjustment: Adjustment


@frozen
class CarriedBalance:
    """What the last decision about somebody carries over."""

    policy: str
    period: str
    program: Program
    carry: str
    amount: str


Loss = OwedAmount | CarriedBalance | RecordedObjection | Proposal
"""An objection is not answered, and a proposal waits for approval."""


def find_losses(recorded: Recorded, names: Collection[str]) -> dict[str, list[Loss]]:
    """By pseudonym what would be lost if some were erased, for those of whom anything would; raises RecordRejected."""
    losses: dict[str, list[Loss]] = {}
    for name, loss in _list_losses(recorded, frozenset(names)):
        losses.setdefault(name, []).append(loss)
    return losses


def _list_losses(recorded: Recorded, names: frozenset[str]) -> Iterator[tuple[str, Loss]]:
    for policy in dict.fromkeys(run.id for run in recorded.runs):
        for adjustment in find_owed(recorded, policy):
            name = recorded.log.pseudonym(adjustment.subject)
            if name in names:
                yield name, OwedAmount(policy, adjustment)
        yield from _find_balances(recorded, policy, names)
    for objection in recorded.people.objections.values():
        if objection.answer is None and objection.subject in names:
            yield objection.subject, objection
    for proposal in recorded.people.waiting:
        entries = (
            entry
            for run in proposal.runs
            for entry in recorded.log.about_any(names, run.entries.start, run.entries.stop)
        )
        for name in dict.fromkeys(str(entry.subject) for entry in entries):
            yield name, proposal


def _find_balances(recorded: Recorded, policy: str, names: Collection[str]) -> Iterator[tuple[str, CarriedBalance]]:
    """The balances of the last decision of a policy about each."""
    sought = set(names)
    for period in reversed(recorded.periods(policy)):
        for name, last in recorded.standing(policy, period, among=sought).items() if sought else ():
            sought.discard(name)
            if last.payload is None:
                continue
            program, values = recorded.program(last.run), last.payload.result["values"]
            for carry in program.carries:
                if Decimal(values.get(carry.closes, 0)):
                    yield name, CarriedBalance(policy, period, program, carry.name, values[carry.closes])
