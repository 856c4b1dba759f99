"""Python's own `if`, `and`, `max` and the like on an expression raise, and say what to write instead."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Snippet, Source
from scorecore.language.cel.builders import call, events, history, require
from scorecore.language.cel.parser import parse
from scorecore.language.cel.syntax import (
    Call,
    Listing,
    LiteralSyntax,
    Method,
    Name,
    Operation,
    Place,
    Syntax,
    greatest,
    least,
)

PLACE: Final = Place(Location("policy.toml", 1, 1))
X, Y = Name("x", PLACE), Name("y", PLACE)

TRAPS: Final[dict[str, tuple[Callable[[Any, Any], object], str]]] = {
    "if": (lambda x, y: x if x > y else 0, ".then("),
    "and": (lambda x, y: x and y, "`a & b`"),
    "or": (lambda x, y: x or y, "`a | b`"),
    "not": (lambda x, _: not x, "`~a`"),
    "chained comparison": (lambda x, _: 1 < x < 3, "`(1 < x) & (x < 3)`"),
    "max": (max, "greatest(a, b)"),
    "min": (min, "least(a, b)"),
    "sorted": (lambda x, y: sorted((x, y)), "least(a, b)"),
    "any": (lambda x, y: any((x, y)), "`a | b`"),
    "filter": (lambda x, _: list(filter(None, [x])), "`x is None`"),
    "bool": (lambda x, _: bool(x), "`x is None`"),
    "in": (lambda x, y: y in x, "x.equals(a) | x.equals(b)"),
    "for": (lambda x, _: list(x), "Entry(each=…)"),
    "unpacking": (lambda x, _: (*x,), "Entry(each=…)"),
    "len": (lambda x, _: len(x), "x.size()"),
    "int": (lambda x, _: int(x), "x.rounded(0)"),
    "float": (lambda x, _: float(x), "x.decimal()"),
    "complex": (lambda x, _: complex(x), "x.decimal()"),
    "round": (lambda x, _: round(x, 2), "`x.rounded(2)`"),
    "floor": (lambda x, _: math.floor(x), "x.rounded(0, mode)"),
    "ceil": (lambda x, _: math.ceil(x), "x.rounded(0, mode)"),
    "trunc": (lambda x, _: math.trunc(x), "x.rounded(0, mode)"),
    "abs": (lambda x, _: abs(x), 'call("abs", x)'),
    "range": (lambda x, _: range(x), "cannot be interpreted as an integer"),
    "sum": (lambda x, _: sum(x), "Entry(each=…)"),
    "a float on the right": (lambda x, _: x * 0.1, "`Decimal('0.1')`"),
    "a float on the left": (lambda x, _: 0.1 + x, "`Decimal('0.1')`"),
    "a float in a choice": (lambda x, y: (x > y).then(0.5, 1), "`Decimal('0.5')`"),
    "a float in a function": (lambda x, _: least(x, 1.5), "`Decimal('1.5')`"),
    "a float as a literal": (lambda x, _: LiteralSyntax(0.5, x.place), "`Decimal('0.5')`"),
    "a number that is not one": (lambda x, _: x + math.nan, "binary float"),
    "None": (lambda x, _: x + None, "cannot be part of an expression"),
    "equality in a condition": (lambda x, y: (x > y) & (x == y), "`a.equals(b)`"),
    "inequality in a condition": (lambda x, y: (x > y) | (x != y), "~a.equals(b)"),
    "a truth value among numbers": (lambda x, y: x + (x == y), "`a.equals(b)`"),
    "a truth value on the left": (lambda x, y: (x == y) & (x > 1), "`a.equals(b)`"),
    "a truth value compared": (lambda x, y: x.equals(x == y), "LiteralSyntax(False, x.place)"),
    "a truth value in a choice": (lambda x, y: (x > y).then(bool(1), y), "LiteralSyntax(True, x.place)"),
    "a truth value in a function": (lambda x, _: greatest(x, bool(1)), "LiteralSyntax(True, x.place)"),
    "a truth value as a condition of events": (lambda x, y: x.filter("e", x == y), "`a.equals(b)`"),
    "a truth value required": (lambda x, y: require(x > 1, x == y, "why"), "`a.equals(b)`"),
    "a number as a part": (lambda x, _: Call("round", (x, 2), x.place), "x.lift(2)"),
    "a float as a part": (lambda x, _: Operation("*", (x, 0.5), x.place), "`Decimal('0.5')`"),
    "a truth value as a part": (lambda x, y: Operation("and", (x, x == y), x.place), "`a.equals(b)`"),
    "a text as a table": (lambda _, y: Method("sales", "filter", (y,), PLACE), "x.lift('sales')"),
    "a text in a list": (lambda _, y: Listing((y, "late"), PLACE), "x.lift('late')"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_what_python_would_decide_raises_and_says_what_to_write(name: str) -> None:
    operation, advice = TRAPS[name]
    with pytest.raises(TypeError) as raised:
        operation(X, Y)
    assert advice in str(raised.value)


def test_what_builds_expressions_works_with_exact_constants() -> None:
    half = Decimal("0.5")
    assert (X * half, half * X) == (
        Operation("*", (X, LiteralSyntax(half, PLACE)), PLACE),
        Operation("*", (LiteralSyntax(half, PLACE), X), PLACE),
    )
    assert Operation("/", (LiteralSyntax(1, PLACE), X), PLACE) == 1 / X
    assert ((X > 1) & (X < 3)).operator == "and"
    assert (X.equals("late") | ~X.equals("paid")).operator == "or"
    assert greatest(X, 0).function == "greatest"
    assert (Name("x", PLACE) == X, X == Y, len({X, Name("x", PLACE), Y})) == (True, False, 2)


def snippet(text: str) -> Snippet:
    return Snippet(text, Source("policy.toml", text), range(len(text) + 1))


AS_WRITTEN: Final[dict[str, Syntax]] = {
    "sales.filter(s, s.fine).size()": events(snippet("sales")).filter("s", Name("s", PLACE).field("fine")).size(),
    "sales.filter(s, s.fine).map(s, s.amount * 2).sum()": events(snippet("sales"))
    .filter("s", Name("s", PLACE).field("fine"))
    .map("s", Name("s", PLACE).field("amount") * 2)
    .sum(),
    "uses.members.exists(m, m.score.total > 60)": events(snippet("uses.members")).exists(
        "m", Name("m", PLACE).field("score").field("total") > 60
    ),
    "sales.all(s, !s.fine)": events(snippet("sales")).all("s", ~Name("s", PLACE).field("fine")),
    'rank(-x, "branch")': call("rank", -X, "branch"),
    'pool(x, y, "branch", 2)': call("pool", X, Y, "branch", 2),
    "days(x, y)": call("days", X, Y),
    'require(x >= 100 && x <= 300, x, "100 to 300")': require((X >= 100) & (X <= 300), X, "100 to 300"),
    "has(history[1].score.total) ? history[1].score.total : x": call("has", history(1, "score.total", PLACE)).then(
        history(1, "score.total", PLACE), X
    ),
}


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_builders_give_what_an_author_would_write(text: str) -> None:
    """Events, groups, `require` and `history` in Python are the same expressions as in a policy."""
    assert AS_WRITTEN[text] == parse(snippet(text), Diagnostics())
