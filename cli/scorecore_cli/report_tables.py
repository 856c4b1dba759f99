"""Reports as tables of typed cells, for a workbook and for a page, and the tables that all reports of people share."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, Literal

from attrs import field, frozen

from scorecore.evaluate.decisions import NET
from scorecore.program.model import Program
from scorecore.record.corrections.payroll import NAME
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore.values.types import TypeKind
from scorecore_cli.labels import labeller
from scorecore_cli.language import _
from scorecore_cli.visible_text import make_line

CellKind = Literal["text", "long text", "count", "points", "money", "number"]
GRADES, DISTRIBUTION, LOST, MONTHS, MOVED, PEOPLE = "grades", "distribution", "lost", "months", "moved", "people"
GRADES_BY_PERIOD: Final = "grades by period"
HELD: Final = "held"
REGRADED: Final = "regraded"
"""The tables of a report."""
MOST_DIVISIONS: Final = 40
MOST_HELD: Final = 20
"""People who are named on the first page with what they wait for."""
_BINS: Final = 10
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
    """What was decided: figures, tables about everybody together, and everybody."""

    title: str
    lines: tuple[str, ...]
    figures: tuple[tuple[str, Any, CellKind], ...]
    tables: tuple[ReportTable, ...]
    people: ReportTable
    currency: str

    def table(self, key: str) -> ReportTable | None:
        return next((table for table in self.tables if table.key == key), None)


@frozen
class AssessedPerson:
    """A subject with everything that the tables show of them."""

    rank: int | None
    subject: str
    name: str
    division: str
    row: Mapping[str, Any]
    """The results by name; None, or absent, where one is held."""
    number: int
    """Among the facts."""


def list_divisions(program: Program) -> list[str]:
    """The facts that may divide people: those of the groups, or called like a branch, or with few values."""
    texts = [column for column in program.schema.columns if column.type.kind is TypeKind.STRING]
    names = {column.name for column in texts}
    usual = [column.name for column in texts if {column.name, column.label} & _USUAL_DIVISIONS]
    closed = [column.name for column in texts if column.type.among]
    return [group.by for group in program.groups if group.by in names] + usual + closed


@frozen
class PeopleTables:
    """The tables of a program about people who were assessed together."""

    program: Program
    division: str
    """The fact that divides people; empty where there is none."""
    has_names: bool
    """Whether anybody has a name beside the id."""
    label: Callable[[str], str] = field(init=False)
    grades: Mapping[str, str] = field(init=False)

    @label.default
    def _label(self) -> Callable[[str], str]:
        return labeller(self.program)

    @grades.default
    def _grades(self) -> Mapping[str, str]:
        return {grade.id: grade.label or grade.id for grade in self.program.grades}

    @property
    def has_total(self) -> bool:
        return self.program.has_step(SCORE_TOTAL)

    @property
    def has_pay(self) -> bool:
        return bool(self.program.pay)

    def tabulate_divisions(self, people: Sequence[AssessedPerson]) -> ReportTable | None:
        """People, grades, points and pay of each division."""
        if not (self.division or self.grades):
            return None
        heading = self.label(self.division) if self.division else _("all")
        divisions = divide(people)
        rows = [(name or "—", *self.summarize(divisions[name])) for name in sorted(divisions)]
        total = (_("total of all"), *self.summarize(people))
        return ReportTable(GRADES, _("grades and pay"), self.list_columns(heading), tuple(rows), total)

    def list_columns(self, first: str) -> tuple[ReportColumn, ...]:
        """Of what `summarize` says, behind a first one."""
        columns = [ReportColumn(first), ReportColumn(_("people"), "count")]
        columns += [ReportColumn(label, "count") for label in self.grades.values()]
        columns += [ReportColumn(_("mean total"), "points")] if self.has_total else []
        columns += [ReportColumn(_("total net pay"), "money")] if self.has_pay else []
        return tuple(columns)

    def summarize(self, people: Sequence[AssessedPerson]) -> tuple[Any, ...]:
        """How many they are, how many have each grade, their mean total, and their net pay."""
        row: list[Any] = [len(people)]
        if self.grades:
            counts = Counter(person.row.get(GRADE) for person in people)
            row += [counts[grade] for grade in self.grades]
        row += [mean(list_totals(people))] if self.has_total else []
        row += [sum_net(people)] if self.has_pay else []
        return tuple(row)

    def tabulate_distribution(self, people: Sequence[AssessedPerson]) -> ReportTable | None:
        """How many reach how many points."""
        totals = list_totals(people) if self.has_total else []
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

    def tabulate_lost(self, people: Sequence[AssessedPerson], assessed: Mapping[str, set[int]]) -> ReportTable:
        """Which items cost how many points, against full marks; `assessed` has by item to whom it applies."""
        rows = []
        for item in self.program.items:
            rated = [person for person in people if person.number in assessed.get(item.step, ())]
            points = [person.row[item.step] for person in rated if person.row.get(item.step) is not None]
            if item.points is not None and points:
                lost = [item.points - value for value in points]
                rows.append(
                    (self.label(item.step), sum(lost, Decimal(0)), mean(lost), sum(value > 0 for value in lost))
                )
        rows.sort(key=lambda row: -row[1])
        columns = (
            ReportColumn(_("item")),
            ReportColumn(_("points lost"), "points"),
            ReportColumn(_("mean"), "points"),
            ReportColumn(_("people"), "count"),
        )
        return ReportTable(LOST, _("points lost by item"), columns, tuple(rows))

    def tabulate_moved(
        self, people: Sequence[AssessedPerson], label: str, before: Mapping[str, Mapping[str, Any]], label_before: str
    ) -> ReportTable:
        """Whose pay has changed most since a period before; `before` has its results by subject."""
        rows = []
        for person in people:
            net = before.get(person.subject, {}).get(NET)
            if isinstance(net, Decimal) and person.row.get(NET) is not None and net != person.row[NET]:
                change = person.row[NET] - net
                rows.append((*self.name_person(person), net, person.row[NET], change))
        rows.sort(key=lambda row: (-abs(row[-1]), row[0]))
        periods = (
            ReportColumn(label_before, "money"),
            ReportColumn(label, "money"),
            ReportColumn(_("change"), "money"),
        )
        columns = (*map(ReportColumn, self.list_names()), *periods)
        return ReportTable(MOVED, _("pay that has changed most"), columns, tuple(rows[:_MOVED]))

    def tabulate_regraded(
        self, people: Sequence[AssessedPerson], label: str, before: Mapping[str, Mapping[str, Any]], label_before: str
    ) -> ReportTable:
        """Whose grade is another than in a period before, those first whose grade has changed most."""
        places = {grade: place for place, grade in enumerate(self.grades)}
        changes = []
        for person in people:
            old, new = before.get(person.subject, {}).get(GRADE), person.row.get(GRADE)
            if old != new and old in places and new in places:
                cells = (*self.name_person(person), self.grades[old], self.grades[new])
                changes.append((-abs(places[new] - places[old]), cells))
        rows = [cells for _steps, cells in sorted(changes)]
        heading = _("grade that has changed")
        heading = f"{heading} ({_MOVED} / {len(rows)})" if len(rows) > _MOVED else heading
        columns = tuple(map(ReportColumn, (*self.list_names(), label_before, label)))
        return ReportTable(REGRADED, heading, columns, tuple(rows[:_MOVED]))

    def list_names(self) -> list[str]:
        """The headings of who somebody is: the id, and the name and the division where anybody has one."""
        facts = ([NAME] if self.has_names else []) + ([self.division] if self.division else [])
        return [self.label(name) for name in (self.program.schema.subject, *facts)]

    def name_person(self, person: AssessedPerson) -> list[str]:
        """What stands under these headings."""
        named = [person.name] if self.has_names else []
        return [make_line(person.subject), *named, *([person.division] if self.division else [])]


def divide(people: Sequence[AssessedPerson]) -> dict[str, list[AssessedPerson]]:
    """People by their division."""
    divisions: dict[str, list[AssessedPerson]] = {}
    for person in people:
        divisions.setdefault(person.division, []).append(person)
    return divisions


def sum_net(people: Sequence[AssessedPerson]) -> Decimal:
    return sum((person.row.get(NET) or Decimal(0) for person in people), Decimal(0))


def list_totals(people: Sequence[AssessedPerson]) -> list[Decimal]:
    return [person.row[SCORE_TOTAL] for person in people if person.row.get(SCORE_TOTAL) is not None]


def mean(values: Sequence[Decimal]) -> Decimal | None:
    """To a hundredth; None of nothing."""
    return (sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.01")) if values else None


def _write_range(low: Decimal, high: Decimal) -> str:
    return f"{low:,f}" if low == high else f"{low:,f} – {high:,f}"


def _steps() -> Iterator[Decimal]:
    """Round widths, ascending: 0.01, 0.02, 0.05, 0.1 and so on."""
    for exponent in range(-2, 30):
        for digit in (1, 2, 5):
            yield Decimal(digit).scaleb(exponent)


def total_of_money(columns: Sequence[ReportColumn], rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The last row of a table of people: the sum of each column of money."""
    total: list[Any] = [None] * len(columns)
    for position, column in enumerate(columns):
        if column.kind == "money":
            total[position] = sum((row[position] for row in rows if row[position] is not None), Decimal(0))
    total[0 if columns[0].kind == "text" else 1] = _("total of all")
    return tuple(total)
