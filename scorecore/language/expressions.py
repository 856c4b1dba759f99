"""Typed expressions: what programs are made of. Building one finds its type, and proves that it fits."""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from enum import Enum
from typing import Any, Final

from attrs import field, frozen

from scorecore.diagnostics.source import Location
from scorecore.language.operators import EXACT, OPERATORS, UndefinedResult
from scorecore.language.operators.rounding import rounded_type
from scorecore.values.types import (
    BOOL,
    Type,
    TypeKind,
    Value,
    from_units,
    type_of_constant,
)

HISTORY: Final = "history"
"""The table of earlier periods: one row each, with `ago` from 1, the latest first."""
AGO: Final = "ago"


@frozen
class Expression:
    """A typed expression; `place` is where the policy says it."""

    type: Type
    place: Location = field(eq=False, repr=False)


@frozen
class Constant(Expression):
    value: Value


@frozen
class Read(Expression):
    """A value of the subject and period: a fact, a step, `parameters.x`, `period.x`."""

    name: str


@frozen
class Field(Expression):
    """A field of the event, or of the earlier period, that is being looked at."""

    table: str
    name: str


@frozen
class Running(Expression):
    """The points of an account so far, before the entry that reads it."""


@frozen
class Apply(Expression):
    operator: str
    operands: tuple[Expression, ...]
    options: tuple[Any, ...] = ()


@frozen
class Lookup(Expression):
    """The value of a band table at a number or text."""

    table: str
    key: Expression


@frozen
class Has(Expression):
    """Whether an optional fact, or a value of an earlier period, is there."""

    of: "Read | Field | Aggregate"


@frozen
class Nth(Expression):
    """Which one an event is, from 1, among the subject's events of `table` that have the same `by` and meet `where`."""

    table: str
    order: Expression
    by: Expression | None = None
    where: Expression | None = None


class Fold(Enum):
    """How many rows of a table become one value."""

    SIZE = "size"
    SUM = "sum"
    EXISTS = "exists"
    ALL = "all"
    EXISTS_ONE = "exists_one"
    AT = "at"
    """Of history: the value `ago` periods ago."""
    LAST = "last"
    """Of history: the latest value; `default` if there is no earlier period."""
    ONE = "one"
    """Of decisions of another policy: the value in the only row."""
    RUN = "run"
    """Of history: how many preceding periods without a gap, from the last one back, meet the condition."""


@frozen
class Aggregate(Expression):
    """One value from the rows of `table` for which `where` holds."""

    fold: Fold
    table: str
    where: Expression | None = None
    value: Expression | None = None
    ago: int = 0
    default: Constant | None = None


def subexpressions(of: Expression) -> Iterator[Expression]:
    """The expressions that one is directly made of."""
    match of:
        case Apply():
            yield from of.operands
        case Lookup():
            yield of.key
        case Has():
            yield of.of
        case Nth():
            yield from (one for one in (of.order, of.by, of.where) if one is not None)
        case Aggregate():
            yield from (one for one in (of.where, of.value, of.default) if one is not None)


def walk(of: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of, outside first."""
    yield of
    for part in subexpressions(of):
        yield from walk(part)


def nesting_depth(of: Expression) -> int:
    """How many expressions stand inside each other."""
    return 1 + max(map(nesting_depth, subexpressions(of)), default=0)


def reads(of: Expression) -> Iterator[str]:
    """The names of the values of the subject that an expression reads."""
    return (one.name for one in walk(of) if isinstance(one, Read))


def make_constant(value: Value, place: Location) -> Constant:
    return Constant(type_of_constant(value), place, value)


def apply_operator(operator: str, operands: tuple[Expression, ...], place: Location, *options: Any) -> Expression:  # noqa: ANN401  constants of any type
    """`operator` on operands; raises Unfit if it does not take their types.

    A rounding is pushed into the branches of a condition and fuses with the `*` or `/` directly inside it. Where a
    decimal is formed out of an integer and a decimal, the integer is made a decimal first.
    """
    if operator == "round":
        return _round(operands[0], place, *options)
    of = OPERATORS[operator].type(*(one.type for one in operands), *options)
    if OPERATORS[operator].strict and all(isinstance(one, Constant) for one in operands):
        folded = _folded(operator, operands, place, *options)
        if folded is not None:
            return folded
    if of.is_decimal and operator in _ALIKE:
        operands = tuple(widen_to_decimal(one) for one in operands)
    return Apply(of, place, operator, operands, options)


def _folded(
    operator: str,
    operands: tuple[Expression, ...],
    place: Location,
    *options: Any,  # noqa: ANN401  constants of any type
) -> Constant | None:
    """What an operator gives on constants, unless it has no value there."""
    values = [one.value for one in operands if isinstance(one, Constant)]
    try:
        with localcontext(EXACT):
            return make_constant(OPERATORS[operator].value(*values, *options), place)
    except UndefinedResult:
        return None


_ALIKE: Final = frozenset({"if", "least", "greatest"})


def widen_to_decimal(of: Expression) -> Expression:
    """An integer as a decimal; anything else as it is."""
    if of.type.kind is not TypeKind.INT:
        return of
    if isinstance(of, Constant) and isinstance(of.value, int):
        return make_constant(Decimal(of.value), of.place)
    return apply_operator("decimal", (of,), of.place)


def _round(of: Expression, place: Location, places: int, mode: str) -> Expression:
    checked = OPERATORS["round"].type(of.type, places, mode)
    match of:
        case Apply(operator="if", operands=(condition, then, otherwise)):
            branches = [_round(one, place, places, mode) for one in (then, otherwise)]
            return apply_operator("if", (condition, *branches), place)
        case Apply(operator="require", operands=(condition, inside)):
            return apply_operator("require", (condition, _round(inside, place, places, mode)), of.place, *of.options)
        case Apply(operator="within", operands=(inside,)):
            outside = rounded_type(of.type, places)
            ends = (from_units(outside.low), from_units(outside.high))
            return apply_operator("within", (_round(inside, place, places, mode),), place, *ends)
        case Apply(operator="*", operands=(left, right)) if left.type.places + right.type.places > places:
            return Apply(
                OPERATORS["round_product"].type(left.type, right.type, places, mode),
                place,
                "round_product",
                of.operands,
                (places, mode),
            )
        case Apply(operator="/", operands=(left, right)):
            return Apply(
                OPERATORS["round_quotient"].type(left.type, right.type, places, mode),
                place,
                "round_quotient",
                of.operands,
                (places, mode),
            )
    if of.type.places <= places:
        return of
    return Apply(checked, place, "round", (of,), (places, mode))


def conjoin(left: Expression | None, right: Expression | None) -> Expression | None:
    """`left && right`, where a missing condition holds."""
    if left is None or right is None:
        return left or right
    return Apply(BOOL, left.place, "and", (left, right))
