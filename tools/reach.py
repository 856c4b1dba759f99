"""Which tests reach which lines, so that a mutant is tried by the tests that can notice it, the quickest first.

Two plugins of pytest: one that records this in a run of the unchanged code, and one that keeps to a selection.
"""

import pickle
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from attrs import define, field, frozen


@frozen
class Reach:
    """What the tests of a room reach."""

    seconds: dict[str, float]
    """How long each test takes while it is watched, by its node id."""
    tests: dict[tuple[str, int], frozenset[str]]
    """The tests that reach a line (path from the root, number), for lines that run within tests."""

    def find_tests(self, path: str, line: int) -> list[str]:
        """The tests that reach a line, the quickest first.

        All tests of the room where none does: the line runs while modules are imported, or in a command of its own.
        """
        tests = self.tests.get((path, line)) or self.seconds
        return sorted(tests, key=lambda test: (self.seconds[test], test))


@define
class ReachRecorder:
    """Records what each test reaches in some modules below a folder, and writes it down at the end."""

    root: Path
    modules: Sequence[Path]
    answer: Path
    """Where the Reach is written, pickled."""
    seconds: dict[str, float] = field(factory=dict)
    tests: defaultdict[tuple[str, int], set[str]] = field(factory=lambda: defaultdict(set))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Watch one test, its fixtures included."""
        names = {str(path): str(path.relative_to(self.root)) for path in self.modules}
        lines = set[tuple[str, int]]()

        def watch_call(frame: FrameType, _: str, __: object) -> Any:  # noqa: ANN401  a trace function
            name = names.get(frame.f_code.co_filename)
            if name is None:
                return None

            def watch_line(frame: FrameType, _: str, __: object) -> Any:  # noqa: ANN401  a trace function
                lines.add((name, frame.f_lineno))
                return watch_line

            return watch_line

        start = time.monotonic()
        sys.settrace(watch_call)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.seconds[item.nodeid] = time.monotonic() - start
            for line in lines:
                self.tests[line].add(item.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write down what was recorded."""
        tests = {line: frozenset(names) for line, names in self.tests.items()}
        self.answer.write_bytes(pickle.dumps(Reach(self.seconds, tests)))


@frozen
class TestSelection:
    """Runs only some tests, in their order."""

    __test__ = False  # pytest takes it for a class of tests

    names: Sequence[str]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what is selected."""
        numbers = {name: number for number, name in enumerate(self.names)}
        items[:] = sorted((item for item in items if item.nodeid in numbers), key=lambda item: numbers[item.nodeid])
