"""Who gets a statement, from facts or from a record, and what was decided about them in the period before."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from attrs import field, frozen

from scorecore.analysis.explain import Explanation, explain
from scorecore.analysis.period_split import NetChange, PeriodSplit
from scorecore.diagnostics.diagnostic import Diagnostics
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
from scorecore.record.people.contest import find_deadlines
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.values.period import Period
from scorecore_cli.assessment_input import Assessment, parse_period, stop
from scorecore_cli.earlier_periods import EarlierPeriod, find_earlier, has_facts, list_standings, name_results
from scorecore_cli.language import _
from scorecore_cli.objection_view import ShownObjection, describe_contested
from scorecore_cli.record_file import now, stop_if_rejected
from scorecore_cli.statements.objection_words import Objection
from scorecore_cli.statements.privacy import OtherPeople
from scorecore_cli.statements.statement import RecordedPayments, StatementWriter


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
    before: Mapping[str, DecidedSubject] = field(factory=dict)
    """By id who was decided in the period before, as far as facts of then are known."""
    period_before: Period | None = None
    _splits: dict[tuple[int, int], PeriodSplit] = field(factory=dict, init=False, repr=False, eq=False)

    def make_writer(self, objection: Objection) -> StatementWriter:
        return StatementWriter(self.people, self.earlier, self.payments, objection, self._split)

    def _split(self, subject: str) -> NetChange | None:
        """Why somebody's net pay is not what it was; None where that is not known."""
        now, before = self._by_id.get(subject), self.before.get(subject)
        if now is None or before is None or self.period_before is None:
            return None
        key = id(before.program), id(now.program)
        if key not in self._splits:
            self._splits[key] = PeriodSplit.of(before.program, self.period_before, now.program, self.period)
        return self._splits[key].split(before.facts, now.facts)

    @cached_property
    def _by_id(self) -> Mapping[str, DecidedSubject]:
        return {decided.facts.subject: decided for decided in self.subjects}

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
    earlier = find_earlier(assessment)
    before = _read_facts_before(runner, assessment) if earlier else {}
    return StatementInput(period, decided, people, earlier, before=before, period_before=program.period.ago(period, 1))


def _read_facts_before(runner: PeriodRunner, assessment: Assessment) -> dict[str, DecidedSubject]:
    """Everybody by their facts of the period before; nobody where these are not given."""
    program = assessment.program
    period = program.period.ago(assessment.period, 1)
    if period is None or not has_facts(program, assessment.raw, period):
        return {}
    facts = runner.facts(period, assessment.raw, Diagnostics())
    if facts is None:
        return {}
    subjects = extract_subject_facts(program, facts, range(len(facts)))
    everybody = SubjectEvaluator.of(program, period).add_group_values(list(subjects))
    return {subject.subject: DecidedSubject(program, subject) for subject in everybody}


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
    decided = list(_list_decided(recorded, standings))
    names = _list_names([standing.payload.facts for standing in (*standings, *earlier) if standing.payload])
    compared = EarlierPeriod(before.label, dict(name_results(earlier))) if before and earlier else None
    payments = _read_payments(recorded, policy, label, standings)
    known_before = {subject.facts.subject: subject for subject in _list_decided(recorded, earlier)}
    return StatementInput(period, decided, OtherPeople.of(names), compared, payments, known_before, before)


def _list_decided(recorded: Recorded, standings: Sequence[Standing]) -> Iterator[DecidedSubject]:
    for standing in standings:
        if standing.payload:
            yield DecidedSubject(stop_if_rejected(recorded.program, standing.run), standing.payload.facts)


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
    objections, objecting = _read_objections(recorded, policy, label), _find_last_days(recorded, standings)
    return RecordedPayments(adjustments, payables, reasons, objections, objecting)


def _read_objections(recorded: Recorded, policy: str, label: str) -> dict[str, list[str]]:
    """By id what people have objected to in a period, and what became of it."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for objection in recorded.people.objections.values():
        if (objection.run.id, objection.run.period) == (policy, label):
            shown = stop_if_rejected(ShownObjection.of, recorded, objection, now())
            if shown.text is not None:
                figures = {
                    "day": objection.at.date(),
                    "what": describe_contested(recorded, shown),
                    "state": shown.state,
                }
                lines[shown.text.subject].append(_("You objected on {day}: {what}; {state}.", **figures))
    return lines


def _find_last_days(recorded: Recorded, standings: Sequence[Standing]) -> dict[str, date]:
    """By id the last day on which somebody may object to the decision in force."""
    last_days: dict[int, date | None] = {}
    for run in {standing.run.number: standing.run for standing in standings}.values():
        last_days[run.number] = stop_if_rejected(find_deadlines, recorded, run, run.in_force_at).objecting
    return {
        standing.payload.facts.subject: last_day
        for standing in standings
        if standing.payload and (last_day := last_days[standing.run.number])
    }
