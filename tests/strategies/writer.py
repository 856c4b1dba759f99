"""Draws typed expressions out of the names that are in scope."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TypeVar

from attrs import define, evolve, field
from hypothesis import strategies as st

from scorecore.values.types import MAX_DIGITS, PLACES, TypeKind, count_places
from strategies.terms import NOW, ODD, ROUND, TODAY, Sketch, Term, cel, literal
from strategies.values import MAX_INT_DIGITS, TEXTS

T = TypeVar("T")
Leaf = Callable[["Writer", int], Term]
"""(writer, most digits) -> a name or a constant."""
Form = Callable[["Writer", int, int], Term | None]
"""(writer, operators inside each other that are left, most digits) -> an expression, or None where it cannot be."""
Forms = tuple[Leaf, Sequence[Form | None]]
"""How an expression of a kind is written: its leaf, and its other forms, the frequent ones several times."""


@define
class Writer:
    """Draws typed expressions out of the names that are in scope.

    `most` is how many digits before the point the surroundings can bear; a daring writer does not care, so that its
    policies are refused now and then.
    """

    draw: st.DrawFn
    forms: Mapping[TypeKind, Forms]
    daring: bool = False
    names: list[Term] = field(factory=list)
    events: dict[str, list[Term]] = field(factory=dict)
    keys: dict[str, list[Term]] = field(factory=dict)
    """What makes a row of each table of events unique."""
    tables: list[Sketch] = field(factory=list)
    calendars: list[str] = field(factory=list)
    timed: list[str] = field(factory=list)
    """The calendars that have hours."""
    history: list[Term] = field(factory=list)
    """Names of earlier periods."""
    groups: dict[str, str] = field(factory=dict)
    """The groups, and the places of equals in each."""
    variable: str = ""
    """The name of the event that is looked at; inside, no other events can be asked."""
    table: str = ""
    """The table that it is from."""
    edges: list[Decimal] = field(factory=list)
    """Numbers that mean something in this policy."""

    def pick(self, options: Sequence[T]) -> T:
        return self.draw(st.sampled_from(options))

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def count(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    @contextmanager
    def event_of(self, table: str, variable: str = "e") -> Iterator[None]:
        """Inside, the fields of an event have names and other events have not."""
        names = self.names
        fields = [evolve(field, text=f"{variable}.{field.text}") for field in self.events[table]]
        self.names, self.variable, self.table = [*names, *fields, *fields], variable, table
        try:
            yield
        finally:
            self.names, self.variable, self.table = names, "", ""

    @contextmanager
    def only(self, names: list[Term]) -> Iterator[None]:
        """Inside, only these names and no events can be read, as in `streak`."""
        before, history = self.names, self.history
        self.names, self.variable = names, "-"
        self.history = self.history if self.chance(3) else []
        try:
            yield
        finally:
            self.names, self.variable, self.history = before, "", history

    def known(self, kind: TypeKind, most: int = MAX_DIGITS) -> list[Term]:
        return [name for name in self.names if name.kind is kind and (self.daring or name.digits <= most)]

    def read(self, term: Term) -> Term:
        """A name; one that may be absent is mostly guarded, so that not everybody is held."""
        if not term.optional or not self.chance(85):
            return term
        if term.kind is TypeKind.BOOL:
            return Term(f"(has({term.text}) && {term.text})", TypeKind.BOOL)
        if term.kind is TypeKind.STRING:
            replacement = Term(cel((term.among or TEXTS)[0]), TypeKind.STRING)
        else:
            replacements = (literal(Decimal(1)), Term("1", TypeKind.INT), TODAY, NOW)
            replacement = next(candidate for candidate in replacements if candidate.kind is term.kind)
        return Term(
            f"(has({term.text}) ? {term.text} : {replacement.text})",
            term.kind,
            max(1, term.digits),
            term.places,
            term.among,
        )

    def of(self, kind: TypeKind, budget: int, most: int = MAX_DIGITS) -> Term:
        """An expression of a kind; at most `budget` operators inside each other."""
        leaf, forms = self.forms[kind]
        if budget > 0:
            form = self.pick(forms)
            term = form(self, budget - 1, most) if form else None
            if term is not None and (self.daring or term.digits <= most):
                return self.guarded(term) if self.chance(2) else term
        return leaf(self, most)

    def guarded(self, term: Term) -> Term:
        """A value that needs a condition, which mostly holds."""
        condition = f"({self.truth(0).text} || {self.truth(0).text} || {self.truth(0).text})"
        return evolve(term, text=f"require({condition}, {term.text}, 'needs a reason')", optional=False)

    def leaf(self, kind: TypeKind, most: int = MAX_DIGITS) -> Term:
        """A name or a constant."""
        return self.forms[kind][0](self, most)

    def decimal(self, budget: int, most: int = MAX_DIGITS) -> Term:
        return self.of(TypeKind.DECIMAL, budget, most)

    def integer(self, budget: int, most: int = MAX_INT_DIGITS) -> Term:
        return self.of(TypeKind.INT, budget, min(most, MAX_INT_DIGITS))

    def number(self, budget: int, most: int = MAX_DIGITS) -> Term:
        """A decimal or an integer."""
        return self.integer(budget, most) if self.chance(25) else self.decimal(budget, most)

    def truth(self, budget: int) -> Term:
        return self.of(TypeKind.BOOL, budget)

    def text(self, budget: int) -> Term:
        return self.of(TypeKind.STRING, budget)

    def day(self, budget: int) -> Term:
        return self.of(TypeKind.DATE, budget)

    def time(self, budget: int) -> Term:
        return self.of(TypeKind.TIMESTAMP, budget)

    def constant(self, most: int) -> Term:
        """A number: half of the time one that means something in this policy, or its neighbour."""
        pool = [*ROUND, *ODD]
        if self.edges and self.chance(50):
            edge = self.pick(self.edges)
            unit = Decimal(1).scaleb(-min(count_places(edge) or self.pick([0, 2]), PLACES))
            pool = [edge, edge, edge - unit, edge + unit]
        fitting = [number for number in pool if self.daring or literal(number).digits <= most]
        return literal(self.pick(fitting or ROUND[:1]))

    def text_among(self, among: tuple[str, ...]) -> Term:
        """A text that can stand beside a closed list."""
        text = self.pick(among)
        candidates = [
            term for term in self.known(TypeKind.STRING) if term.among is None or set(term.among) & set(among)
        ]
        if candidates and self.chance(30):
            return self.pick(candidates)
        return Term(cel(text), TypeKind.STRING, among=(text,))
