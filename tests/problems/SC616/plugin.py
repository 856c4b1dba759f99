"""A branch's own function."""

from collections.abc import Iterable

from scorecore.plugin import Operator, Syntax, hookimpl


def share(x: Syntax) -> Syntax:
    """A thousandth of a number."""
    for _ in range(200):
        x = x + 1
    return x


@hookimpl
def operators() -> Iterable[Operator]:
    return [Operator("share", share)]
