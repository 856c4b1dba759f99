"""The pages for authors are true: every command is run in its order, every change made, every output compared.

This writes the outputs; read what differs before you keep it:

    SCORECORE_WRITE_EXPECTED=1 pytest tests/docs/test_authors.py
"""

import os
import re
import shlex
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from click.testing import CliRunner

from scorecore_cli.main import scorecore

DOCS: Final = Path(__file__).parents[2] / "docs"
WRITE: Final = bool(os.environ.get("SCORECORE_WRITE_EXPECTED"))
COMMAND: Final = re.compile(
    r"^```console\n\$ scorecore (?P<command>[^\n]*)\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL
)
REPLACE: Final = re.compile(
    r"^\* Replace `(?P<old>.*)` by `(?P<new>.*)` in `(?P<file>.*)`\.$|"
    r"^\* 把 `(?P<file2>.*)` 中的 `(?P<old2>.*)` 改为 `(?P<new2>.*)`。$",
    re.MULTILINE,
)
ENTER: Final = re.compile(
    r"^\* Write `(?P<text>.*)` into `(?P<cell>.*)` of the sheet `(?P<sheet>.*)`\.$|"
    r"^\* 在工作表 `(?P<sheet2>.*)` 的 `(?P<cell2>.*)` 中填写 `(?P<text2>.*)`。$",
    re.MULTILINE,
)
TABLE: Final = re.compile(
    r"^\| (?:sheet|工作表) `(?P<name>[^`]*)` (?P<headings>.*)\|\n"
    r"\|[- |]*\|\n"
    r"(?P<rows>(?:\|.*\n)*)",
    re.MULTILINE,
)
STEPS: Final = (COMMAND, REPLACE, ENTER, TABLE)


def typed(text: str) -> Any:
    """What a spreadsheet makes of what is typed or pasted."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day)
    return int(text) if text.isdigit() else text


def steps(page: str) -> Iterator[re.Match[str]]:
    matches = [match for step in STEPS for match in step.finditer(page)]
    yield from sorted(matches, key=lambda occurrence: occurrence.start())


def workbook() -> Path:
    (path,) = Path().glob("*.xlsx")
    return path


def fill(sheet: str, headings: list[str], rows: list[list[str]]) -> None:
    book = openpyxl.load_workbook(workbook())
    page = book[sheet]
    assert [cell.value for cell in page[1]] == headings
    for row, cells in enumerate(rows, 2):
        for column, text in enumerate(cells, 1):
            page.cell(row, column, typed(text))
    book.save(workbook())


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def take(step: re.Match[str], language: str) -> str:
    """Do what a step says; the text that stands there when it is true."""
    fields = {name.rstrip("2"): value for name, value in step.groupdict().items() if value is not None}
    if step.re is COMMAND:
        result = CliRunner().invoke(scorecore, [*shlex.split(fields["command"]), "--lang", language])
        return f"```console\n$ scorecore {fields['command']}\n{result.output.rstrip()}\n```"
    if step.re is REPLACE:
        file = Path(fields["file"])
        text = file.read_text("utf-8")
        assert fields["old"] in text
        file.write_text(text.replace(fields["old"], fields["new"]), "utf-8")
    elif step.re is ENTER:
        book = openpyxl.load_workbook(workbook())
        book[fields["sheet"]][fields["cell"]].value = typed(fields["text"])
        book.save(workbook())
    else:
        fill(fields["name"], cells(fields["headings"]), [cells(line)[1:] for line in fields["rows"].splitlines()])
    return step[0]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("page", "language"), [("authors.md", "en"), ("authors.zh.md", "zh")])
def test_the_page_is_what_happens(page: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From nothing to why not, as the page says it, word for word."""
    monkeypatch.chdir(tmp_path)
    written = (DOCS / page).read_text("utf-8")
    made_text, position = "", 0
    for step in steps(written):
        made_text += written[position : step.start()] + take(step, language)
        position = step.end()
    made_text += written[position:]
    if WRITE:
        (DOCS / page).write_text(made_text, "utf-8")
    assert made_text == written
    assert len(COMMAND.findall(written)) > 10
