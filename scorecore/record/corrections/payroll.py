"""What a run pays by the record, and whether a payroll pays it: to everybody, and to nobody else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import NET, Decisions
from scorecore.evaluate.tables import decisions_table
from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import (
    Adjustment,
    accounts_of,
    adjustments_in,
    subjects_of,
)
from scorecore.record.log.entries import ERASED
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import DECISION, Run

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


def payable(recorded: Recorded, run: Run) -> dict[str, Payable]:
    """By subject what a run pays, without those who were erased: its decisions, and what is owed of earlier periods.

    A correction that is paid apart pays what it adds to what stood; another one pays nothing. Raises Refused.
    """
    found: dict[str, Payable] = {}
    if run.corrects is None or run.apart:
        before = [one for one in recorded.of(run.id, run.period) if one.number < run.number]
        unpaid = {one.number for one in before if one.corrects and not one.apart}
        names = subjects_of(recorded, run)
        accounts = accounts_of(recorded, before, lambda one: one.number not in unpaid, names) if before else {}
        paid = {name: one.net for name, one in accounts.items()}
        accounts = accounts_of(recorded, [*before, run], lambda one: one.number not in unpaid, names)
        for name, one in accounts.items():
            net = one.net - paid.get(name, Decimal(0))
            found[one.subject] = Payable(one.subject, net, partial=one.partial)
    for adjustment in adjustments_in(recorded, run):
        mine = found.get(adjustment.subject, Payable(adjustment.subject))
        found[mine.subject] = evolve(mine, adjustment=mine.adjustment + adjustment.effect)
    return found


def faults(recorded: Recorded, run: Run, paid: Mapping[str, tuple[Decimal | None, Location]]) -> list[Diagnostic]:
    """What is wrong with the payroll of a run: by id the amount, and where it stands; raises Refused.

    An amount that could not be read is None, and nothing is said of it.
    """
    due, erased = payable(recorded, run), _erased(recorded, run)
    place = Location(str(recorded.log.path), 0, 0)
    found: list[Diagnostic] = []
    for name in sorted(due.keys() | paid.keys()):
        one = due.get(name)
        amount, where = paid.get(name, (Decimal(0), place))
        if recorded.log.pseudonym(name) in erased:
            found.append(_diagnostic(catalogue.PAID_ERASED, where, id=name, paid=amount))
        elif one is None:
            found.append(_diagnostic(catalogue.PAID_UNKNOWN, where, id=name, paid=amount, period=run.period))
        elif name not in paid:
            found.append(_diagnostic(catalogue.NOT_PAID, place, id=name, amount=one.to_pay, period=run.period))
        elif amount is not None and amount != one.to_pay:
            found.append(_diagnostic(catalogue.PAID_OTHERWISE, where, id=name, paid=amount, recorded=one.to_pay))
        elif one.partial:
            found.append(_diagnostic(catalogue.PAID_HELD, where, id=name, paid=amount))
    return found


def _erased(recorded: Recorded, run: Run) -> set[str]:
    """The pseudonyms of those of whom something of a run was erased."""
    kept = recorded.log.payloads(run.entries.start, run.entries.stop)
    return {str(entry.subject) for entry, data in kept if data is ERASED}


def miscounted(recorded: Recorded) -> Iterator[Diagnostic]:
    """Runs that do not have as many decisions as they say, or leave out some of their subjects."""
    for run in recorded.runs:
        several = recorded.log.entries(run.entries.start, run.entries.stop)
        count = sum(one.kind == DECISION for one in several)
        said = [run.close["decisions"], *([] if run.corrects else [run.close["subjects"]])]
        if any(one != count for one in said):
            place = Location(str(recorded.log.path), 0, 0)
            yield _diagnostic(catalogue.COUNT_DIFFERS, place, number=run.number, said=said[-1], found=count)


def _diagnostic(kind: DiagnosticKind, place: Location, **params: object) -> Diagnostic:
    def text(value: object) -> str:
        return f"{value:,.2f}" if isinstance(value, Decimal) else "—" if value is None else str(value)

    return Diagnostic(kind, place, {name: text(value) for name, value in params.items()})


# as tables


def payroll_table(made: Decisions, adjustments: Sequence[Adjustment]) -> pl.DataFrame:
    """A row for each subject who is paid: id, name, period, net pay, adjustment of earlier periods, and the sum.

    Who has an adjustment and no decision in this period is there, too.
    """
    subject, label = made.program.schema.subject, made.facts.period.label
    owed: dict[str, Decimal] = {}
    for one in adjustments:
        owed[one.subject] = owed.get(one.subject, Decimal(0)) + one.effect
    decided = decisions_table(made).select(subject, NET)
    rows = [(who, net, owed.pop(who, Decimal(0))) for who, net in decided.iter_rows()]
    rows += [(who, Decimal(0), amount) for who, amount in sorted(owed.items())]
    money = pl.Decimal(38, _places(one for _, *several in rows for one in several))
    columns: dict[str, list[str | None] | pl.Series] = {subject: [who for who, _, _ in rows]}
    if NAME in made.facts.subjects.columns:
        names = made.facts.subjects[NAME].cast(pl.String).to_list()
        columns[NAME] = [*names, *[None] * (len(rows) - len(names))]
    columns["period"] = [label] * len(rows)
    columns[NET] = pl.Series([net for _, net, _ in rows], dtype=money)
    columns[ADJUSTMENT] = pl.Series([amount for _, _, amount in rows], dtype=money)
    columns[TO_PAY] = pl.Series([net + amount for _, net, amount in rows], dtype=money)
    return pl.DataFrame(columns, schema_overrides={one: pl.String for one in (subject, NAME) if one in columns})


def apart_table(program: Program, adjustments: Sequence[Adjustment]) -> pl.DataFrame:
    """A row for each subject and period that a correction pays by itself: id, period, and the sum."""
    sums: dict[tuple[str, str], Decimal] = {}
    for one in adjustments:
        sums[one.period, one.subject] = sums.get((one.period, one.subject), Decimal(0)) + one.effect
    rows = [(who, period, amount) for (period, who), amount in sorted(sums.items())]
    names = (program.schema.subject, "period", TO_PAY)
    types = (pl.String, pl.String, pl.Decimal(38, _places(sums.values())))
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


def adjustments_table(program: Program, adjustments: Sequence[Adjustment]) -> pl.DataFrame:
    """A row for each line of an earlier period that is paid later: id, period, line, label, amount, effect, run."""
    names = (program.schema.subject, "period", "line", "label", "amount", "effect", "run")
    rows = [
        (
            one.subject,
            one.period,
            one.line,
            program.step(one.line).label if program.has_step(one.line) else "",
            one.amount,
            one.effect,
            one.run,
        )
        for one in adjustments
    ]
    money = pl.Decimal(38, _places(one.amount for one in adjustments))
    types = (pl.String, pl.String, pl.String, pl.String, money, money, pl.Int64)
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


def _places(amounts: Iterable[Decimal]) -> int:
    """How many digits behind the point all of them need; money has two at least."""
    return max((2, *(-int(one.as_tuple().exponent) for one in amounts)))
