"""Chooses among candidates the fewest that reach what the cases of a policy do not.

First a second period for each pay line, events that are still running at the end of the period, and each optional
fact that every case has; then what coverage misses; then the mutants that survive. What a suggestion reaches is found
by deciding it, so nothing is suggested that does not.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import define, field, frozen

from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.coverage import CoverageObserver, Target, list_targets
from scorecore.analysis.mutants import Mutant, iter_mutants
from scorecore.analysis.mutation import MutationTrial, change_program
from scorecore.analysis.suggestions.candidates import CandidateCase, CandidateSource, Reason
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.incremental import IncrementalEvaluator, ProgramChange
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore.values.step_id import StepId
from scorecore.values.unknown import Maybe, Unknown

MAX_BASES: Final = 8
"""Cases whose facts are changed."""
MAX_CANDIDATES: Final = 1_500
"""Changes that are tried, as many of each case."""
MAX_TRIALS: Final = 15_000
"""Mutants that are tried with candidates."""


@frozen(eq=False)
class SuggestedCase:
    """Facts for a new case, what is decided with them, and what no case has shown before."""

    candidate: CandidateCase
    outcome: Outcome
    reached: tuple[Diagnostic, ...] = ()
    """What coverage missed."""
    killed: tuple[Mutant, ...] = ()
    """Changes of the policy that no case noticed."""
    lines: tuple[StepId, ...] = ()
    """Lines of pay whose second period it is."""
    absent: tuple[str, ...] = ()
    """Optional facts that every case has."""


def suggest_cases(program: Program, cases: Sequence[PreparedCase]) -> list[SuggestedCase]:
    """What the author may want to confirm as cases, the most telling first."""
    return _Suggester(program, cases).suggest()


@define(eq=False)
class _Suggester:
    program: Program
    cases: Sequence[PreparedCase]
    observer: CoverageObserver = field(init=False)
    evaluators: dict[Period, SubjectEvaluator] = field(init=False, factory=dict)
    suggested: list[SuggestedCase] = field(init=False, factory=list)
    _incrementals: dict[Period, IncrementalEvaluator] = field(init=False, factory=dict)
    _changes: dict[tuple[Period, int], ProgramChange] = field(init=False, factory=dict)

    _touched: dict[str, frozenset[Target]] = field(init=False, factory=dict)
    """By the name of a case, what deciding it comes past."""

    def __attrs_post_init__(self) -> None:
        self.observer = CoverageObserver(self.program)
        touched = set[Target]()
        for case in self.cases:
            self.observer.touched = set()
            self.observer.decide(case)
            self._touched[case.case.name] = frozenset(self.observer.touched)
            touched |= self.observer.touched
        self.observer.touched = touched

    def suggest(self) -> list[SuggestedCase]:
        sources = [
            CandidateSource(self.program, case.case.name, case.facts, case.evaluator.context.period)
            for case in self.cases
            if not case.facts.unknown
        ]
        self._suggest_second_periods(sources)
        self._suggest_running(sources)
        bases = self._choose_bases(sources)
        self._suggest_absences(bases)
        share = MAX_CANDIDATES // max(len(bases), 1)
        candidates = [candidate for source in bases for candidate in _thin_out(list(source.list_changes()), share)]
        self._suggest_coverage(candidates)
        self._suggest_kills(candidates)
        return self.suggested

    def _choose_bases(self, sources: Sequence[CandidateSource]) -> list[CandidateSource]:
        """The cases that together come past the most, wherever in the file they stand."""
        bases, pending, passed = list[CandidateSource](), list(sources), set[Target]()
        while pending and len(bases) < MAX_BASES:
            base = max(pending, key=lambda source: len(self._touched[source.base] - passed))  # the first of equal ones
            passed |= self._touched[base.base]
            bases.append(base)
            pending.remove(base)
        return bases

    # what goes wrong most often

    def _suggest_second_periods(self, sources: Sequence[CandidateSource]) -> None:
        """The period after one in which a line is paid, which may pay it again."""
        pending = [line.step for line in self.program.pay]
        for source in sources:
            values = self._decide(source.facts, source.period).by_name
            paid = tuple(step for step in pending if not isinstance(values[step], Unknown) and values[step])
            following = source.follow(values) if paid else None
            if following:
                self._add(following, lines=paid)
                pending = [step for step in pending if step not in paid]

    def _suggest_running(self, sources: Sequence[CandidateSource]) -> None:
        tables = set[str]()
        for source in sources:
            for candidate in source.list_running():
                if candidate.what not in tables:
                    tables.add(candidate.what)
                    self._add(candidate)

    def _suggest_absences(self, sources: Sequence[CandidateSource]) -> None:
        """An optional fact that no case goes without, where its absence changes what is decided."""
        known = {name for case in self.cases for name in _list_absent(case.facts)}
        for source in sources:
            before = self._results(self._decide(source.facts, source.period))
            for candidate in source.list_changes():
                if candidate.reason is not Reason.ABSENCE or candidate.what in known:
                    continue
                if self._results(self._decide(candidate.facts, candidate.period)) != before:
                    known.add(candidate.what)
                    self._add(candidate, absent=(candidate.what,))

    # what no case touches, and what no case notices

    def _suggest_coverage(self, candidates: Iterable[CandidateCase]) -> None:
        targets = dict(list_targets(self.program))
        for candidate in candidates:
            if targets.keys() <= self.observer.touched:
                return
            before = set(self.observer.touched)
            self._observe(candidate)
            new = [targets[target] for target in self.observer.touched - before if target in targets]
            if new:
                reached = tuple(sorted(new, key=lambda diagnostic: diagnostic.location))
                self._add(candidate, reached=reached)

    def _suggest_kills(self, candidates: Sequence[CandidateCase]) -> None:
        trial = MutationTrial.of(self.program, self.cases)
        survivors = [mutant for mutant in iter_mutants(self.program) if trial.find_survival(mutant)]
        for suggestion in self.suggested:
            killed = set(map(id, self._find_killed(suggestion.candidate, survivors)))
            survivors = [mutant for mutant in survivors if id(mutant) not in killed]
        trials = 0
        for candidate in candidates:
            trials += len(survivors)
            if not survivors or trials > MAX_TRIALS:
                return
            killed_mutants = tuple(self._find_killed(candidate, survivors))
            if killed_mutants:
                self._add(candidate, killed=killed_mutants)
                gone = set(map(id, killed_mutants))
                survivors = [mutant for mutant in survivors if id(mutant) not in gone]

    def _find_killed(self, candidate: CandidateCase, mutants: Sequence[Mutant]) -> Iterator[Mutant]:
        """The mutants that decide otherwise with some facts."""
        evaluator = self._incremental(candidate.period)
        baseline = evaluator.decide(candidate.facts)
        expected = self._results(baseline.outcome)
        for mutant in mutants:
            try:
                outcome = baseline.decide_again(self._change(evaluator, mutant), candidate.facts)
            except ArithmeticError:  # it left the bounds that were proven for the program
                yield mutant
                continue
            if outcome is not baseline.outcome and self._results(outcome) != expected:
                yield mutant

    # deciding

    def _incremental(self, period: Period) -> IncrementalEvaluator:
        if period not in self._incrementals:
            self._incrementals[period] = IncrementalEvaluator.of(self.program, self._evaluator(period).context)
        return self._incrementals[period]

    def _change(self, evaluator: IncrementalEvaluator, mutant: Mutant) -> ProgramChange:
        key = (evaluator.context.period, id(mutant))
        if key not in self._changes:
            self._changes[key] = change_program(evaluator, mutant)
        return self._changes[key]

    def _evaluator(self, period: Period) -> SubjectEvaluator:
        if period not in self.evaluators:
            self.evaluators[period] = SubjectEvaluator.of(self.program, period)
        return self.evaluators[period]

    def _decide(self, facts: SubjectFacts, period: Period) -> Outcome:
        return self._evaluator(period).decide(facts)

    def _observe(self, candidate: CandidateCase) -> None:
        self.observer.decide(PreparedCase(self.cases[0].case, self._evaluator(candidate.period), candidate.facts))

    def _results(self, outcome: Outcome) -> tuple[object, ...]:
        values = outcome.by_name
        return tuple(_plain(values[name]) for name in self.program.results())

    def _add(self, candidate: CandidateCase, **reached: tuple[object, ...]) -> None:
        self._observe(candidate)
        outcome = self._decide(candidate.facts, candidate.period)
        self.suggested.append(SuggestedCase(candidate, outcome, **reached))  # type: ignore[arg-type]  # its fields


def _thin_out(candidates: Sequence[CandidateCase], count: int) -> Sequence[CandidateCase]:
    """At most so many, from all over the list."""
    if len(candidates) <= count:
        return candidates
    return [candidates[number * len(candidates) // count] for number in range(count)]


def _plain(value: Maybe) -> object:
    """A result as a case can expect it: a value, or that it is held."""
    return None if isinstance(value, Unknown) else value


def _list_absent(facts: SubjectFacts) -> Iterator[str]:
    yield from (name for name, value in facts.values.items() if value is None)
    for table, rows in facts.rows.items():
        for row in rows if not isinstance(rows, Unknown) else ():
            yield from (f"{table}.{name}" for name, value in row.items() if value is None)
