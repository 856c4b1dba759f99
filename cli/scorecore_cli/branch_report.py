"""What the head of a branch wants to know of a period, as tables of typed cells: for a workbook and for a page."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, Literal

from attrs import frozen

from scorecore.evaluate.decisions import NET, PARTIAL, SUBJECT, Decisions
from scorecore.facts.readable import select_readable
from scorecore.program.model import Program
from scorecore.record.corrections.payroll import ADJUSTMENT, NAME, payroll_table
from scorecore.record.record_run import Signed
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore.values.types import TypeKind
from scorecore_cli.decisions_view import hold_causes, name_proposals, rank_decisions, result_cell
from scorecore_cli.earlier_periods import EarlierPeriod
from scorecore_cli.labels import labeller
from scorecore_cli.language import _
from scorecore_cli.visible_text import make_line

CellKind = Literal["text", "long text", "count", "points", "money", "number"]
GRADES, DISTRIBUTION, LOST, MONTHS, MOVED, PEOPLE = "grades", "distribution", "lost", "months", "moved", "people"
"""The tables of a report."""
_BINS: Final = 10
_MOST_DIVISIONS: Final = 40
_MOVED: Final = 10
_USUAL_DIVISIONS: Final = frozenset(
    (
        *("branch", "department", "team", "shop", "store", "unit", "office", "outlet"),
        *("分支机构", "营业部", "部门", "团队", "门店", "机构", "网点", "单位", "支行", "分行", "所属机构"),
    )
)
"""What a fact is called that divides people, where no group of the policy does."""


@frozen
class ReportColumn:
    heading: str
    kind: CellKind = "text"


@frozen
class ReportTable:
    """A table with a heading; `total` is its last row."""

    key: str
    heading: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: tuple[Any, ...] = ()


@frozen
class BranchReport:
    """A period of a branch: figures, tables about everybody together, and everybody."""

    title: str
    lines: tuple[str, ...]
    figures: tuple[tuple[str, Any, CellKind], ...]
    tables: tuple[ReportTable, ...]
    people: ReportTable
    currency: str

    def table(self, key: str) -> ReportTable | None:
        return next((table for table in self.tables if table.key == key), None)


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


@frozen
class _Person:
    """A subject with everything that the tables show of them."""

    rank: int | None
    subject: str
    name: str
    division: str
    row: Mapping[str, Any]
    number: int


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
        self.label: Callable[[str], str] = labeller(self.program)
        self.grades = {grade.id: grade.label or grade.id for grade in self.program.grades}
        self.owed: Mapping[str, Decimal] = {}
        if signed and signed.adjustments:
            payroll = payroll_table(decisions, signed.adjustments)
            self.owed = dict(payroll.select(self.program.schema.subject, ADJUSTMENT).rows())
        self.division = self.find_division()
        self.people = list(self.list_people())

    @property
    def has_total(self) -> bool:
        return self.program.has_step(SCORE_TOTAL)

    @property
    def has_pay(self) -> bool:
        return bool(self.program.pay)

    def find_division(self) -> str:
        """The fact that divides people: a group's, or one that is called like a branch; empty where there is none."""
        texts = [column for column in self.program.schema.columns if column.type.kind is TypeKind.STRING]
        names = {column.name for column in texts}
        usual = [column.name for column in texts if {column.name, column.label} & _USUAL_DIVISIONS]
        closed = [column.name for column in texts if column.type.among]
        candidates = [group.by for group in self.program.groups if group.by in names] + usual + closed
        subjects = self.decisions.facts.subjects
        return next((name for name in candidates if 1 < subjects[name].n_unique() <= _MOST_DIVISIONS), "")

    def list_people(self) -> Iterator[_Person]:
        facts = self.decisions.facts
        texts = {NAME, self.division} & set(facts.subjects.columns)
        columns = [column for column in self.program.schema.columns if column.name in texts]
        readable = select_readable(facts.subjects, columns)
        for rank, number, row in rank_decisions(self.decisions):
            name, division = (
                make_line(str(readable[column][number] or "")) if column in readable.columns else ""
                for column in (NAME, self.division)
            )
            place = int(rank) if rank.isdigit() else None
            yield _Person(place, facts.ids[number], name, division, row, number)

    def build(self) -> BranchReport:
        program = self.program
        lines = [f"{program.id}@{program.version}  {program.authority}".strip()]
        if program.status != "in force":
            lines.append(_("status of this policy: {status}", status=_(program.status)))
        tables = (self.months(), self.moved(), self.by_division(), self.distribution(), self.lost())
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
        if self.has_pay:
            yield _("total net pay"), self.net(self.people), "money"
            last = self.earlier[-1] if self.earlier else None
            nets = [] if last is None else [row[NET] for row in last.results.values() if NET in row]
            if last is not None and nets:
                change = self.net(self.people) - sum(nets, Decimal(0))
                yield _("change since {period}", period=last.label), change, "money"
        if self.has_total:
            yield _("mean total"), _mean(self.totals(self.people)), "points"

    def net(self, people: Sequence[_Person]) -> Decimal:
        return sum((person.row[NET] for person in people), Decimal(0))

    def totals(self, people: Sequence[_Person]) -> list[Decimal]:
        return [person.row[SCORE_TOTAL] for person in people if person.row[SCORE_TOTAL] is not None]

    # tables about everybody together

    def by_division(self) -> ReportTable | None:
        """People, grades, points and pay of each division."""
        if not (self.division or self.grades):
            return None
        heading = self.label(self.division) if self.division else _("all")
        columns = [ReportColumn(heading), ReportColumn(_("people"), "count")]
        columns += [ReportColumn(label, "count") for label in self.grades.values()]
        columns += [ReportColumn(_("mean total"), "points")] if self.has_total else []
        columns += [ReportColumn(_("total net pay"), "money")] if self.has_pay else []
        divisions: dict[str, list[_Person]] = {}
        for person in self.people:
            divisions.setdefault(person.division, []).append(person)
        rows = [self.division_row(name or "—", divisions[name]) for name in sorted(divisions)]
        total = self.division_row(_("total of all"), self.people)
        return ReportTable(GRADES, _("grades and pay"), tuple(columns), tuple(rows), total)

    def division_row(self, name: str, people: Sequence[_Person]) -> tuple[Any, ...]:
        row: list[Any] = [name, len(people)]
        if self.grades:
            counts = Counter(person.row[GRADE] for person in people)
            row += [counts[grade] for grade in self.grades]
        row += [_mean(self.totals(people))] if self.has_total else []
        row += [self.net(people)] if self.has_pay else []
        return tuple(row)

    def distribution(self) -> ReportTable | None:
        """How many reach how many points."""
        totals = self.totals(self.people) if self.has_total else []
        if not totals:
            return None
        low, high = min(totals), max(totals)
        width = next(step for step in _steps() if step * _BINS >= high - low)
        start = low // width * width
        counts = Counter(int((total - start) // width) for total in totals)
        edges = [start + number * width for number in range(max(counts) + 2)]
        edges[-1] = max(high, min(edges[-1], self.full_marks() or edges[-1]))
        rows = tuple((_write_range(*ends), counts[number]) for number, ends in enumerate(pairwise(edges)))
        columns = (ReportColumn(_("points from and below")), ReportColumn(_("people"), "count"))
        return ReportTable(DISTRIBUTION, _("distribution of points"), columns, rows)

    def full_marks(self) -> Decimal | None:
        """What all items add up to; None where one of them is open."""
        points = [item.points for item in self.program.items if item.points is not None]
        return sum(points, Decimal(0)) if points and len(points) == len(self.program.items) else None

    def lost(self) -> ReportTable | None:
        """Which items cost how many points, against full marks."""
        rows = []
        assessed = self.list_assessed()
        for item in self.program.items:
            people = [person for person in self.people if person.number in assessed.get(item.step, ())]
            points = [person.row[item.step] for person in people if person.row[item.step] is not None]
            if item.points is not None and points:
                lost = [item.points - value for value in points]
                concerned = sum(value > 0 for value in lost)
                rows.append((self.label(item.step), sum(lost, Decimal(0)), _mean(lost), concerned))
        rows.sort(key=lambda row: -row[1])
        columns = (
            ReportColumn(_("item")),
            ReportColumn(_("points lost"), "points"),
            ReportColumn(_("mean"), "points"),
            ReportColumn(_("people"), "count"),
        )
        return ReportTable(LOST, _("points lost by item"), columns, tuple(rows))

    def list_assessed(self) -> Mapping[str, set[int]]:
        """By item the subjects to whom it applies: only they have entries."""
        assessed: dict[str, set[int]] = {}
        entries = self.decisions.entries.select(SUBJECT, "rule").unique()
        for subject, rule in entries.iter_rows():
            assessed.setdefault(self.program.ledger[rule].account, set()).add(subject)
        return assessed

    def months(self) -> ReportTable | None:
        """Month on month: people, points and pay."""
        if not self.earlier:
            return None
        columns = [ReportColumn(_("period")), ReportColumn(_("people"), "count")]
        columns += [ReportColumn(_("mean total"), "points")] if self.has_total else []
        columns += [ReportColumn(_("total net pay"), "money")] if self.has_pay else []
        now = EarlierPeriod(self.decisions.facts.period.label, {person.subject: person.row for person in self.people})
        rows = [self.month_row(period) for period in (*self.earlier, now)]
        return ReportTable(MONTHS, _("period by period"), tuple(columns), tuple(rows))

    def month_row(self, period: EarlierPeriod) -> tuple[Any, ...]:
        row: list[Any] = [period.label, len(period.results)]
        for name, is_shown, sum_up in ((SCORE_TOTAL, self.has_total, _mean), (NET, self.has_pay, _add)):
            values = [result[name] for result in period.results.values() if isinstance(result.get(name), Decimal)]
            row += [sum_up(values) if values else None] if is_shown else []
        return tuple(row)

    def moved(self) -> ReportTable | None:
        """Whose pay has changed most."""
        last = self.earlier[-1] if self.earlier else None
        if last is None or not self.has_pay:
            return None
        rows = []
        for person in self.people:
            before = last.results.get(person.subject, {}).get(NET)
            if isinstance(before, Decimal) and before != person.row[NET]:
                change = person.row[NET] - before
                rows.append((person.subject, person.name, person.division, before, person.row[NET], change))
        rows.sort(key=lambda row: (-abs(row[-1]), row[0]))
        columns = (
            *(ReportColumn(heading) for heading in self.who()),
            ReportColumn(last.label, "money"),
            ReportColumn(self.decisions.facts.period.label, "money"),
            ReportColumn(_("change"), "money"),
        )
        kept = [position for position in range(6) if position not in self.unnamed()]
        shown = tuple(tuple(row[position] for position in kept) for row in rows[:_MOVED])
        return ReportTable(MOVED, _("pay that has changed most"), columns, shown)

    def who(self) -> list[str]:
        """The headings of who somebody is."""
        names = (self.program.schema.subject, NAME, self.division)
        return [self.label(name) for position, name in enumerate(names) if position not in self.unnamed()]

    def unnamed(self) -> set[int]:
        """Which of id, name and division nobody has."""
        return set(() if any(person.name for person in self.people) else (1,)) | set(() if self.division else (2,))

    # everybody

    def everybody(self) -> ReportTable:
        columns = [ReportColumn(_("rank"), "count")] if self.has_total else []
        columns += [ReportColumn(heading) for heading in self.who()]
        columns += [ReportColumn(self.label(item.step), "points") for item in self.program.items]
        columns += [ReportColumn(self.label(SCORE_TOTAL), "points")] if self.has_total else []
        columns += [ReportColumn(_("grade"))] if self.grades else []
        columns += [ReportColumn(self.label(name)) for name in self.program.named_values]
        columns += [ReportColumn(_("net pay"), "money")] if self.has_pay else []
        columns += [ReportColumn(_("adjustment"), "money"), ReportColumn(_("to pay"), "money")] if self.owed else []
        columns += [ReportColumn(_("actions"), "long text")] if self.program.actions else []
        columns.append(ReportColumn(_("held, and why"), "long text"))
        rows = tuple(map(self.person_row, self.people))
        total: list[Any] = [None] * len(columns)
        for position, column in enumerate(columns):
            if column.kind == "money":
                total[position] = sum((row[position] for row in rows if row[position] is not None), Decimal(0))
        total[0 if columns[0].kind == "text" else 1] = _("total of all")
        return ReportTable(PEOPLE, _("people"), tuple(columns), rows, tuple(total) if self.has_pay else ())

    def person_row(self, person: _Person) -> tuple[Any, ...]:
        row = person.row
        cells: list[Any] = [person.rank] if self.has_total else []
        who = (make_line(person.subject), person.name, person.division)
        cells += [text for position, text in enumerate(who) if position not in self.unnamed()]
        cells += [row[item.step] for item in self.program.items]
        cells += [row[SCORE_TOTAL]] if self.has_total else []
        cells += [self.grades.get(row[GRADE])] if self.grades else []
        cells += [result_cell(row, name, self.program) for name in self.program.named_values]
        cells += [row[NET]] if self.has_pay else []
        if self.owed:
            amount = self.owed.get(person.subject, Decimal(0))
            cells += [amount, row[NET] + amount]
        cells += [make_line(name_proposals(row, self.program))] if self.program.actions else []
        why = hold_causes(self.decisions, person.number, self.waiting)
        partial = _("net pay is of the other lines only") if self.has_pay and row[PARTIAL] else ""
        return *cells, make_line("; ".join(filter(None, (why, partial))))


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return (sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.01")) if values else None


def _add(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def _write_range(low: Decimal, high: Decimal) -> str:
    return f"{low:,f}" if low == high else f"{low:,f} – {high:,f}"


def _steps() -> Iterator[Decimal]:
    """Round widths, ascending: 0.01, 0.02, 0.05, 0.1 and so on."""
    for exponent in range(-2, 30):
        for digit in (1, 2, 5):
            yield Decimal(digit).scaleb(exponent)
