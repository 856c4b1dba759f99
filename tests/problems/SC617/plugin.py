"""A branch's own scorer."""

from collections.abc import Iterable, Iterator

from attrs import Attribute, frozen

from scorecore.plugin import Entry, ItemContext, Scorer, Syntax, hookimpl, key


def check_size(_team: "Team", _attribute: "Attribute[int]", size: int) -> None:
    """A team has somebody."""
    if size < 1:
        raise ValueError(f"a team of {size} has nobody")


@frozen(kw_only=True)
class Team:
    """Give points for the work of a team."""

    gives: Syntax = key("points for the team")
    size: int = key("how many people it has", default=1, validator=check_size)

    def entries(self, item: ItemContext) -> Iterator[Entry]:
        yield Entry(reason=item.id, points=self.gives / self.size)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("team", Team)]
