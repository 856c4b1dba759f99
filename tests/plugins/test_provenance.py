"""Which plugins decided: runs name them, policies pin them, and a new version is seen before it decides."""

import json
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import polars as pl
import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from scorecore import plugins as hooks
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.plugin import Entry, ItemContext, Operator, RawTable, Reader, Scorer, Syntax, call, hookimpl, key
from scorecore.plugins import load_scorers
from scorecore.plugins.provenance import list_changed_plugins, replace_readers
from scorecore_cli.main import scorecore

POLICY: Final = """
[policy]
id = "p"
version = "1"
title = "考核"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }
PINS

[facts.person]
x = { type = "decimal", min = 0, max = 1000 }

[score]

[[items]]
id = "praise"
points = "open"
scorer = "praise"
give = "x"
"""


def version(number: str, factor: int) -> Iterator[EntryPoint]:
    """The plugins of two packages: a scorer that calls a function of the other package, and a reader."""

    @frozen(kw_only=True)
    class Praise:
        """Give points."""

        give: Syntax = key("points")

        def entries(self, _item: ItemContext) -> Iterator[Entry]:
            yield Entry(reason="given", points=call("times", self.give))

    def times(x: Syntax) -> Syntax:
        """`x` so many times."""
        return x * factor

    def unused(x: Syntax) -> Syntax:
        """`x`, and nobody calls it."""
        return x

    def read(path: Path, _diagnostics: Diagnostics) -> Mapping[str, RawTable]:
        return {"person": RawTable(pl.DataFrame({"person": ["B1"], "x": [path.read_text("utf-8")]}), str(path))}

    yield entry_point("Shop_Praise", number, {"scorers": lambda: [Scorer("praise", Praise)]})
    operators = [Operator("times", times), Operator("unused", unused)]
    reader = Reader("note", "One person.", (".note",), read)
    yield entry_point("shop-times", "7", {"operators": lambda: operators, "readers": lambda: [reader]})


def entry_point(package: str, number: str, gives: Mapping[str, Callable[[], Any]]) -> EntryPoint:
    """An entry point of a package, whose module is there already."""
    module = ModuleType(package)
    for hook, function in gives.items():
        setattr(module, hook, hookimpl(function))
    point = EntryPoint(package.lower(), package, hooks.GROUP)
    vars(point).update(dist=SimpleNamespace(name=package, version=number), load=lambda: module)
    return point


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    entry_points = list(hooks.installed())

    def installing(*points: EntryPoint) -> None:
        monkeypatch.setattr(hooks, "entry_points", lambda **_: [*entry_points, *points])

    return installing


def problems(pins: str, **parents: str) -> list[Diagnostic]:
    sources = {f"{name}@1": Source(f"{name}.toml", text) for name, text in parents.items()}
    text = pins if "[policy]" in pins else POLICY.replace("PINS", pins)
    return list(check_policy(Source("policy.toml", text), sources, load_scorers(version("1.2", 2), Diagnostics()))[1])


def test_a_pinned_version_is_the_installed_one() -> None:
    """A name is that of the package as pip understands it."""
    for name in ("Shop_Praise", "shop-praise", "shop.praise"):
        assert problems(f'plugins = {{ "{name}" = "1.2" }}') == []


def test_another_version_and_a_plugin_that_is_not_there_are_problems_at_the_pin() -> None:
    diagnostics = problems('plugins = { shop-praise = "1.20", shop-times = "7", shop-prise = "1.2" }')
    assert [(diagnostic.kind.code, str(diagnostic.location)) for diagnostic in diagnostics] == [
        ("SC621", "policy.toml:9:13"),
        ("SC622", "policy.toml:9:53"),
    ]
    assert diagnostics[0].message().endswith("but 1.2 is installed")
    assert diagnostics[1].params["nearest"] == "shop-praise"


BRANCH: Final = """
[policy]
id = "branch"
version = "1"
title = "支行"
extends = "p@1"
effective = { from = 2024-01-01 }
"""


def test_a_branch_adds_pins_and_keeps_those_of_its_parent() -> None:
    parent = POLICY.replace("PINS", 'plugins = { shop-praise = "1.2" }')
    assert problems(f'{BRANCH}plugins = {{ shop-times = "7" }}', p=parent) == []
    assert [diagnostic.kind.code for diagnostic in problems(f'{BRANCH}plugins = {{ shop-times = "8" }}', p=parent)] == [
        "SC621"
    ]
    changed = problems(f'{BRANCH}plugins = {{ shop-praise = "1.1" }}', p=parent)
    assert [(diagnostic.kind.code, str(diagnostic.location)) for diagnostic in changed] == [
        ("SC122", "policy.toml:8:13")
    ]


def call_program(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, list(map(str, arguments)), catch_exceptions=False)


def test_a_new_version_is_seen_before_it_decides(
    install: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is recorded only with a reason; the record names what decided each month, and replays without plugins."""
    monkeypatch.chdir(tmp_path)
    Path("policy.toml").write_text(POLICY.replace("PINS", ""), "utf-8")
    Path("facts.note").write_text("5", "utf-8")
    install(*version("1.2", 2))
    assert call_program("record", "begin", "r", "--single-operator").exit_code == 0
    may, june = (
        ("run", "policy.toml", "--facts", "facts.note", "--record", "r", "--period", period)
        for period in ("2024-05", "2024-06")
    )
    assert call_program(*may).exit_code == 0
    install(*version("1.3", 3))
    refused = call_program(*june)
    assert refused.exit_code == 1
    assert "SC860 `p@1` is another program than in run 1" in refused.stderr
    assert "shop-praise 1.2 → 1.3;" in refused.stderr
    compared = call_program("diff", "policy.toml", "--record", "r", "--facts", "facts.note", "--json")
    assert compared.exit_code == 0
    difference = json.loads(compared.stdout)
    assert difference["periods"] == ["2024-05"]
    assert [(reason["before"], reason["after"]) for reason in difference["reasons"]] == [("10", "15")]
    assert call_program(*june, "--reason", "three for one").exit_code == 0
    install()
    runs = json.loads(call_program("record", "log", "r", "--json").stdout)["runs"]
    assert [run["manifest"]["plugins"] for run in runs] == [
        {"operators.times": "shop-times 7", "readers.note": "shop-times 7", "scorers.praise": f"shop-praise {number}"}
        for number in ("1.2", "1.3")
    ]
    table = call_program("record", "log", "r").stdout
    assert all(run["manifest"]["program"][:16] in table for run in runs)
    assert "shop-praise 1.3, shop-times 7" in table
    replayed = call_program("record", "replay", "r", "--json")
    assert replayed.exit_code == 0


def test_diff_wants_two_policies_or_a_recorded_run(tmp_path: Path) -> None:
    policy, facts = tmp_path / "policy.toml", tmp_path
    policy.write_text("", "utf-8")
    assert call_program("diff", policy, "--facts", facts).exit_code == 2
    assert call_program("diff", policy, policy, "--run", "1", "--facts", facts).exit_code == 2
    assert call_program("diff", policy, policy, policy, "--facts", facts).exit_code == 2


def test_readers_are_those_of_the_correction_and_the_rest_that_of_the_run() -> None:
    before = {"readers.note": "shop-times 7", "scorers.praise": "shop-praise 1.2"}
    assert replace_readers(before, {"readers.db": "shop-db 1"}) == {
        "readers.db": "shop-db 1",
        "scorers.praise": "shop-praise 1.2",
    }
    assert list_changed_plugins(before, {"scorers.praise": "shop-praise 1.3"}) == [
        "shop-praise 1.2 → 1.3",
        "shop-times 7 → —",
    ]
