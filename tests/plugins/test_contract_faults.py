"""A plugin cannot be wrong in silence: each fault is one problem that names it, with its file and line."""

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from importlib.metadata import EntryPoint
from itertools import count
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any, Final, Literal

import pytest
from attrs import Factory, evolve, field, frozen
from attrs.validators import gt
from click.testing import CliRunner, Result

import scorecore
from scorecore import plugins as hooks
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Snippet
from scorecore.plugin import (
    Check,
    Entry,
    ItemContext,
    LiteralSyntax,
    Operator,
    Part,
    Plugins,
    Scorer,
    Syntax,
    catalogue,
    hidden,
    key,
)
from scorecore.plugins.faults import find_scorer_faults
from scorecore_cli.main import scorecore as program

POLICY: Final = """
[policy]
id = "p"
version = "1"
title = "考核"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }

[facts.person]
x = { type = "decimal", min = 0, max = 1000 }
good = { type = "bool" }

[facts.sales]
key = ["id"]
fields = { id = { type = "string" }, amount = { type = "decimal", min = 0, max = 9 } }

[score]

[[items]]
id = "team"
points = 10
scorer = "team"
"""
SCORER_AT: Final = f"policy.toml:{len(POLICY.splitlines())}:10"


# declarations


@frozen(kw_only=True)
class Inner(Part):
    """A part with a key of a type that cannot be read."""

    size: float = key("a size", default=1.0)


ODD_FIELDS: Final[dict[str, tuple[Any, Any, str]]] = {
    "float": (float, key("a share"), "its key `odd` has a type that cannot be read: float"),
    "object": (object, key("anything"), "a type that cannot be read: object"),
    "a set": (set[str], key("names"), "a type that cannot be read: set[str]"),
    "a list": (list[int], key("numbers"), "a type that cannot be read: list[int]"),
    "a pair": (tuple[int, int], key("a pair"), "a type that cannot be read: tuple[int, int]"),
    "any": (Any, key("anything"), "a type that cannot be read: Any"),
    "a function": (Callable[[], int], key("how"), "a type that cannot be read"),
    "floats in a tuple": (tuple[float, ...], key("shares"), "a type that cannot be read"),
    "numbers of a closed list": (Literal[1, 2], key("which"), "a type that cannot be read"),
    "two types": (int | Decimal | Syntax, key("which"), "a type that cannot be read"),
    "keys that are numbers": (dict[int, str], key("names"), "a type that cannot be read"),
    "a part inside": (tuple[Inner, ...], key("parts"), "its key `size` has the default 1.0, which is not exact"),
    "an unknown name": ("Nowhere", key("which"), "its annotations cannot be read"),
    "a list as default": (tuple[int, ...], key("numbers", default=[]), "a default that can be changed"),
    "a dict as default": (dict[str, str], key("names", default={}), "a default that can be changed"),
    "NaN as default": (Decimal, key("a share", default=Decimal("NaN")), "the default NaN, which is not exact"),
    "a float as default": (Decimal, key("a share", default=0.5), "the default 0.5, which is not exact"),
    "a plain field": (int, field(default=1), "is not declared with `key(…)` or `hidden(…)`"),
    "not in the file": (int, key("a size", default=1, init=False), "is not declared with `key(…)` or `hidden(…)`"),
    "hidden without a value": (int, hidden(), "its hidden field `odd` needs a default"),
}
FINE_FIELDS: Final[dict[str, tuple[Any, Any]]] = {
    "a factory": (tuple[int, ...], key("numbers", factory=tuple)),
    "a default of others": (int, key("a size", default=Factory(lambda self: len(self.gives.text), takes_self=True))),
    "text or number": (str | int, key("which", default=1)),
    "words or number": (Literal["all"] | Decimal, key("which", default="all")),
    "in quotes": ("Syntax | None", key("points", default=None)),
    "parts by name": (dict[str, tuple[Literal["a", "b"], ...]], key("which", factory=dict)),
    "any value": (bool | int | Decimal | str | date, key("a value", default=1)),
}


def declare(annotation: Any, attribute: Any) -> type:
    """A scorer's class with one more field."""

    def entries(_self: Any, item: ItemContext) -> Iterator[Entry]:
        yield Entry(reason=item.id, points=LiteralSyntax(1, item.place))

    body = {"__doc__": "Give points.", "__annotations__": {"odd": annotation}, "odd": attribute, "entries": entries}
    return frozen(kw_only=True)(type("Declared", (), body | {"__module__": __name__}))


@pytest.mark.parametrize("name", ODD_FIELDS)
def test_fields_that_no_policy_can_have_are_refused(name: str) -> None:
    annotation, attribute, fault = ODD_FIELDS[name]
    faults = list(find_scorer_faults(Scorer("team", declare(annotation, attribute))))
    assert len(faults) == 1
    assert fault in faults[0]


@pytest.mark.parametrize("name", FINE_FIELDS)
def test_fields_that_a_policy_can_have_are_not(name: str) -> None:
    assert list(find_scorer_faults(Scorer("team", declare(*FINE_FIELDS[name])))) == []


@pytest.mark.parametrize("written", ["odd = 5", 'odd = "all"', ""])
def test_text_or_a_number_is_read_in_any_order(written: str) -> None:
    """`str | int` takes a number too, and annotations in quotes are read."""
    scorers = {"team": Scorer("team", declare("str | int", key("which", default=1)))}
    assert scorecore.load(scorecore.Source("policy.toml", f"{POLICY}{written}\n"), plugins=Plugins(scorers))


# at work


@frozen(kw_only=True)
class Team:
    """Give points."""

    gives: Syntax = key("points", default=None)
    take: int = key("a number", default=1, validator=gt(0))

    def entries(self, item: ItemContext) -> Any:
        yield Entry(reason=item.id, points=self.gives)


def refuse(scorer: type, keys: str = 'gives = "x"', **parameters: Any) -> Diagnostic:
    """The one problem of a policy that uses a scorer."""
    source = scorecore.Source("policy.toml", f"{POLICY}{keys}\n")
    with pytest.raises(scorecore.PolicyRejected) as raised:
        scorecore.load(source, plugins=Plugins({"team": Scorer("team", scorer)}, **parameters))
    errors = [diagnostic for diagnostic in raised.value.diagnostics if not diagnostic.kind.warning]
    assert len(errors) == 1, list(map(str, errors))
    return errors[0]


class Silent(Team):
    def entries(self, item: ItemContext) -> Any:
        [Entry(reason=item.id, points=self.gives)]


class Vague(Team):
    def entries(self, item: ItemContext) -> Any:
        yield Entry(reason=item.id, points=self.gives * Decimal("NaN"))


class Changing(Team):
    def entries(self, item: ItemContext) -> Any:
        item.events["sales"].fields["more"] = item.facts["x"]
        yield Entry(reason=item.id, points=self.gives)


class Placeless(Team):
    def entries(self, _item: ItemContext) -> Any:
        yield Diagnostic(DiagnosticKind("TM1", "wrong"), None)  # type: ignore[arg-type]  # that is what is wrong


class Blank(Team):
    def entries(self, item: ItemContext) -> Any:
        yield Diagnostic(DiagnosticKind("TM1", "wrong {what}"), item.place.location)


class Reserved(Team):
    def entries(self, item: ItemContext) -> Any:
        yield Diagnostic(DiagnosticKind("SC123", "wrong"), item.place.location)


class Counting(Team):
    numbers = count(1)

    def entries(self, item: ItemContext) -> Any:
        yield Entry(reason=item.id, points=self.gives + next(self.numbers))


@frozen(kw_only=True)
class Exiting(Team):
    made: int = key("made", factory=lambda: sys.exit(3))


AT_WORK: Final[dict[str, tuple[type, str, str, str]]] = {
    "without return": (Silent, 'gives = "x"', "SC606", "`entries` returned None; it must `yield` entries"),
    "NaN": (Vague, 'gives = "x"', "SC606", "NaN is not a number of the language"),
    "a changed context": (Changing, 'gives = "x"', "SC606", "does not support item assignment"),
    "a validator that raises": (Team, "take = 0", "SC617", "ValueError: 'take' must be > 0: 0"),
    "a factory that exits": (Exiting, 'gives = "x"', "SC617", "SystemExit: 3"),
    "a problem without a place": (Placeless, 'gives = "x"', "SC607", "Diagnostic("),
    "a problem with a blank": (Blank, 'gives = "x"', "SC606", "KeyError: 'what'"),
    "a reserved code": (Reserved, 'gives = "x"', "SC619", "`SC123`"),
    "not the same twice": (Counting, 'gives = "x"', "SC618", "does not give the same result twice"),
}


@pytest.mark.parametrize("name", AT_WORK)
def test_a_scorer_that_is_wrong_is_one_problem_with_its_line(name: str) -> None:
    scorer, keys, code, message = AT_WORK[name]
    diagnostic = refuse(scorer, keys)
    assert (diagnostic.kind.code, str(diagnostic.location)) == (code, SCORER_AT)
    assert message in diagnostic.message()
    assert "test_contract_faults.py:" in diagnostic.advice()


def test_kinds_of_the_catalogue_may_be_used() -> None:
    """A scorer may report what scorecore has a code for."""

    class Known(Team):
        def entries(self, item: ItemContext) -> Any:
            yield Diagnostic(catalogue.MISSING_KEY, item.place.location, {"key": "gives"})

    assert refuse(Known).kind is catalogue.MISSING_KEY


def doubled(x: Syntax, _numbers: Any = count(1)) -> Syntax:  # noqa: B008  that is what is wrong
    """Not the same twice."""
    return x * next(_numbers)


def once_more(x: Syntax) -> Syntax:
    """Not the same twice."""
    return doubled(x)


def rule(_policy: Any, program: Any) -> Iterable[Diagnostic]:
    """Change what may only be read."""
    object.__setattr__(program, "steps", program.steps[:-1])
    return []


def silent_rule(*_: Any) -> Any:
    """Return nothing."""


def reserved_rule(policy: Any, _program: Any) -> Iterable[Diagnostic]:
    """Report with a code that it does not own."""
    return [Diagnostic(DiagnosticKind("SC999", "wrong"), policy.policy.place)]


@pytest.mark.parametrize(
    ("check", "code", "message"),
    [
        (rule, "SC613", "it changed the program"),
        (silent_rule, "SC613", "returned None"),
        (reserved_rule, "SC619", "SC999"),
    ],
)
def test_a_check_that_is_wrong_is_one_problem_with_its_line(check: Any, code: str, message: str) -> None:
    text = POLICY.replace('period = "month"', 'period = "month"\nchecks = ["rule"]') + 'gives = "x"\n'
    plugins = Plugins({"team": Scorer("team", Team)}, checks={"rule": Check("rule", check)})
    with pytest.raises(scorecore.PolicyRejected) as raised:
        scorecore.load(scorecore.Source("policy.toml", text), plugins=plugins)
    (diagnostic,) = (problem for problem in raised.value.diagnostics if not problem.kind.warning)
    assert diagnostic.kind.code == code
    assert message in diagnostic.message()
    assert "test_contract_faults.py:" in diagnostic.advice()


def test_an_operator_that_varies_is_refused() -> None:
    operators = {"doubled": Operator("doubled", once_more)}
    assert refuse(Team, 'gives = "doubled(x)"', operators=operators).kind.code == "SC618"


# what a scorer composed


@frozen(kw_only=True)
class Dividing(Team):
    """Give points."""

    by: Syntax = key("what they are divided by", default=None)
    each: Snippet | None = key("a table", default=None)

    def entries(self, item: ItemContext) -> Any:
        yield Entry(reason=item.id, points=self.gives / self.by, each=self.each, variable="s")


@pytest.mark.parametrize(
    ("keys", "code", "scorer"),
    [
        ('gives = "x"\nby = "good"', "SC220", "team"),
        ('gives = "x"\nby = "good + 1"', "SC220", ""),
        ('gives = "y"\nby = "x"', "SC230", ""),
        ('gives = "s.amount"\nby = "good"\neach = "sales"', "SC220", "team"),
        ('gives = "s.amounts"\nby = "x"\neach = "sales"', "SC230", ""),
    ],
)
def test_a_mistake_in_what_a_scorer_composed_names_it(keys: str, code: str, scorer: str) -> None:
    """The author's own mistakes are the author's; what only the scorer put together has its name."""
    diagnostic = refuse(Dividing, keys)
    assert (diagnostic.kind.code, diagnostic.scorer) == (code, scorer)


@frozen(kw_only=True)
class PerEvent(Team):
    """Give points for each event of a table that it chooses."""

    each: Snippet = key("a table")
    suffix: str = key("what is added to its name", default="")
    times: bool = key("whether many times over", default=False)

    def entries(self, item: ItemContext) -> Any:
        points = self.gives * Decimal(10**20) if self.times else self.gives
        each = evolve(self.each, text=self.each.text + self.suffix)
        yield Entry(reason=item.id, points=points, each=each, variable="s")


@pytest.mark.parametrize(
    ("keys", "code", "scorer"),
    [
        ('gives = "x"\neach = "sale"\nsuffix = "z"', "SC322", "team"),
        ('gives = "x"\neach = "sails"', "SC322", ""),
        ('gives = "x"\neach = "sales"\ntimes = true', "SC323", "team"),
        ('gives = "s.amount * 100000000000000000000.0"\neach = "sales"', "SC323", ""),
    ],
)
def test_a_table_or_a_sum_that_a_scorer_chose_names_it(keys: str, code: str, scorer: str) -> None:
    diagnostic = refuse(PerEvent, keys)
    assert (diagnostic.kind.code, diagnostic.scorer) == (code, scorer)


# from the command line


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make modules look installed: for each its name, the name of its entry point, and its text."""

    def install(*modules: tuple[str, str, str]) -> None:
        entry_points = list(hooks.installed())
        for name, point, text in modules:
            module = ModuleType(name)
            exec(compile(dedent(text), f"{name}.py", "exec"), vars(module))  # noqa: S102  the text of a test
            monkeypatch.setitem(sys.modules, name, module)
            entry_points.append(EntryPoint(point, name, hooks.GROUP))
        monkeypatch.setattr(
            hooks, "entry_points", lambda group: [point for point in entry_points if point.group == group]
        )

    return install


SCORER: Final = """
from attrs import frozen
from scorecore.plugin import DiagnosticKind, Entry, Scorer, Syntax, hookimpl, key

@frozen(kw_only=True)
class Team:
    "Give points."
    gives: Syntax = key("points")
    def entries(self, item):
        yield Entry(reason=item.id, points=self.gives)

@hookimpl
def scorers():
    return [Scorer("{name}", Team)]
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, arguments, catch_exceptions=False)


@pytest.fixture
def policy(tmp_path: Path) -> str:
    (tmp_path / "policy.toml").write_text(f'{POLICY}gives = "x"\n', "utf-8")
    return str(tmp_path / "policy.toml")


def test_two_packages_may_name_their_plugins_alike(installed: Callable[..., None]) -> None:
    """Names of entry points are unique within a package only."""
    installed(
        ("branch_a", "branch", SCORER.replace("{name}", "team_a")),
        ("branch_b", "branch", SCORER.replace("{name}", "team_b")),
    )
    listed = run("plugin", "list", "--lang", "en")
    assert (listed.exit_code, listed.stderr) == (0, "")
    assert all(f"\n{name}  Give points." in listed.stdout for name in ("team_a", "team_b"))


def test_two_plugins_with_one_name_are_distinguished(installed: Callable[..., None], policy: str) -> None:
    installed(
        ("branch_a", "branch", SCORER.replace("{name}", "team")),
        ("branch_b", "branch", SCORER.replace("{name}", "team")),
    )
    result = run("check", policy, "--lang", "en")
    assert "branch = branch_b: SC604 two plugins provide `team`: this one and `branch = branch_a`" in result.output
    assert run("check", policy, "--without", "branch_b").exit_code == 0


def test_a_plugin_can_be_left_out(installed: Callable[..., None], policy: str) -> None:
    """By its name, or all that do not come with scorecore; a name that is not there is a mistake of usage."""
    installed(("team", "team", SCORER.replace("{name}", "team")))
    assert run("check", policy).exit_code == 0
    assert "SC605" in run("check", policy, "--without", "team").output
    assert "SC605" in run("check", policy, "--no-plugins").output
    assert run("check", policy).exit_code == 0
    unknown = run("check", policy, "--without", "taem")
    assert unknown.exit_code == 2
    assert "no plugin is named taem" in " ".join(unknown.output.split())


def test_a_traceback_is_shown_to_who_asks(installed: Callable[..., None], policy: str) -> None:
    installed(("team", "team", SCORER.replace("{name}", "team").replace("yield Entry", "yield 1 // 0, Entry")))
    assert "Traceback" not in run("check", policy).output
    shown = run("check", policy, "--traceback").output
    assert "see team.py:" in shown
    assert "Traceback" in shown
    assert "ZeroDivisionError" in shown.splitlines()[-2]


def test_a_code_that_a_module_reserves_is_refused(installed: Callable[..., None], policy: str) -> None:
    text = SCORER.replace("{name}", "team") + 'NO_LEADER = DiagnosticKind("SC999", "no leader")\n'
    installed(("team", "team", text))
    result = run("check", policy, "--lang", "en")
    assert "team = team: SC602 the plugin does not fit the contract: NO_LEADER: the code SC999 begins" in result.output


def test_a_fault_of_a_declaration_has_its_line(installed: Callable[..., None], policy: str) -> None:
    installed(("team", "team", SCORER.replace("{name}", "team").replace("gives: Syntax", "gives: float")))
    result = run("check", policy, "--lang", "en")
    assert (
        "SC602 the plugin does not fit the contract: team: its key `gives` has a type that cannot be read"
        in result.output
    )
    assert "see team.py:9" in result.output
