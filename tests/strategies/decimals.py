"""Expressions that are decimals."""

from collections.abc import Callable, Sequence
from typing import Final

from scorecore.language.operators.rounding import MODES
from scorecore.values.types import (
    MAX_DIGITS,
    PLACES,
    TypeKind,
    count_places,
)
from strategies import aggregates, grouped, times
from strategies.terms import ROUND, Sketch, Term, cel, literal, plain
from strategies.writer import Form, Writer


def leaf(write: Writer, most: int) -> Term:
    candidates = write.known(TypeKind.DECIMAL, most)
    if candidates and not write.chance(25):
        return write.read(write.pick(candidates))
    return write.constant(most)


def sum_of_two(write: Writer, budget: int, most: int) -> Term:
    left, right = write.decimal(budget, most - 1), write.number(budget, most - 1)
    if write.chance(50):
        left, right = right, left
    sign = write.pick(["+", "-"])
    digits, places = max(left.digits, right.digits) + 1, max(left.places, right.places)
    return Term(f"({left.text} {sign} {right.text})", TypeKind.DECIMAL, digits, places)


def long_sum(write: Writer, _budget: int, most: int) -> Term:
    parts = [leaf(write, most - 2) for _ in range(write.count(3, 12))]
    text = " + ".join(part.text for part in parts)
    return Term(f"({text})", TypeKind.DECIMAL, max(part.digits for part in parts) + 2, PLACES)


def product(write: Writer, budget: int, most: int) -> Term:
    left = write.decimal(budget, max(1, most * 2 // 3))
    right = write.number(budget, max(1, most - left.digits))
    digits, places = left.digits + right.digits, min(PLACES, left.places + right.places)
    if write.chance(30):
        left, right = right, left
    return Term(f"({left.text} * {right.text})", TypeKind.DECIMAL, digits, places)


def quotient(write: Writer, budget: int, most: int) -> Term:
    way = write.pick(["constant", "guarded", "free"])
    if way == "constant":
        under = literal(write.pick([edge for edge in (*ROUND, *write.edges) if edge and count_places(edge) <= 6]))
        smallest = 6
    elif way == "guarded":
        guarded = write.decimal(budget, most)
        under = Term(f"greatest({guarded.text}, 1.0)", TypeKind.DECIMAL, max(1, guarded.digits), guarded.places)
        smallest = 0
    else:
        under = write.number(budget, most)
        smallest = under.places
    over = write.decimal(budget, max(0, most - smallest))
    return Term(f"({over.text} / {under.text})", TypeKind.DECIMAL, over.digits + smallest, PLACES)


def signed(write: Writer, budget: int, most: int) -> Term:
    operand = write.decimal(budget, most)
    text = f"(-{operand.text})" if write.chance(50) and not operand.text.startswith("-") else f"abs({operand.text})"
    return Term(text, TypeKind.DECIMAL, operand.digits, operand.places)


def extreme(write: Writer, budget: int, most: int) -> Term:
    parts = [write.decimal(budget, most), *(write.number(budget, most) for _ in range(write.count(0, 2)))]
    name = write.pick(["least", "greatest"])
    text = f"{name}({', '.join(part.text for part in parts)})"
    return Term(text, TypeKind.DECIMAL, max(part.digits for part in parts), max(part.places for part in parts))


def rounded(write: Writer, budget: int, most: int) -> Term:
    """A rounding, more often than not one that fuses with what is inside."""
    ways: tuple[Callable[[Writer, int, int], Term], ...] = (product, quotient, Writer.decimal)
    inside = write.pick(ways)(write, budget, most - 1)
    places = write.pick([2, 0, 1, 4, 11, 12, 6])
    mode = f", '{write.pick(list(MODES))}'" if write.chance(70) else ""
    places_left = min(places, inside.places)
    return Term(f"round({inside.text}, {places}{mode})", TypeKind.DECIMAL, inside.digits + 1, places_left)


def either(write: Writer, budget: int, most: int) -> Term:
    then, otherwise = write.decimal(budget, most), write.number(budget, most)
    text = f"({write.truth(budget).text} ? {then.text} : {otherwise.text})"
    return Term(text, TypeKind.DECIMAL, max(then.digits, otherwise.digits), max(then.places, otherwise.places))


def many_cases(write: Writer, _budget: int, most: int) -> Term:
    cases = [(write.truth(1), leaf(write, most)) for _ in range(write.count(2, 5))]
    last = leaf(write, most)
    text = "".join(f"{when.text} ? {then.text} : " for when, then in cases)
    return Term(f"({text}{last.text})", TypeKind.DECIMAL, max(last.digits, *(then.digits for _, then in cases)), PLACES)


def widened(write: Writer, budget: int, most: int) -> Term:
    operand = write.integer(budget, most)
    return Term(f"decimal({operand.text})", TypeKind.DECIMAL, operand.digits, 0)


def looked_up(write: Writer, budget: int, most: int) -> Term | None:
    tables = [rate_table for rate_table in write.tables if rate_table.among is None]
    if not tables:
        return None
    table = write.pick(tables)
    if table.kind == "exact":
        key = text_for(write, budget)
        return Term(f"tables.{table.name}({key.text})", TypeKind.DECIMAL, table.digits, table.places)
    key = key_for(write, table, write.number(budget, most))
    asked = f"{text_of(write, table)}{key.text}"
    if table.kind != "marginal":
        places = PLACES if table.kind == "interpolated" else table.places
        return Term(f"tables.{table.name}({asked})", TypeKind.DECIMAL, table.digits, places)
    total = table.digits + key.digits + 1
    if write.chance(40) and (write.daring or total + key.places <= MAX_DIGITS):
        return Term(f"tables.{table.name}.rate({asked})", TypeKind.DECIMAL, table.digits, PLACES)
    return Term(f"tables.{table.name}({asked})", TypeKind.DECIMAL, total, PLACES)


def text_of(write: Writer, table: Sketch) -> str:
    """The text of which a table has bands, mostly one that it has."""
    if not table.texts:
        return ""
    text = cel(write.pick(table.texts)) if write.chance(50) else write.text(1).text
    return f"{text}, "


def key_for(write: Writer, table: Sketch, key: Term) -> Term:
    """A key, mostly kept between the outer edges of the table."""
    if not write.chance(60):
        return key
    digits = max(key.digits, len(plain(table.high).partition(".")[0]))
    text = f"least(greatest({key.text}, {plain(table.low)}), {plain(table.high)})"
    return Term(text, TypeKind.DECIMAL, digits, max(key.places, count_places(table.low), count_places(table.high)))


def text_for(write: Writer, budget: int) -> Term:
    """A text that an exact table may have a row for."""
    return write.text(budget) if write.chance(50) else write.leaf(TypeKind.STRING)


def summed(write: Writer, budget: int, most: int) -> Term | None:
    return aggregates.summed(write, TypeKind.DECIMAL, budget, most)


def earlier(write: Writer, _budget: int, most: int) -> Term | None:
    return aggregates.earlier(write, TypeKind.DECIMAL, most)


def running(write: Writer, budget: int, most: int) -> Term | None:
    return aggregates.running(write, TypeKind.DECIMAL, budget, most)


def greatest(write: Writer, budget: int, most: int) -> Term | None:
    return aggregates.greatest(write, TypeKind.DECIMAL, budget, most)


def beside(write: Writer, budget: int, most: int) -> Term | None:
    return aggregates.beside(write, TypeKind.DECIMAL, budget, most)


def keyed(write: Writer, _budget: int, most: int) -> Term | None:
    return aggregates.keyed(write, TypeKind.DECIMAL, most)


def on_day(write: Writer, budget: int, most: int) -> Term | None:
    return aggregates.on_day(write, TypeKind.DECIMAL, budget, most)


FORMS: Final[Sequence[Form | None]] = (
    *(None, sum_of_two, sum_of_two, product, product, quotient, rounded, rounded, rounded),
    *(signed, extreme, extreme, either, either, looked_up, looked_up, looked_up),
    *(summed, summed, widened, earlier, long_sum, many_cases, times.elapsed, times.worked),
    *(grouped.number, grouped.number, running, greatest, keyed, beside, on_day),
)
