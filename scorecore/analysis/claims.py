"""What a policy claims about itself, `[[monotone]]` and `[[bounded]]`: proved, broken by facts, or not by those tried.

What directions and bounds do not prove is searched for facts that break it. Facts are drawn from a fixed seed, so that
a policy always gets the same answer.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from attrs import define, evolve, field, frozen

from scorecore.analysis.borders import BorderSearch
from scorecore.analysis.directions import Proof, is_proved, prove_claim
from scorecore.analysis.samples import FactSample, FactSampler, event_key
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.subject_facts import subject_facts
from scorecore.program.model import BoundClaim, MonotoneClaim, Program
from scorecore.values.ratio import Ratio
from scorecore.values.types import PLACES, Type, from_units, to_units
from scorecore.values.unknown import Maybe

TRIES: Final = 400
"""Pairs of facts for each claim."""


@frozen
class Counterexample:
    """A result that moves the way it never should, though there is only more of what the claim names."""

    result: str
    less: FactSample
    more: FactSample
    before: Decimal | int | Ratio
    after: Decimal | int | Ratio


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


def try_bounds(program: Program) -> list[BoundResult]:
    """Every claim of bounds of a program: proved by the types of its steps, or tried."""
    return [_try_bound(program, claim) for claim in program.bounded]


def _try_bound(program: Program, claim: BoundClaim) -> BoundResult:
    unproved = tuple(name for name in claim.of if not _lies_within(program.step(name).type, claim))
    if not unproved:
        return BoundResult(claim, (), 0, None)
    search = ClaimSearch(program)
    for number in range(TRIES):
        facts = search.draw_less(number)
        excess = search.find_excess(evolve(claim, of=unproved), facts)
        if excess:
            return BoundResult(claim, unproved, number + 1, excess)
    return BoundResult(claim, unproved, TRIES, None)


def _lies_within(number: Type, claim: BoundClaim) -> bool:
    is_above = claim.min is None or number.low >= to_units(claim.min)
    return is_above and (claim.max is None or number.high <= to_units(claim.max))


def try_claims(program: Program) -> list[ClaimResult]:
    """Every claim of a program."""
    return [_try_claim(program, claim) for claim in program.monotone]


def _try_claim(program: Program, claim: MonotoneClaim) -> ClaimResult:
    proofs = prove_claim(program, claim)
    unproved = tuple(proof.result for proof in proofs if not is_proved(claim, proof))
    pairs, counterexample = ClaimSearch(program).try_claim(evolve(claim, of=unproved)) if unproved else (0, None)
    return ClaimResult(claim, proofs, pairs, counterexample)


@define
class ClaimSearch:
    """Pairs of facts of which the second has more of something, and nothing else that differs."""

    program: Program
    sampler: FactSampler = field(init=False)
    evaluator: SubjectEvaluator = field(init=False)
    borders: BorderSearch = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.sampler = FactSampler(self.program)
        self.evaluator = SubjectEvaluator.of(self.program, self.sampler.period)
        self.borders = BorderSearch(self.program, self.sampler, self.evaluator, self.decide)

    def try_claim(self, claim: MonotoneClaim) -> tuple[int, Counterexample | None]:
        """How many pairs were decided, and the first that breaks a claim."""
        for number in range(TRIES):
            less = self.draw_less(number)
            more = self.draw_more(claim.more, less, by_smallest_step=bool(number % 2))
            counterexample = more and self.compare(claim, less, more)
            if counterexample:
                return number + 1, self.shrink(claim, counterexample)
        return TRIES, None

    def draw_less(self, number: int) -> FactSample:
        """Facts, of which every second sample lies where a condition changes."""
        sample = self.sampler.draw_sample()
        return (self.borders.move(sample) if number % 2 else None) or sample

    def find_excess(self, claim: BoundClaim, facts: FactSample) -> Excess | None:
        """The first result that lies outside of its bounds; what is held lies nowhere."""
        values = self.decide(facts)
        for name in claim.of:
            value = values[name]
            if not isinstance(value, int | Decimal | Ratio):
                continue
            if (claim.min is not None and value < claim.min) or (claim.max is not None and value > claim.max):
                return Excess(name, facts, value)
        return None

    def draw_more(self, name: str, less: FactSample, *, by_smallest_step: bool = False) -> FactSample | None:
        """The same facts with one more event of a table, or a greater number; None if the draw is neither."""
        schema = self.program.schema
        table = next((table for table in schema.events if table.name == name), None)
        if table:
            event = self.sampler.draw_event(table)
            if event_key(table, event) in {event_key(table, existing) for existing in less.events[name]}:
                return None
            return evolve(less, events={**less.events, name: [*less.events[name], event]})
        column = next(column for column in schema.columns if column.name == name)
        number, before = self.sampler.draw_number(column.type), less.values[name]
        if isinstance(before, int | Decimal) and by_smallest_step:
            number = before + (from_units(10 ** (PLACES - column.type.places)) if column.type.is_decimal else 1)
            number = number if to_units(number) <= column.type.high else before
        if not isinstance(before, int | Decimal) or number <= before:
            return None
        return evolve(less, values={**less.values, name: number})

    def decide(self, sample: FactSample) -> Mapping[str, Maybe]:
        """The value of every step."""
        facts = subject_facts(
            self.program, self.sampler.period, "", sample.values, sample.events, history=sample.history
        )
        outcome = self.evaluator.decide(facts)
        return outcome.by_name

    def compare(self, claim: MonotoneClaim, less: FactSample, more: FactSample) -> Counterexample | None:
        """The first result that breaks a claim; what is held breaks none."""
        before_values, after_values = self.decide(less), self.decide(more)
        for name in claim.of:
            before, after = before_values[name], after_values[name]
            if not isinstance(before, int | Decimal | Ratio) or not isinstance(after, int | Decimal | Ratio):
                continue
            if after > before if claim.never == "raises" else after < before:
                return Counterexample(name, less, more, before, after)
        return None

    def shrink(self, claim: MonotoneClaim, counterexample: Counterexample) -> Counterexample:
        """The counterexample without the events and the history that it does not need."""
        for table, events in counterexample.less.events.items():
            for event in events:
                smaller = [
                    evolve(
                        sample, events={**sample.events, table: [row for row in sample.events[table] if row != event]}
                    )
                    for sample in (counterexample.less, counterexample.more)
                ]
                counterexample = self.compare(claim, *smaller) or counterexample
        bare = [evolve(sample, history=()) for sample in (counterexample.less, counterexample.more)]
        return self.compare(claim, *bare) or counterexample
