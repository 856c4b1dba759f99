"""Items and the score: accounts, in which every point has an entry."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import evolve

from scorecore.compiler.define import Definition, check_rounding
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics, suggest
from scorecore.diagnostics.source import Location
from scorecore.language.cel.macros import MacroError, check_size
from scorecore.language.cel.resolve import RUNNING, Resolver
from scorecore.language.cel.syntax import (
    Name,
    Place,
    Syntax,
    greatest,
    least,
)
from scorecore.language.expressions import Expression, Read, Running, apply_operator, conjoin, make_constant
from scorecore.plugins import Entry, ItemContext, Scorer
from scorecore.policy import model as policy
from scorecore.policy.model import ITEM_KEYS
from scorecore.policy.structure import structure
from scorecore.program.model import Account, EntryRule
from scorecore.values.types import (
    BOOL,
    MAX_EVENTS,
    Type,
    TypeKind,
    decimal_type,
    union_type,
)

ZERO: Final = Decimal(0)
MAX_ENTRIES: Final = 10_000
"""Entries that a scorer may make of one item; the longest catalogue of the domain has some hundreds."""


def expand_scorer(
    item: policy.ItemDeclaration, of: policy.Policy, scorers: Mapping[str, Scorer], diagnostics: Diagnostics
) -> list[Entry] | None:
    """What the item's scorer makes of the item's own keys; None with problems."""
    scorer = scorers.get(item.scorer)
    if scorer is None:
        known = ", ".join(sorted(scorers))
        diagnostics.add(
            catalogue.UNKNOWN_SCORER, *item.at("scorer"), name=item.scorer, known=known, **suggest(item.scorer, scorers)
        )
        return None
    parameters = structure(item.rest, scorer.parameters, diagnostics, also=ITEM_KEYS)
    if parameters is None:
        return None
    points = None if item.points == "open" else item.points
    if points is not None and points < 0:
        diagnostics.add(catalogue.NEGATIVE_POINTS, *item.at("points"), points=points)
        return None
    context = ItemContext(item.id, points, Place(*item.at("scorer")), of.subject, of.events)
    before = len(diagnostics)
    entries: list[Entry] = []
    try:
        for found in parameters.entries(context):
            if len(entries) == MAX_ENTRIES:
                diagnostics.add(catalogue.SCORER_ENDLESS, *item.at("scorer"), name=scorer.name, limit=MAX_ENTRIES)
                break
            if isinstance(found, Entry):
                for part in (found.points, found.when, found.quantity):
                    if part is not None:
                        check_size(part, part.place)
                entries.append(found)
            elif isinstance(found, Diagnostic):
                diagnostics.take(found)
            else:
                diagnostics.add(catalogue.SCORER_UNFIT, *item.at("scorer"), name=scorer.name, found=f"{found!r:.80}")
    except MacroError as fault:
        diagnostics.add(fault.kind, fault.place.location, fault.place.length, **fault.blanks)
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign scorer raises, it has a name and a place
        diagnostics.add(
            catalogue.SCORER_FAILED, *item.at("scorer"), name=scorer.name, error=f"{type(error).__name__}: {error}"
        )
    return entries if len(diagnostics) == before else None


def applies_step(item: policy.ItemDeclaration) -> str:
    """The step that says to whom an item applies; empty if to all."""
    return f"items.{item.id}.applies" if item.when is not None else ""


def define_item(
    item: policy.ItemDeclaration, entries: Sequence[Entry], *, full: bool, held: tuple[str, ...]
) -> Definition:
    """Opening points, the scorer's entries, and what keeps the item within its points."""
    syntax = tuple(one for entry in entries for one in (entry.when, entry.points, entry.quantity) if one is not None)
    condition = applies_step(item)

    def build(checker: Resolver) -> Account | None:
        if not check_rounding(item, checker.diagnostics):
            return None
        place = checker.scope.relocate(item.place)
        most = None if item.points == "open" else item.points
        applying = Read(BOOL, place, condition) if condition else None
        opening: Expression = make_constant(most if full and most else ZERO, place)
        if applying and full:
            opening = apply_operator("if", (applying, opening, make_constant(ZERO, place)), place)
        account = _AccountBuilder(checker, opening, place)
        for entry in entries:
            account.add(entry, item, applying)
        if most is not None:
            account.keep(ZERO, most, Place(item.place), item.authority)
        return account.built(f"items.{item.id}", item.label, item.authority, held, "opening" if full else "")

    also = (condition, *held) if condition else held
    return Definition(f"items.{item.id}", item.place, build, syntax, also)


def define_score(
    score: policy.ScoreDeclaration, items: Sequence[policy.ItemDeclaration], held: tuple[str, ...]
) -> Definition:
    """The sum of the items, rounded once, kept within its bounds, and capped by vetoes."""
    steps = [f"items.{item.id}" for item in items]
    whens = tuple(veto.when for veto in score.veto)

    def build(checker: Resolver) -> Account | None:
        if any(name not in checker.scope.steps for name in steps):
            return None  # an item has problems of its own
        if not check_rounding(score, checker.diagnostics):
            return None
        place = checker.scope.relocate(score.place)
        account = _AccountBuilder(
            checker, _sum([Read(checker.scope.steps[name], place, name) for name in steps]), place
        )
        running = Name(RUNNING, Place(score.place))
        account.set("rounding", running.rounded(score.round, score.mode), score.place, score.authority)
        totals = [(score.min, score.at("min")), (score.max, score.at("max"))]
        totals += [(veto.total, veto.at("total")) for veto in score.veto]
        for value, span in totals:
            if value is not None and value != round(value, score.round):
                checker.diagnostics.add(catalogue.TOTAL_TOO_FINE, *span, value=value, places=score.round)
        account.keep(score.min, score.max, Place(score.place), score.authority)
        for veto in score.veto:
            capped = least(Name(RUNNING, Place(veto.place)), veto.total)
            account.set("veto", capped, veto.place, veto.authority or score.authority, veto.when, veto.reason)
        return account.built("score.total", "", score.authority, held)

    return Definition("score.total", score.place, build, whens, (*steps, *held))


def _sum(values: Sequence[Expression]) -> Expression:
    """The sum as a balanced tree, so that many items do not nest deeply."""
    if len(values) == 1:
        return values[0]
    half = len(values) // 2
    return apply_operator("+", (_sum(values[:half]), _sum(values[half:])), values[0].place)


class _AccountBuilder:
    """An account in the making; knows between what bounds its points are so far."""

    def __init__(self, checker: Resolver, opening: Expression, place: Location) -> None:
        self.checker = checker
        self.opening = opening
        self.running = opening.type
        self.rules: list[EntryRule] = []
        self.place = place
        self.broken = False

    def add(self, entry: Entry, item: policy.ItemDeclaration, applying: Expression | None) -> None:
        checker: Resolver | None = self.checker
        if entry.each is not None:
            checker = self.on_events(entry)
        points = checker.check(entry.points, expect=TypeKind.DECIMAL) if checker else None
        when = checker.check(entry.when, expect=TypeKind.BOOL) if checker and entry.when is not None else None
        quantity = (
            checker.check(entry.quantity, expect=TypeKind.DECIMAL) if checker and entry.quantity is not None else None
        )
        if points and checker and item.round is not None:
            points = checker.build(entry.points.place, "round", (points,), item.round, "half_up")
        if not points or (entry.when is not None and not when) or (entry.quantity is not None and not quantity):
            self.broken = True
            return
        rule = EntryRule(
            entry.reason,
            points,
            each=entry.each.text if entry.each else "",
            when=conjoin(applying, when),
            quantity=quantity,
            label=entry.label,
            authority=entry.authority or item.authority,
            place=self.checker.scope.relocate(entry.points.place.location),
        )
        self.rules.append(rule)
        self.widen(points.type, MAX_EVENTS if rule.each else 1, entry.points.place)

    def on_events(self, entry: Entry) -> Resolver | None:
        assert entry.each is not None  # noqa: S101  the caller has looked
        events, name = self.checker.scope.events, entry.each.text
        if name not in events:
            place = entry.each.locate(0)
            self.checker.diagnostics.add(catalogue.NO_EVENTS, place, len(name), name=name, **suggest(name, events))
            return None
        return self.checker.on_event(entry.variable, name, Place(entry.each.locate(0), len(name)))

    def widen(self, points: Type, times: int, place: Place) -> None:
        low, high = min(0, points.low) * times, max(0, points.high) * times
        running = self.running
        self.running = Type(
            TypeKind.DECIMAL, running.low + low, running.high + high, max(running.places, points.places)
        )
        if not self.running.fits:
            self.checker.diagnostics.add(catalogue.ACCOUNT_TOO_LARGE, place.location, place.length, times=times)
            self.broken = True

    def set(
        self,
        reason: str,
        to: Syntax,
        at: Location,
        authority: str,
        when: Syntax | None = None,
        label: str = "",
    ) -> None:
        inside = evolve(self.checker, running=self.running)
        value = inside.check(to, expect=TypeKind.DECIMAL)
        condition = inside.check(when, expect=TypeKind.BOOL) if when is not None else None
        if value is None or (when is not None and not condition):
            self.broken = True
            return
        if isinstance(value, Running):
            return  # it changes nothing
        place = self.checker.scope.relocate(at)
        self.rules.append(EntryRule(reason, to=value, when=condition, label=label, authority=authority, place=place))
        after = union_type(self.running, value.type) if when is not None else value.type
        assert after is not None  # noqa: S101  two numbers
        self.running = after

    def keep(self, low: Decimal | None, high: Decimal | None, at: Place, authority: str) -> None:
        """An entry for what lies outside, where anything can."""
        running = Name(RUNNING, at)
        if low is not None and self.running.low < decimal_type(low, low, 0).low:
            self.set("floor", greatest(running, low), at.location, authority)
        if high is not None and self.running.high > decimal_type(high, high, 0).high:
            self.set("cap", least(running, high), at.location, authority)

    def built(
        self, name: str, label: str, authority: str, held: tuple[str, ...], opens_with: str = ""
    ) -> Account | None:
        if self.broken:
            return None
        return Account(
            name,
            self.running,
            self.opening,
            tuple(self.rules),
            label,
            authority,
            opens_with,
            held,
            place=self.place,
        )
