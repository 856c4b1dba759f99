"""Commands have groups; old names of commands and options still work, and say on stderr what they are called now."""

import json
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from scorecore_cli.main import scorecore

GALAXY: Final = Path(__file__).parents[2] / "policies" / "galaxy"
RUN: Final = (GALAXY / "branch.toml", "--facts", GALAXY / "facts", "--period", "2024-05")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, [*map(str, arguments), "--lang", "en"], catch_exceptions=False)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "record.scorecore"
    call("record", "begin", path, "--single-operator")
    call("run", *RUN, "--record", path)
    return path


@pytest.mark.parametrize(
    ("old", "new", "arguments"),
    [
        ("log", "record log", ("--json",)),
        ("verify", "record verify", ("--json",)),
        ("replay", "record replay", ("--person", "B1036", "--json")),
    ],
)
def test_a_command_of_a_record_has_its_old_name(record: Path, old: str, new: str, arguments: tuple[str, ...]) -> None:
    """The same output and exit code; the note is on stderr, so that JSON stays JSON."""
    before, after = call(old, record, *arguments), call(*new.split(), record, *arguments)
    assert (before.stdout, before.exit_code) == (after.stdout, after.exit_code)
    assert json.loads(before.stdout)
    assert before.stderr == f"note: `scorecore {old}` is now `scorecore {new}`\n"
    assert after.stderr == ""


def test_the_commands_of_plugins_have_their_old_names(tmp_path: Path) -> None:
    before, after = call("plugins", "--json"), call("plugin", "list", "--json")
    assert before.stdout == after.stdout
    assert "is now `scorecore plugin list`" in before.stderr
    result = call("new-plugin", "shop-bonus", "--out", tmp_path / "made")
    assert result.exit_code == 0
    assert "is now `scorecore plugin new`" in result.stderr
    assert (tmp_path / "made" / "shop_bonus.py").exists()


@pytest.mark.parametrize("old", ["correct", "prove", "erase"])
def test_an_old_name_takes_the_same_options(old: str) -> None:
    """Its help has all that the help of the new name has."""
    before, after = call(old, "--help").stdout, call("record", old, "--help").stdout
    assert before.replace(f"scorecore {old}", "").split() == after.replace(f"scorecore record {old}", "").split()


@pytest.mark.parametrize("old", [("--as-of", "2024-06-30"), ("--as-of=2024-06-30",)])
def test_the_old_name_of_an_option(old: tuple[str, ...]) -> None:
    explain = ("explain", *RUN, "--person", "B1036", "--format", "json")
    before, after = call(*explain, *old), call(*explain, "--known-at", "2024-06-30")
    assert before.stdout == after.stdout
    assert before.stderr == "note: `--as-of` is now `--known-at`\n"


@pytest.mark.parametrize(
    ("language", "roles"),
    [("en", ("Branch author", "Developer", "Auditor")), ("zh", ("分支机构人员", "开发人员", "审计人员"))],
)
def test_help_shows_the_commands_by_role(language: str, roles: tuple[str, ...]) -> None:
    """Every command under one of the roles; old names are not shown."""
    shown = CliRunner().invoke(scorecore, ["--help", "--lang", language]).stdout
    assert all(role in shown for role in roles)
    names = [line.split()[1] for line in shown.splitlines() if line.startswith("│ ") and line[2] != " "]
    commands = {name for name in names if not name.startswith("-")}
    assert commands == set(scorecore.modules)
    assert not commands & set(scorecore.renamed)
