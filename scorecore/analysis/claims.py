"""What a policy claims about itself: proved, broken by facts, or not broken by those tried.

What directions and bounds do not prove is searched for facts that break it. Facts are drawn from a fixed seed, so that
a policy always gets the same answer.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from scorecore.analysis.claim_search import ClaimSearch, FactPair
from scorecore.analysis.payments import SecondPayment, find_second_payment, is_paid_once
from scorecore.analysis.proofs import Proof, is_proved, prove_claim
from scorecore.analysis.samples import FactSample
from scorecore.program.model import BoundClaim, MonotoneClaim, PaidOnceClaim, Program
from scorecore.values.ratio import Ratio
from scorecore.values.types import Type, Value, to_units
from scorecore.values.unknown import Maybe, Unknown

TRIES: Final = 400
"""Pairs of facts for each claim."""


@frozen
class Counterexample:
    """A result that moves the way it never should, though there is only more of what the claim names."""

    result: str
    less: FactSample
    more: FactSample
    before: Value | Ratio
    after: Value | Ratio
    """Numbers, or grades."""


@frozen
class ClaimResult:
    """A claim, how each of its results moves, how many pairs of facts were decided, and what breaks it."""

    claim: MonotoneClaim
    proofs: tuple[Proof, ...]
    pairs: int
    """0 where the claim is proved."""
    counterexample: Counterexample | None

    @property
    def is_proved(self) -> bool:
        return all(is_proved(self.claim, proof) for proof in self.proofs)


@frozen
class Excess:
    """A result outside of the bounds that it is claimed to have."""

    result: str
    facts: FactSample
    value: Decimal | int | Ratio


@frozen
class BoundResult:
    """A claim of bounds, the results that the bounds of their formulas do not prove, and what breaks it."""

    claim: BoundClaim
    unproved: tuple[str, ...]
    tries: int
    excess: Excess | None

    @property
    def is_proved(self) -> bool:
        return not self.unproved


@frozen
class PaidOnceResult:
    """A claim that lines are paid once, the lines for which this is not proved, and what breaks it."""

    claim: PaidOnceClaim
    unproved: tuple[str, ...]
    tries: int
    second: SecondPayment | None

    @property
    def is_proved(self) -> bool:
        return not self.unproved


def try_bounds(program: Program, cases: Sequence[FactSample] = ()) -> list[BoundResult]:
    """Every claim of bounds of a program: proved by the types of its steps, or tried, beside the facts of cases."""
    return [_try_bound(program, claim, cases) for claim in program.bounded]


def _try_bound(program: Program, claim: BoundClaim, cases: Sequence[FactSample]) -> BoundResult:
    unproved = tuple(name for name in claim.of if not _lies_within(program.step(name).type, claim))
    if not unproved:
        return BoundResult(claim, (), 0, None)
    search = ClaimSearch(program, cases)
    for number in range(TRIES):
        facts = search.draw_facts(number)
        excess = _find_excess(evolve(claim, of=unproved), facts, search.decide(facts))
        if excess:
            return BoundResult(claim, unproved, number + 1, excess)
    return BoundResult(claim, unproved, TRIES, None)


def _lies_within(number: Type, claim: BoundClaim) -> bool:
    is_above = claim.min is None or number.low >= to_units(claim.min)
    return is_above and (claim.max is None or number.high <= to_units(claim.max))


def try_payments(program: Program, cases: Sequence[FactSample] = ()) -> list[PaidOnceResult]:
    """Every claim that lines are paid once: proved by the days that they ask for, or tried."""
    return [_try_payment(program, claim, cases) for claim in program.paid_once]


def _try_payment(program: Program, claim: PaidOnceClaim, cases: Sequence[FactSample]) -> PaidOnceResult:
    unproved = tuple(line for line in claim.of if not is_paid_once(program, line))
    search = ClaimSearch(program, cases)
    for number in range(TRIES if unproved else 0):
        second = find_second_payment(search, unproved, search.draw_facts(number))
        if second:
            return PaidOnceResult(claim, unproved, number + 1, second)
    return PaidOnceResult(claim, unproved, TRIES if unproved else 0, None)


def _find_excess(claim: BoundClaim, facts: FactSample, values: Mapping[str, Maybe]) -> Excess | None:
    """The first result that lies outside of its bounds; what is held lies nowhere."""
    for name in claim.of:
        value = values[name]
        if not isinstance(value, int | Decimal | Ratio):
            continue
        if (claim.min is not None and value < claim.min) or (claim.max is not None and value > claim.max):
            return Excess(name, facts, value)
    return None


def try_claims(program: Program, cases: Sequence[FactSample] = ()) -> list[ClaimResult]:
    """Every claim of directions of a program, proved or tried, beside the facts of cases."""
    return [_try_claim(program, claim, cases) for claim in program.monotone]


def _try_claim(program: Program, claim: MonotoneClaim, cases: Sequence[FactSample]) -> ClaimResult:
    proofs = prove_claim(program, claim)
    unproved = tuple(proof.result for proof in proofs if not is_proved(claim, proof))
    pairs, counterexample = 0, None
    if unproved:
        pairs, counterexample = _search(evolve(claim, of=unproved), ClaimSearch(program, cases))
    return ClaimResult(claim, proofs, pairs, counterexample)


def _search(claim: MonotoneClaim, search: ClaimSearch) -> tuple[int, Counterexample | None]:
    """How many pairs were decided, and the first that breaks a claim."""
    for number in range(TRIES):
        pair = search.draw_pair(claim.more, number)
        counterexample = pair and compare_pair(claim, pair, search)
        if counterexample:
            return number + 1, _shrink(claim, counterexample, search)
    return TRIES, None


def compare_pair(claim: MonotoneClaim, pair: FactPair, search: ClaimSearch) -> Counterexample | None:
    """The first result that breaks a claim; what is held breaks none."""
    values_before, values_after = map(search.decide, pair)
    for name in claim.of:
        before, after = values_before[name], values_after[name]
        if isinstance(before, Unknown) or isinstance(after, Unknown):
            continue
        low, high = (search.rank(value) for value in (before, after))
        if high > low if claim.never == "raises" else high < low:
            return Counterexample(name, *pair, before, after)
    return None


def _shrink(claim: MonotoneClaim, counterexample: Counterexample, search: ClaimSearch) -> Counterexample:
    """The counterexample without the events and the history that it does not need."""
    for table, events in counterexample.less.events.items():
        for event in events:
            smaller = [
                evolve(sample, events={**sample.events, table: [row for row in sample.events[table] if row != event]})
                for sample in (counterexample.less, counterexample.more)
            ]
            counterexample = compare_pair(claim, (smaller[0], smaller[1]), search) or counterexample
    less, more = (evolve(sample, history=()) for sample in (counterexample.less, counterexample.more))
    return compare_pair(claim, (less, more), search) or counterexample


@frozen
class ClaimResults:
    """What became of all claims of a program."""

    directions: tuple[ClaimResult, ...]
    bounds: tuple[BoundResult, ...]
    payments: tuple[PaidOnceResult, ...]

    @property
    def count(self) -> int:
        return len(self.directions) + len(self.bounds) + len(self.payments)

    @property
    def proved(self) -> int:
        results: list[ClaimResult | BoundResult | PaidOnceResult] = [*self.directions, *self.bounds, *self.payments]
        return sum(result.is_proved for result in results)

    @property
    def broken(self) -> int:
        counterexamples = [
            *(result.counterexample for result in self.directions),
            *(result.excess for result in self.bounds),
            *(result.second for result in self.payments),
        ]
        return sum(counterexample is not None for counterexample in counterexamples)


def try_all_claims(program: Program, cases: Sequence[FactSample] = ()) -> ClaimResults:
    """Every claim of a program, proved or tried, beside the facts of cases."""
    return ClaimResults(
        tuple(try_claims(program, cases)), tuple(try_bounds(program, cases)), tuple(try_payments(program, cases))
    )
