"""What every part of a policy has: its keys, what is said of them, its place, and its clause."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from scorecore.diagnostics.source import Location

HIDDEN: Final = "hidden"
"""Metadata of fields that are not keys of the file."""


def key(about: str, **options: Any) -> Any:  # noqa: ANN401  what attrs.field takes and gives
    """A key of the file; without a default it must be there."""
    return field(metadata={"about": about}, **options)


def hidden(**options: Any) -> Any:  # noqa: ANN401  what attrs.field takes and gives
    """What is known of a part besides its keys."""
    return field(metadata={HIDDEN: True}, **options)


@frozen(kw_only=True)
class Part:
    """Any part of a policy: its place, and the clause that it carries out."""

    place: Location = hidden(eq=False)
    spans: Mapping[str, tuple[Location, int]] = hidden(eq=False, repr=False, factory=dict)
    """For each key that was written, and each value in a list of it (`of.0`), where it is and how long it is."""
    authority: str = key("the clause of the written rule that this part carries out", default="")

    def at(self, key: str = "") -> tuple[Location, int]:
        """What to mark when a key is meant, or the whole part: where it begins, and how many characters it has."""
        return self.spans.get(key) or self.spans.get("") or (self.place, 1)
