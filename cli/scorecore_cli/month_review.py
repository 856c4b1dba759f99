"""What is to be known of a month before it is recorded: facts that are wrong, results that are odd, what has moved."""

from collections.abc import Iterator

from attrs import evolve, frozen

from scorecore.analysis.odd_results import find_odd_results, locate_subject
from scorecore.analysis.reconciliation import PeriodSide, Reconciliation, describe_side, name_people
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.history import list_decided
from scorecore.facts.period_cells import list_periods
from scorecore.language.expressions import HISTORY
from scorecore.record.corrections.payroll import ADJUSTMENT, TO_PAY, format_amount, payroll_table
from scorecore.record.record_run import Signed
from scorecore.record.runs.last_period import read_last_period
from scorecore.record.runs.recorded import Recorded
from scorecore_cli.assessment_input import Assessment
from scorecore_cli.fact_faults import find_faults, find_unnoticed
from scorecore_cli.record_file import stop_if_rejected
from scorecore_cli.terminal import has_errors


@frozen
class MonthReview:
    """What was found before anything is recorded."""

    is_refused: bool
    """Whether a fact was refused, or a row has no place."""
    notes: tuple[Diagnostic, ...]
    """Faults that hold nobody, so that nobody would read of them beside a person, and what is odd."""
    reconciliation: Reconciliation | None
    """The period beside the one before; None where nothing is known of an earlier one."""
    waiting: frozenset[str] = frozenset()
    """Those of whom an earlier period could not be decided because nothing is known of the time before the facts."""


def review_month(
    runner: PeriodRunner, assessment: Assessment, decisions: Decisions, recorded: Recorded | None
) -> MonthReview:
    """Look at the facts that were decided on, at the results, and at the period before."""
    review = review_facts(runner, assessment, decisions)
    reconciliation = _reconcile(runner, assessment, decisions, recorded)
    if reconciliation is None:
        return review
    place = Location(decisions.facts.source, 0, 0)
    notes = (*reconciliation.notes(place), *_find_left_out(assessment, reconciliation), *review.notes)
    return evolve(review, notes=notes, reconciliation=reconciliation)


def _find_left_out(assessment: Assessment, reconciliation: Reconciliation) -> Iterator[Diagnostic]:
    """A note if the earlier decisions lack people of the period before, who would count as new."""
    program, past, before = assessment.program, assessment.raw.get(HISTORY), reconciliation.before
    if past is None or not program.schema.history:
        return
    decided = list_decided(past, program.schema, program.period, before.label)
    left_out = sorted((before.ids & reconciliation.current.ids) - decided)
    if decided and left_out:
        params = {"count": str(len(left_out)), "before": before.label, "who": name_people(left_out)}
        yield Diagnostic(catalogue.LEFT_OUT_OF_HISTORY, past.locate(0), params)


def review_facts(runner: PeriodRunner, assessment: Assessment, decisions: Decisions) -> MonthReview:
    """Look at every cell of the facts that were decided on, and not only at those that a result has needed."""
    faults = find_faults(runner, decisions, assessment.raw)
    unnoticed = find_unnoticed(faults, decisions, assessment.diagnostics)
    notes = sorted((*unnoticed, *find_odd_results(decisions)), key=lambda note: (note.location, note.kind.code))
    waiting = runner.find_waiting_for_history(assessment.period, assessment.raw)
    return MonthReview(
        has_errors(faults) or has_errors(assessment.diagnostics),
        tuple(notes),
        None,
        frozenset(waiting[1] if waiting else ()),
    )


def _reconcile(
    runner: PeriodRunner, assessment: Assessment, decisions: Decisions, recorded: Recorded | None
) -> Reconciliation | None:
    """The period beside the last one of the record, or else the last one of the facts."""
    program, label = assessment.program, assessment.period.label
    last = None
    if recorded is not None:
        last = stop_if_rejected(read_last_period, recorded, program, label)
    if last is None:
        last = _decide_last_period(runner, assessment)
    return None if last is None else Reconciliation(program, last, describe_side(decisions))


def _decide_last_period(runner: PeriodRunner, assessment: Assessment) -> PeriodSide | None:
    """The last period before this one that the facts have rows for."""
    program = assessment.program
    table = assessment.raw.get(program.schema.subject)
    names = {text for column in program.schema.columns for text in (column.name, column.label)} - {""}
    labels = list_periods(table, program.period, names) if table and table.frame.width else ()
    periods = filter(None, map(program.period.period, labels))
    earlier = [period for period in periods if period < assessment.period and program.in_force(period)]
    if not earlier:
        return None
    decisions = runner.decide(max(earlier), assessment.raw, Diagnostics(), ledgers=False)
    return None if decisions is None else describe_side(decisions)


def find_odd_payments(decisions: Decisions, signed: Signed | None) -> tuple[Diagnostic, ...]:
    """A note for each person who would have to pay because of corrections of earlier periods."""
    if signed is None or not signed.adjustments:
        return ()
    numbers = {subject: number for number, subject in enumerate(decisions.facts.ids)}
    payroll = payroll_table(decisions, signed.adjustments).select(decisions.program.schema.subject, ADJUSTMENT, TO_PAY)
    return tuple(
        Diagnostic(
            catalogue.TO_PAY_NEGATIVE,
            locate_subject(decisions.facts, numbers[subject]) if subject in numbers else Location(subject, 0, 0),
            {"id": subject, "amount": format_amount(to_pay)},
        )
        for subject, adjustment, to_pay in payroll.rows()
        if adjustment and to_pay < 0
    )
