"""The steps that values over groups take: everybody is decided as far as their operands before anybody is compared."""

from collections.abc import Iterator

from attrs import evolve

from scorecore.language.expressions import GroupValue, walk
from scorecore.language.groups import GroupFold, operand_steps
from scorecore.language.printer import print_formula
from scorecore.program.steps import AnyStep, GroupStep, Step, step_expressions
from scorecore.values.types import MAX_MEMBERS, integer_type


def group_steps(step: AnyStep) -> Iterator[Step | GroupStep]:
    """What has to be computed for the group values that a step reads, innermost first."""
    for expression in step_expressions(step):
        for value in reversed(list(walk(expression))):
            if isinstance(value, GroupValue):
                yield from _steps(value)


def _steps(value: GroupValue) -> Iterator[Step | GroupStep]:
    operands = operand_steps(value)
    for name, operand in operands:
        yield Step(name, operand, print_formula(operand), place=operand.place)
    (compared, *weights) = (name for name, _ in operands)
    fold, label = GroupFold(value.function), print_formula(value)
    weight = weights[0] if weights else ""
    yield GroupStep(value.step, fold, value.group, compared, value.type, weight, value.places, label, place=value.place)
    if fold is GroupFold.RANK:
        members, size = integer_type(1, MAX_MEMBERS), value.step.with_role(GroupFold.SIZE.value)
        size_label = print_formula(evolve(value, function=GroupFold.SIZE.value))
        yield GroupStep(size, GroupFold.SIZE, value.group, compared, members, label=size_label, place=value.place)
