"""Expressions that are texts."""

from collections.abc import Sequence
from typing import Final

from scorecore.values.types import TypeKind
from strategies import aggregates
from strategies.decimals import key_for, text_for, text_of
from strategies.terms import Term, cel, together
from strategies.values import TEXTS
from strategies.writer import Form, Writer


def leaf(write: Writer, _most: int) -> Term:
    known = write.known(TypeKind.STRING)
    if known and not write.chance(25):
        return write.read(write.pick(known))
    text = write.pick(TEXTS)
    return Term(cel(text), TypeKind.STRING, among=(text,))


def either(write: Writer, budget: int, _most: int) -> Term:
    one, other = write.text(budget), write.text(budget)
    text = f"({write.truth(budget).text} ? {one.text} : {other.text})"
    return Term(text, TypeKind.STRING, among=together(one, other))


def joined(write: Writer, budget: int, _most: int) -> Term:
    one, other = write.text(budget), write.text(budget)
    among = one.among and other.among and tuple(before + after for before in one.among for after in other.among)
    return Term(f"({one.text} + {other.text})", TypeKind.STRING, among=among)


def looked_up(write: Writer, budget: int, most: int) -> Term | None:
    """What a table of texts gives."""
    tables = [one for one in write.tables if one.among is not None]
    if not tables:
        return None
    table = write.pick(tables)
    key = text_for(write, budget) if table.kind == "exact" else key_for(write, table, write.number(budget, most))
    return Term(f"tables.{table.name}({text_of(write, table)}{key.text})", TypeKind.STRING, among=table.among)


def earlier(write: Writer, _budget: int, most: int) -> Term | None:
    return aggregates.earlier(write, TypeKind.STRING, most)


def keyed(write: Writer, _budget: int, most: int) -> Term | None:
    return aggregates.keyed(write, TypeKind.STRING, most)


FORMS: Final[Sequence[Form | None]] = (None, None, either, joined, keyed, earlier, *(looked_up,) * 4)
