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
    (compared, *others) = (name for name, _ in operands)
    label, place = print_formula(value), value.place
    step = GroupStep(value.step, GroupFold(value.function), value.group, compared, value.type, label=label, place=place)
    if step.fold is not GroupFold.RANK:
        yield evolve(step, weight=others[0] if others else "", places=value.places)
        return
    yield evolve(step, further=tuple(others))
    size_label = print_formula(evolve(value, function=GroupFold.SIZE.value))
    size = evolve(step, name=value.step.with_role(GroupFold.SIZE.value), fold=GroupFold.SIZE, label=size_label)
    yield evolve(size, type=integer_type(1, MAX_MEMBERS), further=tuple(others))
