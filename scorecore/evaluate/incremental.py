"""Decides a subject again after one thing changed: only the steps that read what changed are taken anew."""

from collections.abc import Mapping
from decimal import localcontext
from typing import Any

from attrs import evolve, frozen

from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.evaluator import Outcome, Posting, ReferenceEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.language.operators import EXACT
from scorecore.program.model import AnyStep, Program, step_inputs


@frozen(eq=False)
class ProgramChange:
    """Of a program set to a period: some steps with others of their names, some values, some tables."""

    plan: ReferenceEvaluator
    """With the steps in place."""
    steps: frozenset[str] = frozenset()
    values: Mapping[str, Any] = {}
    """Parameters, and group values."""
    tables: Mapping[str, Any] = {}
    """Readers of band tables."""
    readers: frozenset[str] = frozenset()
    """The steps that look up those tables."""


@frozen(eq=False)
class Baseline:
    """A decision with every value on the way to it."""

    walker: Environment
    entries: Mapping[str, list[Posting]]
    """By the account that they are of."""
    outcome: Outcome

    @classmethod
    def of(cls, plan: ReferenceEvaluator, record: SubjectFacts) -> "Baseline":
        """The decision about one subject, whose record has the group values."""
        walker, entries = plan.environment(record), dict[str, list[Posting]]()
        with localcontext(EXACT):
            for number, (step, _) in enumerate(plan.steps):
                posted: list[Posting] = []
                plan.take_step(number, walker, posted)
                entries[step.name] = posted
        flat = [one for posted in entries.values() for one in posted]
        return cls(walker, entries, plan.outcome(walker, flat))

    def again(self, change: ProgramChange, reads: Mapping[str, frozenset[str]]) -> Outcome:
        """The outcome after a change, the same object where nothing differs; `reads` has the inputs of every step."""
        walker = evolve(
            self.walker,
            values={**self.walker.values, **change.values},
            tables={**self.walker.tables, **change.tables},
        )
        differing = {*change.values}
        anew = change.steps | change.readers
        entries: dict[str, list[Posting]] = {}
        with localcontext(EXACT):
            for number, (step, _) in enumerate(change.plan.steps):
                if step.name not in anew and differing.isdisjoint(reads[step.name]):
                    continue
                posted: list[Posting] = []
                value = change.plan.take_step(number, walker, posted)
                if posted != self.entries[step.name]:
                    entries[step.name] = posted
                if value != self.walker.values[step.name] or type(value) is not type(self.walker.values[step.name]):
                    differing.add(step.name)
        if not entries and differing <= change.values.keys():
            return self.outcome
        flat = [one for name, posted in self.entries.items() for one in entries.get(name, posted)]
        return change.plan.outcome(walker, flat)


def step_reads(program: Program) -> dict[str, frozenset[str]]:
    """The inputs of every step."""
    return {step.name: step_inputs(step) for step in program.steps}


def with_steps(program: Program, steps: Mapping[str, AnyStep]) -> Program:
    """The program with other steps of the same names."""
    return evolve(program, steps=tuple(steps.get(one.name, one) for one in program.steps))
