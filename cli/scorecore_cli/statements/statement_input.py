"""Who gets a statement, from facts or from a record, and what was decided about them in the period before."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl
from attrs import frozen

from scorecore.analysis.explain import Explanation, explain
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.decisions import NET
from scorecore.evaluate.result_tables import decisions_table
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.headings import is_heading
from scorecore.facts.model import SubjectFacts
from scorecore.facts.period_cells import find_period_heading, list_periods, read_periods
from scorecore.facts.raw import RawTable, convert_to_text
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program, result_name
from scorecore.record.corrections.adjustments import Adjustment, read_adjustments
from scorecore.record.corrections.payroll import NAME, find_payable
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.values.period import Period
from scorecore_cli.assessment_input import Assessment, parse_period, stop
from scorecore_cli.record_file import stop_if_rejected
from scorecore_cli.statements.privacy import OtherPeople
from scorecore_cli.statements.statement import EarlierPeriod, RecordedPayments


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
    return StatementInput(period, decided, people, _find_earlier(assessment, runner))


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


def _find_earlier(assessment: Assessment, runner: PeriodRunner) -> EarlierPeriod | None:
    """What was decided of the period before: by the history, or else by its facts."""
    program, raw = assessment.program, assessment.raw
    period = program.period.ago(assessment.period, 1)
    if period is None:
        return None
    from_history = _read_history(program, raw.get(HISTORY), period)
    if any(NET in results for results in from_history.values()) or not _has_facts(program, raw, period):
        return EarlierPeriod(period.label, from_history) if from_history else None
    decisions = runner.decide(period, raw, Diagnostics(), ledgers=False)
    if decisions is None:
        return None
    subject = program.schema.subject
    rows = decisions_table(decisions).iter_rows(named=True)
    return EarlierPeriod(period.label, {row[subject]: _known(row) for row in rows})


def _has_facts(program: Program, raw: Mapping[str, RawTable], period: Period) -> bool:
    table = raw.get(program.schema.subject)
    names = {name for column in program.schema.columns for name in (column.name, column.label)} - {""}
    return table is not None and program.in_force(period) and period.label in list_periods(table, program.period, names)


def _read_history(program: Program, table: RawTable | None, period: Period) -> dict[str, Mapping[str, Any]]:
    """The results of one period among the decisions of earlier ones, by subject."""
    heading = find_period_heading(table.frame, program.period) if table else None
    if table is None or heading is None:
        return {}
    names = {program.schema.subject, program.schema.label} - {""}
    subject = next((column for column in table.frame.columns if is_heading(column, names)), None)
    if subject is None:
        return {}
    rows = table.frame.filter(read_periods(table.frame[heading], program.period).labels == period.label)
    kinds = _list_kinds(program)
    shown = [column for column in rows.columns if column in kinds]
    texts = pl.DataFrame([convert_to_text(rows[column]).alias(column) for column in (subject, *shown)])
    return {
        row[subject]: {name: value for name in shown if (value := _typed(row[name], is_number=kinds[name])) is not None}
        for row in texts.iter_rows(named=True)
        if row[subject]
    }


def _list_kinds(program: Program) -> dict[str, bool]:
    """The results of a program by their names, and whether each is a number."""
    kinds = {result_name(name): program.step(name).type.is_number for name in program.results()}
    return kinds | ({NET: True} if program.pay else {})


def _typed(text: str | None, *, is_number: bool) -> Decimal | str | None:
    if text is None or not is_number:
        return text
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _known(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: Decimal(value) if type(value) is int else value for name, value in row.items() if value is not None}


# from a record


def read_recorded(recorded: Recorded, policy: str, label: str) -> StatementInput:
    """What a record has of a period, and of the one before it; ends the command where the record cannot be read."""
    standings = _list_standings(recorded, policy, label)
    program = stop_if_rejected(recorded.program, recorded.of(policy, label)[-1])
    period = parse_period(program, label)
    before = program.period.ago(period, 1)
    earlier = _list_standings(recorded, policy, before.label) if before else []
    decided = [
        DecidedSubject(stop_if_rejected(recorded.program, standing.run), standing.payload.facts)
        for standing in standings
        if standing.payload
    ]
    names = _list_names([standing.payload.facts for standing in (*standings, *earlier) if standing.payload])
    compared = EarlierPeriod(before.label, dict(map(_recorded_results, earlier))) if before and earlier else None
    payments = _read_payments(recorded, policy, label, standings)
    return StatementInput(period, decided, OtherPeople.of(names), compared, payments)


def _list_standings(recorded: Recorded, policy: str, label: str) -> list[Standing]:
    """What is in force for everybody who was not erased, in the order of their ids."""
    standings = stop_if_rejected(recorded.standing, policy, label).values()
    return sorted(
        (standing for standing in standings if standing.payload),
        key=lambda standing: standing.payload.facts.subject if standing.payload else "",
    )


def _recorded_results(standing: Standing) -> tuple[str, Mapping[str, Any]]:
    assert standing.payload is not None  # noqa: S101  those that were erased are left out
    values: dict[str, Any] = {}
    for name, value in standing.payload.result["values"].items():
        number = None if isinstance(value, bool) else _typed(str(value), is_number=True)
        values[result_name(name)] = value if number is None else number
    return standing.payload.facts.subject, values


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
