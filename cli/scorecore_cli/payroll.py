"""A payroll that somebody hands in: which table and columns of a file it is, held against a record."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl
import rich_click as click
from attrs import frozen

from scorecore import kinds
from scorecore.decisions import NET
from scorecore.facts.cells import convert
from scorecore.facts.raw import PERIOD_HEADINGS, RawTable
from scorecore.facts.records import readable_column
from scorecore.files.readers import read_facts
from scorecore.problems import Problem, Problems
from scorecore.program import Program
from scorecore.record.payroll import TO_PAY, faults
from scorecore.record.recorded import Recorded
from scorecore.source import Location
from scorecore.types import Kind, Type, units
from scorecore_cli.decide import stop
from scorecore_cli.labels import labeller
from scorecore_cli.language import in_every_language, t
from scorecore_cli.ledger import refused

PAYROLL: Final = "payroll"
_MOST: Final = units(Decimal(10) ** 14)
_AMOUNT: Final = Type(Kind.DECIMAL, -_MOST, _MOST, 4)


@frozen
class Paid:
    """How many a payroll pays, and what is wrong with it."""

    people: int
    problems: tuple[Problem, ...]


@frozen
class Asked:
    """What the command line says of a payroll; empty where the file says it."""

    path: Path
    period: str = ""
    policy: str = ""
    """The id."""
    amount: str = ""
    """The heading of the amounts."""
    encoding: str = "utf-8"


def compared(recorded: Recorded, asked: Asked) -> Paid:
    """Hold a payroll against a record; ends the command where it cannot be read."""
    problems = Problems()
    tables = read_facts(asked.path, problems, asked.encoding)
    if not tables:
        stop(tuple(problems), {})
    table, program = _table(tables), _program(recorded, asked.policy)
    rows = _rows(program, table, asked, problems)
    labels = list(dict.fromkeys(period for period, _, _ in rows))
    for one in labels:
        if not recorded.of(program.id, one):
            raise click.UsageError(t("the record has no run of {period}", period=one))
    for one in labels:
        paid: dict[str, tuple[Decimal | None, Location]] = {}
        for period, who, (amount, place) in rows:
            if period == one and who in paid:
                problems.add(kinds.SUBJECT_TWICE, place, id=who)
            elif period == one:
                paid[who] = amount, place
        for problem in refused(faults, recorded, program.id, one, paid):
            problems.take(problem)
    return Paid(len(rows), tuple(problems))


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
    program: Program, table: RawTable, asked: Asked, problems: Problems
) -> list[tuple[str, str, tuple[Decimal | None, Location]]]:
    """Period, id, and the amount with its place; None for one that cannot be read, which is told."""
    ids = _heading(table, (program.schema.subject, program.schema.label, "id"))
    net = (TO_PAY, *in_every_language(lambda: t("to pay")), NET, *in_every_language(lambda: labeller(program)(NET)))
    amounts = _heading(table, (asked.amount,) if asked.amount else net)
    periods = _heading(table, PERIOD_HEADINGS)
    known = ", ".join(table.frame.columns)
    if ids is None:
        raise click.UsageError(t("no column says who is paid; there are {known}", known=known))
    if amounts is None:
        raise click.UsageError(t("no column has the amounts; name one with --amount: {known}", known=known))
    if periods is None and not asked.period:
        raise click.UsageError(t("the payroll has no column with the period; name it with --period"))
    numbers, bad = convert(table.frame[amounts], _AMOUNT)
    values = pl.DataFrame([numbers.alias(amounts)]).select(readable_column(pl.col(amounts), _AMOUNT)).to_series()
    labels = _texts(table, periods) if periods else [asked.period] * len(table.frame)
    found = []
    for at, (line, who, of) in enumerate(zip(table.numbers, _texts(table, ids), labels, strict=True)):
        place = table.at(line, amounts)
        if not who or (asked.period and of != asked.period):
            continue
        if values[at] is None:
            kind, blanks = bad.get(at, (kinds.FACT_MISSING, {}))
            problems.add(kind, place, **{"name": amounts, **blanks})
        found.append((of or "", who, (values[at], place)))
    return found


def _heading(table: RawTable, headings: Iterable[str]) -> str | None:
    """The first of some headings that the table has."""
    there = {one.strip(): one for one in table.frame.columns}
    return next((there[one] for one in headings if one in there), None)


def _texts(table: RawTable, heading: str) -> Sequence[str | None]:
    text, _ = convert(table.frame[heading], Type(Kind.STRING))
    return text.to_list()
