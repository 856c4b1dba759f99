"""A policy in words: every rule has some, and none of them is code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given

from scorecore.io.policy_files import find_policy_files
from scorecore.language.operators import OPERATORS
from scorecore.program.model import Program
from scorecore_cli.document.articles import write_document
from scorecore_cli.document.operator_words import operator_words
from scorecore_cli.language import LANGUAGES, in_language
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases

ROOT: Final = Path(__file__).parents[3] / "policies"
ELSEWHERE: Final = frozenset({"if", "require", "round", "round_product", "round_quotient"})
"""Operators whose words depend on their operands."""
TRANSPARENT: Final = frozenset({"within", "not_negative", "decimal"})
CODE: Final = re.compile(
    r"&&|\|\||[!=<>]=|\ \?\ |\bhas\(|\bround\(|\btables\.|\bparameters\."
    r"|\w\.(?:map|filter|exists|all|size|sum|row|on)\(|(?<![\d.,])1 points are"
)


def test_every_operator_has_words() -> None:
    assert not [
        name for name in sorted(OPERATORS.keys() - ELSEWHERE - TRANSPARENT) if not operator_words(name).sentence
    ]


def write_lines(program: Program) -> Iterator[str]:
    document = write_document(program)
    yield from (line for _, article in document.number_articles() for line in article.lines)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("path", sorted(find_policy_files([ROOT])), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_policy_is_written_without_code(path: Path) -> None:
    program = Workspace.open().check(path).program
    for language in LANGUAGES if program else ():  # head offices leave figures to their branches
        lines = in_language(language, lambda: list(write_lines(program)))
        assert not [line for line in lines if CODE.search(line)]


@given(cases())
def test_whatever_an_author_can_write_has_words(case: Case) -> None:
    for language in LANGUAGES:
        assert all(in_language(language, lambda: list(write_lines(case.program))))


def test_how_many_periods_of_another_policy_are_read_is_said() -> None:
    program = Workspace.open().check(ROOT / "worked_examples" / "severance.toml").program
    assert program is not None
    lines = in_language("en", lambda: list(write_lines(program)))
    assert "Decided by worked.earnings@1 in its last periods up to the end of this one (12):" in lines
