"""Problems of a text that somebody is writing: those of `scorecore check`, each with its range and replacement."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_line import call
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.services.layout import format_source
from scorecore.services.open_texts import OpenTexts
from scorecore.services.positions import Position, TextPositions, count_units
from scorecore.services.problems import find_problems
from spoiled_texts import spoil

ROOT: Final = Path(__file__).parents[2]
BRANCH: Final = ROOT / "policies" / "galaxy" / "branch.toml"
TEXTS: Final = OpenTexts()
"""Plugins are loaded once."""
OF_FILES: Final = ("SC001", "SC377")
"""Problems of files, which an open text is not: a file that is not UTF-8, and a document beside a policy."""
FOLDERS: Final = [
    path for path in sorted((ROOT / "tests" / "problems").glob("SC*/policy.toml")) if path.parent.name not in OF_FILES
]


def open_text(path: Path, text: str | None = None) -> Source:
    return TEXTS.open(path, path.read_text(encoding="utf-8") if text is None else text)


def place(text: str, start: int) -> tuple[int, int]:
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


@pytest.mark.sampled(30)
@pytest.mark.parametrize("policy", FOLDERS, ids=lambda path: path.parent.name)
def test_problems_are_those_of_check_and_replacements_mend(policy: Path) -> None:
    """The same problems at the same places; what is replaced as advised no longer has its problem."""
    source = open_text(policy)
    problems = find_problems(TEXTS, source)
    checked = json.loads(call("check", policy, "--json").stdout)["problems"]
    own_problems = [problem for problem in problems if not problem.is_elsewhere and problem.diagnostic.location.column]
    assert [problem.diagnostic.kind.code for problem in problems] == [problem["code"] for problem in checked]
    assert [place(source.text, problem.start) for problem in own_problems] == [
        (problem["line"], problem["column"])
        for problem in checked
        if problem["source"] == str(policy) and "column" in problem
    ]
    for problem in (problem for problem in own_problems if problem.replacement is not None):
        changed = source.text[: problem.start] + str(problem.replacement) + source.text[problem.end :]
        left = find_problems(TEXTS, open_text(policy, changed))
        assert (problem.diagnostic.kind, problem.start) not in [
            (other_problem.diagnostic.kind, other_problem.start) for other_problem in left
        ]


def test_a_name_that_is_nearly_right_has_a_replacement() -> None:
    text = BRANCH.read_text(encoding="utf-8").replace('"2024.1"', '"2024.1 "', 1)
    text = text.replace("extends", "extend", 1)
    problem = next(problem for problem in find_problems(TEXTS, open_text(BRANCH, text)) if problem.replacement)
    assert (text[problem.start : problem.end], problem.replacement) == ("extend", "extends")


def test_a_problem_of_an_open_parent_stands_where_the_text_names_it() -> None:
    parent = BRANCH.with_name("policy.toml")
    TEXTS.open(parent, parent.read_text(encoding="utf-8").replace("half_up", "halfup", 1) + "\n[nonsense]\n")
    try:
        problems = [problem for problem in find_problems(TEXTS, open_text(BRANCH)) if problem.is_elsewhere]
    finally:
        TEXTS.close(parent)
    assert problems
    text = BRANCH.read_text(encoding="utf-8")
    assert {text[problem.start : problem.end] for problem in problems} == {'"galaxy.broker@2024.1"'}
    assert not find_problems(TEXTS, open_text(BRANCH))


def test_cases_are_read_with_the_open_policy_beside_them() -> None:
    cases = BRANCH.with_name("branch.cases.toml")
    text = cases.read_text(encoding="utf-8")
    assert find_problems(TEXTS, open_text(cases)) == []
    problem = find_problems(TEXTS, open_text(cases, text.replace("grade =", "grad =", 1)))[0]
    assert problem.replacement == "grade"


@given(data=st.data())
def test_no_text_whatever_makes_a_service_raise(data: Any) -> None:
    path = data.draw(st.sampled_from([BRANCH, BRANCH.with_name("branch.cases.toml"), *FOLDERS[::25]]))
    source = open_text(path, spoil(data, path.read_text(encoding="utf-8")))
    positions = TextPositions(source.text)
    for problem in find_problems(TEXTS, source):
        assert 0 <= problem.start <= problem.end <= len(source.text)
        assert positions.find_offset(positions.locate(problem.start)) == problem.start
    format_source(source, Diagnostics())


@given(st.text("a政😀\n\r"), st.integers(0, 30))
def test_positions_count_units_of_utf_16(text: str, offset: int) -> None:
    positions = TextPositions(text)
    offset = min(offset, len(text))
    line, character = positions.locate(offset)
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    if not (text[:offset].endswith("\r") and text[offset:].startswith("\n")):
        assert line == before.count("\n")
        assert character == len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
        assert positions.find_offset(Position(line, character)) == offset


def test_a_position_outside_is_moved_into_the_text() -> None:
    positions = TextPositions("政😀x\r\nb")
    assert positions.find_offset(Position(0, 2)) == 1, "between the units of a character"
    assert positions.find_offset(Position(0, 99)) == 3
    assert positions.find_offset(Position(9, 0)) == 6
    assert positions.locate(99) == (1, 1)
    assert count_units("政😀") == 3


def test_the_layout_is_that_of_fmt() -> None:
    text = "[policy]\nid=1\n"
    assert format_source(Source("a.toml", text), Diagnostics()) == "[policy]\nid = 1\n"
    diagnostics = Diagnostics()
    assert format_source(Source("a.toml", "[policy\n"), diagnostics) is None
    assert len(diagnostics) == 1
