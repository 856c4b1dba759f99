"""Entry points of one name from two distributions, and one module under two names."""

from collections.abc import Iterable
from types import SimpleNamespace

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.plugin import Entry, ItemContext, Scorer, Syntax, key
from scorecore.plugins import load_scorers
from scorecore.plugins.contract import hookimpl


@frozen(kw_only=True)
class Team:
    """Give points."""

    gives: Syntax = key("points")

    def entries(self, item: ItemContext) -> Iterable[Entry]:
        yield Entry(reason=item.id, points=self.gives)


class Branch:
    """A plugin with one scorer."""

    def __init__(self, scorer: str) -> None:
        self.scorer = scorer

    @hookimpl
    def scorers(self) -> Iterable[Scorer]:
        return [Scorer(self.scorer, Team)]


def entry_point(name: str, value: str, loaded: object) -> SimpleNamespace:
    return SimpleNamespace(name=name, value=value, load=lambda: loaded)


def test_names_of_entry_points_need_not_be_unique() -> None:
    diagnostics = Diagnostics()
    plugins = [entry_point("branch", f"branch_{letter}", Branch(f"team_{letter}")) for letter in "ab"]
    assert set(load_scorers(plugins, diagnostics)) == {"team_a", "team_b"}
    assert not list(diagnostics)


def test_one_scorer_by_two_plugins_names_both() -> None:
    diagnostics = Diagnostics()
    load_scorers([entry_point("branch", f"branch_{letter}", Branch("team")) for letter in "ab"], diagnostics)
    (diagnostic,) = diagnostics
    assert (diagnostic.kind.code, diagnostic.params["other"]) == ("SC604", "branch = branch_a")
    assert "branch_b" in diagnostic.location.source


def test_a_module_under_two_names_is_loaded_once() -> None:
    diagnostics, branch = Diagnostics(), Branch("team")
    assert set(load_scorers([entry_point(name, "branch_a", branch) for name in ("a", "b")], diagnostics)) == {"team"}
    assert [diagnostic.kind.code for diagnostic in diagnostics] == ["SC604"]
