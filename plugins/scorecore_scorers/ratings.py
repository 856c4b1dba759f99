"""Points from ratings by different raters or of different parts, by weight."""

import operator
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import reduce
from typing import Final, Literal

from attrs import evolve, frozen

from scorecore.plugin import (
    Call,
    Diagnostic,
    DiagnosticKind,
    Entry,
    ItemContext,
    LiteralSyntax,
    Location,
    Name,
    Part,
    Place,
    Scorer,
    Select,
    Snippet,
    Syntax,
    catalogue,
    events,
    guarded,
    hookimpl,
    key,
)
from scorecore_scorers.occurrences import ZERO

WEIGHTS: Final = DiagnosticKind(
    "SC710",
    "the weights add up to {sum}, not to {out_of}",
    ("correct a weight; or write out_of = {sum}, and explain it under `assumptions`",),
)
BY_WHOM: Final = DiagnosticKind(
    "SC711", "a part needs either `of` or `is`", ("of = the text that names the rater; is = a number",)
)
HOW_RATED: Final = DiagnosticKind(
    "SC712",
    "`{key}` is missing, so nothing says what a rating by `{of}` is",
    ('add each = "ratings", as = "r", rater = "r.rater", score = "r.score" and mean = 2',),
)
NEVER_MISSING: Final = DiagnosticKind(
    "SC713",
    "none of the parts can be missing, so `{key}` has no effect",
    ("make the fact of a part optional, or leave the key out",),
)
NOT_SAID: Final = DiagnosticKind(
    "SC714", "the policy does not say what happens while a rating is missing", ("add missing = …",)
)
BEYOND_SCALE: Final = DiagnosticKind(
    "SC716",
    "`{name}` can be from {low} to {high}, but the scale goes from 0 to {scale}",
    ("give `{name}` min = 0 and max = {scale}, or correct `scale`",),
    warning=True,
)
ANY_RATER: Final = DiagnosticKind(
    "SC720",
    "`{name}` can be any text, and ratings by others than {raters} do not count",
    ("give `{name}` among = [{quoted}], so that another text is refused",),
    warning=True,
)
OPEN_SCALE: Final = DiagnosticKind(
    "SC715", "ratings need to know how many points the best rating gives", ("write the item's points as a number",)
)


@frozen(kw_only=True)
class Rated(Part):
    of: str = key("who rated: the text that `rater` has for them", default="")
    is_: Syntax | None = key("the rating itself; an optional fact may be missing", default=None)
    weight: Decimal = key("how much it weighs")
    label: str = key("name for display", default="")


@frozen(kw_only=True)
class Ratings:
    """Give points by the weighted mean of ratings, by different raters or of different parts.

    A part is an expression (`is`), or the mean of all ratings in a table by one kind of rater (`of`). Points are
    item points × Σ(weight × rating) ÷ (Σ weight × scale), rounded once where the item says `round`. Each rating is an
    entry of 0 with the rating as its quantity; the last entry has the points.
    """

    parts: tuple[Rated, ...] = key("what is rated, or by whom, each with its weight")
    scale: Decimal = key("the best rating, which gives all points, such as 5 or 100")
    out_of: Decimal | None = key("what the weights add up to; default: the item's points", default=None)
    missing: Literal["zero", "renormalise", "hold"] | None = key(
        "a rating that is missing counts as 0, or its weight is left out, or the item waits for it", default=None
    )
    at_least: int | None = key("the least number of rated parts; with fewer the item is undecided", default=None)
    each: Snippet | None = key("the table of ratings", default=None)
    as_: str = key("the name by which the other keys read a rating", default="")
    where: Syntax | None = key("which ratings count; default: all", default=None)
    rater: Syntax | None = key("the text that names the rater", default=None)
    score: Syntax | None = key("the rating", default=None)
    mean: int | None = key("decimal places of the mean of the ratings by one kind of rater", default=None)

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        mistakes = list(self.find_mistakes(item))
        yield from mistakes
        if mistakes or item.points is None:
            return
        yield from self.find_beyond_scale(item)
        yield from self.find_open_raters(item)
        ratings = [self.read_rating(part, item) for part in self.parts]
        for part, rating in zip(self.parts, ratings, strict=True):
            yield from _explain_rating(part, rating)
            if not self.is_within_scale(part, item):
                yield self.point_out(part, rating)
        yield Entry(reason="weighted", points=self.weigh(ratings, item.points))

    def weigh(self, ratings: Sequence["Rating"], full_points: Decimal) -> Syntax:
        """The points: the sum of ratings times weights, as a share of the best that there could be."""
        total = _add_up([self.weigh_one(part, rating) for part, rating in zip(self.parts, ratings, strict=True)])
        divisor: Syntax | Decimal = sum((part.weight for part in self.parts), ZERO) * self.scale
        if self.missing == "renormalise":
            weights = [rating.if_there(part.weight, ZERO) for part, rating in zip(self.parts, ratings, strict=True)]
            divisor = _add_up(weights) * self.scale
        points: Syntax = total * full_points / divisor
        needed = self.at_least if self.at_least is not None else int(self.missing == "renormalise")
        if not needed or all(rating.presence is None for rating in ratings):
            return points
        enough = _add_up([rating.if_there(1, 0) for rating in ratings]) >= needed
        return guarded(enough, points, catalogue.TOO_FEW_RATINGS, str(needed), str(len(ratings)))

    def weigh_one(self, part: Rated, rating: "Rating") -> Syntax:
        """Rating times weight, and what takes its place while it is missing."""
        if rating.presence is None:
            return rating.score * part.weight
        if self.missing == "hold":
            name = part.label or part.of or _print_name(rating.score)
            return guarded(rating.presence, rating.score, catalogue.UNRATED, name) * part.weight
        return rating.presence.then(rating.score * part.weight, ZERO)

    def find_mistakes(self, item: ItemContext) -> Iterator[Diagnostic]:
        span = (item.place.location, item.place.length)
        if item.points is None:
            yield _diagnostic(OPEN_SCALE, span)
            return
        total = sum((part.weight for part in self.parts), ZERO)
        out_of = item.points if self.out_of is None else self.out_of
        if total != out_of or not total:
            yield _diagnostic(WEIGHTS, span, sum=f"{total:f}", out_of=f"{out_of:f}")
        for part in self.parts:
            if bool(part.of) == (part.is_ is not None):
                yield _diagnostic(BY_WHOM, part.at("of"))
            for name in ("each", "as", "rater", "score", "mean") if part.of else ():
                if getattr(self, "as_" if name == "as" else name) in (None, ""):
                    yield _diagnostic(HOW_RATED, part.at("of"), key=name, of=part.of)
                    return
        can_be_missing = any(
            part.of or (part.is_ is not None and _find_presence(part.is_, item) is not None) for part in self.parts
        )
        if can_be_missing and self.missing is None:
            yield _diagnostic(NOT_SAID, span)
        for name in ("missing", "at_least") if not can_be_missing else ():
            if getattr(self, name) is not None:
                yield _diagnostic(NEVER_MISSING, span, key=name)

    def find_beyond_scale(self, item: ItemContext) -> Iterator[Diagnostic]:
        """Notes on ratings that may be below 0 or above the scale, by what their facts declare."""
        rated = [(part.is_, part.at("is")) for part in self.parts if part.is_ is not None]
        if self.score is not None:
            rated.append((self.score, (self.score.place.location, self.score.place.length)))
        for rating, span in rated:
            ends = self.find_ends(rating, item)
            if ends is None or (ends[0] is not None and ends[0] >= 0 and ends[1] is not None and ends[1] <= self.scale):
                continue
            low, high = _print_end(ends[0], "-∞"), _print_end(ends[1], "∞")
            yield _diagnostic(BEYOND_SCALE, span, name=_print_name(rating), low=low, high=high, scale=f"{self.scale:f}")

    def find_open_raters(self, item: ItemContext) -> Iterator[Diagnostic]:
        """A note on a table in which anybody can rate, where the parts name some: a slip of the pen would not count."""
        raters = [part.of for part in self.parts if part.of]
        table = item.events.get(self.each.text) if raters and self.each else None
        if table is None or not isinstance(self.rater, Select):
            return
        fact = table.fields.get(self.rater.member)
        if fact is not None and fact.among is None:
            span = (self.rater.place.location, self.rater.place.length)
            quoted = ", ".join(f'"{rater}"' for rater in raters)
            yield _diagnostic(ANY_RATER, span, name=_print_name(self.rater), raters=", ".join(raters), quoted=quoted)

    def find_ends(self, rating: Syntax, item: ItemContext) -> tuple[Decimal | None, Decimal | None] | None:
        """The `min` and `max` of the fact, or of the field of a rating in the table, that a rating is."""
        fact = item.facts.get(rating.name) if isinstance(rating, Name) else None
        if isinstance(rating, Select) and isinstance(rating.base, Name) and rating.base.name == self.as_ and self.each:
            table = item.events.get(self.each.text)
            fact = table.fields.get(rating.member) if table else None
        return (fact.min, fact.max) if fact else None

    def is_within_scale(self, part: Rated, item: ItemContext) -> bool:
        """Whether the facts are declared so that no rating can be beyond the scale."""
        rating = self.score if part.of else part.is_
        low, high = (None if rating is None else self.find_ends(rating, item)) or (None, None)
        return low is not None and low >= ZERO and high is not None and high <= self.scale

    def point_out(self, part: Rated, rating: "Rating") -> Entry:
        """An entry of 0 points where a rating is beyond the scale, for those who look at results that are odd.

        Of ratings in a table each has an entry of its own: their mean may be within the scale.
        """
        is_each = bool(part.of)
        score = self.score if self.score is not None and is_each else rating.score
        is_beyond = (score > self.scale) | (score < ZERO)
        presence = self.is_by(part) if is_each else rating.presence
        return Entry(
            reason="beyond-scale",
            points=LiteralSyntax(ZERO, score.place),
            when=is_beyond if presence is None else presence & is_beyond,
            quantity=score,
            each=self.each if is_each else None,
            variable=self.as_ if is_each else "",
            label=part.label or part.of or _print_name(score),
            authority=part.authority,
        )

    def is_by(self, part: Rated) -> Syntax:
        """Whether a rating in the table counts and is of a part."""
        assert self.rater is not None  # noqa: S101  `find_mistakes` has looked
        rated_by_them: Syntax = self.rater.equals(LiteralSyntax(part.of, Place(*part.at("of"))))
        return rated_by_them if self.where is None else self.where & rated_by_them

    def read_rating(self, part: Rated, item: ItemContext) -> "Rating":
        """The rating of a part: what the part says, or the mean of what its raters gave."""
        if part.is_ is not None:
            return Rating(part.is_, _find_presence(part.is_, item))
        assert self.each is not None  # noqa: S101  `find_mistakes` has looked
        assert self.score is not None  # noqa: S101  the same
        rows = events(self.each).filter(self.as_, self.is_by(part))
        mean = rows.map(self.as_, self.score).sum().decimal() / rows.size()
        return Rating(mean.rounded(self.mean or 0), rows.size() > 0)


@frozen
class Rating:
    """The rating of one part."""

    score: Syntax
    presence: Syntax | None
    """Whether it is there; None if it always is."""

    def if_there(self, present: Decimal | int, absent: Decimal | int) -> Syntax:
        """One number while the rating is there, the other while it is missing."""
        if self.presence is None:
            return LiteralSyntax(present, self.score.place)
        return self.presence.then(present, absent)


def _print_end(end: Decimal | None, unbounded: str) -> str:
    """An end of what a fact can be; a fact that declares none has no end of its own."""
    return unbounded if end is None else f"{end:f}"


def _explain_rating(part: Rated, rating: Rating) -> Iterator[Entry]:
    """Entries of 0 points that show a rating, or that it is missing."""
    zero = LiteralSyntax(ZERO, rating.score.place)
    label = part.label or part.of
    shown = Entry(reason="rating", points=zero, when=rating.presence, label=label, authority=part.authority)
    yield evolve(shown, quantity=rating.score)
    if rating.presence is not None:
        yield evolve(shown, reason="missing", when=~rating.presence)


def _diagnostic(kind: DiagnosticKind, span: tuple[Location, int], **params: str) -> Diagnostic:
    return Diagnostic(kind, span[0], params, span[1])


def _find_presence(rating: Syntax, item: ItemContext) -> Syntax | None:
    """Whether a rating is there: an optional fact, or a result of another policy or period; None if it always is."""
    head = rating
    while isinstance(head, Select):
        head = head.base
    fact = item.facts.get(rating.name) if isinstance(rating, Name) else None
    is_of_policy = isinstance(rating, Select) and isinstance(head, Name) and head.name == "uses"
    return Call("has", (rating,), rating.place) if is_of_policy or (fact and fact.optional) else None


def _print_name(syntax: Syntax) -> str:
    if isinstance(syntax, Select):
        return f"{_print_name(syntax.base)}.{syntax.member}"
    return syntax.name if isinstance(syntax, Name) else ""


def _add_up(summands: Sequence[Syntax]) -> Syntax:
    return reduce(operator.add, summands)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("ratings", Ratings)]
