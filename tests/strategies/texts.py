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
    candidates = write.known(TypeKind.STRING)
    if candidates and not write.chance(25):
        return write.read(write.pick(candidates))
    text = write.pick(TEXTS)
    return Term(cel(text), TypeKind.STRING, among=(text,))


def either(write: Writer, budget: int, _most: int) -> Term:
    left, right = write.text(budget), write.text(budget)
    text = f"({write.truth(budget).text} ? {left.text} : {right.text})"
    return Term(text, TypeKind.STRING, among=together(left, right))


def joined(write: Writer, budget: int, _most: int) -> Term:
    left, right = write.text(budget), write.text(budget)
    among = left.among and right.among and tuple(before + after for before in left.among for after in right.among)
    return Term(f"({left.text} + {right.text})", TypeKind.STRING, among=among)


def looked_up(write: Writer, budget: int, most: int) -> Term | None:
    """What a table of texts gives."""
    tables = [text_table for text_table in write.tables if text_table.among is not None]
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
