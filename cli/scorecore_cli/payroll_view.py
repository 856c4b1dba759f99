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
from scorecore.facts.raw import PERIOD_HEADINGS, RawTable
from scorecore.facts.readable import make_readable
from scorecore.io.readers import read_facts
from scorecore.program.model import Program
from scorecore.record.corrections.payroll import TO_PAY, faults
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import Run
from scorecore.values.types import Type, TypeKind, to_units
from scorecore_cli.assessment_input import stop
from scorecore_cli.labels import labeller, type_name
from scorecore_cli.language import in_every_language, t
from scorecore_cli.record_file import refused

PAYROLL: Final = "payroll"
_MOST: Final = to_units(Decimal(10) ** 14)
_AMOUNT: Final = Type(TypeKind.DECIMAL, -_MOST, _MOST, 4)


@frozen
class Paid:
    """How many a payroll pays, and what is wrong with it."""

    people: int
    diagnostics: tuple[Diagnostic, ...]


@frozen
class Asked:
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


def compared(recorded: Recorded, asked: Asked) -> Paid:
    """Hold a payroll against a record; ends the command where it cannot be read."""
    diagnostics = Diagnostics()
    tables = read_facts(asked.path, diagnostics, asked.encoding)
    if not tables:
        stop(tuple(diagnostics), {})
    table, program = _table(tables), _program(recorded, asked.policy)
    rows = _rows(program, table, asked, diagnostics)
    for one in dict.fromkeys(period for period, _, _ in rows):
        run = _run(recorded, program.id, one, asked.run)
        paid: dict[str, tuple[Decimal | None, Location]] = {}
        for period, who, (amount, place) in rows:
            if period == one and who in paid:
                diagnostics.add(catalogue.SUBJECT_TWICE, place, id=who)
            elif period == one:
                paid[who] = amount, place
        for diagnostic in refused(faults, recorded, run, paid):
            diagnostics.take(diagnostic)
    return Paid(len(rows), tuple(diagnostics))


def _run(recorded: Recorded, policy: str, period: str, number: int | None) -> Run:
    """The run that a payroll pays."""
    several = recorded.of(policy, period)
    found = next((one for one in several if number in {None, one.number}), None)
    if found is None and number is None:
        raise click.UsageError(t("the record has no run of {period}", period=period))
    if found is None:
        known = ", ".join(str(one.number) for one in several)
        raise click.UsageError(
            t("run {number} is not one of {period}; there are {known}", number=number, period=period, known=known)
        )
    return found


def _table(tables: Mapping[str, RawTable]) -> RawTable:
    named = (PAYROLL, *in_every_language(lambda: t("payroll")))
    found = next((tables[name] for name in named if name in tables), None)
    if found is None and len(tables) > 1:
        known = ", ".join(sorted(tables))
        raise click.UsageError(t("there is no table `{name}`; there are {known}", name=PAYROLL, known=known))
    return found or next(iter(tables.values()))


def _program(recorded: Recorded, policy: str) -> Program:
    """The last program of the policy that is paid."""
    paying = {one.id: one for one in recorded.runs if policy in {"", one.id} and refused(recorded.program, one).pay}
    if len(paying) != 1:
        known = ", ".join(sorted(paying or {one.id for one in recorded.runs}))
        raise click.UsageError(t("name the policy that is paid with --id: {known}", known=known))
    (run,) = paying.values()
    program: Program = refused(recorded.program, run)
    return program


def _rows(
    program: Program, table: RawTable, asked: Asked, diagnostics: Diagnostics
) -> list[tuple[str, str, tuple[Decimal | None, Location]]]:
    """Period, id, and the amount with its place; None for one that cannot be read, which is told."""
    ids = _heading(table, (program.schema.subject, program.schema.label, "id"))
    net = (TO_PAY, *in_every_language(lambda: t("to pay")), NET, *in_every_language(lambda: labeller(program)(NET)))
    amounts = _heading(table, (asked.amount,) if asked.amount else net)
    periods = _heading(table, PERIOD_HEADINGS)
    known = ", ".join(table.frame.columns)
    if ids is None:
        wanted = program.schema.label or program.schema.subject
        raise click.UsageError(
            t("no column is headed {wanted}, which says who is paid; there are {known}", wanted=wanted, known=known)
        )
    if amounts is None:
        raise click.UsageError(t("no column has the amounts; name one with --amount: {known}", known=known))
    if periods is None and not asked.period:
        raise click.UsageError(t("the payroll has no column with the period; name it with --period"))
    numbers, bad = convert_column(_plain(table.frame[amounts]), _AMOUNT)
    values = pl.DataFrame([numbers.alias(amounts)]).select(make_readable(pl.col(amounts), _AMOUNT)).to_series()
    labels = _texts(table, periods) if periods else [asked.period] * len(table.frame)
    found = []
    for at, (line, who, of) in enumerate(zip(table.row_numbers, _texts(table, ids), labels, strict=True)):
        place = table.locate(line, amounts)
        if not who or (asked.period and of and of != asked.period):
            continue
        if not of and not asked.period:
            diagnostics.add(catalogue.FACT_MISSING, table.locate(line, periods or ""), name=periods)
            continue
        if values[at] is None:
            kind, params = bad.get(at, (catalogue.FACT_MISSING, {}))
            params = params | ({"type": type_name(params["type"])} if "type" in params else {})
            diagnostics.add(kind, place, **{"name": amounts, **params})
        found.append((of or asked.period, who, (values[at], place)))
    return found


def _plain(amounts: pl.Series) -> pl.Series:
    """Amounts as people write them: without separators of thousands and signs of the currency."""
    return amounts.str.replace_all(r"[,，\s¥￥元]", "") if amounts.dtype == pl.String else amounts


def _heading(table: RawTable, headings: Iterable[str]) -> str | None:
    """The first of some headings that the table has."""
    there = {one.strip(): one for one in table.frame.columns}
    return next((there[one] for one in headings if one in there), None)


def _texts(table: RawTable, heading: str) -> Sequence[str | None]:
    text, _ = convert_column(table.frame[heading], Type(TypeKind.STRING))
    return text.to_list()
