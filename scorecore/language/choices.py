"""A value with exceptions, and a value by rows of conditions: what both mean in the language without sugar.

Rows are halved again and again, so that many are not nested too deep.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import combinations
from typing import Final, Literal

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.source import Location
from scorecore.language.build import apply_operator, make_constant
from scorecore.language.expressions import ChoiceException, Expression
from scorecore.language.operators.operator import OperandTypeError

Hit = Literal["unique", "first", "any", "sum"]
"""Which of the rows that hold count, as decision tables name it."""
MAX_ROWS: Final = 64
"""Of a value: who needs more has a table of bands or texts."""
_FEW: Final = 8
"""So many exceptions are compared pair by pair, as every program of before did."""
_NAMED_ROWS: Final = 3

Rows = Sequence[ChoiceException]
Leaf = Callable[[int], Expression]
"""What a value is where the row of that number is the first that holds."""


def expand_choice(rows: Rows, otherwise: Expression | None, hit: str | None, place: Location) -> Expression:
    """Raises OperandTypeError where the types of the values do not go together."""
    if hit is None and otherwise is not None and len(rows) <= _FEW:
        return _compare_pairs(rows, otherwise, place)
    if hit == "sum":
        return _add_up(rows, otherwise, place)
    leaves: dict[str | None, Leaf] = {
        "first": lambda number: rows[number].value,
        "any": lambda number: _if_all_agree(rows, number, place),
    }
    leaf = leaves.get(hit, lambda number: _if_alone(rows, number, place))
    return _or_else(_any_of(rows, place), _choose_first(rows, leaf, place), otherwise, place)


def _compare_pairs(exceptions: Rows, otherwise: Expression, place: Location) -> Expression:
    chosen = otherwise
    for exception in reversed(exceptions):
        chosen = apply_operator("if", (exception.when, exception.value, chosen), exception.when.place)
    for first, second in reversed(list(combinations(exceptions, 2))):
        collide = apply_operator("and", (first.when, second.when), first.when.place)
        apart = apply_operator("not", (collide,), first.when.place)
        chosen = apply_operator("require", (apart, chosen), place, *_collision([first, second]))
    return chosen


def _collision(rows: Rows) -> tuple[str, str, str]:
    """The reason: the first row, and those of which another holds as well."""
    first, *others = (row.clause for row in rows)
    more = ", …" if len(others) > _NAMED_ROWS else ""
    return catalogue.COLLIDE.code, first, ", ".join(others[:_NAMED_ROWS]) + more


def _or_else(holds: Expression, chosen: Expression, otherwise: Expression | None, place: Location) -> Expression:
    if otherwise is None:
        return apply_operator("require", (holds, chosen), place, catalogue.NO_ROW_HOLDS.code)
    return apply_operator("if", (holds, chosen, otherwise), place)


def _choose_first(rows: Rows, leaf: Leaf, place: Location, start: int = 0, end: int | None = None) -> Expression:
    """The value of the first row that holds; one of them does."""
    end = len(rows) if end is None else end
    if end - start == 1:
        return leaf(start)
    middle = (start + end) // 2
    sides = (_choose_first(rows, leaf, place, start, middle), _choose_first(rows, leaf, place, middle, end))
    return apply_operator("if", (_any_of(rows[start:middle], place), *sides), place)


def _any_of(rows: Rows, place: Location) -> Expression:
    return _join([row.when for row in rows], "or", place)


def _join(conditions: Sequence[Expression], operator: str, place: Location) -> Expression:
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    sides = (_join(conditions[:middle], operator, place), _join(conditions[middle:], operator, place))
    return apply_operator(operator, sides, place)


def _if_alone(rows: Rows, number: int, place: Location) -> Expression:
    """The value of a row, if none of those that follow holds."""
    row, following = rows[number], rows[number + 1 :]
    if not following:
        return row.value
    alone = apply_operator("not", (_any_of(following, place),), place)
    return apply_operator("require", (alone, row.value), place, *_collision(rows[number:]))


def _if_all_agree(rows: Rows, number: int, place: Location) -> Expression:
    """The value of a row, if those that follow and hold have the same."""
    row, following = rows[number], rows[number + 1 :]
    if not following:
        return row.value
    truth = make_constant(value=True, place=place)
    alike = [
        apply_operator("if", (other.when, apply_operator("==", (other.value, row.value), place), truth), place)
        for other in following
    ]
    return apply_operator("require", (_join(alike, "and", place), row.value), place, *_collision(rows[number:]))


def _add_up(rows: Rows, otherwise: Expression | None, place: Location) -> Expression:
    """The sum of the rows that hold; where none does, what it is otherwise, or else 0."""
    zero = make_constant(0, place)
    for row in rows:
        if not row.value.type.is_number:
            raise OperandTypeError(catalogue.WRONG_OPERANDS, operator="+", types=str(row.value.type))
    parts = [apply_operator("if", (row.when, row.value, zero), row.when.place) for row in rows]
    total = reduce(lambda left, right: apply_operator("+", (left, right), place), parts)
    return total if otherwise is None else _or_else(_any_of(rows, place), total, otherwise, place)
