"""What a run pays by the record, and whether a payroll pays it: to everybody, and to nobody else."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import NET, Decisions
from scorecore.evaluate.result_tables import decisions_table
from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import (
    Adjustment,
    decided_subjects,
    post_runs,
    read_adjustments,
)
from scorecore.record.log.entries import ERASED
from scorecore.record.runs.manifest import Run
from scorecore.record.runs.recorded import Recorded

ADJUSTMENT: Final = "adjustment"
TO_PAY: Final = "to_pay"
NAME: Final = "name"
"""A fact with this name is shown beside the id."""


@frozen
class Payable:
    """What one subject is paid for a period."""

    subject: str
    net: Decimal = Decimal(0)
    """Of the period itself."""
    adjustment: Decimal = Decimal(0)
    """Of earlier periods."""
    partial: bool = False
    """Whether a line is held."""

    @property
    def to_pay(self) -> Decimal:
        return self.net + self.adjustment


def find_payable(recorded: Recorded, run: Run) -> dict[str, Payable]:
    """By subject what a run pays, without erased subjects: its decisions, and what is owed of earlier periods.

    A correction paid apart pays what it adds to the result in force; another pays nothing. Raises RecordRejected.
    """
    payables: dict[str, Payable] = {}
    if run.corrects is None or run.apart:
        before = [earlier for earlier in recorded.of(run.id, run.period) if earlier.settled < run.start]
        unpaid = {earlier.number for earlier in before if earlier.corrects and not earlier.apart}
        concerned = decided_subjects(recorded, run)

        def is_paid(posted: Run) -> bool:
            return posted.number not in unpaid

        accounts = post_runs(recorded, before, is_paid, concerned) if before else {}
        paid = {pseudonym: account.net for pseudonym, account in accounts.items()}
        for pseudonym, account in post_runs(recorded, [*before, run], is_paid, concerned).items():
            net = account.net - paid.get(pseudonym, Decimal(0))
            payables[account.subject] = Payable(account.subject, net, partial=account.partial)
    for adjustment in read_adjustments(recorded, run):
        payable = payables.get(adjustment.subject, Payable(adjustment.subject))
        payables[payable.subject] = evolve(payable, adjustment=payable.adjustment + adjustment.effect)
    return payables


def compare_payroll(
    recorded: Recorded, run: Run, paid: Mapping[str, tuple[Decimal | None, Location]]
) -> list[Diagnostic]:
    """What is wrong with the payroll of a run: by id the amount, and its place; raises RecordRejected.

    An amount that could not be read is None, and is not compared.
    """
    due, erased = find_payable(recorded, run), _erased_pseudonyms(recorded, run)
    record = Location(str(recorded.log.path), 0, 0)
    diagnostics: list[Diagnostic] = []
    perhaps_erased = _find_perhaps_erased(recorded, paid.keys() - due.keys(), erased)
    for subject in sorted(due.keys() | paid.keys()):
        amount, place = paid.get(subject, (Decimal(0), record))
        if subject in perhaps_erased:
            diagnostics.append(_diagnostic(catalogue.PAID_ERASED, place, id=subject, paid=amount))
        elif subject not in due:
            diagnostics.append(_diagnostic(catalogue.PAID_UNKNOWN, place, id=subject, paid=amount, period=run.period))
        elif subject not in paid:
            to_pay = due[subject].to_pay
            diagnostics.append(_diagnostic(catalogue.NOT_PAID, record, id=subject, amount=to_pay, period=run.period))
        elif amount is not None and amount != due[subject].to_pay:
            to_pay = due[subject].to_pay
            diagnostics.append(_diagnostic(catalogue.PAID_OTHERWISE, place, id=subject, paid=amount, recorded=to_pay))
        elif due[subject].partial:
            diagnostics.append(_diagnostic(catalogue.PAID_HELD, place, id=subject, paid=amount))
    return diagnostics


def _find_perhaps_erased(recorded: Recorded, unknown: Collection[str], erased: set[str]) -> set[str]:
    """Those of whom something was erased, as far as anybody can say: no more than there are."""
    if recorded.log.finds_erased:
        return {subject for subject in unknown if recorded.log.pseudonym(subject) in erased}
    return set(unknown) if len(unknown) <= len(erased) else set()


def _erased_pseudonyms(recorded: Recorded, run: Run) -> set[str]:
    """The pseudonyms of the subjects of whom something of a run was erased."""
    payloads = recorded.log.payloads(run.entries.start, run.entries.stop)
    return {str(entry.subject) for entry, payload in payloads if payload is ERASED}


def _diagnostic(kind: DiagnosticKind, place: Location, **figures: object) -> Diagnostic:
    def text(figure: object) -> str:
        return format_amount(figure) if isinstance(figure, Decimal) else "—" if figure is None else str(figure)

    return Diagnostic(kind, place, {name: text(figure) for name, figure in figures.items()})


def format_amount(amount: Decimal) -> str:
    """An amount with all of its digits, at least two of them decimal places: what differs must look different.

    >>> [format_amount(Decimal(text)) for text in ("1234.5", "100.004", "-0.10000", "7")]
    ['1,234.50', '100.004', '-0.10', '7.00']
    """
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{places}f}"


# as tables


def payroll_table(decisions: Decisions, adjustments: Sequence[Adjustment]) -> pl.DataFrame:
    """A row for each subject who is paid: id, name, period, net pay, adjustment of earlier periods, and the sum.

    A subject with an adjustment and no decision in this period is there, too.
    """
    program, subject = decisions.program, decisions.program.schema.subject
    owed: dict[str, Decimal] = {}
    for adjustment in adjustments:
        owed[adjustment.subject] = owed.get(adjustment.subject, Decimal(0)) + adjustment.effect
    decided = decisions_table(decisions).select(subject, NET)
    rows = [(subject_id, net, owed.pop(subject_id, Decimal(0))) for subject_id, net in decided.iter_rows()]
    rows += [(subject_id, Decimal(0), amount) for subject_id, amount in sorted(owed.items())]
    names = None
    if NAME in decisions.facts.subjects.columns:
        shown = decisions.facts.subjects[NAME].cast(pl.String).to_list()
        names = dict(zip(decided[subject], shown, strict=True))
    return build_payroll(program, decisions.facts.period.label, rows, names)


def build_payroll(
    program: Program,
    period: str,
    rows: Sequence[tuple[str, Decimal, Decimal]],
    names: Mapping[str, str | None] | None,
) -> pl.DataFrame:
    """The payroll of subjects with their net pay and what is owed of earlier periods; with `names` if there are any."""
    subject = program.schema.subject
    money = pl.Decimal(38, _places(amount for _, *amounts in rows for amount in amounts))
    columns: dict[str, list[str | None] | pl.Series] = {subject: [subject_id for subject_id, _, _ in rows]}
    if names is not None:
        columns[NAME] = [names.get(subject_id) for subject_id, _, _ in rows]
    columns["period"] = [period] * len(rows)
    columns[NET] = pl.Series([net for _, net, _ in rows], dtype=money)
    columns[ADJUSTMENT] = pl.Series([amount for _, _, amount in rows], dtype=money)
    columns[TO_PAY] = pl.Series([net + amount for _, net, amount in rows], dtype=money)
    texts = {name: pl.String for name in (subject, NAME, "period") if name in columns}
    return pl.DataFrame(columns, schema_overrides=texts)


def apart_table(program: Program, adjustments: Sequence[Adjustment]) -> pl.DataFrame:
    """A row for each subject and period that a correction pays by itself: id, period, and the sum."""
    sums: dict[tuple[str, str], Decimal] = {}
    for adjustment in adjustments:
        key = adjustment.period, adjustment.subject
        sums[key] = sums.get(key, Decimal(0)) + adjustment.effect
    rows = [(subject_id, period, amount) for (period, subject_id), amount in sorted(sums.items())]
    names = (program.schema.subject, "period", TO_PAY)
    types = (pl.String, pl.String, pl.Decimal(38, _places(sums.values())))
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


def adjustments_table(program: Program, adjustments: Sequence[Adjustment]) -> pl.DataFrame:
    """A row for each line of an earlier period that is paid later: id, period, line, label, amount, effect, run."""
    names = (program.schema.subject, "period", "line", "label", "amount", "effect", "run")
    rows = [
        (
            adjustment.subject,
            adjustment.period,
            adjustment.line,
            program.step(adjustment.line).label if program.has_step(adjustment.line) else "",
            adjustment.amount,
            adjustment.effect,
            adjustment.run,
        )
        for adjustment in adjustments
    ]
    money = pl.Decimal(38, _places(adjustment.amount for adjustment in adjustments))
    types = (pl.String, pl.String, pl.String, pl.String, money, money, pl.Int64)
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


def _places(amounts: Iterable[Decimal]) -> int:
    """How many decimal places all of them need; money has two at least."""
    return max((2, *(-int(amount.as_tuple().exponent) for amount in amounts)))
