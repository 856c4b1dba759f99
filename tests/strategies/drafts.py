"""Policy files as text, in parts that can stand in any order."""

from collections.abc import Mapping
from random import Random

from attrs import frozen


@frozen
class Part:
    """A part of a policy file: its heading, and lines that can stand in any order."""

    heading: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join((self.heading, *self.lines, ""))


@frozen
class Draft:
    """A policy as its author might write it; the parts can stand in any order."""

    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.parts)

    def shuffled(self, random: Random) -> "Draft":
        """The same policy, its parts and their lines in another order."""
        parts = []
        for part in random.sample(self.parts, len(self.parts)):
            together = "\n[[" in part.text  # grades mean something by their order
            lines = part.lines if together else random.sample(part.lines, len(part.lines))
            parts.append(Part(part.heading, tuple(lines)))
        return Draft(tuple(parts))


def inline(pairs: Mapping[str, str]) -> str:
    """An inline table."""
    return "{{ {} }}".format(", ".join(f"{name} = {value}" for name, value in pairs.items()))


def lines_of(pairs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{name} = {value}" for name, value in pairs.items())
