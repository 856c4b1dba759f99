"""Plugins of other people through the public contract: one that is not right stops everything."""

import json
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from scorecore import plugins as hooks
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Snippet, Source
from scorecore.io.formats import Reader, Renderer
from scorecore.language.cel.syntax import Syntax
from scorecore.plugins import (
    Check,
    Entry,
    ItemContext,
    Operator,
    Plugins,
    Scorer,
    hookimpl,
)
from scorecore.policy.model import key
from scorecore_cli.main import scorecore
from scorer_items import GOOD, HEAD, built_in, place


@frozen(kw_only=True)
class Streaks:
    """Give points for each sale of a code, and one more for a fine one."""

    each: Snippet = key("the table of sales")
    code: Snippet = key("the code that counts")
    give: Syntax = key("points for each")

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        if item.points is None:
            yield Diagnostic(CLOSED_ONLY, item.place.location)
        sale = self.each.text
        if sale not in item.events:
            yield Diagnostic(NO_SUCH_TABLE, self.each.locate(0), {"table": sale}, len(sale))
            return
        yield Entry(reason="sale", points=self.give, each=self.each, variable="s")


CLOSED_ONLY: Final = DiagnosticKind("ST101", "a streak needs points")
NO_SUCH_TABLE: Final = DiagnosticKind("ST102", "`{table}` is no table of sales")


@hookimpl
def streaks() -> list[Scorer]:
    return [Scorer("streaks", Streaks)]


def plugin(gives: Callable[[], Any], hook: str = "scorers") -> dict[str, Any]:
    """What a module of a plugin has in it."""

    @hookimpl
    def found() -> Any:
        return gives()

    return {hook: found}


def half(x: Any) -> Any:
    """Half of it."""
    return x / 2


def anything(*operands: Syntax) -> Syntax:
    """The first of them."""
    return operands[0]


def nothing() -> Any:
    """Nothing."""


@frozen
class Undocumented:
    def entries(self, _item: ItemContext) -> Iterator[Entry]:
        yield from ()


class NoAttrs:
    """Not an attrs class."""

    def entries(self, _item: ItemContext) -> Iterator[Entry]:
        yield from ()


@hookimpl
def stranger(unknown: int) -> list[Scorer]:
    del unknown
    return []


@hookimpl
def somebody() -> list[Scorer]:
    return []


def exiting() -> list[Scorer]:
    sys.exit(3)


@frozen(kw_only=True)
class Overlapping:
    """Give points. Its key `label` would never be read: the item has it."""

    label: str = key("the reason", default="")

    def entries(self, _item: ItemContext) -> Iterator[Entry]:
        yield from ()


def failing() -> list[Scorer]:
    raise ValueError("no licence")


UNFIT: Final[dict[str, tuple[dict[str, Any] | None, str]]] = {
    "raises at import": (None, "SC601"),
    "raises when asked": (plugin(failing), "SC601"),
    "gives nothing": (plugin(lambda: None), "SC602"),
    "gives no list": (plugin(lambda: 5), "SC602"),
    "gives something else": (plugin(lambda: ["streaks"]), "SC602"),
    "no attrs class": (plugin(lambda: [Scorer("other", NoAttrs)]), "SC602"),
    "no entries": (plugin(lambda: [Scorer("other", frozen(type("Other", (), {"__doc__": "Nothing."})))]), "SC602"),
    "no docstring": (plugin(lambda: [Scorer("other", Undocumented)]), "SC602"),
    "another hook": ({"somebody": somebody}, "SC602"),
    "other arguments": ({"scorers": stranger}, "SC602"),
    "an older contract": (plugin(lambda: [Scorer("other", Streaks, contract=0)]), "SC603"),
    "a newer contract": (plugin(lambda: [Scorer("other", Streaks, contract=2)]), "SC603"),
    "a name that is taken": (plugin(lambda: [Scorer("target", Streaks)]), "SC604"),
    "exits when asked": (plugin(exiting), "SC601"),
    "a key that every item has": (plugin(lambda: [Scorer("other", Overlapping)]), "SC602"),
    "a scorer for an operator": (plugin(lambda: [Scorer("other", Streaks)], "operators"), "SC602"),
    "an operator without words": (plugin(lambda: [Operator("half", lambda x: x / 2)], "operators"), "SC602"),
    "an operator of any operands": (plugin(lambda: [Operator("half", anything)], "operators"), "SC602"),
    "an operator of none": (plugin(lambda: [Operator("half", nothing)], "operators"), "SC602"),
    "an operator of the language": (plugin(lambda: [Operator("least", half)], "operators"), "SC602"),
    "an operator of CEL": (plugin(lambda: [Operator("matches", half)], "operators"), "SC602"),
    "an operator with a word of CEL": (plugin(lambda: [Operator("in", half)], "operators"), "SC602"),
    "an operator that nobody can write": (plugin(lambda: [Operator("a-half", half)], "operators"), "SC602"),
    "an operator for another contract": (plugin(lambda: [Operator("half", half, 2)], "operators"), "SC603"),
    "an operator that is there": (plugin(lambda: [Operator("clamp", half)], "operators"), "SC604"),
    "a check without words": (plugin(lambda: [Check("rule", lambda *_: ())], "checks"), "SC602"),
    "a check that is there": (plugin(lambda: [Check("clauses", half)], "checks"), "SC604"),
    "a reader of what is read": (plugin(lambda: [Reader("r", "Reads.", (".csv",), half)], "readers"), "SC602"),
    "a reader of another's ending": (plugin(lambda: [Reader("r", "Reads.", (".db",), half)], "readers"), "SC604"),
    "a reader of no ending": (plugin(lambda: [Reader("r", "Reads.", (), half)], "readers"), "SC602"),
    "a layout for a reader": (plugin(lambda: [Renderer("r", "Shows.", half)], "readers"), "SC602"),
    "a layout that is there": (plugin(lambda: [Renderer("statement", "Shows.", half)], "renderers"), "SC604"),
    "a layout that says nothing": (plugin(lambda: [Renderer("slip", "", half)], "renderers"), "SC602"),
    "no words": (plugin(lambda: {"zh": ["text"]}, "words"), "SC602"),
    "words with another blank": (plugin(lambda: {"zh": {"no {name}": "无 {nam}"}}, "words"), "SC602"),
    "words with half a blank": (plugin(lambda: {"zh": {"no {name}": "无 {"}}, "words"), "SC602"),
}

Install = Callable[[dict[str, Any] | None], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Make a module with some contents look installed as a plugin; without contents it does not import."""

    def installing(contents: dict[str, Any] | None) -> None:
        module = ModuleType("other_plugin")
        vars(module).update(contents or {})
        if contents is not None:
            monkeypatch.setitem(sys.modules, "other_plugin", module)
        entry_points = [*hooks.installed(), EntryPoint("zz_other", "other_plugin", hooks.GROUP)]
        monkeypatch.setattr(
            hooks,
            "entry_points",
            lambda group: [entry_point for entry_point in entry_points if entry_point.group == group],
        )

    return installing


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "policy.toml").write_text(f'{HEAD}scorer = "formula"\n{GOOD["formula"]}\n', "utf-8")
    (tmp_path / "person.csv").write_text("person,x,y\nB1,250,300\nB2,100,100\n", "utf-8")
    (tmp_path / "sales.csv").write_text("person,id,code,fine\nB1,S1,a,true\nB1,S2,b,false\n", "utf-8")
    return tmp_path


def run(work: Path, *more: str) -> Result:
    arguments = ["run", str(work / "policy.toml"), "--facts", str(work), "--period", "2024-05", *more]
    return CliRunner().invoke(scorecore, arguments, catch_exceptions=False)


def test_the_work_is_decided(work: Path) -> None:
    """Without another plugin the policy of these tests is decided."""
    result = run(work, "--json")
    assert result.exit_code == 0
    assert [decision["score.total"] for decision in json.loads(result.stdout)["decisions"]] == ["2.5", "1"]


@pytest.mark.parametrize("name", UNFIT)
def test_plugin_that_is_not_right(name: str, work: Path, install: Install) -> None:
    """A plugin that does not load or fit stops every command with its name and exit code 1; nothing is decided."""
    contents, code = UNFIT[name]
    install(contents)
    result = run(work, "--out", str(work / "out"))
    assert result.exit_code == 1
    assert code in result.stderr
    assert "zz_other = other_plugin" in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""
    assert not (work / "out").exists()
    for command in ("check", "test", "expand"):
        (work / "policy.cases.toml").write_text("case = []\n", "utf-8")
        other_result = CliRunner().invoke(scorecore, [command, str(work / "policy.toml")], catch_exceptions=False)
        assert (other_result.exit_code, code in other_result.output) == (1, True)
    listed = CliRunner().invoke(scorecore, ["plugin", "list", "--json"], catch_exceptions=False)
    assert listed.exit_code == 1
    assert [problem["code"] for problem in json.loads(listed.stdout)["problems"]] == [code]


def test_third_party_scorer(work: Path, install: Install) -> None:
    """A scorer from elsewhere is listed, compiles, decides and explains like any other."""
    install({"scorers": streaks})
    item = 'scorer = "streaks"\neach = "sales"\ncode = "a"\ngive = "s.fine ? 2 : 1"\n'
    (work / "policy.toml").write_text(HEAD + item, "utf-8")
    listed = CliRunner().invoke(scorecore, ["plugin", "list"], catch_exceptions=False)
    assert "streaks  Give points for each sale of a code" in listed.stdout
    result = run(work, "--json")
    assert result.exit_code == 0
    assert [decision["items.one"] for decision in json.loads(result.stdout)["decisions"]] == ["3", "0"]
    person = ["explain", str(work / "policy.toml"), "--facts", str(work), "--period", "2024-05", "--person", "B1"]
    told = json.loads(CliRunner().invoke(scorecore, [*person, "--format", "json"], catch_exceptions=False).stdout)
    entries = [
        (ledger_entry["reason"], ledger_entry["event"], ledger_entry["points"])
        for ledger_entry in told["items"][0]["entries"]
    ]
    assert entries == [("sale", "S1", "2"), ("sale", "S2", "1")]


def test_mistakes_that_a_scorer_finds(work: Path, install: Install) -> None:
    """A problem that a scorer from elsewhere finds is told in its words and at its place."""
    install({"scorers": streaks})
    item = 'scorer = "streaks"\neach = "sails"\ncode = "a"\ngive = 1\n'
    (work / "policy.toml").write_text(HEAD + item, "utf-8")
    result = run(work)
    assert result.exit_code == 1
    line = HEAD.count("\n") + 2
    assert f"policy.toml:{line}:9: ST102 `sails` is no table of sales" in result.stderr


@pytest.mark.parametrize(
    ("gives", "code"),
    [
        (lambda: ["no entry"], "SC607"),
        (lambda: 5, "SC606"),
        (lambda: iter([1 // 0]), "SC606"),
        (lambda: [Entry(reason="r", points=5)], "SC606"),  # type: ignore[arg-type]  a number is no expression
    ],
)
def test_scorer_that_fails(gives: Callable[[], Any], code: str, work: Path, install: Install) -> None:
    """A scorer that fails at its work is a problem of the plugin, at the item that uses it."""

    @frozen
    class Failing:
        """Fail."""

        def entries(self, _item: ItemContext) -> Any:
            return gives()

    install(plugin(lambda: [Scorer("failing", Failing)]))
    (work / "policy.toml").write_text(f'{HEAD}scorer = "failing"\n', "utf-8")
    result = run(work)
    assert result.exit_code == 1
    assert f"policy.toml:{HEAD.count(chr(10)) + 1}:" in result.stderr
    assert code in result.stderr


@frozen(kw_only=True)
class Exiting:
    """Give points, but exit."""

    give: Syntax = key("points")

    def entries(self, item: ItemContext) -> Iterator[Entry]:
        yield Entry(reason="given", points=self.give, quantity=self.give)
        raise SystemExit(item.id)


@frozen(kw_only=True)
class Branching(Exiting):
    """Give points, and decide in Python what only the facts can decide."""

    def entries(self, _item: ItemContext) -> Iterator[Entry]:
        yield Entry(reason="given", points=self.give if self.give > 5 else -self.give)


@frozen(kw_only=True)
class Declaring(Exiting):
    """Give points, and declare a fact."""

    def entries(self, item: ItemContext) -> Iterator[Entry]:
        item.facts["z"] = item.facts["x"]  # type: ignore[index]
        yield Entry(reason="given", points=self.give)


def leaving_with(x: Syntax) -> Any:
    """Leave, and take an operand along."""
    raise SystemExit(x)


def leaving(*_: object) -> Any:
    """Leave."""
    raise SystemExit


@pytest.mark.parametrize(
    ("scorer", "error"),
    [
        (Exiting, "SystemExit: one"),
        (Branching, "TypeError: an expression is neither true nor false"),
        (Declaring, "TypeError: 'mappingproxy' object does not support item assignment"),
    ],
)
def test_what_a_scorer_must_not_do_is_a_diagnostic(scorer: type, error: str) -> None:
    """An exit, Python's own `if` on an expression, and a change of the policy's facts stop nothing but the policy."""
    source = Source("policy.toml", f'{HEAD}scorer = "other"\ngive = "x"\n')
    program, diagnostics = check_policy(source, {}, {"other": Scorer("other", scorer)})
    assert program is None
    assert [(diagnostic.kind.code, place(diagnostic)) for diagnostic in diagnostics] == [("SC606", (0, 10))]
    assert error in diagnostics[0].message()


def test_an_operator_and_a_check_that_exit_are_diagnostics() -> None:
    """So is an exit in a function of a plugin, and in a house rule."""
    text = f'{HEAD}scorer = "formula"\nis = "half(x)"\n'
    operators = {"half": Operator("half", leaving_with)}
    plugins = Plugins(built_in(), operators)
    assert [diagnostic.kind.code for diagnostic in check_policy(Source("policy.toml", text), {}, plugins)[1]] == [
        "SC609"
    ]
    checked = text.replace('period = "month"', 'period = "month"\nchecks = ["rule"]').replace("half(x)", "x")
    plugins = Plugins(built_in(), checks={"rule": Check("rule", leaving)})
    diagnostics = check_policy(Source("policy.toml", checked), {}, plugins)[1]
    assert [diagnostic.kind.code for diagnostic in diagnostics if not diagnostic.kind.warning] == ["SC613"]
