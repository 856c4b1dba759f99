"""Dates in facts: the year is written with four digits, and lies between 1900 and 2200; the rest is an invalid fact."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.cells import EVERY_YEAR, find_misfit
from scorecore.facts.convert import convert_column
from scorecore.facts.raw import RawTable
from scorecore.facts.subject_facts import subject_facts
from scorecore.values.types import (
    BOOL,
    DATE,
    STRING,
    TIMESTAMP,
    Type,
)
from scorecore.values.unknown import Unknown
from scorecore_cli.main import scorecore
from strategies.cases import compiled, period_of

DATES: Final = ("{}-05-06", "{}-5-6", "{}/05/06", "{}/5/6", "{}.5.6", "{}年5月6日", "{}年05月06日", "{}-05-06 00:00:00")
CLOCKS: Final = (" 17:30", " 17:30:00", "T17:30", "T17:30:00", " 17:30:00.000", " 8:30")
TIMESTAMPS: Final = tuple(day + clock for day in DATES[:-1] for clock in CLOCKS)
WRONG_YEARS: Final = ("24", "5", "024", "-2024", "+2024", "02024", "12024", "-24", "0000", "٢٠٢٤", "２4", "２٠24")
FAR_YEARS: Final = ("0001", "0024", "0999", "1899", "2201", "9999")

POLICY: Final = f"""{HEAD}
[facts.person]
joined = {{ type = "date", optional = true }}
seen = {{ type = "timestamp", optional = true }}

[facts.fines]
key = ["id"]
dated_by = "date"
fields = {{ id = {{ type = "string" }}, date = {{ type = "date" }} }}

[[pay]]
id = "fines"
kind = "deduction"
amount = "fines.map(f, 1).sum()"

[[pay]]
id = "seniority"
kind = "earning"
amount = "decimal(has(joined) ? months_between(joined, period.end) : 0)"
"""


def codes(cells: pl.Series, fact_type: Type, years: range | None = None) -> list[str]:
    """The code of each cell's problem; "" where there is none."""
    values, bad = convert_column(cells, fact_type) if years is None else convert_column(cells, fact_type, years)
    assert all(values[row] is None for row in bad)
    return [bad[row][0].code if row in bad else "" for row in range(len(cells))]


@pytest.mark.parametrize(("fact_type", "forms"), [(DATE, DATES), (TIMESTAMP, TIMESTAMPS)], ids=["date", "timestamp"])
def test_a_year_is_written_with_four_digits(fact_type: Type, forms: Sequence[str]) -> None:
    """However a date is written, a year with fewer digits or more, or with a sign, makes it no date."""
    for form in forms:
        assert codes(pl.Series([form.format("2024")]), fact_type) == [""], form
        texts = [form.format(year) for year in WRONG_YEARS]
        assert codes(pl.Series(texts), fact_type) == ["SC512"] * len(texts), form
        texts = [form.format(year) for year in FAR_YEARS]
        assert codes(pl.Series(texts), fact_type) == ["SC513"] * len(texts), form


def test_a_year_at_the_end_is_not_taken_for_a_day() -> None:
    texts = ["05-07-24", "5/7/2024", "05/07/24", "7.5.24", "24年5月7日", "07-05-2024", "2024-5- 7", "2024- 5-7"]
    assert codes(pl.Series(texts), DATE) == ["SC512"] * len(texts)


DIGITS: Final = st.text("0123456789", max_size=5)
SEPARATORS: Final = st.sampled_from(["-", "/", ".", "年", "月", "日", " ", ":", "T", "+", "", "--"])
PARTS: Final = st.sampled_from(["2024", "24", "0024", "5", "05", "06", "31", "1899", "1900", "2200", "2201"])


@st.composite
def digits_and_separators(draw: st.DrawFn) -> str:
    count = draw(st.integers(1, 7))
    parts = [draw(st.one_of(PARTS, DIGITS)) + draw(SEPARATORS) for _ in range(count)]
    return draw(st.sampled_from(["", "", "", "-", "+"])) + "".join(parts)


@given(texts=st.lists(digits_and_separators(), min_size=1, max_size=20), fact_type=st.sampled_from([DATE, TIMESTAMP]))
@example(texts=["24-05-07", "05-07-24", "-2024-05-01", "12024-05-06", "2024-5-6", "2200-12-31"], fact_type=DATE)
@example(texts=["1899-12-31", "1900-01-01", "2201-01-01", "9999-12-31", "0000-01-01"], fact_type=DATE)
@example(texts=["24-05-07 17:30", "2024-05-07T17:30", "-2024-05-07 17:30:00", "2201-01-01 00:00"], fact_type=TIMESTAMP)
def test_a_text_is_a_date_with_its_year_as_written_or_refused(texts: list[str], fact_type: Type) -> None:
    """Of digits and separators nothing is made but a date whose first four characters are its year."""
    values, bad = convert_column(pl.Series(texts), fact_type)
    for row, (text, value) in enumerate(zip(texts, values, strict=True)):
        text = text.strip()  # noqa: PLW2901  as cells are
        if value is None:
            assert (row in bad) == bool(text)
            continue
        assert row not in bad
        assert 1900 <= value.year <= 2200
        assert text[:4] == str(value.year)
        assert text[4] in "-/.年" or text[:8].isdecimal()


@given(day=st.dates())
@example(day=date(1899, 12, 31))
@example(day=date(1900, 1, 1))
@example(day=date(2200, 12, 31))
@example(day=date(2201, 1, 1))
def test_a_date_is_judged_alike_as_text_as_cell_and_as_value(day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 17, 30)
    code = "" if 1900 <= day.year <= 2200 else "SC513"
    assert codes(pl.Series([day]), DATE) == codes(pl.Series([str(day)]), DATE) == [code]
    assert codes(pl.Series([moment]), TIMESTAMP) == codes(pl.Series([str(moment)]), TIMESTAMP) == [code]
    midnight = datetime(day.year, day.month, day.day)
    assert codes(pl.Series([midnight]), DATE) == [code]
    for value, fact_type in ((day, DATE), (moment, TIMESTAMP)):
        unfit = find_misfit(value, fact_type)
        assert (unfit[0].code if unfit else "") == code


@given(count=st.integers(-(2**31), 2**31 - 1), instant=st.integers(-(2**63), 2**63 - 1))
@example(count=-(2**31), instant=-(2**63))
@example(count=2**31 - 1, instant=2**63 - 1)
@example(count=2_932_897, instant=0)
@example(count=-719_163, instant=0)
def test_what_python_cannot_hold_is_a_diagnostic(count: int, instant: int) -> None:
    """Polars has dates of years with six digits, and instants beyond; as facts of any type they are no exception."""
    days = pl.Series([count], dtype=pl.Int32).cast(pl.Date)
    instants = pl.Series([instant], dtype=pl.Int64)
    for cells in (days, *(instants.cast(pl.Datetime(unit)) for unit in ("ms", "us", "ns"))):
        for fact_type in (DATE, TIMESTAMP, BOOL, STRING):
            values, bad = convert_column(cells, fact_type)
            assert len(values) == 1
            assert bad or values[0] is not None
            for kind, params in bad.values():
                assert kind.code in {"SC512", "SC513"}
                assert params["value"]


def test_the_year_of_a_zoned_instant_is_that_of_its_own_day() -> None:
    last = datetime(2200, 12, 31, 20, tzinfo=UTC)
    cells = pl.Series([last], dtype=pl.Datetime("us", "UTC")).dt.convert_time_zone("Asia/Shanghai")
    midnight = pl.Series([last.replace(hour=16)], dtype=pl.Datetime("us", "UTC")).dt.convert_time_zone("Asia/Shanghai")
    assert codes(cells, DATE) == ["SC512"]
    assert codes(midnight, DATE) == ["SC513"]


def test_what_was_decided_may_have_any_year() -> None:
    """A policy may compute a date far away; as history it is read back as it was decided."""
    texts = pl.Series(["9999-12-31", "0001-01-01", "24-05-07"])
    assert codes(texts, DATE, EVERY_YEAR) == ["", "", "SC512"]


# through the whole library


def decided(fines: pl.DataFrame, person: pl.DataFrame) -> tuple[list[tuple[str, str]], dict[str, set[str]]]:
    """The problems with their places, and by person the pay lines that are held."""
    program, _ = compiled(POLICY)
    assert program is not None
    diagnostics = Diagnostics()
    raw = {"person": RawTable(person, "person.csv"), "fines": RawTable(fines, "fines.csv")}
    decisions = PeriodRunner(program).decide(period_of(program), raw, diagnostics)
    assert decisions is not None
    lines = ("pay.fines", "pay.seniority")
    held = {
        subject_id: {line for line in lines if decisions.frame[line][row] is None}
        for row, subject_id in enumerate(decisions.facts.ids)
    }
    return [(diagnostic.kind.code, str(diagnostic.location)) for diagnostic in diagnostics], held


PEOPLE: Final = pl.DataFrame({"person": ["P1", "P2"], "joined": ["2020-05-06", "2020-05-06"]})


@pytest.mark.parametrize(
    "cell",
    ["24-05-07", "05-07-24", "-2024-05-07", "12024-05-07", date(24, 5, 7), date(2924, 5, 7), datetime(24, 5, 7)],
    ids=str,
)
def test_an_event_without_a_proper_year_holds_whom_it_is_about(cell: object) -> None:
    right = cell.replace(year=2024) if isinstance(cell, date) else "2024-05-07"
    fines = pl.DataFrame({"person": ["P1", "P2"], "id": ["a", "b"], "date": [right, cell]})
    _, held = decided(fines, PEOPLE)
    assert held == {"P1": set(), "P2": {"pay.fines"}}


@pytest.mark.parametrize("cell", ["20-05-06", "-2020-05-06", date(20, 5, 6), date(2920, 5, 6)], ids=str)
def test_a_fact_without_a_proper_year_holds_whom_it_is_about(cell: object) -> None:
    right = cell.replace(year=2020) if isinstance(cell, date) else "2020-05-06"
    person = pl.DataFrame({"person": ["P1", "P2"], "joined": [right, cell]})
    fines = pl.DataFrame({"person": ["P1"], "id": ["a"], "date": ["2024-05-07"]})
    _, held = decided(fines, person)
    assert held == {"P1": set(), "P2": {"pay.seniority"}}


@pytest.mark.parametrize("clock", ["valid_from", "valid_until", "known"])
@pytest.mark.parametrize("cell", ["24-05-01", "-2024-05-01", "2924-05-01"])
def test_clocks_are_dates_too(clock: str, cell: str) -> None:
    person = PEOPLE.with_columns(pl.Series(clock, [None, cell]))
    fines = pl.DataFrame({"person": ["P1"], "id": ["a"], "date": ["2024-05-07"]})
    _, held = decided(fines, person)
    assert held == {"P1": set(), "P2": {"pay.seniority"}}


@pytest.mark.parametrize("cells", [["9999-12-31", "9999/12/31"], [date(9999, 12, 31)] * 2], ids=["text", "native"])
def test_the_last_day_of_the_calendar_means_without_end(cells: list[object]) -> None:
    """Systems of personnel write 9999-12-31 for a validity without end."""
    person = PEOPLE.with_columns(pl.Series("valid_until", cells))
    fines = pl.DataFrame({"person": ["P1"], "id": ["a"], "date": ["2024-05-07"]})
    assert decided(fines, person) == ([], {"P1": set(), "P2": set()})


def as_record(values: Mapping[str, Any], day: object) -> tuple[Any, Any]:
    program, _ = compiled(POLICY)
    assert program is not None
    record = subject_facts(program, period_of(program), "P1", values, {"fines": [{"id": "a", "date": day}]})
    return record.values["joined"], record.rows["fines"]


@pytest.mark.parametrize("cell", ["24-05-07", date(24, 5, 7), date(1899, 12, 31), date(2201, 1, 1)], ids=str)
def test_facts_from_a_program_are_judged_alike(cell: object) -> None:
    joined, fines = as_record({"joined": cell}, cell)
    code = "SC512" if isinstance(cell, str) else "SC513"
    assert isinstance(joined, Unknown)
    assert isinstance(fines, Unknown)
    assert [cause.kind.code for cause in joined.causes] == [code]
    assert [cause.kind.code for cause in fines.causes] == ["SC518"]


def test_facts_from_a_program_with_a_proper_year_are_facts() -> None:
    joined, fines = as_record({"joined": "1900-01-01"}, period_of(compiled(POLICY)[0]).start)  # type: ignore[arg-type]
    assert joined == date(1900, 1, 1)
    assert len(fines) == 1


# on the command line


def csv_facts(folder: Path, cells: Sequence[str]) -> Path:
    facts = folder / "facts"
    facts.mkdir()
    (facts / "person.csv").write_text("person,joined\nP1,2020-05-06\nP2,2020-05-06\n", "utf-8")
    rows = "".join(f"P{number},{number},{cell}\n" for number, cell in enumerate(cells, 1))
    (facts / "fines.csv").write_text(f"person,id,date\n{rows}", "utf-8")
    return facts


def workbook(folder: Path, cells: Sequence[str]) -> Path:
    path = folder / "facts.xlsx"
    with xlsxwriter.Workbook(path) as book:
        person, fines = book.add_worksheet("person"), book.add_worksheet("fines")
        for row, cells_of in enumerate([("person", "joined"), ("P1", "2020-05-06"), ("P2", "2020-05-06")]):
            person.write_row(row, 0, cells_of)
        fines.write_row(0, 0, ("person", "id", "date"))
        for number, cell in enumerate(cells, 1):
            fines.write_row(number, 0, (f"P{number}", str(number), cell))
    return path


@pytest.mark.parametrize(
    ("written", "place"), [(csv_facts, "fines.csv:3"), (workbook, "facts.xlsx[fines]!C3")], ids=["csv", "xlsx"]
)
def test_the_cell_is_named(written: Callable[[Path, Sequence[str]], Path], place: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    facts = written(tmp_path, ["2024-05-07", "24-05-07"])
    arguments = [str(tmp_path / "policy.toml"), "--facts", str(facts), "--period", "2024-05"]
    done = CliRunner().invoke(scorecore, ["facts", "check", *arguments])
    assert f"{place}: SC512 `date` is `24-05-07`, which is not a valid date" in done.output
    assert done.exit_code == 1
    done = CliRunner().invoke(scorecore, ["run", *arguments])
    assert "1 with something held" in done.output
    assert done.exit_code == 1


@pytest.mark.parametrize("text", ["24-05-07", "-2024-05-07", "12024-05-07", "0024-05-07", "2924-05-07"])
def test_days_on_the_command_line_have_proper_years(text: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    facts = csv_facts(tmp_path, ["2024-05-07"])
    arguments = [str(tmp_path / "policy.toml"), "--facts", str(facts), "--period", "2024-05", f"--known-at={text}"]
    done = CliRunner().invoke(scorecore, ["run", *arguments])
    assert done.exit_code == 2
    assert text in done.output


@pytest.mark.parametrize("text", ["24-05-07", "-2024-05-07", "12024-05-07", "2024-5-7", "20240507"])
def test_dates_in_expressions_have_proper_years(text: str) -> None:
    _, diagnostics = compiled(POLICY.replace("has(joined) ?", f"has(joined) && joined > date('{text}') ?"))
    assert [diagnostic.kind.code for diagnostic in diagnostics] == ["SC239"]


@pytest.mark.parametrize("text", ["24-01-01", "-2024-01-01", "12024-01-01"])
def test_dates_of_a_policy_have_proper_years(text: str) -> None:
    start = next(line for line in HEAD.splitlines() if line.startswith("effective"))
    program, diagnostics = compiled(POLICY.replace(start, f"effective = {{ from = {text} }}"))
    assert program is None
    assert len(diagnostics)
