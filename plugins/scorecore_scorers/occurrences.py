"""What happened, and how many points each time: shared by the scorers that look at events one by one."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Snippet
from scorecore.language.cel.syntax import LiteralSyntax, Syntax
from scorecore.plugins import Entry
from scorecore.policy.model import key

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

    each: Snippet | None = key("the table of events; left out: the subject itself", default=None)
    as_: str = key("the name by which the other keys read the event", default="")
    where: Syntax | None = key("which events count; left out: all, or those with a quantity above 0", default=None)
    quantity: Syntax | None = key("how many units; left out: one", default=None)
    per: Syntax | None = key("how much makes one unit, such as 50_000", default=None)
    partial: Literal["down", "up", "exact"] | None = key("what happens to a partial unit", default=None)
    waived: Syntax | None = key("when a person with the authority has waived it; the entry is 0", default=None)
    label: str = key("reason for people", default="")
    authority: str = key("the clause that it rests on", default="")

    def mistakes(self) -> Iterator[Diagnostic]:
        if self.each is not None and not self.as_:
            yield Diagnostic(NO_NAME, self.each.locate(0), length=len(self.each.text))
        if self.per is not None and self.partial is None:
            yield Diagnostic(NO_PARTIAL, self.per.place.location, length=self.per.place.length)
        if self.per is not None and self.quantity is None:
            yield Diagnostic(NO_QUANTITY, self.per.place.location, length=self.per.place.length)

    def units(self) -> Syntax | None:
        """How many units; None for one."""
        if self.quantity is None or self.per is None:
            return self.quantity
        units = self.quantity.decimal() / self.per
        return units if self.partial == "exact" else units.rounded(0, str(self.partial))

    def give(self, points: Syntax, reason: str) -> Iterator[Entry]:
        """An entry for each occasion, and one of 0 for each that was waived."""
        units = self.units()
        when = self.where
        if when is None and units is not None:
            when = units > ZERO
        total = points if units is None else points * units
        if self.quantity is not None and self.per is not None and self.partial == "exact":
            total = points.decimal() * self.quantity / self.per  # the division last, so that a rounding is exact
        if self.waived is None:
            yield self.entry(reason, total, when, units)
            return
        yield self.entry(reason, total, ~self.waived if when is None else when & ~self.waived, units)
        waived = self.waived if when is None else when & self.waived
        yield self.entry("waived", LiteralSyntax(ZERO, self.waived.place), waived, units)

    def entry(self, reason: str, points: Syntax, when: Syntax | None, quantity: Syntax | None) -> Entry:
        return Entry(
            reason=reason,
            points=points,
            when=when,
            quantity=quantity,
            each=self.each,
            variable=self.as_,
            label=self.label,
            authority=self.authority,
        )
