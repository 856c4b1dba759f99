"""A payroll that somebody hands in: which table and columns of a file it is, held against a record."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl
import rich_click as click
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import NET
from scorecore.facts.convert import convert_column
from scorecore.facts.headings import PERIOD_HEADINGS
from scorecore.facts.raw import RawTable
from scorecore.facts.readable import make_readable
from scorecore.io.readers import read_facts
from scorecore.program.model import Program
from scorecore.record.corrections.payroll import TO_PAY, compare_payroll
from scorecore.record.runs.manifest import Run
from scorecore.record.runs.recorded import Recorded
from scorecore.values.types import Type, TypeKind, to_units
from scorecore_cli.assessment_input import select_diagnostics, stop
from scorecore_cli.labels import labeller, type_label
from scorecore_cli.language import _, in_every_language
from scorecore_cli.record_file import stop_if_rejected

PAYROLL: Final = "payroll"
_MAX_AMOUNT: Final = to_units(Decimal(10) ** 14)
_AMOUNT: Final = Type(TypeKind.DECIMAL, -_MAX_AMOUNT, _MAX_AMOUNT, 4)


@frozen
class PayrollComparison:
    """How many a payroll pays, and what is wrong with it."""

    people: int
    diagnostics: tuple[Diagnostic, ...]

    @property
    def partial(self) -> int:
        """Of how many a pay line is held, so that they are paid in part."""
        return sum(diagnostic.kind is catalogue.PAID_HELD for diagnostic in self.diagnostics)


@frozen
class PayrollRequest:
    """What the command line says of a payroll; empty where the file says it."""

    path: Path
    period: str = ""
    policy: str = ""
    """The id."""
    amount: str = ""
    """The heading of the amounts."""
    run: int | None = None
    """The number of the run that is paid; else it is the first one of the period."""
    encoding: str = "utf-8"


def check_payroll_file(recorded: Recorded, asked: PayrollRequest) -> PayrollComparison:
    """Hold a payroll against a record; ends the command where it cannot be read."""
    in_file, diagnostics = Diagnostics(), Diagnostics()
    tables = read_facts(asked.path, in_file, asked.encoding)
    if not tables:
        stop(tuple(in_file), {})
    table, program = _find_payroll_table(tables), _find_program(recorded, asked.policy)
    for diagnostic in select_diagnostics(in_file, tables, table):
        diagnostics.take(diagnostic)
    rows = _read_payments(program, table, asked, diagnostics)
    asked_periods = [asked.period] if asked.period else []  # even if nobody is paid for it
    if not rows and not asked_periods:
        raise click.UsageError(_("the payroll pays nobody; name the period that it should pay with --period"))
    for paid_period in dict.fromkeys([*asked_periods, *(period for period, _id, _amount in rows)]):
        run = _find_run(recorded, program.id, paid_period, asked.run)
        paid: dict[str, tuple[Decimal | None, Location]] = {}
        for period, who, (amount, place) in rows:
            if period == paid_period and who in paid:
                diagnostics.add(catalogue.SUBJECT_TWICE, place, id=who)
            elif period == paid_period:
                paid[who] = amount, place
        for diagnostic in stop_if_rejected(compare_payroll, recorded, run, paid):
            diagnostics.take(diagnostic)
    return PayrollComparison(len(rows), tuple(diagnostics))


def _find_run(recorded: Recorded, policy: str, period: str, number: int | None) -> Run:
    """The run that a payroll pays."""
    runs = recorded.of(policy, period)
    paid_run = next((run for run in runs if number in {None, run.number}), None)
    if paid_run is None and number is None:
        raise click.UsageError(_("the record has no run of {period}", period=period))
    if paid_run is None:
        numbers = ", ".join(str(run.number) for run in runs)
        raise click.UsageError(
            _("run {number} is not one of {period}; there are {known}", number=number, period=period, known=numbers)
        )
    return paid_run


def _find_payroll_table(tables: Mapping[str, RawTable]) -> RawTable:
    named = (PAYROLL, *in_every_language(lambda: _("payroll")))
    payroll = next((tables[name] for name in named if name in tables), None)
    if payroll is None and len(tables) > 1:
        table_names = ", ".join(sorted(tables))
        raise click.UsageError(_("there is no table `{name}`; there are {known}", name=PAYROLL, known=table_names))
    return payroll or next(iter(tables.values()))


def _find_program(recorded: Recorded, policy: str) -> Program:
    """The last program of the policy that is paid."""
    paying = {
        run.id: run for run in recorded.runs if policy in {"", run.id} and stop_if_rejected(recorded.program, run).pay
    }
    if len(paying) != 1:
        policy_ids = ", ".join(sorted(paying or {run.id for run in recorded.runs}))
        raise click.UsageError(_("name the policy that is paid with --id: {known}", known=policy_ids))
    (run,) = paying.values()
    program: Program = stop_if_rejected(recorded.program, run)
    return program


def _read_payments(
    program: Program, table: RawTable, asked: PayrollRequest, diagnostics: Diagnostics
) -> list[tuple[str, str, tuple[Decimal | None, Location]]]:
    """Period, id, and the amount with its place; None for one that cannot be read, which is a diagnostic."""
    ids = _first_present(table, (program.schema.subject, program.schema.label, "id"))
    net = (TO_PAY, *in_every_language(lambda: _("to pay")), NET, *in_every_language(lambda: labeller(program)(NET)))
    amounts = _first_present(table, (asked.amount,) if asked.amount else net)
    periods = _first_present(table, PERIOD_HEADINGS)
    headings = ", ".join(table.frame.columns)
    if ids is None:
        subject_heading = program.schema.label or program.schema.subject
        raise click.UsageError(
            _(
                "no column is headed {wanted}, which says who is paid; there are {known}",
                wanted=subject_heading,
                known=headings,
            )
        )
    if amounts is None:
        raise click.UsageError(_("no column has the amounts; name one with --amount: {known}", known=headings))
    if periods is None and not asked.period:
        raise click.UsageError(_("the payroll has no column with the period; name it with --period"))
    numbers, bad = convert_column(_without_separators(table.frame[amounts]), _AMOUNT)
    values = pl.DataFrame([numbers.alias(amounts)]).select(make_readable(pl.col(amounts), _AMOUNT)).to_series()
    labels = _texts(table, periods) if periods else [asked.period] * len(table.frame)
    payments = []
    for index, (line, who, label) in enumerate(zip(table.row_numbers, _texts(table, ids), labels, strict=True)):
        place = table.locate(line, amounts)
        if not who or (asked.period and label and label != asked.period):
            continue
        if not label and not asked.period:
            diagnostics.add(catalogue.FACT_MISSING, table.locate(line, periods or ""), name=periods)
            continue
        if values[index] is None:
            kind, params = bad.get(index, (catalogue.FACT_MISSING, {}))
            params = params | ({"type": type_label(params["type"])} if "type" in params else {})
            diagnostics.add(kind, place, **{"name": amounts, **params})
        payments.append((label or asked.period, who, (values[index], place)))
    return payments


def _without_separators(amounts: pl.Series) -> pl.Series:
    """Amounts as people write them: without separators of thousands and signs of the currency."""
    return amounts.str.replace_all(r"[,，\s¥￥元]", "") if amounts.dtype == pl.String else amounts


def _first_present(table: RawTable, headings: Iterable[str]) -> str | None:
    """The first of some headings that the table has."""
    there = {column.strip(): column for column in table.frame.columns}
    return next((there[heading] for heading in headings if heading in there), None)


def _texts(table: RawTable, heading: str) -> Sequence[str | None]:
    text, _ = convert_column(table.frame[heading], Type(TypeKind.STRING))
    return text.to_list()
