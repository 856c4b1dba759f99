"""What was decided in the periods before: by a record, by the history, or by the facts of the period before."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import polars as pl
from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.decisions import NET
from scorecore.evaluate.result_tables import decisions_table
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.headings import is_heading
from scorecore.facts.period_cells import find_period_heading, list_periods, read_periods
from scorecore.facts.raw import RawTable, convert_to_text
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program, result_name
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.values.period import Period
from scorecore_cli.assessment_input import Assessment
from scorecore_cli.record_file import stop_if_rejected

MAX_PERIODS: Final = 11
"""A year with the period that is decided; earlier ones are not looked at."""


@frozen
class EarlierPeriod:
    """What was decided in a period before, by subject and the name of each result."""

    label: str
    results: Mapping[str, Mapping[str, Any]]


def list_earlier_periods(assessment: Assessment, recorded: Recorded | None = None) -> list[EarlierPeriod]:
    """The periods before that are known, ascending."""
    program, period = assessment.program, assessment.period
    earlier_periods = []
    for _ in range(MAX_PERIODS):
        before = program.period.ago(period, 1)
        if before is None:
            break
        results = read_recorded_results(recorded, program.id, before.label) if recorded else {}
        results = results or _read_history(program, assessment.raw.get(HISTORY), before)
        period = before
        if any(NET in of_subject or "score.total" in of_subject for of_subject in results.values()):
            earlier_periods.append(EarlierPeriod(before.label, results))
    last = find_earlier(assessment) if recorded is None else None
    if last and last.label not in {known.label for known in earlier_periods}:
        earlier_periods.append(last)
    return sorted(earlier_periods, key=lambda known: known.label)


def find_earlier(assessment: Assessment) -> EarlierPeriod | None:
    """What was decided of the period before: by the history, or else by its facts."""
    program, raw = assessment.program, assessment.raw
    period = program.period.ago(assessment.period, 1)
    if period is None:
        return None
    from_history = _read_history(program, raw.get(HISTORY), period)
    if any(NET in results for results in from_history.values()) or not has_facts(program, raw, period):
        return EarlierPeriod(period.label, from_history) if from_history else None
    runner = PeriodRunner(program, assessment.used, known_at=assessment.known_at)
    decisions = runner.decide(period, raw, Diagnostics(), ledgers=False)
    if decisions is None:
        return None
    subject = program.schema.subject
    rows = decisions_table(decisions).iter_rows(named=True)
    return EarlierPeriod(period.label, {row[subject]: _known(row) for row in rows})


def has_facts(program: Program, raw: Mapping[str, RawTable], period: Period) -> bool:
    """Whether facts of a period are given, in which the policy is in force."""
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


def read_recorded_results(recorded: Recorded, policy: str, label: str) -> dict[str, Mapping[str, Any]]:
    """What a record has of a period, by subject."""
    return dict(name_results(list_standings(recorded, policy, label)))


def list_standings(recorded: Recorded, policy: str, label: str) -> list[Standing]:
    """What is in force for everybody who was not erased, in the order of their ids."""
    standings = stop_if_rejected(recorded.standing, policy, label).values()
    return sorted(
        (standing for standing in standings if standing.payload),
        key=lambda standing: standing.payload.facts.subject if standing.payload else "",
    )


def name_results(standings: Sequence[Standing]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The results of recorded decisions by subject and name."""
    for standing in standings:
        if standing.payload:
            values: dict[str, Any] = {}
            for name, value in standing.payload.result["values"].items():
                number = None if isinstance(value, bool) else _typed(str(value), is_number=True)
                values[result_name(name)] = value if number is None else number
            yield standing.payload.facts.subject, values
