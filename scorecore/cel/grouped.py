"""Values that depend on all members of a group: the steps they take, and the bounds these prove."""

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from scorecore import kinds
from scorecore.cel.scope import Scope
from scorecore.cel.syntax import Place
from scorecore.expressions import Expression, Read, apply, as_decimal
from scorecore.operators import Unfit
from scorecore.program import Group, Grouped, GroupFold, Step
from scorecore.types import MOST_MEMBERS, PLACES, UNIT, Kind, Type, integer
from scorecore.unparse import unparse

GROUP_FUNCTIONS: Final = frozenset(one.value for one in GroupFold if one is not GroupFold.SIZE)
"""What can be called with the name of a group."""


def grouped(
    scope: Scope, function: str, name: str, operands: Sequence[Expression], at: Place, places: int = 0
) -> Expression:
    """The value of a group function; `scope.made` gets the steps that it takes. Raises Unfit.

    An operand becomes a step of its own, so that everybody can be decided as far as that before anybody is compared.
    """
    group, fold = scope.groups[name], GroupFold(function)
    place = scope.place(at)
    wanted = Kind.BOOL if fold is GroupFold.COUNT else Kind.DECIMAL
    for one in operands:
        if one.type.is_number if wanted is Kind.BOOL else not one.type.is_number:
            raise Unfit(kinds.WRONG_TYPE, expected=wanted.value, found=one.type)
        if wanted is Kind.BOOL and one.type.kind is not Kind.BOOL:
            raise Unfit(kinds.WRONG_TYPE, expected=wanted.value, found=one.type)
    if fold is GroupFold.POOL:
        amount, weight = map(as_decimal, operands)
        if amount.type.places > places:
            raise Unfit(kinds.POOL_TOO_FINE, places=amount.type.places, wanted=places)
        operands = (amount, apply("not_negative", (weight,), place) if weight.type.low < 0 else weight)
    if fold is GroupFold.RANK and not group.ties:
        raise Unfit(kinds.NO_TIES, name=name)
    of = _type(fold, operands[0].type, group, places)
    if not of.fits:
        return evolve(operands[0], type=of)  # refused by the caller, who says which fact is too large
    steps = [_operand(scope, one) for one in operands]
    text = ", ".join([*map(unparse, operands), f'"{name}"', *([str(places)] if fold is GroupFold.POOL else [])])
    step = Grouped(f"{function}({text})", fold, name, steps[0], of, "".join(steps[1:]), places, place=place)
    if fold is GroupFold.RANK:
        counted = Grouped(f"size({text})", GroupFold.SIZE, name, steps[0], integer(1, MOST_MEMBERS), place=place)
        _made(scope, counted)
    return Read(of, place, _made(scope, step))


def _operand(scope: Scope, of: Expression) -> str:
    return _made(scope, Step(f"groups.{unparse(of)}", of, place=of.place))


def _made(scope: Scope, step: Step | Grouped) -> str:
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
            return Type(Kind.DECIMAL, UNIT, MOST_MEMBERS * UNIT, 1)
        case GroupFold.RANK:
            return integer(1, MOST_MEMBERS)
        case GroupFold.COUNT:
            return integer(0, MOST_MEMBERS)
        case GroupFold.SUM:
            return evolve(of, low=min(0, of.low) * MOST_MEMBERS, high=max(0, of.high) * MOST_MEMBERS)
        case GroupFold.MEAN:
            return Type(Kind.DECIMAL, of.low, of.high, PLACES)
        case GroupFold.POOL:
            return Type(Kind.DECIMAL, min(0, of.low), max(0, of.high), places)
        case _:
            return of
