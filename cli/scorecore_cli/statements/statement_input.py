"""Who gets a statement, from facts or from a record, and what was decided about them in the period before."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from scorecore.analysis.explain import Explanation, explain
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.headings import is_heading
from scorecore.facts.model import SubjectFacts
from scorecore.facts.raw import RawTable, convert_to_text
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import Adjustment, read_adjustments
from scorecore.record.corrections.payroll import NAME, find_payable
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.values.period import Period
from scorecore_cli.assessment_input import Assessment, parse_period, stop
from scorecore_cli.earlier_periods import EarlierPeriod, find_earlier, list_standings, name_results
from scorecore_cli.record_file import stop_if_rejected
from scorecore_cli.statements.privacy import OtherPeople
from scorecore_cli.statements.statement import RecordedPayments


@frozen
class DecidedSubject:
    """One subject with the values of their groups, and the program that has decided about them."""

    program: Program
    facts: SubjectFacts


@frozen
class StatementInput:
    """Whose statements are written, and what they are compared with."""

    period: Period
    subjects: Sequence[DecidedSubject]
    """Everybody, in the order of their ids."""
    people: OtherPeople
    earlier: EarlierPeriod | None
    payments: RecordedPayments | None = None

    def explanations(self, only: Sequence[str] = ()) -> Iterator[Explanation]:
        """Everybody's explanation, or those of some ids."""
        evaluators: dict[int, SubjectEvaluator] = {}
        for subject in self.subjects:
            if not only or subject.facts.subject in only:
                program = subject.program
                if id(program) not in evaluators:
                    evaluators[id(program)] = SubjectEvaluator.of(program, self.period)
                yield explain(program, evaluators[id(program)], subject.facts)


# from facts


def read_assessed(assessment: Assessment) -> StatementInput:
    """What a policy decides from facts; ends the command where there is nobody."""
    program, period = assessment.program, assessment.period
    runner = PeriodRunner(program, assessment.used, known_at=assessment.known_at)
    facts = runner.facts(period, assessment.raw, assessment.diagnostics)
    if facts is None:
        stop(tuple(assessment.diagnostics), {})
    evaluator = SubjectEvaluator.of(program, period)
    subjects = evaluator.add_group_values(list(extract_subject_facts(program, facts, range(len(facts)))))
    people = OtherPeople.of((*_list_names(subjects), *_list_raw_names(program, assessment.raw)))
    decided = [DecidedSubject(program, subject) for subject in subjects]
    return StatementInput(period, decided, people, find_earlier(assessment))


def _list_names(subjects: Sequence[SubjectFacts]) -> Iterator[str]:
    for subject in subjects:
        yield subject.subject
        name = subject.values.get(NAME)
        if isinstance(name, str):
            yield name


def _list_raw_names(program: Program, raw: Mapping[str, RawTable]) -> Iterator[str | None]:
    """The ids and names of all periods, of those who have left as well."""
    schema = program.schema
    label = next((column.label for column in schema.columns if column.name == NAME), "")
    headings = {schema.subject, schema.label, NAME, label} - {""}
    for table in filter(None, map(raw.get, (schema.subject, HISTORY))):
        for column in table.frame.columns:
            if is_heading(column, headings):
                yield from convert_to_text(table.frame[column]).unique()


# from a record


def read_recorded(recorded: Recorded, policy: str, label: str) -> StatementInput:
    """What a record has of a period, and of the one before it; ends the command where the record cannot be read."""
    standings = list_standings(recorded, policy, label)
    program = stop_if_rejected(recorded.program, recorded.of(policy, label)[-1])
    period = parse_period(program, label)
    before = program.period.ago(period, 1)
    earlier = list_standings(recorded, policy, before.label) if before else []
    decided = [
        DecidedSubject(stop_if_rejected(recorded.program, standing.run), standing.payload.facts)
        for standing in standings
        if standing.payload
    ]
    names = _list_names([standing.payload.facts for standing in (*standings, *earlier) if standing.payload])
    compared = EarlierPeriod(before.label, dict(name_results(earlier))) if before and earlier else None
    payments = _read_payments(recorded, policy, label, standings)
    return StatementInput(period, decided, OtherPeople.of(names), compared, payments)


def _read_payments(recorded: Recorded, policy: str, label: str, standings: Sequence[Standing]) -> RecordedPayments:
    runs = recorded.of(policy, label)
    adjustments: defaultdict[str, list[Adjustment]] = defaultdict(list)
    for run in runs:
        for adjustment in stop_if_rejected(list, read_adjustments(recorded, run)):
            adjustments[adjustment.subject].append(adjustment)
    payables = stop_if_rejected(find_payable, recorded, runs[0])
    reasons = {
        standing.payload.facts.subject: standing.run.reason
        for standing in standings
        if standing.payload and standing.run.corrects is not None
    }
    return RecordedPayments(adjustments, payables, reasons)
