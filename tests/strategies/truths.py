"""Expressions that are true or false."""

from collections.abc import Sequence
from typing import Final

from scorecore.values.types import MAX_DIGITS, TypeKind
from strategies import aggregates
from strategies.terms import CLOCKS, DAYS, Term, cel
from strategies.values import TEXTS
from strategies.writer import Form, Writer


def leaf(write: Writer, _most: int) -> Term:
    candidates = write.known(TypeKind.BOOL)
    if candidates and not write.chance(30):
        return write.read(write.pick(candidates))
    if write.chance(60):
        return compared_numbers(write, 0, MAX_DIGITS)
    return Term(write.pick(["true", "false"]), TypeKind.BOOL)


def compared_numbers(write: Writer, budget: int, _most: int) -> Term:
    left, right = write.number(budget, MAX_DIGITS - 1), write.number(min(budget, 1), MAX_DIGITS - 1)
    sign = write.pick([">", ">=", "<", "<=", "==", "!="])
    return Term(f"({left.text} {sign} {right.text})", TypeKind.BOOL)


def compared_texts(write: Writer, budget: int, _most: int) -> Term:
    left = write.text(budget)
    right = write.text(budget) if left.among is None else write.text_among(left.among)
    sign = write.pick(["==", "!=", "<", ">="])
    if write.chance(30):
        left, right = right, left
    return Term(f"({left.text} {sign} {right.text})", TypeKind.BOOL)


def compared_days(write: Writer, budget: int, _most: int) -> Term:
    kind = write.pick([TypeKind.DATE, TypeKind.TIMESTAMP])
    left, right = write.of(kind, budget), write.of(kind, budget)
    return Term(f"({left.text} {write.pick(['<', '<=', '==', '!=', '>', '>='])} {right.text})", TypeKind.BOOL)


def between(write: Writer, budget: int, _most: int) -> Term:
    kind = write.pick([TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.DECIMAL])
    parts = [write.of(kind, min(budget, 1)).text for _ in range(3)]
    return Term(f"between({', '.join(parts)})", TypeKind.BOOL)


def combined(write: Writer, budget: int, _most: int) -> Term:
    parts = [write.truth(budget) for _ in range(write.count(2, 3))]
    sign = write.pick([" && ", " || "])
    return Term(f"({sign.join(part.text for part in parts)})", TypeKind.BOOL)


def denied(write: Writer, budget: int, _most: int) -> Term:
    return Term(f"!{write.truth(budget).text}", TypeKind.BOOL)


def either(write: Writer, budget: int, _most: int) -> Term:
    three = [write.truth(budget).text for _ in range(3)]
    return Term("({} ? {} : {})".format(*three), TypeKind.BOOL)


def one_of(write: Writer, budget: int, _most: int) -> Term:
    kind = write.pick([TypeKind.DECIMAL, TypeKind.STRING, TypeKind.INT, TypeKind.DATE, TypeKind.TIMESTAMP])
    operand = write.of(kind, budget)
    if kind is TypeKind.STRING:
        texts = [cel(write.pick(operand.among or TEXTS)) for _ in range(write.count(0, 3))]
    elif kind is TypeKind.DATE:
        texts = [f"date('{write.pick(DAYS)}')" for _ in range(write.count(1, 2))]
    elif kind is TypeKind.TIMESTAMP:
        texts = [f"at(date('{write.pick(DAYS)}'), '{write.pick(CLOCKS)}')" for _ in range(write.count(1, 2))]
    else:
        texts = [write.constant(MAX_DIGITS).text for _ in range(write.count(1, 3))]
        texts += ["3"] if write.chance(50) else []
    return Term(f"({operand.text} in [{', '.join(texts)}])", TypeKind.BOOL)


def there(write: Writer, _budget: int, _most: int) -> Term | None:
    optional = [term.text for term in write.names if term.optional]
    if not write.variable:
        optional += [f"history[{write.pick([1, 2, 5])}].{term.text}" for term in write.history]
    return Term(f"has({write.pick(optional)})", TypeKind.BOOL) if optional else None


def on_workday(write: Writer, budget: int, _most: int) -> Term | None:
    if not write.calendars:
        return None
    return Term(f"is_workday({write.day(budget).text}, '{write.pick(write.calendars)}')", TypeKind.BOOL)


def part_of_text(write: Writer, budget: int, _most: int) -> Term:
    operand = write.text(budget)
    name = write.pick(["contains", "startsWith", "endsWith"])
    return Term(f"{operand.text}.{name}({write.text(0).text})", TypeKind.BOOL)


def earlier(write: Writer, _budget: int, most: int) -> Term | None:
    return aggregates.earlier(write, TypeKind.BOOL, most)


FORMS: Final[Sequence[Form | None]] = (
    *(None, compared_numbers, compared_numbers, compared_numbers, compared_texts, compared_days, between),
    *(
        combined,
        combined,
        denied,
        either,
        one_of,
        there,
        aggregates.asked,
        aggregates.asked,
        earlier,
        part_of_text,
        on_workday,
    ),
)
