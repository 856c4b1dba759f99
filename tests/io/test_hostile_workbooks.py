"""Workbooks that are damaged, protected, or made to take much time or memory are refused, and end no process."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import xlsxwriter

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io import workbooks
from scorecore.io.readers import read_facts
from scorecore.io.xlsx import extract, package
from strategies.workbooks import SHEET, rewrite


@pytest.fixture
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that small files exceed, in this process."""
    monkeypatch.setattr(workbooks, "ask_process", workbooks.ask_here)
    monkeypatch.setattr(package, "SMALL", 4 << 20)
    monkeypatch.setattr(package, "MAX_UNBROKEN", 2 << 20)
    monkeypatch.setattr(extract, "MAX_OUTPUT", 1 << 20)


def write(path: Path, *rows: tuple[object, ...]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("person")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def refusals(path: Path) -> list[str]:
    diagnostics = Diagnostics()
    assert not read_facts(path, diagnostics)
    return [f"{diagnostic.kind.code} {diagnostic.message()}" for diagnostic in diagnostics]


UNPACKS: Final = "SC410 the file cannot be read: it unpacks to far more data than a workbook of facts has"
LONG_TEXT: Final = "SC410 the file cannot be read: a text in it has more than 32,767 characters"
DAMAGED: Final = "SC410 the file cannot be read: it is not a workbook, or it is damaged"


@pytest.mark.usefixtures("_small_limits")
@pytest.mark.parametrize(
    ("part", "old", "new", "refusal"),
    [
        (SHEET, "</worksheet>", " " * (5 << 20) + "</worksheet>", UNPACKS),
        ("xl/sharedStrings.xml", "<t>E1<", f"<t>{'E' * (3 << 20)}<", LONG_TEXT),
        (SHEET, "<v>1</v>", f"<v>{'1' * 40_000}</v>", LONG_TEXT),
        (SHEET, "<v>1</v>", f"<v>{'1' * 40_000}&amp;</v>", LONG_TEXT),
        (SHEET, "<worksheet", '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet', DAMAGED),
        (SHEET, "<sheetData>", "<sheetData><!-- -->" + "<a>" * 100_000, DAMAGED),
        (SHEET, "<sheetData>", "<sheetData>" + '<row r="1"><c x>' + "<c x>" * 100_000 + "</row>", DAMAGED),
        (SHEET, "<worksheet", " " * 900_000 + "x<worksheet", DAMAGED),
        (SHEET, '<c r="B2">', '<c r="ZZZ2">', DAMAGED),
        (SHEET, '<c r="B2">', '<c r="B2" s="7">', DAMAGED),
        (SHEET, '<c r="A2" t="s"><v>2', '<c r="A2" t="s"><v>99', DAMAGED),
        ("xl/workbook.xml", "<workbook", "<worksheet", DAMAGED),
        ("xl/_rels/workbook.xml.rels", "sheet1.xml", "sheet9.xml", DAMAGED),
    ],
)
def test_a_hostile_workbook_is_refused(part: str, old: str, new: str, refusal: str, tmp_path: Path) -> None:
    path = write(tmp_path / "facts.xlsx", ("工号", "金额"), ("E1", 1))
    assert refusals(rewrite(path, part, old, new)) == [refusal]


@pytest.mark.usefixtures("_small_limits")
def test_many_sheets_that_unpack_to_very_much_together_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "facts.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for number in range(4):
            book.add_worksheet(f"s{number}").write(0, 0, "x")
    for number in range(1, 5):
        part = f"xl/worksheets/sheet{number}.xml"
        rewrite(path, part, "</worksheet>", " " * (3 << 19) + "</worksheet>")
    assert refusals(path) == [UNPACKS]


@pytest.mark.usefixtures("_small_limits")
def test_one_text_in_very_many_cells_is_refused(tmp_path: Path) -> None:
    """The text is once in the file, and would be a gigabyte in the table."""
    path = write(tmp_path / "facts.xlsx", ("工号", "金额"), ("E1" * 16_000, 1))
    row = '<row r="2"><c r="A2" t="s"><v>2</v></c></row>'
    assert refusals(rewrite(path, SHEET, "<sheetData>", "<sheetData>" + row * 300)) == [UNPACKS]


@pytest.mark.slow  # the files alone take seconds to write
@pytest.mark.parametrize(
    ("part", "old", "repeated", "times"),
    [
        (SHEET, "<sheetData>", " ", 300 << 20),
        ("xl/sharedStrings.xml", "<t>E1", "E", 50 << 20),
        (SHEET, "<sheetData>", '<row r="2"><c r="A2" t="s"><v>2</v></c></row>', 1_000_000),
    ],
)
def test_hostile_workbooks_are_refused_in_little_time_and_memory(
    part: str, old: str, repeated: str, times: int, tmp_path: Path
) -> None:
    """Within 5 seconds of work and 500 MB."""
    path = write(tmp_path / "facts.xlsx", ("工号", "金额"), ("E1" * 16_000, "E1"))
    rewrite(path, part, old, old + repeated * times)
    program = "\n".join(  # in a process of its own: this one has held the file's content
        (
            "from pathlib import Path",
            "from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage",
            "def peak(): return int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])",
            "from scorecore.diagnostics.diagnostic import Diagnostics",
            "from scorecore.io.readers import read_facts",
            "diagnostics = Diagnostics()",
            f"assert not read_facts(Path({str(path)!r}), diagnostics) and len(diagnostics) == 1",
            "used = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)",
            "print(sum(part.ru_utime + part.ru_stime for part in used), max(peak(), used[1].ru_maxrss) / 1024)",
        )
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seconds, megabytes = map(float, run.stdout.split())
    assert seconds < 5
    assert megabytes < 500


def test_what_takes_too_long_or_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that opens the workbook ends, and not the one that asks."""
    path = write(tmp_path / "facts.xlsx", ("工号", "金额"), ("E1", 1))
    with monkeypatch.context() as patch:
        patch.setattr(extract, "__name__", "no_module_of_this_name")
        assert refusals(path) == [DAMAGED]
    monkeypatch.setattr(workbooks, "_PATIENCE", 0)
    assert refusals(path) == ["SC410 the file cannot be read: it takes too much time or memory"]


def test_protected_and_old_workbooks(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
    old = (
        "SC437 in files ending in `.xls`, errors, formulas, formats and hidden rows cannot be seen, "
        "so the file is not read"
    )
    (tmp_path / "a.xlsx").write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    (tmp_path / "b.xlsx").write_bytes(ole)
    (tmp_path / "c.xls").write_bytes(ole)
    (tmp_path / "d.ods").write_bytes(b"PK")
    assert refusals(tmp_path / "a.xlsx") == ["SC410 the file cannot be read: it is protected by a password"]
    assert refusals(tmp_path / "b.xlsx") == refusals(tmp_path / "c.xls") == [old]
    assert refusals(tmp_path / "d.ods") == [old.replace(".xls", ".ods")]
