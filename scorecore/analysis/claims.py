"""What a policy claims about itself, `[[monotone]]`: proved, broken by facts, or not broken by those that were tried.

What directions do not prove is searched for facts that break it. Facts are drawn from a fixed seed, so that a policy
always gets the same answer.
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
from scorecore.program.model import MonotoneClaim, Program
from scorecore.values.ratio import Ratio
from scorecore.values.types import PLACES, from_units, to_units
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
            less = self.sampler.draw_sample()
            bordering = self.borders.move(less) if number % 2 else None  # where a condition changes
            less = bordering or less
            more = self.draw_more(claim.more, less, by_smallest_step=bordering is not None)
            counterexample = more and self.compare(claim, less, more)
            if counterexample:
                return number + 1, self.shrink(claim, counterexample)
        return TRIES, None

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
