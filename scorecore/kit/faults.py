"""How a test of the kit says what it found."""

from collections.abc import Iterable
from typing import Final

MAX_SHOWN: Final = 10
"""Faults of one kind that a failing test lists."""


def fail_on(faults: Iterable[str]) -> None:
    """Fail with the faults, if there are any."""
    __tracebackhide__ = True  # pytest shows the test, which says what it asks
    distinct = list(dict.fromkeys(faults))
    if distinct:
        more = [f"… and {len(distinct) - MAX_SHOWN} more"] if len(distinct) > MAX_SHOWN else []
        raise AssertionError("\n".join(["", *distinct[:MAX_SHOWN], *more]))
