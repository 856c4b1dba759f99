"""Groups: subjects that are looked at together, and what is computed over all members of one."""

from enum import Enum
from typing import Final

from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.source import Location
from scorecore.language.build import widen_to_decimal
from scorecore.language.expressions import Expression, GroupValue
from scorecore.language.identity import expression_key
from scorecore.language.operators import OperandTypeError
from scorecore.language.sugar import make_guarded
from scorecore.values.step_id import StepId
from scorecore.values.types import MAX_MEMBERS, PLACES, UNIT, Type, TypeKind, integer_type


@frozen
class Group:
    """Subjects that are looked at together: those with the same value of the fact `by`, or all."""

    name: str
    by: str = ""
    held: str = "wait"
    """wait: while a member's value is unknown, nobody's is known; exclude: such members are left out."""
    ties: str = ""
    """first | last | dense | mean | hold; empty where nobody is ranked."""
    label: str = ""
    authority: str = ""


class GroupFold(Enum):
    """How the values of all members of a group become a value of each."""

    RANK = "rank"
    """The place: 1 is the greatest."""
    SIZE = "size"
    """How many members have a place; accompanies each rank, so that "3rd of 12" can be shown."""
    SUM = "sum_in"
    MEAN = "mean_in"
    COUNT = "count_in"
    GREATEST = "greatest_in"
    LEAST = "least_in"
    POOL = "pool"
    """A share of an amount by weight; all shares add up to it."""


GROUP_FUNCTIONS: Final = frozenset(fold.value for fold in GroupFold if fold is not GroupFold.SIZE)
"""What can be called with the name of a group."""


def make_group_value(
    function: str, group: Group, operands: tuple[Expression, ...], place: Location, places: int = 0
) -> GroupValue:
    """The value of a group function; raises OperandTypeError."""
    fold = GroupFold(function)
    for operand in operands:
        _check_operand(fold, operand.type)
    if fold is GroupFold.POOL:
        operands = (widen_to_decimal(operands[0]), widen_to_decimal(operands[1]))
        if operands[0].type.places > places:
            raise OperandTypeError(catalogue.POOL_TOO_FINE, places=operands[0].type.places, wanted=places)
    if fold is GroupFold.RANK and not group.ties:
        raise OperandTypeError(catalogue.NO_TIES, name=group.name)
    value_type = _type(fold, operands[0].type, group, places)
    shell = GroupValue(value_type, place, function, group.name, operands, places, step=StepId("groups"))
    return evolve(shell, step=StepId("groups", expression_key(shell), role=function))


def operand_steps(value: GroupValue) -> tuple[tuple[StepId, Expression], ...]:
    """What each member has that is compared or added: the operands by the steps that compute them."""
    operands = list(value.operands)
    if value.function == GroupFold.POOL.value and operands[1].type.low < 0:
        operands[1] = make_guarded(operands[1], None, None)
    return tuple((StepId("groups", expression_key(operand)), operand) for operand in operands)


def _check_operand(fold: GroupFold, operand: Type) -> None:
    fits = operand.kind is TypeKind.BOOL if fold is GroupFold.COUNT else operand.is_number
    if operand.is_number and not operand.ends:
        raise OperandTypeError(catalogue.NOT_ROUNDED, places=PLACES)
    if not fits:
        expected = TypeKind.BOOL if fold is GroupFold.COUNT else TypeKind.DECIMAL
        raise OperandTypeError(catalogue.WRONG_TYPE, expected=expected.value, found=operand)


def _type(fold: GroupFold, operand: Type, group: Group, places: int) -> Type:
    match fold:
        case GroupFold.RANK if group.ties == "mean":
            return Type(TypeKind.DECIMAL, UNIT, MAX_MEMBERS * UNIT, 1)
        case GroupFold.RANK:
            return integer_type(1, MAX_MEMBERS)
        case GroupFold.COUNT:
            return integer_type(0, MAX_MEMBERS)
        case GroupFold.SUM:
            return evolve(operand, low=min(0, operand.low) * MAX_MEMBERS, high=max(0, operand.high) * MAX_MEMBERS)
        case GroupFold.MEAN:
            return Type(TypeKind.DECIMAL, operand.low, operand.high, PLACES)
        case GroupFold.POOL:
            return Type(TypeKind.DECIMAL, min(0, operand.low), max(0, operand.high), places)
    return operand
