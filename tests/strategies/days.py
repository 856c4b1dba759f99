"""Expressions that are dates."""

from collections.abc import Sequence
from typing import Final

from scorecore.values.types import TypeKind
from strategies import aggregates
from strategies.terms import DAYS, Term
from strategies.writer import Form, Writer


def leaf(write: Writer, _most: int) -> Term:
    candidates = [*write.known(TypeKind.DATE), *(Term(f"period.{end}", TypeKind.DATE) for end in ("start", "end"))]
    if write.chance(25):
        return Term(f"date('{write.pick(DAYS)}')", TypeKind.DATE)
    return write.read(write.pick(candidates))


def either(write: Writer, budget: int, _most: int) -> Term:
    text = f"({write.truth(budget).text} ? {write.day(budget).text} : {write.day(budget).text})"
    return Term(text, TypeKind.DATE)


def extreme(write: Writer, budget: int, _most: int) -> Term:
    text = f"{write.pick(['least', 'greatest'])}({write.day(budget).text}, {write.day(budget).text})"
    return Term(text, TypeKind.DATE)


def of_time(write: Writer, budget: int, _most: int) -> Term:
    return Term(f"date({write.time(budget).text})", TypeKind.DATE)


def later(write: Writer, budget: int, _most: int) -> Term:
    count = write.integer(budget) if write.chance(20) else write.integer(budget, 3)
    return Term(f"add_days({write.day(budget).text}, {count.text})", TypeKind.DATE)


def working(write: Writer, budget: int, _most: int) -> Term | None:
    if not write.calendars:
        return None
    count = (
        write.integer(budget)
        if write.chance(10)
        else Term(write.pick(["1", "0", "3", "5", "(-1)", "20"]), TypeKind.INT)
    )
    return Term(f"add_workdays({write.day(budget).text}, {count.text}, '{write.pick(write.calendars)}')", TypeKind.DATE)


def greatest(write: Writer, budget: int, most: int) -> Term | None:
    return aggregates.greatest(write, TypeKind.DATE, budget, most)


def beside(write: Writer, budget: int, most: int) -> Term | None:
    return aggregates.beside(write, TypeKind.DATE, budget, most)


def keyed(write: Writer, _budget: int, most: int) -> Term | None:
    return aggregates.keyed(write, TypeKind.DATE, most)


FORMS: Final[Sequence[Form | None]] = (None, None, either, extreme, of_time, later, working, greatest, keyed, beside)
