"""Points are taken for what was done late, or is still not done."""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Final, Literal

from attrs import frozen

from scorecore.plugin import (
    Call,
    Diagnostic,
    DiagnosticKind,
    Entry,
    ItemContext,
    Name,
    Scorer,
    Snippet,
    Syntax,
    hookimpl,
    key,
)
from scorecore_scorers.occurrences import Occasion

NO_DEADLINE: Final = DiagnosticKind(
    "SC717", "`deadline` needs either `due` or `until`", ("write one of them: the last day that is in time",)
)
NOT_WITH_DUE: Final = DiagnosticKind(
    "SC718",
    "`{key}` belongs to `until`, which says to which period a deadline counts",
    ("write `until` in place of `due`",),
)
NOT_WITH_UNTIL: Final = DiagnosticKind(
    "SC719",
    "`{key}` does not go with `until`: a case counts once, in the period in which its deadline passes",
    ("leave it out, or write `due`",),
)


@frozen(kw_only=True)
class Deadline:
    """Deduct points for what was done late: for each case, day or hour. The item starts with all points.

    What is done exactly at the deadline is in time. With `open_at`, what has no `done` is still open, and is late
    as soon as `open_at` is after the deadline; without it, a missing `done` leaves the item undecided. With `until` in
    place of `due`, a case counts once, in the period in which the deadline passes; what is still running is next
    period's.
    """

    each: Snippet | None = key("the table of events; default: the subject itself", default=None)
    as_: str = key("the name by which the other keys read the event", default="")
    where: Syntax | None = key("which events have the deadline; default: all", default=None)
    due: Syntax | None = key(
        "the last date or timestamp that is in time; grace is added to it: add_days(d, 2)", default=None
    )
    from_: Syntax | None = key("with `until`, the first date that is in time; default: any before it", default=None)
    until: Syntax | None = key(
        "in place of `due`, the last date that is in time; it counts in the period in which this day lies", default=None
    )
    done: Syntax = key("the date or timestamp when it was done")
    alternatives: tuple[Syntax, ...] = key(
        "with `until`, further optional dates, of which one in time is enough", default=()
    )
    open_at: Syntax | None = key("the date or timestamp that counts where `done` is missing", default=None)
    take: Syntax = key("points to deduct for each case, or for each day or hour late")
    by: Literal["case", "day", "hour"] = key(
        "what is deducted for: the case, or each day or hour begun", default="case"
    )
    waived: Syntax | None = key("when a person with the authority has waived it; the entry is 0", default=None)

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        mistakes = list(self.find_mistakes(item))
        yield from mistakes
        if mistakes:
            return
        late = self.miss_window() if self.due is None else self.find_end() > self.due
        occasion = Occasion(
            each=self.each,
            as_=self.as_,
            where=late if self.where is None else self.where & late,
            quantity=self.count_units(),
            waived=self.waived,
        )
        yield from occasion.find_mistakes()
        yield from occasion.make_entries(-self.take, "late")

    def find_mistakes(self, item: ItemContext) -> Iterator[Diagnostic]:
        """Keys that do not go together."""
        if (self.due is None) == (self.until is None):
            place = self.until.place if self.until is not None else item.place
            yield Diagnostic(NO_DEADLINE, place.location, length=place.length)
        elif self.until is None:
            for name, written in (("from", self.from_), ("alternatives", next(iter(self.alternatives), None))):
                if written is not None:
                    place = written.place
                    yield Diagnostic(NOT_WITH_DUE, place.location, {"key": name}, place.length)
        elif self.open_at is not None:
            place = self.open_at.place
            yield Diagnostic(NOT_WITH_UNTIL, place.location, {"key": "open_at"}, place.length)
        elif self.by != "case":
            yield Diagnostic(NOT_WITH_UNTIL, item.place.location, {"key": "by"}, item.place.length)

    def miss_window(self) -> Syntax:
        """Whether the last day lies in the period, and it was done neither on it nor before, nor too early."""
        assert self.until is not None  # noqa: S101  it is checked that there is one of both
        period = Name("period", self.until.place)
        is_over = (self.until >= period.field("start")) & (self.until <= period.field("end"))
        return is_over & ~reduce(or_, map(self.is_in_window, (self.done, *self.alternatives)))

    def is_in_window(self, done: Syntax) -> Syntax:
        """Whether a date lies in the window, if it is there."""
        assert self.until is not None  # noqa: S101  it is checked that there is one of both
        in_time = done <= self.until
        if self.from_ is not None:
            in_time &= done >= self.from_
        return Call("has", (done,), done.place) & in_time

    def find_end(self) -> Syntax:
        """When it was done, or when it was still not."""
        if self.open_at is None:
            return self.done
        return Call("has", (self.done,), self.done.place).then(self.done, self.open_at)

    def count_units(self) -> Syntax | None:
        """Days or hours begun since the deadline; None where the case counts."""
        if self.by == "case" or self.due is None:
            return None
        end = self.find_end()
        if self.by == "day":
            return Call("days", (self.due, end), self.due.place)
        return Call("hours_between", (self.due, end), self.due.place).rounded(0, "up")


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("deadline", Deadline, opens_full=True)]
