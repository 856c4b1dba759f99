"""A branch's own function."""

from collections.abc import Iterable

from scorecore.plugin import Name, Operator, Syntax, hookimpl


def share(x: Syntax) -> Syntax:
    """A thousandth of a number."""
    return x * Name("rate", x.place)


@hookimpl
def operators() -> Iterable[Operator]:
    return [Operator("share", share)]
