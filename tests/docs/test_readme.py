"""The README is true, word for word."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from scorecore_cli.main import scorecore

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ scorecore ([^\n]*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
LINES = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


@pytest.mark.parametrize(("arguments", "output"), SHOWN)
def test_what_is_shown_is_what_is_printed(arguments: str, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that the README shows with its output prints just that."""
    monkeypatch.chdir(ROOT)
    assert CliRunner().invoke(scorecore, arguments.split()).output == output


def test_ci_runs_what_the_readme_says() -> None:
    """The line that tests everything is made of the commands of `.ci/run`."""
    assert SHOWN
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    set_up, install, test = LINES[1].split(" && ")
    assert set_up.split()[1:] == ["-m", "venv", ".venv"]
    assert f" {install}\n" in ci
    assert re.search(rf"^part .*\d {re.escape(test)}$", ci, re.MULTILINE)


def test_the_sample_runs() -> None:
    """The first line decides the sample: thirty-eight people, of whom nobody is held, and every fact can be read."""
    run = LINES[0].rpartition(".venv/bin/scorecore ")[2].split()
    paths = [str(ROOT / argument) if argument.startswith("policies/") else argument for argument in run]
    result = CliRunner().invoke(scorecore, [*paths, "--json"])
    assert result.exit_code == 0
    decided = json.loads(result.stdout)
    assert len(decided["decisions"]) == 38
    assert not any(decision["partial"] for decision in decided["decisions"])
