"""What people wrote is printed as they wrote it: brackets and colons are no markup and no emoji of the terminal."""

from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from laws import HEAD
from scorecore_cli.main import scorecore

PERSON: Final = "A[x]"
REASON: Final = "[/b] :smile: x"
POLICY: Final = (
    HEAD.replace('title = "', 'title = "Pay [/i] ', 1)
    + """
[facts.person]
amount = { type = "decimal", min = 0, max = 1000, places = 2 }

[[pay]]
id = "base"
label = "base [bold]"
kind = "earning"
amount = "amount"
"""
)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, [*map(str, arguments), "--lang", "en"], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "person.csv").write_text(f"person,amount\n{PERSON},100\n", encoding="utf-8")
    return tmp_path


def test_brackets_go_through_every_command_of_a_record(folder: Path) -> None:
    """A reason and an id with brackets through run, log, correct, explain and erase."""
    record, facts = folder / "record.scorecore", folder / "facts"
    period = ("--facts", facts, "--period", "2024-01")
    call("record", "begin", record, "--single-operator")
    shown = call("run", folder / "policy.toml", *period, "--record", record, "--reason", REASON)
    assert shown.exit_code == 0, shown.output
    assert PERSON in shown.stdout
    assert "Pay [/i]" in shown.stdout
    assert REASON in call("record", "log", record).stdout
    (facts / "person.csv").write_text(f"person,amount\n{PERSON},120\n", encoding="utf-8")
    shown = call("record", "correct", record, *period, "--reason", REASON)
    assert shown.exit_code == 0, shown.output
    assert PERSON in shown.stdout
    log = call("record", "log", record, "--person", PERSON).stdout
    assert log.count(REASON) == 2
    explained = call("explain", "--record", record, "--period", "2024-01", "--person", PERSON).stdout
    assert all(text in explained for text in (PERSON, REASON, "base [bold]"))
    assert call("record", "erase", record, "--person", PERSON, "--reason", REASON, "--anyway").exit_code == 0
    assert f"({REASON})" in call("record", "log", record).stdout


@pytest.mark.parametrize("name", ["[/b] x", "B[x]", ":smile:"])
def test_a_mistake_of_usage_names_what_was_typed(folder: Path, name: str) -> None:
    period = ("--facts", folder / "facts", "--period", "2024-01")
    shown = call("explain", folder / "policy.toml", *period, "--person", name)
    assert shown.exit_code == 2
    assert f"there is no {name} in 2024-01" in shown.stderr
