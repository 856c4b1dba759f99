"""Expressions about all members of a group."""

from scorecore.values.types import MAX_DIGITS, PLACES, TypeKind
from strategies.terms import Term
from strategies.writer import Writer


def whole(write: Writer, budget: int, _most: int) -> Term | None:
    """A place, or how many members meet a condition."""
    if not write.groups or (write.variable and not write.chance(3)):
        return None
    group = write.pick(list(write.groups))
    if write.groups[group] in {"", "mean"} or write.pick(["rank", "rank", "count"]) == "count":
        return Term(f"count_in({write.truth(min(budget, 2)).text}, '{group}')", TypeKind.INT, 7)
    further = f"{write.number(0).text}, " if write.chance(30) else ""
    return Term(f"rank({write.number(min(budget, 2)).text}, {further}'{group}')", TypeKind.INT, 7)


def number(write: Writer, budget: int, most: int) -> Term | None:
    """A sum, a mean, a share: decimals that depend on all members."""
    if not write.groups or (write.variable and not write.chance(3)):
        return None
    group, budget = write.pick(list(write.groups)), min(budget, 2)
    ways = ["sum_in", "mean_in", "greatest_in", "least_in", "pool", "pool"]
    way = write.pick(ways + ["rank"] * (write.groups[group] == "mean"))
    if way == "pool":
        return _pool(write, group, budget, most)
    operand = write.decimal(budget, most - 7 if way == "sum_in" else most)
    digits, places = (operand.digits + 7, operand.places) if way == "sum_in" else (operand.digits, PLACES)
    return Term(f"{way}({operand.text}, '{group}')", TypeKind.DECIMAL, 7 if way == "rank" else digits, places)


def _pool(write: Writer, group: str, budget: int, most: int) -> Term:
    """An amount that is the same for all members, more often than not, by weights of any kind."""
    places = write.pick([2, 0, 4, 12])
    shares = [term for term in write.known(TypeKind.DECIMAL, most - 8) if term.text.startswith("parameters.")]
    amount = write.pick(shares) if shares and write.chance(50) else write.constant(most)
    if write.chance(30):
        inner = write.decimal(0, max(1, min(most, MAX_DIGITS) - 8))
        amount = Term(
            f"{write.pick(['sum_in', 'greatest_in'])}({inner.text}, '{group}')", TypeKind.DECIMAL, inner.digits + 7
        )
    if write.chance(5):
        amount = write.decimal(budget, most - 1)
    weight = write.number(budget, 12)
    by = weight.text if write.chance(30) else f"abs({weight.text})"
    text = f"pool(round({amount.text}, {places}), {by}, '{group}', {places})"
    return Term(text, TypeKind.DECIMAL, amount.digits + 1, places)
