"""Quotients as they are: a numerator and a denominator, beside decimals, until the policy rounds them by name.

A `Decimal` defers to a `Ratio` in arithmetic and comparisons, so that code that computes need not ask which one it has.
"""

from decimal import (
    ROUND_05UP,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction
from math import gcd
from typing import Any, Final

_LARGEST_EXPONENT: Final = 9999
_FAULTS: Final = [DivisionByZero, InvalidOperation, Overflow]
EXACT: Final = Context(
    prec=999, rounding=ROUND_HALF_EVEN, Emin=-_LARGEST_EXPONENT, Emax=_LARGEST_EXPONENT, traps=[*_FAULTS, Inexact]
)
"""Holds the exact sum and product of any two decimals that the bounds allow, and refuses to round. For all of rows."""
ROUNDING: Final = Context(
    prec=999, rounding=ROUND_HALF_EVEN, Emin=-_LARGEST_EXPONENT, Emax=_LARGEST_EXPONENT, traps=_FAULTS
)
"""For what the policy rounds by name."""
STICKY: Final = Context(prec=60, rounding=ROUND_05UP, Emin=-_LARGEST_EXPONENT, Emax=_LARGEST_EXPONENT, traps=_FAULTS)
"""Divides so that a later rounding to fewer digits, in any direction, is the rounding of the exact quotient."""
SHOWN_PLACES: Final = 12
"""Decimal places of a quotient that people see."""
_SHOWN: Final = Decimal(1).scaleb(-SHOWN_PLACES)


class Ratio:
    """A number that need not be a decimal: `over / under` in lowest terms, `under` positive.

    One that is only rounded or shown is never brought to lowest terms.
    """

    __slots__ = ("_is_fresh", "_over", "_under", "dividend", "divisor")
    _over: int
    _under: int

    def __init__(self, dividend: int | Decimal, divisor: int | Decimal, *, is_fresh: bool = True) -> None:
        """A fresh one may be multiplied once more before it is brought to lowest terms, so that digits stay few."""
        self.dividend = dividend
        self.divisor = divisor
        self._is_fresh = is_fresh
        self._under = 0

    @property
    def over(self) -> int:
        if not self._under:
            self._reduce()
        return self._over

    @property
    def under(self) -> int:
        if not self._under:
            self._reduce()
        return self._under

    def _reduce(self) -> None:
        """Find the lowest terms."""
        over, under = self.dividend.as_integer_ratio()
        times, by = self.divisor.as_integer_ratio()
        over, under = over * by, under * times
        common = gcd(over, under) if under > 0 else -gcd(over, under)
        self.dividend = self._over = over // common
        self.divisor = self._under = under // common
        self._is_fresh = False

    def __repr__(self) -> str:
        return f"Ratio({self.over}, {self.under})"

    def __str__(self) -> str:
        shown = self.quantize(_SHOWN)
        is_all = shown == self
        text = f"{shown:f}"
        return text.rstrip("0").rstrip(".") if is_all else f"{text}…"

    def __hash__(self) -> int:
        return hash(Fraction(self.over, self.under))

    def __reduce__(self) -> tuple[type["Ratio"], tuple[int, int]]:
        return Ratio, (self.over, self.under)

    def __bool__(self) -> bool:
        return bool(self.over)

    def __neg__(self) -> "Ratio":
        return Ratio(-self.over, self.under)

    def __abs__(self) -> "Ratio":
        return Ratio(abs(self.over), self.under)

    def __int__(self) -> int:
        """Without its decimal places."""
        whole = abs(self.over) // self.under
        return whole if self.over >= 0 else -whole

    def __add__(self, other: Any) -> Any:  # noqa: ANN401  a number of any kind
        if self._is_fresh and isinstance(other, int | Decimal):
            dividend = EXACT.add(self.dividend, EXACT.multiply(other, self.divisor))
            return Ratio(dividend, self.divisor, is_fresh=False)
        over, under = _parts(other)
        return Ratio(self.over * under + over * self.under, self.under * under) if under else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:  # noqa: ANN401
        if self._is_fresh and isinstance(other, int | Decimal):
            return self + EXACT.minus(other)
        over, under = _parts(other)
        return Ratio(self.over * under - over * self.under, self.under * under) if under else NotImplemented

    def __rsub__(self, other: Any) -> Any:  # noqa: ANN401
        return -self + other

    def __mul__(self, other: Any) -> Any:  # noqa: ANN401
        if self._is_fresh and isinstance(other, int | Decimal):
            return Ratio(EXACT.multiply(self.dividend, other), self.divisor, is_fresh=False)
        over, under = _parts(other)
        return Ratio(self.over * over, self.under * under) if under else NotImplemented

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        over, under = _parts(other)
        return self.over * under == over * self.under if under else NotImplemented

    def __lt__(self, other: Any) -> bool:  # noqa: ANN401
        if self._is_fresh and self.divisor > 0 and isinstance(other, int | Decimal):
            return self.dividend < EXACT.multiply(other, self.divisor)
        over, under = _parts(other)
        return self.over * under < over * self.under if under else NotImplemented

    def __le__(self, other: Any) -> bool:  # noqa: ANN401
        if self._is_fresh and self.divisor > 0 and isinstance(other, int | Decimal):
            return self.dividend <= EXACT.multiply(other, self.divisor)
        over, under = _parts(other)
        return self.over * under <= over * self.under if under else NotImplemented

    def __gt__(self, other: Any) -> bool:  # noqa: ANN401
        if self._is_fresh and self.divisor > 0 and isinstance(other, int | Decimal):
            return self.dividend > EXACT.multiply(other, self.divisor)
        over, under = _parts(other)
        return self.over * under > over * self.under if under else NotImplemented

    def __ge__(self, other: Any) -> bool:  # noqa: ANN401
        if self._is_fresh and self.divisor > 0 and isinstance(other, int | Decimal):
            return self.dividend >= EXACT.multiply(other, self.divisor)
        over, under = _parts(other)
        return self.over * under >= over * self.under if under else NotImplemented

    def quantize(
        self, last_place: Decimal, rounding: str = ROUND_HALF_EVEN, _context: Context | None = None
    ) -> Decimal:
        """Rounded by name, as `Decimal.quantize` rounds."""
        return STICKY.divide(self.dividend, self.divisor).quantize(last_place, rounding, ROUNDING)


def _parts(number: object) -> tuple[int, int]:
    """Numerator and denominator of a number; a denominator of 0 for anything else."""
    if isinstance(number, Ratio):
        return number.over, number.under
    if isinstance(number, int | Decimal):
        return number.as_integer_ratio()
    return 0, 0


def make_ratio(dividend: "int | Decimal | Ratio", divisor: "int | Decimal | Ratio") -> Ratio:
    """The exact quotient; the divisor is not zero."""
    if isinstance(dividend, int | Decimal) and isinstance(divisor, int | Decimal):
        return Ratio(dividend, divisor)
    over, under = _parts(dividend)
    times, by = _parts(divisor)
    return Ratio(over * by, times * under)
