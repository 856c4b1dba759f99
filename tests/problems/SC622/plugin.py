"""A branch's own function, in the version 1.3."""

from collections.abc import Iterable

from scorecore.plugin import Operator, Syntax, hookimpl


def twice(x: Syntax) -> Syntax:
    """Two times `x`."""
    return x * 2


@hookimpl
def operators() -> Iterable[Operator]:
    return [Operator("twice", twice)]
