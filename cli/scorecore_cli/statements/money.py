"""Amounts as a statement has them."""

from decimal import Decimal
from typing import Final

from scorecore.values.types import count_places

MINUS: Final = "\u2212"
_CENTS: Final = 2


def format_money(amount: Decimal) -> str:
    """With two decimal places, or with all that it has."""
    unsigned_zero = amount or Decimal(0)
    return f"{unsigned_zero:,.{_count_shown(amount)}f}".replace("-", MINUS)


def format_change(change: Decimal) -> str:
    """With its sign."""
    return f"{change:+,.{_count_shown(change)}f}".replace("-", MINUS) if change else "0.00"


def _count_shown(amount: Decimal) -> int:
    return max(_CENTS, count_places(amount))
