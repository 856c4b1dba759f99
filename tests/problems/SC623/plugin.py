"""A branch's own scorer, which brings the share of a target as a value."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from scorecore.plugin import Entry, ItemContext, NamedValue, Scorer, Syntax, hookimpl, key


@frozen(kw_only=True)
class Share:
    """Give points for the share of a target."""

    actual: Syntax = key("what was reached")
    target: Syntax = key("what should be reached")

    def entries(self, item: ItemContext) -> Iterator[Entry | NamedValue]:
        share = NamedValue(name="share", is_=(self.actual / self.target).rounded(4), label="完成率")
        yield share
        yield Entry(reason="share", points=item.read(share) * 100)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("share", Share)]
