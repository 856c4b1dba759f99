"""Pieces of expressions as text, and what is known of them."""

import json
from decimal import Decimal
from typing import Final

from attrs import frozen

from scorecore.values.types import TypeKind, count_places


@frozen
class Term:
    """An expression as text: its kind, and what it can be, estimated generously."""

    text: str
    kind: TypeKind
    digits: int = 1
    """Digits before the point."""
    places: int = 0
    among: tuple[str, ...] | None = None
    optional: bool = False


@frozen
class Sketch:
    """A band table as far as expressions need to know it."""

    name: str
    kind: str
    digits: int
    places: int
    low: Decimal = Decimal(0)
    """Its lowest edge, and its highest."""
    high: Decimal = Decimal(0)
    among: tuple[str, ...] | None = None
    """What it gives, if that is texts."""
    texts: tuple[str, ...] = ()
    """For which it has bands of their own."""


def quoted(text: str) -> str:
    """A text as TOML has it."""
    return json.dumps(text, ensure_ascii=False)


def cel(text: str) -> str:
    """A text as CEL has it."""
    return "'{}'".format(text.replace("\\", "\\\\").replace("'", "\\'"))


def plain(value: Decimal) -> str:
    """A decimal as CEL and TOML have it."""
    text = f"{value:f}"
    return text if "." in text else f"{text}.0"


def literal(value: Decimal) -> Term:
    text = plain(value)
    integer = abs(int(value))
    return Term(
        f"({text})" if value < 0 else text, TypeKind.DECIMAL, len(str(integer)) if integer else 0, count_places(value)
    )


ROUND: Final = tuple(map(Decimal, ("0", "1", "0.5", "2", "100", "10", "0.01", "60", "0.1", "3", "7", "0.333333")))


ODD: Final = tuple(map(Decimal, ("0.000000000001", "1.000000000001", "99.995", "0.005", "2.675", "1000000", "-0.5")))


TODAY: Final = Term("period.end", TypeKind.DATE)


NOW: Final = Term("at(period.end, '17:00')", TypeKind.TIMESTAMP)


CLOCKS: Final = ("17:00", "00:00", "23:59:59", "12:30:01")


DAYS: Final = ("2024-05-31", "2024-02-29", "2024-01-01", "2023-12-31", "1999-10-31")


def together(first_term: Term, second_term: Term) -> tuple[str, ...] | None:
    if first_term.among is None or second_term.among is None:
        return None
    return tuple(dict.fromkeys(first_term.among + second_term.among))
