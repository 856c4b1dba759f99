"""The schema that editors get: it allows what is right, and refuses keys that nobody knows."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import tomli
from click.testing import CliRunner
from hypothesis import given

from scorecore.analysis.cases.json_schema import build_cases_schema
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.plugins import Scorer, installed, load_scorers
from scorecore.policy.json_schema import build_policy_schema
from scorecore_cli.main import scorecore
from strategies.cases import Case, cases

ROOT: Final = Path(__file__).parents[2]
FILES: Final = sorted((ROOT / "policies").rglob("*.toml"))
SCORERS: Final[Mapping[str, Scorer]] = load_scorers(installed(), Diagnostics())
POLICIES: Final = jsonschema.Draft7Validator(build_policy_schema(SCORERS))
CASES: Final = jsonschema.Draft7Validator(build_cases_schema())
OF_KEYS: Final = ("SC101", "SC103", "SC104", "SC105", "SC106", "SC107", "SC108", "SC110", "SC111", "SC605")
"""Problems of the shape of a file, which a schema can see."""


def plain(value: Any) -> Any:
    """What TOML says, as JSON has it."""
    match value:
        case dict():
            return {key: plain(member) for key, member in value.items()}
        case list():
            return [plain(member) for member in value]
        case date() | datetime() | time():
            return value.isoformat()
        case _:
            return value


def wrong(text: str, definition: Any = POLICIES) -> list[Any]:
    return list(definition.iter_errors(plain(tomli.loads(text))))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_right_is_allowed(path: Path) -> None:
    """Every policy and every file of cases of the repository fits."""
    definition = CASES if path.name.endswith(".cases.toml") else POLICIES
    assert not wrong(path.read_text("utf-8"), definition)


@given(case=cases())
def test_what_the_compiler_accepts_is_allowed(case: Case) -> None:
    """Whatever the compiler accepts, the schema accepts."""
    assert not wrong(case.draft.text)


@pytest.mark.parametrize("code", OF_KEYS)
def test_what_has_no_shape_is_refused(code: str) -> None:
    """Unknown keys, scorers and choices, and values of another type, are refused as `check` refuses them."""
    text = (ROOT / "tests" / "problems" / code / "policy.toml").read_text("utf-8")
    assert wrong(text)


@pytest.mark.sampled(6, 2)
@pytest.mark.parametrize("path", [path for path in FILES if not path.name.endswith(".cases.toml")], ids=str)
def test_an_unknown_key_is_refused_everywhere(path: Path) -> None:
    """A key that no part has is refused in each part of every policy."""
    tree = plain(tomli.loads(path.read_text("utf-8")))
    for part in parts(tree):
        part["unheard_of"] = 1
        assert list(POLICIES.iter_errors(tree)), part
        del part["unheard_of"]


def parts(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts that have keys, and not names that an author gives."""
    for section in ("policy", "score", "open"):
        yield from ([tree[section]] if section in tree else [])
    for section in ("items", "grades", "pay", "holds", "actions", "monotone", "bounded", "paid_once"):
        yield from tree.get(section, [])
    for section in ("parameters", "tables", "values", "groups", "carry", "uses", "calendars"):
        yield from tree.get(section, {}).values()
    for table in tree.get("facts", {}).values():
        yield from (
            table.get("fields", {}).values() if "fields" in table else [value for value in table.values() if value]
        )


def descriptions(schema: Any) -> Iterator[str]:
    match schema:
        case dict():
            for key, value in schema.items():
                yield from [value] if key == "description" and isinstance(value, str) else descriptions(value)
        case list():
            for member in schema:
                yield from descriptions(member)


@pytest.mark.parametrize("arguments", [(), ("--cases",)], ids=["policies", "cases"])
def test_the_command_explains_in_both_languages(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """The schema is valid JSON Schema, and every key of it is explained in the reader's language."""
    explanations = []
    for language in ("en", "zh"):
        out = tmp_path / f"{language}.json"
        result = CliRunner().invoke(scorecore, ["schema", *arguments, "--out", str(out), "--lang", language])
        assert result.exit_code == 0
        assert f"#:schema ./{out.name}" in result.output
        schema = json.loads(out.read_text("utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
        explanations.append(list(descriptions(schema)))
    english, chinese = explanations
    assert len(english) == len(chinese) > 20
    assert all(text.isascii() or "`" in text for text in english)
    assert not [text for text in chinese if text.isascii()]
