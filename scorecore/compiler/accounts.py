"""Items and the score: accounts, in which every point has an entry."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from attrs import evolve

from scorecore.compiler.composed import check_composed_end, report_no_events, report_too_large, resolve_composed
from scorecore.compiler.define import Definition, check_rounding
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.source import Location
from scorecore.language.build import apply_operator, make_constant
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.syntax import Place, PointsSoFar, Syntax, greatest, least
from scorecore.language.expressions import AccountSoFar, Expression, Read
from scorecore.language.sugar import make_applies
from scorecore.plugins import Entry, NamedValue
from scorecore.policy import model as policy
from scorecore.program.steps import Account, EntryRule, Step
from scorecore.values.step_id import APPLIES, SCORE_TOTAL, StepId
from scorecore.values.types import BOOL, MAX_EVENTS, Type, TypeKind, count_places, decimal_type, union_type

ZERO: Final = Decimal(0)


def item_applies(item: policy.ItemDeclaration) -> StepId | None:
    """The step that says to whom an item applies; None if to all."""
    return StepId("items", item.id, role=APPLIES) if item.when is not None else None


def define_composed_value(name: str, value: NamedValue, item: policy.ItemDeclaration) -> Definition:
    """An intermediate value of an item; what is wrong with it names the scorer."""
    step = StepId("values", name)

    def build(resolver: Resolver) -> Step | None:
        expression = resolve_composed(resolver, value.is_, None, item)
        place = resolver.scope.relocate(value.is_.place.location)
        return None if expression is None else Step(step, expression, value.label, item.authority, place=place)

    return Definition(step, item.place, build, (value.is_,))


def define_item(
    item: policy.ItemDeclaration, entries: Sequence[Entry], *, opens_full: bool, held_by: tuple[StepId, ...]
) -> Definition:
    """Opening points, the scorer's entries, and what keeps the item within its points."""
    name = StepId("items", item.id)
    syntax = tuple(part for entry in entries for part in (entry.when, entry.points, entry.quantity) if part is not None)
    condition = item_applies(item)

    def build(resolver: Resolver) -> Account | None:
        if not check_rounding(item, resolver.diagnostics):
            return None
        place = resolver.scope.relocate(item.place)
        limit = None if item.points == "open" else item.points
        applies = Read(BOOL, place, condition) if condition else None
        opening: Expression = make_constant(limit if opens_full and limit else ZERO, place)
        if opens_full:
            opening = make_applies(applies, opening)
        account = _AccountBuilder(resolver, opening, place)
        for entry in entries:
            account.add(entry, item, applies)
        if limit is not None:
            account.keep(ZERO, limit, Place(item.place), item.authority)
        return account.build(name, item.label, item.authority, held_by, "opening" if opens_full else "")

    reads = (condition, *held_by) if condition else held_by
    return Definition(name, item.place, build, syntax, reads)


def define_score(
    score: policy.ScoreDeclaration, items: Sequence[policy.ItemDeclaration], held_by: tuple[StepId, ...]
) -> Definition:
    """The sum of the items, rounded once, kept within its bounds, and capped by vetoes."""
    names = [StepId("items", item.id) for item in items]
    conditions = tuple(veto.when for veto in score.veto)

    def build(resolver: Resolver) -> Account | None:
        if any(name not in resolver.scope.steps for name in names):
            return None  # an item has diagnostics of its own
        if not check_rounding(score, resolver.diagnostics):
            return None
        place = resolver.scope.relocate(score.place)
        points = [Read(resolver.scope.steps[name], place, name) for name in names]
        account = _AccountBuilder(resolver, _sum(points), place)
        rounded = PointsSoFar(Place(score.place)).rounded(score.round, score.mode)
        account.set("rounding", rounded, score.place, score.authority)
        _check_totals(score, resolver)
        account.keep(score.min, score.max, Place(score.place), score.authority)
        for veto in score.veto:
            capped = least(PointsSoFar(Place(veto.place)), veto.total)
            account.set("veto", capped, veto.place, veto.authority or score.authority, veto.when, veto.reason)
        return account.build(SCORE_TOTAL, score.label, score.authority, held_by)

    return Definition(SCORE_TOTAL, score.place, build, conditions, (*names, *held_by))


def _check_totals(score: policy.ScoreDeclaration, resolver: Resolver) -> None:
    """Bounds and vetoes have no more places than the total."""
    totals = [(score.min, score.at("min")), (score.max, score.at("max"))]
    totals += [(veto.total, veto.at("total")) for veto in score.veto]
    for total, span in totals:
        if total is not None and count_places(total) > score.round:
            resolver.diagnostics.add(catalogue.TOTAL_TOO_FINE, *span, value=total, places=score.round)


def _sum(points: Sequence[Expression]) -> Expression:
    """The sum as a balanced tree, so that many items do not nest deeply."""
    if len(points) == 1:
        return points[0]
    half = len(points) // 2
    return apply_operator("+", (_sum(points[:half]), _sum(points[half:])), points[0].place)


class _AccountBuilder:
    """An account in the making; knows between what bounds its points are so far."""

    def __init__(self, resolver: Resolver, opening: Expression, place: Location) -> None:
        self.resolver = resolver
        self.opening = opening
        self.so_far = opening.type
        self.rules: list[EntryRule] = []
        self.place = place
        self.is_broken = False

    def add(self, entry: Entry, item: policy.ItemDeclaration, applies: Read | None) -> None:
        """A rule that adds points, for the subject or for each event."""
        resolver = self.resolver if entry.each is None else self._on_event(entry, item)
        if resolver is None:
            self.is_broken = True
            return
        points = resolve_composed(resolver, entry.points, TypeKind.DECIMAL, item)
        when = resolve_composed(resolver, entry.when, TypeKind.BOOL, item) if entry.when is not None else None
        quantity = None
        if entry.quantity is not None:
            quantity = resolve_composed(resolver, entry.quantity, TypeKind.DECIMAL, item)
        if points and item.round is not None:
            points = resolver.build(entry.points.place, "round", (points,), item.round, "half_up")
        if not points or (entry.when is not None and not when) or (entry.quantity is not None and not quantity):
            self.is_broken = True
            return
        if not check_composed_end(resolver, points, entry.points, item):
            self.is_broken = True
            return
        rule = EntryRule(
            entry.reason,
            points,
            each=entry.each.text if entry.each else "",
            when=applies if when is None else make_applies(applies, when),
            quantity=quantity,
            label=entry.label,
            authority=entry.authority or item.authority,
            place=resolver.scope.relocate(entry.points.place.location),
        )
        self.rules.append(rule)
        times = MAX_EVENTS if rule.each else 1
        self._widen(points.type, times)
        if not self.so_far.fits:
            report_too_large(resolver, entry.points, times, item)
            self.is_broken = True

    def _on_event(self, entry: Entry, item: policy.ItemDeclaration) -> Resolver | None:
        """A resolver for the expressions of an entry for each event."""
        assert entry.each is not None  # noqa: S101  the caller has looked
        name = entry.each.text
        if name not in self.resolver.scope.events:
            report_no_events(self.resolver, entry.each, item)
            return None
        return self.resolver.on_event(entry.variable, name, Place(entry.each.locate(0), len(name)))

    def _widen(self, points: Type, times: int) -> None:
        low, high = min(0, points.low) * times, max(0, points.high) * times
        before = self.so_far
        places = max(before.places, points.places)
        self.so_far = Type(TypeKind.DECIMAL, before.low + low, before.high + high, places)

    def set(
        self,
        reason: str,
        to: Syntax,
        location: Location,
        authority: str,
        when: Syntax | None = None,
        label: str = "",
    ) -> None:
        """A rule that sets the points, which may depend on the points so far; its condition is the author's own."""
        value = evolve(self.resolver, account_so_far=self.so_far).resolve(to, expect=TypeKind.DECIMAL)
        condition = self.resolver.resolve(when, expect=TypeKind.BOOL) if when is not None else None
        if value is None or (when is not None and not condition):
            self.is_broken = True
            return
        if isinstance(value, AccountSoFar):
            return  # it changes nothing
        if not self.resolver.check_end(value, to.place):
            self.is_broken = True
            return
        place = self.resolver.scope.relocate(location)
        self.rules.append(EntryRule(reason, to=value, when=condition, label=label, authority=authority, place=place))
        after = union_type(self.so_far, value.type) if when is not None else value.type
        assert after is not None  # noqa: S101  two numbers
        self.so_far = after

    def keep(self, low: Decimal | None, high: Decimal | None, place: Place, authority: str) -> None:
        """An entry for what lies outside, where anything can."""
        so_far = PointsSoFar(place)
        if low is not None and self.so_far.low < decimal_type(low, low, 0).low:
            self.set("floor", greatest(so_far, low), place.location, authority)
        if high is not None and self.so_far.high > decimal_type(high, high, 0).high:
            self.set("cap", least(so_far, high), place.location, authority)

    def build(
        self, name: StepId, label: str, authority: str, held_by: tuple[StepId, ...], opens_with: str = ""
    ) -> Account | None:
        """The account; None if one of its rules has a diagnostic."""
        if self.is_broken:
            return None
        parts = (tuple(self.rules), label, authority, opens_with, held_by)
        return Account(name, self.so_far, self.opening, *parts, place=self.place)
