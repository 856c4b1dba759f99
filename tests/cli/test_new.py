"""A policy to begin with: whatever `new` makes is checked, tested, laid out and decided at once."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import tomli
from click.testing import CliRunner, Result

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.policy_files import find_policy_files, read_source
from scorecore.policy.load import identify
from scorecore_cli.main import scorecore

POLICIES: Final = Path(__file__).parents[2] / "policies"
THIS_YEAR: Final = "2026-01-01"


def scorecore_(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, [str(argument) for argument in arguments], catch_exceptions=False)


def known() -> list[str]:
    sources = [read_source(path, Diagnostics()) for path in find_policy_files([POLICIES])]
    return sorted(filter(None, (identify(source) for source in sources if source)))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCORECORE_LANG", "en")
    return tmp_path


def sound(name: str, *, notes: bool = False) -> Path:
    """The policy that was made, after all that can be asked of it at once."""
    policy = Path(name) / f"{name}.toml"
    checked = scorecore_("check", policy)
    assert checked.exit_code == 0, checked.output
    assert notes or "problems: 0; notes: 0" in checked.stdout, checked.output
    tested = scorecore_("test", policy)
    assert tested.exit_code == 0, tested.output
    assert "0 cases run" not in tested.stdout
    for file in (policy, policy.with_suffix(".cases.toml")):
        assert scorecore_("fmt", "--check", file).exit_code == 0, file.read_text("utf-8")
        fits(file)
    return policy


def fits(file: Path) -> None:
    """The file names a schema that lies beside it, and fits it."""
    text = file.read_text("utf-8")
    first, _, _ = text.partition("\n")
    schema = json.loads((file.parent / first.removeprefix("#:schema ")).read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(plain(tomli.loads(text)))


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    return value.isoformat() if isinstance(value, date) else value


def period_of(result: Result) -> str:
    """The period that the last words of `new` run."""
    line = next(printed_line for printed_line in result.stdout.splitlines() if "scorecore run" in printed_line)
    return line.rpartition(" ")[2]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_blank_policy_is_whole(language: str) -> None:
    """It passes check without a note, its cases and claims hold, and its sample facts are decided and found good."""
    result = scorecore_("new", "chengnan.manager", "--title", "城南", "--effective", THIS_YEAR, "--lang", language)
    assert result.exit_code == 0, result.output
    policy = sound("chengnan.manager")
    facts = ("--facts", policy.parent / "facts", "--period", period_of(result))
    assert scorecore_("facts", "check", policy, *facts).exit_code == 0
    run = scorecore_("run", policy, *facts, "--json")
    assert run.exit_code == 0
    assert [decision["pay.net"] for decision in json.loads(run.stdout)["decisions"]] == ["1000", "757.5", "0"]
    text = policy.read_text("utf-8")
    assert text.count("#") > 15
    assert "{{" not in text
    assert "城南" in text


@pytest.mark.sampled(40, 6)
@pytest.mark.parametrize("parent", known())
def test_an_overlay_of_every_policy_is_whole(parent: str) -> None:
    """Whatever a firm leaves open, the overlay says it, and passes check and test; its sample facts can be read."""
    result = scorecore_("new", "branch", "--from", parent, "--parents", POLICIES, "--effective", "2024-01-01")
    assert result.exit_code == 0, result.output
    policy = sound("branch", notes=True)
    assert f'"{parent}"' in policy.read_text("utf-8")
    facts = ("--facts", policy.parent / "facts", "--period", period_of(result))
    checked = scorecore_("facts", "check", policy, *facts, "--json")
    assert json.loads(checked.stdout)["people"] == 2
    assert scorecore_("run", policy, *facts).exit_code in {0, 1}
    assert scorecore_("facts", "template", policy, "--out", "facts.xlsx").exit_code == 0


def test_an_overlay_says_what_is_left_open() -> None:
    """Each figure stands below its label, its unit, its bounds and its clause."""
    scorecore_("new", "branch", "--from", "galaxy.broker@2024.1", "--parents", POLICIES, "--lang", "zh")
    text = Path("branch/branch.toml").read_text("utf-8")
    assert "# 底薪, CNY/month, 300 至 800, 依据条款：第二十七条(一)\nbase_salary.values" in text
    for name in ("break_even_rate", "tables.commission", "tables.violation_points", "[[grades]]"):
        assert name in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("城南",), "cannot be the name of a policy"),
        (("a/b",), "cannot be the name of a policy"),
        (("x", "--blank", "--from", "y@1"), "either blank or extends another one"),
        (("x", "--from", "galaxy.brokr@2024.1", "--parents", str(POLICIES)), "did you mean `galaxy.broker@2024.1`?"),
        (("there",), "already exists"),
    ],
)
def test_used_wrongly(arguments: tuple[str, ...], said: str) -> None:
    """Exit code 2, a word on why, and nothing is made."""
    Path("there").mkdir()
    result = scorecore_("new", *arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())
    assert [path.name for path in Path().iterdir()] == ["there"]
