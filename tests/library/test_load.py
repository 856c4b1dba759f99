"""Loading: parents, plugins and used policies are found; everything that is wrong is named at once."""

import sys
from importlib.metadata import EntryPoint, version
from pathlib import Path
from subprocess import run
from typing import Final

import pytest

import scorecore
from scorecore import plugins as hooks
from scorecore.plugins import Plugins

SHOP: Final = (Path(__file__).parent / "shop.toml").read_text("utf-8")
POLICIES: Final = Path(__file__).parents[2] / "policies"


def test_parents_and_used_policies_are_found_beside_the_file() -> None:
    ranking = scorecore.load(str(POLICIES / "galaxy" / "ranking.toml"))
    assert set(ranking.used) == {"galaxy.broker.example-branch@2024.1"}
    assert (ranking.title, ranking.effective_to) == (ranking.program.title, None)


def test_parents_are_found_in_other_folders(tmp_path: Path) -> None:
    """A branch's policy that lies elsewhere, or in memory, is given the folder of its parent."""
    text = (POLICIES / "galaxy" / "branch.toml").read_text("utf-8")
    (tmp_path / "branch.toml").write_text(text, "utf-8")
    expected = scorecore.load(POLICIES / "galaxy" / "branch.toml").digest
    with pytest.raises(scorecore.PolicyRejected):
        scorecore.load(tmp_path / "branch.toml")
    with pytest.raises(scorecore.PolicyRejected):
        scorecore.load(scorecore.Source("branch.toml", text))
    for policy in (tmp_path / "branch.toml", scorecore.Source("branch.toml", text)):
        assert scorecore.load(policy, parents=[POLICIES / "galaxy"]).digest == expected


def test_everything_that_is_wrong_is_raised(tmp_path: Path) -> None:
    """Every problem with its place; a file that is not there, too."""
    text = SHOP.replace("sales * 0.01", "sale * 0.01").replace('each = "complaints"', 'each = "complaint"')
    with pytest.raises(scorecore.PolicyRejected) as raised:
        scorecore.load(scorecore.Source("shop.toml", text))
    assert [str(diagnostic).partition(" ")[0] for diagnostic in raised.value.diagnostics] == [
        "shop.toml:31:9:",
        "shop.toml:42:54:",
    ]
    with pytest.raises(scorecore.PolicyRejected, match="SC410"):
        scorecore.load(tmp_path / "nothing.toml")


def test_a_plugin_that_is_not_right_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy is not compiled without a plugin that is installed; plugins that are given need none."""
    broken = [EntryPoint("broken", "no_such_module", hooks.GROUP)]
    monkeypatch.setattr(hooks, "entry_points", lambda group: [point for point in broken if point.group == group])
    with pytest.raises(scorecore.PolicyRejected, match="broken = no_such_module: SC601"):
        scorecore.load(scorecore.Source("shop.toml", SHOP))
    with pytest.raises(scorecore.PolicyRejected, match="SC605"):
        scorecore.load(scorecore.Source("shop.toml", SHOP), plugins=Plugins())


def test_notes_are_kept() -> None:
    unused = SHOP.replace("[facts.complaints]", 'spare = { type = "bool" }\n\n[facts.complaints]')
    assert [note.kind.code for note in scorecore.load(scorecore.Source("shop.toml", unused)).notes] == ["SC350"]


def test_the_version_is_the_installed_one() -> None:
    assert scorecore.__version__ == version("scorecore")


def test_importing_is_light() -> None:
    """`import scorecore` waits for nothing that it may never need."""
    heavy = ("polars", "attrs", "lark", "celpy", "cattrs", "importlib.metadata", "logging", "scorecore.library")
    code = f"import sys, scorecore; print(*[name for name in {heavy!r} if name in sys.modules])"
    loaded = run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) <= {"importlib.metadata", "logging"}
