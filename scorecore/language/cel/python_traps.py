"""What Python would do with an expression on its own account, and must not.

An expression has no value while a policy is compiled. Python would nevertheless take it for true in `if`, `and`, `or`,
`not`, `in`, `max` and `1 < x < 3`, and the policy would mean something that nobody wrote. So these raise a
TypeError that says what to write instead.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NoReturn


class PythonTraps:
    """The operations of Python that an expression refuses."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "an expression is neither true nor false while a policy is compiled; write `a & b`, `a | b`, `~a` "
            "for `and`, `or`, `not`, `condition.then(value, otherwise)` for `if`, `(1 < x) & (x < 3)` for `1 < x < 3`, "
            "`least(a, b)`, `greatest(a, b)` for `min`, `max`, and `x is None` to ask whether a key was left out"
        )

    def __iter__(self) -> NoReturn:
        raise TypeError("an expression cannot be iterated; `Entry(each=…)` makes an entry for each event of a table")

    def __contains__(self, element: object) -> NoReturn:
        raise TypeError("`in` does not work on an expression; write `x.equals(a) | x.equals(b)`")

    def __len__(self) -> NoReturn:
        raise TypeError("an expression has no length; write `x.size()`")

    def __int__(self) -> NoReturn:
        raise TypeError(_no_number("int", "x.rounded(0)"))

    def __float__(self) -> NoReturn:
        raise TypeError(_no_number("float", "x.decimal()"))

    def __complex__(self) -> NoReturn:
        raise TypeError(_no_number("complex", "x.decimal()"))

    def __round__(self, places: int = 0) -> NoReturn:
        raise TypeError(f"Python's `round` does not work on an expression; write `x.rounded({places})`")

    def __trunc__(self) -> NoReturn:
        raise TypeError(_no_rounding("trunc"))

    def __floor__(self) -> NoReturn:
        raise TypeError(_no_rounding("floor"))

    def __ceil__(self) -> NoReturn:
        raise TypeError(_no_rounding("ceil"))

    def __abs__(self) -> NoReturn:
        raise TypeError('Python\'s `abs` does not work on an expression; write `call("abs", x)`')


def check_constant(constant: object) -> None:
    """Raise TypeError for a Python value that cannot be a constant of an expression."""
    if isinstance(constant, float):
        raise TypeError(f"{constant!r} is a binary float, which is not exact; write `Decimal({str(constant)!r})`")
    if isinstance(constant, bool):  # most likely what `==` gives, which compares the trees
        raise TypeError(
            f"{constant} is a truth value of Python, not an expression; write `a.equals(b)` for `a == b`, "
            f"`~a.equals(b)` for `a != b`, and `LiteralSyntax({constant}, x.place)` for a constant"
        )
    if isinstance(constant, Decimal) and not constant.is_finite():
        raise TypeError(f"{constant} is not a number of the language")
    if not isinstance(constant, int | Decimal | str):
        raise TypeError(f"{constant!r:.80} cannot be part of an expression; constants are int, Decimal and str")


def check_parts(parts: Iterable[object]) -> None:
    """Raise TypeError for parts of an expression that are not expressions."""
    for part in parts:
        if not isinstance(part, PythonTraps):
            check_constant(part)
            raise TypeError(f"{part!r} is a constant of Python, not an expression; write `x.lift({part!r})`")


def _no_number(name: str, instead: str) -> str:
    return f"an expression has no value while a policy is compiled, so `{name}` does not work on it; write `{instead}`"


def _no_rounding(name: str) -> str:
    return f"`math.{name}` does not work on an expression; write `x.rounded(0, mode)`"
