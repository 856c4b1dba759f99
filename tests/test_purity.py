"""The core takes values and gives values: no disk, no network, no clock, no chance, no printing."""

import ast
from pathlib import Path
from typing import Final

import pytest

import scorecore
import scorecore_scorers
from scorecore.kit.purity import touches

CORE: Final = Path(scorecore.__file__).parent
SCORERS: Final = Path(scorecore_scorers.__file__).parent
OUTSIDE: Final = ("io", "kit", "library", "record", "services", "spark")
"""The rooms of the core that touch a disk, write a log, or start processes."""
EXCEPTIONS: Final = {
    ("__init__.py", "importlib"): "the public names, each imported from its room when it is first used",
    ("__init__.py", "importlib.metadata"): "which version is installed, when somebody asks",
    (
        "plugins/__init__.py",
        "importlib.metadata",
    ): "which plugins are installed; they speak when a policy is compiled, never later",
    ("evaluate/row/evaluator.py", "compile"): "source that the core has generated from a checked program",
    ("evaluate/row/evaluator.py", "exec"): "the same",
    ("parts/job.py", "pickle"): "a job for another process of the same run",
}
"""What is allowed all the same, and why."""


def core_modules() -> list[str]:
    modules = [path.relative_to(CORE) for path in CORE.rglob("*.py")]
    return sorted(str(path) for path in modules if path.parts[0] not in OUTSIDE)


@pytest.mark.parametrize("name", core_modules())
def test_core_touches_nothing_outside(name: str) -> None:
    """A module of the core uses nothing of the outside world, but for listed exceptions."""
    touched = set(touches(ast.parse((CORE / name).read_text("utf-8"))))
    assert touched == {what for module, what in EXCEPTIONS if module == name}


@pytest.mark.parametrize("name", sorted(path.name for path in SCORERS.glob("*.py")))
def test_scorers_touch_nothing_outside(name: str) -> None:
    """A built-in scorer uses nothing of the outside world."""
    assert set(touches(ast.parse((SCORERS / name).read_text("utf-8")))) == set()


def test_every_exception_is_needed() -> None:
    """An exception names a module of the core; the scan finds what it is for, and the rooms outside are found too."""
    assert {module for module, _ in EXCEPTIONS} <= set(core_modules())
    assert "read_bytes" in set(touches(ast.parse((CORE / "io" / "policy_files.py").read_text("utf-8"))))


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import os.path", "os.path"),
        ("from pathlib import Path", "pathlib"),
        ("def f():\n    import random", "random"),
        ("x = datetime.now()", "now"),
        ("x = date.today", "today"),
        ("open('x')", "open"),
        ("print(1)", "print"),
        ("frame.write_csv('x')", "write_csv"),
        ("eval('1')", "eval"),
    ],
)
def test_scan_sees(source: str, what: str) -> None:
    """The scan sees imports, calls and methods, wherever they stand."""
    assert list(touches(ast.parse(source))) == [what]
