"""Which plugins took part in a program or a run, and in which versions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import field, frozen

from scorecore.language.cel.macros import Operator

Participant = tuple[str, str]
"""A hook, and the name of what a plugin brings for it: `("scorers", "bonus")`."""
OWN: Final = "scorecore"
"""The distribution whose plugins come with scorecore; what decided names its version anyway."""
_SEPARATORS: Final = re.compile(r"[-_.]+")


@frozen
class Origin:
    """The distribution, as pip knows it, that brings something."""

    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version or '?'}"


@frozen
class CallRecorder(Mapping[str, Operator]):
    """Operators of plugins, and which of them were called."""

    operators: Mapping[str, Operator]
    called: set[str] = field(factory=set)

    def __getitem__(self, name: str) -> Operator:
        self.called.add(name)
        return self.operators[name]

    def __contains__(self, name: object) -> bool:
        return name in self.operators

    def __iter__(self) -> Iterator[str]:
        return iter(self.operators)

    def __len__(self) -> int:
        return len(self.operators)


def normalize_distribution(name: str) -> str:
    """A name that pip takes for the same: `Shop_Praise` is `shop-praise`."""
    return _SEPARATORS.sub("-", name).lower()


def describe_participants(origins: Mapping[Participant, Origin], participants: Iterable[Participant]) -> dict[str, str]:
    """What plugins of other people brought, each with name and version of its distribution, as a manifest has it.

    Such as `{"scorers.bonus": "shop-bonus 1.2"}`.
    """
    known = {participant: origins[participant] for participant in sorted(participants) if participant in origins}
    return {f"{hook}.{name}": str(origin) for (hook, name), origin in known.items() if origin.distribution != OWN}


def replace_readers(plugins: Mapping[str, str], readers: Mapping[str, str]) -> dict[str, str]:
    """The plugins of a run whose facts are read again, by other readers."""
    return {**{name: origin for name, origin in plugins.items() if not name.startswith("readers.")}, **readers}


def list_changed_plugins(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The plugins of two runs that differ, each with its version before and now."""
    names = sorted({origin.partition(" ")[0] for origin in (*before.values(), *now.values())})
    sides = [dict(origin.split(" ") for origin in plugins.values()) for plugins in (before, now)]
    versions = {name: [side.get(name, "—") for side in sides] for name in names}
    return [f"{name} {earlier} → {later}" for name, (earlier, later) in versions.items() if earlier != later]
