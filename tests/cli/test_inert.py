"""Nothing in a policy, in facts or in a record acts on the terminal or the page of who reads it."""

import json
import re
import shlex
import unicodedata
import zipfile
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from click.testing import CliRunner, Result

from laws import HEAD
from scorecore_cli.main import scorecore
from scorecore_cli.visible_text import make_json_visible, make_line, make_visible

ACTING: Final = "\x1b[2J\x1b]0;t\x07\x9b31m\u202e\u200b\ufeff\u2066\u2028\r"
"""Clears a screen, sets a title, colours, turns the order of writing round, hides, begins a line."""
FORGED: Final = "\nthe record is sound"


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, shlex.split(line), catch_exceptions=False)


def acting(text: str) -> set[str]:
    """The characters of a text that would act."""
    return {letter for letter in text if unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} and letter != "\n"}


@pytest.fixture
def branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy and facts whose every text is hostile."""
    monkeypatch.chdir(tmp_path)
    hostile = json.dumps(f"evil {ACTING}{FORGED} [/b] [link=x]y[/link] <b> | ![a](b)")
    (tmp_path / "policy.toml").write_text(
        HEAD.replace('title = "t"', f"title = {hostile}\nsubject_label = {hostile}")
        + f"""
[facts.person]
sales = {{ type = "decimal", label = {hostile} }}

[[pay]]
id = "commission"
label = {hostile}
authority = {hostile}
kind = "earning"
amount = "sales * 0.1"
""",
        encoding="utf-8",
    )
    assert call("record begin l --single-operator").exit_code == 0
    (tmp_path / "facts").mkdir()
    rows = f'"A{ACTING}{FORGED}[/b]",100\n"<i>B</i>","x{ACTING}"\n'
    (tmp_path / "facts" / "person.csv").write_text(f"person,sales\n{rows}", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [
        "check policy.toml",
        "expand policy.toml",
        "run policy.toml --facts facts --period 2024-01",
        "run policy.toml --facts facts --period 2024-01 --json",
        "run policy.toml --facts facts --period 2024-01 --record l",
        "facts check policy.toml --facts facts --period 2024-01",
        "explain policy.toml --facts facts --period 2024-01 --person '<i>B</i>'",
        "explain policy.toml --facts facts --period 2024-01 --person '<i>B</i>' --format markdown",
        "explain policy.toml --facts facts --period 2024-01 --person '[/b]\x1b[2J\nnobody'",
        "explain policy.toml --facts facts --period '2024-\x1b[2J'",
        "run 'no\x1b[2Jthing.toml' --facts facts --period 2024-01",
    ],
)
@pytest.mark.usefixtures("branch")
def test_what_is_shown_does_nothing(line: str) -> None:
    result = call(line)
    assert acting(result.output) == set()
    assert "the record is sound" not in result.output.splitlines()


@pytest.mark.usefixtures("branch")
def test_a_record_says_what_it_holds(tmp_path: Path) -> None:
    """The reason of a correction and of an erasure, and the ids of people, whatever they are made of."""
    decisions = json.loads(call("run policy.toml --facts facts --period 2024-01 --record l --json").stdout)["decisions"]
    (withdrawn,) = {decision["person"] for decision in decisions} - {"<i>B</i>"}
    (tmp_path / "facts" / "person.csv").write_text('person,sales\n"<i>B</i>",7\n"C",1\n', encoding="utf-8")
    reason = f"see [/note] :smile: {ACTING}{FORGED}"
    correct = ("record", "correct", "l", "--facts", "facts", "--period", "2024-01", "--reason", reason)
    result = CliRunner().invoke(scorecore, [*correct, "--withdraw", withdrawn], catch_exceptions=False)
    assert (result.exit_code, acting(result.output)) == (0, set())
    erase = ("record", "erase", "l", "--person", "C", "--reason", reason, "--anyway")
    assert CliRunner().invoke(scorecore, erase, catch_exceptions=False).exit_code == 0
    for line in (
        "record log l",
        "record log l --json",
        "record log l --valid",
        "record compare l l",
        "record log l --person '<i>B</i>'",
        "record replay l",
    ):
        result = call(line)
        assert result.exit_code == 0
        assert acting(result.output) == set()
        assert "the record is sound" not in result.output.splitlines()
    assert r"see [/note] :smile: \x1b[2J\x1b]0;t\x07\x9b31m\u202e" in call("record log l").output


def test_texts_are_made_visible_and_json_reads_the_same() -> None:
    assert make_line("a\tb") == r"a\tb"
    assert make_visible("a\tb\n") == "a\tb\n"
    for text in (ACTING, "\U000e0041", "\ud800", "王小明 é"):
        assert json.loads(make_json_visible(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.usefixtures("branch")
def test_a_page_has_no_links_or_tags_of_others() -> None:
    page = call("explain policy.toml --facts facts --period 2024-01 --person '<i>B</i>' --format markdown").stdout
    assert r"\<i\>B\</i\>" in page
    assert "![a](b)" not in page


@pytest.mark.usefixtures("branch")
def test_files_for_people_do_nothing(tmp_path: Path) -> None:
    """Workbooks and a document for Word have every text, and no formula, link or mark of it."""
    policy = tmp_path / "policy.toml"
    policy.write_text(policy.read_text("utf-8").replace("| ![a](b)", f"| =1+1 {'长' * 300}"), "utf-8")
    facts = "policy.toml --facts facts --period 2024-01"
    assert call(f"run {facts} --out run.xlsx").exit_code == 1  # a cell is no number
    assert call(f"explain {facts} --person '<i>B</i>' --out why.xlsx").exit_code == 1
    assert call("document policy.toml --out rule.docx").exit_code == 0
    for name in ("run.xlsx", "why.xlsx", "rule.docx"):
        with zipfile.ZipFile(tmp_path / name) as file:
            parts = {part: file.read(part).decode() for part in file.namelist() if part.endswith((".xml", ".rels"))}
        texts = "".join(parts.values())
        assert "长" * 300 in texts
        assert acting(texts) <= {"\r"}, name  # between the lines of a part
        assert not re.search(r'TargetMode="External"|<w:instrText|<f>=?1\+1', texts), name
    formulas = [
        cell.value
        for sheet in openpyxl.load_workbook(tmp_path / "run.xlsx")
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas == []


def test_check_prints_a_screenful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of a thousand rows in one line, of which one is read: every note shows the place, not the line."""
    monkeypatch.chdir(tmp_path)
    rows = ", ".join(f'{{ of = "k{number}", is = {number} }}' for number in range(1000))
    (tmp_path / "policy.toml").write_text(
        HEAD
        + f"""
[facts.person]
team = {{ type = "string", among = ["k1"] }}

[tables.rate]
kind = "exact"
type = "decimal"
bands = [{rows}]

[[pay]]
id = "base"
kind = "earning"
amount = "tables.rate(team)"
""",
        encoding="utf-8",
    )
    shown = call("check policy.toml --lang en").output
    assert "more of SC" in shown
    assert len(shown) < 50_000
    assert max(map(len, shown.splitlines())) < 400
    marked = [lines for lines in zip(shown.splitlines(), shown.splitlines()[1:], strict=False) if "^" in lines[1]]
    assert marked
    assert all(line[mark.index("^")] in '{"' for line, mark in marked)
