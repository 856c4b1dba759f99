"""Points by how far a target was reached."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from attrs import frozen

from scorecore.plugin import (
    Diagnostic,
    DiagnosticKind,
    Entry,
    ItemContext,
    LiteralSyntax,
    Scorer,
    Syntax,
    greatest,
    hookimpl,
    key,
    least,
)

OPEN_POINTS: Final = DiagnosticKind(
    "SC705", "a target needs to know how many points it gives when reached", ("write the item's points as a number",)
)


@frozen(kw_only=True)
class Target:
    """Give points in proportion to how far a target was reached, all of them at the target.

    The quotient of actual and target is never formed by itself, so that `round` rounds the points once and exactly.
    A target of zero leaves the item undecided.
    """

    actual: Syntax = key("what was reached")
    target: Syntax = key("what was to be reached")
    minimum: Syntax | None = key("share of the target below which there are no points, such as 0.6", default=None)

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        if item.points is None:
            yield Diagnostic(OPEN_POINTS, item.place.location, length=item.place.length)
            return
        zero = LiteralSyntax(Decimal(0), self.actual.place)
        points = least(greatest(self.actual, zero), self.target) * item.points / self.target
        share = self.actual.decimal() / self.target
        if self.minimum is None:
            yield Entry(reason="attained", points=points, quantity=share)
            return
        enough = self.actual >= self.target * self.minimum
        yield Entry(reason="attained", points=points, when=enough, quantity=share)
        # no points, and undecided at a target of zero as above the minimum
        yield Entry(reason="below-minimum", points=zero / self.target, when=~enough, quantity=share)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("target", Target)]
