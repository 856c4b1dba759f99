"""Group values in columns: windows over the members. Where something of a group is unknown, rows decide."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from scorecore.language.groups import Group, GroupFold
from scorecore.language.operators import ColumnExpression
from scorecore.language.operators.scaled import (
    MAX_128,
    divide_to_integer,
    get_physical_dtype,
    make_literal,
    narrow,
    rescale,
    scale_magnitude,
)
from scorecore.program.model import Program
from scorecore.program.steps import GroupStep
from scorecore.values.step_id import EXCLUDED
from scorecore.values.types import MAX_MEMBERS, PLACES, Type

KEY: Final = "#key"
UNPLACED: Final = "#unplaced"
"""Whether it is unknown in which group a subject is."""
LEFT_OUT: Final = "#left_out"
"""Whether a subject is compared with nobody, because it is not assessed."""
_VALUE: Final = "#value"
_WEIGHT: Final = "#weight"
_METHODS: Final = {"first": "min", "last": "max", "dense": "dense"}


def leaves_out(program: Program, step: GroupStep) -> bool:
    """Whether a group value leaves out those who are not assessed: what is compared is held by that."""
    compared = step.operands if step.further else step.operands[:1]
    return any(EXCLUDED in program.step(name).held_by for name in compared)


def group_column(step: GroupStep, group: Group, members: pl.DataFrame, types: Sequence[Type]) -> pl.Series:
    """The value of each member, in the order of the subjects' ids.

    `members` has KEY, UNPLACED, LEFT_OUT and the operands.
    """
    window = _window(step, group, types)
    if window is None or (group.held == "wait" and members.filter(~pl.col(LEFT_OUT))[UNPLACED].any()):
        return pl.Series(step.name, [None] * len(members), dtype=get_physical_dtype(step.type))
    further = [f"#further{number}" for number in range(len(step.further))]
    names = dict(zip((_VALUE, *(further or [_WEIGHT])), step.operands, strict=False))
    unknown = pl.any_horizontal(pl.col(name).is_null() for name in step.operands)
    operands = [pl.when(~unknown).then(pl.col(name)).alias(alias) for alias, name in names.items()]
    waits = unknown.any().over(KEY) if group.held == "wait" else pl.lit(value=False)
    key = pl.when(~pl.col(LEFT_OUT)).then(pl.col(KEY)).alias(KEY)
    frame = members.with_columns(key).select(KEY, *operands, waits=waits)
    value = pl.when(pl.col(KEY).is_not_null() & ~pl.col("waits")).then(window)
    return frame.select(value.cast(get_physical_dtype(step.type)).alias(step.name)).to_series()


def _window(step: GroupStep, group: Group, types: Sequence[Type]) -> pl.Expr | None:
    """The value in terms of the operands; None where it does not fit into columns."""
    value, known_count = pl.col(_VALUE), pl.col(_VALUE).count().over(KEY)
    match step.fold:
        case GroupFold.RANK:
            return _rank(_in_one(value, len(step.further)), group.ties)
        case GroupFold.SIZE:
            return pl.when(known_count > 0).then(known_count)
        case GroupFold.COUNT:
            return value.cast(pl.Int64).sum().over(KEY)
        case GroupFold.SUM:
            return value.cast(get_physical_dtype(step.type)).sum().over(KEY)
        case GroupFold.GREATEST:
            return value.max().over(KEY)
        case GroupFold.LEAST:
            return value.min().over(KEY)
        case GroupFold.MEAN:
            return _mean(types[0], step.type)
        case _:
            return _share(step, *types)


def _in_one(value: pl.Expr, further: int) -> pl.Expr:
    """One number in the order of a first value and of those that tell equals apart."""
    for number in range(further):
        dense = value.rank("dense").over(KEY).cast(pl.Int64)
        value = dense * MAX_MEMBERS + pl.col(f"#further{number}").rank("dense").over(KEY).cast(pl.Int64)
    return value


def _rank(value: pl.Expr, ties: str) -> pl.Expr:
    def place(method: str) -> pl.Expr:
        return value.rank(method, descending=True).over(KEY).cast(pl.Int64)  # type: ignore[arg-type]

    if ties == "mean":  # held with one place
        return (place("min") + place("max")) * 5
    if ties == "hold":
        return pl.when(place("min") == place("max")).then(place("min"))
    return place(_METHODS[ties])


def _mean(operand: Type, result: Type) -> pl.Expr | None:
    wide = pl.Int128()
    if 2 * (scale_magnitude(operand.magnitude, PLACES) + 1) * MAX_MEMBERS > MAX_128:
        return None
    count = pl.col(_VALUE).count().over(KEY).cast(wide)
    total = rescale(ColumnExpression(pl.col(_VALUE), operand), PLACES, wide).sum().over(KEY)
    return narrow(divide_to_integer(total, pl.when(count > 0).then(count), "half_even", wide), wide, result)


def _share(step: GroupStep, amount: Type, weight: Type) -> pl.Expr | None:
    """An amount by weights: rounded down, and one last place more for the largest remainders."""
    wide = pl.Int128()
    if (
        2
        * (scale_magnitude(amount.magnitude, step.places) + 1)
        * (scale_magnitude(weight.magnitude, weight.places) + 1)
        > MAX_128
    ):
        return None
    units = rescale(ColumnExpression(pl.col(_VALUE), amount), step.places, wide)
    weights = rescale(ColumnExpression(pl.col(_WEIGHT), weight), weight.places, wide)
    total_weight = weights.sum().over(KEY)
    is_same_amount = units.min().over(KEY) == units.max().over(KEY)
    divisor = pl.when(total_weight > 0).then(total_weight)
    share = units * weights // divisor
    remainder = units * weights - share * divisor
    # members are in the order of their ids, and equals keep it
    place = (make_literal(0, wide) - remainder).rank("ordinal").over(KEY).cast(wide)
    left = units - share.sum().over(KEY)
    return pl.when(is_same_amount).then(share + (place <= left).cast(wide))
