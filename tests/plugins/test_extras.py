"""Plugins of the other kinds: functions, house rules, formats of facts, layouts; and what each brings of ours."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location, Source
from scorecore.language.cel.macros import (
    DEEPEST,
    MAX_PARTS,
    MacroError,
    Operator,
    expand_macros,
)
from scorecore.language.cel.syntax import (
    Call,
    LiteralSyntax,
    Name,
    Place,
    Syntax,
    measure,
)
from scorecore.plugins import Plugins, installed, load_scorers
from scorecore.program.model import Program
from scorecore.program.steps import Step
from scorecore_cli.main import scorecore
from scorecore_extras import (
    clauses,
    duckdb,
    functions,
    postgresql,
    sqlite,
    statement,
)

HEAD: Final = """
[policy]
id = "p"
version = "1"
title = "考核 <一>"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }
currency = "CNY"
{checks}

[open]
pay = true

[facts.person]
x = { type = "decimal", min = 0, max = 1000, places = 2 }
y = { type = "decimal", min = 0, max = 1000, places = 2 }

[facts.sales]
key = ["id"]
fields = { id = { type = "string" }, amount = { type = "decimal", min = 0, max = 1000, places = 2 } }

"""
PLUGINS: Final = load_scorers(installed(), Diagnostics())
PLACE: Final = Place(Location("p", 1, 1))


def policy(amount: str, checks: str = "", authority: str = "") -> str:
    line = f'[[pay]]\nid = "bonus"\nkind = "earning"\namount = "{amount}"\n'
    return HEAD.replace("{checks}", checks) + line + (f'authority = "{authority}"\n' if authority else "")


def checked(text: str, plugins: Mapping[str, Any] = PLUGINS, **parents: str) -> tuple[Program | None, list[Diagnostic]]:
    sources = {name.replace("_", "@"): Source(f"{name}.toml", parent) for name, parent in parents.items()}
    program, diagnostics = check_policy(Source("policy.toml", text), sources, plugins)
    return program, [diagnostic for diagnostic in diagnostics if not diagnostic.kind.warning]


def step(amount: str) -> Any:
    program, diagnostics = checked(policy(amount))
    assert program is not None, list(map(str, diagnostics))
    pay_step = program.step("pay.bonus")
    assert isinstance(pay_step, Step)
    return pay_step.expression


# functions


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("clamp(x, 0, 10)", "least(greatest(x, 0), 10)"),
        ("clamp(x, 0, 10) * clamp(y, 1, 2)", "least(greatest(x, 0), 10) * least(greatest(y, 1), 2)"),
        ("attainment(x, y)", "decimal(least(greatest(x, 0), y)) / y"),
        ("clamp(attainment(x, y), 0.2, 0.8)", "least(greatest(decimal(least(greatest(x, 0), y)) / y, 0.2), 0.8)"),
        ("sales.map(s, clamp(s.amount, 0, 5)).sum()", "sales.map(s, least(greatest(s.amount, 0), 5)).sum()"),
        ("x > 0 ? clamp(x, 1, 2) : 0.0", "x > 0 ? least(greatest(x, 1), 2) : 0.0"),
    ],
)
def test_a_function_is_its_expansion(short: str, long: str) -> None:
    """A function of a plugin gives the very program that its meaning gives, so the program does not know of it."""
    assert step(short) == step(long)


@pytest.mark.parametrize(
    ("amount", "code", "column"),
    [
        ("clamp(x, 1)", "SC232", 11),
        ("clmp(x, 1, 2)", "SC231", 11),
        ("clamp(x, 1, nothing)", "SC230", 23),
        ("1 + clamp(sales.size() > 1, 1, 2)", "SC220", 15),
    ],
)
def test_a_mistake_in_a_call(amount: str, code: str, column: int) -> None:
    """A mistake in an operand stands there; one in what is made of them, where the function is called."""
    _, diagnostics = checked(policy(amount))
    assert [(diagnostic.kind.code, diagnostic.location.column) for diagnostic in diagnostics] == [(code, column)]


def test_a_policy_needs_the_function_when_it_is_compiled() -> None:
    """Without the plugin nothing is compiled, by the name of what is missing."""
    _, diagnostics = checked(policy("clamp(x, 0, 10)"), PLUGINS.scorers)
    assert [str(diagnostic) for diagnostic in diagnostics] == ["policy.toml:26:11: SC231 unknown function `clamp`"]


@given(st.integers(1, 40), st.integers(1, 40))
def test_what_plugins_make_is_bounded(wide: int, deep: int) -> None:
    """However functions are nested, either what they make is within bounds, or the call says so; none takes forever."""

    def several(x: Syntax) -> Syntax:
        """Many of it."""
        for _ in range(wide):
            x = x + x
        return x

    call: Syntax = Name("x", PLACE)
    for _ in range(deep):
        call = Call("several", (call,), PLACE)
    operators = {"several": Operator("several", several)}
    size, depth = 2 ** (wide * deep + 1) - 1, wide * deep + 1
    if size <= MAX_PARTS and depth <= DEEPEST:
        assert measure(expand_macros(call, operators)) == (size, depth)
        return
    with pytest.raises(MacroError) as raised:
        expand_macros(call, operators)
    assert raised.value.kind.code in {"SC611", "SC616"}


def test_what_is_not_an_expression_is_reported() -> None:
    """What a function gives instead of an expression is a fault of its plugin."""
    with pytest.raises(MacroError) as raised:
        expand_macros(Call("f", (LiteralSyntax(1, PLACE),), PLACE), {"f": Operator("f", lambda x: x.value)})
    assert raised.value.kind.code == "SC610"


# house rules


def test_a_house_rule_is_kept_by_whom_it_is_named() -> None:
    """A policy that names a check is held to it; one that does not, is not."""
    assert checked(policy("x"))[1] == []
    assert checked(policy("x", 'checks = ["clauses"]', "第一条"))[1] == []
    program, diagnostics = checked(policy("x", 'checks = ["clauses"]'))
    assert program is None
    assert [diagnostic.kind.code for diagnostic in diagnostics] == ["SC620"]


def test_a_branch_keeps_the_rules_of_its_parent() -> None:
    """What extends a policy is held to its checks, and cannot leave them out."""
    parent = policy("x", 'checks = ["clauses"]', "第一条")
    branch_text = '[policy]\nid = "b"\nversion = "1"\ntitle = "t"\neffective = { from = 2024-01-01 }\nextends = "p@1"\n'
    line = '[[pay]]\nid = "more"\nkind = "earning"\namount = "y"\n'
    assert [diagnostic.kind.code for diagnostic in checked(branch_text + line, p_1=parent)[1]] == ["SC620"]
    assert [diagnostic.kind.code for diagnostic in checked(branch_text + "checks = []\n", p_1=parent)[1]] == ["SC122"]


def test_a_rule_that_gives_no_diagnostics_fails() -> None:
    """A check that gives something else than problems refuses the policy by the check's name."""

    def odd(*_: Any) -> Iterator[Any]:
        """Odd."""
        yield "wrong"

    plugins = evolve(PLUGINS, checks={"odd": evolve(PLUGINS.checks["clauses"], diagnostics=odd)})
    _, diagnostics = checked(policy("x", 'checks = ["odd"]'), plugins)
    assert [(diagnostic.kind.code, diagnostic.params["name"]) for diagnostic in diagnostics] == [("SC613", "odd")]


# formats of facts and layouts


def run(*arguments: str) -> Result:
    return CliRunner().invoke(scorecore, arguments, catch_exceptions=False)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "policy.toml").write_text(policy("x + sales.map(s, s.amount).sum()", authority="第一条"), "utf-8")
    folder = tmp_path / "facts"
    folder.mkdir()
    (folder / "person.csv").write_text("person,x,y\nB1,250.10,300\nB<2>,0.07,100\n", "utf-8")
    (folder / "sales.csv").write_text("person,id,amount\nB1,S1,0.30\nB1,S2,1\n", "utf-8")
    with closing(sqlite3.connect(tmp_path / "facts.db")) as database:
        database.executescript("""
            create table person (person text, x decimal(12, 2), y integer);
            insert into person values ('B1', 250.10, 300), ('B<2>', 0.07, 100);
            create table "all sales" (who text, id text, amount real);
            insert into "all sales" values ('B1', 'S1', 0.30), ('B1', 'S2', 1), ('B1', 'S3', null);
            create view sales as select who as person, id, amount from "all sales" where amount is not null;
        """)
    return tmp_path


def decisions(work: Path, facts: str) -> Any:
    result = run("run", str(work / "policy.toml"), "--facts", str(work / facts), "--period", "2024-05", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["decisions"]


def test_a_database_gives_what_files_give(work: Path) -> None:
    """Facts in a database are those of the same tables in files, to the last cent, views included."""
    assert decisions(work, "facts.db") == decisions(work, "facts")
    assert [decision["pay.net"] for decision in decisions(work, "facts.db")] == ["251.4", "0.07"]


@pytest.mark.parametrize(("language", "words"), [("en", sqlite.NO_DATABASE), ("zh", "它不是 SQLite 数据库")])
def test_a_database_that_is_none(work: Path, language: str, words: str) -> None:
    """What is no database is told, in both languages, and nothing is decided or written."""
    (work / "facts.db").write_bytes(b"no database" * 100)
    arguments = ["run", str(work / "policy.toml"), "--facts", str(work / "facts.db"), "--period", "2024-05"]
    result = run(*arguments, "--lang", language)
    assert result.exit_code == 1
    assert "SC410" in result.stderr
    assert words in result.stderr


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(" ".join([tag, *(f"{name}={value}" for name, value in attrs)]))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize(("language", "code", "heading"), [("en", "en", "pay ledger"), ("zh", "zh-CN", "薪酬明细")])
def test_a_statement_is_a_page(work: Path, language: str, code: str, heading: str) -> None:
    """A statement is one page in the reader's language: every tag is closed, and what facts say is no tag."""
    person = ["explain", str(work / "policy.toml"), "--facts", str(work / "facts"), "--period", "2024-05"]
    result = run(*person, "--person", "B<2>", "--layout", "statement", "--lang", language)
    assert result.exit_code == 0
    page = _Page()
    page.feed(result.stdout)
    assert page.open == []
    assert page.seen[0] == f"html lang={code}"
    assert "meta charset=utf-8" in page.seen
    assert not [tag for tag in page.seen if tag.startswith(("script", "link", "img"))]
    text = "".join(page.text)
    assert all(words in text for words in ("考核 <一>", "B<2>", heading, "0.07", "第一条"))


def test_a_layout_that_is_not_there(work: Path) -> None:
    """A layout that no plugin brings is a mistake of usage; those that are there are named."""
    person = ["explain", str(work / "policy.toml"), "--facts", str(work / "facts"), "--period", "2024-05"]
    result = run(*person, "--person", "B1", "--layout", "statment")
    assert result.exit_code == 2
    assert "there are statement" in result.stderr


# what is told of them


def test_everything_is_listed() -> None:
    """`scorecore plugin list` has what every kind of plugin brings, in words of both languages."""
    english, chinese = (
        json.loads(run("plugin", "list", "--json", "--lang", language).stdout) for language in ("en", "zh")
    )
    kinds = ("scorers", "operators", "checks", "readers", "writers", "renderers")
    assert all(english[kind] for kind in kinds)
    for kind in kinds:
        for english_part, chinese_part in zip(english[kind], chinese[kind], strict=True):
            assert english_part["name"] == chinese_part["name"]
            assert english_part["summary"] != chinese_part["summary"]


def test_plugins_say_all_in_chinese() -> None:
    """Every sentence of our plugins of these kinds is said in Chinese, and nothing else is."""
    said = {value.summary for value in (*PLUGINS.operators.values(), *PLUGINS.checks.values())}
    outside = (PLUGINS.readers, PLUGINS.writers, PLUGINS.renderers)
    said |= {hook.about for hooks in outside for hook in hooks.values()}
    said |= {clauses.NO_CLAUSE.message, *clauses.NO_CLAUSE.advice, sqlite.NO_DATABASE, sqlite.NO_TABLES}
    assert PLUGINS.words["zh"].keys() == said
    assert all(
        module.words()["zh"].keys() <= said for module in (clauses, duckdb, functions, postgresql, sqlite, statement)
    )


def test_scorers_alone_are_plugins() -> None:
    """A mapping of scorers may stand for all that plugins bring."""
    assert Plugins.of(PLUGINS) is PLUGINS
    assert Plugins.of(dict(PLUGINS)) == Plugins(dict(PLUGINS))
