"""What the head of a branch wants to know of a period, as tables of typed cells: for a workbook and for a page."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from scorecore.evaluate.decisions import NET, PARTIAL, SUBJECT, Decisions
from scorecore.facts.readable import select_readable
from scorecore.program.model import Program
from scorecore.record.corrections.payroll import ADJUSTMENT, NAME, payroll_table
from scorecore.record.record_run import Signed
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore_cli.decisions_view import hold_causes, name_proposals, rank_decisions, result_cell
from scorecore_cli.earlier_periods import EarlierPeriod
from scorecore_cli.labels import write_as_prose
from scorecore_cli.language import _, ngettext
from scorecore_cli.report_tables import (
    HELD,
    MONTHS,
    MOST_DIVISIONS,
    MOST_HELD,
    PEOPLE,
    AssessedPerson,
    BranchReport,
    CellKind,
    PeopleTables,
    ReportColumn,
    ReportTable,
    list_divisions,
    list_totals,
    mean,
    sum_net,
    total_of_money,
)
from scorecore_cli.visible_text import make_line


def build_report(
    decisions: Decisions,
    earlier: Sequence[EarlierPeriod] = (),
    signed: Signed | None = None,
    waiting: Collection[str] = (),
) -> BranchReport:
    """The report of a period; it is compared with the periods before where these are known.

    The results of those who are `waiting` wait for what was decided before the facts begin.
    """
    return _Report(decisions, earlier, signed, waiting).build()


class _Report:
    def __init__(
        self,
        decisions: Decisions,
        earlier: Sequence[EarlierPeriod],
        signed: Signed | None,
        waiting: Collection[str],
    ) -> None:
        self.decisions = decisions
        self.waiting = waiting
        self.program: Program = decisions.program
        self.earlier = earlier
        self.owed: Mapping[str, Decimal] = {}
        if signed and signed.adjustments:
            payroll = payroll_table(decisions, signed.adjustments)
            self.owed = dict(payroll.select(self.program.schema.subject, ADJUSTMENT).rows())
        subjects = decisions.facts.subjects
        divisions = (name for name in list_divisions(self.program) if 1 < subjects[name].n_unique() <= MOST_DIVISIONS)
        division = next(divisions, "")
        self.people = list(self.list_people(division))
        self.tables = PeopleTables(self.program, division, any(person.name for person in self.people))

    def list_people(self, division_fact: str) -> Iterator[AssessedPerson]:
        facts = self.decisions.facts
        texts = {NAME, division_fact} & set(facts.subjects.columns)
        columns = [column for column in self.program.schema.columns if column.name in texts]
        readable = select_readable(facts.subjects, columns)
        for rank, number, row in rank_decisions(self.decisions):
            name, division = (
                make_line(str(readable[column][number] or "")) if column in readable.columns else ""
                for column in (NAME, division_fact)
            )
            place = int(rank) if rank.isdigit() else None
            yield AssessedPerson(place, facts.ids[number], name, division, row, number)

    def build(self) -> BranchReport:
        program, people = self.program, self.people
        lines = [f"{program.id}@{program.version}  {program.authority}".strip()]
        if program.status != "in force":
            lines.append(_("status of this policy: {status}", status=_(program.status)))
        partial = sum(bool(person.row[PARTIAL]) for person in people) if self.tables.has_pay else 0
        if partial:
            lines.append(
                ngettext(
                    "in {period} the net pay of {count} person is of the other lines only: a pay line is held",
                    "in {period} the net pay of {count} people is of the other lines only: a pay line is held",
                    partial,
                    period=self.decisions.facts.period.label,
                )
            )
        tables = (
            self.held(),
            self.months(),
            self.moved(),
            self.regraded(),
            self.tables.tabulate_divisions(people),
            self.tables.tabulate_distribution(people),
            self.tables.tabulate_lost(people, self.list_assessed()),
        )
        return BranchReport(
            make_line(f"{program.title}  {self.decisions.facts.period}"),
            tuple(map(make_line, lines)),
            tuple(self.figures()),
            tuple(table for table in tables if table is not None and table.rows),
            self.everybody(),
            program.currency,
        )

    # figures

    def figures(self) -> Iterator[tuple[str, Any, CellKind]]:
        yield _("people"), len(self.people), "count"
        yield _("people with something held"), len(self.decisions.held), "count"
        if self.tables.has_pay:
            yield _("total net pay"), sum_net(self.people), "money"
            last = self.earlier[-1] if self.earlier else None
            nets = [] if last is None else [row[NET] for row in last.results.values() if NET in row]
            if last is not None and nets:
                change = sum_net(self.people) - sum(nets, Decimal(0))
                yield _("change since {period}", period=last.label), change, "money"
        if self.tables.has_total:
            yield _("mean total"), mean(list_totals(self.people)), "points"

    # tables about everybody together

    def list_assessed(self) -> Mapping[str, set[int]]:
        """By item the subjects to whom it applies: only they have entries."""
        assessed: dict[str, set[int]] = {}
        entries = self.decisions.entries.select(SUBJECT, "rule").unique()
        for subject, rule in entries.iter_rows():
            assessed.setdefault(self.program.ledger[rule].account, set()).add(subject)
        return assessed

    def held(self) -> ReportTable:
        """Who waits for what; of many the first ones, and everybody is in the table of people."""
        rows = [(*self.tables.name_person(person), why) for person in self.people if (why := self.explain_hold(person))]
        heading = _("held, and why")
        if len(rows) > MOST_HELD:
            heading = f"{heading} ({MOST_HELD} / {len(rows)})"
        columns = (*map(ReportColumn, self.tables.list_names()), ReportColumn(_("why")))
        return ReportTable(HELD, heading, columns, tuple(rows[:MOST_HELD]))

    def explain_hold(self, person: AssessedPerson) -> str:
        """What is missing, and what it does to net pay; empty if everything is decided."""
        why = write_as_prose(hold_causes(self.decisions, person.number, self.waiting))
        partial = _("net pay is of the other lines only") if self.tables.has_pay and person.row[PARTIAL] else ""
        return make_line("; ".join(filter(None, (why, partial))))

    def months(self) -> ReportTable | None:
        """Month on month: people, points and pay."""
        if not self.earlier:
            return None
        columns = [ReportColumn(_("period")), ReportColumn(_("people"), "count")]
        columns += [ReportColumn(_("mean total"), "points")] if self.tables.has_total else []
        columns += [ReportColumn(_("total net pay"), "money")] if self.tables.has_pay else []
        now = EarlierPeriod(self.decisions.facts.period.label, {person.subject: person.row for person in self.people})
        rows = [self.month_row(period) for period in (*self.earlier, now)]
        return ReportTable(MONTHS, _("period by period"), tuple(columns), tuple(rows))

    def month_row(self, period: EarlierPeriod) -> tuple[Any, ...]:
        row: list[Any] = [period.label, len(period.results)]
        shown = ((SCORE_TOTAL, self.tables.has_total, mean), (NET, self.tables.has_pay, _add))
        for name, is_shown, sum_up in shown:
            values = [result[name] for result in period.results.values() if isinstance(result.get(name), Decimal)]
            row += [sum_up(values) if values else None] if is_shown else []
        return tuple(row)

    def moved(self) -> ReportTable | None:
        """Whose pay has changed most, of those whose pay is decided."""
        last = self.earlier[-1] if self.earlier else None
        if last is None or not self.tables.has_pay:
            return None
        label = self.decisions.facts.period.label
        decided = [person for person in self.people if not person.row[PARTIAL]]
        return self.tables.tabulate_moved(decided, label, last.results, last.label)

    def regraded(self) -> ReportTable | None:
        """Whose grade has changed, as far as both are known."""
        last = self.earlier[-1] if self.earlier else None
        if last is None or not self.tables.grades:
            return None
        label = self.decisions.facts.period.label
        return self.tables.tabulate_regraded(self.people, label, last.results, last.label)

    # everybody

    def everybody(self) -> ReportTable:
        tables, program = self.tables, self.program
        columns = [ReportColumn(_("rank"), "count")] if tables.has_total else []
        columns += [ReportColumn(heading) for heading in tables.list_names()]
        columns += [ReportColumn(tables.label(item.step), "points") for item in program.items]
        columns += [ReportColumn(tables.label(SCORE_TOTAL), "points")] if tables.has_total else []
        columns += [ReportColumn(_("grade"))] if tables.grades else []
        columns += [ReportColumn(tables.label(name)) for name in program.named_values]
        columns += [ReportColumn(_("net pay"), "money")] if tables.has_pay else []
        columns += [ReportColumn(_("adjustment"), "money"), ReportColumn(_("to pay"), "money")] if self.owed else []
        columns += [ReportColumn(_("actions"), "long text")] if program.actions else []
        columns.append(ReportColumn(_("held, and why"), "long text"))
        rows = tuple(map(self.person_row, self.people))
        total = total_of_money(columns, rows)
        return ReportTable(PEOPLE, _("people"), tuple(columns), rows, total if tables.has_pay else ())

    def person_row(self, person: AssessedPerson) -> tuple[Any, ...]:
        row = person.row
        cells: list[Any] = [person.rank] if self.tables.has_total else []
        cells += self.tables.name_person(person)
        cells += [row[item.step] for item in self.program.items]
        cells += [row[SCORE_TOTAL]] if self.tables.has_total else []
        cells += [self.tables.grades.get(row[GRADE])] if self.tables.grades else []
        cells += [result_cell(row, name, self.program) for name in self.program.named_values]
        cells += [row[NET]] if self.tables.has_pay else []
        if self.owed:
            amount = self.owed.get(person.subject, Decimal(0))
            cells += [amount, row[NET] + amount]
        cells += [make_line(name_proposals(row, self.program))] if self.program.actions else []
        return *cells, self.explain_hold(person)


def _add(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0))
