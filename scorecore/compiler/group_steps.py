"""The steps that values over groups take: everybody is decided as far as their operands before anybody is compared."""

from collections.abc import Iterator, Mapping

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.expressions import GroupValue, walk
from scorecore.language.groups import GroupFold, operand_steps
from scorecore.language.printer import print_formula
from scorecore.policy.model import PolicyHeader
from scorecore.program.steps import AnyStep, GroupStep, Step, step_expressions, step_inputs
from scorecore.values.step_id import EXCLUDED, StepId
from scorecore.values.types import MAX_MEMBERS, integer_type


def group_steps(step: AnyStep) -> Iterator[Step | GroupStep]:
    """What has to be computed for the group values that a step reads, innermost first."""
    for expression in step_expressions(step):
        for value in reversed(list(walk(expression))):
            if isinstance(value, GroupValue):
                yield from _steps(value)


def hold_groups(
    header: PolicyHeader, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics
) -> dict[StepId, AnyStep]:
    """The steps so that who is not assessed is compared with nobody: their operands in groups are held by that."""
    if EXCLUDED not in steps:
        return dict(steps)
    first = _find_inputs(steps, EXCLUDED)
    if any(isinstance(steps[name], GroupStep) for name in first):
        diagnostics.add(catalogue.COMPARED_TO_ASSESS, *header.at("applies"))
    operands = {name for step in steps.values() if isinstance(step, GroupStep) for name in step.operands}
    ordered = sorted(steps, key=lambda name: name not in first)
    return {
        name: evolve(steps[name], held_by=(*steps[name].held_by, EXCLUDED))
        if name in operands - first and EXCLUDED not in steps[name].held_by
        else steps[name]
        for name in ordered
    }


def _find_inputs(steps: Mapping[StepId, AnyStep], name: StepId) -> set[StepId]:
    """A step and all that it is computed from, through other steps."""
    found, pending = set[StepId](), [name]
    while pending:
        read = pending.pop()
        if read in steps and read not in found:
            found.add(read)
            pending += map(StepId.parse, step_inputs(steps[read]))
    return found


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
