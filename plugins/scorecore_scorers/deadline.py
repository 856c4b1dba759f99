"""Points are taken for what was done late, or is still not done."""

from collections.abc import Iterable, Iterator
from typing import Literal

from attrs import frozen

from scorecore.plugin import Call, Diagnostic, Entry, ItemContext, Scorer, Snippet, Syntax, hookimpl, key
from scorecore_scorers.occurrences import Occasion


@frozen(kw_only=True)
class Deadline:
    """Deduct points for what was done late: for each case, day or hour. The item starts with all points.

    What is done exactly at the deadline is in time. With `open_at`, what has no `done` is still open, and is late
    as soon as `open_at` is after the deadline; without it, a missing `done` leaves the item undecided.
    """

    each: Snippet | None = key("the table of events; default: the subject itself", default=None)
    as_: str = key("the name by which the other keys read the event", default="")
    where: Syntax | None = key("which events have the deadline; default: all", default=None)
    due: Syntax = key("the last date or timestamp that is in time; grace is added to it: add_days(d, 2)")
    done: Syntax = key("the date or timestamp when it was done")
    open_at: Syntax | None = key("the date or timestamp that counts where `done` is missing", default=None)
    take: Syntax = key("points to deduct for each case, or for each day or hour late")
    by: Literal["case", "day", "hour"] = key(
        "what is deducted for: the case, or each day or hour begun", default="case"
    )
    waived: Syntax | None = key("when a person with the authority has waived it; the entry is 0", default=None)

    def entries(self, _item: ItemContext) -> Iterator[Entry | Diagnostic]:
        end = self.find_end()
        late = end > self.due
        occasion = Occasion(
            each=self.each,
            as_=self.as_,
            where=late if self.where is None else self.where & late,
            quantity=self.count_units(end),
            waived=self.waived,
        )
        yield from occasion.find_mistakes()
        yield from occasion.make_entries(-self.take, "late")

    def find_end(self) -> Syntax:
        """When it was done, or when it was still not."""
        if self.open_at is None:
            return self.done
        return Call("has", (self.done,), self.done.place).then(self.done, self.open_at)

    def count_units(self, end: Syntax) -> Syntax | None:
        """Days or hours begun since the deadline; None where the case counts."""
        if self.by == "case":
            return None
        if self.by == "day":
            return Call("days", (self.due, end), self.due.place)
        return Call("hours_between", (self.due, end), self.due.place).rounded(0, "up")


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("deadline", Deadline, opens_full=True)]
