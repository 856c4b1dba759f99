"""The core takes values and gives values: no disk, no network, no clock, no chance, no printing."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import scorecore
import scorecore_scorers

CORE: Final = Path(scorecore.__file__).parent
SCORERS: Final = Path(scorecore_scorers.__file__).parent
OUTSIDE: Final = ("files", "record")
"""The rooms of the core that touch a disk."""
_MODULES: Final = """
    asyncio builtins click ctypes fcntl ftplib glob http importlib io locale logging multiprocessing os pathlib pickle
    platform python_calamine random requests rich rich_click runpy secrets select shutil signal smtplib socket sqlite3
    ssl subprocess sys tempfile threading time urllib uuid warnings xlsxwriter
"""
_CALLS: Final = "open print input breakpoint exit quit exec eval compile __import__"
_METHODS: Final = """
    now utcnow today fromtimestamp read_text write_text read_bytes write_bytes read_csv scan_csv read_parquet
    scan_parquet read_excel read_json read_ndjson read_database write_csv write_parquet write_excel write_json
    write_ndjson write_database sink_csv sink_parquet sink_ndjson shuffle sample
"""
"""Of dates the clock, of paths and frames the disk, of series chance."""
FORBIDDEN: Final = frozenset(_MODULES.split())
CALLS: Final = frozenset(_CALLS.split())
METHODS: Final = frozenset(_METHODS.split())
EXCEPTIONS: Final = {
    ("__init__.py", "importlib"): "the public names, each imported from its room when it is first used",
    (
        "hooks.py",
        "importlib.metadata",
    ): "which plugins are installed; they speak when a policy is compiled, never later",
    ("rows/compiled.py", "compile"): "source that the core has generated from a checked program",
    ("rows/compiled.py", "exec"): "the same",
}
"""What is allowed all the same, and why."""


def core_modules() -> list[str]:
    found = [path.relative_to(CORE) for path in CORE.rglob("*.py")]
    return sorted(str(path) for path in found if path.parts[0] not in OUTSIDE)


def touches(tree: ast.AST) -> Iterator[str]:
    """What a module uses of the outside world, by name."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names if one.name.partition(".")[0] in FORBIDDEN)
            case ast.ImportFrom(module=str() as module) if module.partition(".")[0] in FORBIDDEN:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield name
            case ast.Attribute(attr=name) if name in METHODS:
                yield name
            case _:
                pass


@pytest.mark.parametrize("name", core_modules())
def test_core_touches_nothing_outside(name: str) -> None:
    """A module of the core uses nothing of the outside world, but for listed exceptions."""
    found = set(touches(ast.parse((CORE / name).read_text("utf-8"))))
    assert found == {what for module, what in EXCEPTIONS if module == name}


@pytest.mark.parametrize("name", sorted(path.name for path in SCORERS.glob("*.py")))
def test_scorers_touch_nothing_outside(name: str) -> None:
    """A built-in scorer uses nothing of the outside world."""
    assert set(touches(ast.parse((SCORERS / name).read_text("utf-8")))) == set()


def test_every_exception_is_needed() -> None:
    """An exception names a module of the core; the scan finds what it is for, and the rooms outside are found too."""
    assert {module for module, _ in EXCEPTIONS} <= set(core_modules())
    assert "read_bytes" in set(touches(ast.parse((CORE / "files" / "policies.py").read_text("utf-8"))))


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
