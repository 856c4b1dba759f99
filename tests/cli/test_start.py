"""What a command loads before it is asked for anything."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

PROGRAM = """
import sys, traceback
import scorecore_cli
load = scorecore_cli._Unloaded.__getattr__
def show_and_load(module, name):
    traceback.print_stack()
    return load(module, name)
scorecore_cli._Unloaded.__getattr__ = show_and_load
from scorecore_cli.main import main
sys.argv = ["scorecore", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize("arguments", [["check", "policies/galaxy/branch.toml"], ["--version"]])
def test_commands_that_read_no_table_start_without_polars(arguments: list[str], pytestconfig: pytest.Config) -> None:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    run = subprocess.run(command, cwd=pytestconfig.rootpath, capture_output=True, text=True, check=True)
    assert run.stderr == "", "who uses it; annotations want `from __future__ import annotations`"


def test_the_version_is_shown_without_loading_anything() -> None:
    code = """
import sys
from scorecore_cli.start import main
sys.argv = ["scorecore", "--version"]
try:
    main()
finally:
    assert not {"click", "attrs", "scorecore.diagnostics"} & set(sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == f"scorecore {version('scorecore')}\n"


def test_an_unloaded_module_loads_when_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "late.py").write_text("LOADED = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    code = """
import sys
from scorecore_cli import _load_when_used
_load_when_used("late")
import late
import late as again
assert "LOADED" not in vars(late)
assert again.LOADED == 1 and type(late) is type(sys)
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": ":".join(sys.path)}, check=True)
