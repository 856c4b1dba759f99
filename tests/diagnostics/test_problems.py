"""Every kind of problem, as people meet it: `problems/<CODE>/` has the smallest input that shows it, and the output.

A folder holds a `policy.toml`, what else is needed (facts, parents, a `plugin.py` that is installed for the run, a
`make.py` that writes what cannot lie there as text), the `command` if it is not `scorecore check policy.toml`, and what
is printed in each language, with the exit code. This writes the expected files; read the difference before you keep it:

    SCORECORE_WRITE_EXPECTED=1 pytest tests/diagnostics/test_problems.py
"""

import ast
import importlib
import os
import pkgutil
import re
import runpy
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import EntryPoint
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest
from rich.cells import cell_len

import scorecore_extras
import scorecore_scorers
from scorecore import plugins as hooks
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore_cli import record_file
from scorecore_cli.language import LANGUAGES, choose
from scorecore_cli.main import main

DIAGNOSTICS: Final = Path(__file__).parents[1] / "problems"
CODES: Final = sorted(path.name for path in DIAGNOSTICS.iterdir() if path.is_dir() and path.name != "__pycache__")
SLOW: Final = {"SC519": pytest.mark.slow}
"""A million rows."""
CHECK: Final = "scorecore check policy.toml"
WRITE: Final = bool(os.environ.get("SCORECORE_WRITE_EXPECTED"))
NEVER_IN_POLICIES: Final = ("SC4", "SC5", "SC6", "SC8", "SC92")
"""Beginnings of the codes of facts, of unknown values, of plugins and of records; the others stand in a policy."""
WHOLE_FILE: Final = frozenset({"SC001", "SC002", "SC004"})
"""Problems of a policy's file as a whole, which has no line to be marked."""
ELSEWHERE: Final = {
    "SC440": (
        "files have no binary floats in single cells; only a program hands one over",
        "library/test_decide.py::test_a_binary_float_is_refused_with_what_to_write",
    ),
    "SC441": (
        "commands call it a mistake of usage",
        "library/test_decide.py::test_a_period_outside_the_force_of_a_policy_is_refused",
    ),
    "SC444": (
        "fifty million rows",
        "facts/test_common_rows.py::test_more_rows_than_can_be_beside_everybody_are_refused",
    ),
    "SC442": (
        "only a program hands over frames",
        "library/test_decide_many.py::test_what_is_not_a_frame_is_refused",
    ),
    "SC447": ("only a program hands over facts as JSON", "library/test_decide.py::test_what_means_nothing_is_refused"),
    "SC448": ("only a program hands over facts as JSON", "library/test_decide.py::test_what_means_nothing_is_refused"),
    "SC551": (
        "commands name who is not assessed, and decide nothing; a program may ask all the same",
        "library/test_decide.py::test_somebody_who_is_not_assessed_gets_no_results",
    ),
    "SC805": (
        "it takes an SQLite that is older than any that is installed with scorecore",
        "record/test_log.py::test_an_old_sqlite_is_not_trusted_with_a_record",
    ),
    "SC832": (
        "it takes a disk or a memory that changes bytes",
        "record/test_log.py::test_nothing_is_signed_that_the_file_does_not_give_back",
    ),
    "SC833": (
        "it takes a disk, such as one of a network, on which SQLite cannot keep its log of writes",
        "record/test_log.py::test_a_setting_that_does_not_hold_is_reported",
    ),
    "SC846": (
        "somebody has to record in the moment between reading and writing",
        "record/test_runs.py::test_two_runs_at_once_are_not_both_recorded",
    ),
    "SC862": ("it takes somebody who forges a signature", "record/test_forged_roles.py::test_forged_entries_are_found"),
    "SC866": (
        "no command records what is built on nothing",
        "record/test_forged_roles.py::test_forged_entries_are_found",
    ),
    "SC871": ("it takes somebody who forges a run", "record/test_forged_roles.py::test_forged_entries_are_found"),
    "SC872": (
        "no command records what its program has not decided",
        "record/test_forged_roles.py::test_what_another_program_would_decide_is_not_approved",
    ),
    "SC873": ("it takes somebody who forges a run", "record/test_forged_roles.py::test_forged_entries_are_found"),
    "SC874": (
        "no command objects to the decision about somebody else",
        "record/test_objections.py::test_forged_objections_are_found",
    ),
    "SC875": (
        "commands say before that there is no such objection",
        "record/test_objections.py::test_forged_objections_are_found",
    ),
    "SC876": (
        "it takes two operators, a correction and an objection",
        "record/test_objections.py::test_an_objection_is_accepted_with_its_correction",
    ),
    "SC877": (
        "it takes two operators, a correction and an objection",
        "record/test_objections.py::test_an_objection_is_accepted_with_its_correction",
    ),
    "SC878": ("it takes weeks", "record/test_objections.py::test_objections_end_by_the_calendar"),
    "SC879": ("it takes weeks", "record/test_objections.py::test_a_missed_answer_means_what_the_policy_says"),
    "SC880": ("it takes two operators and a policy", "record/test_people.py::test_what_was_adopted_decides"),
    "SC881": ("it takes two operators and a policy", "record/test_people.py::test_what_was_adopted_decides"),
    "SC882": ("it takes two operators and a policy", "record/test_people.py::test_what_was_adopted_decides"),
    "SC883": (
        "it takes rules of approval",
        "record/test_approval_rules.py::test_a_rule_that_cannot_be_kept_is_refused",
    ),
    "SC884": ("it takes rules of approval", "record/test_approval_rules.py::test_only_those_who_are_named_approve"),
    "SC885": (
        "it takes a program that forges",
        "record/test_approval_rules.py::test_a_rule_that_is_left_out_is_not_approved",
    ),
    "SC887": ("it takes two policies", "record/test_approval_rules.py::test_nothing_in_force_builds_on_illustrations"),
    "SC886": ("it takes rules of approval", "record/test_approval_rules.py::test_the_command_sets_and_shows_rules"),
}
"""What no folder can show: why, and which test raises it instead."""


def known_kinds() -> dict[str, DiagnosticKind]:
    """Every kind that has a code: of the language, of the record, and of the plugins that come with them."""
    scorers = [
        importlib.import_module(f"{package.__name__}.{found_module.name}")
        for package in (scorecore_scorers, scorecore_extras)
        for found_module in pkgutil.iter_modules(package.__path__)
    ]
    kinds = [
        kind for module in (catalogue, *scorers) for kind in vars(module).values() if isinstance(kind, DiagnosticKind)
    ]
    return {kind.code: kind for kind in kinds if kind.code}


@pytest.fixture
def folder(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the folder of a problem as the current one, with its plugin installed."""
    copy = tmp_path / code
    shutil.copytree(DIAGNOSTICS / code, copy)
    monkeypatch.chdir(copy)
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE", "SCORECORE_LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(record_file, "LOCK_TIMEOUT", 0.05)
    made_files = runpy.run_path("make.py") if (copy / "make.py").exists() else {}
    if (copy / "plugin.py").exists():
        branch = EntryPoint("branch", "plugin", hooks.GROUP)
        vars(branch)["dist"] = SimpleNamespace(name="branch-rules", version="1.3")  # as if a package had brought it
        entry_points = [*hooks.installed(), branch]
        monkeypatch.setattr(
            hooks,
            "entry_points",
            lambda group: [entry_point for entry_point in entry_points if entry_point.group == group],
        )
        monkeypatch.syspath_prepend(copy)
        monkeypatch.delitem(sys.modules, "plugin", raising=False)
    yield copy
    made_files.clear()  # what it held open was open until now


_CHECKPOINT: Final = re.compile(r"\n[A-Za-z0-9+/]{43}=\n\n— (\S+) \S+\n")
"""Depends on every digest, and so on every version of every part."""


def command(code: str) -> str:
    written = DIAGNOSTICS / code / "command"
    return written.read_text(encoding="utf-8").strip() if written.exists() else CHECK


def output(line: str, language: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command prints in a pipe, and its exit code as the last line."""
    monkeypatch.setattr(sys, "argv", [*shlex.split(line), "--lang", language])
    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(printed), pytest.raises(SystemExit) as ended:
        main()
    sys.modules.pop("plugin", None)
    choose(["--lang", "en"])  # the language of what else this process prints
    shown = _CHECKPOINT.sub(r"\n<root of the log>\n\n— \1 <signature>\n", printed.getvalue())
    return f"{shown}exit {int(ended.value.code or 0)}\n"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [pytest.param(code, marks=SLOW.get(code, ())) for code in CODES])
@pytest.mark.usefixtures("folder")
def test_a_diagnostic_is_shown_in_each_language_exactly_so(
    code: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = DIAGNOSTICS / code / f"expected.{language}.txt"
    shown = output(command(code), language, monkeypatch)
    if WRITE:
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")


def test_every_code_has_a_folder_or_a_reason_and_every_folder_a_code() -> None:
    assert set(CODES) | set(ELSEWHERE) == set(known_kinds())
    assert set(CODES).isdisjoint(ELSEWHERE)


@pytest.mark.parametrize("code", ELSEWHERE)
def test_what_no_folder_shows_is_raised_by_another_test(code: str) -> None:
    """The test is there and asks for the code."""
    _, where = ELSEWHERE[code]
    name, _, function = where.partition("::")
    text = (Path(__file__).parents[1] / name).read_text(encoding="utf-8")
    (definition,) = (
        statement
        for statement in ast.parse(text).body
        if isinstance(statement, ast.FunctionDef) and statement.name == function
    )
    asked = {constant.value for constant in ast.walk(definition) if isinstance(constant, ast.Constant)}
    assert code in asked


@pytest.mark.sampled(6)
@pytest.mark.parametrize("code", CODES)
@pytest.mark.usefixtures("folder")
def test_a_folder_shows_its_code(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    line = command(code)
    if code.startswith("SC5"):  # why a value is unknown is said in words; only programs are told the code
        line += " --format json"
    assert code in output(line, "en", monkeypatch)


@pytest.mark.parametrize("code", [code for code in CODES if not code.startswith(NEVER_IN_POLICIES)])
def test_a_diagnostic_of_a_policy_is_marked_in_its_line(code: str) -> None:
    lines = (DIAGNOSTICS / code / "expected.en.txt").read_text(encoding="utf-8").splitlines()
    line_number = next(number for number, line in enumerate(lines) if f": {code} " in line)
    path, *place = lines[line_number].partition(f": {code} ")[0].split(":")
    if code in WHOLE_FILE:
        assert len(place) < len(("line", "column"))
        return
    line, column = map(int, place)
    gutter, _, written = lines[line_number + 1].partition(" | ")
    assert gutter.strip() == str(line)
    source = DIAGNOSTICS / code / path
    if source.exists():
        assert written == source.read_text(encoding="utf-8").splitlines()[line - 1]
    below = lines[line_number + 2].partition(" | ")[2]
    marks = below.lstrip(" ")
    lead = below.removesuffix(marks)
    assert set(marks) == {"^"}
    assert cell_len(lead) == cell_len(written[: column - 1])
    assert cell_len(marks) <= max(1, cell_len(written[column - 1 :]))
