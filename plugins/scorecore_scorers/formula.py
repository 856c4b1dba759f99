"""Points by an expression."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from scorecore.plugin import Diagnostic, Entry, ItemContext, Scorer, Syntax, hookimpl, key
from scorecore_scorers.occurrences import Occasion


@frozen(kw_only=True)
class Formula(Occasion):
    """Give the points of an expression: once, or for each event, or for each unit of a quantity.

    The item opens empty. `is` may be negative where the item's points are open.
    """

    is_: Syntax = key("points for each occasion, or for each unit of its quantity")
    reason: str = key("code of the entries", default="formula")

    def entries(self, _item: ItemContext) -> Iterator[Entry | Diagnostic]:
        yield from self.find_mistakes()
        yield from self.make_entries(self.is_, self.reason)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("formula", Formula)]
