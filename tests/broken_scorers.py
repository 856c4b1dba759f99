"""Scorers that are wrong on purpose, each in one way; `kit/test_kit_finds.py` sees that the kit finds it."""

import linecache
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from attrs import field, frozen

from scorecore.plugin import Diagnostic, DiagnosticKind, Entry, ItemContext, Location, Snippet, Syntax, hidden, key
from scorecore.policy.toml import TomlTable

NOWHERE = DiagnosticKind("BR101", "something is wrong")


@frozen(kw_only=True)
class Right:
    """Give points. Nothing is wrong with it."""

    give: Syntax = key("points")
    more: tuple[Syntax, ...] = key("more points", default=())
    word: Snippet | None = key("a word", default=None)

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        yield Entry(reason="given", points=self.give)
        for other_key in self.more:
            yield Entry(reason="more", points=other_key)


class Reading(Right):
    """Give points. It reads a file through somebody else."""

    def entries(self, item: ItemContext) -> Iterator[Any]:
        linecache.getlines(str(Path(__file__).with_name("scorers") / "target.toml"))
        yield from super().entries(item)


class Hashing(Right):
    """Give points. Its reason depends on the order of a set."""

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        yield Entry(reason="-".join({"north", "south", "east", "west", "up", "down"}), points=self.give)


class Wording(Right):
    """Give points. Its words depend on the order of a set, and nothing else does."""

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        yield Entry(reason="given", points=self.give, label="-".join({"north", "south", "east", "west", "up", "down"}))


class Remembering(Right):
    """Give points. It knows how often it was asked."""

    asked: ClassVar[list[int]] = []

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        self.asked.append(1)
        yield Entry(reason=f"given-{len(self.asked)}", points=self.give)


class Gambling(Right):
    """Give points. Chance decides the reason."""

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        yield Entry(reason=f"given-{random.random()}", points=self.give)  # noqa: S311  that is what is wrong with it


class Silent(Right):
    """Give points. It says no reason."""

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        yield Entry(reason=" ", points=self.give)


class Lawless(Right):
    """Give points. It loses the clause."""

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        yield Entry(reason="given", points=self.give, authority=" ")


class Taking(Right):
    """Give points. It takes them."""

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        yield Entry(reason="taken", points=-self.give)


@frozen(kw_only=True)
class Undocumented(Right):
    """give points"""  # noqa: D400, D415  that is what is wrong with it

    other: str = field(default="")


class Careless(Right):
    """Give points. It fails where a word is empty."""

    def entries(self, item: ItemContext) -> Iterator[Any]:
        if self.word is not None:
            self.word.text[0]
        yield from super().entries(item)


class Lost(Right):
    """Give points. Its problem has no place."""

    def entries(self, item: ItemContext) -> Iterator[Any]:
        if self.word is not None and self.word.text == "?":
            yield Diagnostic(NOWHERE, Location("somewhere else", 0, 0))
        yield from super().entries(item)


@frozen(kw_only=True)
class Greedy(Right):
    """Give points. It takes every key."""

    rest: TomlTable = hidden()


class Doubling(Right):
    """Give points. Its expression doubles with every part."""

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        points = self.give
        for other_key in self.more:
            points = points + points + other_key
        yield Entry(reason="given", points=points)


class Endless(Right):
    """Give points. It never ends."""

    def entries(self, _item: ItemContext) -> Iterator[Any]:
        while True:
            yield Entry(reason="given", points=self.give)
