"""`scorecore document`: what it writes, and how it is known that a policy has changed since."""

import re
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import docx
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from scorecore_cli.document.revision import Change, mark_changes
from scorecore_cli.main import scorecore

POLICY: Final = """[policy]
id        = "attendance"
version   = "1"
title     = "考勤"
subject   = "person"
period    = "month"
currency  = "CNY"
effective = { from = 2024-01-01 }
assumptions = ["a month has one table of attendance"]

[facts.person]
late = { type = "int", min = 0, max = 31, label = "late arrivals" }
sick = { type = "bool", label = "on sick leave" }

[parameters.fee]
type   = "decimal"
unit   = "CNY"
label  = "fee of a late arrival"
values = [ { from = 2024-01-01, is = 20 }, { from = 2024-07-01, is = 25.5 } ]

[tables.factor]
kind  = "whole"
edge  = "lower"
label = "factor"
bands = [ { from = 0, is = 1 }, { from = 5, is = 1.5 } ]

[[pay]]
id        = "late"
label     = "late arrivals"
kind      = "fine"
when      = "!sick && late > 0"
amount    = "least(late * parameters.fee * tables.factor(late), 500) / 3"
authority = "clause 4"
"""
CASES: Final = """[[case]]
name   = "three late arrivals cost twenty"
period = "2024-05"
person = { late = 3, sick = false }
expect = { pay = { late = 20 } }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "late.toml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "late.cases.toml").write_text(CASES, encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, [*map(str, arguments)])


def write_line(folder: Path, before: str, after: str) -> None:
    path = folder / "late.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_a_policy_is_read_from_top_to_bottom(folder: Path) -> None:
    written = run("document", folder / "late.toml", "--lang", "en").output
    assert re.findall(r"^(?:Chapter|Article).*", written, re.MULTILINE) == [
        "Chapter 1 General",
        "Article 1 Scope",
        "Article 2 Where the written rule is silent",
        "Chapter 2 What is recorded",
        "Article 3 Facts",
        "Chapter 3 Figures and tables",
        "Article 4 fee of a late arrival",
        "Article 5 factor",
        "Chapter 4 Pay",
        "Article 6 late arrivals (clause 4)",
        "Chapter 5 Examples",
        "Article 7 three late arrivals cost twenty",
    ]
    assert "  From 2024-07-01 on: 25.5 CNY\n" in written
    assert "  5 |  | 1.5\n" in written
    assert "  Applies if: on sick leave is “no”, and late arrivals is more than 0.\n" in written
    assert (
        "  It is: (late arrivals × fee of a late arrival × the value of factor for late arrivals, but at most 500) ÷ 3"
        ", rounded to 2 places.\n" in written
    )
    assert "  Period: 2024-05.\n" in written
    assert "  person: late arrivals 3, on sick leave no.\n  Pay: late arrivals 20.\n" in written


def test_chinese_reads_as_a_regulation(folder: Path) -> None:
    written = run("document", folder / "late.toml", "--lang", "zh").output
    assert "第四章 薪酬\n\n第六条 late arrivals（clause 4）\n  薪酬项目（罚款）。\n" in written
    assert "  适用条件：on sick leave为“否”，且late arrivals超过0。\n" in written


def test_a_file_for_word_says_what_the_page_says(folder: Path) -> None:
    for name in ("first.docx", "second.docx", "late.html"):
        assert run("document", folder / "late.toml", "--lang", "zh", "--out", folder / name).exit_code == 0
    assert (folder / "first.docx").read_bytes() == (folder / "second.docx").read_bytes()
    file = docx.Document(BytesIO((folder / "first.docx").read_bytes()))
    page = (folder / "late.html").read_text(encoding="utf-8")
    words = [paragraph.text for paragraph in file.paragraphs]
    words += [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    plain = re.sub(r"<[^>]+>", "", page)
    assert len(words) > 40
    assert not [text for text in words if text not in plain]


@pytest.mark.parametrize("ending", ["docx", "html"])
@pytest.mark.parametrize(
    ("before", "after", "is_noted"),
    [
        ("is = 25.5", "is = 26.5", True),
        ('label = "factor"', 'label = "multiple"', True),
        ("[facts.person]", "# who comes\n[facts.person]", False),
        ("late * parameters.fee", "late*parameters.fee", False),
    ],
)
def test_check_says_when_a_document_no_longer_says_what_the_policy_says(
    folder: Path, ending: str, before: str, after: str, *, is_noted: bool
) -> None:
    path = folder / f"late.{ending}"
    assert run("document", folder / "late.toml", "--lang", "zh", "--out", path).exit_code == 0
    assert "SC377" not in run("check", folder / "late.toml", "--lang", "en").output
    write_line(folder, before, after)
    assert ("SC377" in run("check", folder / "late.toml", "--lang", "en").output) is is_noted


def test_a_changed_case_is_a_changed_document(folder: Path) -> None:
    run("document", folder / "late.toml", "--out", folder / "late.html")
    (folder / "late.cases.toml").write_text(CASES.replace("twenty", "20"), encoding="utf-8")
    assert "SC377" in run("check", folder / "late.toml").output


def test_an_example_says_all_that_its_case_says(folder: Path) -> None:
    """Also of two lines with one label, and what is missing or not proposed."""
    write_line(
        folder, "[[pay]]", '[[pay]]\nid = "more"\nlabel = "late arrivals"\nkind = "earning"\namount = "7"\n\n[[pay]]'
    )
    case = 'name = "x"\nperiod = "2024-05"\nperson = { late = 3, sick = false }\nothers = [ { times = 2 } ]\n'
    expect = "expect = { pay = { late = 20, more = 7 }, actions = [] }\n"
    (folder / "late.cases.toml").write_text(f"[[case]]\n{case}{expect}", encoding="utf-8")
    written = run("document", folder / "late.toml", "--lang", "en").output
    assert "  Others who are looked at together: 2.\n" in written
    assert "  Pay: late arrivals 20, late arrivals 7.\n  Proposed: nothing.\n" in written


def test_a_damaged_file_beside_a_policy_does_not_end_check(folder: Path) -> None:
    run("document", folder / "late.toml", "--out", folder / "late.docx")
    intact = (folder / "late.docx").read_bytes()
    start = intact.index(b"docProps/core.xml") + len("docProps/core.xml")
    for offset in range(start, start + 40, 5):
        (folder / "late.docx").write_bytes(intact[:offset] + b"\xff\x00\xff\x00" + intact[offset + 4 :])
        assert run("check", folder / "late.toml").exit_code == 0


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>scorecore-document zh 00</html>", b"\xff" * 99])
@pytest.mark.parametrize("name", ["late.docx", "late.html"])
def test_the_documents_of_others_are_left_alone(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    assert "SC377" not in run("check", folder / "late.toml").output
    refused = run("document", folder / "late.toml", "--out", folder / name)
    assert refused.exit_code == 2
    assert (folder / name).read_bytes() == content


def test_what_a_new_version_changes(folder: Path) -> None:
    (folder / "new.toml").write_text(
        POLICY.replace("is = 25.5", "is = 30")
        .replace("[[pay]]", '[values.days]\nis = "31 - late"\nlabel = "days in time"\n\n[[pay]]')
        .replace("clause 4", "clause 5"),
        encoding="utf-8",
    )
    arguments = ("document", folder / "new.toml", "--against", folder / "late.toml", "--lang", "en")
    written = run(*arguments).output
    assert "Articles changed: 2; added: 1; left out: 0; the same: 4.\n" in written
    assert "  - From 2024-07-01 on: 25.5 CNY\n  + From 2024-07-01 on: 30 CNY\n" in written
    assert "days in time (added)\n" in written
    assert run(*arguments, "--out", folder / "new.html").exit_code == 0
    page = (folder / "new.html").read_text(encoding="utf-8")
    assert "<del>25.5</del>" in page
    assert "<ins>30</ins>" in page
    assert "SC377" not in run("check", folder / "new.toml").output  # a comparison is no document of the policy
    assert run(*arguments, "--out", folder / "new.docx").exit_code == 0
    cells = [cell for row in docx.Document(str(folder / "new.docx")).tables[0].rows for cell in row.cells]
    struck = [run.text for cell in cells for run in cell.paragraphs[0].runs if run.font.strike]
    assert struck == ["25.5", "4"]


@given(st.text("ab1 .,条款\n", max_size=30), st.text("ab1 .,条款\n", max_size=30))
def test_marks_keep_both_texts(before: str, after: str) -> None:
    spans = list(mark_changes(before, after))
    assert "".join(words for change, words in spans if change is not Change.ADDED) == before
    assert "".join(words for change, words in spans if change is not Change.REMOVED) == after


def test_what_is_written_in_a_policy_is_inert(folder: Path) -> None:
    write_line(folder, '"考勤"', r'"<script>alert(1)</script>\u0007\u202e"')
    write_line(folder, '"fee of a late arrival"', '"=1+1<b>"')
    for name in ("late.docx", "late.html"):
        assert run("document", folder / "late.toml", "--out", folder / name).exit_code == 0
    page = (folder / "late.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>" not in page
    with ZipFile(folder / "late.docx") as archive:
        xml = archive.read("word/document.xml").decode()
    assert "<script" not in xml
    assert not re.search("[\x00-\x08\u202e]", xml + page)
