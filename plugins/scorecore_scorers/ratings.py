"""Points from the ratings of several raters or of several parts, by weight."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import reduce
from typing import Final, Literal

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Location, Snippet
from scorecore.language.cel.syntax import (
    Call,
    LiteralSyntax,
    Method,
    Name,
    Place,
    Select,
    Syntax,
    guarded,
)
from scorecore.plugins import (
    Entry,
    ItemContext,
    Scorer,
    hookimpl,
)
from scorecore.policy.model import Part, key
from scorecore_scorers.occurrences import ZERO

WEIGHTS: Final = DiagnosticKind(
    "SC710",
    "the weights add up to {sum}, not to {out_of}",
    ("correct a weight; or say what they add up to with out_of = {sum}, and under `assumptions` why",),
)
BY_WHOM: Final = DiagnosticKind(
    "SC711", "a part needs either `of` or `is`", ("of = the text that says who rated; is = a number",)
)
HOW_RATED: Final = DiagnosticKind(
    "SC712",
    "`{key}` is not given, so that nothing says what a rating by `{of}` is",
    ('add each = "ratings", as = "r", rater = "r.rater", score = "r.score" and mean = 2',),
)
NEVER_MISSING: Final = DiagnosticKind(
    "SC713",
    "none of the parts can be missing, so that `{key}` says nothing",
    ("make the fact of a part optional, or leave the key out",),
)
NOT_SAID: Final = DiagnosticKind("SC714", "nothing says what happens while a rating is missing", ("add missing = …",))
OPEN_SCALE: Final = DiagnosticKind(
    "SC715", "ratings need the points that the best ones give", ("write the item's points as a number",)
)


@frozen(kw_only=True)
class Rated(Part):
    of: str = key("who rated: the text that `rater` has for them", default="")
    is_: Syntax | None = key("the rating itself; an optional fact may be missing", default=None)
    weight: Decimal = key("how much it weighs")
    label: str = key("name for people", default="")


@frozen(kw_only=True)
class Ratings:
    """Give points by the weighted mean of ratings, by several raters or of several parts.

    A part is an expression (`is`), or the mean of all ratings in a table by one kind of rater (`of`). Points are
    item points × Σ(weight × rating) ÷ (Σ weight × scale), rounded once where the item says `round`. Each rating is an
    entry of 0 with the rating as its quantity; the last entry has the points.
    """

    parts: tuple[Rated, ...] = key("what is rated, or by whom, each with its weight")
    scale: Decimal = key("the best rating, which gives all points, such as 5 or 100")
    out_of: Decimal | None = key("what the weights add up to; left out: the item's points", default=None)
    missing: Literal["zero", "renormalise", "hold"] | None = key(
        "a rating that is missing counts as 0, or its weight is left out, or the item waits for it", default=None
    )
    at_least: int | None = key("how many parts must be rated at least; with fewer the item is undecided", default=None)
    each: Snippet | None = key("the table of ratings", default=None)
    as_: str = key("the name by which the other keys read a rating", default="")
    where: Syntax | None = key("which ratings count; left out: all", default=None)
    rater: Syntax | None = key("where it stands who rated", default=None)
    score: Syntax | None = key("the rating", default=None)
    mean: int | None = key("places to which the mean of several ratings by one kind of rater is rounded", default=None)

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        wrong = list(self.mistakes(item))
        yield from wrong
        if wrong or item.points is None:
            return
        parts = [self.rating(one, item) for one in self.parts]
        weighed = [self.weighed(one, *part) for one, part in zip(self.parts, parts, strict=True)]
        divisor: Syntax | Decimal = sum((one.weight for one in self.parts), ZERO) * self.scale
        if self.missing == "renormalise":
            weights = [
                LiteralSyntax(one.weight, rating.place) if there is None else there.then(one.weight, ZERO)
                for one, (rating, there) in zip(self.parts, parts, strict=True)
            ]
            divisor = _sum(weights) * self.scale
        points: Syntax = _sum(weighed) * item.points / divisor
        needed = self.at_least if self.at_least is not None else int(self.missing == "renormalise")
        if needed and any(there is not None for _, there in parts):
            counts = [
                there.then(1, 0) if there is not None else LiteralSyntax(1, rating.place) for rating, there in parts
            ]
            enough = _sum(counts) >= needed
            points = guarded(enough, points, catalogue.TOO_FEW_RATINGS, str(needed), str(len(parts)))
        for one, (rating, there) in zip(self.parts, parts, strict=True):
            zero = LiteralSyntax(ZERO, rating.place)
            label = one.label or one.of
            yield Entry(reason="rating", points=zero, when=there, quantity=rating, label=label, authority=one.authority)
            if there is not None:
                yield Entry(reason="missing", points=zero, when=~there, label=label, authority=one.authority)
        yield Entry(reason="weighted", points=points)

    def mistakes(self, item: ItemContext) -> Iterator[Diagnostic]:
        here = (item.place.location, item.place.length)
        if item.points is None:
            yield _diagnostic(OPEN_SCALE, here)
            return
        total = sum((one.weight for one in self.parts), ZERO)
        out_of = item.points if self.out_of is None else self.out_of
        if total != out_of or not total:
            yield _diagnostic(WEIGHTS, here, sum=f"{total:f}", out_of=f"{out_of:f}")
        for one in self.parts:
            if bool(one.of) == (one.is_ is not None):
                yield _diagnostic(BY_WHOM, one.at("of"))
            for name in ("each", "as", "rater", "score", "mean") if one.of else ():
                if getattr(self, "as_" if name == "as" else name) in (None, ""):
                    yield _diagnostic(HOW_RATED, one.at("of"), key=name, of=one.of)
                    return
        optional = [
            one for one in self.parts if one.of or (one.is_ is not None and _presence(one.is_, item) is not None)
        ]
        if optional and self.missing is None:
            yield _diagnostic(NOT_SAID, here)
        for name in ("missing", "at_least") if not optional else ():
            if getattr(self, name) is not None:
                yield _diagnostic(NEVER_MISSING, here, key=name)

    def rating(self, one: Rated, item: ItemContext) -> tuple[Syntax, Syntax | None]:
        """The rating of a part, and whether it is there; None if it always is."""
        if one.is_ is not None:
            return one.is_, _presence(one.is_, item)
        assert self.each is not None  # noqa: S101  `mistakes` has looked
        assert self.rater is not None  # noqa: S101  the same
        assert self.score is not None  # noqa: S101  the same
        place = Place(*one.at("of"))
        table, event = _table(self.each.text, Place(self.each.locate(0), len(self.each.text))), Name(self.as_, place)
        theirs: Syntax = self.rater.equals(LiteralSyntax(one.of, place))
        rows = Method(table, "filter", (event, theirs if self.where is None else self.where & theirs), place)
        count = Method(rows, "size", (), place)
        total = Method(Method(rows, "map", (event, self.score), place), "sum", (), place)
        return (total.decimal() / count).rounded(self.mean or 0), count > 0

    def weighed(self, one: Rated, rating: Syntax, there: Syntax | None) -> Syntax:
        """Rating times weight, and what stands there while it is missing."""
        if there is None:
            return rating * one.weight
        if self.missing == "hold":
            return guarded(there, rating, catalogue.UNRATED, one.label or one.of or _said(rating)) * one.weight
        return there.then(rating * one.weight, ZERO)


def _diagnostic(kind: DiagnosticKind, at: tuple[Location, int], **blanks: str) -> Diagnostic:
    return Diagnostic(kind, at[0], blanks, at[1])


def _presence(of: Syntax, item: ItemContext) -> Syntax | None:
    """Whether a rating is there: an optional fact, or a result of another policy or period."""
    head = of
    while isinstance(head, Select):
        head = head.base
    fact = item.facts.get(of.name) if isinstance(of, Name) else None
    used = isinstance(of, Select) and isinstance(head, Name) and head.name == "uses"
    return Call("has", (of,), of.place) if used or (fact and fact.optional) else None


def _said(of: Syntax) -> str:
    if isinstance(of, Select):
        return f"{_said(of.base)}.{of.member}"
    return of.name if isinstance(of, Name) else ""


def _table(name: str, place: Place) -> Syntax:
    first, *others = name.split(".")
    found: Syntax = Name(first, place)
    for member in others:
        found = Select(found, member, place)
    return found


def _sum(several: Sequence[Syntax]) -> Syntax:
    return reduce(lambda one, other: one + other, several)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("ratings", Ratings)]
