"""How good the cases are: a program is changed in one place at a time, and all cases look for each change.

A change that a case notices is killed; the others survive, and show what no case proves.
"""

from collections.abc import Sequence

from attrs import frozen

from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.cases.verdict import judge_case
from scorecore.analysis.mutants import Mutant, iter_mutants
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.incremental import Baseline, IncrementalEvaluator, ProgramChange
from scorecore.program.model import Program
from scorecore.values.period import Period


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
    cases: tuple[tuple[PreparedCase, IncrementalEvaluator, Baseline], ...]

    @classmethod
    def of(cls, program: Program, cases: Sequence[PreparedCase]) -> "MutationTrial":
        evaluators: dict[Period, IncrementalEvaluator] = {}
        decided = []
        for case in cases:
            context = case.evaluator.context
            if context.period not in evaluators:
                evaluators[context.period] = IncrementalEvaluator.of(program, context)
            evaluator = evaluators[context.period]
            decided.append((case, evaluator, evaluator.decide(case.facts)))
        return cls(program, tuple(decided))

    def find_survival(self, mutant: Mutant) -> Diagnostic | None:
        """Why a mutant survives; None if a case notices it."""
        changes: dict[Period, ProgramChange] = {}
        differing_case = ""
        for case, evaluator, baseline in self.cases:
            period = evaluator.context.period
            if period not in changes:
                changes[period] = change_program(evaluator, mutant)
            change, facts = changes[period], case.facts
            if case.population and change.reaches_groups():
                facts = change.add_group_values(case.population)[0]
            try:
                outcome = baseline.decide_again(change, facts)
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


def change_program(evaluator: IncrementalEvaluator, mutant: Mutant) -> ProgramChange:
    """What a mutant changes in a program set to a period."""
    return evaluator.change(steps=mutant.steps, parameter=mutant.parameter, table=mutant.table)
