"""Python's own `if`, `and`, `max` and the like on an expression raise, and say what to write instead."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

from scorecore.diagnostics.source import Location
from scorecore.language.cel.syntax import LiteralSyntax, Name, Operation, Place, greatest, least

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
    "len": (lambda x, _: len(x), '"size"'),
    "int": (lambda x, _: int(x), "x.rounded(0)"),
    "float": (lambda x, _: float(x), "x.decimal()"),
    "complex": (lambda x, _: complex(x), "x.decimal()"),
    "round": (lambda x, _: round(x, 2), "`x.rounded(2)`"),
    "floor": (lambda x, _: math.floor(x), "x.rounded(0, mode)"),
    "ceil": (lambda x, _: math.ceil(x), "x.rounded(0, mode)"),
    "trunc": (lambda x, _: math.trunc(x), "x.rounded(0, mode)"),
    "abs": (lambda x, _: abs(x), '"abs"'),
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
