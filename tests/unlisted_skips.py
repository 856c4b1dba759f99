"""A pytest plugin that fails a run of the CI in which a test was skipped without a listed reason."""

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, Self

import pytest
from attrs import define, field

LISTED: Final = Path(__file__).with_name("skips.txt")


@define(eq=False)  # a plugin is found by its identity
class UnlistedSkips:
    """Collects the ids of skipped tests that no pattern allows."""

    patterns: list[str]
    skipped: list[str] = field(factory=list)

    @classmethod
    def read(cls) -> Self:
        """The patterns of `skips.txt`: of each line the text before the first two spaces."""
        lines = LISTED.read_text(encoding="utf-8").splitlines()
        return cls([line.partition("  ")[0] for line in lines if line.strip() and not line.startswith("#")])

    def note(self, test_id: str) -> None:
        if not any(fnmatchcase(test_id, pattern) for pattern in self.patterns):
            self.skipped.append(test_id)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.note(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.note(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and os.environ.get("CI") == "true" and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for test_id in self.skipped:
            terminalreporter.write_line(f"skipped, and tests/skips.txt gives no reason: {test_id}", red=True)
