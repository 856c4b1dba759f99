"""How good the cases are: a program is changed in one place at a time, and all cases look for each change.

A change that a case notices is killed; the others survive, and show what no case proves.
"""

from collections.abc import Mapping, Sequence
from decimal import localcontext
from typing import Any

from attrs import evolve, frozen

from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.cases.verdict import judge_case
from scorecore.analysis.mutants import Mutant, iter_mutants, looks_up
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.groups import with_groups
from scorecore.evaluate.incremental import Baseline, ProgramChange, step_reads, with_steps
from scorecore.evaluate.period_context import in_force, prorated
from scorecore.evaluate.reference.evaluator import ReferenceEvaluator
from scorecore.language.bands import compile_band_lookup
from scorecore.language.operators import EXACT
from scorecore.program.model import Parameter, Program, step_inputs
from scorecore.values.period import Period
from scorecore.values.types import Value


@frozen
class MutationReport:
    """What the cases made of the mutants of a program."""

    killed: int
    survivors: tuple[Diagnostic, ...]
    """In the order of the files."""

    @property
    def tried(self) -> int:
        return self.killed + len(self.survivors)


def run_mutation(program: Program, cases: Sequence[PreparedCase]) -> MutationReport:
    """Decide every case by every mutant. What fails already is not counted as noticing anything."""
    trial = MutationTrial.of(program, [case for case in cases if not judge_case(case, program).differences])
    verdicts = [trial.find_survival(mutant) for mutant in iter_mutants(program)]
    survivors = sorted((verdict for verdict in verdicts if verdict), key=lambda survivor: survivor.location)
    return MutationReport(len(verdicts) - len(survivors), tuple(survivors))


@frozen(eq=False)
class MutationTrial:
    """All cases, decided once by the program itself."""

    program: Program
    cases: tuple[tuple[PreparedCase, ReferenceEvaluator, Baseline], ...]
    reads: Mapping[str, frozenset[str]]
    """The inputs of every step."""

    @classmethod
    def of(cls, program: Program, cases: Sequence[PreparedCase]) -> "MutationTrial":
        evaluators: dict[Period, ReferenceEvaluator] = {}
        decided = []
        for case in cases:
            context = case.evaluator.context
            evaluator = evaluators.setdefault(context.period, ReferenceEvaluator(program, context))
            decided.append((case, evaluator, Baseline.of(evaluator, case.facts)))
        return cls(program, tuple(decided), step_reads(program))

    def find_survival(self, mutant: Mutant) -> Diagnostic | None:
        """Why a mutant survives; None if a case notices it."""
        changes: dict[int, ProgramChange] = {}
        reads = {**self.reads, **{name: step_inputs(step) for name, step in mutant.steps.items()}}
        reaches_groups = self.reaches_groups(mutant)
        differing_case = ""
        for case, evaluator, baseline in self.cases:
            if id(evaluator) not in changes:
                changes[id(evaluator)] = self.change_program(mutant, evaluator)
            change = changes[id(evaluator)]
            if reaches_groups and case.population:
                change = evolve(change, values={**change.values, **self.find_group_values(mutant, change, case)})
            try:
                outcome = baseline.again(change, reads)
            except ArithmeticError:  # it left the bounds that were proven for the program
                return None
            if outcome is baseline.outcome:
                continue
            if judge_case(case, self.program, outcome).differences:
                return None
            differing_case = differing_case or case.case.name
        params = {"before": mutant.before, "after": mutant.after}
        if differing_case:
            return Diagnostic(catalogue.NOT_EXPECTED, mutant.place, {**params, "case": differing_case})
        return Diagnostic(catalogue.NOT_NOTICED, mutant.place, params)

    def change_program(self, mutant: Mutant, evaluator: ReferenceEvaluator) -> ProgramChange:
        """What a mutant changes in a period."""
        context = evaluator.context
        values, tables, readers = dict[str, Any](), dict[str, Any](), frozenset[str]()
        with localcontext(EXACT):
            if mutant.parameter is not None:
                name, value = f"parameters.{mutant.parameter.name}", _find_value(mutant.parameter, context.period)
                values = {name: value} if value != context.values[name] else {}
            if mutant.table is not None:
                table = mutant.table
                bands = in_force(table.versions, context.period.end)
                tables = {table.name: compile_band_lookup(table.kind, table.edge, bands)}
                readers = frozenset(step.name for step in self.program.steps if looks_up(step, table.name))
        return ProgramChange(evaluator.with_steps(mutant.steps), frozenset(mutant.steps), values, tables, readers)

    def reaches_groups(self, mutant: Mutant) -> bool:
        """Whether a value of other subjects may depend on what is changed."""
        if not self.program.grouped:
            return False
        operands = (operand for step in self.program.grouped for operand in step.operands)
        needed = self.program.narrowed(operands).steps
        parameter = mutant.parameter and f"parameters.{mutant.parameter.name}"
        return (
            any(step.name in mutant.steps for step in needed)
            or any(parameter in step_inputs(step) for step in needed)
            or (mutant.table is not None and any(looks_up(step, mutant.table.name) for step in needed))
        )

    def find_group_values(self, mutant: Mutant, change: ProgramChange, case: PreparedCase) -> dict[str, Any]:
        """What the group values become, everybody being decided by the mutant."""
        context = change.plan.context
        changed = evolve(
            context, values={**context.values, **change.values}, tables={**context.tables, **change.tables}
        )
        facts = with_groups(
            with_steps(self.program, mutant.steps),
            case.population,
            lambda part, members: list(map(ReferenceEvaluator(part, changed).decide, members)),
        )[0]
        return {step.name: facts.values[step.name] for step in self.program.grouped}


def _find_value(parameter: Parameter, period: Period) -> Value:
    """The value of a parameter in a period."""
    if parameter.prorate:
        return prorated(parameter, period)
    value: Value = in_force(parameter.values, period.end)
    return value
