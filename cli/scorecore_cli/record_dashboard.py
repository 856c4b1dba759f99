"""A record over the months: grades and pay by branch, points reached and lost, month on month, and who moved."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.evaluate.decisions import NET, PARTIAL
from scorecore.program.model import Program
from scorecore.record.corrections.payroll import NAME
from scorecore.record.runs.manifest import Run
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore_cli.earlier_periods import list_standings, name_results
from scorecore_cli.labels import labeller
from scorecore_cli.language import _, ngettext
from scorecore_cli.report_tables import (
    GRADES_BY_PERIOD,
    MONTHS,
    MOST_DIVISIONS,
    PEOPLE,
    AssessedPerson,
    BranchReport,
    CellKind,
    PeopleTables,
    ReportColumn,
    ReportTable,
    divide,
    list_divisions,
    list_totals,
    mean,
    sum_net,
    total_of_money,
)
from scorecore_cli.terminal import format_instant
from scorecore_cli.visible_text import make_line

_CORRECTIONS: Final = "corrections"
_PAY, _POINTS, _REACHED = "pay by period", "points by period", "reached by period"


def build_dashboard(recorded: Recorded, policy: str, labels: Sequence[str]) -> BranchReport:
    """What is in force of a policy in some periods, corrections included; raises RecordRejected.

    Names of results are those of the last period's program. Whoever was erased is left out.
    """
    standings = {label: list_standings(recorded, policy, label) for label in labels}
    decided = [label for label in labels if standings[label]]
    if not decided:
        return _Dashboard(recorded.program(recorded.of(policy)[-1]), []).build([])
    program = recorded.program(standings[decided[-1]][-1].run)
    division = _find_division(program, standings[decided[-1]])
    months = [_read_month(recorded, label, standings[label], division) for label in decided]
    corrections = [run for run in recorded.of(policy) if run.corrects is not None and run.period in labels]
    return _Dashboard(program, months, division).build(corrections)


def _find_division(program: Program, standings: Sequence[Standing]) -> str:
    facts = [standing.payload.facts.values for standing in standings if standing.payload]
    for name in list_divisions(program):
        if 1 < len({values.get(name) for values in facts}) <= MOST_DIVISIONS:
            return name
    return ""


@frozen
class _Month:
    """A period with everybody in it."""

    label: str
    program: Program
    people: tuple[AssessedPerson, ...]
    """By total, the highest first."""
    held: int
    """How many have something held."""
    partial: int
    """How many have a pay line held."""
    assessed: Mapping[str, set[int]]
    """By item those to whom it applies."""
    results: Mapping[str, Mapping[str, Any]]
    """By subject."""

    def find_reached(self, item: str) -> Decimal | None:
        """How many percent of an item's points those to whom it applies have reached; None where it has none."""
        declared = next((rated.points for rated in self.program.items if rated.step == item), None)
        points = [
            person.row[item]
            for person in self.people
            if person.number in self.assessed.get(item, ()) and person.row.get(item) is not None
        ]
        return mean([100 * value / declared for value in points]) if declared and points else None


def _read_month(recorded: Recorded, label: str, standings: Sequence[Standing], division: str) -> _Month:
    payloads = [standing.payload for standing in standings if standing.payload]
    people, assessed, results = [], dict[str, set[int]](), dict(name_results(standings))
    for number, payload in enumerate(payloads):
        subject = payload.facts.subject
        name, branch = (_read_text(payload.facts.values.get(fact)) for fact in (NAME, division))
        people.append(AssessedPerson(None, subject, name, branch, results[subject], number))
        for account, *_rest in payload.result["entries"]:
            assessed.setdefault(account, set()).add(number)
    people.sort(key=lambda person: (-person.row.get(SCORE_TOTAL, Decimal("-Infinity")), person.subject))
    held = sum(bool(payload.result.get("held")) for payload in payloads)
    partial = sum(payload.result["values"].get(PARTIAL) is True for payload in payloads)
    program = recorded.program(standings[-1].run)
    return _Month(label, program, tuple(people), held, partial, assessed, results)


def _read_text(value: object) -> str:
    return make_line(value) if isinstance(value, str) else ""


class _Dashboard:
    def __init__(self, program: Program, months: Sequence[_Month], division: str = "") -> None:
        self.program = program
        self.months = months
        self.people = months[-1].people if months else ()
        self.tables = PeopleTables(program, division, any(person.name for person in self.people))

    def build(self, corrections: Sequence[Run]) -> BranchReport:
        program = self.program
        span = [month.label for month in self.months]
        period = "…".join(dict.fromkeys((span[0], span[-1]))) if span else ""
        versions = dict.fromkeys(f"{month.program.id}@{month.program.version}" for month in self.months)
        lines = [", ".join(versions)]
        if program.status != "in force":
            lines.append(_("status of this policy: {status}", status=_(program.status)))
        lines += [
            ngettext(
                "in {period} the net pay of {count} person is of the other lines only: a pay line is held",
                "in {period} the net pay of {count} people is of the other lines only: a pay line is held",
                month.partial,
                period=month.label,
            )
            for month in self.months
            if month.partial
        ]
        return BranchReport(
            make_line(f"{program.title}  {period}"),
            tuple(map(make_line, lines)),
            tuple(self.figures()) if self.months else (),
            tuple(table for table in self.list_tables(corrections) if table is not None and table.rows),
            self.everybody(),
            program.currency,
        )

    def figures(self) -> Iterator[tuple[str, Any, CellKind]]:
        last = self.months[-1]
        yield _("people in {period}", period=last.label), len(last.people), "count"
        yield _("people with something held"), last.held, "count"
        if self.tables.has_pay:
            yield _("total net pay in {period}", period=last.label), sum_net(last.people), "money"
            if len(self.months) > 1:
                before = self.months[-2]
                change = sum_net(last.people) - sum_net(before.people)
                yield _("change since {period}", period=before.label), change, "money"
            total = sum((sum_net(month.people) for month in self.months), Decimal(0))
            yield _("total net pay of all periods"), total, "money"
        if self.tables.has_total:
            yield _("mean total in {period}", period=last.label), mean(list_totals(last.people)), "points"

    def list_tables(self, corrections: Sequence[Run]) -> Iterator[ReportTable | None]:
        if not self.months:
            return
        last = self.months[-1]
        yield self.tabulate_months()
        yield self.tabulate_grades()
        yield _name_period(self.tables.tabulate_divisions(last.people), last.label)
        if self.tables.division and self.tables.has_pay:
            yield self.tabulate_divided(_PAY, _("net pay, period by period"), "money", sum_net)
        if self.tables.division and self.tables.has_total:
            yield self.tabulate_divided(_POINTS, _("mean total, period by period"), "points", _mean_total)
        yield self.tabulate_reached()
        yield _name_period(self.tables.tabulate_lost(last.people, last.assessed), last.label)
        yield _name_period(self.tables.tabulate_distribution(last.people), last.label)
        if len(self.months) > 1 and self.tables.has_pay:
            before = self.months[-2]
            yield self.tables.tabulate_moved(last.people, last.label, before.results, before.label)
        yield _tabulate_corrections(corrections)

    # period by period

    def tabulate_months(self) -> ReportTable:
        columns = [ReportColumn(_("period")), ReportColumn(_("people"), "count")]
        columns.append(ReportColumn(_("people with something held"), "count"))
        columns += [ReportColumn(_("mean total"), "points")] if self.tables.has_total else []
        columns += [ReportColumn(_("total net pay"), "money")] if self.tables.has_pay else []
        rows = []
        for month in self.months:
            row: list[Any] = [month.label, len(month.people), month.held]
            row += [_mean_total(month.people)] if self.tables.has_total else []
            row += [sum_net(month.people)] if self.tables.has_pay else []
            rows.append(tuple(row))
        return ReportTable(MONTHS, _("period by period"), tuple(columns), tuple(rows))

    def tabulate_grades(self) -> ReportTable | None:
        """How many had each grade; those that only an earlier version of the policy has come last."""
        programs = [self.program, *(month.program for month in self.months)]
        grades = {grade.id: grade.label or grade.id for program in reversed(programs) for grade in program.grades}
        order = dict.fromkeys(grade.id for program in programs for grade in program.grades)
        if not order:
            return None
        columns = [ReportColumn(_("period")), ReportColumn(_("people"), "count")]
        columns += [ReportColumn(grades[grade], "count") for grade in order]
        rows = []
        for month in self.months:
            counts = Counter(person.row.get(GRADE) for person in month.people)
            rows.append((month.label, len(month.people), *(counts[grade] for grade in order)))
        return ReportTable(GRADES_BY_PERIOD, _("grades, period by period"), tuple(columns), tuple(rows))

    def tabulate_divided(
        self, key: str, heading: str, kind: CellKind, sum_up: Callable[[Sequence[AssessedPerson]], Decimal | None]
    ) -> ReportTable:
        """A figure of each division in each period."""
        divided = [divide(month.people) for month in self.months]
        names = sorted({name for divisions in divided for name in divisions})
        rows = (
            (name or "—", *(sum_up(divisions[name]) if name in divisions else None for divisions in divided))
            for name in names
        )
        total = (_("total of all"), *(sum_up(month.people) for month in self.months))
        columns = (ReportColumn(self.tables.label(self.tables.division)), *self.list_periods(kind))
        return ReportTable(key, heading, columns, tuple(rows), total)

    def tabulate_reached(self) -> ReportTable:
        """How much of each item's points was reached, in percent: the mean of those to whom it applies."""
        labels: dict[str, str] = {}
        for month in reversed(self.months):
            label = labeller(month.program)
            for item in month.program.items:
                labels.setdefault(item.step, label(item.step))
        rows = ((label, *(month.find_reached(item) for month in self.months)) for item, label in labels.items())
        columns = (ReportColumn(_("item")), *self.list_periods("points"))
        known = tuple(row for row in rows if any(cell is not None for cell in row[1:]))
        return ReportTable(_REACHED, _("points reached of those that can be had, in %"), columns, known)

    def list_periods(self, kind: CellKind) -> list[ReportColumn]:
        return [ReportColumn(month.label, kind) for month in self.months]

    # everybody

    def everybody(self) -> ReportTable:
        """Each person's net pay, or the total where the policy pays nothing; the people of the last period first."""
        people = {person.subject: person for month in self.months for person in month.people}
        order = dict.fromkeys(person.subject for month in reversed(self.months) for person in month.people)
        result = NET if self.tables.has_pay else SCORE_TOTAL
        periods = self.list_periods("money" if self.tables.has_pay else "points")
        columns = [*map(ReportColumn, self.tables.list_names()), *periods]
        columns += [ReportColumn(_("sum"), "money")] if self.tables.has_pay else []
        rows = []
        for subject in order:
            cells = [month.results.get(subject, {}).get(result) for month in self.months]
            total = [sum((cell for cell in cells if cell is not None), Decimal(0))] if self.tables.has_pay else []
            rows.append((*self.tables.name_person(people[subject]), *cells, *total))
        heading = _("net pay of everybody") if self.tables.has_pay else _("totals of everybody")
        sums = total_of_money(columns, rows) if self.tables.has_pay else ()
        return ReportTable(PEOPLE, heading, tuple(columns), tuple(rows), sums)


def _mean_total(people: Sequence[AssessedPerson]) -> Decimal | None:
    return mean(list_totals(people))


def _name_period(table: ReportTable | None, label: str) -> ReportTable | None:
    return evolve(table, heading=f"{table.heading}, {label}") if table else None


def _tabulate_corrections(runs: Sequence[Run]) -> ReportTable:
    headings = (ReportColumn(_("run"), "count"), ReportColumn(_("corrects"), "count"), ReportColumn(_("period")))
    columns = (*headings, ReportColumn(_("recorded at")), ReportColumn(_("subjects"), "count"))
    rows = (
        (
            run.number,
            run.corrects,
            run.period,
            format_instant(run.at),
            int(run.close["subjects"]),
            make_line(run.reason),
        )
        for run in runs
    )
    return ReportTable(_CORRECTIONS, _("corrections"), (*columns, ReportColumn(_("reason"), "long text")), tuple(rows))
