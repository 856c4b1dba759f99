"""Decides a subject again after something changed: only the steps that depend on the change are taken again.

This is the way to decide again; nothing else works out which steps a change reaches.

- Mutation decides every case once (`IncrementalEvaluator.decide`), and again by each mutant: a `ProgramChange` with
  other steps, another parameter or another table, and the facts that `ProgramChange.add_group_values` gives.
- Counterfactuals and why-not decide a subject once, and again with one fact changed: `decide_again(facts=…)`.
- Corrections have recorded results instead of the values on the way to them: `decide_changed` decides those whose facts
  are not what they were.

A replay is none of this: it decides everybody from the beginning, to show that the same comes out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import localcontext

from attrs import evolve, frozen

from scorecore.evaluate.groups import add_group_values
from scorecore.evaluate.outcome import Outcome, Posting
from scorecore.evaluate.period_context import PeriodContext, in_force, value_in_force
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.evaluator import ReferenceEvaluator
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.language.bands import BandTable, compile_band_lookup
from scorecore.language.operators import EXACT
from scorecore.program.model import Parameter, Program
from scorecore.program.steps import AnyStep, GroupStep, looks_up, step_inputs
from scorecore.values.period import Period
from scorecore.values.step_id import ASSESSED, EXCLUDED


@frozen(eq=False)
class ProgramChange:
    """A program set to a period, of which some steps, a parameter or a band table have become others."""

    program: Program
    """With the steps that have changed."""
    context: PeriodContext
    """With the parameter and the table that have changed."""
    evaluator: ReferenceEvaluator
    """Of the program before, with the changed steps in place."""
    reads: Mapping[str, frozenset[str]]
    """The inputs of every step."""
    steps: frozenset[str] = frozenset()
    """The steps that are taken again in any case: they have changed, or look up a table that has."""
    values: frozenset[str] = frozenset()
    """The parameters that are not what they were."""

    def reaches_groups(self) -> bool:
        """Whether a value that depends on others may be another one."""
        needed = self.program.narrowed(name for step in self.program.grouped for name in step.operands).steps
        return any(step.name in self.steps or not self.reads[step.name].isdisjoint(self.values) for step in needed)

    def add_group_values(self, population: Sequence[SubjectFacts]) -> list[SubjectFacts]:
        """The facts of everybody, with the group values that the change leads to."""

        def decide(part: Program, members: Sequence[SubjectFacts]) -> list[Outcome]:
            evaluator = ReferenceEvaluator(part, self.context)
            return [evaluator.decide(member) for member in members]

        return add_group_values(self.program, population, decide)


@frozen(eq=False)
class IncrementalEvaluator:
    """A program set to a period, and what each of its steps reads."""

    program: Program
    context: PeriodContext
    evaluator: ReferenceEvaluator
    unchanged: ProgramChange
    """No change at all."""

    @classmethod
    def of(cls, program: Program, context: PeriodContext) -> "IncrementalEvaluator":
        evaluator = ReferenceEvaluator(program, context)
        reads: dict[str, frozenset[str]] = {step.name: _step_reads(step) for step in program.steps}
        return cls(program, context, evaluator, ProgramChange(program, context, evaluator, reads))

    def decide(self, facts: SubjectFacts) -> "Baseline":
        """The decision about one subject, whose facts have the group values."""
        environment, entries = self.evaluator.environment(facts), dict[str, list[Posting]]()
        with localcontext(EXACT):
            for number, (step, _) in enumerate(self.evaluator.steps):
                entries[step.name] = []
                self.evaluator.take_step(number, environment, entries[step.name])
        postings = [posting for posted in entries.values() for posting in posted]
        outcome = self.evaluator.outcome(environment, postings)
        return Baseline(self.unchanged, facts, environment, entries, outcome)

    def change(
        self,
        *,
        steps: Mapping[str, AnyStep] | None = None,
        parameter: Parameter | None = None,
        table: BandTable | None = None,
    ) -> ProgramChange:
        """A change of some steps, a parameter and a table, each in place of the one of its name."""
        steps = steps or {}
        context, values = self.context, frozenset[str]()
        with localcontext(EXACT):
            if parameter is not None:
                name = f"parameters.{parameter.name}"
                value = value_in_force(parameter, context.period)
                values = frozenset({name} if value != context.values[name] else ())
                context = evolve(context, values={**context.values, name: value})
            if table is not None:
                bands = in_force(table.versions, context.period.end)
                lookup = compile_band_lookup(table.kind, table.edge, bands)
                context = evolve(context, tables={**context.tables, table.name: lookup})
        lookups = (step.name for step in self.program.steps if table is not None and looks_up(step, table.name))
        # who is not assessed has no value for the condition as it is now, which the reason names
        excluded = (step.name for step in self.program.steps if ASSESSED in steps and EXCLUDED in step.held_by)
        return ProgramChange(
            with_steps(self.program, steps),
            context,
            self.evaluator.with_steps(steps),
            {**self.unchanged.reads, **{name: _step_reads(step) for name, step in steps.items()}},
            frozenset({*steps, *lookups, *excluded}),
            values,
        )


@frozen(eq=False)
class Baseline:
    """A decision with every value on the way to it."""

    unchanged: ProgramChange
    facts: SubjectFacts
    environment: Environment
    entries: Mapping[str, list[Posting]]
    """By the account that they belong to."""
    outcome: Outcome

    def decide_again(self, change: ProgramChange | None = None, facts: SubjectFacts | None = None) -> Outcome:
        """The outcome after a change of the program, of the facts, or of both; `outcome` itself where nothing differs.

        Facts have the group values. Raises ArithmeticError where a changed program leaves the bounds proved for it.
        """
        change, facts = change or self.unchanged, facts or self.facts
        changed_facts = self._changed_facts(facts)
        environment = self._changed_environment(change, facts, changed_facts)
        differing = {*change.values, *changed_facts}
        entries: dict[str, list[Posting]] = {}
        differs = False
        with localcontext(EXACT):
            for number, (step, _) in enumerate(change.evaluator.steps):
                name = step.name
                if name not in change.steps and name not in changed_facts and differing.isdisjoint(change.reads[name]):
                    continue
                if isinstance(step, GroupStep):  # unless it is held, it is what the facts say
                    environment.values[name] = facts.values[name]
                posted: list[Posting] = []
                value = change.evaluator.take_step(number, environment, posted)
                if posted != self.entries[name]:
                    entries[name] = posted
                if _is_other(value, self.environment.values[name]):
                    differing.add(name)
                    differs = True
        if not entries and not differs:
            return self.outcome
        postings = [posting for name, posted in self.entries.items() for posting in entries.get(name, posted)]
        return change.evaluator.outcome(environment, postings)

    def _changed_facts(self, facts: SubjectFacts) -> frozenset[str]:
        """The facts, group values and tables of events that are not what they were."""
        if facts is self.facts:
            return frozenset()
        values = (name for name, value in facts.values.items() if _is_other(value, self.facts.values[name]))
        tables = (name for name, rows in facts.rows.items() if rows != self.facts.rows[name])
        return frozenset((*values, *tables))

    def _changed_environment(
        self, change: ProgramChange, facts: SubjectFacts, changed_facts: frozenset[str]
    ) -> Environment:
        """What steps read after a change. Events are numbered again, since their order may depend on what changed."""
        values = {
            **self.environment.values,
            **{name: facts.values[name] for name in changed_facts & facts.values.keys()},
            **{name: change.context.values[name] for name in change.values},
        }
        return Environment(values, facts.rows, change.context.tables, self.environment.keys)


def _is_other(value: object, before: object) -> bool:
    return value != before or type(value) is not type(before)


def _step_reads(step: AnyStep) -> frozenset[str]:
    return step_inputs(step) | frozenset(step.held_by)


def with_steps(program: Program, steps: Mapping[str, AnyStep]) -> Program:
    """The program with other steps of the same names."""
    return evolve(program, steps=tuple(steps.get(step.name, step) for step in program.steps))


def decide_changed(
    program: Program, period: Period, facts: Iterable[tuple[SubjectFacts, SubjectFacts]]
) -> Iterator[tuple[SubjectFacts, Outcome]]:
    """Whoever has other facts than before, and the outcome; `facts` are everybody's, as they were and as they are.

    Where the program reads what depends on others, and somebody's facts differ, everybody is decided.
    """
    pairs = list(facts)
    changed = [now for before, now in pairs if now != before]
    if not changed:
        return
    evaluator = SubjectEvaluator.of(program, period)
    if program.grouped:
        changed = evaluator.add_group_values([now for _, now in pairs])
    yield from ((now, evaluator.decide(now)) for now in changed)
