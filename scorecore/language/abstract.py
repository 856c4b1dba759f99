"""What an expression can be where not everything that it reads is known: the one abstract interpretation.

It is sound: no value that an expression can have is left out. It is not exact: what is read twice is taken to be two
things, so that a value may be kept that the expression cannot have.
"""

from collections.abc import Callable, Iterable
from decimal import localcontext
from itertools import product
from math import prod
from operator import eq, ge, gt, le, lt, ne
from typing import Final, TypeAlias

from attrs import evolve, frozen

from scorecore.language.expressions import Apply, Constant, Expression, Sugar, constant_value
from scorecore.language.operators import EXACT, OPERATORS, OperandTypeError, UndefinedResult
from scorecore.language.sugar import desugar
from scorecore.values.types import (
    UNIT,
    Type,
    TypeKind,
    Value,
    from_units,
    type_of_constant,
    union_type,
)

Truths: TypeAlias = frozenset[bool]
"""What a condition can be; empty where it has no value."""
Possible: TypeAlias = Type | frozenset[Value]
"""The values that an expression can have: those of a type, for numbers between its bounds; or a few, or none."""
EITHER: Final[Truths] = frozenset({True, False})
MAX_COMBINATIONS: Final = 64
"""So many combinations of operands are tried one by one."""
_COMPARISONS: Final = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


def exactly(value: Value) -> Possible:
    """What is known: a number as bounds that meet, anything else as the only one of a set."""
    value_type = type_of_constant(value)
    return value_type if value_type.is_number else frozenset({value})


def anything_of(value_type: Type) -> Possible:
    """All values of a type."""
    if value_type.kind is TypeKind.BOOL:
        return EITHER
    return value_type if value_type.among is None else frozenset(value_type.among)


def narrow(first: Type, second: Type) -> Type:
    """The numbers within two bounds that are both sound, with the type of the second."""
    low, high = max(first.low, second.low), min(first.high, second.high)
    return evolve(second, low=low, high=high) if low <= high else second


@frozen
class AbstractInterpreter:
    """Finds what expressions can be from what is known of some of them."""

    known: Callable[[Expression], Possible | None]
    """What an expression can be, if more is known than its parts show."""
    skips_undefined: bool = False
    """Whether what has no value is left out. Otherwise it can be anything, for a person will decide about it."""

    def interpret(self, expression: Expression) -> Possible:
        """What an expression can be."""
        possible = self.known(expression)
        if possible is not None:
            return possible
        match expression:
            case Constant():
                return exactly(constant_value(expression))
            case Sugar() | Apply(operator="round", operands=(Sugar(),)):
                return _within(self.interpret(desugar(expression)), expression.type)
            case Apply():
                return _within(self._apply(expression), expression.type)
        return anything_of(expression.type)

    def find_range(self, expression: Expression) -> Type:
        """Between what bounds a number lies."""
        possible = self.interpret(expression)
        return possible if isinstance(possible, Type) else expression.type

    def find_truths(self, condition: Expression) -> Truths:
        """What a condition can be."""
        possible = self.interpret(condition)
        return EITHER if isinstance(possible, Type) else frozenset(value is True for value in possible)

    def _apply(self, node: Apply) -> Possible:
        match node.operator, node.operands:
            case "if", (condition, then, otherwise):
                branches = {True: then, False: otherwise}
                truths = self.find_truths(condition)
                return _unite((self.interpret(branches[truth]) for truth in sorted(truths)), node.type)
            case "and" | "or" as operator, (left, right):
                return _combine(self.find_truths(left), self.find_truths(right), decisive=operator == "or")
            case "require", (condition, value):
                is_undefined = self.skips_undefined and True not in self.find_truths(condition)
                return frozenset() if is_undefined else self.interpret(value)
            case operator, (left, right) if operator in _COMPARISONS and left.type.is_number:
                return _compare(operator, self.find_range(left), self.find_range(right))
        return self._apply_strict(node, [self.interpret(operand) for operand in node.operands])

    def _apply_strict(self, node: Apply, operands: list[Possible]) -> Possible:
        """What an operator gives on operands that are all known: tried, where they are few, or by its type."""
        choices = [_list_values(possible) for possible in operands]
        if all(values is not None for values in choices):
            few = [values for values in choices if values is not None]
            if prod(map(len, few)) <= MAX_COMBINATIONS:
                return self._try_operands(node, few)
        types = [
            possible if isinstance(possible, Type) else operand.type
            for possible, operand in zip(operands, node.operands, strict=True)
        ]
        try:
            return anything_of(OPERATORS[node.operator].type(*types, *node.options))
        except OperandTypeError:  # a divisor that can only be zero
            return anything_of(node.type)

    def _try_operands(self, node: Apply, choices: list[list[Value]]) -> Possible:
        values = []
        with localcontext(EXACT):
            for operands in product(*choices):
                try:
                    values.append(OPERATORS[node.operator].value(*operands, *node.options))
                except UndefinedResult:
                    if not self.skips_undefined:
                        return anything_of(node.type)
        return _unite(map(exactly, values), node.type)


def _list_values(possible: Possible) -> list[Value] | None:
    """The values, where they are few."""
    if not isinstance(possible, Type):
        return list(possible)
    if not possible.is_number or possible.low != possible.high:
        return None
    return [from_units(possible.low) if possible.is_decimal else possible.low // UNIT]


def _unite(possibles: Iterable[Possible], value_type: Type) -> Possible:
    """What can be one or the other."""
    union: Possible = frozenset()
    for possible in possibles:
        if isinstance(union, Type) and isinstance(possible, Type):
            union = union_type(union, possible) or value_type
        elif isinstance(union, frozenset) and isinstance(possible, frozenset):
            union |= possible
        else:
            union = possible if union == frozenset() else union if possible == frozenset() else value_type
    return value_type if value_type.is_number and isinstance(union, frozenset) else union


def _within(possible: Possible, value_type: Type) -> Possible:
    if isinstance(possible, Type) and possible.is_number and value_type.is_number:
        return narrow(possible, value_type)
    return possible


def _combine(left: Truths, right: Truths, *, decisive: bool) -> Truths:
    """`&&` and `||`: one side decides alone, even where the other one has no value."""
    truths = {first if first is decisive else second for first in left for second in right}
    if not left or not right:
        truths |= {decisive} & (left | right)
    return frozenset(truths)


def _compare(operator: str, left: Type, right: Type) -> Truths:
    """Whether a comparison of numbers within bounds can hold, and whether it can fail."""
    compare = _COMPARISONS[operator]
    if operator in {"==", "!="}:
        is_apart = left.high < right.low or right.high < left.low
        if is_apart or left.low == left.high == right.low == right.high:
            return frozenset({compare(left.low, right.low)})
        return EITHER
    # with the ends that meet first and last the comparison is least and most likely to hold
    return frozenset({compare(left.low, right.high), compare(left.high, right.low)})
