"""Points are taken for lateness, absence and the like."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from scorecore.plugin import Diagnostic, Entry, ItemContext, LiteralSyntax, Scorer, Snippet, Syntax, hookimpl, key
from scorecore_scorers.codes import Code, find_code_mistakes, make_code_entries
from scorecore_scorers.occurrences import ZERO, Occasion


@frozen(kw_only=True)
class Attendance:
    """Deduct points for lateness, absence and the like, once or by the hour or day. The item starts with all points.

    An excused event is an entry of 0: the ledger shows that it was seen, and that it was excused.
    """

    each: Snippet = key("the table of attendance events")
    as_: str = key("the name by which the other keys read an event")
    kind: Syntax = key("the kind of an event, such as `a.kind`")
    kinds: tuple[Code, ...] = key("each kind with its points, and perhaps its quantity, such as `a.days`")
    ignore: tuple[Snippet, ...] = key("kinds without a deduction", default=())
    excused: Syntax | None = key("when an event was excused; the entry is 0", default=None)

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        yield from find_code_mistakes(self.kind, self.kinds, self.ignore, self.each, item)
        where = None if self.excused is None else ~self.excused
        occasion = Occasion(each=self.each, as_=self.as_, where=where)
        yield from occasion.find_mistakes()
        yield from make_code_entries(occasion, self.kind, self.kinds)
        if self.excused is not None:
            excused = Occasion(each=self.each, as_=self.as_, where=self.excused)
            yield from excused.make_entries(LiteralSyntax(ZERO, self.excused.place), "excused")


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("attendance", Attendance, opens_full=True)]
