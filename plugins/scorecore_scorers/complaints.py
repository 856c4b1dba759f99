"""Points are taken for complaints that were upheld."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from attrs import frozen

from scorecore.plugin import Diagnostic, Entry, ItemContext, LiteralSyntax, Scorer, Snippet, Syntax, hookimpl, key
from scorecore_scorers.occurrences import Occasion


@frozen(kw_only=True)
class Complaints:
    """Deduct points for each upheld complaint; others are entries of 0. The item starts with all points.

    While the finding is missing the item is undecided, since a complaint is neither upheld nor refuted before.
    """

    each: Snippet = key("the table of complaints")
    as_: str = key("the name by which the other keys read a complaint")
    upheld: Syntax = key("whether a complaint was upheld")
    take: Syntax = key("points to deduct for each")

    def entries(self, _item: ItemContext) -> Iterator[Entry | Diagnostic]:
        yield from self.occasions_where(self.upheld).find_mistakes()
        yield from self.occasions_where(self.upheld).make_entries(-self.take, "upheld")
        zero = LiteralSyntax(Decimal(0), self.upheld.place)
        yield from self.occasions_where(~self.upheld).make_entries(zero, "unfounded")

    def occasions_where(self, where: Syntax) -> Occasion:
        return Occasion(each=self.each, as_=self.as_, where=where)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("complaints", Complaints, opens_full=True)]
