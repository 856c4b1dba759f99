"""Readers and writers: a value is the same in every format, and nothing that is written can be taken for a formula."""

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl
import pytest
import xlsxwriter
from click import ClickException
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.convert import convert_column
from scorecore.facts.raw import RawTable
from scorecore.io.readers import read_facts
from scorecore.io.template import LAST_ROW
from scorecore.io.writers import FORMATS, write_folder, write_workbook
from scorecore.values.types import DATE, TIMESTAMP, decimal_type
from scorecore_cli.main import scorecore
from scorecore_cli.table_output import Output

POLICIES: Final = Path(__file__).parents[2] / "policies"
RUNS: Final = {
    "galaxy": ("galaxy/branch.toml", "galaxy/facts", "2024-05"),
    "credit union, monthly": ("credit_union/points.toml", "credit_union/facts", "2024-05"),
    "credit union, yearly": ("credit_union/branch.toml", "credit_union/yearly_facts", "2024"),
}
FORMULA_SIGNS: Final = "=+-@\t\r＝＋-＠"


def decided(run: str, facts: Path, *more: str) -> list[dict[str, Any]]:
    """What the command line decides, without the places of mistakes, which differ from format to format."""
    policy, _, period = RUNS[run]
    arguments = ["run", str(POLICIES / policy), "--facts", str(facts), "--period", period, "--json", *more]
    data = json.loads(CliRunner().invoke(scorecore, arguments, catch_exceptions=False).stdout)
    for row in data["decisions"]:
        for cause in (reason for causes in row.get("held", {}).values() for reason in causes):
            for place in ("source", "line", "column", "cell"):
                cause.pop(place, None)
    decisions: list[dict[str, Any]] = data["decisions"]
    return decisions


@cache
def sample(run: str) -> dict[str, pl.DataFrame]:
    files = sorted((POLICIES / RUNS[run][1]).glob("*.csv"))
    return {file.stem: pl.read_csv(file, infer_schema=False) for file in files}


def lines(frame: pl.DataFrame, **more: str) -> str:
    rows = [{**more, **{name: cell for name, cell in row.items() if cell}} for row in frame.iter_rows(named=True)]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def native(sheet: Any, position: tuple[int, int], cell: str, day: Any) -> None:
    """A cell as people type it into a spreadsheet: numbers, dates and truth values are no texts there."""
    value = number(cell)
    if value is not None:
        sheet.write_number(*position, value)
    elif len(cell) == len("2024-05-31") and cell[4] == "-":
        sheet.write_datetime(*position, datetime.fromisoformat(cell), day)
    elif cell in {"true", "false"}:
        sheet.write_boolean(*position, cell == "true")
    else:
        sheet.write_string(*position, cell)


def workbook(path: Path, tables: dict[str, pl.DataFrame], *, typed: bool) -> Path:
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, frame in tables.items():
            sheet = book.add_worksheet(name)
            for column, heading in enumerate(frame.columns):
                sheet.write_string(0, column, heading)
                for row, cell in enumerate(frame[heading], 1):
                    if cell and typed:
                        native(sheet, (row, column), cell, day)
                    elif cell:
                        sheet.write_string(row, column, cell)
    return path


def as_parquet(folder: Path, tables: dict[str, pl.DataFrame]) -> Path:
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return folder


def as_lines(folder: Path, tables: dict[str, pl.DataFrame]) -> Path:
    for name, frame in tables.items():
        (folder / f"{name}.jsonl").write_text(lines(frame), "utf-8")
    return folder


def as_one_file(folder: Path, tables: dict[str, pl.DataFrame]) -> Path:
    path = folder / "facts.jsonl"
    path.write_text("".join(lines(frame, table=name) for name, frame in tables.items()), "utf-8")
    return path


OTHERS: Final[dict[str, Callable[[Path, dict[str, pl.DataFrame]], Path]]] = {
    "parquet": as_parquet,
    "json lines": as_lines,
    "one file of json lines": as_one_file,
    "workbook of text": lambda folder, tables: workbook(folder / "facts.xlsx", tables, typed=False),
    "workbook of numbers and dates": lambda folder, tables: workbook(folder / "facts.xlsx", tables, typed=True),
}


@pytest.mark.sampled(9)
@pytest.mark.parametrize("form", OTHERS)
@pytest.mark.parametrize("run", RUNS)
def test_same_facts_same_decisions(run: str, form: str, tmp_path: Path) -> None:
    """The same facts give the same decisions, whatever kind of file they come in."""
    expected = decided(run, POLICIES / RUNS[run][1])
    assert len(expected) >= 10
    assert decided(run, OTHERS[form](tmp_path, sample(run))) == expected


@pytest.mark.sampled(9)
@pytest.mark.parametrize(("written", "said"), [("gbk", "gbk"), ("gb18030", "GB18030"), ("utf-8-sig", "utf-8")])
@pytest.mark.parametrize("run", RUNS)
def test_encodings(run: str, written: str, said: str, tmp_path: Path) -> None:
    """Chinese text is read as it was written, with --encoding or with the mark of UTF-8."""
    folder = POLICIES / RUNS[run][1]
    for file in folder.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_text("utf-8").encode(written))
    assert decided(run, tmp_path, "--encoding", said) == decided(run, folder)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends(ends: str, tmp_path: Path) -> None:
    """Lines may end as they do on any system."""
    folder = POLICIES / RUNS["galaxy"][1]
    for file in folder.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_text("utf-8").replace("\n", ends).encode())
    assert decided("galaxy", tmp_path) == decided("galaxy", folder)


def table_of(text: str, name: str = "person.csv") -> tuple[RawTable, Diagnostics]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, "utf-8", newline="")
        diagnostics = Diagnostics()
        return read_facts(path.parent, diagnostics)["person"], diagnostics


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=6)


@given(rows=st.lists(st.tuples(cells, cells), max_size=6), blank=st.integers(0, 2))
def test_rows_of_a_csv_file_have_their_lines(rows: list[tuple[str, str]], blank: int) -> None:
    """A row is known by the line in which it begins, also below cells of several lines and blank lines."""
    out = io.StringIO()
    out.write("\n" * blank)
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["person", "name"])
    expected = []
    for row in rows:
        expected.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    table, diagnostics = table_of(out.getvalue())
    assert not len(diagnostics)
    assert table.row_numbers.to_list() == expected


@given(gaps=st.lists(st.sampled_from(["", " ", "[1]", "{", '{"a": "\\ud800"}']), max_size=5))
def test_rows_of_json_lines_have_their_lines(gaps: list[str]) -> None:
    """A row is known by its line, whatever stands between."""
    good = '{"person": "甲\u2028乙\x85"}'
    table, _ = table_of("\n".join([*gaps, good, *gaps, good]), "person.jsonl")
    assert table.row_numbers.to_list() == [len(gaps) + 1, 2 * len(gaps) + 2]
    assert table.frame["person"].to_list() == ["甲\u2028乙\x85"] * 2


def test_columns_without_a_heading_are_left_out() -> None:
    """Empty columns, which spreadsheets leave behind, are no columns."""
    table, diagnostics = table_of("person,,name,\nB1,,甲,\n")
    assert table.frame.to_dict(as_series=False) == {"person": ["B1"], "name": ["甲"]}
    assert not len(diagnostics)


# numbers and dates of spreadsheets

amounts = st.decimals(-(10**9), 10**9, places=6).filter(lambda amount: len(amount.as_tuple().digits) <= 15)


@given(values=st.lists(amounts, min_size=1, max_size=20))
@example(values=[Decimal("0.1"), Decimal("1234567.89"), Decimal("1E+9"), Decimal("-0.000001"), Decimal("0.30")])
def test_numbers_of_a_workbook_are_read_as_shown(values: list[Decimal]) -> None:
    """A number of up to 15 digits, which a spreadsheet keeps in binary, is read as the spreadsheet shows it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "facts.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("person")
            sheet.write_column(0, 0, ["amount", *map(float, values)])
        frame = read_facts(path, Diagnostics())["person"].frame
    held, bad = convert_column(frame["amount"], decimal_type(-(10**9), 10**9, 6))
    assert not bad
    assert held.to_list() == [int(value * 10**6) for value in values]


@given(day=st.dates(date(1901, 1, 1), date(2200, 12, 31)))
def test_dates_are_dates_however_they_are_written(day: date) -> None:
    """A date is the same as a date cell of a spreadsheet and as text in each of the usual ways."""
    year, month, number = day.year, day.month, day.day
    texts = [day.isoformat(), f"{year:04}/{month}/{number}", f"{year:04}.{month}.{number}"]
    texts += [f"{year:04}年{month}月{number}日", f"{day.isoformat()} 00:00:00"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "facts.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("person")
            sheet.write_column(0, 0, ["date", *texts])
            sheet.write_datetime(1 + len(texts), 0, day, book.add_format({"num_format": "yyyy/m/d"}))
        frame = read_facts(path, Diagnostics())["person"].frame
    held, bad = convert_column(frame["date"], DATE)
    assert not bad
    assert set(held) == {day}


@given(moment=st.datetimes(datetime(1901, 1, 1), datetime(2200, 12, 31, 23, 59)))
def test_timestamps_are_timestamps_however_they_are_written(moment: datetime) -> None:
    """A timestamp is the same as a cell of a spreadsheet and as text in each of the usual ways."""
    moment = moment.replace(microsecond=0)
    day, clock = moment.date(), f"{moment:%H:%M:%S}"
    year, month, number = day.year, day.month, day.day
    texts = [moment.isoformat(), moment.isoformat(" "), f"{year}/{month}/{number} {moment.hour}:{moment:%M:%S}"]
    texts += [f"{year}年{month}月{number}日 {clock}", f"{day} {clock}.000", f"{year}.{month}.{number} {clock}"]
    texts += [f"{day} {moment:%H:%M}"] if not moment.second else []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "facts.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("person")
            sheet.write_column(0, 0, ["time", *texts])
            if clock != "00:00:00":  # a midnight is a day alone to a workbook
                sheet.write_datetime(1 + len(texts), 0, moment, book.add_format({"num_format": "yyyy/m/d hh:mm"}))
        frame = read_facts(path, Diagnostics())["person"].frame
    held, bad = convert_column(frame["time"], TIMESTAMP)
    assert not bad
    assert set(held) == {moment}


@pytest.mark.parametrize(
    "text",
    [
        *("2024-05-31", "2024-05-31 24:00", "2024-05-31 23:59:60", "2024-05-31 17", "17:30", "2024-02-30 10:00"),
        *("0000-01-01 10:00:00", "2024-05-31T17:30:00Z", "2024-05-31 17:30:00+08:00"),
    ],
)
def test_what_is_no_timestamp_is_not_made_one(text: str) -> None:
    """A day alone is not its midnight, a minute has 60 seconds, and a zone or a fraction is not dropped."""
    held, bad = convert_column(pl.Series([text]), TIMESTAMP)
    assert held.to_list() == [None]
    assert list(bad) == [0]


def test_there_is_no_year_0() -> None:
    held, bad = convert_column(pl.Series(["0000-01-01", "1900-01-01"]), DATE)
    assert held.to_list() == [None, date(1900, 1, 1)]
    assert list(bad) == [0]


# what is written

texts = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.builds("".join, st.tuples(st.sampled_from(["", "'", "''"]), st.sampled_from(FORMULA_SIGNS), st.text("1+A('!"))),
)
money = st.decimals(-(10**12), 10**12, places=2)
fine = st.decimals(-(10**20), 10**20, places=12, allow_nan=False).filter(lambda amount: abs(amount) < 10**20)
written_rows = st.lists(
    st.tuples(texts, st.none() | money, st.none() | fine, st.none() | st.booleans(), st.none() | texts), max_size=8
)
SCHEMA: Final = {
    "reason": pl.String(),
    "amount": pl.Decimal(38, 2),
    "points": pl.Decimal(38, 12),
    "partial": pl.Boolean(),
    "label": pl.String(),
}


def written(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    numbered = [(f"B{number}", *row) for number, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema={"person": pl.String(), **SCHEMA}, orient="row")


def plain(cell: object, value_type: object) -> object:
    """A cell as a value, from what any format gives; empty text is no value, and a line end is a line end."""
    if cell is None or cell == "":
        return None
    if value_type == pl.Boolean():
        return str(cell).lower()
    if value_type == pl.String():
        return str(cell).replace("\r\n", "\n").replace("\r", "\n")
    return Decimal(str(cell))


def values(frame: pl.DataFrame) -> dict[str, list[object]]:
    return {
        name: [plain(cell, value_type) for cell in frame[name]]
        for name, value_type in SCHEMA.items()
        if name in frame.columns
    }


@pytest.mark.parametrize("form", [*FORMATS, "xlsx"])
@given(rows=written_rows)
def test_what_is_written_is_read_back(form: str, rows: list[tuple[Any, ...]]) -> None:
    """What is written in any format is read back as the same values."""
    frame = written(rows)
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("out.xlsx" if form == "xlsx" else "out")
        if form == "xlsx":
            write_workbook(path, {"pay": frame}, str)
        else:
            write_folder(path, {"pay": frame}, form)
        diagnostics = Diagnostics()
        read_back = read_facts(path, diagnostics)["pay"].frame
    assert {problem.kind for problem in diagnostics} <= {catalogue.FOLDED_ROWS}
    there = {name: cells for name, cells in values(frame).items() if name in read_back.columns or any(cells)}
    assert values(read_back) == there  # a column without any value may be missing


@given(rows=written_rows)
def test_csv_has_no_formulas(rows: list[tuple[Any, ...]]) -> None:
    """No cell of a CSV file that is no number begins with a sign that a spreadsheet takes for a formula."""
    with TemporaryDirectory() as folder:
        (path,) = write_folder(Path(folder), {"pay": written(rows)}, "csv")
        csv_rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    assert len(csv_rows) == len(rows) + 1
    for cell in (cell for row in csv_rows for cell in row if number(cell) is None):
        assert not cell.startswith(tuple(FORMULA_SIGNS))


@given(rows=written_rows)
def test_workbooks_have_no_formulas(rows: list[tuple[Any, ...]]) -> None:
    """A workbook has values only, and no links."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "out.xlsx"
        write_workbook(path, {"pay": written([*rows, ("=1+1", None, None, None, "http://a.example")])}, str)
        with zipfile.ZipFile(path) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml")
            assert not any("_rels/sheet" in name for name in archive.namelist())
    assert b"<c " in sheet
    assert b"<f" not in sheet
    assert b"hyperlink" not in sheet


@pytest.mark.slow
def test_decisions_are_read_back_as_history(tmp_path: Path) -> None:
    """Decisions written in each format serve as history, with the same decisions of the next period."""
    policy, facts, _ = RUNS["galaxy"]
    shutil.copytree(POLICIES / facts, tmp_path / "facts")
    (tmp_path / "facts" / "history.csv").unlink()
    written = []
    for form in FORMATS:
        arguments = ["run", str(POLICIES / policy), "--facts", str(tmp_path / "facts"), "--period", "2024-04"]
        arguments += ["--out", str(tmp_path / form), "--format", form]
        assert CliRunner().invoke(scorecore, arguments, catch_exceptions=False).exit_code in {0, 1}
        written.append(decided("galaxy", tmp_path / "facts", "--history", str(tmp_path / form)))
    assert written[0]
    assert written[1:] == written[:-1]


PERSON: Final = "person"


def tables_of(path: Path) -> tuple[dict[str, RawTable], list[str]]:
    diagnostics = Diagnostics()
    return read_facts(path, diagnostics), [diagnostic.kind.code for diagnostic in diagnostics]


def test_a_sheet_does_not_replace_another(tmp_path: Path) -> None:
    """Two sheets whose names differ by a blank are one table given twice: the first is read, the second is named."""
    sheets = {PERSON: pl.DataFrame({"id": ["A"]}), f"{PERSON} ": pl.DataFrame({"id": ["B"]})}
    tables, codes = tables_of(workbook(tmp_path / "facts.xlsx", sheets, typed=False))
    assert (tables[PERSON].frame["id"].to_list(), codes) == (["A"], ["SC412"])


def test_a_workbook_does_not_lose_rows(tmp_path: Path) -> None:
    """A table with more rows than a sheet has is refused, and nothing is written."""
    out = tmp_path / "out.xlsx"
    frames = {"entries": pl.DataFrame({"points": pl.repeat(1, LAST_ROW + 1, eager=True)})}
    with pytest.raises(ClickException, match="1,048,575 rows, and entries has 1,048,576: write a folder"):
        Output(out).write_frames(frames, lambda: frames, str)
    assert not out.exists()
