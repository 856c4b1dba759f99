"""Nothing is skipped in silence."""

from typing import Any, cast
from unittest.mock import Mock

import pytest

from unlisted_skips import UnlistedSkips


@pytest.mark.parametrize(
    ("test_id", "ci", "outcome"),
    [
        ("tests/record/test_go.py::test_a", "true", 0),
        ("tests/record/test_go.py::test_a[x]", "true", 0),
        ("tests/test_values.py::test_a", "true", 1),
        ("tests/test_values.py::test_a", "", 0),
    ],
)
def test_a_skip_without_a_reason_fails_the_ci(
    test_id: str, ci: str, outcome: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    plugin, session = UnlistedSkips.read(), Mock(exitstatus=pytest.ExitCode.OK)
    plugin.pytest_runtest_logreport(cast("Any", Mock(spec=["skipped", "nodeid"], skipped=True, nodeid=test_id)))
    plugin.pytest_sessionfinish(session)
    assert session.exitstatus == outcome


def test_what_passes_is_no_skip() -> None:
    plugin = UnlistedSkips.read()
    plugin.pytest_runtest_logreport(Mock(spec=["skipped", "nodeid"], skipped=False, nodeid="tests/test_values.py::a"))
    assert plugin.skipped == []
