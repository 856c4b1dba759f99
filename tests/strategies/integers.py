"""Expressions that are integers."""

from collections.abc import Sequence
from typing import Final

from scorecore.values.types import TypeKind
from strategies import aggregates, grouped
from strategies.terms import Term
from strategies.values import MAX_INT_DIGITS
from strategies.writer import Form, Writer


def leaf(write: Writer, most: int) -> Term:
    candidates = write.known(TypeKind.INT, most)
    if candidates and not write.chance(25):
        return write.read(write.pick(candidates))
    number = write.pick(
        [integer for integer in (1, 0, 2, 3, 10, 60, -1, 999_999_999) if len(str(abs(integer))) <= max(1, most)]
    )
    return Term(f"({number})" if number < 0 else str(number), TypeKind.INT, len(str(abs(number))))


def operation(write: Writer, budget: int, most: int) -> Term:
    sign = write.pick(["+", "-", "*"])
    left = write.integer(budget, max(1, most // 2))
    right = write.integer(budget, max(1, most // 2))
    digits = left.digits + right.digits if sign == "*" else max(left.digits, right.digits) + 1
    return Term(f"({left.text} {sign} {right.text})", TypeKind.INT, digits)


def function(write: Writer, budget: int, most: int) -> Term:
    left, right = write.integer(budget, most), write.integer(budget, most)
    name = write.pick(["least", "greatest", "quotient", "abs", "negate"])
    if name == "abs":
        return Term(f"abs({left.text})", TypeKind.INT, left.digits)
    if name == "negate":
        return Term(f"(-({left.text}))", TypeKind.INT, left.digits)
    if name == "quotient" and right.text == "0":
        right = Term("1", TypeKind.INT)
    return Term(f"{name}({left.text}, {right.text})", TypeKind.INT, max(left.digits, right.digits))


def cut(write: Writer, budget: int, most: int) -> Term:
    operand = write.decimal(budget, min(most, MAX_INT_DIGITS))
    return Term(f"int({operand.text})", TypeKind.INT, operand.digits)


def either(write: Writer, budget: int, most: int) -> Term:
    left, right = write.integer(budget, most), write.integer(budget, most)
    return Term(
        f"({write.truth(budget).text} ? {left.text} : {right.text})", TypeKind.INT, max(left.digits, right.digits)
    )


def of_dates(write: Writer, budget: int, _most: int) -> Term:
    left, right = write.day(budget), write.day(budget)
    name = write.pick(["days", "days_within", "months_between", "year", "month", "day"])
    if name in {"days", "days_within", "months_between"}:
        return Term(f"{name}({left.text}, {right.text})", TypeKind.INT, 7)
    return Term(f"{name}({left.text})", TypeKind.INT, 4)


def workdays(write: Writer, budget: int, _most: int) -> Term | None:
    if not write.calendars:
        return None
    text = f"workdays({write.day(budget).text}, {write.day(budget).text}, '{write.pick(write.calendars)}')"
    return Term(text, TypeKind.INT, 5)


def summed(write: Writer, budget: int, most: int) -> Term | None:
    return aggregates.summed(write, TypeKind.INT, budget, most)


def length(write: Writer, budget: int, _most: int) -> Term:
    operand = write.text(budget)
    return Term(f"size({operand.text})" if write.chance(50) else f"{operand.text}.size()", TypeKind.INT, 5)


FORMS: Final[Sequence[Form | None]] = (
    *(None, operation, operation, function, cut, either, of_dates, workdays),
    *(aggregates.counted, aggregates.counted, summed, length, aggregates.streak, aggregates.streak),
    *(grouped.whole, grouped.whole),
    *(aggregates.numbered, aggregates.numbered),
)
