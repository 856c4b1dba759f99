"""Expressions that are timestamps, and the time between two."""

from collections.abc import Sequence
from typing import Final

from scorecore.values.types import PLACES, TypeKind
from strategies.terms import CLOCKS, Term
from strategies.writer import Form, Writer


def leaf(write: Writer, _most: int) -> Term:
    candidates = write.known(TypeKind.TIMESTAMP)
    if candidates and not write.chance(25):
        return write.read(write.pick(candidates))
    return at_clock(write, 0, 0)


def at_clock(write: Writer, budget: int, _most: int) -> Term:
    return Term(f"at({write.day(budget).text}, '{write.pick(CLOCKS)}')", TypeKind.TIMESTAMP)


def either(write: Writer, budget: int, _most: int) -> Term:
    text = f"({write.truth(budget).text} ? {write.time(budget).text} : {write.time(budget).text})"
    return Term(text, TypeKind.TIMESTAMP)


def elapsed(write: Writer, budget: int, _most: int) -> Term:
    name = write.pick(["minutes_between", "hours_between"])
    text = f"{name}({write.time(budget).text}, {write.time(budget).text})"
    return Term(text, TypeKind.DECIMAL, 10, PLACES)


def worked(write: Writer, budget: int, _most: int) -> Term | None:
    if not write.timed and not (write.calendars and write.daring):
        return None
    name = write.pick(["workminutes", "workhours"])
    calendar = write.pick(write.timed or write.calendars)
    text = f"{name}({write.time(budget).text}, {write.time(budget).text}, '{calendar}')"
    return Term(text, TypeKind.DECIMAL, 9, PLACES)


FORMS: Final[Sequence[Form | None]] = (None, None, at_clock, either)
