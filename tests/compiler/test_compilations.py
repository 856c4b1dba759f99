"""A policy that many policies use is compiled once."""

from pathlib import Path
from typing import Final

import pytest

from scorecore.compiler import compile as compiler
from scorecore.diagnostics import catalogue
from scorecore.policy.load import load_what_fits
from scorecore_cli.workspace import CheckedPolicy, Workspace

LEVELS: Final = 7


def write_level(folder: Path, level: int, used: int | None) -> Path:
    """A policy that uses the same other one twice, or none."""
    uses = "".join(f'\n[uses.{name}]\npolicy = "level.{used}@1"\n' for name in ("first", "second"))
    points = "uses.first.score.total + uses.second.score.total" if used is not None else "base"
    path = folder / f"level{level}.toml"
    path.write_text(
        f"""
[policy]
id        = "level.{level}"
version   = "1"
title     = "Level {level}"
subject   = "person"
period    = "month"
effective = {{ from = 2024-01-01 }}
{"" if used is None else uses}
[facts.person]
base = {{ type = "int", min = 0, max = 10 }}

[[items]]
id     = "it"
label  = "It"
points = "open"
scorer = "formula"
is     = "{points}"
"""
    )
    return path


def count_compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The policies that are compiled from now on, in their order."""
    compiled: list[str] = []

    def load_counted(*arguments: object) -> object:
        loaded = load_what_fits(*arguments)  # type: ignore[arg-type]  # as they came
        if loaded:
            compiled.append(loaded.documents[0].id)
        return loaded

    monkeypatch.setattr(compiler, "load_what_fits", load_counted)
    return compiled


def check(path: Path) -> CheckedPolicy:
    return Workspace.open().check(path)


def test_a_chain_of_policies_that_use_each_other_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven levels of two uses compile eight programs, and give the command line seven of them."""
    paths = [write_level(tmp_path, level, level - 1 if level else None) for level in range(LEVELS + 1)]
    compiled = count_compilations(monkeypatch)
    checked = check(paths[-1])
    assert checked.program is not None, list(map(str, checked.diagnostics))
    assert sorted(compiled) == [f"level.{level}@1" for level in range(LEVELS + 1)]
    assert sorted(checked.used) == [f"level.{level}@1" for level in range(LEVELS)]


def test_used_policies_stay_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that checks a policy with other figures, such as a sweep, compiles what it uses once."""
    paths = [write_level(tmp_path, level, level - 1 if level else None) for level in range(3)]
    compiled = count_compilations(monkeypatch)
    workspace = Workspace.open()
    for _ in range(3):
        assert set(workspace.check(paths[-1]).used) == {"level.0@1", "level.1@1"}
    assert sorted(compiled) == ["level.0@1", "level.1@1", *["level.2@1"] * 3]


def test_a_text_that_changed_is_compiled(tmp_path: Path) -> None:
    """What was compiled belongs to the texts that it was compiled from."""
    paths = [write_level(tmp_path, level, level - 1 if level else None) for level in range(2)]
    workspace = Workspace.open()
    before = workspace.check(paths[-1])
    paths[0].write_text(paths[0].read_text().replace("Level 0", "Level zero"))
    after = workspace.check(paths[-1])
    assert (before.used["level.0@1"].title, after.used["level.0@1"].title) == ("Level 0", "Level zero")


def test_a_circle_is_reported_from_where_it_is_met(tmp_path: Path) -> None:
    """Each policy of a circle reports the circle beginning with itself, whichever was compiled before."""
    paths = [write_level(tmp_path, level, (level + 1) % 3) for level in range(3)]
    workspace = Workspace.open()
    for level, path in enumerate(paths):
        checked = workspace.check(path)
        names = [f"level.{(level + step) % 3}@1" for step in range(4)]
        circles = [
            diagnostic.params["path"] for diagnostic in checked.diagnostics if diagnostic.kind is catalogue.USES_CIRCLE
        ]
        assert checked.program is None
        assert circles == [" → ".join(names)] * 2


def test_a_broken_policy_is_reported_by_each_use(tmp_path: Path) -> None:
    """What cannot be compiled is tried once, and every use of it says so."""
    paths = [write_level(tmp_path, level, level - 1 if level else None) for level in range(2)]
    paths[0].write_text(paths[0].read_text().replace('"base"', '"bse"'))
    kinds = [path.kind for path in check(paths[1]).diagnostics]
    assert kinds == [catalogue.USED_BROKEN] * 2
