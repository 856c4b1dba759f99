"""The law of messy files: every cell of a CSV file is read, noted or refused; none vanishes."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.ingest import ingest
from scorecore.facts.inspect import find_fact_faults
from scorecore.io.readers import read_facts
from scorecore.values.unknown import Unknown
from strategies.cases import compiled, period_of

PROGRAM, _ = compiled(
    HEAD
    + """
[facts.person]
amount = { type = "decimal", unit = "CNY", label = "金额" }
rate = { type = "decimal", unit = "%", label = "完成率" }
day = { type = "date", label = "日期", optional = true }
branch = { type = "string", label = "营业部", optional = true }

[[pay]]
id = "amount"
kind = "adjustment"
amount = "amount * rate / 100"
"""
)
assert PROGRAM is not None
PERIOD: Final = period_of(PROGRAM)


class Written(NamedTuple):
    """A cell, what it means (None: nothing that fits, or nothing), and whether people have to be told."""

    text: str
    value: object
    is_told: bool


MISSING: Final = Written("", None, is_told=True)
AMOUNTS: Final = [
    *(Written(text, Decimal(text), is_told=False) for text in ("12", "-3.5", "0", "1e3", "+7")),
    *(Written(text, Decimal("1234.5"), is_told=True) for text in ("1,234.5", "１２３４．５", "￥1,234.50", "1234.5元")),
    *(Written(text, Decimal(95000), is_told=True) for text in ("9.5万", "9.5 万元", "￥9.5万")),
    *(Written(text, None, is_told=True) for text in ("-", "—", "1,23", "(5)", "12%", "$5", "#DIV/0!", "十", "１/２")),
    MISSING,
]
RATES: Final = [
    *(Written(text, Decimal(95), is_told=text != "95") for text in ("95", "95%", "９５％", "95 %")),
    *(Written(text, None, is_told=True) for text in ("95‰", "95元", "#N/A", "/")),
]
DAYS: Final = [
    *(
        Written(text, date(2024, 5, 6), is_told=False)
        for text in ("2024-05-06", "2024/5/6", "2024年5月6日", "2024.5.6")
    ),
    *(Written(text, date(2024, 5, 6), is_told=True) for text in ("20240506", "2024/5/6 0:00", "2024-05-06 14:30:00.7")),
    *(Written(text, None, is_told=True) for text in ("24-05-06", "5/6/2024", "45418", "2024-02-30", "0024-05-06", "-")),
    Written("", None, is_told=False),
]
BRANCHES: Final = [
    *(Written(text, text.strip(), is_told=False) for text in ("城南", " 城南 ", "O'Neil", 'the "best", say', "a;b")),
    *(Written(text, "城南", is_told=True) for text in ("城\u200b南", "\ufeff城南")),
    *(Written(text, None, is_told=True) for text in ("#REF!", "1.2E+17")),
    Written("", None, is_told=False),
]
THIS, OTHER = PERIOD.label, "2023-11"
PERIODS: Final = [
    *(Written(text, THIS, is_told=text != THIS) for text in (THIS, "2024/5", "2024年5月", "202405", "2024-05-01")),
    *(Written(text, OTHER, is_told=text != OTHER) for text in (OTHER, "2023/11")),
    *(Written(text, None, is_told=True) for text in ("五月", "2024.5", "2024", "")),
]
ID_FORMS: Final = ["E{}", "E{}", "E{}", " E{}", "Ｅ{}", "E{}\u200b", "\xa0E{}"]
COLUMNS: Final = {"amount": AMOUNTS, "rate": RATES, "day": DAYS, "branch": BRANCHES}


class MessyRow(NamedTuple):
    id: Written
    period: Written
    cells: dict[str, Written]


@st.composite
def messy_rows(draw: st.DrawFn) -> list[MessyRow]:
    rows = []
    for number in range(draw(st.integers(1, 6))):
        form = draw(st.sampled_from(ID_FORMS))
        subject_id = Written(form.format(number), f"E{number}", is_told=form != "E{}")
        if not draw(st.integers(0, 9)):
            subject_id = Written(draw(st.sampled_from(["", "#N/A", "4.40305E+17"])), None, is_told=True)
        cells = {name: draw(st.sampled_from(choices)) for name, choices in COLUMNS.items()}
        rows.append(MessyRow(subject_id, draw(st.sampled_from(PERIODS)), cells))
    return rows


@st.composite
def layouts(draw: st.DrawFn) -> tuple[str, str, str, bool]:
    """What divides cells, what ends lines, the encoding, and whether all cells are quoted."""
    encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
    separators, ends = st.sampled_from([",", ",", "\t", ";", "|"]), st.sampled_from(["\n", "\r\n", "\r"])
    return draw(separators), draw(ends), draw(encodings), draw(st.booleans())


def lines_of(diagnostic: Diagnostic) -> set[int]:
    """The lines that a diagnostic names."""
    lines = {diagnostic.location.line}
    for part in diagnostic.params.get("rows", "").split(", "):
        first, _, last = part.partition("-")
        if first.isdecimal():
            lines |= set(range(int(first), int(last or first) + 1))
    return lines


def check(folder: Path, rows: list[MessyRow], layout: tuple[str, str, str, bool]) -> None:
    separator, end, encoding, is_quoted = layout
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL
    )
    writer.writerow(["person", "期间", "金额", "rate", "日期", "营业部"])
    writer.writerows([row.id.text, row.period.text, *(cell.text for cell in row.cells.values())] for row in rows)
    (folder / "person.csv").write_bytes(text.getvalue().encode(encoding))
    diagnostics = Diagnostics()
    raw = read_facts(folder, diagnostics, encoding.removesuffix("-sig"))
    if separator not in {",", "\t"}:
        assert [diagnostic.kind.code for diagnostic in diagnostics] == ["SC427"]
        return
    facts = ingest(PROGRAM, PERIOD, raw, diagnostics)
    told = {line for diagnostic in diagnostics for line in lines_of(diagnostic)}
    subjects = {}
    if facts is not None:
        faults = list(find_fact_faults(PROGRAM, facts))
        told |= {line for fault in faults for line in lines_of(fault)}
        subjects = {each.subject: each.values for each in extract_subject_facts(PROGRAM, facts, range(len(facts)))}
    decided = set()
    for line, row in enumerate(rows, 2):
        is_placed = row.id.value is not None and row.period.value is not None
        if row.id.is_told or row.period.is_told:
            assert line in told, row
        if not is_placed or row.period.value != THIS:
            continue
        decided.add(row.id.value)
        values = subjects[row.id.value]
        for name, cell in row.cells.items():
            value = values[name]
            assert (None if isinstance(value, Unknown) else value) == cell.value, cell
            assert line in told or not cell.is_told, cell
    assert subjects.keys() == decided
    event("somebody" if decided else "nobody")


@given(rows=messy_rows(), layout=layouts())
def test_every_cell_is_read_noted_or_refused(
    rows: list[MessyRow], layout: tuple[str, str, str, bool], tmp_path_factory: pytest.TempPathFactory
) -> None:
    check(tmp_path_factory.mktemp("facts"), rows, layout)
