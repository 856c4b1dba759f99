"""The house rules of the code: names that speak, modules and functions that fit into a reader's head."""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PACKAGES: Final = ("scorecore", "cli", "plugins", "web")
BESIDE: Final = ("tests", "benchmarks", "tools", "docs")
SAYS_NOTHING: Final = frozenset(
    (
        *("one", "found", "several", "made", "known", "other", "others", "both", "again", "given", "wanted", "taken"),
        *("whole", "at", "own", "same", "rest", "of", "x", "thing", "obj", "foo", "tmp", "stuff"),
    )
)
"""Words that are no name for a value: a reader of the line alone cannot know what it is."""
MAX_SHARE: Final = 0.02
MAX_REPEATED_CLASSES: Final = 3
MAX_MODULE: Final = 400
MAX_FUNCTION: Final = 40
EXCEPTED: Final = frozenset(
    [
        "scorecore/language/cel/grammar.py",  # tables that tools/make_grammar.py writes
        "scorecore/record/decide.py",  # travels alone, read from top to bottom
        "scorecore/record/log/standalone_verifier.py",  # likewise
    ]
)


@cache
def list_trees(package: str) -> tuple[tuple[str, int, ast.Module], ...]:
    """Path, number of lines and syntax of each module of a package, read once for all rules."""
    texts = {path: path.read_text("utf-8") for path in sorted((ROOT / package).rglob("*.py"))}
    return tuple((str(path.relative_to(ROOT)), text.count("\n"), ast.parse(text)) for path, text in texts.items())


def walk_packages(packages: Sequence[str] = PACKAGES) -> Iterator[ast.AST]:
    for package in packages:
        for _, _, tree in list_trees(package):
            yield from ast.walk(tree)


def bound_names(packages: Sequence[str]) -> Iterator[str]:
    """Parameters, and whatever is assigned or looped over."""
    for node in walk_packages(packages):
        if isinstance(node, ast.arg) and node.arg not in {"self", "cls", "_"}:
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id != "_":
            yield node.id


@pytest.mark.slow  # it parses all that there is
@pytest.mark.parametrize("packages", [PACKAGES, BESIDE], ids=["packages", "beside"])
def test_names_speak(packages: Sequence[str]) -> None:
    """At most two in a hundred bound names are words that say nothing."""
    names = Counter(bound_names(packages))
    empty = {name: count for name, count in names.items() if name in SAYS_NOTHING}
    assert sum(empty.values()) <= MAX_SHARE * names.total(), empty


@pytest.mark.slow
def test_a_class_has_a_name_of_its_own() -> None:
    classes = Counter(node.name for node in walk_packages() if isinstance(node, ast.ClassDef))
    assert len([name for name, count in classes.items() if count > 1]) <= MAX_REPEATED_CLASSES


def lines_of(function: ast.FunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_and_functions_fit_into_a_head(package: str) -> None:
    """No module over 400 lines, and no function over 40; data and what travels alone excepted."""
    too_long = []
    for path, line_count, tree in list_trees(package):
        if path in EXCEPTED:
            continue
        if line_count > MAX_MODULE:
            too_long.append(path)
        functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
        too_long += [f"{path}:{node.name}" for node in functions if lines_of(node) > MAX_FUNCTION]
    assert too_long == []
