"""Expressions that are dates."""

from scorecore.types import Kind
from strategies.terms import DAYS, Term
from strategies.writer import Writer


def leaf(write: Writer, _most: int) -> Term:
    known = [*write.known(Kind.DATE), *(Term(f"period.{end}", Kind.DATE) for end in ("start", "end"))]
    if write.chance(25):
        return Term(f"date('{write.pick(DAYS)}')", Kind.DATE)
    return write.read(write.pick(known))


def either(write: Writer, budget: int, _most: int) -> Term:
    text = f"({write.truth(budget).text} ? {write.day(budget).text} : {write.day(budget).text})"
    return Term(text, Kind.DATE)
