"""A branch's own scorer."""

from collections.abc import Iterable, Iterator
from itertools import count

from attrs import frozen

from scorecore.plugin import Entry, ItemContext, Scorer, Syntax, hookimpl, key

NUMBERS = count(1)


@frozen(kw_only=True)
class Team:
    """Give points for the work of a team."""

    gives: Syntax = key("points for the team")

    def entries(self, item: ItemContext) -> Iterator[Entry]:
        yield Entry(reason=f"{item.id}-{next(NUMBERS)}", points=self.gives)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("team", Team)]
