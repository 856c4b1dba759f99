"""A branch's own function."""

from collections.abc import Iterable

from scorecore.plugin import Operator, Syntax, hookimpl


def share(x: Syntax) -> Syntax:
    """A thousandth of a number."""
    return x.thousandth()  # type: ignore[attr-defined, no-any-return]


@hookimpl
def operators() -> Iterable[Operator]:
    return [Operator("share", share)]
