"""A branch's own function."""

from collections.abc import Iterable

from scorecore.language.cel.syntax import Syntax
from scorecore.plugins import Operator, hookimpl


def share(x: Syntax) -> Syntax:
    """A thousandth of a number."""
    for _ in range(200):
        x = x + 1
    return x


@hookimpl
def operators() -> Iterable[Operator]:
    return [Operator("share", share)]
