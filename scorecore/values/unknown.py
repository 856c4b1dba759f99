"""Unknown is not zero: a value that cannot be had, and why."""

from typing import Any, TypeAlias

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.values.types import Value


@frozen
class Unknown:
    """Stands where a value would stand; `causes` are the first reasons, each once, in the order they were met."""

    causes: tuple[Diagnostic, ...]

    @staticmethod
    def of(*values: Any) -> "Unknown | None":  # noqa: ANN401  values of any type
        """What is unknown in several values taken together; None if all are known."""
        found = [value for value in values if isinstance(value, Unknown)]
        if len(found) <= 1:
            return found[0] if found else None
        causes: list[Diagnostic] = []
        for one in found:
            causes += [cause for cause in one.causes if cause not in causes]
        return Unknown(tuple(causes))


Maybe: TypeAlias = Value | Unknown
"""A value, or why it is not known: unknown is not zero."""
