"""The tool that tries the tests: every mutant is another program, and a seed draws the same ones again."""

import ast
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())
sys.path.append(str(ROOT / "tools"))  # scripts, in no package

from mutants import find_mutants  # noqa: E402
from mutation_sample import ROOMS, Room, Trial, find_tests, measure_rooms, report, sample_trials, try_mutant  # noqa: E402


@pytest.mark.parametrize(
    ("line", "mutants"),
    [
        ("a < b", {"a <= b", "a >= b"}),
        ("a < (b) <= c", {"a <= (b) <= c", "a >= (b) <= c", "a < (b) < c", "a < (b) > c"}),
        ("a and b or c", {"a or b or c", "a and b and c"}),
        ("not (a or b)", {" (a or b)", "not (a and b)"}),
        ("x = 1", {"x = 2", "x = 0"}),
        ("x = True", {"x = False"}),
        ("a - b", {"a + b"}),
        ("a not in b", {"a in b"}),
        ("a if b else c", {"a if not (b) else c"}),
        ("[a for a in b if c]", {"[a for a in b if True]"}),
        ("min(a)", {"max(a)"}),
        ("x: int | None = a | b", {"x: int | None = a & b"}),
        ("'一' + a", {"'一' - a"}),
        ("f'{a < b}'", set()),
        ("raise ValueError(1)", set()),
    ],
)
def test_a_line_has_these_mutants(line: str, mutants: set[str]) -> None:
    assert {mutant.apply(line) for mutant in find_mutants(line)} == mutants


def test_a_returned_value_is_lost() -> None:
    function = "def f(a: int = 1) -> int:\n    return a\n"
    assert {mutant.apply(function) for mutant in find_mutants(function)} == {
        function.replace("= 1", "= 2"),
        function.replace("= 1", "= 0"),
        function.replace("return a", "return None"),
    }


@pytest.mark.slow
def test_every_mutant_of_the_rooms_is_another_program() -> None:
    trials = sample_trials(list(ROOMS), 10**6, 0)
    assert {trial.room for trial in trials} == set(ROOMS)
    sources = {trial.path: (ROOT / trial.path).read_text(encoding="utf-8") for trial in trials}
    trees = {path: ast.dump(ast.parse(source)) for path, source in sources.items()}
    for trial in sample_trials(list(ROOMS), 200, 0):
        mutated = trial.mutant.apply(sources[trial.path])
        assert ast.dump(ast.parse(mutated)) != trees[trial.path], trial.id


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_and_test_of_a_room_exists(room: str) -> None:
    assert all(list(ROOT.glob(pattern)) for pattern in ROOMS[room].modules)
    assert len(find_tests(ROOT, room)) >= len(ROOMS[room].tests)


def test_a_seed_draws_the_same_mutants_again() -> None:
    assert sample_trials(["bands"], 20, 7) == sample_trials(["bands"], 20, 7) != sample_trials(["bands"], 20, 8)


def test_the_report_counts_by_room() -> None:
    rows = [
        {"id": "m.py:1:2 <=", "room": "bands", "outcome": outcome, "before": "a < b", "after": "a <= b"}
        for outcome in ("killed", "timeout", "survived")
    ]
    lines = list(report(rows))
    assert lines[2:4] == ["| bands | 3 | 2 | 1 |", "| **all** | 3 | 2 | 1 |"]
    assert lines[4].startswith("\n- `m.py:1:2`: `a < b` → `a <= b`")


MODULE: Final = "def halve(a):\n    return a // 2\n\n\ndef double(a):\n    return a * 2\n"
TESTS: Final = """from halving import double, halve


def test_halve():
    assert halve(5) == 2


def test_double():
    assert double(2) == 4
"""


@pytest.mark.slow
def test_a_mutant_is_tried_by_the_tests_that_reach_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "halving.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_halving.py").write_text(TESTS, encoding="utf-8")
    monkeypatch.setitem(ROOMS, "halving", Room(("halving.py",), ("test_halving",)))
    ((_, reach),) = measure_rooms(tmp_path, ["halving"])
    (halving,) = reach.find_tests("halving.py", 2)
    assert halving.endswith("test_halving.py::test_halve")
    assert len(reach.find_tests("halving.py", 1)) == 2, "a line that runs while the module is imported"
    outcomes = {
        (mutant.line, mutant.replacement): try_mutant(tmp_path, Trial("halving", "halving.py", mutant), reach)
        for mutant in find_mutants(MODULE)
    }
    assert outcomes[6, "3"] == outcomes[6, "1"] == outcomes[2, "1"] == outcomes[2, "None"] == "killed"
    assert outcomes[2, "3"] == "killed"
    assert outcomes[6, "+"] == "survived", "2 + 2 is 2 * 2"
    assert (tmp_path / "halving.py").read_text(encoding="utf-8") == MODULE
