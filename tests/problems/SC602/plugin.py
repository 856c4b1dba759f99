"""A branch's own scorer."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from scorecore.plugin import Entry, ItemContext, Scorer, Syntax, hookimpl, key


@frozen(kw_only=True)
class Team:
    """Give points for the work of a team."""

    gives: Syntax = key("points for the team")

    def entries(self, item: ItemContext) -> Iterator[Entry]:
        yield Entry(reason=item.id, points=self.gives)


@hookimpl
def scorers(policy: str) -> Iterable[Scorer]:  # noqa: ARG001
    return [Scorer("team", Team)]
