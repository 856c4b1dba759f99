"""The sample firm: plausible, the same everywhere, and everything that its README says works."""

import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from command_line import call
from scorecore_cli.main import scorecore
from scorecore_cli.sample_firm.months import HEADINGS, list_rows
from scorecore_cli.sample_firm.staff import BRANCHES, MONTHS, list_employees

CHOICE = re.compile(r"\{\{.*?\|.*?\}\}")


def test_sixty_people_work_in_three_branches_for_half_a_year() -> None:
    """Everybody has a name of their own and one row a month; the rows have the headings' cells."""
    staff = list(list_employees())
    assert len({employee.id for employee in staff}) == len({employee.name for employee in staff}) == 60
    assert {employee.branch(month) for employee in staff for month in MONTHS} == set(BRANCHES)
    for department, tables in HEADINGS.items():
        rows = list_rows(department)
        for table, headings in tables.items():
            assert rows[table]
            assert {len(row) for row in rows[table]} == {len(headings)}
        months = Counter(row[:2] for row in rows["person"])
        assert set(months.values()) == {1}
        assert {month for _who, month in months} == set(MONTHS)


def test_late_facts_became_known_after_the_month_was_decided() -> None:
    late = [row for department in HEADINGS for rows in list_rows(department).values() for row in rows if len(row) > 4]
    known_rows = [row for row in late if re.fullmatch(r"2025-\d\d-\d\d", row[-1])]
    assert len(known_rows) == 5
    assert len({row[0] for row in known_rows}) == 4


def test_used_wrongly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, a word on why, and nothing is made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    for arguments in (("--sample-firm", "there"), ("--sample-firm", "firm", "--blank"), ()):
        assert call("new", *arguments).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.pages
def test_everything_that_the_readme_says_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commands end without a problem, and the firm is the same when it is made a second time."""
    monkeypatch.chdir(tmp_path)
    for name, lang in (("firm", "en"), ("twin", "en"), ("公司", "zh")):
        assert call("new", "--sample-firm", name, lang=lang).exit_code == 0
        assert not [path for path in (tmp_path / name).glob("p*/*.toml") if CHOICE.search(path.read_text("utf-8"))]
        assert call("test", Path(name) / "policies").exit_code == 0
    for path in (tmp_path / "firm").rglob("*"):
        if path.is_file() and path.suffix != ".scorecore":
            assert path.read_bytes() == (tmp_path / "twin" / path.relative_to(tmp_path / "firm")).read_bytes()
    monkeypatch.chdir(tmp_path / "firm")
    readme = Path("README.md").read_text("utf-8")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) for line in block.splitlines()]
    assert {shlex.split(line)[1] for line in commands} >= {"run", "explain", "diff", "statements", "record", "sweep"}
    for line in commands:
        result = CliRunner().invoke(scorecore, shlex.split(line)[1:], catch_exceptions=False)
        assert result.exit_code == 0, (line, result.output)
    firm_files = {path.name for path in Path().iterdir()}
    assert {"june.xlsx", "june.html", "change.html", "statements.html"} <= firm_files
