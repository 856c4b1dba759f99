"""A module with a scorer and a reader is judged by its scorer: what only the reader uses is no fault of it."""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

from scorecore.kit.purity import sources_of, touches

READER: Final = '''
    import random
    import sqlite3

    from scorecore.plugin import Entry


    def read(path, diagnostics):
        return sqlite3.connect(path)


    def factor():
        return 2


    class Bonus:
        """Give points."""

        def entries(self, item):
            yield Entry(reason="given", points=self.give * factor())


    def readers():
        return [read]


    def scorers():
        return [Bonus]
'''


@pytest.fixture
def touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], set[str]]:
    """What the scorer of a module touches outside of itself."""

    def find(source: str) -> set[str]:
        (tmp_path / "both_kinds.py").write_text(dedent(source), "utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "both_kinds", raising=False)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        sources = sources_of(import_module("both_kinds").Bonus)
        return {effect for tree in sources.values() for effect in touches(tree)}

    return find


def test_what_a_reader_uses_is_no_fault_of_the_scorer(touched: Callable[[str], set[str]]) -> None:
    assert touched(READER) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "effect"),
    [
        ("return 2", "return random.random()", "random"),
        ("def factor():\n        return 2", "factor = random.random", "random"),
        ("return [Bonus]", "return [read(Bonus)]", "sqlite3"),
        ("self.give * factor()", "open(item)", "open"),
        ("    def factor():", "    NOW = open(__file__)\n\n\n    def factor():", "open"),
    ],
)
def test_what_the_scorer_uses_itself_is_found(
    right: str, wrong: str, effect: str, touched: Callable[[str], set[str]]
) -> None:
    """Through a function, a name of the module, its hook, and what runs when the module is imported."""
    assert right in READER
    assert effect in touched(READER.replace(right, wrong))
