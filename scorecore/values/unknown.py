"""Unknown is not zero: a value that cannot be had, and why."""

from typing import TypeAlias

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.values.types import Value


@frozen
class Unknown:
    """Takes the place of a value; `causes` are the first reasons, each once, in the order they were met."""

    causes: tuple[Diagnostic, ...]

    @staticmethod
    def of(*values: object) -> "Unknown | None":
        """What is unknown in more than one value taken together; None if all are known."""
        unknown = [value for value in values if isinstance(value, Unknown)]
        if len(unknown) <= 1:
            return unknown[0] if unknown else None
        causes: list[Diagnostic] = []
        for value in unknown:
            causes += [cause for cause in value.causes if cause not in causes]
        return Unknown(tuple(causes))


Maybe: TypeAlias = Value | Unknown
"""A value, or why it is not known: unknown is not zero."""
