"""Expressions as written: untyped, with the place of every part.

Scorers build expressions out of the author's with Python's own operators (`item * least(actual, target) / target`),
so a mistake in a composed expression still points at what the author wrote. `&`, `|` and `~` are `&&`, `||`, `!`;
equality is the method `equals`, since `==` compares the trees. What Python would decide on
its own, such as `and`, raises (python_traps).
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from attrs import evolve, field, frozen

from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.diagnostics.source import Location
from scorecore.language.cel.python_traps import PythonTraps, check_constant, check_parts


@frozen
class Place:
    """Where a part is in a file, and how many characters it has."""

    location: Location
    length: int = 1


Liftable: TypeAlias = "Syntax | int | Decimal | str"
"""What may be combined with an expression; a bool, which is an int to Python, is refused."""


class Syntax(PythonTraps):
    """A part of an expression."""

    __slots__ = ()
    place: Place

    def lift(self, value: Liftable) -> "Syntax":
        """A Python constant as an expression at the place of this one."""
        if isinstance(value, Syntax):
            return value
        check_constant(value)
        return LiteralSyntax(value, self.place)

    def _with(self, operator: str, other: Liftable) -> "Operation":
        return Operation(operator, (self, self.lift(other)), self.place)

    def _behind(self, operator: str, other: Liftable) -> "Operation":
        return Operation(operator, (self.lift(other), self), self.place)

    def __add__(self, other: Liftable) -> "Operation":
        return self._with("+", other)

    def __radd__(self, other: Liftable) -> "Operation":
        return self._behind("+", other)

    def __sub__(self, other: Liftable) -> "Operation":
        return self._with("-", other)

    def __rsub__(self, other: Liftable) -> "Operation":
        return self._behind("-", other)

    def __mul__(self, other: Liftable) -> "Operation":
        return self._with("*", other)

    def __rmul__(self, other: Liftable) -> "Operation":
        return self._behind("*", other)

    def __truediv__(self, other: Liftable) -> "Operation":
        return self._with("/", other)

    def __rtruediv__(self, other: Liftable) -> "Operation":
        return self._behind("/", other)

    def __neg__(self) -> "Operation":
        return Operation("negate", (self,), self.place)

    def __lt__(self, other: Liftable) -> "Operation":
        return self._with("<", other)

    def __le__(self, other: Liftable) -> "Operation":
        return self._with("<=", other)

    def __gt__(self, other: Liftable) -> "Operation":
        return self._with(">", other)

    def __ge__(self, other: Liftable) -> "Operation":
        return self._with(">=", other)

    def __and__(self, other: Liftable) -> "Operation":
        return self._with("and", other)

    def __rand__(self, other: Liftable) -> "Operation":
        return self._behind("and", other)

    def __ror__(self, other: Liftable) -> "Operation":
        return self._behind("or", other)

    def __or__(self, other: Liftable) -> "Operation":
        return self._with("or", other)

    def __invert__(self) -> "Operation":
        return Operation("not", (self,), self.place)

    def equals(self, other: Liftable) -> "Operation":
        """`self == other`."""
        return self._with("==", other)

    def then(self, value: Liftable, otherwise: Liftable) -> "Operation":
        """`self ? value : otherwise`."""
        return Operation("if", (self, self.lift(value), self.lift(otherwise)), self.place)

    def decimal(self) -> "Call":
        """The same number as a decimal: what a division needs, where the author may have written an integer."""
        return Call("decimal", (self,), self.place)

    def rounded(self, places: int, mode: str = "half_up") -> "Call":
        """`round(self, places, mode)`."""
        return Call("round", (self, self.lift(places), self.lift(mode)), self.place)

    def field(self, name: str) -> "Select":
        """`self.name`: a field of an event, or a further part of a name such as `items.calls`."""
        return Select(self, name, self.place)

    def filter(self, variable: str, where: "Syntax") -> "Method":
        """`self.filter(variable, where)`: the events for which a condition holds; it reads one as `variable`."""
        return self._method("filter", Name(variable, self.place), where)

    def map(self, variable: str, value: Liftable) -> "Method":
        """`self.map(variable, value)`: a number of each event, to be added up with `sum`."""
        return self._method("map", Name(variable, self.place), self.lift(value))

    def exists(self, variable: str, where: "Syntax") -> "Method":
        """`self.exists(variable, where)`: whether a condition holds for at least one event."""
        return self._method("exists", Name(variable, self.place), where)

    def all(self, variable: str, where: "Syntax") -> "Method":
        """`self.all(variable, where)`: whether a condition holds for every event; true if there are none."""
        return self._method("all", Name(variable, self.place), where)

    def size(self) -> "Method":
        """`self.size()`: how many events there are, or how many characters a text has."""
        return self._method("size")

    def sum(self) -> "Method":
        """`self.sum()`: the sum of what `map` gives; 0 if there are no events."""
        return self._method("sum")

    def _method(self, name: str, *arguments: "Syntax") -> "Method":
        return Method(self, name, arguments, self.place)


def least(first: Syntax, *others: Liftable) -> "Call":
    """The least of some numbers, dates or timestamps."""
    return Call("least", (first, *map(first.lift, others)), first.place)


def greatest(first: Syntax, *others: Liftable) -> "Call":
    """The greatest of some numbers, dates or timestamps."""
    return Call("greatest", (first, *map(first.lift, others)), first.place)


GUARDED: Final = "require!"
"""A call that no author can write: `require` with a reason of the language's own."""


@frozen(order=False)
class LiteralSyntax(Syntax):
    """A constant."""

    value: bool | int | Decimal | str | date
    place: Place = field(eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.value, bool | date):
            check_constant(self.value)


@frozen(order=False)
class Name(Syntax):
    """A bare name: a fact, a value, or the variable of an event."""

    name: str
    place: Place = field(eq=False, repr=False)


@frozen(order=False)
class Unparsed(Syntax):
    """Takes the place of an expression that could not be read, which has been reported."""

    place: Place = field(eq=False, repr=False)


@frozen(order=False)
class PointsSoFar(Syntax):
    """The points of an account before the entry that is being written. No author can write it."""

    place: Place = field(eq=False, repr=False)


@frozen(order=False)
class Select(Syntax):
    """`base.member`."""

    base: Syntax
    member: str
    place: Place = field(eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_parts((self.base,))


@frozen(order=False)
class Index(Syntax):
    """`base[index]`."""

    base: Syntax
    index: Syntax
    place: Place = field(eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_parts((self.base, self.index))


@frozen(order=False)
class Operation(Syntax):
    """An operator sign; `operator` is its name in the table of operators."""

    operator: str
    operands: tuple[Syntax, ...]
    place: Place = field(eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_parts(self.operands)


@frozen(order=False)
class Call(Syntax):
    """`function(arguments)`."""

    function: str
    arguments: tuple[Syntax, ...]
    place: Place = field(eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_parts(self.arguments)


def guarded(condition: Syntax, value: Syntax, kind: DiagnosticKind, *params: str) -> Call:
    """A value that is known only where a condition holds; `params` fill the sentence of `kind` in its order."""
    return Call(GUARDED, (condition, value, *map(value.lift, (kind.code, *params))), value.place)


@frozen(order=False)
class Method(Syntax):
    """`base.method(arguments)`."""

    base: Syntax
    method: str
    arguments: tuple[Syntax, ...]
    place: Place = field(eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_parts((self.base, *self.arguments))


@frozen(order=False)
class Listing(Syntax):
    """`[items]`."""

    items: tuple[Syntax, ...]
    place: Place = field(eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_parts(self.items)


def children(of: Syntax) -> Iterator[Syntax]:
    """The parts that a part is directly made of, from left to right."""
    match of:
        case Select(base):
            yield base
        case Index(base, index):
            yield from (base, index)
        case Operation(_, several) | Call(_, several) | Listing(several):
            yield from several
        case Method(base, _, arguments):
            yield base
            yield from arguments


def with_children(of: Syntax, several: Sequence[Syntax]) -> Syntax:
    """The same part made of others, which `parts` would yield in this order."""
    match of:
        case Select():
            return evolve(of, base=several[0])
        case Index():
            return evolve(of, base=several[0], index=several[1])
        case Operation():
            return evolve(of, operands=tuple(several))
        case Call():
            return evolve(of, arguments=tuple(several))
        case Listing():
            return evolve(of, items=tuple(several))
        case Method():
            return evolve(of, base=several[0], arguments=tuple(several[1:]))
        case _:
            return of


def measure(of: Syntax) -> tuple[int, int]:
    """How many parts an expression has as the compiler walks it, and how many of them are inside each other.

    A part that is shared counts each time.
    """
    known: dict[int, tuple[int, int]] = {}
    waiting = [of]
    while waiting:
        one = waiting[-1]
        inner = list(children(one))
        unknown = [part for part in inner if id(part) not in known]
        if unknown:
            waiting += unknown
            continue
        counts = [known[id(part)] for part in inner]
        size, depth = sum(count for count, _ in counts), max((count for _, count in counts), default=0)
        known[id(one)] = size + 1, depth + 1
        waiting.pop()
    return known[id(of)]
