"""The page of what a cell may say: every line of its tables is tried, and both languages have the same ones."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
import pytest

from laws import HEAD
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.ids import read_ids
from scorecore.facts.ingest import ingest
from scorecore.facts.inspect import find_fact_faults
from scorecore.facts.period_cells import read_period
from scorecore.facts.raw import RawTable
from scorecore.io.readers import read_facts
from scorecore.values.canonical_json import format_decimal
from scorecore.values.period import EXAMPLES, PeriodKind
from scorecore.values.unknown import Unknown
from strategies.cases import compiled, period_of

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGES: Final = {
    language: (DOCS / name).read_text(encoding="utf-8")
    for language, name in (("en", "cells.md"), ("zh", "cells.zh.md"))
}
FACTS: Final = {
    "number": 'type = "decimal"',
    "number in CNY": 'type = "decimal", unit = "CNY"',
    "number in 万元": 'type = "decimal", unit = "万元"',
    "number in %": 'type = "decimal", unit = "%"',
    "whole number": 'type = "int"',
    "yes or no": 'type = "bool"',
    "date": 'type = "date"',
    "date and time": 'type = "timestamp"',
    "text": 'type = "string"',
    "text of a list (北, A1)": 'type = "string", among = ["北", "A1"]',
}
"""How the facts that the page names are declared."""
NAMES: Final = {fact: f"f{number}" for number, fact in enumerate(FACTS)}
PROGRAM, _ = compiled(
    HEAD
    + "\n[facts.person]\n"
    + "".join(f"{NAMES[fact]} = {{ {declared}, optional = true }}\n" for fact, declared in FACTS.items())
    + '\n[[pay]]\nid = "a"\nkind = "adjustment"\namount = "0.0"\n'
)
assert PROGRAM is not None


class Line(NamedTuple):
    """A line of a table: one way of writing."""

    fact: str
    text: str
    reading: str
    """Empty where it is refused."""
    code: str
    """Of the diagnostic; empty where nothing is said."""


def rows_of(page: str) -> Iterator[list[str]]:
    """The cells of every line of every table."""
    for row in page.splitlines():
        if row.startswith("| ") and not row.startswith("| ---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def lines_of(page: str) -> Iterator[Line]:
    """What the tables of four columns say, a line for each way of writing."""
    for cells in rows_of(page):
        if len(cells) != 4 or cells[3] == "":
            continue
        fact, written, reading, remark = cells
        code = re.search(r"SC\d{3}", remark)
        is_plain = remark.startswith(("as it is", "照原样"))
        texts = re.findall(r"`([^`]*)`", written) or [""]
        for text in texts:
            plain = text.replace("␣", " ").replace("\\u200b", "\u200b")
            yield Line(fact, plain, reading, code[0] if code else "" if is_plain else "SC421")


def _rows_named(first: int, other_rows: str) -> Iterator[int]:
    yield first
    for part in filter(None, other_rows.split(", ")):
        start, _, end = part.partition("-")
        yield from range(int(start), int(end or start) + 1)


def read_values(lines: list[Line]) -> Iterator[Line]:
    """The same lines as the intake reads them: each is a fact of one person."""
    assert PROGRAM is not None
    columns = {
        NAMES[fact]: pl.Series([line.text if line.fact == fact else None for line in lines], dtype=pl.String)
        for fact in FACTS
    }
    frame = pl.DataFrame({"person": [f"P{number:03}" for number in range(len(lines))]} | columns)
    diagnostics = Diagnostics()
    facts = ingest(PROGRAM, period_of(PROGRAM), {"person": RawTable(frame, "person.csv")}, diagnostics)
    assert facts is not None
    codes = {}
    for diagnostic in (*diagnostics, *find_fact_faults(PROGRAM, facts)):
        for row in _rows_named(diagnostic.location.line, diagnostic.params.get("rows", "")):
            codes[row - 2] = diagnostic.kind.code
    for number, each in enumerate(extract_subject_facts(PROGRAM, facts, range(len(facts)))):
        value = each.values[NAMES[lines[number].fact]]
        yield lines[number]._replace(reading=_write(value), code=codes.get(number, ""))


def _write(value: object) -> str:
    """A value as the page has it."""
    match value:
        case Unknown():
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return format_decimal(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case _:
            return str(value)


def test_every_value_is_read_as_the_page_says() -> None:
    """What is read, noted or refused, and as what."""
    lines = [line for line in lines_of(PAGES["en"]) if line.fact in FACTS]
    assert len(lines) > 60
    assert list(read_values(lines)) == lines


def test_every_id_is_read_as_the_page_says() -> None:
    """An id without a code is noted where the text differs."""
    lines = [line for line in lines_of(PAGES["en"]) if line.fact == "id" and line.text]
    ids, faults, notes = read_ids(pl.Series([line.text for line in lines], dtype=pl.String))
    assert [name or "" for name in ids] == [line.reading for line in lines]
    codes = {row: fault.kind.code for row, fault in faults.items()} | dict.fromkeys(notes, catalogue.READ_AS.code)
    assert [codes.get(row, "") for row in range(len(lines))] == [line.code for line in lines]


def test_every_period_is_read_as_the_page_says() -> None:
    """A period is noted where the text differs, and refused where it names none."""
    lines = [line for line in lines_of(PAGES["en"]) if line.fact in EXAMPLES]
    assert len(lines) > 25
    for line in lines:
        reading = read_period(line.text, PeriodKind(line.fact)) or ""
        if reading:
            code = "" if line.text == reading else catalogue.READ_AS.code
        else:
            code = (catalogue.NOT_A_PERIOD if line.text else catalogue.ROW_WITHOUT_PERIOD).code
        assert line._replace(reading=reading, code=code) == line


FILES: Final = {
    "SC426": b"person\tf0\nP1\t1\n",
    "SC427": b"person;f0\nP1;1\n",
    "SC001": "person,f0\nP1,1\n".encode("utf-16"),
    "SC428": b"person,f0\nP1\n",
    "SC410": b"person,f0\nP1,1,000\n",
    "SC431": b"person,f0,\nP1,1,000\n",
    "SC429": b'person,f8\nP1,"a\nb"\n',
    "SC445": b'person,f8\nP1,5" pipe\n',
    "SC432": "person,f0\nP1,1\n合计,1\n".encode(),
}
"""A file of each kind that the page names, by what is said of it."""


@pytest.mark.slow
def test_the_page_names_what_is_said_of_csv_files(tmp_path: Path) -> None:
    """Each code of the section is that of a file of its kind."""
    section = PAGES["en"].partition("## CSV files")[2].partition("## Workbooks")[0]
    assert set(re.findall(r"SC\d{3}", section)) == FILES.keys()
    assert PROGRAM is not None
    for code, content in FILES.items():
        (tmp_path / "person.csv").write_bytes(content)
        diagnostics = Diagnostics()
        raw = read_facts(tmp_path, diagnostics)
        if raw:
            ingest(PROGRAM, period_of(PROGRAM), raw, diagnostics)
        assert [diagnostic.kind.code for diagnostic in diagnostics] == [code]


def test_both_pages_have_the_same_lines() -> None:
    """The pages differ in words alone: sections, texts of cells, readings and codes are the same."""

    def facts_in_order(page: str) -> list[tuple[str, str, tuple[str, ...]]]:
        plain = page.replace("：", ":").replace("（", "(").replace("）", ")")
        lines = [(line.text, line.reading, line.code) for line in lines_of(plain)]
        return [*lines, *(re.findall(r"SC\d{3}", row) for row in page.splitlines() if row.startswith("| "))]

    assert facts_in_order(PAGES["zh"]) == facts_in_order(PAGES["en"])
    codes = set(re.findall(r"SC\d{3}", PAGES["en"]))
    assert codes <= {kind.code for kind in vars(catalogue).values() if isinstance(kind, DiagnosticKind)}
