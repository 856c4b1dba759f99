"""Values that depend on all members of a group: the steps they take, and the bounds these prove."""

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.language.cel.scope import Scope
from scorecore.language.cel.syntax import Place
from scorecore.language.expressions import Expression, Read, apply_operator, widen_to_decimal
from scorecore.language.groups import Group, GroupFold
from scorecore.language.operators import OperandTypeError
from scorecore.language.printer import print_expression
from scorecore.program.model import GroupStep, Step
from scorecore.values.types import (
    MAX_MEMBERS,
    PLACES,
    UNIT,
    Type,
    TypeKind,
    integer_type,
)

GROUP_FUNCTIONS: Final = frozenset(one.value for one in GroupFold if one is not GroupFold.SIZE)
"""What can be called with the name of a group."""


def resolve_group_call(
    scope: Scope, function: str, name: str, operands: Sequence[Expression], at: Place, places: int = 0
) -> Expression:
    """The value of a group function; `scope.made` gets the steps that it takes. Raises Unfit.

    An operand becomes a step of its own, so that everybody can be decided as far as that before anybody is compared.
    """
    group, fold = scope.groups[name], GroupFold(function)
    place = scope.place(at)
    wanted = TypeKind.BOOL if fold is GroupFold.COUNT else TypeKind.DECIMAL
    for one in operands:
        if one.type.is_number if wanted is TypeKind.BOOL else not one.type.is_number:
            raise OperandTypeError(catalogue.WRONG_TYPE, expected=wanted.value, found=one.type)
        if wanted is TypeKind.BOOL and one.type.kind is not TypeKind.BOOL:
            raise OperandTypeError(catalogue.WRONG_TYPE, expected=wanted.value, found=one.type)
    if fold is GroupFold.POOL:
        amount, weight = map(widen_to_decimal, operands)
        if amount.type.places > places:
            raise OperandTypeError(catalogue.POOL_TOO_FINE, places=amount.type.places, wanted=places)
        operands = (amount, apply_operator("not_negative", (weight,), place) if weight.type.low < 0 else weight)
    if fold is GroupFold.RANK and not group.ties:
        raise OperandTypeError(catalogue.NO_TIES, name=name)
    of = _type(fold, operands[0].type, group, places)
    if not of.fits:
        return evolve(operands[0], type=of)  # refused by the caller, who says which fact is too large
    steps = [_operand(scope, one) for one in operands]
    text = ", ".join(
        [*map(print_expression, operands), f'"{name}"', *([str(places)] if fold is GroupFold.POOL else [])]
    )
    step = GroupStep(f"{function}({text})", fold, name, steps[0], of, "".join(steps[1:]), places, place=place)
    if fold is GroupFold.RANK:
        counted = GroupStep(f"size({text})", GroupFold.SIZE, name, steps[0], integer_type(1, MAX_MEMBERS), place=place)
        _made(scope, counted)
    return Read(of, place, _made(scope, step))


def _operand(scope: Scope, of: Expression) -> str:
    return _made(scope, Step(f"groups.{print_expression(of)}", of, place=of.place))


def _made(scope: Scope, step: Step | GroupStep) -> str:
    """The name under which a step is found; what was asked before is computed once."""
    name, number = step.name, 1
    while name in scope.made and evolve(scope.made[name], name=step.name) != step:
        number += 1  # texts leave out what changes no value, such as the widening of an integer
        name = f"{step.name} ({number})"
    scope.made.setdefault(name, evolve(step, name=name))
    return name


def _type(fold: GroupFold, of: Type, group: Group, places: int) -> Type:
    match fold:
        case GroupFold.RANK if group.ties == "mean":
            return Type(TypeKind.DECIMAL, UNIT, MAX_MEMBERS * UNIT, 1)
        case GroupFold.RANK:
            return integer_type(1, MAX_MEMBERS)
        case GroupFold.COUNT:
            return integer_type(0, MAX_MEMBERS)
        case GroupFold.SUM:
            return evolve(of, low=min(0, of.low) * MAX_MEMBERS, high=max(0, of.high) * MAX_MEMBERS)
        case GroupFold.MEAN:
            return Type(TypeKind.DECIMAL, of.low, of.high, PLACES)
        case GroupFold.POOL:
            return Type(TypeKind.DECIMAL, min(0, of.low), max(0, of.high), places)
        case _:
            return of
