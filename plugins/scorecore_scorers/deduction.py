"""Points are taken for each occurrence."""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from scorecore.plugin import Diagnostic, DiagnosticKind, Entry, ItemContext, Scorer, Syntax, hookimpl, key
from scorecore_scorers.occurrences import Occasion

NO_TAKE: Final = DiagnosticKind(
    "SC704",
    "the number of points to deduct is missing",
    ("add take = …, or [[items.rules]] that each have a take",),
)


@frozen(kw_only=True)
class Rule(Occasion):
    take: Syntax = key("points to deduct for each occasion, or for each unit of its quantity")
    reason: str = key("code of the entries", default="deduction")
    label: str = key("reason for display", default="")
    authority: str = key("the clause that it rests on", default="")


@frozen(kw_only=True)
class Deduction(Occasion):
    """Deduct points for each occurrence: an event, or a unit of a quantity. The item starts with all points.

    One rule is written in the item itself, more in `[[items.rules]]`. What was waived is an entry of 0, so that
    the ledger shows the waiver. An item of open points opens at 0 and may go below.
    """

    take: Syntax | None = key("points to deduct for each occasion, or for each unit of its quantity", default=None)
    reason: str = key("code of the entries", default="deduction")
    rules: tuple[Rule, ...] = key("rules, each with its own `take`", default=())

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        if self.take is None and not self.rules:
            yield Diagnostic(NO_TAKE, item.place.location, length=item.place.length)
        if self.take is not None:
            yield from self.find_mistakes()
            yield from self.make_entries(-self.take, self.reason)
        for rule in self.rules:
            yield from rule.find_mistakes()
            yield from rule.make_entries(-rule.take, rule.reason, label=rule.label, authority=rule.authority)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("deduction", Deduction, opens_full=True)]
