"""The law of messy files: every cell of a folder of CSV files is read, noted or refused; none vanishes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import polars as pl
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.expected import list_expected
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import SubjectFacts
from scorecore.facts.raw import RawTable
from scorecore.io.readers import read_facts
from scorecore.values.unknown import Unknown
from strategies.cases import compiled, period_of
from strategies.messy_csv import OTHER, THIS, FolderWriter, MessyRow, MessyTable

PROGRAM, _ = compiled(
    HEAD
    + """
[facts.person]
amount = { type = "decimal", unit = "CNY", label = "金额" }
rate = { type = "decimal", unit = "%", label = "完成率" }
count = { type = "int", unit = "天", label = "天数" }
day = { type = "date", label = "日期", optional = true }
branch = { type = "string", label = "营业部", optional = true }
level = { type = "string", among = ["北", "A1"], label = "级别", optional = true }
active = { type = "bool", label = "在岗", optional = true }

[facts.visits]
label = "拜访"
key = ["no"]
dated_by = "on"
[facts.visits.fields]
no = { type = "string", label = "编号" }
on = { type = "date", label = "拜访日" }
value = { type = "decimal", unit = "CNY", label = "数值" }

[facts.fines]
label = "罚款单"
key = ["no"]
[facts.fines.fields]
no = { type = "string", label = "编号" }
fine = { type = "decimal", unit = "CNY", label = "罚款" }

[[pay]]
id = "amount"
kind = "adjustment"
amount = "round(amount * rate / 100, 2) + visits.map(v, v.value).sum() - fines.map(f, f.fine).sum()"
"""
)
assert PROGRAM is not None
PERIOD: Final = period_of(PROGRAM)
RUNNER: Final = PeriodRunner(PROGRAM)
EXPECTED: Final = list_expected([PROGRAM.schema])
PLACING: Final = {"visits": "on", "fines": "period"}
OF_LAYOUT: Final = frozenset({"SC428", "SC429", "SC430", "SC431", "SC432", "SC445"})
"""What is said of how a file is written names no cell."""


class Said:
    """What diagnostics say of the rows and cells of each table."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.by_code: dict[tuple[str, str], list[Diagnostic]] = {}
        self._cells: set[tuple[str, int, str]] = set()
        for diagnostic in diagnostics:
            table, code = Path(diagnostic.location.source).stem, diagnostic.kind.code
            self.by_code.setdefault((table, code), []).append(diagnostic)
            if code not in OF_LAYOUT:
                name = diagnostic.params.get("name", "")
                self._cells |= {(table, line, name) for line in list_lines(diagnostic)}

    def names(self, table: str, row: MessyRow, *names: str) -> bool:
        """Whether a row is named as a whole, or by one of some columns."""
        return any((table, row.line, name) in self._cells for name in ("", *names))

    def count(self, table: str, code: str) -> int:
        return sum(int(diagnostic.params.get("count", 1)) for diagnostic in self.by_code.get((table, code), ()))


def list_lines(diagnostic: Diagnostic) -> set[int]:
    """The lines that a diagnostic names: its own, and those of rows like it."""
    lines = {diagnostic.location.line}
    for part in diagnostic.params.get("rows", "").split(", "):
        first, _, last = part.partition("-")
        if first.isdecimal():
            lines |= set(range(int(first), int(last or first) + 1))
    return lines


def check(folder: Path, seed: int) -> int:
    """Hold one folder to the law; how many people are decided."""
    tables = FolderWriter(seed).write_folder()
    encoding = tables["person"].layout.encoding
    for name, table in tables.items():
        (folder / f"{name}.csv").write_bytes(table.text.encode(encoding))
    diagnostics = Diagnostics()
    raw = read_facts(folder, diagnostics, encoding.removesuffix("-sig"), expected=EXPECTED)
    if tables["person"].layout.separator in ";|":
        assert "SC427" in {diagnostic.kind.code for diagnostic in diagnostics}
        return 0
    facts = RUNNER.inspect(PERIOD, raw, diagnostics)
    said = Said(diagnostics)
    subjects = (
        {}
        if facts is None
        else {each.subject: each for each in extract_subject_facts(PROGRAM, facts, range(len(facts)))}
    )
    check_people(tables["person"], subjects, said)
    for name in PLACING if subjects else ():
        check_layout(name, tables[name], said)
        check_rows(name, tables, subjects, said)
    return len(subjects)


def check_layout(name: str, table: MessyTable, said: Said) -> None:
    """What is said of the way in which a file is written is said of as many rows or cells as it is true of."""
    for code in OF_LAYOUT:
        assert said.count(name, code) == len(table.notes.get(code, ())), code


def check_people(table: MessyTable, subjects: Mapping[str, SubjectFacts], said: Said) -> None:
    """A row is a person of the period with every value, or it is named; nobody is there whom no row names."""
    check_layout("person", table, said)
    decided = set()
    for row in table.rows:
        period, cells = row.cells["period"], {name: cell for name, cell in row.cells.items() if name != "period"}
        assert said.names("person", row, "person") or not row.id.is_told, row.id
        if row.id.value is not None:
            assert said.names("person", row, *PERIOD_HEADINGS) or not period.is_told, period
        if row.id.value is None or period.value != THIS:
            continue
        decided.add(row.id.value)
        for name, cell in cells.items():
            value = subjects[str(row.id.value)].values[name]
            assert (None if isinstance(value, Unknown) else value) == cell.value, (name, cell)
            assert said.names("person", row, name) or not cell.is_told, (name, cell)
    assert subjects.keys() == decided


PERIOD_HEADINGS: Final = ("period", "期间", "月份", " 期间", "考核月份")


def check_rows(name: str, tables: Mapping[str, MessyTable], subjects: Mapping[str, SubjectFacts], said: Said) -> None:
    """A row counts for its subject, or it is named, or it is counted among those that are for nobody or no period."""
    placing, rows = PLACING[name], tables[name].rows
    has_others = any(row.cells["period"].value == OTHER for row in tables["person"].rows)
    expected: dict[str, list[MessyRow]] = {subject: [] for subject in subjects}
    broken: set[object] = set()
    strangers = outside = 0
    for row in rows:
        place = row.cells[placing]
        assert said.names(name, row, "person") or not row.id.is_told, row.id
        if row.id.value is None:
            continue
        assert said.names(name, row, placing, *PERIOD_HEADINGS) or not place.is_told, place
        if place.value is None:
            broken.add(row.id.value)
            if name == "visits":  # what else is wrong with the row is named at once
                assert said.names(name, row, "value") or not row.cells["value"].is_told, row
        elif str(place.value)[:7] != THIS:
            outside += not (has_others and str(place.value)[:7] == OTHER)
        elif row.id.value in subjects:
            expected[str(row.id.value)].append(row)
        else:
            strangers += 1
    assert said.count(name, "SC407") == strangers
    if name == "visits":
        assert said.count(name, "SC453") == outside
    for subject, their_rows in expected.items():
        check_rows_of(name, subjects[subject], their_rows, said, is_broken=subject in broken and name == "visits")


def check_rows_of(name: str, subject: SubjectFacts, rows: Iterable[MessyRow], said: Said, *, is_broken: bool) -> None:
    """The rows of one subject have their values, or what is wrong with them is named, and none of them counts."""
    keys = Counter(row.cells["no"].value for row in rows)
    table = subject.rows[name]
    if is_broken or any(count > 1 for count in keys.values()):
        assert isinstance(table, Unknown)
        assert is_broken or any(said.names(name, row) for row in rows if keys[row.cells["no"].value] > 1)
        return
    assert not isinstance(table, Unknown)
    read = {each["no"]: each for each in table}
    assert read.keys() == keys.keys()
    for row in rows:
        for field, cell in row.cells.items():
            if field in {"no", "period"}:
                continue
            value = read[row.cells["no"].value][field]
            assert (None if isinstance(value, Unknown) else value) == cell.value, (field, cell)
            assert said.names(name, row, field) or not cell.is_told, (field, cell)


def test_every_row_is_named_however_many_there_are() -> None:
    """Rows of nobody, of no period, of strangers and of totals: none is left out behind the first ones."""
    many = 60
    person = pl.DataFrame({"person": ["E1", *[None] * many, *["合计"] * many, *[f"P{n}" for n in range(many)]]})
    person = person.with_columns(period=pl.Series([THIS] * (1 + 2 * many) + [None] * many), rate=pl.lit("1"))
    person = person.with_columns(amount=pl.lit("1"), count=pl.lit("1"))
    visits = pl.DataFrame({"person": [f"S{n}" for n in range(many)]}).with_columns(
        no=pl.lit("1"), on=pl.lit("2024-05-06"), value=pl.lit("1")
    )
    diagnostics = Diagnostics()
    raw = {name: RawTable(table, name) for name, table in (("person", person), ("visits", visits))}
    RUNNER.inspect(PERIOD, raw, diagnostics)
    counts = Counter(diagnostic.kind.code for diagnostic in diagnostics)
    assert {code: counts[code] for code in ("SC406", "SC407", "SC420", "SC432")} == dict.fromkeys(
        ("SC406", "SC407", "SC420", "SC432"), many
    )


@given(seed=st.integers(0, 2**40))
def test_every_cell_is_read_noted_or_refused(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    event("somebody" if check(tmp_path_factory.getbasetemp(), seed) else "nobody")
