"""What happened, and how many points each time: shared by the scorers that look at events one by one."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal

from attrs import evolve, frozen

from scorecore.plugin import Diagnostic, DiagnosticKind, Entry, LiteralSyntax, Snippet, Syntax, key

NO_NAME: Final = DiagnosticKind(
    "SC701", "`each` needs a name for the event", ('add as = "e"; the other keys then read e.<field>',)
)
NO_PARTIAL: Final = DiagnosticKind(
    "SC702",
    "`per` does not say what happens to a partial unit",
    ('add partial = "down" to drop it, "up" to count it as a whole, "exact" to count the fraction',),
)
NO_QUANTITY: Final = DiagnosticKind("SC703", "`per` needs a quantity to divide", ("add quantity = …",))

ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Occasion:
    """When points are due, and how often."""

    each: Snippet | None = key("the table of events; default: the subject itself", default=None)
    as_: str = key("the name by which the other keys read the event", default="")
    where: Syntax | None = key("which events count; default: all, or those with a quantity above 0", default=None)
    quantity: Syntax | None = key("how many units; default: one", default=None)
    per: Syntax | None = key("how much makes one unit, such as 50_000", default=None)
    partial: Literal["down", "up", "exact"] | None = key("what happens to a partial unit", default=None)
    waived: Syntax | None = key("when a person with the authority has waived it; the entry is 0", default=None)

    def find_mistakes(self) -> Iterator[Diagnostic]:
        """What is wrong with its keys."""
        if self.each is not None and not self.as_:
            yield Diagnostic(NO_NAME, self.each.locate(0), length=len(self.each.text))
        if self.per is not None and self.partial is None:
            yield Diagnostic(NO_PARTIAL, self.per.place.location, length=self.per.place.length)
        if self.per is not None and self.quantity is None:
            yield Diagnostic(NO_QUANTITY, self.per.place.location, length=self.per.place.length)

    def count_units(self) -> Syntax | None:
        """How many units; None for one."""
        if self.quantity is None or self.per is None:
            return self.quantity
        units = self.quantity.decimal() / self.per
        return units if self.partial == "exact" else units.rounded(0, str(self.partial))

    def make_entries(self, points: Syntax, reason: str, *, label: str = "", authority: str = "") -> Iterator[Entry]:
        """An entry for each occasion, and one of 0 for each that was waived.

        `label` is the reason in words, `authority` its clause; left out, they are those of the item.
        """
        units = self.count_units()
        total = points if units is None else points * units
        if self.quantity is not None and self.per is not None and self.partial == "exact":
            total = points.decimal() * self.quantity / self.per  # the division last, so that a rounding is exact
        when = self.where
        if when is None and units is not None:
            when = units > ZERO
        due = Entry(
            reason=reason,
            points=total,
            when=when,
            quantity=units,
            each=self.each,
            variable=self.as_,
            label=label,
            authority=authority,
        )
        if self.waived is None:
            yield due
            return
        yield evolve(due, when=~self.waived if when is None else when & ~self.waived)
        zero = LiteralSyntax(ZERO, self.waived.place)
        yield evolve(due, reason="waived", points=zero, when=self.waived if when is None else when & self.waived)
