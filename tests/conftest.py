"""Which tests run by default, on how many examples the laws are tried, and which tests may be skipped.

`pytest` takes three minutes on two cores: every room of the code, each law on few examples. `pytest -m slow` runs what
is marked `slow`, the cases that `sampled` leaves out, and every law again on more examples; `pytest -m pages` runs the
pages, each problem as it is printed, and the kit. The other marks name what a test needs beside Python.

A law (a test with `@given`) is tried on as many examples as HYPOTHESIS_PROFILE says:

`fast`     as few as a default run has time for, always the same ones: a run that fails is not a matter of luck.
`slow`     12, always the same ones; `pytest -m slow` uses it unless told otherwise.
`deep`     LAW_EXAMPLES a law, by hand: with 1,600 more than 200,000 in all, for operators and expressions take 2 and 10
           times as many, being quickly tried.
`shrink`   makes what failed before smaller, for up to 5 minutes a test; the others only report that it failed.

    HYPOTHESIS_PROFILE=deep pytest tests -m "" --hypothesis-show-statistics
    HYPOTHESIS_PROFILE=shrink pytest tests -m "" -k test_that_failed -n 0
"""

import os
from collections.abc import Iterator
from itertools import count
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, is_hypothesis_test, settings

from unlisted_skips import UnlistedSkips

_FAST_EXAMPLES: Final = 4
_SLOW_EXAMPLES: Final = 12
_DEEP_EXAMPLES: Final = int(os.environ.get("LAW_EXAMPLES", "1600"))
_PAGES: Final = ("tests/docs/", "tests/kit/", "tests/diagnostics/test_problems.py", "docs/", "README.md")
# a generated policy is slow to draw, and some are refused; neither is a fault of the test
_PATIENT: Final = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
settings.register_profile(
    "slow",
    deadline=None,
    print_blob=True,
    max_examples=_SLOW_EXAMPLES,
    derandomize=True,
    suppress_health_check=_PATIENT,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
settings.register_profile("fast", settings.get_profile("slow"), max_examples=_FAST_EXAMPLES)
settings.register_profile("deep", settings.get_profile("slow"), max_examples=_DEEP_EXAMPLES, derandomize=False)
# what failed is in .hypothesis, and is tried first
settings.register_profile("shrink", settings.get_profile("deep"), phases=(Phase.reuse, Phase.shrink))


def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile before the laws are imported: a law keeps the settings that it was defined with."""
    usual = "slow" if _runs_the_slow(config) else "fast"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))
    config.pluginmanager.register(UnlistedSkips.read(), "unlisted-skips")


def _runs_the_slow(config: pytest.Config) -> bool:
    return str(config.getoption("markexpr")) == "slow"


def _mark_sampled(item: pytest.Item, number: int, step: int, slow_step: int = 1) -> None:
    """A default run has every step-th case, a run of the slow tests every slow_step-th of the others."""
    if number % step:
        item.add_marker(pytest.mark.deep if number % slow_step else pytest.mark.slow)


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what `sampled` leaves out, what the pages are and, in a run of the slow tests, every law."""
    numbers: dict[str, Iterator[int]] = {}
    for item in items:
        if item.nodeid.startswith(_PAGES):
            item.add_marker(pytest.mark.pages)
        sampled = item.get_closest_marker("sampled")
        if sampled:
            number = next(numbers.setdefault(item.nodeid.partition("[")[0], count()))
            _mark_sampled(item, number, *sampled.args)
        if _runs_the_slow(config) and is_hypothesis_test(getattr(item, "function", None)):
            item.add_marker(pytest.mark.slow)
