"""Expressions that are integers."""

from collections.abc import Sequence
from typing import Final

from scorecore.values.types import TypeKind
from strategies import aggregates, grouped
from strategies.terms import Term
from strategies.values import MAX_INT_DIGITS
from strategies.writer import Form, Writer


def leaf(write: Writer, most: int) -> Term:
    known = write.known(TypeKind.INT, most)
    if known and not write.chance(25):
        return write.read(write.pick(known))
    number = write.pick([one for one in (1, 0, 2, 3, 10, 60, -1, 999_999_999) if len(str(abs(one))) <= max(1, most)])
    return Term(f"({number})" if number < 0 else str(number), TypeKind.INT, len(str(abs(number))))


def operation(write: Writer, budget: int, most: int) -> Term:
    sign = write.pick(["+", "-", "*"])
    left = write.integer(budget, max(1, most // 2))
    right = write.integer(budget, max(1, most // 2))
    digits = left.digits + right.digits if sign == "*" else max(left.digits, right.digits) + 1
    return Term(f"({left.text} {sign} {right.text})", TypeKind.INT, digits)


def function(write: Writer, budget: int, most: int) -> Term:
    one, other = write.integer(budget, most), write.integer(budget, most)
    name = write.pick(["least", "greatest", "quotient", "abs", "negate"])
    if name == "abs":
        return Term(f"abs({one.text})", TypeKind.INT, one.digits)
    if name == "negate":
        return Term(f"(-({one.text}))", TypeKind.INT, one.digits)
    if name == "quotient" and other.text == "0":
        other = Term("1", TypeKind.INT)
    return Term(f"{name}({one.text}, {other.text})", TypeKind.INT, max(one.digits, other.digits))


def cut(write: Writer, budget: int, most: int) -> Term:
    of = write.decimal(budget, min(most, MAX_INT_DIGITS))
    return Term(f"int({of.text})", TypeKind.INT, of.digits)


def either(write: Writer, budget: int, most: int) -> Term:
    one, other = write.integer(budget, most), write.integer(budget, most)
    return Term(
        f"({write.truth(budget).text} ? {one.text} : {other.text})", TypeKind.INT, max(one.digits, other.digits)
    )


def of_dates(write: Writer, budget: int, _most: int) -> Term:
    one, other = write.day(budget), write.day(budget)
    name = write.pick(["days", "days_within", "months_between", "year", "month", "day"])
    if name in {"days", "days_within", "months_between"}:
        return Term(f"{name}({one.text}, {other.text})", TypeKind.INT, 7)
    return Term(f"{name}({one.text})", TypeKind.INT, 4)


def workdays(write: Writer, budget: int, _most: int) -> Term | None:
    if not write.calendars:
        return None
    text = f"workdays({write.day(budget).text}, {write.day(budget).text}, '{write.pick(write.calendars)}')"
    return Term(text, TypeKind.INT, 5)


def summed(write: Writer, budget: int, most: int) -> Term | None:
    return aggregates.summed(write, TypeKind.INT, budget, most)


def length(write: Writer, budget: int, _most: int) -> Term:
    of = write.text(budget)
    return Term(f"size({of.text})" if write.chance(50) else f"{of.text}.size()", TypeKind.INT, 5)


FORMS: Final[Sequence[Form | None]] = (
    *(None, operation, operation, function, cut, either, of_dates, workdays),
    *(aggregates.counted, aggregates.counted, summed, length, aggregates.streak, aggregates.streak),
    *(grouped.whole, grouped.whole),
    *(aggregates.numbered, aggregates.numbered),
)
